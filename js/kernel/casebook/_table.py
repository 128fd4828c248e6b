"""Small results as tables: for our renderer, as HTML, and as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

from casebook._spark import Spark

MIME = "application/vnd.casebook.table.v1+json"
MAX_ROWS = 50

Cell = str | float | int | Spark | None
Tone = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Column:
    """One column: its key in the rows, its heading, the unit of its numbers."""

    key: str
    label: str
    unit: str = ""
    align: Literal["left", "right"] = "right"


@dataclass(frozen=True)
class Line:
    """A sentence above a table, and how it is meant."""

    text: str
    kind: Literal["plain", "interesting", "unremarkable", "warning"] = "plain"

    def __str__(self) -> str:
        return f"{_SIGNS[self.kind]}{self.text}"


_SIGNS = {"plain": "", "interesting": "● ", "unremarkable": "○ ", "warning": "▲ Warning: "}


@dataclass(frozen=True)
class Table:
    """Rows under a caption; a headline and a tone when the table is an answer."""

    caption: str
    columns: list[Column]
    rows: list[dict[str, Cell]]
    notes: list[str] = field(default_factory=list)
    headline: str = ""
    tone: Tone | None = None
    lines: list[Line] = field(default_factory=list)
    """Sentences below the headline and above the rows."""
    also: list[Table] = field(default_factory=list)
    """Tables that follow this one, in the same output."""

    def data(self) -> dict[str, Any]:
        """The table for our renderer, at most ``MAX_ROWS`` rows of it."""
        data: dict[str, Any] = {
            "caption": self.caption,
            "columns": [_column(column) for column in self.columns],
            "rows": [
                {column.key: _data(row.get(column.key)) for column in self.columns}
                for row in self.rows[:MAX_ROWS]
            ],
            "notes": self._notes(),
        }
        if self.lines:
            data["lines"] = [{"text": line.text, "kind": line.kind} for line in self.lines]
        if self.also:
            data["also"] = [table.data() for table in self.also]
        if self.tone:
            data["tone"] = self.tone
        if self.headline:
            data["headline"] = self.headline
        return data

    def bundle(self) -> dict[str, Any]:
        """What Jupyter displays: our table, HTML and text, whichever the reader knows."""
        return {MIME: self.data(), "text/html": self.html(), "text/plain": self.text()}

    def text(self) -> str:
        """The table in fixed-width text."""
        heads = [_heading(column) for column in self.columns]
        cells = [[_text(row.get(c.key)) for c in self.columns] for row in self.rows[:MAX_ROWS]]
        widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
        lines = [self.headline] if self.headline else []
        lines += [*map(str, self.lines), self.caption]
        if cells:
            lines += [self._line(row, widths) for row in [heads, *cells]]
        lines += self._notes()
        return "\n".join([*lines, *(table.text() for table in self.also)])

    def html(self) -> str:
        """A plain ``<table>``, all text escaped."""
        head = "".join(_cell(column, _heading(column), "th") for column in self.columns)
        body = "".join(
            f"<tr>{''.join(_cell(column, row.get(column.key)) for column in self.columns)}</tr>"
            for row in self.rows[:MAX_ROWS]
        )
        first = f"<p><strong>{escape(self.headline)}</strong></p>" if self.headline else ""
        lines = "<br>".join(escape(str(line)) for line in self.lines)
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes())
        also = "".join(table.html() for table in self.also)
        return (
            f"{first}{f'<p>{lines}</p>' if lines else ''}"
            f"<table><caption>{escape(self.caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}{also}"
        )

    def _notes(self) -> list[str]:
        hidden = len(self.rows) - MAX_ROWS
        more = [f"{hidden} more rows are in .to_dict()."] if hidden > 0 else []
        return [*self.notes, *more]

    def _line(self, cells: list[str], widths: list[int]) -> str:
        parts = [
            cell.ljust(width) if column.align == "left" else cell.rjust(width)
            for cell, width, column in zip(cells, widths, self.columns, strict=True)
        ]
        return "  ".join(parts).rstrip()


def number(value: float | None, digits: int = 4) -> str:
    """A number as people read it: few significant digits, no exponent where none is needed."""
    if value is None:
        return ""
    if isinstance(value, int) or (abs(value) < 1e15 and value == int(value)):  # noqa: PLR2004
        return str(int(value))
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < 1e15 else text  # noqa: PLR2004


def _column(column: Column) -> dict[str, str]:
    data = {"key": column.key, "label": column.label, "align": column.align}
    return {**data, "unit": column.unit} if column.unit else data


def _heading(column: Column) -> str:
    return f"{column.label} ({column.unit})" if column.unit else column.label


def _cell(column: Column, value: Cell, tag: str = "td") -> str:
    # A picture is taken out of notebooks that nobody trusts, by JupyterLab and by GitHub.
    title = f' title="{escape(value.alt)}"' if isinstance(value, Spark) else ""
    return f'<{tag} style="text-align:{column.align}"{title}>{escape(_text(value))}</{tag}>'


def _data(value: Cell) -> Any:
    return value.data() if isinstance(value, Spark) else value


def _text(value: Cell) -> str:
    if isinstance(value, Spark):
        return value.blocks()
    if isinstance(value, str):
        return value
    return "–" if value is None else number(value)
