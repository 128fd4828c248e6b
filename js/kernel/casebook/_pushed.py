"""What a source ranked itself, and what was fetched of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook import _core, _instant
from casebook._time import duration_text, instant_text
from casebook._window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


_IS = {"swing": "its swing is", "shift": "its level is off by"}

_SHOWN = 240
"""Characters of a query in a note; all of it is in ``to_dict()``."""


@dataclass(frozen=True)
class Asked:
    """A query that was sent, and the proxy's record of it."""

    what: str
    query: str
    seq: int | None = None

    @property
    def sentence(self) -> str:
        """The query, cut where it gets long."""
        line = " ".join(self.query.split())
        cut = f"{line[:_SHOWN]}… ({len(line):,} characters)" if len(line) > _SHOWN else line
        record = "" if self.seq is None else f", record {self.seq}"
        return f"Ran for {self.what}{record}: {cut}"


@dataclass
class Pushed:
    """The series that a source found to be worth fetching, and how it found them."""

    source: str
    query: str
    counts: bool
    """Whether the series count up, so that their increase per step was judged."""
    window: Window
    step_ms: int
    baseline_ms: int
    keep: int
    why: str
    timeout: str | None = None
    series: int = 0
    """Series with samples in at least half of the steps: those that were ranked."""
    thin: int = 0
    """Series with samples in fewer."""
    windows: int = 0
    """Windows of the baseline; 0 when habits were not compared."""
    typical: float | None = None
    """The fleet's typical habit."""
    amplitudes: list[tuple[dict[str, str], float]] = field(default_factory=list)
    """Greatest first."""
    swings: list[tuple[dict[str, str], float]] = field(default_factory=list)
    """Swing ratios, greatest first."""
    shifts: list[tuple[dict[str, str], float]] = field(default_factory=list)
    """Distances of the level from the usual one, in usual swings, greatest first."""
    others: list[dict[str, str]] = field(default_factory=list)
    """Series that were not chosen for anything, to compare with."""
    tied: bool = False
    """Whether the last place by amplitude is one of several alike."""
    kept: list[dict[str, str]] = field(default_factory=list)
    narrowed: str = ""
    """The query for those series alone."""
    asked: list[Asked] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def known(
        self, series: Sequence[dict[str, str]] = (), quiet: Iterable[float] = ()
    ) -> dict[str, Any]:
        """The argument of the core's ``push_down``: one series more than is kept shows a tie."""
        least = self.amplitudes[-1][1] if self.amplitudes else 0
        return {
            "query": self.query,
            "start_ms": self.window.start_ms,
            "end_ms": self.window.end_ms,
            "step_ms": self.step_ms,
            "baseline_ms": self.baseline_ms,
            "keep": self.keep + 1,
            "counts": self.counts,
            "least": least if least > 0 else None,
            "typical": self.typical,
            "quiet": [ratio for ratio in quiet if math.isfinite(ratio)],
            "series": [*series],
        }

    def notes(self) -> list[str]:
        """What stands below the chart and the ranking."""
        step = duration_text(self.step_ms)
        span = f"{instant_text(self.window.start_ms)} to {instant_text(self.window.end_ms)}"
        fetched = f"only {len(self.kept):,} were fetched"
        if len(self.kept) >= self.series + self.thin:
            fetched = "all of them were fetched"
        notes = [
            f"Pushed down: the amplitude of {self.series:,} series over {span}, step {step}, was "
            f"computed by the source; {fetched}{self._chosen()}.",
            self.why,
        ]
        if self.counts:
            notes.append("The series count up: the source judged their increase per step.")
        if len(self.kept) > len(self.amplitudes):
            notes.append(f"Ranks beyond {len(self.amplitudes)} are those among the fetched series.")
        if self.thin:
            notes.append(
                f"{self._thin()} were not ranked: samples in fewer than half of the steps."
            )
        if self.tied:
            last = self.amplitudes[-1][1]
            notes.append(
                f"Several series tie at the last place by amplitude ({last:.4g}): which of them "
                "are here was the source's choice."
            )
        notes += [f"Warning of the source: {text}" for text in self.warnings]
        return notes + [asked.sentence for asked in self.asked]

    def doubts(self) -> list[str]:
        """What a verdict on the fetched series cannot know."""
        if len(self.kept) >= self.series + self.thin:
            return []
        rest = max(self.series - len(self.kept), 0)
        how = "amplitude, swing ratio and level" if self.windows else "amplitude"
        doubts = [
            f"{rest:,} of {self.series:,} series were judged by the source alone, by {how}, and "
            f"not fetched. Peers and shares here are those of the {len(self.kept):,} fetched ones."
        ]
        if not self.windows:
            doubts.append(
                "Against their own habit, the series were not compared by the source: the baseline "
                "has fewer than three windows of this length."
            )
        if self.thin:
            doubts.append(f"{self._thin()} with few samples were left out by the source.")
        return doubts + [f"The server warned: {text}" for text in self.warnings]

    async def judged(self, verdict: dict[str, Any]) -> dict[str, Any]:
        """The verdict on the fetched series, as it stands among all of them.

        They are the oddest of all, so that what chance explains among them is not what it explains
        among all. The source tells how far the furthest of all other series was from its past in
        each window of the baseline.
        """
        verdict = {**verdict, "warnings": [*self.doubts(), *verdict["warnings"]]}
        top = next((i for i in verdict["ranking"] if i["row"] == verdict.get("top")), None)
        if verdict["kind"] != "clear" or top is None or self.typical is None:
            return verdict
        if verdict["method"] != "own_baseline" or len(self.kept) >= self.series:
            return verdict
        said = []
        for by, found in (("swing", self.swings), ("shift", self.shifts)):
            if not (top[by] and top[by]["odd"]):
                continue
            labels = nameless(top["labels"])
            ratio = next((ratio for other, ratio in found if other == labels), None)
            limit = await self._limit(by, labels)
            if limit is None:
                doubt = "What chance explains among all series could not be asked of the source."
                verdict["warnings"].append(doubt)
                return verdict
            if ratio is not None and ratio > limit:
                beyond = f"{_IS[by]} {_times(ratio)}, beyond what chance explains ({_times(limit)})"
                return _with_check(verdict, self._check(beyond, ratio, interesting=True))
            less = "not among the greatest" if ratio is None else _times(ratio)
            said.append(f"{_IS[by]} {less}, and chance explains up to {_times(limit)}")
        within = "; ".join(said)
        verdict |= {
            "kind": "none",
            "top": None,
            "reason": f"No suspect: {top['name']} stands out among the {len(self.kept):,} series "
            f"that were fetched, but not among all {self.series:,}: {within}.",
        }
        return _with_check(verdict, self._check(within, None, interesting=False))

    async def _limit(self, by: str, suspect: dict[str, str]) -> float | None:
        written = await _core.push_down(self.known([suspect]))
        query, step_ms = written[f"quiet_{by}"], written["quiet_step_ms"]
        if query is None:
            return None
        start_ms = written["quiet_start_ms"]
        window = Window(start_ms, start_ms + (self.windows - 1) * step_ms)
        answer = await _instant.ranged(self.source, query, window, step_ms, self.timeout)
        self.asked.append(Asked(f"what chance explains of a {by}", query, answer.seq))
        ratios = answer.samples[0].values if answer.samples else []
        judged = await _core.push_down(self.known(quiet=ratios))
        limit: float | None = judged["limit"]
        return limit

    def _check(self, said: str, ratio: float | None, *, interesting: bool) -> dict[str, Any]:
        sentence = (
            f"Among all {self.series:,} series, by the source, over {self.windows} windows before: "
            f"{said}."
        )
        return {
            "name": "fleet_chance",
            "sentence": sentence,
            "number": ratio,
            "interesting": interesting,
        }

    def _thin(self) -> str:
        return f"{self.thin:,} series"

    def _chosen(self) -> str:
        if len(self.kept) >= self.series + self.thin:
            return ""
        parts = [f"the {len(self.amplitudes)} with the greatest amplitude"]
        if self.swings:
            parts.append(f"the {len(self.swings)} that swing most against their own habit")
        if self.shifts:
            parts.append(f"the {len(self.shifts)} that are furthest from their usual level")
        if self.others:
            parts.append(f"{len(self.others)} others to compare with")
        return f": {', '.join(parts)}"

    def to_dict(self) -> dict[str, Any]:
        """What was ranked, what was fetched, and every query in full."""
        return {
            "source": self.source,
            "query": self.query,
            "why": self.why,
            "keep": self.keep,
            "series": self.series,
            "thin": self.thin,
            "windows": self.windows,
            "typical": self.typical,
            "tied": self.tied,
            "amplitudes": _listed(self.amplitudes, "amplitude"),
            "swings": _listed(self.swings, "swing_ratio"),
            "shifts": _listed(self.shifts, "usual_swings"),
            "others": self.others,
            "kept": self.kept,
            "warnings": self.warnings,
            "queries": [{"for": a.what, "query": a.query, "seq": a.seq} for a in self.asked],
        }


def nameless(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels without the metric's name, as arithmetic in PromQL leaves them."""
    return {name: value for name, value in labels.items() if name != "__name__"}


def _with_check(verdict: dict[str, Any], check: dict[str, Any]) -> dict[str, Any]:
    return {**verdict, "checks": [*verdict["checks"], check]}


def _listed(found: list[tuple[dict[str, str], float]], name: str) -> list[dict[str, Any]]:
    return [{"labels": labels, name: value} for labels, value in found]


def _times(ratio: float) -> str:
    return f"{ratio:.1f}×"
