"""Stop: what JupyterLab's ■ does to the cell that runs.

JupyterLite's own interrupt reaches only the cells that wait for their turn, because its messages
wait behind the running cell like any other. So the page says it once more on a channel of its own,
which the kernel's worker hears whenever the cell awaits something. A cell that computes without
awaiting hears nothing until it is done.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from casebook._errors import CasebookError

if TYPE_CHECKING:
    from types import TracebackType

CHANNEL = "casebook:stop"


class StoppedError(CasebookError):
    """Somebody stopped the cell while it ran."""


class Stopper:
    """Cancels the task of the cell that runs; what it awaited is given up with it."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._task: asyncio.Task[Any] | None = None
        self._began_ms = 0.0
        self._sessions: set[str] = set()
        self._explains = False

    def begin(self, *_: Any) -> None:
        """A cell begins; IPython says so from within its task."""
        # The cell before may have caught its cancellation; one of this cell would not be a Stop.
        self._explain(False)
        try:
            self._task = asyncio.current_task()
        except RuntimeError:
            self._task = None
        self._began_ms = time.time() * 1000
        parent = getattr(self._shell.kernel, "_parent_header", None) or {}
        session = parent.get("header", {}).get("session")
        if session:
            self._sessions.add(session)

    def hear(self, session: str, sent_ms: float) -> bool:
        """Stop the cell that ran at ``sent_ms``, if ``session`` is a page that uses this kernel.

        Whether there was one that could be stopped. What was said while a cell computed is heard
        after it, and must not hit the next one.
        """
        task = self._task
        if session not in self._sessions or sent_ms < self._began_ms or task is None or task.done():
            return False
        # A task that is suspended otherwise would keep the cancellation for later, and then even
        # a cell that came to its end would count as cancelled.
        if getattr(task, "_fut_waiter", None) is None:
            return False
        self._explain(True)
        return task.cancel()

    def _explain(self, on: bool) -> None:
        """Say of a cancellation that it was a Stop, or let IPython show it; other handlers stay."""
        if on:
            self._shell.set_custom_exc((asyncio.CancelledError,), self._say)
        elif self._explains:
            self._shell.set_custom_exc((), None)
        self._explains = on

    def _say(
        self,
        shell: Any,
        _kind: type[BaseException],
        value: BaseException,
        traceback: TracebackType | None,
        tb_offset: int | None = None,
    ) -> list[str]:
        self._explain(False)
        said = str(value)
        error = StoppedError(
            f"You stopped this cell. {said}" if said else "You stopped this cell before its end.",
            "Run it again when you want its answer.",
        ).with_traceback(traceback)
        shell.showtraceback((StoppedError, error, traceback))
        return []


def register(shell: Any) -> None:
    """Listen for the page's Stop, where there is a page."""
    try:
        import js  # noqa: PLC0415 - only in the browser
        from pyodide.ffi import create_proxy  # noqa: PLC0415
    except ImportError:
        return
    stopper = Stopper(shell)
    shell.events.register("pre_run_cell", stopper.begin)
    channel = js.BroadcastChannel.new(CHANNEL)

    def on_message(event: Any) -> None:
        stopper.hear(str(event.data.session), float(event.data.at))

    channel.onmessage = create_proxy(on_message)
