"""The Rust core in this kernel's worker: loaded once, when the kernel starts."""

from __future__ import annotations

import asyncio
import contextlib
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from casebook._errors import BadRequestError, CasebookError, from_detail

if TYPE_CHECKING:
    from collections.abc import Callable

_loading: asyncio.Future[Any] | None = None
_starting: asyncio.Future[None] | None = None


async def load() -> Any:
    """The core's JavaScript module; concurrent callers share one instance."""
    global _loading  # noqa: PLW0603 - one wasm instance in one kernel
    if _loading is None or (_loading.done() and (_loading.cancelled() or _loading.exception())):
        _loading = asyncio.ensure_future(_instantiate())
    # A cancelled cell must not take the core away from the next one.
    return await asyncio.shield(_loading)


def start() -> None:
    """Load the core, and have the browser compile it, beside whatever the first cell does."""
    global _starting  # noqa: PLW0603 - the loop itself keeps no task alive
    _starting = asyncio.ensure_future(_warm_up())


async def _warm_up() -> None:
    # What is wrong is said by the first question, which loads it again.
    with contextlib.suppress(Exception):
        (await load()).warm_up()


def base_url() -> str:
    """The origin of the site, which is the origin of the proxy: there is no other."""
    return str(_js().location.origin)


async def query_range(request: dict[str, Any], progress: Callable[[float], None] | None) -> Any:
    """Ask, and hold the answer: a handle whose samples stay in wasm memory.

    Cancelling the awaiting task, or interrupting it, closes the connection.
    """
    core, js = await load(), _js()
    from pyodide.ffi import JsException, create_proxy  # noqa: PLC0415 - only in the browser

    controller = js.AbortController.new()
    callback = create_proxy(progress) if progress else None
    try:
        return await core.query_range(json.dumps(request), controller.signal, callback)
    except JsException as thrown:
        raise error_of(thrown) from None
    except (asyncio.CancelledError, KeyboardInterrupt):
        controller.abort()
        raise
    finally:
        if callback is not None:
            callback.destroy()


async def push_down(asked: dict[str, Any]) -> dict[str, Any]:
    """The queries by which a source ranks the series of a query; see the core's ``push_down``."""
    core = await load()
    from pyodide.ffi import JsException  # noqa: PLC0415 - only in the browser

    try:
        text = core.push_down(json.dumps(asked))
    except JsException as thrown:
        raise BadRequestError(
            f"The source cannot rank the series of this query: {error_of(thrown).message}.",
            "Take the time out of the query, or ask for fewer series.",
            query=asked["query"],
        ) from None
    written: dict[str, Any] = json.loads(text)
    return written


def error_of(thrown: Any) -> CasebookError:
    """The Python error for what the core threw."""
    detail = getattr(thrown, "detail", None)
    message = getattr(thrown, "message", None) or str(thrown)
    return from_detail(detail if isinstance(detail, str) else None, str(message))


async def _instantiate() -> Any:
    js = _js()
    from pyodide.code import run_js  # noqa: PLC0415 - only in the browser
    from pyodide.ffi import to_js  # noqa: PLC0415

    source = files("casebook").joinpath("_wasm")
    glue = source.joinpath("casebook_wasm.js").read_text("utf-8")
    wasm = source.joinpath("casebook_wasm_bg.wasm").read_bytes()
    kind = to_js({"type": "text/javascript"}, dict_converter=js.Object.fromEntries)
    # By blob: the site's content security policy has no room for imports of data: URLs.
    url = js.URL.createObjectURL(js.Blob.new(to_js([glue]), kind))
    try:
        module = await run_js("url => import(url)")(url)
    finally:
        js.URL.revokeObjectURL(url)
    module.initSync(to_js({"module": wasm}, dict_converter=js.Object.fromEntries))
    return module


def _js() -> Any:
    try:
        import js  # noqa: PLC0415 - only in the browser
    except ImportError:
        raise CasebookError(
            "Casebook's core runs in the browser kernel, and this is none.",
            "Open the notebook by the link that `casebook-proxy serve` printed.",
        ) from None
    return js
