"""Cells in a real Pyodide with the real core, against a server that answers badly on purpose."""

import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
STUB = ROOT / "crates/wasm/tests/stub.mjs"
PYODIDE = ROOT / "js/node_modules/pyodide"
WASM = ROOT / "js/kernel/casebook/_wasm/casebook_wasm_bg.wasm"
PROLOGUE = """
import casebook as cb
cb.window("2026-11-22T07:00Z", "2026-11-22T07:05Z")
def ask(source, query="level", **more):
    return cb.prometheus(source).query_range(query, **more)
"""


@pytest.fixture(scope="session")
def node():
    found = shutil.which("node")
    assert found, "these tests need Node 20 or later: install nodejs"
    assert PYODIDE.is_dir(), "these tests need Pyodide: run `npm ci` in js"
    assert WASM.is_file(), "these tests need the core: run `cargo xtask demo` or its build once"
    return found


@pytest.fixture(scope="session")
def origin(node):
    """The origin of the server that answers badly; it ends with its standard input."""
    with subprocess.Popen(
        [node, str(STUB)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as stub:
        yield stub.stdout.readline().strip()
        stub.stdin.close()


@pytest.fixture
def cell(node, origin, tmp_path):
    """Run a cell in a new kernel and give back what it printed; an error in it fails the test."""

    def run(code):
        script = tmp_path / "cell.py"
        script.write_text(PROLOGUE + textwrap.dedent(code), "utf-8")
        done = subprocess.run(
            [node, str(HERE / "kernel.mjs"), str(script), origin, str(PYODIDE)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
