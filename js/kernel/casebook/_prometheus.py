"""A source of metrics, by its name in the proxy's configuration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from casebook import _core
from casebook._errors import BadRequestError
from casebook._matrix import Matrix
from casebook._notebook import notebook
from casebook._time import duration_ms, duration_text
from casebook._window import Window

if TYPE_CHECKING:
    from casebook._window import Duration, Instant


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
    ) -> Matrix:
        """Ask for samples of all series of ``query``, one each ``step``.

        ``last="5m"`` counts back from the end of the notebook's window, ``start`` and ``end`` are
        explicit; with neither, the whole window is asked. ``unit`` is that of the values (``"s"``,
        ``"bytes"``), for charts and tables. Cancelling closes the connection to the source.
        """
        window = _chosen(last, start, end)
        return await self.fetch(
            query,
            window,
            duration_ms(step, "step"),
            timeout_ms=None if timeout is None else duration_ms(timeout, "timeout"),
            limit=limit,
            unit=unit,
        )

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
        """As ``query_range``, with window and step in milliseconds already."""
        request: dict[str, Any] = {
            "base": _core.base_url(),
            "source": self.name,
            "query": query,
            "start_ms": window.start_ms,
            "end_ms": window.end_ms,
            "step_ms": step_ms,
        }
        if timeout_ms is not None:
            request["timeout"] = duration_text(max(1000, math.floor(timeout_ms)))
        if limit is not None:
            request["limit"] = limit
        if notebook.case:
            request["case"] = notebook.case
        handle = await _core.query_range(request, None)
        return Matrix(handle, source=self, window=window, unit=unit)

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
