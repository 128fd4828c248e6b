"""Whether a service level objective was kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from casebook._errors import BadRequestError
from casebook._series import short_names
from casebook._table import Column, Table, Tone
from casebook._time import instant_text

if TYPE_CHECKING:
    from casebook._chart import Chart
    from casebook._matrix import Matrix

Over = Literal["time", "servers", "requests"]

_OVER = {"time": "time", "servers": "series", "requests": "requests"}
_OBJECTIVE = re.compile(r"(?:p(?P<quantile>[0-9]{1,2}(?:_[0-9]+)?)_)?(?P<side>below|above)")
_HISTOGRAM = re.compile(r"histogram_quantile\s*\(\s*([0-9.]+)\s*,")
_SUMMARY = re.compile(r"""\bquantile\s*=\s*["']([0-9.]+)["']""")
_SAME = 1e-6
_EXAMPLE = "Write one of them, such as p90_below=0.3, p50_above=20 or below=0.3."


class Slo:
    """An objective, and in which minutes it was broken.

    ``over`` says what a quantile is taken over: ``"time"``, the samples of each series in the
    window; ``"servers"``, the series at each step; ``"requests"``, what the query's histogram or
    summary counted. A breach takes two steps in a row, and two steps back end it.
    """

    def __init__(self, data: dict[str, Any], what: str, matrix: Matrix | None = None) -> None:
        self._data = data
        self._what = what
        self._matrix = matrix

    @property
    def kept(self) -> bool | None:
        """Whether the objective was kept; None when there is no number to tell by."""
        if self._data["lines"]:
            return False
        return True if self._data["kept"] else None

    @property
    def sentence(self) -> str:
        """What broke the objective, by how much and when."""
        return str(self._data["sentence"])

    @property
    def over(self) -> Over | None:
        """What the quantile is taken over; None when every value counts."""
        objective = self._data["objective"]
        if objective["quantile"] is None:
            return None
        names: dict[str, Over] = {"time": "time", "series": "servers", "requests": "requests"}
        return names[objective["over"]]

    def chart(self) -> Chart | None:
        """The series with the threshold, and those that broke the objective on top."""
        if self._matrix is None:
            return None
        rows = [line["row"] for line in self._data["lines"] if line["row"] is not None]
        threshold = self._data["objective"]["threshold"]
        return self._matrix.chart(threshold=threshold, highlight=rows[:5] or None)

    def table(self) -> Table:
        """The runs of each line that broke the objective, the worst line first."""
        lines = self._data["lines"]
        names = short_names([line["labels"] for line in lines])
        rows: list[dict[str, Any]] = []
        for name, line in zip(names, lines, strict=True):
            first = {
                "series": self._what if line["row"] is None else name,
                "value": line["value"],
                "share": round(100 * line["share"], 1),
            }
            for run in line["runs"] or [None]:
                rows.append({**first, **(_run(run) if run else {})})
                first = {"series": "", "value": None, "share": None}
        unit = self._matrix.unit if self._matrix is not None else ""
        columns = [
            Column("series", "series", align="left"),
            Column("value", "value", unit),
            Column("share", "in breach", "% of steps"),
            Column("start", "from (UTC)", align="left"),
            Column("end", "to (UTC)", align="left"),
            Column("worst", "worst", unit),
            Column("worst_at", "at (UTC)", align="left"),
            Column("note", "note", align="left"),
        ]
        tones: dict[bool | None, Tone] = {True: "ok", False: "bad", None: "warn"}
        return Table(self._what, columns, rows, self._notes(), self.sentence, tones[self.kept])

    def _notes(self) -> list[str]:
        told = {
            "time": "The quantile is over time: one number for each series.",
            "servers": "The quantile is over the series (servers), at each step.",
            "requests": "The quantile is over requests, as the query computes it.",
            None: "Every value is held against the threshold.",
        }
        notes = [told[self.over]]
        if self._data["unknown"]:
            notes.append(f"{self._data['unknown']} series have no number.")
        return notes

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """All that the core found: objective, lines with their runs, kept, unknown, sentence."""
        return self._data


def slo(matrix: Matrix, *, over: Over | None = None, **objective: float) -> Slo:
    """Whether an objective was kept in an answer: ``cb.slo(p, p90_below=0.3)``.

    ``pNN_below`` and ``pNN_above`` promise a quantile (``p99_9_below`` that of 99.9 %), ``below``
    and ``above`` every value. A quantile is over ``"requests"`` where the query computes one
    (``histogram_quantile``, or the label ``quantile`` of a summary); else over the ``"servers"``
    at each step; over ``"time"`` where there is one series, or where you say so.
    """
    name, threshold, quantile, side = _read(objective)
    computed = _computed(matrix.query)
    chosen = over or _default(matrix, computed)
    if chosen not in _OVER:
        raise BadRequestError(f"over={over!r} is not known.", f"Use one of {', '.join(_OVER)}.")
    if quantile is not None and chosen == "requests":
        _check_requests(matrix, quantile, computed, name)
    data = matrix._ask("slo", threshold, side == "below", quantile, _OVER[chosen])
    text = f"P{100 * quantile:.6g} over {chosen}" if quantile is not None else "Every value"
    what = f"{text} of {matrix._asked()} {side} {threshold:.6g}"
    return Slo(data, what, matrix)


def _read(objective: dict[str, float]) -> tuple[str, float, float | None, str]:
    if len(objective) != 1:
        raise BadRequestError(f"An SLO takes one objective, not {len(objective)}.", _EXAMPLE)
    ((name, threshold),) = objective.items()
    found = _OBJECTIVE.fullmatch(name)
    if not found:
        raise BadRequestError(f"{name}= is not an objective.", _EXAMPLE)
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)):
        raise BadRequestError(f"{name}={threshold!r} is not a number.", _EXAMPLE)
    if threshold != threshold or abs(threshold) == float("inf"):  # noqa: PLR0124 - NaN
        raise BadRequestError(f"{name}={threshold!r} is no threshold.", _EXAMPLE)
    percent = found["quantile"]
    quantile = None if percent is None else float(percent.replace("_", ".")) / 100
    return name, float(threshold), quantile, found["side"]


