"""How much may be asked of a source at once, and how much a query would bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casebook import _api
from casebook._errors import LimitError

if TYPE_CHECKING:
    from casebook._window import Window

MOST_SAMPLES = 5_000_000
"""A browser draws and ranks so many within a second; Prometheus itself stops at fifty million."""

BYTES_OF_A_SAMPLE = 39
"""In JSON, labels included: 31 in long series, 39 in those of 31 points."""


@dataclass(frozen=True)
class Limits:
    """What the proxy gives of one source; these are the defaults of its configuration."""

    points: int = 11_000
    """Most points of one series; Prometheus has the same limit."""
    bytes: int = 256 << 20
    """Longest answer, decoded."""

    @property
    def samples(self) -> int:
        """Most samples that are fetched without being asked to."""
        return min(MOST_SAMPLES, self.bytes // BYTES_OF_A_SAMPLE)


@dataclass(frozen=True)
class Size:
    """How much a range query would bring, by a count of its series at three instants."""

    series: int
    points: int
    metrics: tuple[str, ...]
    """Names that the answer keeps; empty text for series without one."""
    limits: Limits

    @property
    def samples(self) -> int:
        """Series times points."""
        return self.series * self.points

    @property
    def is_too_big(self) -> bool:
        """Whether it is more than may be fetched at once."""
        return self.samples > self.limits.samples or self.points > self.limits.points

    @property
    def sentence(self) -> str:
        """What was found, and what the limit is."""
        found = f"About {self.samples:,} samples ({self.series:,} series × {self.points:,} points)"
        if self.points > self.limits.points:
            return f"{found}, and at most {self.limits.points:,} points of a series come at once."
        return f"{found}, and at most {self.limits.samples:,} are fetched."


_known: dict[str, Limits] = {}


async def limits_of(source: str) -> Limits:
    """What the catalogue says; asked for once in a kernel."""
    if source not in _known:
        catalog = await _api.ask("GET", "/api/v1/catalog")
        for item in catalog.get("prometheus", []):
            _known[item["name"]] = Limits(item["max_points"], item["max_bytes"])
    return _known.get(source, Limits())


def points_of(window: Window, step_ms: int) -> int:
    """Points of each series in a window, both ends included."""
    return window.length_ms // step_ms + 1


def require_room(asked: str, series: int, points: int) -> None:
    """Refuse a baseline of more samples than are fetched; its window has many more points."""
    samples = series * points
    if samples > MOST_SAMPLES:
        raise LimitError(
            f"The baseline of {asked} would have {samples:,} samples ({series:,} series × "
            f"{points:,} points); at most {MOST_SAMPLES:,} are fetched.",
            'Ask the query with push_down="always", so that the source ranks the series, or '
            "compare with a shorter baseline.",
        )
