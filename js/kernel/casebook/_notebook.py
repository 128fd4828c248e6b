"""What one notebook has said once, for all its cells: the window and the case."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casebook._errors import BadRequestError
from casebook._window import Window

if TYPE_CHECKING:
    from casebook._window import Duration, Instant

_CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:-]{0,127}")


@dataclass
class Notebook:
    """The settings of the notebook that this kernel runs."""

    window: Window | None = None
    case: str | None = None
    changed_ms: int | None = None
    """When a host was last changed from here, in milliseconds since the Unix epoch."""

    def require_window(self) -> Window:
        """The window, or an error that carries the line to be written."""
        if self.window is None:
            raise BadRequestError(
                "This notebook has no window yet, so nobody can tell which minutes `last` means.",
                f"Run {_until_now(300_000).code()} first, or give start= and end=.",
            )
        return self.window


notebook = Notebook()


def window(
    start: Instant | None = None, end: Instant | None = None, *, last: Duration | None = None
) -> Window:
    """Set, or with no argument get, the minutes that this notebook is about.

    Both ends as text, so that running the notebook again means the same minutes; every ``last=``
    counts back from the end::

        cb.window("2026-11-22T07:00Z", "2026-11-22T07:05Z")

    ``last="5m"`` alone means up to now, and shows the line to keep instead.
    """
    if start is None and end is None and last is None:
        return notebook.require_window()
    if start is not None and end is not None and last is None:
        chosen = Window.of(start, end)
    elif start is None and last is not None:
        until = _until_now(1) if end is None else Window.of(0, end)
        chosen = until.last(last)
        if end is None:
            print(f"Keep these minutes for the next run: {chosen.code()}")
    else:
        raise BadRequestError(
            "A window takes start and end, or last.", f"Write {_until_now(300_000).code()}, say."
        )
    notebook.window = chosen
    return chosen


def case(name: str) -> str:
    """Name the case (incident) under which the proxy records what this notebook asks."""
    if not isinstance(name, str) or not _CASE.fullmatch(name):
        raise BadRequestError(
            f"{name!r} cannot name a case.",
            "Use up to 128 letters, digits, spaces and . _ : -, beginning with a letter or digit.",
        )
    notebook.case = name
    return name


def _until_now(length_ms: int) -> Window:
    now_ms = int(time.time()) * 1000
    return Window(now_ms - length_ms, now_ms)
