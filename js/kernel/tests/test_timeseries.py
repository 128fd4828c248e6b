"""The numbers of a chart: enough for the eye, few enough for the notebook's file."""

import json
import math
from array import array

import pytest

from casebook._chart import Chart
from casebook._series import Series
from casebook._table import Column, Table
from casebook._timeseries import MAX_NUMBERS, MAX_POINTS, MIME, plotted, rounded, sampling


class Typed:
    """A typed array of JavaScript, as Pyodide hands it over."""

    def __init__(self, numbers):
        self.numbers = array("d", numbers)

    def to_py(self):
        return memoryview(self.numbers)


class Held:
    """A handle of the core with these rows, a step each ten seconds; the envelope is the core's."""

    def __init__(self, rows):
        self.rows = rows

    def times(self):
        return Typed(1795330800 + 10 * step for step in range(len(self.rows[0])))

    def values(self, row):
        return Typed(self.rows[row])

    def envelope(self, row, buckets):
        values, flat = self.rows[row], []
        for bucket in range(buckets):
            part = values[bucket * len(values) // buckets : (bucket + 1) * len(values) // buckets]
            flat += [min(part), max(part)]
        return Typed(flat)


def fleet(count):
    return [Series(row, f'level{{which="o{row}"}}', {"which": f"o{row}"}) for row in range(count)]


def wave(steps, row=0):
    return [20.123456789 + row + 3 * math.sin(step / 7) for step in range(steps)]


def test_five_minutes_of_a_fleet_are_held_as_they_are_the_highlighted_one_first():
    rows = [wave(31, row) for row in range(8)]
    rows[2][5] = math.nan
    data = plotted(Held(rows), fleet(8), [2], 200)
    assert (data["start_ms"], data["step_ms"], data["steps"]) == (1795330800000, 10000, 31)
    assert data["of"] == len(data["series"]) == 8
    top = data["series"][0]
    assert (top["name"], top["highlight"]) == ("which=o2", True)
    assert top["labels"] == {"which": "o2"}
    assert top["values"][5] is None
    assert top["values"][0] == pytest.approx(22.123, abs=0.005)
    assert not any(series["highlight"] for series in data["series"][1:])


def test_a_long_window_is_held_by_the_least_and_greatest_of_its_parts():
    rows = [wave(10_000, row) for row in range(20)]
    rows[4][7777] = 99.0
    data = plotted(Held(rows), fleet(20), [4], 200)
    top = data["series"][0]
    assert "values" not in top
    assert len(top["min"]) == len(top["max"]) == MAX_POINTS // 2
    assert max(top["max"]) == 99.0, "a spike of one sample is what an incident is about"
    assert data["steps"] == 10_000


@pytest.mark.parametrize(
    ("series", "steps"),
    [
        (1, 31),
        (1, 100_000),
        (8, 361),
        (20, 10_000),
        (200, 31),
        (200, 361),
        (1000, 361),
        (500, 9000),
    ],
)
def test_no_chart_holds_more_than_its_share(series, steps):
    plan = sampling(series, steps)
    points = 2 * plan.buckets if plan.buckets else steps
    assert 0 < plan.series <= series
    assert points <= MAX_POINTS
    assert plan.series * points <= MAX_NUMBERS
    assert plan.series >= min(series, 100), "a fleet is seen as a whole"


def test_the_largest_chart_is_a_small_part_of_a_report():
    data = plotted(Held([wave(10_000, row) for row in range(20)]), fleet(20), [0], 200)
    assert len(json.dumps(data, separators=(",", ":"))) < 300_000


def test_series_that_are_left_out_are_counted():
    data = plotted(Held([wave(31)] * 300), fleet(300), [299], 200)
    assert len(data["series"]) == 200
    assert data["of"] == 300
    assert data["series"][0]["name"] == "which=o299"


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([1.23456789, 6.0], [1.2346, 6.0]),
        ([1_000_000.25, 1_000_000.5], [1_000_000.25, 1_000_000.5]),
        ([0.3, 0.3], [0.3, 0.3]),
        ([math.nan, 2.0, math.inf, -math.inf], [None, 2.0, None, None]),
        ([math.nan], [None]),
        ([], []),
        ([1e308, -1e308], [1e308, -1e308]),
        ([0.0001234567, 5e6], [0.00012346, 5e6]),
    ],
)
def test_numbers_are_as_short_as_a_picture_of_them_allows(values, kept):
    assert rounded(values) == kept


def test_a_chart_is_shown_by_our_renderer_by_any_other_and_as_text():
    table = Table("Amplitude", [Column("n", "n")], [{"n": 1}])
    bundle = Chart("<svg/>", "level", "level: 1 series", table, {"steps": 0})._repr_mimebundle_()
    assert set(bundle) == {MIME, "image/svg+xml", "text/plain"}
    assert bundle["image/svg+xml"] == "<svg/>"
    assert bundle[MIME]["alt"] == "level: 1 series"
    assert bundle[MIME]["table"]["caption"] == "Amplitude"
    assert "<svg" not in json.dumps(bundle[MIME]), "the picture is in the bundle once"
