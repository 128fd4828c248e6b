"""When it began: the onsets of the series, in their order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, overload

from casebook._series import Series, short_names
from casebook._table import Column, Table, Tone
from casebook._time import instant_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casebook._matrix import Matrix


class Onsets:
    """When each series changed, earliest first: an interval between two samples, not an instant.

    A change is one of the level, or of the swing around it, that is more than the noise of the
    series. Those that a step cannot tell apart share a place. The earliest is the best cheap hint
    at a cause, and no more than a hint.
    """

    def __init__(self, data: dict[str, Any], caption: str = "Onsets", unit: str = "") -> None:
        self._data = data
        self._caption = caption
        self._unit = unit

    @property
    def sentence(self) -> str:
        """Who changed first, and when."""
        return str(self._data["sentence"])

    def __len__(self) -> int:
        return len(self._data["order"])

    def __iter__(self) -> Iterator[Series]:
        return iter([_series(item) for item in self._data["order"]])

    @overload
    def __getitem__(self, index: int) -> Series: ...

    @overload
    def __getitem__(self, index: slice) -> list[Series]: ...

    def __getitem__(self, index: int | slice) -> Series | list[Series]:
        return list(self)[index]

    def table(self) -> Table:
        """The onsets as a table."""
        items = self._data["order"]
        names = short_names([item["labels"] for item in items])
        rows: list[dict[str, Any]] = [
            {
                "place": item["place"],
                "series": name,
                "change": _change(item["onset"]),
                "after": instant_text(item["after_ms"]),
                "by": instant_text(item["by_ms"]),
                "from": item["onset"]["before"],
                "to": item["onset"]["after"],
                "ended": instant_text(item["ended_ms"][1]) if item["ended_ms"] else "",
                "note": "before the window" if item["before_window"] else "",
            }
            for name, item in zip(names, items, strict=True)
        ]
        columns = [
            Column("place", "#"),
            Column("series", "series", align="left"),
            Column("change", "change", align="left"),
            Column("after", "after (UTC)", align="left"),
            Column("by", "by (UTC)", align="left"),
            Column("from", "from", self._unit),
            Column("to", "to", self._unit),
            Column("ended", "over by (UTC)", align="left"),
            Column("note", "note", align="left"),
        ]
        empty = {key for key in ("ended", "note") if not any(row[key] for row in rows)}
        columns = [column for column in columns if column.key not in empty]
        notes = [f"{len(self._data['without'])} series have no onset."]
        scrape = self._data["scrape_steps"]
        if scrape > 1:
            notes.append(
                f"About {scrape:.3g} steps show the same sample: the scrape interval is longer "
                "than the step, and so are the intervals above."
            )
        return Table(self._caption, columns, rows, notes, self.sentence, self._tone())

    def _tone(self) -> Tone | None:
        return None

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """All that the core found: order, without, scrape_steps, sentence."""
        return self._data


class Since(Onsets):
    """When the suspects of a verdict changed, and who changed before them."""

    def __init__(
        self, data: dict[str, Any], suspects: list[int], caption: str = "Onsets", unit: str = ""
    ) -> None:
        super().__init__(data, caption, unit)
        self._suspects = suspects

    @property
    def onset(self) -> dict[str, Any] | None:
        """The suspect's onset: ``after_ms``, ``by_ms``, ``place`` and so on; None without one."""
        found = self._found()
        return found[0] if found else None

    @property
    def sentence(self) -> str:
        """When the suspects changed, and who was first."""
        if not self._suspects:
            return super().sentence
        found = self._found()
        if not found:
            who = "The suspect shows" if len(self._suspects) == 1 else "The suspects show"
            return (
                f"{who} no onset, neither in the window nor in the time before that was looked at: "
                f"{'it was' if len(self._suspects) == 1 else 'they were'} like this all along, or "
                f"the change is within the noise. {super().sentence}"
            )
        said = " ".join(item["sentence"] for item in found)
        earlier = sum(item["place"] < found[0]["place"] for item in self._data["order"])
        beside = sum(item["place"] == found[0]["place"] for item in self._data["order"]) - 1
        if earlier:
            return f"{said} {_count(earlier)} changed before."
        if beside:
            return f"{said} {_count(beside)} changed within the same step."
        return f"{said} None changed before."

    def _found(self) -> list[dict[str, Any]]:
        return [item for item in self._data["order"] if item["row"] in self._suspects]

    def _tone(self) -> Tone | None:
        return "bad" if self.onset else None


def onsets(matrix: Matrix) -> Onsets:
    """When each series of an answer changed inside of its window."""
    return Onsets(matrix._ask("onsets"), f"Onsets of {matrix._asked()}", matrix.unit)


def since(matrix: Matrix, suspects: list[int]) -> Since:
    """When the suspects (rows) changed, the time before included that ``suspects()`` asked for."""
    if matrix._baseline is None:
        data = matrix._ask("onsets")
    else:
        rows = json.dumps(suspects)
        data = matrix._ask("onsets_since", matrix._baseline._held(), rows)
    return Since(data, suspects, f"Onsets of {matrix._asked()}", matrix.unit)


def _series(item: dict[str, Any]) -> Series:
    return Series(item["row"], item["name"], item["labels"])


def _change(onset: dict[str, Any]) -> str:
    up = onset["size"] > 0
    if onset["changed"] == "level":
        return "rose" if up else "fell"
    return "swings wider" if up else "swings less"


def _count(series: int) -> str:
    return "1 other series" if series == 1 else f"{series} other series"
