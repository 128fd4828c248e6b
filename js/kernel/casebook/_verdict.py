"""Who is odd, and why."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from casebook._contrast import Contrast, contrast
from casebook._errors import CasebookError, NoSuspect
from casebook._series import Series
from casebook._since import Since, since
from casebook._table import Line, Table, Tone
from casebook._verdict_table import groups_table, series_table

if TYPE_CHECKING:
    from casebook._matrix import Matrix
    from casebook._spark import Sparks


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
        by: str | None = None,
        sparks: Sparks | None = None,
        matrix: Matrix | None = None,
    ) -> None:
        self._data = data
        self._by = by
        self._sparks = sparks
        self._matrix = matrix
        self._since: Since | None = None
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
        if self._since is None:
            self._since = since(self._answer(), self._accused())
        return self._since

    def contrast(self, top: int | None = None) -> Contrast:
        """Which label value separates the odd series from the others, or the first ``top`` of all.

        A zone, a version, a rack that the suspects share and few others have.
        """
        return contrast(self._answer(), self._data["ranking"], top)

    def table(self) -> Table:
        """The verdict as a table: the reason, the checks, then the series, or groups and series."""
        tone: Tone = "bad" if self.kind == "clear" else "warn" if self.kind == "tie" else "ok"
        table = series_table(self._data, self._unit, self._sparks)
        if self._data["groups"]:
            table = groups_table(self._data, self._by, table)
        return replace(table, headline=self.reason, tone=tone, lines=self._lines())

    def _lines(self) -> list[Line]:
        """Since when, what speaks for an oddity and what does not, and what makes it doubtful."""
        lines = []
        if self._accused() and self._matrix is not None:
            # An answer that was closed in the meantime cannot be asked any more.
            with contextlib.suppress(CasebookError):
                lines.append(Line(self.since.sentence))
        lines += [
            Line(check["sentence"], "interesting" if check["interesting"] else "unremarkable")
            for check in self._data["checks"]
        ]
        return [*lines, *(Line(text, "warning") for text in self._data["warnings"])]

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """All that the core found: kind, reason, top, tied, checks, ranking, warnings."""
        return self._data

    def _asks(self, source: str, query: str) -> bool:
        """Whether it is about the answers to this query."""
        return (self._source, self._query) == (source, query)

    def _suspects(self) -> list[dict[str, Any]]:
        """What the core says of the suspect, or of those that cannot be told apart."""
        accused = self._accused()
        return [item for item in self._data["ranking"] if item["row"] in accused]

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
