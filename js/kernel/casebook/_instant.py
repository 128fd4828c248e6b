"""Small answers of a source, read in Python: instant queries, and range queries of one number."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook import _api
from casebook._errors import CasebookError, PrometheusError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casebook._window import Window

# What an engine says of a query, rather than the proxy of a request.
_OF_THE_ENGINE = ("bad_data", "execution", "timeout", "canceled", "internal", "unavailable")


@dataclass(frozen=True)
class Sample:
    """One series and its numbers: one, or one for each step."""

    labels: dict[str, str]
    values: list[float]

    @property
    def value(self) -> float:
        """The first number."""
        return self.values[0]


@dataclass(frozen=True)
class Answer:
    """The series of an answer, what the source said beside them, and the proxy's record of it."""

    samples: list[Sample]
    warnings: list[str] = field(default_factory=list)
    seq: int | None = None

    @property
    def number(self) -> float | None:
        """The one number that it consists of, if it does."""
        return self.samples[0].value if self.samples else None


async def instant(source: str, query: str, at_ms: int, timeout: str | None = None) -> Answer:
    """The value of each series at an instant."""
    return await _ask(source, "query", {"query": query, "time": seconds(at_ms)}, timeout)


async def ranged(
    source: str, query: str, window: Window, step_ms: int, timeout: str | None = None
) -> Answer:
    """The values of each series at each step that it has one at."""
    form = {"query": query, "start": seconds(window.start_ms), "end": seconds(window.end_ms)}
    return await _ask(source, "query_range", {**form, "step": seconds(step_ms)}, timeout)


async def _ask(source: str, endpoint: str, form: Mapping[str, str], timeout: str | None) -> Answer:
    async def whole(answer: Any) -> tuple[int, str, str | None]:
        text = str(await answer.text())
        return int(answer.status), text, answer.headers.get("x-casebook-seq")

    if timeout is not None:
        form = {**form, "timeout": timeout}
    path = f"/api/prom/{source}/api/v1/{endpoint}"
    try:
        status, text, seq = await _api.fetch("POST", path, None, whole, form=form)
        fields = _api.read(status, text, dict.fromkeys(_OF_THE_ENGINE, PrometheusError))
    except CasebookError as error:
        error.source = source
        error.query = form["query"]
        raise
    return read(fields, int(seq) if seq else None)


def read(fields: Mapping[str, Any], seq: int | None = None) -> Answer:
    """The answer in a body's JSON.

    Thanos warns inside of ``data``, VictoriaMetrics has a flag for what is not whole.
    """
    data = fields.get("data") or {}
    warnings = [*(fields.get("warnings") or []), *(data.get("warnings") or [])]
    if fields.get("isPartial"):
        warnings.append("this answer is partial: some of the source's stores were silent")
    samples = []
    for item in data.get("result") or []:
        values = item.get("values") or [item["value"]]
        samples.append(Sample(dict(item["metric"]), [float(value) for _, value in values]))
    return Answer(samples, list(dict.fromkeys(warnings)), seq)


def seconds(ms: int) -> str:
    """Milliseconds as the API takes times and durations."""
    return json.dumps(ms / 1000) if ms % 1000 else str(ms // 1000)
