"""Every cell counts its minutes from the notebook's one window."""

import time

import pytest

import casebook as cb
from casebook._notebook import notebook
from casebook._prometheus import _chosen


@pytest.fixture(autouse=True)
def _new_notebook():
    notebook.window, notebook.case = None, None
    yield
    notebook.window, notebook.case = None, None


def test_the_last_minutes_count_back_from_the_windows_end():
    window = cb.window("2026-11-22T07:00Z", "2026-11-22T07:05Z")
    assert cb.window() == window == _chosen(None, None, None)
    assert _chosen("1m", None, None).to_dict() == {
        "start": "2026-11-22T07:04:00Z",
        "end": "2026-11-22T07:05:00Z",
        "seconds": 60.0,
    }
    assert _chosen("1h", None, None).start == "2026-11-22T06:05:00Z"


def test_explicit_times_need_no_window():
    assert _chosen(None, "2026-11-22T07:00Z", "2026-11-22T07:01Z").length_ms == 60_000
    assert _chosen("5m", None, "2026-11-22T07:01Z").start == "2026-11-22T06:56:00Z"


@pytest.mark.parametrize("given", [("5m", 1, 2), (None, 1, None), ("5m", 1, None), (None, None, 2)])
def test_minutes_that_are_not_clear_are_refused(given):
    cb.window("2026-11-22T07:00Z", "2026-11-22T07:05Z")
    with pytest.raises(cb.BadRequestError, match="not clear"):
        _chosen(*given)


def test_without_a_window_the_error_holds_the_line_to_run():
    with pytest.raises(cb.BadRequestError) as caught:
        _chosen("5m", None, None)
    line = caught.value.next_step.split("Run ")[1].split(" first")[0]
    eval(line, {"cb": cb})
    assert abs(cb.window().end_ms / 1000 - time.time()) < 60
    assert cb.window().length_ms == 300_000


def test_up_to_now_shows_the_line_that_means_the_same_minutes_tomorrow(capsys):
    window = cb.window(last="5m")
    shown = capsys.readouterr().out
    assert window.code() in shown
    assert eval(window.code(), {"cb": cb}) == window


def test_a_window_that_ends_before_it_starts_is_refused():
    with pytest.raises(cb.BadRequestError, match="not after its start"):
        cb.window("2026-11-22T07:05Z", "2026-11-22T07:00Z")
    with pytest.raises(cb.BadRequestError):
        cb.window("2026-11-22T07:05Z")


def test_the_baseline_shares_no_sample_with_the_window():
    window = cb.window("2026-11-22T07:00Z", "2026-11-22T07:05Z")
    before = window.before("1h", 10_000)
    assert (before.start, before.end) == ("2026-11-22T05:59:50Z", "2026-11-22T06:59:50Z")


def test_steps_that_may_still_show_what_was_before_a_change_do_not_count():
    window = cb.window("2026-11-22T07:00Z", "2026-11-22T07:05Z")
    change = window.end_ms - 75_000
    assert window.after(change, 10_000).start == "2026-11-22T07:04:00Z"
    assert window.after(change + 5_000, 10_000).start == "2026-11-22T07:04:00Z"
    assert window.after(change + 5_001, 10_000).start == "2026-11-22T07:04:10Z"
    for just_now in (window.end_ms - 5_000, window.end_ms + 5_000):
        assert window.after(just_now, 10_000).length_ms == 0
    for long_ago in (None, 0):
        assert window.after(long_ago, 10_000) == window


def test_a_case_is_a_name_that_can_stand_in_a_header():
    assert cb.case("burn-2026.11 P90") == notebook.case == "burn-2026.11 P90"
    for bad in ["", "a\nb", "ä", " a", "a" * 129, None]:
        with pytest.raises(cb.BadRequestError):
            cb.case(bad)
    assert notebook.case == "burn-2026.11 P90"
