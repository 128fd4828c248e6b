"""Which wheels may be in a site's ``pyodide-lock.json``, by name, version and SHA-256."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+) --hash=sha256:(?P<sha256>[0-9a-f]{64})$")

INSTALLED_EXTENSIONS = "../../extensions/"
"""Where the lock points for wheels that came inside an installed labextension."""


class Pin(NamedTuple):
    """One wheel: its normalized name, its version, and the SHA-256 of the file in hex."""

    name: str
    version: str
    sha256: str


class PinError(ValueError):
    """A wheel is not the one that was pinned; the message names it and says what to do."""


def normalize(name: str) -> str:
    """Return a package's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse_pins(text: str) -> list[Pin]:
    """Read ``name==version --hash=sha256:…`` lines; blank lines and ``#`` comments are skipped."""
    pins = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _PIN.match(stripped)
        if match is None:
            raise PinError(f"line {number} of the pins is not 'name==version --hash=sha256:…': {stripped}")
        pins.append(Pin(**match.groupdict()))
    return pins


def read_pins(folder: Path) -> dict[str, Pin]:
    """Read every ``*.txt`` of a folder of pins, by name."""
    found: dict[str, Pin] = {}
    for path in sorted(folder.glob("*.txt")):
        for pin in parse_pins(path.read_text("utf-8")):
            found[pin.name] = pin
    return found


def index_pins(all_json: Mapping[str, Any]) -> Iterable[Pin]:
    """Read the digests of a piplite index (``all.json``), which is made when our wheel is built."""
    for name, package in all_json.items():
        for version, files in package["releases"].items():
            yield Pin(normalize(name), version, files[0]["digests"]["sha256"])


def check_lock(lock: Mapping[str, Any], pins: Mapping[str, Pin], *, only_pinned: bool) -> list[str]:
    """Compare a ``pyodide-lock.json`` with the pins.

    Returns the names of wheels without a pin. With ``only_pinned`` such a wheel is an error, unless a labextension
    that the site's owner installed brought it. A pinned wheel with another version or digest is always an error.
    """
    problems = []
    unpinned = []
    for package in lock["packages"].values():
        name = normalize(package["name"])
        pin = pins.get(name)
        if pin is None:
            unpinned.append(name)
            if only_pinned and not package["file_name"].startswith(INSTALLED_EXTENSIONS):
                problems.append(f"{name} {package['version']} is not among the pinned wheels")
        elif (package["version"], package["sha256"]) != (pin.version, pin.sha256):
            problems.append(
                f"{name} {package['version']} sha256:{package['sha256']} is not the pinned "
                f"{pin.version} sha256:{pin.sha256}"
            )
    if problems:
        raise PinError(
            "the site's lock holds wheels that casebook did not pin:\n  - "
            + "\n  - ".join(problems)
            + "\nremove your own copy of these wheels, or install the jupyterlite-casebook wheel again"
        )
    return sorted(unpinned)
