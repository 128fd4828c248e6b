"""The answer to a range query: a handle whose samples stay in wasm memory."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

from casebook import _core
from casebook._chart import Chart
from casebook._errors import BadRequestError, CasebookError
from casebook._limits import points_of, require_room
from casebook._marks import Marks, marks, usual_mark
from casebook._notebook import notebook
from casebook._ranking import KINDS, Ranking, shown
from casebook._recheck import Recheck
from casebook._series import Series, short_names
from casebook._since import Onsets, onsets, since
from casebook._spark import sparks
from casebook._table import MAX_ROWS
from casebook._time import duration_text, instant_ms, instant_text
from casebook._timeseries import plotted
from casebook._verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casebook._prometheus import Prometheus
    from casebook._pushed import Pushed
    from casebook._ranking import AmplitudeKind
    from casebook._spark import Sparks
    from casebook._window import Duration, Instant, Window

MAX_SUSPECTS = 8
"""Of a tie, on top of a chart: more colours cannot be told apart."""


class Matrix:
    """All series of one range query, on one grid of steps.

    Shown in a cell it is a chart. Ask it for ``amplitude()``, ``await suspects()``,
    ``await recheck()``; for numbers, ``to_numpy()`` or ``to_columns()``. ``close()`` gives the
    memory back; so does forgetting it.
    """

    def __init__(
        self,
        handle: Any,
        *,
        source: Prometheus,
        window: Window,
        unit: str = "",
        pushed: Pushed | None = None,
    ) -> None:
        self._handle = handle
        self._source = source
        self._pushed = pushed
        # What was asked, where that is not what was fetched.
        self._query = "" if pushed is None else pushed.query
        self._summary: dict[str, Any] = json.loads(handle.summary())
        self._baseline: Matrix | None = None
        self._verdict: Verdict | None = None
        self.window = window
        self.unit = unit

    @property
    def query(self) -> str:
        """The PromQL that was asked."""
        return self._query or self._fetched

    @property
    def _fetched(self) -> str:
        """The PromQL whose samples these are: of a query that was pushed down, for some series."""
        return str(self._summary["query"])

    @property
    def step_ms(self) -> int:
        """Distance of two steps in milliseconds."""
        return int(self._summary["step_ms"])

    @property
    def series(self) -> list[Series]:
        """The series, in the order of the answer."""
        return sorted(self._all_by_amplitude(), key=lambda series: series.row)

    def __len__(self) -> int:
        return int(self._summary["series"])

    @property
    def counts_up(self) -> bool:
        """Whether most series count up, so that their increase per step is judged."""
        ranked = self._ask("amplitude", KINDS[0])["ranked"]
        return 2 * sum("counter" in item["flags"] for item in ranked) > len(ranked)

    def amplitude(
        self, kind: AmplitudeKind = "peak_to_peak", *, baseline: Matrix | None = None
    ) -> Ranking:
        """How far each series swings, greatest first; each metric by itself where units count.

        ``kind`` is ``"peak_to_peak"`` (max - min), ``"p95_p5"`` (P95 - P5), ``"mad"`` (1.4826
        times the median distance from the median), ``"relative"`` (peak-to-peak / abs(median)) or
        ``"swing_ratio"`` (peak-to-peak / the series' own in the windows before). The last one
        takes the time before from ``suspects()``, or as ``baseline``, an answer to the same query.
        """
        if kind == "swing_ratio":
            habit = baseline or self._baseline
            if habit is None:
                raise self._no_baseline()
            data = self._ask(kind, habit._held())
        elif kind in KINDS:
            data = self._ask("amplitude", kind)
        else:
            raise BadRequestError(
                f"{kind!r} is no kind of amplitude.", f"Use one of {', '.join(KINDS)}."
            )
        return self._ranking(data, self._sparks(shown(data)))

    def onsets(self) -> Onsets:
        """When each series changed inside of the window, earliest first."""
        return onsets(self)

    async def suspects(self, baseline: Duration | Matrix | None = "1h", **settings: Any) -> Verdict:
        """Who is odd, against the time before: clear, tie or none, with the reasons.

        ``baseline`` is how much time before the window is compared with (the same query is asked
        for it), or an answer at hand, or ``None`` to compare the series with each other only.
        ``by="service"`` accuses what shares the value of that label: a service by its metrics.
        """
        options = json.dumps(settings) if settings else None
        habit = await self._habit(baseline)
        if habit is None:
            data = self._ask("suspects", options)
        else:
            data = self._ask("suspects_against", habit._held(), options)
        if self._pushed is not None:
            data = await self._pushed.judged(data)
        told: dict[str, Any] = {"source": self._source.name, "query": self.query, "unit": self.unit}
        # Not the one that is returned: it holds this answer, and neither would be forgotten.
        self._verdict = Verdict(data, **told)
        lines = self._sparks(data["ranking"], habit)
        return Verdict(data, **told, by=settings.get("by"), sparks=lines, matrix=self)

    async def recheck(
        self,
        suspect: Mapping[str, str] | None = None,
        *,
        since: Instant | None = None,
        **settings: Any,
    ) -> Recheck:
        """Ask the same query again, for as many minutes up to now: did the suspect recover?

        The suspect is that of the last ``suspects()``, or the series with the greatest amplitude,
        unless you name one. Only samples after ``since`` count: when a plan of this notebook last
        changed a host, unless you say otherwise. This is the only question that looks at the clock.
        """
        verdict = self._verdict or await self.suspects()
        labels = self._labels_of(suspect, verdict)
        now_ms = (
            int(time.time()) // (self.step_ms // 1000 or 1) * (self.step_ms // 1000 or 1) * 1000
        )
        since_ms = notebook.changed_ms if since is None else instant_ms(since, "since")
        window = self.window.ending(now_ms)
        after = await self._again(window)
        judged = after
        if (later := window.after(since_ms, self.step_ms)) != window:
            judged = await self._again(later)
        options = json.dumps({"suspect": labels, "settings": settings})
        if self._baseline is None:
            data = self._ask("recheck", judged._held(), options)
        else:
            data = self._ask("recheck_against", judged._held(), self._baseline._held(), options)
        changed = since_ms if judged is not after else None
        known = verdict.kind == "clear" and verdict.top.to_dict() == labels
        usual = usual_mark(verdict) if known else None
        return Recheck(data, after, self.unit, changed, usual)

    def chart(
        self,
        verdict: Verdict | None = None,
        *,
        threshold: float | None = None,
        title: str | None = None,
        unit: str | None = None,
        highlight: Iterable[Mapping[str, str] | int] | None = None,
        zero_based: bool = False,
        max_series: int = 200,
    ) -> Chart:
        """Draw the series over time (UTC).

        ``threshold`` is a horizontal line; ``highlight`` names the series to draw on top (those
        with the given labels, or rows); without it, the suspects are, or the greatest amplitude.
        A clear verdict, that of the last ``suspects()`` or the one that is given, is drawn too:
        when the suspect changed, and the band where nine of ten of its samples lay before. On a
        chart of another query, that is the time alone.
        """
        judged = verdict or self._verdict
        suspects, same = self._suspects_of(judged)
        if highlight is not None:
            rows = self._rows(highlight)
        else:
            rows = suspects or [series.row for series in self._all_by_amplitude()[:1]]
        on_top = same and rows[:1] == suspects[:1] != []
        drawn = Marks()
        if judged is not None and (on_top or highlight is None):
            found = since(self, judged._accused()) if judged is self._verdict else None
            drawn = marks(judged, found, self.window.start_ms, on_top=on_top)
        return self._draw(
            rows,
            drawn,
            title=title,
            unit=unit,
            threshold=threshold,
            zero_based=zero_based,
            max_series=max_series,
        )

    def times(self) -> list[float]:
        """The instants of the steps, in seconds since the Unix epoch."""
        return list(self._held().times().to_py())

    def to_columns(self) -> dict[str, list[float]]:
        """Columns for a data frame: ``time`` (seconds), then one per series; NaN for a gap."""
        handle = self._held()
        columns = {"time": self.times()}
        for series in self.series:
            columns[series.name] = list(handle.values(series.row).to_py())
        return columns

    def to_numpy(self) -> Any:
        """The samples as a ``(series, steps)`` array of float64; NaN where a step has no sample."""
        try:
            import numpy as np  # noqa: PLC0415 - only where it is wanted
        except ImportError:
            raise CasebookError(
                "numpy is not installed in this kernel.",
                "Use .to_columns(), or build the site with numpy in its lock.",
            ) from None
        handle = self._held()
        rows = [np.asarray(handle.values(row).to_py()) for row in range(len(self))]
        return np.stack(rows) if rows else np.empty((0, self._summary["points"]))

    def to_dict(self) -> dict[str, Any]:
        """What was asked and what came: source, query, window, step, labels, receipt.

        Without the samples: ``to_columns()`` has them.
        """
        pushed = {} if self._pushed is None else {"pushed_down": self._pushed.to_dict()}
        return {
            **self._summary,
            **pushed,
            "query": self.query,
            "start": self.window.start,
            "end": self.window.end,
            "labels": [series.to_dict() for series in self.series],
        }

    def close(self) -> None:
        """Give the memory back; the matrix cannot be asked any more."""
        if self._handle is not None:
            self._handle.free()
            self._handle = None

    def __del__(self) -> None:
        # JavaScript's collector does not see how much wasm memory stands behind a small handle.
        with contextlib.suppress(Exception):
            self.close()

    def __repr__(self) -> str:
        if self._handle is None:
            return f"{self._asked()}: closed"
        return f"{self._alt(self.query + self._share())}\n{self.amplitude()}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        if self._handle is None or len(self) == 0:
            return {"text/plain": repr(self)}
        return self.chart()._repr_mimebundle_()

    def _draw(
        self,
        rows: list[int],
        drawn: Marks,
        *,
        title: str | None = None,
        unit: str | None = None,
        threshold: float | None = None,
        zero_based: bool = False,
        max_series: int = 200,
    ) -> Chart:
        """The chart with these rows on top and these marks; the rest is as for ``chart()``."""
        handle = self._held()
        title = f"{self.query if title is None else title}{self._share()}"
        options = {
            "unit": self.unit if unit is None else unit,
            "threshold": threshold,
            "zero_based": zero_based,
            **drawn.options(),
        }
        drawing = {"title": title, "highlight": rows, "max_series": max_series, **options}
        svg = handle.svg(json.dumps(drawing))
        plot = {**options, **plotted(handle, self._all_by_amplitude(), rows, max_series)}
        table = self._ranking(self._ask("amplitude")).table()
        return Chart(svg, title, self._alt(title), table, plot, note=drawn.sentence)

    def _ranking(self, data: dict[str, Any], lines: Sparks | None = None) -> Ranking:
        if self._pushed is not None:
            data["notes"] = [*self._pushed.notes(), *data["notes"]]
        data["notes"] += _notes(self._summary["meta"])
        return Ranking(data, f"Amplitude of {self._asked()}", self.unit, lines)

    def _sparks(self, items: list[dict[str, Any]], habit: Matrix | None = None) -> Sparks:
        """The small lines of the series that a table shows, with the time before if it is known."""
        before = {item["row"]: item.get("baseline_row") for item in items[:MAX_ROWS]}
        known = {row: past for row, past in before.items() if past is not None}
        baseline = (habit._held(), habit.window.length_ms, known) if habit and known else None
        length = self.window.length_ms
        return sparks(self._held(), before, length, unit=self.unit, baseline=baseline)

    def _held(self) -> Any:
        if self._handle is None:
            raise CasebookError(
                f"The answer to {self._asked()} has been closed.",
                "Run its query again.",
                source=self._source.name,
                query=self.query,
            )
        return self._handle

    def _ask(self, question: str, *args: Any) -> dict[str, Any]:
        handle = self._held()
        try:
            answer: dict[str, Any] = json.loads(getattr(handle, question)(*args))
        except Exception as thrown:
            if type(thrown).__name__ != "JsException":
                raise
            raise BadRequestError(
                f"The core did not take the question: {_core.error_of(thrown).message}",
                "Check the settings' names and values.",
                source=self._source.name,
                query=self.query,
            ) from None
        return answer

    def _all_by_amplitude(self) -> list[Series]:
        data = self._ask("amplitude")
        items = [*data["ranked"], *data["low_coverage"], *data["empty"]]
        return [Series(item["row"], item["name"], item["labels"]) for item in items]

    async def _habit(self, baseline: Duration | Matrix | None) -> Matrix | None:
        if baseline is None or isinstance(baseline, Matrix):
            self._baseline = baseline
            return baseline
        # The step before the window, so that no sample counts as both habit and incident.
        window = self.window.before(baseline, self.step_ms)
        if self._baseline is None or self._baseline.window != window:
            require_room(self._asked(), len(self), points_of(window, self.step_ms))
            self._baseline = await self._again(window)
        return self._baseline

    async def _again(self, window: Window) -> Matrix:
        """The same series over other minutes."""
        answer = await self._source.fetch(self._fetched, window, self.step_ms, unit=self.unit)
        answer._query = self._query
        return answer

    def _no_baseline(self) -> BadRequestError:
        before = self.window.before("1h", self.step_ms)
        return BadRequestError(
            "A swing ratio compares with the time before, which was not asked for yet.",
            "Run `await ….suspects()` first, which asks for it, or give it: "
            f"baseline=await cb.prometheus({self._source.name!r}).query_range({self.query!r}, "
            f'start="{before.start}", end="{before.end}", step="{duration_text(self.step_ms)}")',
            source=self._source.name,
            query=self.query,
        )

    def _labels_of(self, suspect: Mapping[str, str] | None, verdict: Verdict) -> dict[str, str]:
        if suspect is not None:
            rows = self._rows([suspect])
            if len(rows) != 1:
                found = ", ".join(short_names([self.series[row] for row in rows])) or "none"
                raise BadRequestError(
                    f"{dict(suspect)!r} is not one series of {self._asked()}: {found}.",
                    "Give labels that only one series has.",
                )
            return self.series[rows[0]].to_dict()
        if verdict.kind == "clear":
            return verdict.top.to_dict()
        ranking = self._all_by_amplitude()
        if not ranking:
            raise BadRequestError(
                f"The answer to {self._asked()} has no series to check again.",
                "Correct the query or the window.",
            )
        return ranking[0].to_dict()

    def _rows(self, highlight: Iterable[Mapping[str, str] | int]) -> list[int]:
        series = self.series
        rows: list[int] = []
        for wanted in highlight:
            if isinstance(wanted, int):
                rows.append(wanted)
            else:
                rows += [s.row for s in series if dict(wanted).items() <= s.labels.items()]
        return rows

    def _suspects_of(self, verdict: Verdict | None) -> tuple[list[int], bool]:
        """The rows of a verdict's suspects here, and whether they are the same series.

        In the answer to another query they are those whose labels are the same but for the metric.
        """
        if verdict is None:
            return [], False
        if verdict is self._verdict:
            return verdict._accused()[:MAX_SUSPECTS], True
        same = verdict._asks(self._source.name, self.query)

        def told(labels: Mapping[str, str]) -> dict[str, str]:
            return {key: labels[key] for key in labels if same or key != "__name__"}

        wanted = [told(item["labels"]) for item in verdict._suspects()]
        found = [series.row for series in self.series if told(series.labels) in wanted]
        return found[:MAX_SUSPECTS], same

    def _asked(self) -> str:
        return f"{self.query} ({self._source.name}{self._share()})"

    def _share(self) -> str:
        """How many of all series these are, where they are not all."""
        if self._pushed is None or self._pushed.series <= len(self):
            return ""
        return f", {len(self)} of {self._pushed.series:,} series"

    def _alt(self, title: str) -> str:
        count, points = len(self), self._summary["points"]
        step = duration_text(self.step_ms)
        times = f"{instant_text(self.window.start_ms)} to {instant_text(self.window.end_ms)}"
        if count == 0:
            return (
                f"{title}: no series between {times}. "
                "Nothing has this name and these labels in this window."
            )
        noun = "series" if count == 1 else "series each"
        return f"{title}: {count} {noun} with {points} points, {times}, step {step}"


def _notes(meta: dict[str, Any]) -> list[str]:
    """What the server said beside the samples, and what the decoder left out, as sentences."""
    notes = [f"Warning of the source: {text}" for text in meta["warnings"]]
    notes += [f"Note of the source: {text}" for text in meta["infos"]]
    if meta["partial"]:
        notes.append("The source says that this answer is partial: some of its stores were silent.")
    counts = {
        "histograms_skipped": "series have native histograms, which are left out.",
        "nan": "samples are NaN; they are left out of every number here.",
        "inf": "samples are infinite; they are left out of every number here.",
        "off_grid": "samples do not lie on the steps that were asked for; they are left out.",
    }
    return notes + [f"{meta[key]} {text}" for key, text in counts.items() if meta.get(key)]
