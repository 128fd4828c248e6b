"""Questions to the proxy's own API, most of them answered by one JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from casebook import _core
from casebook._errors import CasebookError, ProxyError, SessionError, UnreachableError
from casebook._notebook import notebook

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_T = TypeVar("_T")

_SIGNED_OUT = 401


async def ask(
    method: str,
    path: str,
    question: Mapping[str, Any] | None = None,
    errors: Mapping[str, type[CasebookError]] | None = None,
) -> Any:
    """The answer to ``method path``, or the error that it tells of.

    ``errors`` names the classes of certain error types. Cancelling the awaiting task, or
    interrupting it, closes the connection.
    """

    async def whole(answer: Any) -> tuple[int, str]:
        return int(answer.status), str(await answer.text())

    status, text = await fetch(method, path, question, whole)
    return read(status, text, errors or {})


async def fetch(
    method: str,
    path: str,
    question: Mapping[str, Any] | None,
    take: Callable[[Any], Awaitable[_T]],
    *,
    form: Mapping[str, str] | None = None,
) -> _T:
    """Ask the proxy, in the notebook's name and case, and return what ``take`` makes of the answer.

    ``question`` is sent as JSON, ``form`` as a form.

    Whatever ends this before the answer's end, such as a cancelled task, an interrupt or an error
    of ``take``, closes the connection.
    """
    origin = _core.base_url()
    import js  # noqa: PLC0415 - only in the browser
    from pyodide.ffi import JsException, to_js  # noqa: PLC0415

    headers = {"accept": "application/json"}
    if notebook.case:
        headers["x-casebook-case"] = notebook.case
    controller = js.AbortController.new()
    options: dict[str, Any] = {
        "method": method,
        "headers": headers,
        "credentials": "same-origin",
        "signal": controller.signal,
    }
    if question is not None:
        headers["content-type"] = "application/json"
        options["body"] = json.dumps(question)
    elif form is not None:
        headers["content-type"] = "application/x-www-form-urlencoded"
        options["body"] = urlencode(form)
    try:
        answer = await js.fetch(origin + path, to_js(options, dict_converter=js.Object.fromEntries))
        return await take(answer)
    except JsException as thrown:
        raise UnreachableError(
            f"The proxy did not answer {path} to its end: {getattr(thrown, 'message', thrown)}.",
            "See whether `casebook-proxy serve` still runs, then ask again.",
        ) from None
    except BaseException:
        controller.abort()
        raise


def read(status: int, text: str, errors: Mapping[str, type[CasebookError]]) -> Any:
    """The JSON of a good answer; the error of any other."""
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if status == 200 and fields is not None:  # noqa: PLR2004
        return fields
    if not isinstance(fields, dict) or "error" not in fields:
        raise ProxyError(
            f"The proxy answered with status {status}, and not as Casebook's proxy does.",
            "See what stands between this page and the proxy.",
            status=status,
        )
    kind = str(fields.get("errorType") or "")
    cls = SessionError if status == _SIGNED_OUT else errors.get(kind, ProxyError)
    raise cls(
        str(fields["error"]),
        str(fields.get("next") or ""),
        source=fields.get("source") or None,
        status=status,
        error_type=kind or None,
    )
