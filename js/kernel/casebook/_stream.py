"""Questions to the proxy's own API whose answers come piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casebook import _api

if TYPE_CHECKING:
    from collections.abc import Callable


async def post(path: str, question: dict[str, Any], take: Callable[[bytes], None]) -> None:
    """Ask, and hand on each piece of the answer's body.

    Cancelling the awaiting task, or interrupting it, closes the connection, and what runs for it
    is told to end. An answer that is an error is raised as one.
    """

    async def each_piece(answer: Any) -> None:
        if not answer.ok:
            _api.read(int(answer.status), str(await answer.text()), {})
        reader = answer.body.getReader()
        while not (piece := await reader.read()).done:
            take(bytes(piece.value.to_py()))

    await _api.fetch("POST", path, question, each_piece)