def _computed(query: str) -> float | None:
    """The quantile over requests that a query computes, if it says so."""
    found = _HISTOGRAM.search(query) or _SUMMARY.search(query)
    try:
        return float(found[1]) if found else None
    except ValueError:
        return None


def _default(matrix: Matrix, computed: float | None) -> Over:
    if computed is not None:
        return "requests"
    return "servers" if len(matrix) > 1 else "time"


def _check_requests(matrix: Matrix, quantile: float, computed: float | None, name: str) -> None:
    if computed is None:
        raise BadRequestError(
            f"Nothing in {matrix.query} says that it is a quantile over requests.",
            "Query histogram_quantile(0.9, …), or say over='servers' or over='time'.",
            query=matrix.query,
        )
    if abs(computed - quantile) > _SAME:
        side = name.rsplit("_", 1)[1]
        own = f"{100 * computed:.6g}".replace(".", "_")
        raise BadRequestError(
            f"The query computes the P{100 * computed:.6g} of the requests, not the "
            f"P{100 * quantile:.6g}.",
            f"Write p{own}_{side}=…, or query histogram_quantile({quantile:.6g}, …).",
            query=matrix.query,
        )


def _run(run: dict[str, Any]) -> dict[str, Any]:
    marks = []
    if run["from_start"]:
        marks.append("already so at the start")
    if run["open"]:
        marks.append("still so at the end")
    return {
        "start": instant_text(run["start_ms"]),
        "end": instant_text(run["end_ms"]),
        "worst": run["worst"],
        "worst_at": instant_text(run["worst_ms"]),
        "note": ", ".join(marks),
    }
