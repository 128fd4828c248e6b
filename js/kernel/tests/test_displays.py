"""What a cell shows of the core's answers, in all three forms, with nothing unescaped."""

import pytest

import casebook as cb
from casebook._ranking import Ranking
from casebook._recheck import Recheck
from casebook._series import Series, short_names
from casebook._table import MAX_ROWS, MIME, Column, Table, number
from casebook._verdict import Verdict


def amplitude(which, value, **more):
    labels = {"__name__": "level", "which": which, "job": "fleet"}
    item = {"row": 0, "name": f'level{{which="{which}"}}', "labels": labels, "value": value}
    return {**item, "min": 1.0, "max": 2.5, "coverage": 1.0, "flags": [], **more}


def suspect(row, which, odd=False):
    labels = {"__name__": "level", "which": which}
    item = {"row": row, "name": f'level{{which="{which}"}}', "labels": labels, "odd": odd}
    far = {"ratio": 3.0, "units": 4.0, "limit": 3.0, "odd": odd}
    near = {"ratio": 1.0, "units": 0.0, "limit": 3.0, "odd": False}
    numbers = {"amplitude": 6.0, "baseline_amplitude": 2.0, "swing_ratio": 3.0, "score": 4.0567}
    return {**item, **numbers, "level": 5.0, "baseline_level": 4.0, "swing": far, "shift": near}


def verdict(kind, top=None):
    return Verdict(
        {
            "kind": kind,
            "method": "own_baseline",
            "reason": f"It is {kind}.",
            "top": top,
            "checks": [{"name": "margin", "sentence": "By far.", "number": 3, "interesting": True}],
            "ranking": [suspect(1, "b", odd=True), suspect(0, "a")],
            "warnings": ["Few windows."],
            "groups": [],
        },
        source="main",
        query="level",
        unit="s",
    )


def test_a_ranking_tells_the_series_apart_and_never_ranks_what_has_no_number():
    ranking = Ranking(
        {
            "ranked": [amplitude("b", 1.5), amplitude("a", 0.0, flags=["flat"])],
            "low_coverage": [amplitude("c", 9.0, coverage=0.25, flags=["low_coverage"])],
            "empty": [amplitude("d", None, min=None, max=None, coverage=0.0, flags=["empty"])],
            "notes": ["A note."],
        },
        "Amplitude of level",
        "s",
    )
    lines = repr(ranking).splitlines()
    assert lines[0] == "Amplitude of level"
    head = "# series amplitude (peak-to-peak) (s) min (s) max (s) coverage (%) note"
    assert " ".join(lines[1].split()) == head
    assert lines[2].split()[:3] == ["1", "which=b", "1.5"]
    assert lines[3].split()[:3] == ["2", "which=a", "0"]
    assert lines[4].split()[:2] == ["–", "which=c"]
    assert lines[5].split()[:3] == ["–", "which=d", "–"]
    assert lines[6] == "A note."
    assert [series["which"] for series in ranking] == ["b", "a"]
    assert ranking[0].name == 'level{which="b"}'
    assert [series["which"] for series in ranking[:1]] == ["b"]
    assert len(ranking) == 2
    assert ranking.to_dict()["empty"][0]["value"] is None


def test_metrics_of_unlike_units_are_ranked_one_by_one():
    def of(metric, which, value):
        item = amplitude(which, value, gaps=2, nan=0, inf=1)
        return {**item, "labels": {**item["labels"], "__name__": metric}}

    data = {
        "kind": "peak_to_peak",
        "ranked": [of("bytes", "a", 9e6), of("bytes", "b", 1e6), of("seconds", "a", 2.0)],
        "families": [{"metric": "bytes", "series": 2}, {"metric": "seconds", "series": 1}],
        "low_coverage": [],
        "undefined": [of("seconds", "b", None)],
        "empty": [],
        "notes": [],
    }
    ranking = Ranking(data, "Amplitude")
    table = ranking.table().data()
    ranks = [(row["metric"], row["rank"]) for row in table["rows"]]
    assert ranks == [("bytes", 1), ("bytes", 2), ("seconds", 1), ("seconds", None)]
    assert table["rows"][0]["left_out"] == "2 gaps, 1 Inf"
    assert {name: len(series) for name, series in ranking.families.items()} == {
        "bytes": 2,
        "seconds": 1,
    }
    ratio = Ranking({**data, "kind": "relative"}, "Amplitude", "bytes")
    heading = ratio.table().data()["columns"][3]
    assert heading["label"] == "relative amplitude (peak-to-peak / |median|)"
    assert heading["unit"] == "×"


def test_a_clear_verdict_names_its_suspect():
    clear = verdict("clear", top=1)
    assert clear.top["which"] == "b"
    assert clear.top.row == 1
    data = clear._repr_mimebundle_()[MIME]
    assert (data["tone"], data["headline"]) == ("bad", "It is clear.")
    assert data["rows"][0] == {
        "rank": 1,
        "series": "which=b",
        "amplitude": "6 (2)",
        "ratio": 3.0,
        "level": "5 (4)",
        "finding": "odd: swing",
    }
    assert data["lines"] == [
        {"text": "By far.", "kind": "interesting"},
        {"text": "Few windows.", "kind": "warning"},
    ]
    assert "also" not in data


