"""A chart: its numbers for our renderer, an SVG for every other viewer, and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casebook._timeseries import MIME

if TYPE_CHECKING:
    from casebook._table import Table


class Chart:
    """An SVG document with its title, its text alternative, its numbers and its table.

    ``note`` says what is marked on it, such as since when the suspect is odd.
    """

    def __init__(
        self,
        svg: str,
        title: str,
        alt: str,
        table: Table,
        plot: dict[str, Any] | None = None,
        *,
        note: str = "",
    ) -> None:
        self.svg = svg
        self.title = title
        self.alt = alt
        self.note = note
        self._table = table
        self._plot = plot or {}

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        data = {
            "title": self.title,
            "alt": self.alt,
            **self._plot,
            "table": self._table.data(),
        }
        if self.note:
            data["note"] = self.note
        return {MIME: data, "image/svg+xml": self.svg, "text/plain": repr(self)}

    def __repr__(self) -> str:
        note = f"\n{self.note}" if self.note else ""
        return f"{self.alt}{note}\n{self._table.text()}"

    def to_dict(self) -> dict[str, Any]:
        """Title, text alternative, SVG and table."""
        return {
            "title": self.title,
            "alt": self.alt,
            "svg": self.svg,
            "table": self._table.data(),
        }
