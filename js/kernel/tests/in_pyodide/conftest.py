"""Cells in a real Pyodide with the real core, against a server that answers badly on purpose."""

import json
import random
import shutil
import socket
import subprocess
import textwrap
import time
import urllib.request
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


@pytest.fixture(scope="session")
def fleet(origin, tmp_path_factory):
    """A real Prometheus with 300 gauges of unlike scale; ``s123`` swings four times its habit.

    The stub's sources ``real``, ``small`` and ``short`` lead to it.
    """
    for program in ("prometheus", "promtool"):
        assert shutil.which(program), f"these tests need {program}: install prometheus"
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "fleet.om").write_text(_openmetrics())
    (folder / "prometheus.yml").write_text("scrape_configs: []\n")
    blocks = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "fleet.om", "data"]
    subprocess.run(blocks, cwd=folder, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    flags = ["--config.file=prometheus.yml", "--storage.tsdb.path=data"]
    flags += ["--storage.tsdb.retention.time=100y", f"--web.listen-address=127.0.0.1:{port}"]
    with subprocess.Popen(["prometheus", *flags], cwd=folder, stderr=subprocess.DEVNULL) as server:
        _wait_until_ready(server, port)
        urllib.request.urlopen(f"{origin}/relay/{port}").close()
        yield
        server.kill()


def _openmetrics():
    """Two hours up to 07:05, the end of the notebook's window, a sample each ten seconds."""
    noise, end = random.Random(7), 1795331100
    lines = []
    for index in range(300):
        scale = noise.lognormvariate(0, 1)
        for at in range(end - 7200, end + 1, 10):
            odd = 4 if index == 123 and at > end - 300 else 1
            value = round(scale * (10 + odd * noise.random()), 6)
            lines.append(f'level{{job="fleet",which="s{index}"}} {value} {at}')
    return "\n".join([*lines, "# EOF\n"])


def _wait_until_ready(server, port):
    for _ in range(600):
        assert server.poll() is None, "prometheus ended"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready").close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("prometheus was not ready within a minute")
