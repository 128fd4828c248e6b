"""Questions to the proxy's own API whose answers come piece by piece."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from casebook import _core
from casebook._errors import CasebookError, ProxyError, SessionError, UnreachableError
from casebook._notebook import notebook

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNED_OUT = 401


async def post(path: str, question: dict[str, Any], take: Callable[[bytes], None]) -> None:
    """Ask, and hand on each piece of the answer's body.

    Cancelling the awaiting task, or interrupting it, closes the connection, and what runs for it
    is told to end. An answer that is an error is raised as one.
    """
    js = _core._js()
    from pyodide.ffi import JsException, to_js  # noqa: PLC0415 - only in the browser

    headers = {"content-type": "application/json"}
    if notebook.case:
        headers["x-casebook-case"] = notebook.case
    controller = js.AbortController.new()
    options = {
        "method": "POST",
        "headers": headers,
        "body": json.dumps(question),
        "credentials": "same-origin",
        "signal": controller.signal,
    }
    try:
        answer = await js.fetch(
            _core.base_url() + path, to_js(options, dict_converter=js.Object.fromEntries)
        )
        if not answer.ok:
            raise error_of(int(answer.status), str(await answer.text()))
        reader = answer.body.getReader()
        while not (piece := await reader.read()).done:
            take(bytes(piece.value.to_py()))
    except JsException as thrown:
        raise UnreachableError(
            f"The proxy did not answer {path} to its end: {getattr(thrown, 'message', thrown)}.",
            "See whether `casebook-proxy serve` still runs, then ask again.",
        ) from None
    except (asyncio.CancelledError, KeyboardInterrupt):
        controller.abort()
        raise


def error_of(status: int, body: str) -> CasebookError:
    """The error that the proxy's answer tells of."""
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        return ProxyError(
            f"The proxy answered with status {status} and no reason.", "Ask again.", status=status
        )
    cls = SessionError if status == _SIGNED_OUT else ProxyError
    return cls(
        str(fields.get("error") or f"The proxy answered with status {status}."),
        str(fields.get("next") or ""),
        source=fields.get("source") or None,
        status=status,
        error_type=fields.get("errorType"),
    )
