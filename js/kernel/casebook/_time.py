"""Durations and instants as people write them, in milliseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from casebook._errors import BadRequestError

_UNITS_MS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}
_PART = re.compile(r"([0-9]+)(ms|[smhdwy])")
_DURATION = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+")


def duration_ms(value: str | float | timedelta, name: str = "duration") -> int:
    """Milliseconds of ``"5m"``, ``"1h30m"``, ``"250ms"``, of seconds, or of a timedelta.

    The units are those of Prometheus: ms, s, m, h, d, w, y (365 days).
    """
    if isinstance(value, timedelta):
        ms = round(value.total_seconds() * 1000)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        ms = round(value * 1000)
    elif isinstance(value, str) and _DURATION.fullmatch(value.strip()):
        ms = sum(int(n) * _UNITS_MS[unit] for n, unit in _PART.findall(value))
    else:
        raise BadRequestError(
            f"{name}={value!r} is not a duration.",
            'Write a number and a unit, such as "10s", "5m" or "1h30m".',
        )
    if ms <= 0:
        raise BadRequestError(f"{name}={value!r} is not longer than zero.", 'Use "10s", say.')
    return ms


def duration_text(ms: int) -> str:
    """``"5m"``, ``"1h30m"``: the shortest text that ``duration_ms`` reads back."""
    text = ""
    for unit in ("w", "d", "h", "m", "s", "ms"):
        count, ms = divmod(ms, _UNITS_MS[unit])
        if count:
            text += f"{count}{unit}"
    return text or "0s"


def instant_ms(value: str | float | datetime, name: str = "time") -> int:
    """Milliseconds since the Unix epoch of ``"2026-11-22T07:00Z"``, a datetime, or Unix seconds.

    A time without a zone is refused: at 3 am nobody can tell whose it is.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return round(value * 1000)
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            moment = value
    if not isinstance(moment, datetime):
        raise BadRequestError(
            f"{name}={value!r} is not a time.",
            'Write it in UTC, such as "2026-11-22T07:00Z".',
        )
    if moment.tzinfo is None:
        raise BadRequestError(
            f"{name}={value!r} has no time zone.",
            f'Add "Z" when it is UTC: "{moment.isoformat()}Z".',
        )
    return round(moment.timestamp() * 1000)


def instant_text(ms: int) -> str:
    """``"2026-11-22T07:00:00Z"``, with milliseconds only where there are some."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    spec = "milliseconds" if ms % 1000 else "seconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")


def span_text(ms: int) -> str:
    """A length of time for people: ``"5 min"``, ``"1 h 30 min"``."""
    parts = []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000)):
        count, ms = divmod(ms, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join([*parts, *([f"{ms} ms"] if ms else [])]) or "0 s"
