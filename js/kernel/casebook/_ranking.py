"""The series of an answer by their amplitude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from casebook._series import Series, short_names
from casebook._table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLAGS = {
    "empty": "no number at all",
    "single": "a single sample",
    "flat": "flat",
    "infinite": "Inf left out",
    "low_coverage": "few samples",
    "appeared": "appeared",
    "disappeared": "disappeared",
    "counter": "counter: increase per step",
    "only_rises": "only rises: a counter?",
}


class Ranking:
    """Amplitude (peak-to-peak: max - min) of each series, greatest first.

    Series with samples in fewer than half of the steps, and series without any number, stand
    apart below: their amplitude is not 0, it is not known.
    """

    def __init__(self, data: dict[str, Any], caption: str, unit: str = "") -> None:
        self._data = data
        self._caption = caption
        self._unit = unit

    def __len__(self) -> int:
        return len(self._data["ranked"])

    def __iter__(self) -> Iterator[Series]:
        return iter([_series(item) for item in self._data["ranked"]])

    @overload
    def __getitem__(self, index: int) -> Series: ...

    @overload
    def __getitem__(self, index: slice) -> list[Series]: ...

    def __getitem__(self, index: int | slice) -> Series | list[Series]:
        return list(self)[index]

    def table(self) -> Table:
        """The ranking as a table."""
        items = [*self._data["ranked"], *self._data["low_coverage"], *self._data["empty"]]
        names = short_names([item["labels"] for item in items])
        ranks = list(range(1, len(self) + 1)) + [None] * (len(items) - len(self))
        rows = [
            {
                "rank": rank,
                "series": name,
                "amplitude": item["value"],
                "min": item["min"],
                "max": item["max"],
                "coverage": round(100 * item["coverage"], 1),
                "flags": ", ".join(_FLAGS.get(flag, flag) for flag in item["flags"]),
            }
            for rank, name, item in zip(ranks, names, items, strict=True)
        ]
        columns = [
            Column("rank", "#"),
            Column("series", "series", align="left"),
            Column("amplitude", "amplitude (peak-to-peak)", self._unit),
            Column("min", "min", self._unit),
            Column("max", "max", self._unit),
            Column("coverage", "coverage", "%"),
        ]
        if any(row["flags"] for row in rows):
            columns.append(Column("flags", "note", align="left"))
        return Table(self._caption, columns, rows, list(self._data["notes"]))

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """All that the core found: ranked, low_coverage, empty, notes."""
        return self._data


def _series(item: dict[str, Any]) -> Series:
    return Series(item["row"], item["name"], item["labels"])
