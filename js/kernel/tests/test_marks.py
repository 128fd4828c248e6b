"""What a verdict adds to a chart: since when, and what was usual."""

import pytest

from casebook._chart import Chart
from casebook._errors import CasebookError
from casebook._marks import Marks, marks, onset_mark, usual_mark
from casebook._since import Since
from casebook._table import Column, Table
from casebook._timeseries import MIME
from casebook._verdict import Verdict

START = 1795330800_000


def since(at, *, changed="level", size=2.0, ended=None):
    onset = {"changed": changed, "size": size, "before": 1.0, "after": 3.0}
    item = {"row": 4, "name": "level", "labels": {}, "place": 1, "onset": onset}
    item |= {"after_ms": at, "by_ms": at + 10_000, "ended_ms": ended, "before_window": at < START}
    item["sentence"] = "It rose."
    return Since({"order": [item], "without": [], "scrape_steps": 1.0, "sentence": "x"}, [4])


def verdict(kind="clear", usual=True):
    before = {"low": 1.0, "high": 2.5, "start_ms": START - 3_610_000, "end_ms": START - 10_000}
    item = {"row": 4, "name": "level", "labels": {}, "usual": before if usual else None}
    data = {"kind": kind, "top": 4 if kind == "clear" else None, "ranking": [item], "tied": []}
    return Verdict(data)


@pytest.mark.parametrize(
    ("found", "label"),
    [
        (since(START + 70_000), "higher since 07:01:10–07:01:20 UTC"),
        (since(START + 70_000, size=-1.0), "lower since 07:01:10–07:01:20 UTC"),
        (since(START, changed="swing"), "wider swings since 07:00:00–07:00:10 UTC"),
        (
            since(START + 70_000, ended=[START + 120_000, START + 130_000]),
            "higher from 07:01:10–07:01:20 UTC, then back",
        ),
        (since(START - 500_000), "◂ higher since 06:51:40–06:51:50 UTC"),
    ],
)
def test_the_onset_says_in_words_what_changed_between_which_instants(found, label):
    mark = onset_mark(found, START)
    assert mark["label"] == label
    assert mark["by_ms"] - mark["after_ms"] == 10_000


def test_without_an_onset_none_is_drawn():
    none = Since({"order": [], "without": [4], "scrape_steps": 1.0, "sentence": "None."}, [4])
    assert onset_mark(none, START) is None
    drawn = marks(verdict(), none, START, on_top=True)
    assert drawn.onset is None
    assert drawn.usual


def test_what_was_usual_says_of_what_it_is_made():
    label = "usual: P5 to P95 of the 1 h before"
    assert usual_mark(verdict()) == {"low": 1.0, "high": 2.5, "label": label}
    assert usual_mark(verdict(usual=False)) is None
    assert usual_mark(verdict("none")) is None


def test_a_chart_of_another_series_has_the_time_and_not_the_band_of_values():
    drawn = marks(verdict(), since(START), START, on_top=False)
    assert drawn.usual is None
    assert set(drawn.options()) == {"onset"}
    assert drawn.sentence.startswith("It rose.")


def test_no_clear_verdict_no_marks():
    assert marks(verdict("tie"), since(START), START, on_top=True) == Marks()


def test_an_answer_that_was_closed_still_gives_its_band():
    class Closed(Verdict):
        @property
        def since(self):
            raise CasebookError("closed", "run it again")

    drawn = marks(Closed(verdict().to_dict()), None, START, on_top=True)
    assert (drawn.onset, drawn.sentence) == (None, "")
    assert drawn.usual["high"] == 2.5


def test_a_chart_says_below_it_what_is_marked():
    table = Table("Amplitude", [Column("n", "n")], [{"n": 1}])
    plot = {"onset": {"after_ms": 0, "by_ms": 1, "label": "higher"}}
    chart = Chart("<svg/>", "level", "level: 1 series", table, plot, note="It rose.")
    data = chart._repr_mimebundle_()[MIME]
    assert data["note"] == "It rose."
    assert data["onset"]["label"] == "higher"
    assert repr(chart).splitlines()[:2] == ["level: 1 series", "It rose."]
    assert "note" not in Chart("<svg/>", "level", "x", table)._repr_mimebundle_()[MIME]
