"""Questions to the proxy's own API whose answers come piece by piece."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from casebook import _api, _core
from casebook._errors import UnreachableError
from casebook._notebook import notebook

if TYPE_CHECKING:
    from collections.abc import Callable


async def post(path: str, question: dict[str, Any], take: Callable[[bytes], None]) -> None:
    """Ask, and hand on each piece of the answer's body.

    Cancelling the awaiting task, or interrupting it, closes the connection, and what runs for it
    is told to end. An answer that is an error is raised as one.
    """
    origin = _core.base_url()
    import js  # noqa: PLC0415 - only in the browser
    from pyodide.ffi import JsException, to_js  # noqa: PLC0415

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
        answer = await js.fetch(origin + path, to_js(options, dict_converter=js.Object.fromEntries))
        if not answer.ok:
            _api.read(int(answer.status), str(await answer.text()), {})
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
