"""What the tests need: our wheel, and an environment into which it was installed."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WHEEL = ROOT / "target/wheels/jupyterlite_casebook-0.1.0-py3-none-any.whl"


class Lite:
    """The ``jupyter-lite`` command of an environment that has our wheel and what it depends on."""

    def __init__(self, environment: Path) -> None:
        """Use the virtual environment in this folder."""
        self.python = environment / "bin/python"

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run in a folder, where no package index can be reached."""
        closed = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
        return subprocess.run(
            [str(self.python), "-m", "jupyterlite_core", *arguments],
            cwd=folder,
            env={**os.environ, **closed, "NO_PROXY": ""},
            capture_output=True,
            text=True,
            check=False,
        )

    def build(self, folder: Path, *arguments: str) -> Path:
        """Build a site that has to succeed, and return its folder."""
        result = self.run(folder, "build", *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        return folder / "_output"


@pytest.fixture(scope="session")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Lite:
    """Install our wheel, as a person would, beside the dependencies of the environment that runs the tests."""
    if not WHEEL.is_file():
        pytest.fail(f"{WHEEL} is missing: build it first, with `python assemble.py` and `python -m build`")
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = str(environment / "bin/python")
    install = ("install", "--quiet", "--no-deps", "--no-index", "--ignore-installed")
    subprocess.run([sys.executable, "-m", "pip", "--python", python, *install, str(WHEEL)], check=True)
    # What our wheel depends on is where the tests run; labextensions are found by `sys.prefix`, so they need a link.
    packages = next(environment.glob("lib/python3.*/site-packages"))
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", "utf-8")
    # jsonschema does without it, and would wait at each start until it has compiled its 38 grammars.
    (packages / "rfc3987_syntax.py").write_text("raise ImportError\n", "utf-8")
    labextensions = "share/jupyter/labextensions"
    (environment / labextensions / "@jupyterlite").symlink_to(Path(sys.prefix) / labextensions / "@jupyterlite")
    return Lite(environment)
