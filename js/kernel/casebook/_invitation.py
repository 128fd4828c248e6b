"""What a waiting cell shows of its plan: where a person approves it, and what became of it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casebook._plan import Plan

MIME = "application/vnd.casebook.plan.v1+json"


class Invitation:
    """The display of one waiting plan; shown once, then kept up to date.

    Our renderer asks the proxy how the plan stands, and has the button that takes it back. Other
    viewers get the state of the last update.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._note = ""
        self._handle: Any = None
        self._shown: dict[str, Any] = {}

    def show(self) -> None:
        """Show it below the cell."""
        try:
            from IPython.display import display  # noqa: PLC0415 - only in a notebook
        except ImportError:
            return
        self._shown = self.data()
        self._handle = display(self, display_id=True)

    def update(self, note: str | None = None) -> None:
        """Show how the plan stands now, if it was shown at all and anything has changed."""
        if note is not None:
            self._note = note
        if self._handle is not None and self._shown != self.data():
            self._shown = self.data()
            self._handle.update(self)

    def data(self) -> dict[str, Any]:
        """The plan for our renderer.

        The link is not among it: the renderer takes that from the proxy, not from a notebook.
        """
        plan = self._plan.to_dict()
        return {
            "id": self._plan.id,
            "what": self._plan.what,
            "state": self._plan.state,
            "expires_at": plan["expires_at"],
            "outcome": plan.get("outcome") or "",
            "note": self._note,
        }

    def __repr__(self) -> str:
        plan = self._plan
        if plan.state != "waiting":
            return "\n".join([plan.sentence, *self._notes()])
        return "\n".join(
            [
                f"Waiting for an approval until {self._until()}. {plan.what}.",
                f"  {plan.approve_url}",
                "  The page asks for the code on the proxy's terminal; it can refuse the plan too.",
                *self._notes(),
            ]
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {MIME: self.data(), "text/html": self._html(), "text/plain": repr(self)}

    def _html(self) -> str:
        plan = self._plan
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes())
        if plan.state != "waiting":
            return f"<p>{escape(plan.sentence)}</p>{notes}"
        url = escape(plan.approve_url)
        return (
            f"<p><strong>Waiting for an approval</strong> until {escape(self._until())}. "
            f"{escape(plan.what)}.</p>"
            f'<p><a href="{url}" target="_blank" rel="noopener noreferrer">Open the approval page'
            "</a>: it asks for the code on the proxy's terminal, and can refuse the plan too.</p>"
            f"{notes}"
        )

    def _until(self) -> str:
        return str(self._plan.to_dict()["expires_at"])

    def _notes(self) -> list[str]:
        return [self._note] if self._note else []
