"""How far a cell is that asks many questions."""

from __future__ import annotations

from html import escape
from typing import Any

from casebook._table import MIME, Table

_WIDTH = 20


class Progress:
    """One line below the cell, kept up to date: a bar, how many of how many, and what was found."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._note = ""
        self._handle: Any = None

    def show(self) -> None:
        """Show it below the cell, where there is a notebook."""
        try:
            from IPython.display import display  # noqa: PLC0415 - only in a notebook
        except ImportError:
            return
        self._handle = display(self, display_id=True)

    def update(self, done: int, note: str = "") -> None:
        """So many are done."""
        self._done, self._note = done, note
        if self._handle is not None:
            self._handle.update(self)

    def __repr__(self) -> str:
        full = _WIDTH * self._done // max(self._total, 1)
        bar = "█" * full + "░" * (_WIDTH - full)
        note = f", {self._note}" if self._note else ""
        return f"{bar} {self._what}: {self._done} of {self._total}{note}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        line = repr(self)
        data = Table("", [], [], headline=line).data()
        return {MIME: data, "text/html": f"<p>{escape(line)}</p>", "text/plain": line}

    def to_dict(self) -> dict[str, Any]:
        """What is asked, how many are done, of how many."""
        return {"what": self._what, "done": self._done, "total": self._total}
