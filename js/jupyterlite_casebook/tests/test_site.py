"""Sites built from the wheel, as a person would: an empty folder, `jupyter lite build`, and no network."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from conftest import ROOT, WHEEL, Lite
from jupyterlite_casebook.pins import read_pins

if TYPE_CHECKING:
    from pathlib import Path

KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
PINS = ROOT / "js/jupyterlite_casebook/jupyterlite_casebook/pins"

OWN_TEMPLATE = {
    "cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Capacity: {{title}}"}],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture(scope="session")
def site(lite: Lite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build in an empty folder, without any configuration."""
    return lite.build(tmp_path_factory.mktemp("empty"))


def load(path: Path) -> dict[str, Any]:
    """Read a JSON object."""
    return json.loads(path.read_text("utf-8"))


def config(site: Path) -> dict[str, Any]:
    """Read what the page is told."""
    return load(site / "jupyter-lite.json")["jupyter-config-data"]


def locked(site: Path) -> list[dict[str, Any]]:
    """Read what the kernel may load."""
    return list(load(site / "static/pyodide-lock/pyodide-lock.json")["packages"].values())


def make_wheel(folder: Path, name: str, version: str) -> None:
    """Write a small wheel."""
    folder.mkdir()
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_the_kernel_starts_from_the_site_alone(site: Path) -> None:
    settings = config(site)["litePluginSettings"][KERNEL]
    assert settings["pyodideUrl"] == "./static/pyodide/pyodide.mjs"
    assert settings["loadPyodideOptions"]["lockFileURL"] == "./static/pyodide-lock/pyodide-lock.json"
    assert {"casebook", "ipython", "pyodide-kernel"} <= {*settings["loadPyodideOptions"]["packages"]}
    assert settings["disablePyPIFallback"] is True
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        assert (site / "static/pyodide" / name).stat().st_size > 0


def test_every_locked_wheel_is_there_with_its_pinned_digest(site: Path) -> None:
    pins = read_pins(PINS)
    packages = {package["name"]: package for package in locked(site)}
    assert packages.keys() == {*pins, "casebook"}
    for name, package in packages.items():
        content = (site / "static/pyodide-lock" / package["file_name"]).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        assert digest == package["sha256"]
        assert name == "casebook" or (package["version"], digest) == (pins[name].version, pins[name].sha256)


def test_nothing_that_the_page_reads_names_another_host(site: Path) -> None:
    read = [site / "jupyter-lite.json", site / "lab/jupyter-lite.json"]
    read += [site / "static/pyodide-lock/pyodide-lock.json", *site.glob("extensions/**/all.json")]
    assert len(read) >= 5
    for path in read:
        assert re.findall(r"https?://[^\"\s]+", path.read_text("utf-8")) == [], path


def test_the_page_asks_nobody_for_news_and_caches_nothing(site: Path) -> None:
    settings = config(site)
    assert settings["enableServiceWorkerCache"] is False
    notification = settings["settingsOverrides"]["@jupyterlab/apputils-extension:notification"]
    assert notification == {"fetchNews": "false", "checkForUpdates": False}


def test_notebooks_keep_when_their_cells_ran(site: Path) -> None:
    assert config(site)["settingsOverrides"]["@jupyterlab/notebook-extension:tracker"] == {"recordTiming": True}


def test_the_shell_and_its_settings_are_loaded(site: Path) -> None:
    extensions = {extension["name"]: extension for extension in config(site)["federated_extensions"]}
    shell = extensions["casebook"]
    assert shell["mimeExtension"] == "./mimeExtension"
    assert (site / "extensions/casebook" / shell["load"]).is_file()
    schemas = json.loads((site / "build/schemas/all_federated.json").read_text("utf-8"))
    assert "casebook:connection" in [schema["id"] for schema in schemas]


def test_the_template_is_among_the_files(site: Path) -> None:
    listed = load(site / "api/contents/templates/all.json")["content"]
    assert [entry["name"] for entry in listed] == ["incident.ipynb"]
    cells = load(site / "files/templates/incident.ipynb")["cells"]
    assert not any("trusted" in cell["metadata"] for cell in cells)
    assert all(cell.get("outputs", []) == [] for cell in cells)


def test_the_tutorial_is_a_file_of_the_site_and_no_template(site: Path) -> None:
    listed = load(site / "api/contents/all.json")["content"]
    pages = {"how-casebook-decides", "how-casebook-decides.md", "templates", "tutorial.ipynb"}
    assert {entry["name"] for entry in listed} == pages
    cells = load(site / "files/tutorial.ipynb")["cells"]
    assert all(cell.get("outputs", []) == [] and cell["metadata"] == {} for cell in cells)
    assert len({cell["id"] for cell in cells}) == len(cells)


