"""A host, looked at through the proxy by a catalogue of commands that only read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from casebook import _cores, _plan, _stream
from casebook._errors import BadRequestError, CasebookError, TruncatedError

if TYPE_CHECKING:
    from collections.abc import Iterable

PATH = "/api/v1/ssh/run"


class CommandError(CasebookError):
    """A command did not run to its end, or ended with a status other than 0."""


async def ssh(host: object) -> Host:
    """The host of an instance, of an instance id, or of a name that the proxy knows.

    Nothing is asked yet; the proxy decides at each command whether the host may be reached.
    """
    name = getattr(host, "instance_id", host)
    if not isinstance(name, str) or not name.strip():
        raise BadRequestError(
            f"{host!r} names no host.",
            'Give what `await cb.aws().instance(…)` found, or an id such as "i-0abc".',
        )
    return Host(name.strip())


class Host:
    """Asks one host; it holds a name, never an address to connect to or a key."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def ls(self, path: str) -> Output:
        """What lies in a folder."""
        return await self.run("ls", path=path)

    async def stat(self, path: str) -> Output:
        """Size, owner and times of a file."""
        return await self.run("stat", path=path)

    async def df(self, path: str) -> Output:
        """Free space of the file system that holds ``path``."""
        return await self.run("df", path=path)

    async def ps(self) -> Output:
        """The processes, by processor time."""
        return await self.run("ps")

    async def journalctl(
        self, *, unit: str | None = None, since: str | None = None, lines: int | None = None
    ) -> Output:
        """The last lines of the journal, of a unit or of all.

        ``since`` is a time in UTC (``"2026-11-22T07:00Z"``) or how long ago (``"15m"``).
        """
        return await self.run("journalctl", unit=unit, since=since, lines=lines)

    async def coredumpctl_info(self, pid: int) -> Output:
        """What systemd recorded about the crash of a process."""
        return await self.run("coredumpctl_info", pid=pid)

    async def sha256sum(self, path: str) -> Output:
        """The SHA-256 of a file, read at the lowest priority."""
        return await self.run("sha256sum", path=path)

    async def tail(self, path: str, lines: int | None = None) -> Output:
        """The last lines of a file, 100 unless told."""
        return await self.run("tail", path=path, lines=lines)

    async def cores(self) -> _cores.Cores:
        """The core files in the folders that the proxy's configuration lets cells look into.

        The folder of files that were moved out of the way is left out.
        """
        return await _cores.find(self)

    async def quarantine(self, path: str, note: str | None = None) -> _plan.Plan:
        """A plan that moves the file out of the way; nothing is moved before it is approved.

        ``note`` is shown to the approver as what the notebook says.
        """
        return await _plan.quarantine(self.name, path, note)

    async def run(self, command: str, **params: str | int | None) -> Output:
        """A command of the proxy's catalogue by its name.

        The answer tells how the command ended; a host that could not be asked is an error.
        """
        given = {name: value for name, value in params.items() if value is not None}
        question = {"host": self.name, "command": command, "params": given}
        reader = Reader(self.name, command)
        await _stream.post(PATH, question, reader.feed)
        return reader.output()

    def __repr__(self) -> str:
        return f"Host({self.name!r})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": f'host "{self.name}": look at it with await ….ls("/var/crash")'}

    def to_dict(self) -> dict[str, Any]:
        """The host's name."""
        return {"host": self.name}


@dataclass(frozen=True)
class Output:
    """What a command wrote, and how it ended.

    Only ``ok`` means that it ran to its end with status 0 and that all of its output is here.
    """

    host: str
    address: str
    line: str
    stdout: str
    stderr: str
    status: int | None
    signal: str | None
    lost: bool
    truncated: bool
    timed_out: bool
    ms: int
    seq: int
    hash: str

    @property
    def ok(self) -> bool:
        """Whether it ran to its end with status 0 and all of its output is here."""
        return self.status == 0 and not (self.lost or self.truncated or self.timed_out)

    @property
    def ending(self) -> str:
        """How it ended, as a sentence."""
        if self.lost:
            return "The connection broke: nobody knows what became of the command."
        if self.timed_out:
            return "It took longer than the proxy allows and was told to end: this is not all."
        if self.truncated:
            return "It wrote more than the proxy allows and was told to end: this is not all."
        if self.status is None:
            return f"It was killed by {self.signal or 'a signal'}: this may not be all."
        return f"It ended with status {self.status}."

    def check(self) -> Output:
        """The output itself, or ``CommandError`` when it is not ``ok``."""
        if self.ok:
            return self
        said = self.stderr.strip().splitlines()
        raise CommandError(
            f"`{self.line}` on {self.host}: {self.ending}" + (f" {said[-1]}" if said else ""),
            "Look at its .stderr, then ask again or ask for less.",
            source=self.host,
        )

    def __str__(self) -> str:
        return self.stdout

    def __repr__(self) -> str:
        parts = [f"{self.host}$ {self.line}", self.stdout.rstrip("\n")]
        if self.stderr:
            parts.append(f"stderr: {self.stderr.rstrip(chr(10))}")
        if not self.ok:
            parts.append(self.ending)
        return "\n".join(part for part in parts if part)

    def html(self) -> str:
        """The output in fixed width, all text escaped."""
        parts = [
            f"<p><code>{escape(self.host)}$ {escape(self.line)}</code></p>",
            f"<pre>{escape(self.stdout)}</pre>" if self.stdout else "",
            f"<pre><strong>stderr</strong>\n{escape(self.stderr)}</pre>" if self.stderr else "",
            "" if self.ok else f"<p><strong>{escape(self.ending)}</strong></p>",
        ]
        return "".join(parts)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/html": self.html(), "text/plain": repr(self)}

    def to_dict(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return {**asdict(self), "ok": self.ok}


class Outputs(tuple[Output, ...]):
    """What the commands of one cell wrote, one after the other."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        html = "".join(output.html() for output in self)
        return {"text/html": html, "text/plain": repr(self)}

    def to_dict(self) -> dict[str, Any]:
        """All of them, ready for JSON."""
        return {"outputs": [output.to_dict() for output in self]}


class Reader:
    """Puts the lines of an answer together, in whatever pieces they come."""

    def __init__(self, host: str, command: str) -> None:
        self._asked = f"{command} on {host}"
        self._rest = b""
        self._events: list[dict[str, Any]] = []

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the answer."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._events.extend(json.loads(line) for line in lines)

    def output(self) -> Output:
        """What the whole answer says; ``TruncatedError`` when its end is missing."""
        events = self._events
        start = next((event for event in events if event["event"] == "start"), None)
        end = events[-1] if events and events[-1]["event"] == "exit" else None
        if start is None or end is None:
            raise TruncatedError(
                f"The answer to {self._asked} broke off: nobody knows what became of the command.",
                "Ask again.",
            )
        return Output(
            host=start["host"],
            address=start["address"],
            line=start["line"],
            stdout=_joined(events, "stdout"),
            stderr=_joined(events, "stderr"),
            status=end["status"],
            signal=end["signal"],
            lost=end["lost"],
            truncated=end["truncated"],
            timed_out=end["timed_out"],
            ms=end["ms"],
            seq=start["seq"],
            hash=start["hash"],
        )


def _joined(events: Iterable[dict[str, Any]], stream: str) -> str:
    return "".join(event["text"] for event in events if event["event"] == stream)
