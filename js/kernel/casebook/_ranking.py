"""The series of an answer by their amplitude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args, overload

from casebook._series import Series, short_names
from casebook._table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casebook._spark import Sparks

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
    "median_zero": "median 0",
    "no_habit": "no windows before",
    "stood_still": "stood still before",
}

AmplitudeKind = Literal["peak_to_peak", "p95_p5", "mad", "relative", "swing_ratio"]

KINDS: tuple[str, ...] = get_args(AmplitudeKind)

_HEADINGS = {
    "peak_to_peak": "amplitude (peak-to-peak)",
    "p95_p5": "amplitude (P95 - P5)",
    "mad": "amplitude (1.4826 MAD)",
    "relative": "relative amplitude (peak-to-peak / |median|)",
    "swing_ratio": "swing ratio (peak-to-peak / own before)",
}
_UNIT_FREE = ("relative", "swing_ratio")


class Ranking:
    """The amplitude of each series, greatest first; ``kind`` says what an amplitude is here.

    Where it has a unit, each metric is ranked by itself: bytes do not compare with seconds. Series
    with samples in fewer than half of the steps, series of which this kind of amplitude does not
    exist, and series without any number stand apart below: their amplitude is not 0, it is not
    known.
    """

    def __init__(
        self, data: dict[str, Any], caption: str, unit: str = "", sparks: Sparks | None = None
    ) -> None:
        self._data = data
        self._caption = caption
        self._unit = unit
        self._sparks = sparks

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

    @property
    def kind(self) -> str:
        """What an amplitude is here: ``"peak_to_peak"``, ``"p95_p5"``, ``"mad"`` and so on."""
        return str(self._data.get("kind", "peak_to_peak"))

    @property
    def families(self) -> dict[str, list[Series]]:
        """The series that compare with each other, by the name of their metric.

        The name is empty where the query dropped it, and where all metrics are ranked together.
        """
        series = iter(self)
        return {
            family["metric"] or "": [next(series) for _ in range(family["series"])]
            for family in self._families()
        }

    def table(self) -> Table:
        """The ranking as a table."""
        items = shown(self._data)
        names = short_names([item["labels"] for item in items])
        families = self._families()
        ranks: list[int | None] = []
        for family in families:
            ranks += range(1, family["series"] + 1)
        ranks += [None] * (len(items) - len(ranks))
        rows: list[dict[str, Any]] = [
            {
                "rank": rank,
                "metric": item["labels"].get("__name__", ""),
                "series": name,
                "line": self._sparks.of.get(item["row"]) if self._sparks else None,
                "amplitude": item["value"],
                "before": item.get("baseline_amplitude"),
                "min": item["min"],
                "max": item["max"],
                "coverage": round(100 * item["coverage"], 1),
                "left_out": _left_out(item),
                "flags": ", ".join(_FLAGS.get(flag, flag) for flag in item["flags"]),
            }
            for rank, name, item in zip(ranks, names, items, strict=True)
        ]
        unit = "×" if self.kind in _UNIT_FREE else self._unit
        columns = [
            Column("rank", "#"),
            Column("metric", "metric", align="left"),
            Column("series", "series", align="left"),
            Column("line", self._sparks.label if self._sparks else "", align="left"),
            Column("amplitude", _HEADINGS.get(self.kind, "amplitude"), unit),
            Column("before", "own before", self._unit),
            Column("min", "min", self._unit),
            Column("max", "max", self._unit),
            Column("coverage", "coverage", "%"),
            Column("left_out", "left out", align="left"),
            Column("flags", "note", align="left"),
        ]
        optional = ("line", "before", "left_out", "flags")
        hidden = {key for key in optional if not any(row[key] for row in rows)}
        if len(families) < 2:  # noqa: PLR2004 - one metric is in the caption already
            hidden.add("metric")
        columns = [column for column in columns if column.key not in hidden]
        notes = list(self._data["notes"])
        if "line" not in hidden and self._sparks:
            notes.append(self._sparks.note)
        return Table(self._caption, columns, rows, notes)

    def _families(self) -> list[dict[str, Any]]:
        whole = [{"metric": None, "series": len(self)}]
        families: list[dict[str, Any]] = self._data.get("families", whole)
        return families

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """All that the core found: kind, ranked, families, notes, and the series set apart."""
        return self._data


def shown(data: dict[str, Any]) -> list[dict[str, Any]]:
    """All series of a ranking in the order of its table: the ranked ones, then those set apart."""
    apart = ("low_coverage", "undefined", "empty")
    return [*data["ranked"], *(item for key in apart for item in data.get(key, []))]


def _series(item: dict[str, Any]) -> Series:
    return Series(item["row"], item["name"], item["labels"])


def _left_out(item: dict[str, Any]) -> str:
    kinds = (("gaps", "gaps"), ("nan", "NaN"), ("inf", "Inf"))
    return ", ".join(f"{item[key]} {word}" for key, word in kinds if item.get(key))
