"""The minutes that an incident is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook._errors import BadRequestError
from casebook._time import duration_ms, duration_text, instant_ms, instant_text

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    Instant = str | float | datetime
    Duration = str | float | timedelta


@dataclass(frozen=True)
class Window:
    """From ``start_ms`` to ``end_ms``, both in milliseconds since the Unix epoch."""

    start_ms: int
    end_ms: int

    @classmethod
    def of(cls, start: Instant, end: Instant) -> Window:
        """The window between two instants; see ``instant_ms`` for how they may be written."""
        start_ms, end_ms = instant_ms(start, "start"), instant_ms(end, "end")
        if end_ms <= start_ms:
            raise BadRequestError(
                f"The window ends at {instant_text(end_ms)}, not after its start at "
                f"{instant_text(start_ms)}.",
                "Give the earlier time first.",
            )
        return cls(start_ms, end_ms)

    @property
    def start(self) -> str:
        """The start in UTC, such as ``2026-11-22T07:00:00Z``."""
        return instant_text(self.start_ms)

    @property
    def end(self) -> str:
        """The end in UTC."""
        return instant_text(self.end_ms)

    @property
    def length_ms(self) -> int:
        """From start to end, in milliseconds."""
        return self.end_ms - self.start_ms

    def last(self, length: Duration) -> Window:
        """The last minutes of this window; they may reach back beyond its start."""
        return Window(self.end_ms - duration_ms(length, "last"), self.end_ms)

    def aligned(self, step_ms: int) -> Window:
        """Both ends, moved back to a multiple of the step.

        Sources cache such queries only, and evaluate subqueries at such instants.
        """
        return Window(self.start_ms - self.start_ms % step_ms, self.end_ms - self.end_ms % step_ms)

    def before(self, length: Duration, step_ms: int) -> Window:
        """The whole steps of this length that end a step before this window starts."""
        end_ms = self.start_ms - step_ms
        length_ms = duration_ms(length, "baseline")
        return Window(end_ms - length_ms + length_ms % step_ms, end_ms)

    def ending(self, end_ms: int) -> Window:
        """A window as long as this one that ends at another instant."""
        return Window(end_ms - self.length_ms, end_ms)

    def after(self, instant_ms: int | None, step_ms: int) -> Window:
        """The steps that are later than an instant by a step or more; at least the last of all.

        The first step after the instant may still show a sample from before it.
        """
        if instant_ms is None:
            return self
        steps = max((self.end_ms - instant_ms) // step_ms - 1, 0)
        return Window(max(self.end_ms - steps * step_ms, self.start_ms), self.end_ms)

    def code(self) -> str:
        """The line of Python that sets this window."""
        return f'cb.window("{self.start}", "{self.end}")'

    def __str__(self) -> str:
        return f"{self.start} to {self.end} ({duration_text(self.length_ms)})"

    def __repr__(self) -> str:
        return f"Window({self})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": f"window: {self}"}

    def to_dict(self) -> dict[str, Any]:
        """Start, end (UTC text) and length in seconds."""
        return {"start": self.start, "end": self.end, "seconds": self.length_ms / 1000}
