"""What else moved: other metrics of the suspect's target."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from typing import TYPE_CHECKING, Any

from casebook._errors import (
    BadRequestError,
    CasebookError,
    SessionError,
    UnreachableError,
)
from casebook._progress import Progress
from casebook._same_target import (
    Question,
    is_asked,
    metrics_of,
    questions,
    selector,
    spread,
    target_labels,
)
from casebook._table import Column, Table
from casebook._time import duration_ms, duration_text, instant_text
from casebook._window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casebook._matrix import Matrix
    from casebook._series import Series
    from casebook._verdict import Verdict
    from casebook._window import Duration

AT_ONCE = 4
"""Queries that wait for their answers at the same time; the proxy has room for eight of a user."""

LIMIT = 60
"""Metrics that are asked for, unless somebody wants more."""

_MOST_POINTS = 11_000
_MOST_SERIES = 500
_LISTED = 6


class WhatElse:
    """Other metrics of one target that moved with the suspect, the most telling first.

    ``shift`` is the distance from where a series used to be, in units of its own spread before;
    ``rho`` Spearman's correlation of its changes with the suspect's, at the ``lag`` where it is
    strongest. Moving together says nothing about what caused what.
    """

    def __init__(self, data: dict[str, Any], caption: str = "What else moved") -> None:
        self._data = data
        self._caption = caption

    @property
    def sentence(self) -> str:
        """What moved, in a sentence."""
        return str(self._data["sentence"])

    def __len__(self) -> int:
        return len(self._data["matches"])

    def table(self) -> Table:
        """What moved as a table, and what was not looked at as notes."""
        step_ms = self._data.get("step_ms", 0)
        rows: list[dict[str, Any]] = [
            {
                "rank": rank,
                "series": item["name"],
                "change": _change(item),
                "shift": round(item["shift"], 1),
                "from": item["before"],
                "to": item["now"],
                "by": instant_text(item["onset_ms"][1]) if item["onset_ms"] else "",
                "rho": None if item["rho"] is None else round(item["rho"], 2),
                "lag": _when(item, step_ms),
                "finding": "moved with it, step by step" if item["together"] else "moved",
            }
            for rank, item in enumerate(self._data["matches"], 1)
        ]
        columns = [
            Column("rank", "#"),
            Column("series", "series of the same target", align="left"),
            Column("change", "change", align="left"),
            Column("shift", "shift", "own spreads"),
            Column("from", "from"),
            Column("to", "to"),
            Column("by", "changed by (UTC)", align="left"),
            Column("rho", "rho"),
            Column("lag", "its steps come", align="left"),
            Column("finding", "finding", align="left"),
        ]
        return Table(self._caption, columns, rows, self._notes(), self.sentence)

    def _notes(self) -> list[str]:
        notes = ["To move with something is not to be caused by it."]
        left = self._data.get("not_asked", [])
        if left:
            shown = ", ".join(left[:_LISTED]) + (", …" if len(left) > _LISTED else "")
            notes.append(
                f"Not asked for, {len(left)} metrics: {shown}. metrics=[…] or limit= does."
            )
        for name, why in list(self._data.get("failed", {}).items())[:_LISTED]:
            notes.append(f"No answer to {name}: {why}")
        empty = self._data.get("empty", [])
        if empty:
            notes.append(f"Without a series in this window: {', '.join(empty[:_LISTED])}.")
        if self._data["unusable"]:
            notes.append(f"{self._data['unusable']} series have too few numbers to tell.")
        return notes

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """All that was found: matches, series, labels, asked, not_asked, failed, empty."""
        return self._data


async def what_else(
    verdict: Verdict,
    metrics: Iterable[str] | None = None,
    *,
    suspect: Series | None = None,
    labels: Mapping[str, str] | None = None,
    baseline: Duration = "1h",
    limit: int = LIMIT,
) -> WhatElse:
    """Which other metrics of the suspect's target moved, and how they lie to it in time.

    The metrics are those that the source has for the suspect's labels, its instance or pod, at
    most ``limit``; or those that you name. ``suspect`` is one of ``verdict.ranking`` where the
    verdict names nobody; ``labels`` look elsewhere, at a node exporter's instance, say. Counters
    are asked for by their rate. Stop ends it, and its queries.
    """
    matrix = verdict._answer()
    series = suspect if suspect is not None else verdict.top
    where = dict(labels) if labels is not None else target_labels(series, matrix.series)
    if not where:
        raise BadRequestError(
            f"{series.name} has no labels by which other metrics of its target could be found.",
            'Give them: labels={"instance": "10.0.0.7:9100"}, say.',
        )
    if limit < 1:
        raise BadRequestError(f"limit={limit!r} asks for nothing.", "Use a number of metrics.")
    window = _window(matrix, baseline)
    names, left = await _names(matrix, metrics, where, window, limit)
    scrape_ms = matrix._ask("onsets")["scrape_steps"] * matrix.step_ms
    asked = questions(names, where, matrix.step_ms, scrape_ms)
    hunt = _Hunt(matrix, series.row, asked, window)
    data = await hunt.run(selector("", where))
    data |= {"labels": where, "not_asked": left, "step_ms": matrix.step_ms}
    return WhatElse(data, f"Other metrics of {selector('', where)}, beside {series.name}")


class _Hunt:
    """Asks some questions at once, and remembers what moved; no answer is kept."""

    def __init__(self, matrix: Matrix, row: int, asked: list[Question], window: Window) -> None:
        self._matrix = matrix
        self._asked = asked
        self._window = window
        self._companions: Any = matrix._held().companions(row)
        self._done = 0
        self._moved = 0
        self._failed: dict[str, str] = {}
        self._empty: list[str] = []

    async def run(self, what: str) -> dict[str, Any]:
        """Ask all, and return what moved; when it is cancelled, no query goes on."""
        progress = Progress(f"metrics of {what}", len(self._asked))
        progress.show()
        waiting = deque(self._asked)
        workers = [
            asyncio.ensure_future(self._work(waiting, progress))
            for _ in range(min(AT_ONCE, len(self._asked)))
        ]
        try:
            await asyncio.gather(*workers)
            found: dict[str, Any] = json.loads(self._companions.found())
        except BaseException as ended:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            progress.update(self._done, "stopped")
            if isinstance(ended, asyncio.CancelledError):
                said = f"{self._done} of {len(self._asked)} metrics had been looked at."
                raise asyncio.CancelledError(said) from None
            raise
        finally:
            self._companions.free()
        return {
            **found,
            "asked": [question.name for question in self._asked],
            "failed": self._failed,
            "empty": sorted(self._empty),
        }

    async def _work(self, waiting: deque[Question], progress: Progress) -> None:
        while waiting:
            question = waiting.popleft()
            try:
                await self._look(question)
            except (SessionError, UnreachableError):
                raise
            except CasebookError as error:
                self._failed[question.name] = error.message
            self._done += 1
            progress.update(self._done, f"{self._moved} series moved")

    async def _look(self, question: Question) -> None:
        matrix = self._matrix
        answer = await matrix._source.fetch(
            question.query, self._window, matrix.step_ms, limit=_MOST_SERIES
        )
        if len(answer) == 0:
            self._empty.append(question.name)
        self._moved += self._companions.look_at(answer._held(), question.name)
        answer.close()


async def _names(
    matrix: Matrix,
    metrics: Iterable[str] | None,
    where: Mapping[str, str],
    window: Window,
    limit: int,
) -> tuple[list[str], list[str]]:
    """The metrics to ask for, and those that there is no room for."""
    if isinstance(metrics, str):
        raise BadRequestError("metrics= is a list of names.", f"Write metrics=[{metrics!r}].")
    if metrics is not None:
        named = list(metrics)
        chosen, left = [n for n in named if is_asked(n)], [n for n in named if not is_asked(n)]
        if not chosen:
            raise BadRequestError(
                f"There is nothing to ask about in metrics={named!r}.",
                "Name gauges and counters; of a histogram, its _sum and _count.",
            )
        return chosen, left
    source = matrix._source.name
    found = await metrics_of(source, where, window.start_ms, window.end_ms)
    # The suspect's own metric would move with itself.
    own = set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", matrix.query))
    others = [name for name in found if name not in own and is_asked(name)]
    if not others:
        raise CasebookError(
            f"Source {source} has no other metric with {selector('', where)} in these minutes.",
            "Say where else to look: labels={…}, or which metrics: metrics=[…].",
            source=source,
            query=selector("", where),
        )
    return spread(others, limit)


def _window(matrix: Matrix, baseline: Duration) -> Window:
    """The answer's window and the time before it, on its steps, as long as a source gives."""
    step_ms = matrix.step_ms
    window = matrix.window
    room = _MOST_POINTS - window.length_ms // step_ms - 1
    steps = min(duration_ms(baseline, "baseline") // step_ms, max(room, 0))
    return Window(window.start_ms - steps * step_ms, window.end_ms)


def _change(item: dict[str, Any]) -> str:
    up = item["now"] > item["before"]
    if item["swing"]:
        return "swings wider" if up else "swings less"
    return "rose" if up else "fell"


def _when(item: dict[str, Any], step_ms: int) -> str:
    if not item["together"]:
        return ""
    if item["lag"] == 0:
        return "in the same step"
    steps = abs(item["lag"])
    time = f" ({duration_text(steps * step_ms)})" if step_ms else ""
    return f"{steps} step{'s'[: steps > 1]}{time} {'before' if item['lag'] > 0 else 'after'}"
