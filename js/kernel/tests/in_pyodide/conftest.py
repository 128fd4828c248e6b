"""Cells in a real Pyodide with the real core, against a server that answers badly on purpose."""

import json
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


@pytest.fixture(scope="session")
def kernel(node, origin):
    """One kernel for all tests, because each takes seconds to start."""
    with subprocess.Popen(
        [node, str(HERE / "kernel.mjs"), origin, str(PYODIDE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def cell(kernel):
    """Run a cell and give back the lines that it printed; an error in it fails the test."""

    def run(code):
        kernel.stdin.write(json.dumps(PROLOGUE + textwrap.dedent(code)) + "\n")
        kernel.stdin.flush()
        done = json.loads(kernel.stdout.readline())
        assert done["error"] is None, done["error"]
        return done["printed"]

    return run
