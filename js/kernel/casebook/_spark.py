"""The samples of a series in a cell of a table: a small line for our renderer, blocks as text."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook._time import span_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_POINTS = 60
"""Of one line: a notebook's file must not grow by its tables."""

BEFORE = 12
"""Parts of the time before, each with its least and greatest value: 24 of the points."""

_BLOCKS = "▁▂▃▅▇"
_GAP = "·"
_WIDTH = 16


@dataclass(frozen=True)
class Spark:
    """One line. Heights are percent of the way from its own least to its own greatest value."""

    now: list[int | None]
    """The samples, or least and greatest of each part of the window; None for a gap."""
    alt: str
    """The line in words: least, greatest, last."""
    before: list[int | None] = field(default_factory=list)
    """Least and greatest of each part of the time before; empty when that is not known."""

    def data(self) -> dict[str, Any]:
        """The line for our renderer."""
        data: dict[str, Any] = {"now": self.now, "alt": self.alt}
        return {**data, "before": self.before} if self.before else data

    def blocks(self) -> str:
        """The line as block characters, the time before in front of a bar."""
        now = _blocks(self.now)
        return f"{_ranges(self.before)}│{now}" if self.before else now


@dataclass(frozen=True)
class Sparks:
    """The lines of a table, by the rows of the answer, and what they show."""

    label: str
    note: str
    of: Mapping[int, Spark]


def sparks(
    handle: Any,
    rows: Iterable[int],
    length_ms: int,
    *,
    unit: str = "",
    baseline: tuple[Any, int, Mapping[int, int]] | None = None,
) -> Sparks:
    """The lines of some rows of an answer, ``handle``, over ``length_ms``.

    ``baseline`` is the answer for the time before, its length, and which of its rows is which.
    """
    now = span_text(length_ms)
    note = "Each small line goes from its own least to its own greatest value"
    if baseline is None:
        drawn = {row: _spark(handle, row, MAX_POINTS, unit) for row in rows}
        return Sparks(now, f"{note}.", drawn)
    habit, habit_ms, before = baseline
    drawn = {}
    for row in rows:
        past = list(habit.envelope(before[row], BEFORE).to_py()) if row in before else []
        drawn[row] = _spark(handle, row, MAX_POINTS - 2 * BEFORE, unit, past)
    then = span_text(habit_ms)
    shaded = f"the shaded part of it is the {then} before, closer together."
    return Sparks(f"{then} before | {now}", f"{note}; {shaded}", drawn)


def _spark(handle: Any, row: int, points: int, unit: str, before: Sequence[float] = ()) -> Spark:
    samples = handle.values(row).to_py()
    last = next((value for value in reversed(samples) if math.isfinite(value)), None)
    long = len(samples) > points
    values = list(handle.envelope(row, points // 2).to_py() if long else samples)
    words = _words(values, unit)
    if last is not None:
        words += f", last {_number(last, unit)}"
    if before:
        words += f"; before: {_words(before, unit)}"
    finite = [value for value in (*before, *values) if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    return Spark(_heights(values, low, high), words, _heights(before, low, high))


def _heights(values: Sequence[float], low: float, high: float) -> list[int | None]:
    # Halved first: the difference of the greatest numbers is none.
    span = high / 2 - low / 2
    return [
        None
        if not math.isfinite(value)
        else 50
        if span == 0
        else round(100 * ((value / 2 - low / 2) / span))
        for value in values
    ]


def _words(values: Sequence[float], unit: str) -> str:
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return "no samples"
    return f"{_number(min(finite))} to {_number(max(finite), unit)}"


def _number(value: float, unit: str = "") -> str:
    return f"{value:.4g} {unit}".rstrip()


def _blocks(heights: Sequence[int | None]) -> str:
    """Of each part, what is furthest from the middle of all: a spike of one sample is seen."""
    known = sorted(height for height in heights if height is not None)
    middle = known[len(known) // 2] if known else 0
    width = min(_WIDTH, len(heights))
    text = ""
    for part in range(width):
        inside = heights[part * len(heights) // width : (part + 1) * len(heights) // width]
        found = [height for height in inside if height is not None]
        text += _block(max(found, key=lambda one: abs(one - middle))) if found else _GAP
    return text


def _ranges(pairs: Sequence[int | None]) -> str:
    """Least and greatest of each quarter of the time before, in turn."""
    text = ""
    for quarter in range(4):
        inside = pairs[quarter * len(pairs) // 4 : (quarter + 1) * len(pairs) // 4]
        found = [height for height in inside if height is not None]
        text += _block(min(found)) + _block(max(found)) if found else 2 * _GAP
    return text


def _block(height: int) -> str:
    return _BLOCKS[min(height * len(_BLOCKS) // 100, len(_BLOCKS) - 1)]