def test_the_page_that_explains_verdicts_is_there_with_its_pictures_to_be_read(site: Path) -> None:
    page = (site / "files/how-casebook-decides.md").read_text("utf-8")
    pictures = re.findall(r"\]\((how-casebook-decides/[a-z-]+\.svg)\)", page)
    assert len(pictures) >= 12
    for picture in pictures:
        assert (site / "files" / picture).read_text("ascii").startswith("<svg ")
    documents = config(site)["settingsOverrides"]["@jupyterlab/docmanager-extension:plugin"]
    assert documents == {"defaultViewers": {"markdown": "Markdown Preview"}}


def test_no_source_maps_are_shipped(site: Path) -> None:
    assert list(site.rglob("*.map")) == []
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 60_000_000


def test_jupyter_lite_check_is_content(lite: Lite, site: Path) -> None:
    result = lite.run(site.parent, "check")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_owner_of_a_site_may_choose_otherwise(lite: Lite, tmp_path: Path) -> None:
    own = {"jupyter-lite-schema-version": 0, "jupyter-config-data": {"exposeAppInBrowser": False, "appName": "Ours"}}
    (tmp_path / "jupyter-lite.json").write_text(json.dumps(own), "utf-8")
    (tmp_path / "files").mkdir()
    (tmp_path / "files/runbook.md").write_text("# Ours", "utf-8")
    (tmp_path / "files/templates").mkdir()
    for name in ("capacity.ipynb", "incident.ipynb"):
        (tmp_path / "files/templates" / name).write_text(json.dumps(OWN_TEMPLATE), "utf-8")
    site = lite.build(tmp_path, "--contents", "files")
    before = config(site)
    assert (before["exposeAppInBrowser"], before["appName"]) == (False, "Ours")
    assert (site / "files/runbook.md").is_file()
    listed = load(site / "api/contents/templates/all.json")["content"]
    assert {(entry["name"], entry["type"]) for entry in listed} == {
        ("incident.ipynb", "notebook"),
        ("capacity.ipynb", "notebook"),
    }
    for name in ("capacity.ipynb", "incident.ipynb"):
        assert load(site / "files/templates" / name) == OWN_TEMPLATE

    # The state of the last build is still there, and takes what is gone for done.
    shutil.rmtree(site)
    again = config(lite.build(tmp_path, "--contents", "files"))
    assert again["litePluginSettings"] == before["litePluginSettings"]


def test_a_template_of_the_owner_stands_beside_ours(lite: Lite, tmp_path: Path, site: Path) -> None:
    (tmp_path / "files/templates").mkdir(parents=True)
    (tmp_path / "files/templates/capacity.ipynb").write_text(json.dumps(OWN_TEMPLATE), "utf-8")
    own = lite.build(tmp_path, "--contents", "files")
    listed = load(own / "api/contents/templates/all.json")["content"]
    assert sorted(entry["name"] for entry in listed) == ["capacity.ipynb", "incident.ipynb"]
    assert load(own / "files/templates/capacity.ipynb") == OWN_TEMPLATE
    assert load(own / "files/templates/incident.ipynb") == load(site / "files/templates/incident.ipynb")


def test_a_wheel_in_place_of_a_pinned_one_fails_the_build(lite: Lite, tmp_path: Path) -> None:
    make_wheel(tmp_path / "own", "comm", "0.2.3")
    (tmp_path / "jupyter_lite_config.json").write_text('{"PyodideLockAddon": {"wheels": ["own"]}}', "utf-8")
    result = lite.run(tmp_path, "build")
    assert result.returncode != 0
    assert re.search(r"comm 0\.2\.3 sha256:\w+ is not the pinned 0\.2\.3", result.stdout + result.stderr)


def test_a_wheel_without_a_pin_has_to_be_asked_for(lite: Lite, tmp_path: Path) -> None:
    make_wheel(tmp_path / "own", "extra", "1.0")
    settings: dict[str, Any] = {"PyodideLockAddon": {"wheels": ["own"]}}
    (tmp_path / "jupyter_lite_config.json").write_text(json.dumps(settings), "utf-8")
    result = lite.run(tmp_path, "build")
    assert result.returncode != 0
    assert "extra 1.0 is not among the pinned wheels" in result.stdout + result.stderr

    settings["CasebookAddon"] = {"offline": False}
    (tmp_path / "jupyter_lite_config.json").write_text(json.dumps(settings), "utf-8")
    assert "extra" in [package["name"] for package in locked(lite.build(tmp_path))]


def test_the_wheel_names_the_licences_of_what_it_carries() -> None:
    with zipfile.ZipFile(WHEEL) as wheel:
        texts = {
            name.rsplit("/", 1)[-1]: wheel.read(name).decode() for name in wheel.namelist() if "/licenses/" in name
        }
    assert "Mozilla Public License Version 2.0" in texts["MPL-2.0.txt"]
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in texts["PSF-2.0.txt"]
    assert "github.com/pyodide/pyodide" in texts["THIRD_PARTY.md"]
