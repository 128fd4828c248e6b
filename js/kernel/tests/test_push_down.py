"""How big is too big, and what is said of an answer that its source ranked."""

import pytest

from casebook import _instant
from casebook._limits import Limits, Size
from casebook._push_down import parts
from casebook._pushed import Asked, Pushed
from casebook._window import Window

WINDOW = Window(1_795_330_800_000, 1_795_331_100_000)


def size(series, steps, **limits):
    return Size(series, steps, ("level",), Limits(**limits))


def pushed(**more):
    given = {
        "source": "main",
        "query": "level",
        "counts": False,
        "window": WINDOW,
        "step_ms": 10_000,
        "baseline_ms": 3_600_000,
        "keep": 2,
        "why": "Why.",
        "series": 7_000,
        "amplitudes": [({"which": "a"}, 5.0), ({"which": "b"}, 4.0)],
        "kept": [{"which": "a"}, {"which": "b"}],
    }
    return Pushed(**{**given, **more})


@pytest.mark.parametrize(
    ("given", "too_big"),
    [
        (size(161_290, 31), False),
        (size(161_291, 31), True),
        (size(13_850, 361), False),
        (size(13_851, 361), True),
        (size(8, 11_000), False),
        (size(8, 11_001), True),
        # The cap on bytes is the smaller one when it holds less than five million samples.
        (size(1_000, 31, bytes=39 * 31_000), False),
        (size(1_000, 31, bytes=39 * 30_999), True),
        (size(8, 501, points=500), True),
    ],
)
def test_the_smaller_limit_counts(given, too_big):
    assert given.is_too_big == too_big


def test_an_estimate_says_which_limit_was_met():
    assert size(20_000, 361).sentence == (
        "About 7,220,000 samples (20,000 series × 361 points), and at most 5,000,000 are fetched."
    )
    assert "at most 11,000 points of a series come at once" in size(8, 20_000).sentence


def test_a_window_is_cut_into_parts_that_share_no_step():
    cut = parts(Window(0, 360_000), 1_000, 100)
    assert [(part.start_ms, part.end_ms) for part in cut] == [
        (0, 99_000),
        (100_000, 199_000),
        (200_000, 299_000),
        (300_000, 360_000),
    ]
    assert parts(WINDOW, 10_000, 31) == [WINDOW]
    assert parts(WINDOW, 10_000, 30)[-1] == Window(WINDOW.end_ms, WINDOW.end_ms)


def test_a_window_lies_on_the_steps_that_caches_and_subqueries_have():
    unaligned = Window(WINDOW.start_ms + 3_000, WINDOW.end_ms + 9_999)
    assert unaligned.aligned(10_000) == WINDOW == WINDOW.aligned(10_000)
    before = WINDOW.before("61s", 7_000)
    assert (before.end_ms, before.length_ms) == (WINDOW.start_ms - 7_000, 56_000)


def test_what_other_engines_say_beside_the_samples_is_not_lost():
    result = [{"metric": {"which": "a"}, "value": [1, "NaN"]}]
    data = {"resultType": "vector", "result": result}
    thanos = _instant.read({"status": "success", "data": {**data, "warnings": ["store gone"]}}, 5)
    assert (thanos.warnings, thanos.seq, thanos.samples[0].labels) == (
        ["store gone"],
        5,
        {"which": "a"},
    )
    assert thanos.number != thanos.number
    victoria = _instant.read({"status": "success", "isPartial": True, "data": data})
    assert "partial" in victoria.warnings[0]
    both = {"data": {**data, "warnings": ["w"]}, "warnings": ["w"], "infos": ["i"]}
    assert _instant.read(both).warnings == ["w"]
    assert _instant.read({"data": {"result": []}}).number is None


def test_the_notes_say_what_was_ranked_where_and_what_was_not():
    notes = pushed(
        thin=3,
        tied=True,
        windows=12,
        swings=[({"which": "b"}, 3.0)],
        shifts=[({"which": "b"}, 2.0)],
        others=[{"which": "z"}],
        warnings=["store gone"],
        asked=[Asked("amplitude", "topk(3,\n  x)", 7), Asked("the samples", "x" * 500)],
    ).notes()
    assert notes[0] == (
        "Pushed down: the amplitude of 7,000 series over 2026-11-22T07:00:00Z to "
        "2026-11-22T07:05:00Z, step 10s, was computed by the source; only 2 were fetched: the 2 "
        "with the greatest amplitude, the 1 that swing most against their own habit, the 1 that "
        "are furthest from their usual level, 1 others to compare with."
    )
    assert notes[1:5] == [
        "Why.",
        "3 series were not ranked: samples in fewer than half of the steps.",
        "Several series tie at the last place by amplitude (4): which of them are here was the "
        "source's choice.",
        "Warning of the source: store gone",
    ]
    assert notes[5] == "Ran for amplitude, record 7: topk(3, x)"
    assert notes[6].endswith("… (500 characters)")
    assert "x" * 300 not in notes[6]


def test_a_verdict_on_some_series_says_that_the_rest_was_judged_by_the_source():
    doubts = pushed(windows=12, warnings=["store gone"]).doubts()
    assert doubts[0].startswith(
        "6,998 of 7,000 series were judged by the source alone, by amplitude, swing ratio "
    )
    assert doubts[-1] == "The server warned: store gone"
    assert "fewer than three windows" in pushed().doubts()[1]
    assert pushed(series=2).doubts() == []
