"""The numbers of a chart for our renderer: no more than a screen shows, to keep notebooks small."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook._series import short_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casebook._series import Series

MIME = "application/vnd.casebook.timeseries.v1+json"

MAX_POINTS = 2000
"""Of one series."""

MAX_NUMBERS = 40_000
"""Of one chart: about 250 kB of a notebook's file."""

LEAST_POINTS = 400
"""Beyond this, detail is given up for more series; below it, series for detail."""


@dataclass(frozen=True)
class Sampling:
    """How many series a chart holds, and of how many numbers each."""

    series: int
    buckets: int | None
    """Parts of the window, each with its least and greatest value; None for every step's value."""


def sampling(series: int, steps: int) -> Sampling:
    """What of ``series`` with ``steps`` each fits into a chart."""
    share = MAX_NUMBERS // max(series, 1)
    if steps <= min(share, MAX_POINTS):
        return Sampling(series, None)
    if steps <= LEAST_POINTS:
        return Sampling(MAX_NUMBERS // steps, None)
    points = min(max(share, LEAST_POINTS), MAX_POINTS)
    return Sampling(min(series, MAX_NUMBERS // points), points // 2)


def plotted(
    handle: Any, series: Iterable[Series], highlight: Iterable[int], max_series: int
) -> dict[str, Any]:
    """Start, steps and series of a chart; ``series`` come greatest amplitude first.

    Those of ``highlight`` (rows) are held before any other.
    """
    top = set(highlight)
    ordered = sorted(series, key=lambda one: one.row not in top)
    times = handle.times().to_py()
    steps = len(times)
    plan = sampling(min(len(ordered), max(max_series, len(top))), steps)
    held = ordered[: plan.series]
    names = short_names([one.labels for one in ordered])
    return {
        "start_ms": round(times[0] * 1000) if steps else 0,
        "step_ms": round((times[1] - times[0]) * 1000) if steps > 1 else 1000,
        "steps": steps,
        "of": len(ordered),
        "series": [
            {
                "name": name,
                "labels": one.to_dict(),
                "highlight": one.row in top,
                **_numbers(handle, one.row, plan.buckets),
            }
            for name, one in zip(names, held, strict=False)
        ],
    }


def rounded(values: Iterable[float]) -> list[float | None]:
    """Numbers as short as a picture allows, to a thousandth of their range; None for a gap."""
    listed = list(values)
    finite = [value for value in listed if math.isfinite(value)]
    if not finite:
        return [None] * len(listed)
    low, high = min(finite), max(finite)
    furthest, span = max(abs(low), abs(high)), high - low
    digits = 4
    if 0 < span < furthest:
        digits = min(4 + math.ceil(math.log10(furthest) - math.log10(span)), 17)
    elif span == 0:
        digits = 17
    return [float(f"{value:.{digits}g}") if math.isfinite(value) else None for value in listed]


def _numbers(handle: Any, row: int, buckets: int | None) -> dict[str, list[float | None]]:
    if buckets is None:
        return {"values": rounded(handle.values(row).to_py())}
    pairs = rounded(handle.envelope(row, buckets).to_py())
    return {"min": pairs[::2], "max": pairs[1::2]}
