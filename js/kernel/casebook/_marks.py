"""What a verdict adds to a chart: when the suspect changed, and what is usual for it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook._errors import CasebookError
from casebook._time import instant_text, span_text

if TYPE_CHECKING:
    from casebook._since import Since
    from casebook._verdict import Verdict


@dataclass(frozen=True)
class Marks:
    """The bands of a chart, as our renderer and the core take them; None for none."""

    onset: dict[str, Any] | None = None
    """``after_ms``, ``by_ms`` and a ``label``."""
    usual: dict[str, Any] | None = None
    """``low``, ``high`` and a ``label``."""
    sentence: str = ""
    """The onset in words."""

    def options(self) -> dict[str, Any]:
        """The bands that there are."""
        bands = {"onset": self.onset, "usual": self.usual}
        return {name: band for name, band in bands.items() if band}


def marks(verdict: Verdict, since: Since | None, start_ms: int, *, on_top: bool) -> Marks:
    """The marks of a clear verdict for a chart that begins at ``start_ms``.

    ``on_top`` is whether the suspect itself is what the chart draws first: of another series or
    query, the band of values would be wrong, and the time is still right.
    """
    if verdict.kind != "clear":
        return Marks()
    usual = usual_mark(verdict) if on_top else None
    with contextlib.suppress(CasebookError):
        # An answer that was closed in the meantime cannot be asked any more.
        since = since or verdict.since
    if since is None:
        return Marks(usual=usual)
    return Marks(onset_mark(since, start_ms), usual, since.sentence)


def usual_mark(verdict: Verdict) -> dict[str, Any] | None:
    """The band of P5 to P95 of the suspect's samples in the time before."""
    suspects = verdict._suspects()
    usual = suspects[0].get("usual") if suspects else None
    if not usual:
        return None
    length = span_text(usual["end_ms"] - usual["start_ms"])
    label = f"usual: P5 to P95 of the {length} before"
    return {"low": usual["low"], "high": usual["high"], "label": label}


def onset_mark(since: Since, start_ms: int) -> dict[str, Any] | None:
    """The band between the last step before the change and the first one after it.

    ``start_ms`` is where the chart begins: what was before can only be told.
    """
    found = since.onset
    if not found:
        return None
    after, by = (instant_text(found[key])[11:-1] for key in ("after_ms", "by_ms"))
    what = _STATES[found["onset"]["changed"], found["onset"]["size"] > 0]
    when = f"from {after}–{by} UTC, then back" if found["ended_ms"] else f"since {after}–{by} UTC"
    earlier = "◂ " if found["by_ms"] < start_ms else ""
    label = f"{earlier}{what} {when}"
    return {"after_ms": found["after_ms"], "by_ms": found["by_ms"], "label": label}


_STATES = {
    ("level", True): "higher",
    ("level", False): "lower",
    ("swing", True): "wider swings",
    ("swing", False): "smaller swings",
}
