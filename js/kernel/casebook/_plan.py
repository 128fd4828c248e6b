"""A change of a host: previewed, approved outside of the notebook, done once, undoable."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from casebook import _api
from casebook._errors import CasebookError
from casebook._invitation import Invitation
from casebook._notebook import notebook
from casebook._table import Column, Table, Tone
from casebook._time import duration_ms, instant_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casebook._window import Duration

PATH = "/api/v1/plans"
# How often the proxy is asked how a plan stands, in seconds.
_PAUSE = 1.0
# How often the host is looked at after a move whose end nobody saw.
_LOOKS = 10
# How long a cell that was stopped waits for the proxy to take the plan back, in seconds.
_GOODBYE = 5.0

_OPEN = ("waiting", "approved")
_AGAIN = "Make a new plan, if it is still to be done."
_NEXT = {
    "cancelled": _AGAIN,
    "expired": _AGAIN,
    "refused": _AGAIN,
    "failed": "Look at the host, then make a new plan.",
}
_TONES: dict[str, Tone] = {
    "waiting": "warn",
    "approved": "warn",
    "applying": "warn",
    "applied": "ok",
    "undone": "ok",
}


class PlanError(CasebookError):
    """A plan could not be made, or did not come to its end; the file is where the message says."""


_ERRORS = dict.fromkeys(
    (
        "denied",
        "no_plan",
        "no_quarantine",
        "plan_busy",
        "plan_changed",
        "plan_refused",
        "plan_state",
        "too_many_plans",
    ),
    PlanError,
)


async def quarantine(host: str, path: str, note: str | None = None) -> Plan:
    """A plan that moves the file out of the way; nothing is moved yet.

    The host is asked what the file is: size, owner, SHA-256, who has it open. ``note`` is shown to
    the approver as what the notebook says.
    """
    wish = {"kind": "quarantine", "host": host, "path": path}
    if note is not None:
        wish["note"] = note
    return Plan(await _api.ask("POST", PATH, wish, _ERRORS))


class Plan:
    """One change of one host, as the proxy keeps it.

    The notebook cannot approve it: ``approve_url`` leads to a page that asks a person for the code
    on the proxy's terminal.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = dict(data)

    @property
    def id(self) -> str:
        """The plan's id."""
        return str(self._data["id"])

    @property
    def host(self) -> str:
        """The host's name."""
        return str(self._data["host"])

    @property
    def path(self) -> str:
        """The file, with all symbolic links resolved."""
        return str(self._data["facts"]["real"])

    @property
    def target(self) -> str:
        """Where it goes."""
        return str(self._data["facts"]["target"])

    @property
    def state(self) -> str:
        """How it stood when the proxy was last asked, such as ``"waiting"`` or ``"applied"``."""
        return str(self._data["state"])

    @property
    def approve_url(self) -> str:
        """The page on which a person approves it."""
        return str(self._data["approve_url"])

    @property
    def sentence(self) -> str:
        """What it does and how it stands."""
        outcome = self._data.get("outcome")
        return f"{self.what}: {self.state}." + (f" {outcome}" if outcome else "")

    @property
    def what(self) -> str:
        """What it does."""
        verb = "Moves" if self._data["kind"] == "quarantine" else "Moves back"
        return f"{verb} {self.path} to {self.target} on {self.host}"

    async def refresh(self) -> Plan:
        """Ask the proxy how it stands."""
        return await self._ask("GET", "")

    async def apply(self, wait: Duration = "10m") -> Plan:
        """Wait for the approval, at most ``wait``, then have it done, once.

        The cell shows where a person approves the plan, and a button that takes it back while
        nothing was begun; stopping the cell (■) takes it back too. When ``wait`` is over, the plan
        still waits. It returns when the file was moved and verified; anything else is a
        ``PlanError`` that says where the file is.
        """
        patience = duration_ms(wait, "wait") / 1000
        invitation = Invitation(self)
        try:
            await self._approval(invitation, time.monotonic() + patience, wait)
            await self._ask("POST", "/apply")
            await self._end()
        except asyncio.CancelledError:
            # The cell says this, so that nobody has to guess what became of the file.
            raise asyncio.CancelledError(await self._take_back()) from None
        finally:
            invitation.update()
        return self._check()

    async def undo(self) -> Plan:
        """A plan that moves the file back; like any other, it is approved before it is applied."""
        return Plan(await _api.ask("POST", f"{PATH}/{self.id}/undo", {}, _ERRORS))

    async def cancel(self) -> Plan:
        """Take it back, if it was not begun."""
        return await self._ask("POST", "/cancel")

    async def look(self) -> Plan:
        """Look where the file is, when nobody saw how the move ended."""
        return await self._ask("POST", "/look")

    def table(self) -> Table:
        """What the proxy found out about the file, and how the plan stands."""
        # The approver reads the same words.
        rows = [*self._data["rows"], {"name": "Plan", "value": self.id}]
        notes = []
        if self.state == "waiting":
            notes.append(
                f"Approve it at {self.approve_url} with the code on the proxy's terminal, "
                f"or there by `casebook-proxy approve {self.id}`."
            )
        if self.state not in (*_OPEN, "applied", "undone") and self._data.get("next"):
            notes.append(str(self._data["next"]))
        columns = [Column("name", "", align="left"), Column("value", "", align="left")]
        return Table(
            "What the host said before the move",
            columns,
            rows,
            notes,
            self.sentence,
            _TONES.get(self.state, "bad"),
        )

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """All that the proxy says of it."""
        return dict(self._data)

    async def _ask(self, method: str, verb: str) -> Plan:
        question: dict[str, Any] | None = {} if method == "POST" else None
        path = f"{PATH}/{self.id}{verb}"
        self._data = dict(await _api.ask(method, path, question, _ERRORS))
        return self

    async def _approval(self, invitation: Invitation, until: float, wait: Duration) -> None:
        await self.refresh()
        if self.state == "waiting":
            invitation.show()
        while self.state == "waiting":
            if time.monotonic() >= until:
                invitation.update(f"The cell waited for {wait}, and waits no longer.")
                raise PlanError(
                    f"Nobody approved the plan within {wait}: {self.path} is where it was.",
                    f"The plan waits until {self._data['expires_at']}. Ask for the approval and "
                    "run `await plan.apply()` again, or take it back by `await plan.cancel()`.",
                    source=self.host,
                )
            await asyncio.sleep(_PAUSE)
            await self.refresh()
        invitation.update()
        if self.state != "approved":
            self._check()

    async def _end(self) -> None:
        while self.state == "applying":
            await asyncio.sleep(_PAUSE)
            await self.refresh()
        for _ in range(_LOOKS):
            if self.state != "unknown":
                break
            await asyncio.sleep(_PAUSE)
            await self.refresh()

    def _check(self) -> Plan:
        if self.state == "applied":
            notebook.changed_ms = instant_ms(self._data["since"], "since")
            return self
        raise PlanError(
            self.sentence,
            str(self._data.get("next") or _NEXT.get(self.state, "Look at the host.")),
            source=self.host,
            error_type=self.state,
        )

    async def _take_back(self) -> str:
        """Cancel it if it was not begun, and say how it stands."""
        try:
            async with asyncio.timeout(_GOODBYE):
                await self.refresh()
                if self.state in _OPEN:
                    await self.cancel()
        except (CasebookError, TimeoutError):
            # Also when it was begun between the two questions.
            return f"{self.what}: nobody knows how it stands. `await plan.refresh()` asks again."
        if self.state in ("applying", "unknown"):
            return (
                f"{self.what}: it was begun, and goes on. `await plan.refresh()` says how it ended."
            )
        return self.sentence
