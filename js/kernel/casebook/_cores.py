"""The core files of a host: what crashes left in the folders that may be looked into."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from casebook import _api
from casebook._errors import CasebookError
from casebook._table import Cell, Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from casebook._ssh import Host

# A plain file in the words of `ls -lab --time-style=full-iso`.
_ROW = re.compile(
    r"-\S+ +\d+ +(?P<owner>\S+) +(?P<group>\S+) +(?P<size>\d+) "
    r"(?P<day>\d{4}-\d\d-\d\d) (?P<time>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,6})?\d* "
    r"(?P<zone>[+-]\d{4}) (?P<name>.+)"
)
# What the kernel (`core`, `core.4711`), systemd (`core.nginx.33.….zst`), a pattern of one's own
# (`nginx.core`), Ubuntu's apport (`….crash`) and kdump (`vmcore`) call a core file.
_NAME = re.compile(r"core|core(?!.*\.log\b)[._-].*\d.*|.+\.core|.+\.crash|vmcore")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13}


class NoCore(CasebookError, LookupError):  # noqa: N818 - reads as the sentence it is
    """No core file lies in the folders that were looked into."""


@dataclass(frozen=True)
class Core:
    """One core file. ``movable`` says whether the proxy's configuration lets it be moved."""

    path: str
    size: int
    owner: str
    modified: datetime
    movable: bool

    def to_dict(self) -> dict[str, Any]:
        """All fields, ready for JSON."""
        return {**asdict(self), "modified": self.modified.isoformat()}


class Cores:
    """The core files of one host, the newest first."""

    def __init__(self, host: str, found: list[Core], folders: list[str], notes: list[str]) -> None:
        self._host = host
        self._found = sorted(found, key=lambda core: (core.modified, core.size), reverse=True)
        self._folders = folders
        self._notes = notes

    @property
    def newest(self) -> Core:
        """The core file that was written last; ``NoCore`` when there is none."""
        if self._found:
            return self._found[0]
        raise NoCore(
            " ".join([f"No core file on {self._host}: {self._looked}.", *self._notes]),
            "Look elsewhere with await host.ls(…), or have the folder added to ssh.paths.read.",
            source=self._host,
        )

    @property
    def _looked(self) -> str:
        if not self._folders:
            return "the proxy's configuration names no folder to look into (ssh.paths.read)"
        return f"looked into {', '.join(self._folders)}"

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Core]:
        return iter(self._found)

    def __getitem__(self, index: int) -> Core:
        return self._found[index]

    def table(self) -> Table:
        """The core files as a table."""
        columns = [
            Column("path", "path", align="left"),
            Column("size", "size", unit="bytes"),
            Column("owner", "owner", align="left"),
            Column("modified", "written", unit="UTC", align="left"),
            Column("movable", "may be moved", align="left"),
        ]
        rows: list[dict[str, Cell]] = [
            {
                "path": core.path,
                "size": core.size,
                "owner": core.owner,
                "modified": f"{core.modified:%Y-%m-%d %H:%M:%S}",
                "movable": "after approval" if core.movable else "no",
            }
            for core in self._found
        ]
        empty = [] if rows else ["There are none."]
        looked = f"{self._looked[0].upper()}{self._looked[1:]}."
        return Table(
            f"Core files on {self._host}, the newest first",
            columns,
            rows,
            [*empty, looked, *self._notes],
        )

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """The core files, and where they were looked for."""
        return {
            "host": self._host,
            "folders": list(self._folders),
            "cores": [core.to_dict() for core in self._found],
            "notes": list(self._notes),
        }


async def find(host: Host) -> Cores:
    """List every folder that may be looked into, one after the other, and pick the core files.

    A folder that cannot be listed is told of in a note; a host that cannot be asked is an error.
    """
    ssh = (await _api.ask("GET", "/api/v1/catalog")).get("ssh") or {}
    aside = ssh.get("quarantine_to")
    folders = [folder for folder in ssh.get("read", []) if folder != aside]
    movable = ssh.get("quarantine_from", [])
    found: list[Core] = []
    notes: list[str] = []
    for folder in folders:
        listed = await host.ls(folder)
        found += cores(folder, listed.stdout, any(_is_in(folder, other) for other in movable))
        if not listed.ok:
            said = listed.stderr.strip().splitlines()
            notes.append(f"{folder}: {said[-1] if said else listed.ending}")
    return Cores(host.name, found, folders, notes)


def cores(folder: str, listing: str, movable: bool) -> list[Core]:
    """The core files in what ``ls -lab --time-style=full-iso`` says of a folder."""
    found = []
    for line in listing.splitlines():
        row = _ROW.fullmatch(line)
        if row is None:
            continue
        name = _plain(row["name"])
        if not _NAME.fullmatch(name):
            continue
        time = f"{row['day']}T{row['time']}{row['fraction'] or ''}{row['zone']}"
        modified = datetime.fromisoformat(time).astimezone(UTC)
        path = f"{folder.rstrip('/')}/{name}"
        found.append(Core(path, int(row["size"]), row["owner"], modified, movable))
    return found


def _plain(name: str) -> str:
    """A name without the escapes of ``ls -b``."""

    def byte(escape: re.Match[bytes]) -> bytes:
        letter = escape[1]
        if len(letter) > 1:
            return bytes([int(letter, 8) & 0xFF])
        return bytes([_LETTERS[letter]]) if letter in _LETTERS else letter

    return _ESCAPE.sub(byte, name.encode()).decode(errors="replace")


def _is_in(folder: str, other: str) -> bool:
    return folder == other or folder.startswith(other.rstrip("/") + "/")
