"""Did it recover?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from casebook._marks import Marks
from casebook._table import Column, Table, Tone
from casebook._time import instant_text

if TYPE_CHECKING:
    from casebook._chart import Chart
    from casebook._matrix import Matrix

_TONES: dict[str, Tone] = {"recovered": "ok", "not_yet": "bad", "cannot_tell": "warn"}


class Recheck:
    """The same query, now: recovered, not yet, or cannot tell, with before and after.

    ``after`` is the new answer, to be drawn or asked like any other; ``chart()`` draws it with the
    suspect on top.
    """

    def __init__(
        self,
        data: dict[str, Any],
        after: Matrix | None = None,
        unit: str = "",
        since_ms: int | None = None,
        usual: dict[str, Any] | None = None,
    ) -> None:
        self._data = data
        self._unit = unit
        self._since_ms = since_ms
        self._usual = usual
        self.after = after

    @property
    def state(self) -> Literal["recovered", "not_yet", "cannot_tell"]:
        """``"recovered"``, ``"not_yet"`` or ``"cannot_tell"``."""
        state: Literal["recovered", "not_yet", "cannot_tell"] = self._data["state"]
        return state

    @property
    def sentence(self) -> str:
        """The answer in one or two sentences."""
        return str(self._data["sentence"])

    def chart(self) -> Chart | None:
        """The minutes up to now, with the suspect on top, what was before a change included.

        The band is where nine of ten of its samples lay before the incident.
        """
        if self.after is None:
            return None
        rows = self.after._rows([self._data["labels"]])
        title = f"{self.after.query}, up to now"
        return self.after._draw(rows, Marks(usual=self._usual), title=title)

    def table(self) -> Table:
        """Before, after and habit, side by side."""
        rows: list[dict[str, Any]] = []
        for key, label in (("before", "before"), ("after", "now")):
            window = self._data[key]
            if window:
                times = f"{instant_text(window['start_ms'])} to {instant_text(window['end_ms'])}"
                rows.append({**window, "when": label, "window": times})
        habit = self._data["baseline"]
        if habit:
            rows.append({**habit, "when": "habit", "window": f"{habit['windows']} windows before"})
        columns = [
            Column("when", "", align="left"),
            Column("window", "window (UTC)", align="left"),
            Column("amplitude", "amplitude", self._unit),
            Column("min", "min", self._unit),
            Column("max", "max", self._unit),
            Column("samples", "samples"),
        ]
        notes = [check["sentence"] for check in self._data["checks"]]
        if self._since_ms is not None:
            notes.append(
                f"Only what came after the change at {instant_text(self._since_ms)} counts."
            )
        caption = f"Re-check of {self._data['name']}"
        return Table(caption, columns, rows, notes, self.sentence, _TONES[self.state])

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """All that the core found: state, sentence, before, after, baseline, checks."""
        return self._data
