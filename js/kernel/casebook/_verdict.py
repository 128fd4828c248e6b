"""Who is odd, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from casebook._contrast import Contrast, contrast
from casebook._errors import CasebookError, NoSuspect
from casebook._series import Series, short_names
from casebook._since import Since, since
from casebook._table import Column, Table, Tone

if TYPE_CHECKING:
    from casebook._matrix import Matrix


class Verdict:
    """Clear (one series stands out), a tie, or none, with the reasons for it.

    ``top`` is the suspect, and raises ``NoSuspect`` unless the verdict is clear: a cell that goes
    on to touch a host must not do so on a guess.
    """

    def __init__(
        self,
        data: dict[str, Any],
        *,
        source: str = "",
        query: str = "",
        unit: str = "",
        matrix: Matrix | None = None,
    ) -> None:
        self._data = data
        self._matrix = matrix
        self._source = source
        self._query = query
        self._unit = unit

    @property
    def kind(self) -> Literal["clear", "tie", "none"]:
        """``"clear"``, ``"tie"`` or ``"none"``."""
        kind: Literal["clear", "tie", "none"] = self._data["kind"]
        return kind

    @property
    def reason(self) -> str:
        """The verdict in one or two sentences."""
        return str(self._data["reason"])

    @property
    def top(self) -> Series:
        """The suspect, when there is exactly one."""
        for item in self._data["ranking"]:
            if self.kind == "clear" and item["row"] == self._data["top"]:
                return Series(item["row"], item["name"], item["labels"])
        said = self.reason.startswith("No suspect")
        raise NoSuspect(
            self.reason if said else f"No suspect: {self.reason}",
            "Look at the chart and the ranking; a longer baseline, another window or another query "
            "may tell. To go on with a series of your choice, take it from verdict.ranking.",
            source=self._source,
            query=self._query,
        )

    @property
    def ranking(self) -> list[Series]:
        """All series, the most odd first."""
        return [Series(i["row"], i["name"], i["labels"]) for i in self._data["ranking"]]

    @property
    def groups(self) -> list[dict[str, Any]]:
        """What ``suspects(by=…)`` put together, the most odd first: name, score, odd, rows."""
        groups: list[dict[str, Any]] = self._data["groups"]
        return groups

    @property
    def since(self) -> Since:
        """When the suspects changed, the time before included, and in which order all did."""
        return since(self._answer(), self._accused())

    def contrast(self, top: int | None = None) -> Contrast:
        """Which label value separates the odd series from the others, or the first ``top`` of all.

        A zone, a version, a rack that the suspects share and few others have.
        """
        return contrast(self._answer(), self._data["ranking"], top)

    def table(self) -> Table:
        """The verdict as a table, with its checks and warnings as notes."""
        items = self._data["ranking"]
        names = short_names([item["labels"] for item in items])
        rows: list[dict[str, Any]] = [
            {
                "rank": rank,
                "series": name,
                "amplitude": item["amplitude"],
                "baseline": item["baseline_amplitude"],
                "ratio": _hundredths(item["swing_ratio"]),
                "level": item["level"],
                "usual": item["baseline_level"],
                "score": _hundredths(item["score"]),
                "odd": _finding(item),
            }
            for rank, (name, item) in enumerate(zip(names, items, strict=True), 1)
        ]
        columns = [
            Column("rank", "#"),
            Column("series", "series", align="left"),
            Column("amplitude", "amplitude", self._unit),
            Column("baseline", "own habit", self._unit),
            Column("ratio", "swing ratio", "×"),
            Column("level", "level", self._unit),
            Column("usual", "usual level", self._unit),
            Column("score", "score"),
            Column("odd", "finding", align="left"),
        ]
        if self._data["method"] == "peers":
            own = {"baseline", "ratio", "level", "usual"}
            columns = [column for column in columns if column.key not in own]
        checks = [
            f"{'● ' if check['interesting'] else '○ '}{check['sentence']}"
            for check in self._data["checks"]
        ]
        warnings = [f"Warning: {text}" for text in self._data["warnings"]]
        tone: Tone = "bad" if self.kind == "clear" else "warn" if self.kind == "tie" else "ok"
        caption = "Suspects: swing and level of each series against its own habit"
        if self._data["method"] == "peers":
            caption = "Suspects: amplitude against the other series"
        return Table(caption, columns, rows, [*checks, *warnings], self.reason, tone)

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """All that the core found: kind, reason, top, tied, checks, ranking, warnings."""
        return self._data

    def _accused(self) -> list[int]:
        """Rows of the suspect, or of those that cannot be told apart."""
        if self.kind == "clear":
            return [self._data["top"]]
        return list(self._data.get("tied", []))

    def _answer(self) -> Matrix:
        if self._matrix is None:
            raise CasebookError(
                "This verdict has no answer behind it that could be asked further.",
                "Ask the answer itself for its suspects(), and that verdict then.",
                source=self._source,
                query=self._query,
            )
        return self._matrix


def _finding(item: dict[str, Any]) -> str:
    """What is odd about a series, in a word or two."""
    swing, shift = item["swing"], item["shift"]
    odd = [word for word, found in (("swing", swing), ("level", shift)) if found and found["odd"]]
    return f"odd: {' and '.join(odd)}" if odd else ""


def _hundredths(value: float | None) -> float | None:
    """A ratio as precise as anyone should read it."""
    return None if value is None else round(value, 2)
