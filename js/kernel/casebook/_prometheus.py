"""A source of metrics, by its name in the proxy's configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook import _core
from casebook._errors import BadRequestError
from casebook._limits import points_of
from casebook._matrix import Matrix
from casebook._notebook import notebook
from casebook._push_down import ask
from casebook._time import duration_ms, duration_text
from casebook._window import Window

if TYPE_CHECKING:
    from casebook._push_down import Mode
    from casebook._pushed import Pushed
    from casebook._window import Duration, Instant


@dataclass(frozen=True)
class RangeQuery:
    """A range query of one source, ready to be sent."""

    prometheus: Prometheus
    query: str
    window: Window
    step_ms: int
    timeout_ms: int | None = None
    limit: int | None = None
    unit: str = ""

    @property
    def source(self) -> str:
        """The source's name."""
        return self.prometheus.name

    @property
    def points(self) -> int:
        """Points of each series."""
        return points_of(self.window, self.step_ms)

    @property
    def timeout(self) -> str | None:
        """The time limit as Prometheus takes it."""
        if self.timeout_ms is None:
            return None
        return duration_text(max(1000, math.floor(self.timeout_ms)))

    async def fetch(self) -> Matrix:
        """All samples of all series."""
        return self.matrix(await self.handle(self.query, self.window))

    async def handle(self, query: str, window: Window) -> Any:
        """The core's handle of the answer to a query of the same step and source."""
        request: dict[str, Any] = {
            "base": _core.base_url(),
            "source": self.source,
            "query": query,
            "start_ms": window.start_ms,
            "end_ms": window.end_ms,
            "step_ms": self.step_ms,
        }
        if self.timeout is not None:
            request["timeout"] = self.timeout
        if self.limit is not None:
            request["limit"] = self.limit
        if notebook.case:
            request["case"] = notebook.case
        return await _core.query_range(request, None)

    def matrix(self, handle: Any, pushed: Pushed | None = None) -> Matrix:
        """The answer that a handle holds."""
        return Matrix(
            handle, source=self.prometheus, window=self.window, unit=self.unit, pushed=pushed
        )


def prometheus(name: str = "main") -> Prometheus:
    """The Prometheus that the proxy knows by this name."""
    return Prometheus(name)


class Prometheus:
    """Asks one Prometheus through the proxy; it holds a name, never an address or a secret."""

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise BadRequestError(
                f"{name!r} is not the name of a source.", 'Use a name such as "main".'
            )
        self.name = name

    async def query_range(
        self,
        query: str,
        *,
        last: Duration | None = None,
        start: Instant | None = None,
        end: Instant | None = None,
        step: Duration = "10s",
        timeout: Duration | None = None,
        limit: int | None = None,
        unit: str = "",
        push_down: Mode = "auto",
        keep: int = 20,
    ) -> Matrix:
        """Ask for samples of all series of ``query``, one each ``step``.

        ``last="5m"`` counts back from the end of the notebook's window, ``start`` and ``end`` are
        explicit; with neither, the whole window is asked. Both ends are moved back to a multiple of
        the step. ``unit`` is that of the values (``"s"``, ``"bytes"``), for charts and tables.
        Cancelling closes the connection to the source.

        A query whose answer would be too big is ranked by the source: what comes back are the
        ``keep`` series with the greatest amplitude, the ``keep`` that swing most against their own
        habit of the hour before, the ``keep`` that are furthest from their level of then, and at
        most ``keep`` others to compare with; its notes say so. ``push_down="always"`` does that
        with any query, ``"never"`` with none. ``limit`` is the most series that come back,
        whichever these are; with it, nothing is pushed down unless you say so.
        """
        step_ms = duration_ms(step, "step")
        request = RangeQuery(
            self,
            query,
            _chosen(last, start, end).aligned(step_ms),
            step_ms,
            timeout_ms=None if timeout is None else duration_ms(timeout, "timeout"),
            limit=limit,
            unit=unit,
        )
        return await ask(request, push_down, keep)

    async def fetch(
        self,
        query: str,
        window: Window,
        step_ms: int,
        *,
        timeout_ms: int | None = None,
        limit: int | None = None,
        unit: str = "",
    ) -> Matrix:
        """As ``query_range``, with window and step in milliseconds, and never pushed down."""
        request = RangeQuery(self, query, window, step_ms, timeout_ms, limit, unit)
        return await request.fetch()

    def __repr__(self) -> str:
        return f"Prometheus({self.name!r})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": f'source "{self.name}": ask it with await ….query_range("up")'}

    def to_dict(self) -> dict[str, Any]:
        """The source's name."""
        return {"source": self.name}


def _chosen(last: Duration | None, start: Instant | None, end: Instant | None) -> Window:
    if start is not None and end is not None and last is None:
        return Window.of(start, end)
    if start is None and end is None:
        window = notebook.require_window()
        return window if last is None else window.last(last)
    if end is not None and last is not None and start is None:
        return Window.of(0, end).last(last)
    raise BadRequestError(
        "The minutes are not clear: give start= and end=, or last=, or neither.",
        'Write last="5m", say.',
    )
