"""Gather what the wheel carries besides its own source: Pyodide, the pinned wheels, the kernel package.

    python assemble.py --kernel-wheel ../../target/wheels/casebook-0.1.0-py3-none-any.whl
    python assemble.py --update-pins

Runs after `npm run build`, which empties the labextension's folder. What is there already is not fetched again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from jupyterlite_pyodide_kernel.addons.piplite import write_wheel_index
from jupyterlite_pyodide_kernel.constants import PYODIDE_PYTHON_VERSION, PYODIDE_VERSION

from jupyterlite_casebook.pins import Pin, normalize, parse_pins

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "jupyterlite_casebook"
NODE_PYODIDE = HERE.parent / "node_modules/pyodide"
RUNTIME_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
PYPI_PINS = PACKAGE / "pins/pypi.txt"
KERNEL_PINS = PACKAGE / "pins/pyodide-kernel.txt"
KERNEL_WHEELS = Path(sys.prefix) / "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension/static/pypi"
# The other wheels there stand in for widgets, and the lock leaves them out.
KERNEL_WHEEL_NAMES = ("ipykernel", "piplite", "pyodide-kernel")


def main() -> None:
    """Read the command line, and gather."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--kernel-wheel", type=Path, help="the wheel of js/kernel")
    parser.add_argument("--update-pins", action="store_true", help="resolve wheels.in anew (asks the package index)")
    options = parser.parse_args()
    if options.update_pins:
        update_pins()
    copy_pyodide()
    fetch_wheels(parse_pins(PYPI_PINS.read_text("utf-8")), PACKAGE / "wheels")
    if options.kernel_wheel is not None:
        index_kernel_wheel(options.kernel_wheel)


def copy_pyodide() -> None:
    """Copy the runtime out of the npm package, with a lock that names no package of Pyodide's own distribution."""
    source = json.loads((NODE_PYODIDE / "package.json").read_text("utf-8"))
    if source["version"] != PYODIDE_VERSION:
        sys.exit(f"npm has pyodide {source['version']}, but jupyterlite-pyodide-kernel needs {PYODIDE_VERSION}")
    # jupyterlite-pyodide-kernel looks for `pyodide` inside the folder that it is given, as in Pyodide's archives.
    target = PACKAGE / "pyodide/pyodide"
    target.mkdir(parents=True, exist_ok=True)
    for name in RUNTIME_FILES:
        shutil.copy2(NODE_PYODIDE / name, target / name)
    lock = json.loads((NODE_PYODIDE / "pyodide-lock.json").read_text("utf-8"))
    # pyodide-lock needs the version, which the npm package leaves out.
    reduced = {"info": {**lock["info"], "version": PYODIDE_VERSION}, "packages": {}}
    (target / "pyodide-lock.json").write_text(json.dumps(reduced, indent=2, sort_keys=True) + "\n", "utf-8")


def fetch_wheels(pins: list[Pin], folder: Path) -> None:
    """Make the folder hold exactly the pinned wheels; pip fetches, and checks, only what is missing."""
    folder.mkdir(exist_ok=True)
    present = {sha256(path): path for path in folder.glob("*.whl")}
    for digest in present.keys() - {pin.sha256 for pin in pins}:
        present[digest].unlink()
    missing = [pin for pin in pins if pin.sha256 not in present]
    if not missing:
        return
    print(f"fetching {len(missing)} wheels of the site's Python", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        wanted = Path(temporary) / "wanted.txt"
        wanted.write_text("".join(pin_line(pin) for pin in missing), "utf-8")
        pip_download(folder, "--require-hashes", "-r", str(wanted))


def index_kernel_wheel(wheel: Path) -> None:
    """Put the kernel package in the labextension, with the index that piplite and the build addon read."""
    labextension = PACKAGE / "labextension"
    if not (labextension / "package.json").is_file():
        sys.exit("the labextension is not built: run `npm run build` in js first")
    pypi = labextension / "static/pypi"
    shutil.rmtree(pypi, ignore_errors=True)
    pypi.mkdir(parents=True)
    shutil.copy2(wheel, pypi)
    write_wheel_index(pypi)


def update_pins() -> None:
    """Resolve `wheels.in` for Pyodide's Python, and pin what comes out by the digest of its pure wheel."""
    with tempfile.TemporaryDirectory() as temporary:
        resolved = Path(temporary) / "resolved.txt"
        subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate"),
                *("--python-platform=wasm32-pyodide2024", f"--python-version={PYODIDE_PYTHON_VERSION}"),
                *("--only-binary=:all:", f"--output-file={resolved}", str(HERE / "wheels.in")),
            ],
            check=True,
        )
        wheels = Path(temporary) / "wheels"
        pip_download(wheels, "-r", str(resolved))
        write_pins(PYPI_PINS, "from the package index, carried in our wheel", sorted(wheels.glob("*.whl")))
    own = [path for path in sorted(KERNEL_WHEELS.glob("*.whl")) if wheel_name(path) in KERNEL_WHEEL_NAMES]
    write_pins(KERNEL_PINS, "inside jupyterlite-pyodide-kernel", own)


def pip_download(folder: Path, *arguments: str) -> None:
    """Fetch pure wheels for Pyodide's Python."""
    target = ("--platform=any", "--implementation=py", "--abi=none", f"--python-version={PYODIDE_PYTHON_VERSION}")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*command, *target, f"--dest={folder}", *arguments], check=True)


def write_pins(path: Path, where: str, wheels: list[Path]) -> None:
    """Write one line a wheel."""
    lines = [f"# Wheels {where}. Made by: python assemble.py --update-pins\n"]
    lines += [pin_line(Pin(wheel_name(wheel), wheel.name.split("-")[1], sha256(wheel))) for wheel in wheels]
    path.write_text("".join(lines), "utf-8")


def pin_line(pin: Pin) -> str:
    """Return a pin as pip reads it."""
    return f"{pin.name}=={pin.version} --hash=sha256:{pin.sha256}\n"


def wheel_name(path: Path) -> str:
    """Return the package's name in a wheel's file name."""
    return normalize(path.name.split("-")[0])


def sha256(path: Path) -> str:
    """Return the digest of a file in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
