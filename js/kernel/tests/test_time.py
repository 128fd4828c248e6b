"""A wrong minute sends the on-call engineer to the wrong incident."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from casebook._errors import BadRequestError
from casebook._time import duration_ms, duration_text, instant_ms, instant_text


@pytest.mark.parametrize(
    ("text", "ms"),
    [("10s", 10_000), ("5m", 300_000), ("1h30m", 5_400_000), ("250ms", 250), ("1w2d", 777_600_000)],
)
def test_durations_are_those_of_prometheus_and_are_written_as_they_were_read(text, ms):
    assert duration_ms(text) == ms
    assert duration_text(ms) == text


def test_seconds_and_timedeltas_are_durations_too():
    assert duration_ms(90) == duration_ms(90.0) == duration_ms(timedelta(seconds=90)) == 90_000
    assert duration_text(0) == "0s"


@pytest.mark.parametrize("bad", ["", "5", "m", "5 m", "5M", "-5m", "5m!", "٥m", None, True, 0, -1])
def test_what_is_no_duration_is_refused_with_an_example(bad):
    with pytest.raises(BadRequestError) as caught:
        duration_ms(bad, "step")
    assert "step" in caught.value.message
    assert "10s" in caught.value.next_step


def test_instants_are_read_in_any_zone_and_written_in_utc():
    seven = 1_795_330_800_000
    assert instant_ms("2026-11-22T07:00Z") == seven
    assert instant_ms("2026-11-22T08:00:00+01:00") == seven
    assert instant_ms(datetime(2026, 11, 22, 7, tzinfo=UTC)) == seven
    assert instant_ms(datetime(2026, 11, 22, 9, tzinfo=timezone(timedelta(hours=2)))) == seven
    assert instant_ms(seven / 1000) == seven
    assert instant_text(seven) == "2026-11-22T07:00:00Z"
    assert instant_text(seven + 1) == "2026-11-22T07:00:00.001Z"


@pytest.mark.parametrize("naive", ["2026-11-22T07:00", "2026-11-22", datetime(2026, 11, 22, 7)])
def test_a_time_of_nobodys_zone_is_refused_with_the_same_time_in_utc(naive):
    with pytest.raises(BadRequestError) as caught:
        instant_ms(naive)
    assert "2026-11-22T" in caught.value.next_step
    assert "Z" in caught.value.next_step


@pytest.mark.parametrize("bad", ["now", "07:00Z", "yesterday", None, True])
def test_what_is_no_time_is_refused(bad):
    with pytest.raises(BadRequestError):
        instant_ms(bad)
