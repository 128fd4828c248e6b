"""Range queries that may be too big to fetch: estimated first, and ranked by their source if so.

The source computes the amplitude of every series and its swing ratio by subqueries, and gives the
first of each; only those are fetched. The queries are written by the core (``push_down``).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

from casebook import _core, _instant
from casebook._errors import (
    BadRequestError,
    CasebookError,
    LimitError,
    PrometheusError,
    ProxyError,
    TruncatedError,
)
from casebook._limits import MOST_SAMPLES, Size, limits_of
from casebook._pushed import Asked, Pushed, nameless
from casebook._time import duration_text
from casebook._window import Window

if TYPE_CHECKING:
    from casebook._matrix import Matrix
    from casebook._prometheus import RangeQuery

Mode = Literal["auto", "always", "never"]

UNASKED_POINTS = 100
"""A query of fewer points is sent without an estimate.

It would take 50,000 series to be too big, and the estimate, at three instants, would cost a
round trip and more than 3 % of the query. If it is too big after all, that shows on the way.
"""

BASELINE_MS = 3_600_000
"""That of ``suspects()``, unless it is told otherwise."""

MOST_CHARACTERS = 16_000
"""VictoriaMetrics takes no query that is longer than 16 KiB."""

COUNTERS = ("_total", "_count", "_sum", "_bucket")
"""How the names of counters end."""

_PART = 0.8


async def ask(request: RangeQuery, mode: Mode, keep: int) -> Matrix:
    """The answer, or the series of it that are worth fetching."""
    if mode not in get_args(Mode):
        raise BadRequestError(
            f"push_down={mode!r} is none of {', '.join(map(repr, get_args(Mode)))}.",
            'Leave it out, or use "always" to let the source rank the series.',
        )
    if not isinstance(keep, int) or isinstance(keep, bool) or keep < 1:
        raise BadRequestError(f"keep={keep!r} is not a number of series.", "Use keep=20, say.")
    # Who limits the series has chosen already which ones not to see.
    if mode == "never" or (mode == "auto" and request.limit is not None):
        return await _whole(request)
    if mode == "always":
        try:
            size = await _size(request)
        except PrometheusError as error:
            if error.error_type != "bad_data":
                raise
            # The source's words about the query itself, which may also be one number.
            return await request.fetch()
        return await _ranked(request, size, keep, 'It was asked for: push_down="always".')
    if request.points <= UNASKED_POINTS:
        return await _fetched_unless_too_big(request, keep)
    estimate = await _size_if_any(request)
    if estimate is None or not estimate.is_too_big:
        return await request.fetch()
    return await _ranked(request, estimate, keep, estimate.sentence)


async def _whole(request: RangeQuery) -> Matrix:
    try:
        return await request.fetch()
    except (LimitError, TruncatedError) as error:
        error.next_step += ' Or let the source rank the series: push_down="always".'
        raise


async def _fetched_unless_too_big(request: RangeQuery, keep: int) -> Matrix:
    try:
        return await request.fetch()
    except (LimitError, TruncatedError, ProxyError) as error:
        if isinstance(error, ProxyError) and error.error_type != "upstream_too_large":
            raise
        size = await _size_if_any(request)
        if size is None or not size.is_too_big:
            raise
    return await _ranked(request, size, keep, size.sentence)


async def _size_if_any(request: RangeQuery) -> Size | None:
    """The size, or None when it cannot be told: the query itself then shows what is wrong."""
    try:
        return await _size(request)
    except CasebookError:
        return None


async def _size(request: RangeQuery) -> Size:
    """Counted at the beginning, in the middle and at the end: series come and go."""
    limits = await limits_of(request.source)
    window, step_ms = request.window, request.step_ms
    asked = {"query": request.query, "step_ms": step_ms}
    asked |= {"start_ms": window.start_ms, "end_ms": window.end_ms}
    written = await _core.push_down(asked)
    far_ms = max((request.points - 1) // 2, 1) * step_ms
    counted = await _instant.ranged(
        request.source, written["count"], window, far_ms, request.timeout
    )
    most = {one.labels.get("__name__", ""): int(max(one.values)) for one in counted.samples}
    return Size(sum(most.values()), request.points, tuple(sorted(most)), limits)


async def _ranked(request: RangeQuery, size: Size, keep: int, why: str) -> Matrix:
    if len(size.metrics) > 1:
        names = ", ".join(name or "one without a name" for name in size.metrics[:4])
        raise BadRequestError(
            f"The query has {len(size.metrics)} metrics ({names}): their units may differ, so "
            f"that their amplitudes do not compare. {size.sentence}",
            "Ask for one metric at a time.",
            source=request.source,
            query=request.query,
        )
    if size.series == 0:
        return await request.fetch()
    # A limit on series is for the whole answer, which is not asked for.
    request = replace(request, limit=None)
    counts = next(iter(size.metrics)).endswith(COUNTERS)
    matrix = await _ranked_as(request, size, keep, why, counts=counts)
    if matrix.counts_up == counts:
        return matrix
    # The samples tell otherwise than the name.
    matrix.close()
    return await _ranked_as(request, size, keep, why, counts=not counts)


async def _ranked_as(
    request: RangeQuery, size: Size, keep: int, why: str, *, counts: bool
) -> Matrix:
    pushed = Pushed(
        source=request.source,
        query=request.query,
        counts=counts,
        window=request.window,
        step_ms=request.step_ms,
        baseline_ms=BASELINE_MS,
        keep=keep,
        why=why,
        timeout=request.timeout,
    )
    try:
        await _rank(pushed)
        await _narrow(pushed)
    except CasebookError as error:
        error.query = request.query
        error.next_step = error.next_step or (
            "Ask for a shorter window, a longer step or a narrower selector."
        )
        raise
    return await _fetch_kept(request, size, pushed)


async def _rank(pushed: Pushed) -> None:
    """Ask for all rankings, and for some series that are in none."""
    written = await _core.push_down(pushed.known())

    async def asked(what: str, query: str | None) -> list[tuple[dict[str, str], float]]:
        if query is None:
            return []
        place = len(pushed.asked)
        pushed.asked.append(Asked(what, query))
        answer = await _instant.instant(pushed.source, query, written["at_ms"], pushed.timeout)
        pushed.asked[place] = Asked(what, query, answer.seq)
        pushed.warnings += [text for text in answer.warnings if text not in pushed.warnings]
        found = [(nameless(sample.labels), sample.value) for sample in answer.samples]
        return sorted(found, key=lambda one: (-one[1], sorted(one[0].items())))

    amplitudes, covered, typical = await asyncio.gather(
        asked("amplitude", written["amplitude"]),
        asked("coverage", written["coverage"]),
        asked("the typical habit", written["typical"]),
    )
    counts = {labels.get("enough"): int(count) for labels, count in covered}
    pushed.series, pushed.thin = counts.get("1", 0), counts.get("0", 0)
    pushed.amplitudes = amplitudes[: pushed.keep]
    if len(amplitudes) > pushed.keep:
        last, next_one = amplitudes[pushed.keep - 1][1], amplitudes[pushed.keep][1]
        pushed.tied = abs(last - next_one) <= 1e-9 * abs(last)
    if typical and typical[0][1] > 0:
        pushed.typical, pushed.windows = typical[0][1], written["windows"]
    if pushed.series <= pushed.keep:
        return
    written = await _core.push_down(pushed.known())
    swings, shifts, others = await asyncio.gather(
        asked("the swing ratio", written["swing"]),
        asked("the distance from the usual level", written["shift"]),
        asked("others to compare with", written["others"]),
    )
    pushed.swings, pushed.shifts = swings[: pushed.keep], shifts[: pushed.keep]
    chosen = [labels for labels, _ in (*pushed.amplitudes, *pushed.swings, *pushed.shifts)]
    pushed.others = [labels for labels, _ in others if labels not in chosen][: pushed.keep]


async def _narrow(pushed: Pushed) -> None:
    """Choose in turns the greatest by each ranking, then the others, and write their query."""
    turns: list[dict[str, str]] = []
    for place in range(pushed.keep):
        for ranking in (pushed.amplitudes, pushed.swings, pushed.shifts):
            turns += [labels for labels, _ in ranking[place : place + 1]]
    kept: list[dict[str, str]] = []
    for labels in (*turns, *pushed.others):
        if labels not in kept:
            kept.append(labels)
    if not kept:
        raise LimitError(
            f"The source ranked none of the series: all {pushed.thin:,} of them have samples in "
            "fewer than half of the steps.",
            "Ask for a window in which they are there, or a narrower selector.",
            source=pushed.source,
        )
    while True:
        written = await _core.push_down(pushed.known(kept))
        pushed.narrowed = written["narrowed"] or pushed.query
        if len(pushed.narrowed.encode()) <= MOST_CHARACTERS or len(kept) == 1:
            break
        kept = kept[: max(int(len(kept) * _PART), 1)]
    pushed.kept = kept
    pushed.amplitudes = [one for one in pushed.amplitudes if one[0] in kept]
    pushed.swings = [one for one in pushed.swings if one[0] in kept]
    pushed.shifts = [one for one in pushed.shifts if one[0] in kept]
    pushed.others = [labels for labels in pushed.others if labels in kept]


async def _fetch_kept(request: RangeQuery, size: Size, pushed: Pushed) -> Matrix:
    """The samples of the kept series; in parts, when more points are asked than come at once."""
    samples = len(pushed.kept) * request.points
    if samples > MOST_SAMPLES:
        step_ms = -(-request.window.length_ms * len(pushed.kept) // MOST_SAMPLES)
        step_ms = -(-step_ms // request.step_ms) * request.step_ms
        raise LimitError(
            f"Of {len(pushed.kept)} series alone, this window has {samples:,} samples; at most "
            f"{MOST_SAMPLES:,} are fetched.",
            f'Use step="{duration_text(step_ms)}" or longer, a shorter window, or a smaller keep.',
            source=request.source,
            query=request.query,
        )
    whole = None
    for window in parts(request.window, request.step_ms, size.limits.points):
        handle = await request.handle(pushed.narrowed, window)
        if whole is None:
            whole = handle
            continue
        joined = whole.followed_by(handle)
        whole.free()
        handle.free()
        whole = joined
    pushed.asked.append(Asked("the samples", pushed.narrowed))
    return request.matrix(whole, pushed)


def parts(window: Window, step_ms: int, most_points: int) -> list[Window]:
    """The window as windows of at most so many points, which share none."""
    reach_ms = (most_points - 1) * step_ms
    starts = range(window.start_ms, window.end_ms + 1, reach_ms + step_ms)
    return [Window(start, min(start + reach_ms, window.end_ms)) for start in starts]
