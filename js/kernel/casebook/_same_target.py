"""Which other metrics there are of one target, and how each is asked for."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from casebook import _api
from casebook._errors import CasebookError, PrometheusError
from casebook._time import duration_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from casebook._series import Series

_PLACES = ("instance", "pod", "node", "host", "hostname", "nodename", "server", "machine")
"""Labels that name a target wherever they stand."""

_SCOPES = ("job", "namespace", "cluster")
"""Labels within which the others are unique."""

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_MAX_SERIES = 20_000
_LEAST_RATE_MS = 60_000


@dataclass(frozen=True)
class Question:
    """One query, and what it is called in the answer."""

    name: str
    query: str


def target_labels(suspect: Series, series: Iterable[Series]) -> dict[str, str]:
    """The labels that other metrics of the same target have, too.

    An instance or a pod, when that tells the suspect from the other series of the answer; else
    what does, such as ``which`` of an exporter that speaks for many; with the job or namespace.
    """
    others = list(series)
    own = {key: value for key, value in suspect.labels.items() if key != "__name__"}
    telling = [key for key in own if any(one.labels.get(key) != own[key] for one in others)]
    places = [key for key in _PLACES if key in (telling or own)]
    alone = [key for key in telling if sum(one.labels.get(key) == own[key] for one in others) <= 1]
    chosen = places or alone[:1] or telling or list(own)
    return {key: own[key] for key in own if key in chosen or key in _SCOPES}


def selector(metric: str, labels: Mapping[str, str]) -> str:
    """The PromQL that selects a metric with these labels; an empty metric selects all."""
    parts = [f"{_label_name(key)}={json.dumps(value)}" for key, value in labels.items()]
    if metric and not _NAME.fullmatch(metric):
        return "{" + ", ".join([json.dumps(metric), *parts]) + "}"
    return metric + "{" + ", ".join(parts) + "}"


async def metrics_of(
    source: str, labels: Mapping[str, str], start_ms: int, end_ms: int
) -> list[str]:
    """The names of all metrics that have series with these labels, by the source's series API."""
    pairs = {
        "match[]": selector("", labels),
        "start": start_ms / 1000,
        "end": end_ms / 1000,
        "limit": _MAX_SERIES,
    }
    path = f"/api/prom/{source}/api/v1/series?{urlencode(pairs)}"
    errors: dict[str, type[CasebookError]] = {"bad_data": PrometheusError}
    found: Any = await _api.ask("GET", path, errors=errors)
    series = found.get("data") or []
    return sorted({one["__name__"] for one in series if one.get("__name__")})


def questions(
    metrics: Iterable[str], labels: Mapping[str, str], step_ms: int, scrape_ms: float
) -> list[Question]:
    """How each metric is asked for: a counter by its rate, a sum by its count as the mean.

    Buckets of histograms, and metrics that only describe, are left out.
    """
    names = list(dict.fromkeys(metrics))
    # Four scrapes, so that one that failed leaves no gap.
    window = duration_text(max(_LEAST_RATE_MS, 4 * step_ms, math.ceil(4 * scrape_ms / 1000) * 1000))
    found = []
    for name in names:
        base, _, end = name.rpartition("_")
        rate = f"rate({selector(name, labels)}[{window}])"
        if end == "sum" and f"{base}_count" in names:
            count = f"rate({selector(f'{base}_count', labels)}[{window}])"
            found.append(Question(f"mean {base}", f"{rate} / {count}"))
        elif end in ("total", "count", "sum"):
            found.append(Question(f"rate({name})", rate))
        elif end not in ("bucket", "created", "info"):
            found.append(Question(name, selector(name, labels)))
    return found


def spread(names: Iterable[str], limit: int) -> tuple[list[str], list[str]]:
    """At most ``limit`` of the names, in turn of each family, and the others.

    ``node_cpu_…``, ``node_disk_…``, ``process_…``: the first letters of the alphabet must not
    take all the places.
    """
    families: dict[str, list[str]] = {}
    for name in sorted(names):
        families.setdefault("_".join(name.split("_")[:2]), []).append(name)
    chosen: list[str] = []
    rounds = max(map(len, families.values()), default=0)
    for turn in range(rounds):
        chosen += [family[turn] for family in families.values() if len(family) > turn]
    return sorted(chosen[:limit]), sorted(chosen[limit:])


def is_asked(metric: str) -> bool:
    """Whether there is a question about this metric alone."""
    return bool(questions([metric], {}, 1, 1))


def _label_name(name: str) -> str:
    return name if _LABEL.fullmatch(name) else json.dumps(name)
