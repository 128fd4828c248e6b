"""Which label value separates the suspects from the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from casebook._errors import BadRequestError
from casebook._table import Column, Table, Tone

if TYPE_CHECKING:
    from casebook._matrix import Matrix

_SHOWN = 12
"""Values in the table: those that separate, and the nearest others."""


class Contrast:
    """The suspects against the other series, label by label.

    For each value: how many suspects and how many series have it, and the chance that as many
    suspects would have it, were they drawn blindly. As many labels are asked, a value counts when
    its false discovery rate is at most 5 %.
    """

    def __init__(self, data: dict[str, Any], caption: str = "Contrast", hint: str = "") -> None:
        self._data = data
        self._caption = caption
        self._hint = hint

    @property
    def sentence(self) -> str:
        """What separates the suspects, if anything does."""
        return str(self._data["sentence"])

    @property
    def separates(self) -> list[dict[str, str]]:
        """The values that do, as ``{label: value}``, the least by chance first."""
        return [{v["label"]: v["value"]} for v in self._data["values"] if v["separates"]]

    def __bool__(self) -> bool:
        return bool(self.separates)

    def table(self) -> Table:
        """The values by their chance, and the labels that separate nothing as notes."""
        few, all_ = len(self._data["suspects"]), self._data["series"]
        values = self._data["values"]
        shown = max(_SHOWN, sum(value["separates"] for value in values))
        rows: list[dict[str, Any]] = [
            {
                "value": f'{value["label"]}="{value["value"]}"',
                "same": ", ".join(value["same"]),
                "suspects": f"{value['suspects']} of {few}",
                "series": f"{value['series']} of {all_}",
                "p": value["p"],
                "q": value["q"],
                "finding": "separates" if value["separates"] else "",
            }
            for value in values[:shown]
        ]
        columns = [
            Column("value", "label value", align="left"),
            Column("same", "same series", align="left"),
            Column("suspects", "suspects"),
            Column("series", "series"),
            Column("p", "p"),
            Column("q", "false discovery rate"),
            Column("finding", "finding", align="left"),
        ]
        if not any(row["same"] for row in rows):
            columns = [column for column in columns if column.key != "same"]
        hint = [self._hint] if self._hint else []
        tone: Tone | None = "bad" if self else None
        notes = [*self._data["others"], *hint]
        return Table(self._caption, columns, rows, notes, self.sentence, tone)

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """All that the core found: suspects, series, values, others, sentence."""
        return self._data


def contrast(matrix: Matrix, ranking: list[dict[str, Any]], top: int | None = None) -> Contrast:
    """The first ``top`` series of a verdict's ranking, or all odd ones, against the others."""
    if top is not None and (not isinstance(top, int) or not 0 < top < len(ranking)):
        raise BadRequestError(
            f"top={top!r} leaves nothing to compare.",
            f"Use a number from 1 to {max(len(ranking) - 1, 1)}: how many of the most odd series.",
        )
    odd = [item for item in ranking if item.get("odd")]
    rows = [item["row"] for item in (odd if top is None else ranking[:top])]
    data = matrix._ask("contrast", json.dumps(rows))
    caption = f"Suspects of {matrix._asked()} against the other series"
    hint = ""
    if len(rows) < 2:  # noqa: PLR2004 - one point has no pattern
        hint = (
            "It takes two suspects to have something in common: contrast(top=5) takes the first 5."
        )
    return Contrast(data, caption, hint)
