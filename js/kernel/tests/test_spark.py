"""The small lines in the cells of tables: enough to see a shape, and small in the notebook."""

import json
import math
from array import array

import pytest

from casebook._ranking import Ranking
from casebook._spark import MAX_POINTS, Spark, Sparks, sparks
from casebook._table import MAX_ROWS, MIME, Column, Table
from casebook._time import span_text
from casebook._verdict import Verdict

MINUTES = 60_000
HOUR = 3_600_000


class Typed:
    """A typed array of JavaScript, as Pyodide hands it over."""

    def __init__(self, numbers):
        self.numbers = array("d", numbers)

    def to_py(self):
        return memoryview(self.numbers)


class Held:
    """A handle of the core with these rows; its envelope is that of the core."""

    def __init__(self, *rows):
        self.rows = rows

    def values(self, row):
        return Typed(self.rows[row])

    def envelope(self, row, buckets):
        values, flat = self.rows[row], []
        for part in range(buckets):
            ends = (part * len(values) // buckets, (part + 1) * len(values) // buckets)
            finite = [value for value in values[slice(*ends)] if math.isfinite(value)]
            flat += [min(finite, default=math.nan), max(finite, default=math.nan)]
        return Typed(flat)


def one(values, **more):
    return sparks(Held(values), [0], 5 * MINUTES, **more).of[0]


def against(values, before, unit=""):
    baseline = (Held([], before), HOUR, {0: 1})
    return sparks(Held(values), [0], 5 * MINUTES, baseline=baseline, unit=unit)


def test_five_minutes_are_drawn_as_they_are_each_row_over_its_own_range():
    line = one([2.0, 4.0, math.nan, 3.0, math.inf], unit="s")
    assert line.now == [0, 100, None, 50, None]
    assert line.before == []
    assert line.alt == "2 to 4 s, last 3 s"
    assert line.blocks() == "▁▇·▃·"
    assert line.data() == {"now": [0, 100, None, 50, None], "alt": "2 to 4 s, last 3 s"}


def test_the_time_before_shares_the_scale_and_stands_in_front():
    found = against([10.0, 0.0, 10.0], [4.0, 5.0] * 180, unit="s")
    line = found.of[0]
    assert line.now == [100, 0, 100]
    assert line.before == [40, 50] * 12
    assert line.alt == "0 to 10 s, last 10 s; before: 4 to 5 s"
    assert line.blocks() == "▃▃▃▃▃▃▃▃│▇▁▇"
    assert found.label == "1 h before | 5 min"
    assert "the shaded part of it is the 1 h before" in found.note


def test_a_series_that_is_new_has_no_time_before():
    baseline = (Held([1.0] * 100), HOUR, {})
    found = sparks(Held([1.0, 2.0]), [0], 5 * MINUTES, baseline=baseline)
    assert found.of[0].before == []
    assert "before" not in found.of[0].alt


@pytest.mark.parametrize("steps", [1, 31, 60, 61, 361, 11_000])
def test_no_line_has_more_than_sixty_points_and_a_spike_is_in_it(steps):
    values = [1.0] * steps
    values[steps // 3] = 9.0
    alone = one(values)
    assert len(alone.now) <= MAX_POINTS
    line = against(values, values).of[0]
    assert len(line.now) + len(line.before) <= MAX_POINTS
    for drawn in (alone, line):
        assert max(drawn.now) == (100 if steps > 1 else 50)
        assert "▇" in drawn.blocks() or steps == 1


def test_a_line_that_stands_still_is_in_the_middle_and_one_without_samples_says_so():
    assert one([5.0, 5.0]).now == [50, 50]
    assert one([math.nan, math.nan]).now == [None, None]
    assert one([math.nan]).alt == "no samples"
    assert one([]).blocks() == ""


def test_the_greatest_numbers_have_a_height_too():
    assert one([1.7e308, -1.7e308, 0.0]).now == [100, 0, 50]


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (300_000, "5 min"),
        (3_600_000, "1 h"),
        (5_400_000, "1 h 30 min"),
        (90_500, "1 min 30 s 500 ms"),
    ],
)
def test_a_length_of_time_is_written_for_people(ms, text):
    assert span_text(ms) == text


def line_of(width):
    return Spark(list(range(width)), "0 to 1 <b>", [0, 100] * 12)


def table_of(rows):
    columns = [Column("series", "series"), Column("line", "1 h before | 5 min", align="left")]
    return Table("t", columns, [{"series": f"which={n}", "line": line_of(36)} for n in range(rows)])


def test_a_line_is_in_all_three_forms_of_a_table():
    bundle = table_of(1).bundle()
    cell = bundle[MIME]["rows"][0]["line"]
    assert cell["now"] == list(range(36))
    assert cell["before"] == [0, 100] * 12
    assert "▁▇▁▇▁▇▁▇│▁▁▁▁▁▁▁▁▁▂▂▂▂▂▂▂" in bundle["text/plain"]
    html = bundle["text/html"]
    assert 'title="0 to 1 &lt;b&gt;"' in html
    assert "│" in html
    # What JupyterLab and GitHub take out of notebooks that nobody trusts.
    assert "<svg" not in html
    assert "<img" not in html


def test_a_full_table_of_lines_is_a_small_part_of_a_notebook():
    bundle = table_of(3 * MAX_ROWS).bundle()
    sizes = {
        mime: len(part if isinstance(part, str) else json.dumps(part, separators=(",", ":")))
        for mime, part in bundle.items()
    }
    assert sizes[MIME] < 20_000
    assert sum(sizes.values()) < 40_000


def test_a_ranking_and_a_verdict_have_a_column_of_lines_named_by_the_window():
    labels = {"__name__": "level", "which": "a"}
    item = {"row": 7, "name": "level", "labels": labels, "value": 1.0, "min": 0.0, "max": 1.0}
    item |= {"coverage": 1.0, "flags": []}
    data = {"ranked": [item], "low_coverage": [], "empty": [], "notes": []}
    lines = Sparks("5 min", "A note.", {7: Spark([0, 100], "0 to 1")})
    table = Ranking(data, "Amplitude", "", lines).table().data()
    assert table["columns"][2] == {"key": "line", "label": "5 min", "align": "left"}
    assert table["rows"][0]["line"] == {"now": [0, 100], "alt": "0 to 1"}
    assert table["notes"] == ["A note."]

    found = {"amplitude": 1.0, "baseline_amplitude": 1.0, "swing_ratio": 1.0, "level": 1.0}
    found |= {"baseline_level": 1.0, "swing": None, "shift": None, "score": 0.0, "odd": False}
    data = {"kind": "none", "method": "own_baseline", "reason": "No suspect.", "top": None}
    data |= {"checks": [], "warnings": [], "groups": [], "ranking": [item | found]}
    table = Verdict(data, sparks=lines).table().data()
    assert [column["label"] for column in table["columns"]][:3] == ["#", "series", "5 min"]
    assert table["notes"] == ["A note."]
    assert "line" not in Verdict(data).table().data()["rows"][0]