def test_the_reason_comes_first_then_the_checks_then_the_table():
    data = verdict("clear", top=1).to_dict()
    dull = {"name": "peers", "sentence": "In the band.", "number": 0.1, "interesting": False}
    data["checks"].append(dull)
    lines = repr(Verdict(data, unit="s")).splitlines()
    assert lines[:5] == [
        "It is clear.",
        "● By far.",
        "○ In the band.",
        "▲ Warning: Few windows.",
        "Suspects: swing and level of each series against its own habit",
    ]
    assert lines[5].split("  ")[-1].strip() == "finding"
    html = Verdict(data)._repr_mimebundle_()["text/html"]
    assert html.index("It is clear.") < html.index("○ In the band.") < html.index("<table>")


def test_the_groups_that_were_judged_stand_before_their_series():
    data = verdict("clear", top=1).to_dict()
    data["groups"] = [
        {"name": "cart", "rows": [1], "score": 4.5678, "odd": True},
        {"name": "pay", "rows": [0], "score": None, "odd": False},
    ]
    told = Verdict(data, by="service")._repr_mimebundle_()[MIME]
    assert (told["caption"], told["columns"][1]["label"]) == ("Suspects: by service", "service")
    assert told["headline"] == "It is clear."
    assert told["rows"] == [
        {
            "rank": 1,
            "name": "cart",
            "score": 4.57,
            "oddest": "which=b",
            "finding": "odd: swing",
            "series": 1,
        },
        {"rank": 2, "name": "pay", "score": None, "oddest": "which=a", "finding": "", "series": 1},
    ]
    (series,) = told["also"]
    assert series["rows"][0]["series"] == "which=b"
    assert "headline" not in series
    lines = repr(Verdict(data, by="service")).splitlines()
    groups, of_series = lines.index("Suspects: by service"), lines.index(series["caption"])
    assert 0 < groups < of_series


def test_a_level_that_moved_is_told_from_a_swing():
    data = verdict("clear", top=1).to_dict()
    data["ranking"][0]["shift"]["odd"] = True
    rows = Verdict(data)._repr_mimebundle_()[MIME]["rows"]
    assert [row["finding"] for row in rows] == ["odd: swing and level", ""]


def test_without_a_baseline_no_column_speaks_of_a_habit():
    data = verdict("none").to_dict() | {"method": "peers"}
    columns = Verdict(data)._repr_mimebundle_()[MIME]["columns"]
    keys = [column["key"] for column in columns]
    assert keys == ["rank", "series", "amplitude", "ratio", "finding"]
    assert columns[3]["label"] == "to the median"


@pytest.mark.parametrize("kind", ["tie", "none"])
def test_without_a_clear_suspect_the_cell_that_would_touch_a_host_stops(kind):
    with pytest.raises(cb.NoSuspect) as caught:
        _ = verdict(kind).top
    assert caught.value.message == f"No suspect: It is {kind}."
    assert caught.value.query == "level"


def test_a_label_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(KeyError, match="which"):
        verdict("clear", top=1).top["instance"]


def test_a_recheck_shows_before_and_now():
    window = {"start_ms": 0, "end_ms": 300_000, "samples": 31, "amplitude": 6.0, "min": 0, "max": 6}
    recheck = Recheck(
        {
            "state": "recovered",
            "sentence": "It is back.",
            "name": "level",
            "before": window,
            "after": {**window, "amplitude": 2.0},
            "baseline": {"windows": 11, "amplitude": 2.1, "min": 0, "max": 3},
            "checks": [],
        }
    )
    changed = Recheck(recheck.to_dict(), since_ms=60_000)
    assert "after the change at 1970-01-01T00:01:00Z counts" in repr(changed)
    text = repr(recheck)
    assert "change" not in text
    assert text.startswith("It is back.\nRe-check of level\n")
    assert "1970-01-01T00:00:00Z to 1970-01-01T00:05:00Z" in text
    assert "11 windows before" in text
    assert recheck._repr_mimebundle_()[MIME]["tone"] == "ok"


def test_a_label_from_outside_cannot_become_markup():
    evil = "<script>alert(1)</script>"
    table = Table(evil, [Column("a", evil, evil, align="left")], [{"a": evil}], [evil], evil)
    html = table.bundle()["text/html"]
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 6


def test_a_thousand_series_do_not_fill_the_notebook():
    table = Table("t", [Column("n", "n")], [{"n": n} for n in range(1000)])
    assert len(table.data()["rows"]) == MAX_ROWS
    assert table.data()["notes"] == ["950 more rows are in .to_dict()."]
    assert len(table.text().splitlines()) == MAX_ROWS + 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1234567, "0.1235"),
        (5.0, "5"),
        (123456.7, "123457"),
        (1e-7, "1e-07"),
        (-0.5, "-0.5"),
        (3, "3"),
    ],
)
def test_numbers_are_as_short_as_people_read_them(value, text):
    assert number(value) == text


def test_names_hold_only_what_tells_the_series_apart():
    fleet = [
        {"job": "fleet", "which": w, "instance": f"10.0.0.{i}:9100"} for i, w in enumerate("ab")
    ]
    assert short_names(fleet) == ["which=a", "which=b"]
    pairs = [{"zone": z, "which": w} for z in "xy" for w in "ab"]
    assert short_names(pairs)[0] == "which=a, zone=x"
    assert short_names([{"__name__": "up", "job": "x"}]) == ["up"]
    assert short_names([{}]) == ["{}"]
    assert short_names([]) == []


def test_a_series_is_a_mapping_of_its_labels():
    series = Series(0, 'up{job="x"}', {"job": "x"})
    assert dict(series) == series.to_dict() == {"job": "x"}
    assert repr(series) == 'up{job="x"}'
