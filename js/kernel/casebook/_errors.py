"""What goes wrong, and how a cell shows it: a short block that says what to do next."""

from __future__ import annotations

import json
import linecache
import os
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from types import TracebackType

_PACKAGE = os.path.dirname(__file__) + os.sep


class CasebookError(Exception):
    """A question that got no answer; the subclasses say why.

    ``message`` says what was asked, of whom, and what was wrong; ``next_step`` what you can do.
    ``source``, ``query`` and ``status`` (of HTTP) are ``None`` where they make no sense.
    """

    kinds: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        message: str,
        next_step: str = "",
        *,
        source: str | None = None,
        query: str | None = None,
        status: int | None = None,
        error_type: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.source = source
        self.query = query
        self.status = status
        self.error_type = error_type

    def __str__(self) -> str:
        return "\n".join([self.message, *self._facts()])

    def to_dict(self) -> dict[str, Any]:
        """The error's parts, ready for JSON."""
        return {
            "error": type(self).__name__,
            "message": self.message,
            "next": self.next_step,
            "source": self.source,
            "query": self.query,
            "status": self.status,
            "error_type": self.error_type,
        }

    def _facts(self) -> list[str]:
        facts = [
            ("source", self.source),
            ("query", self.query),
            ("status", self.status),
            ("next", self.next_step),
        ]
        return [
            f"  {name:<8}{_one_line(value)}" for name, value in facts if value not in (None, "")
        ]

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines in place of a traceback through our own code."""
        lines = [f"{type(self).__name__}: {self.message}", *self._facts()]
        place = _place(self.__traceback__)
        if place:
            lines.insert(1, f"  {'in':<8}{place}")
        return lines


class UnreachableError(CasebookError):
    """No answer came from the proxy."""

    kinds = ("unreachable",)


class SessionError(CasebookError):
    """The proxy knows no session: sign in again from the status bar."""

    kinds = ("session",)


class ProxyError(CasebookError):
    """The proxy refused, or could not get an answer from the source."""

    kinds = ("proxy",)


class PrometheusError(CasebookError):
    """Prometheus answered with an error of its own."""

    kinds = ("prometheus",)


class NotJsonError(CasebookError):
    """The answer is a page or plain text."""

    kinds = ("not_json",)


class TruncatedError(CasebookError):
    """The answer broke off."""

    kinds = ("truncated",)


class LimitError(CasebookError):
    """More points, series, samples or bytes than allowed."""

    kinds = ("limit",)


class ShapeError(CasebookError):
    """JSON, but not that of a range query."""

    kinds = ("shape",)


class AbortedError(CasebookError):
    """The query was cancelled."""

    kinds = ("aborted",)


class BadRequestError(CasebookError, ValueError):
    """The question itself makes no sense; nothing was sent."""

    kinds = ("bad_request",)


class NoSuspect(CasebookError, LookupError):  # noqa: N818 - reads as the sentence it is
    """The verdict names nobody: a tie, or nothing odd."""


def from_detail(detail: str | None, message: str) -> CasebookError:
    """The error for what the core threw: its ``detail`` (JSON), or at least its message."""
    try:
        fields = json.loads(detail or "")
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        return CasebookError(message, "Please report this with the cell: the core did not say why.")
    for cls in CasebookError.__subclasses__():
        if fields.get("kind") in cls.kinds:
            break
    else:
        cls = CasebookError
    return cls(
        fields.get("message") or message,
        fields.get("next") or "",
        source=fields.get("source") or None,
        query=fields.get("query") or None,
        status=fields.get("status"),
        error_type=fields.get("error_type"),
    )


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


def _place(traceback: TracebackType | None) -> str:
    """The innermost line that the person wrote: the last frame that is not ours."""
    place = ""
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if not name.startswith((_PACKAGE, "<frozen")) and "/IPython/" not in name:
            line = linecache.getline(name, traceback.tb_lineno).strip()
            # Of a rewritten cell (`__casebook_promql__`), nobody knows this line.
            if line and "__casebook_" not in line:
                place = f"line {traceback.tb_lineno}: {line}"
        traceback = traceback.tb_next
    return place
