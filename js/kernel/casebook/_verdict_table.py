"""The series and groups of a verdict, in columns that a narrow screen has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casebook._series import short_names
from casebook._table import Column, Table, number

if TYPE_CHECKING:
    from casebook._spark import Sparks

_CAPTIONS = {
    "own_baseline": "Suspects: swing and level of each series against its own habit",
    "peers": "Suspects: amplitude against the other series",
}


def series_table(data: dict[str, Any], unit: str, sparks: Sparks | None) -> Table:
    """The series, the most odd first; what was usual stands beside what is now."""
    items = data["ranking"]
    names = short_names([item["labels"] for item in items])
    own = data["method"] == "own_baseline"
    rows: list[dict[str, Any]] = [
        {
            "rank": rank,
            "series": name,
            "line": sparks.of.get(item["row"]) if sparks else None,
            "amplitude": _beside(item["amplitude"], item["baseline_amplitude"], own=own),
            "ratio": _ratio(item),
            "level": _beside(item["level"], item["baseline_level"], own=own),
            "finding": _finding(item),
        }
        for rank, (name, item) in enumerate(zip(names, items, strict=True), 1)
    ]
    columns = [
        Column("rank", "#"),
        Column("series", "series", align="left"),
        Column("line", sparks.label if sparks else "", align="left"),
        Column("amplitude", "amplitude (habit)" if own else "amplitude", unit),
        Column("ratio", "swing ratio" if own else "to the median", "×"),
        Column("level", "level (habit)", unit),
        Column("finding", "finding", align="left"),
    ]
    hidden = set() if own else {"level"}
    if not any(row["line"] for row in rows):
        hidden.add("line")
    notes = [sparks.note] if sparks and "line" not in hidden else []
    shown = [column for column in columns if column.key not in hidden]
    return Table(_CAPTIONS[data["method"]], shown, rows, notes)


def groups_table(data: dict[str, Any], by: str | None, series: Table) -> Table:
    """What was accused or not, with the table of the series behind it."""
    items = data["ranking"]
    names = short_names([item["labels"] for item in items])
    oddest = {item["row"]: (name, item) for name, item in zip(names, items, strict=True)}
    label = by or "group"
    rows: list[dict[str, Any]] = []
    for rank, group in enumerate(data["groups"], 1):
        name, item = oddest[group["rows"][0]]
        rows.append(
            {
                "rank": rank,
                "name": group["name"],
                "score": None if group["score"] is None else round(group["score"], 2),
                "oddest": name,
                "finding": _finding(item) if group["odd"] else "",
                "series": len(group["rows"]),
            }
        )
    columns = [
        Column("rank", "#"),
        Column("name", label, align="left"),
        Column("score", "score"),
        Column("oddest", "its oddest series", align="left"),
        Column("finding", "finding", align="left"),
        Column("series", "series"),
    ]
    notes = ["Score: how far its two oddest series are from their habit, in usual variations."]
    return Table(f"Suspects: by {label}", columns, rows, notes, also=[series])


def _finding(item: dict[str, Any]) -> str:
    """What is odd about a series, in a word or two."""
    swing, shift = item["swing"], item["shift"]
    odd = [word for word, found in (("swing", swing), ("level", shift)) if found and found["odd"]]
    return f"odd: {' and '.join(odd)}" if odd else ""


def _ratio(item: dict[str, Any]) -> float | None:
    """How many times as far as usual it swings, as precise as anyone should read it."""
    swing, ratio = item["swing"], item["swing_ratio"]
    if ratio is None and swing:
        ratio = swing["ratio"]
    return None if ratio is None else round(ratio, 2)


def _beside(now: float | None, before: float | None, *, own: bool) -> str | float | None:
    """A number, and what it was before in parentheses: one column to read instead of two."""
    if now is None or not own:
        return now
    return f"{number(now, 3)} ({'–' if before is None else number(before, 3)})"
