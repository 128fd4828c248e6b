"""The JupyterLite addon that makes ``jupyter lite build`` give an offline Casebook site without configuration."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyterlite_core.addons.base import BaseAddon
from traitlets import Bool

from . import pins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyterlite_core.manager import LiteManager

PACKAGE = Path(__file__).parent
PYODIDE_ADDON = "jupyterlite-pyodide-kernel-pyodide"
LOCK_ADDON = "jupyterlite-pyodide-kernel-lock"
PYODIDE_URL = "./static/pyodide/pyodide.mjs"
KERNEL_PLUGIN = "@jupyterlite/pyodide-kernel-extension:kernel"

SITE_DEFAULTS: dict[str, Any] = {
    # Tests and the demo drive the application through `window.jupyterapp`.
    "exposeAppInBrowser": True,
    # A cached page would outlive an upgrade of the proxy, and would show old answers.
    "enableServiceWorkerCache": False,
}

SETTINGS_DEFAULTS: dict[str, dict[str, Any]] = {
    # Both ask a public host.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # "How Casebook decides" and an owner's pages are there to be read.
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    # A report says when each of its cells ran.
    "@jupyterlab/notebook-extension:tracker": {"recordTiming": True},
}


class CasebookAddon(BaseAddon):
    """Fills in what a site needs: Pyodide, the wheels with their pins, our defaults, the templates."""

    __all__ = ["check", "post_build", "pre_status"]

    offline: bool = Bool(
        default_value=True,
        help="""use only the wheels that came with this package; `False` lets `PyodideLockAddon.specs` be
        resolved from a package index (what that adds is not pinned)""",
    ).tag(config=True)  # type: ignore[assignment]

    def pre_status(self, manager: LiteManager) -> Iterator[dict[str, Any]]:
        """Set up the other addons; this is the first phase, so nothing has been planned yet."""
        # Without this an addon that fails is only logged, and the build ends with 0.
        manager.strict = True
        manager.no_sourcemaps = True
        if "apps" not in manager.config.get("LiteBuildConfig", {}) and not manager.apps:
            manager.apps = ("lab",)
        manager.contents = (str(PACKAGE / "files"), *manager.contents)
        # The addons are private to the manager; the lock addon itself reads them the same way.
        self._set_pyodide(manager._addons[PYODIDE_ADDON])  # noqa: SLF001
        self._set_lock(manager._addons[LOCK_ADDON])  # noqa: SLF001
        yield self.task(name="defaults", actions=[lambda: None])

    def post_build(self, manager: LiteManager) -> Iterator[dict[str, Any]]:
        """Check the lock against the pins, and write our defaults to ``jupyter-lite.json``."""
        output = Path(manager.output_dir)
        yield self.task(name="pins", actions=[(self.check_pins, [output])])
        yield self.task(name="site", actions=[(self.patch_site, [output / "jupyter-lite.json"])])

    def check(self, manager: LiteManager) -> Iterator[dict[str, Any]]:
        """Check a site that is already built."""
        yield self.task(name="pins", actions=[(self.check_pins, [Path(manager.output_dir)])])

    def check_pins(self, output: Path) -> None:
        """Fail the build when a wheel of the lock is not the pinned one."""
        lock = json.loads((output / "static/pyodide-lock/pyodide-lock.json").read_text("utf-8"))
        known = pins.read_pins(PACKAGE / "pins")
        index = json.loads((output / "extensions/casebook/static/pypi/all.json").read_text("utf-8"))
        known.update({pin.name: pin for pin in pins.index_pins(index)})
        unpinned = pins.check_lock(lock, known, only_pinned=self.offline)
        if unpinned:
            self.log.warning("[casebook] without a pin in this site: %s", ", ".join(unpinned))

    def patch_site(self, config: Path) -> None:
        """Add our defaults where the site's owner has not chosen otherwise."""
        whole = json.loads(config.read_text("utf-8"))
        data = whole["jupyter-config-data"]
        for key, value in SITE_DEFAULTS.items():
            data.setdefault(key, value)
        overrides = data.setdefault("settingsOverrides", {})
        for plugin, settings in SETTINGS_DEFAULTS.items():
            overrides[plugin] = {**settings, **overrides.get(plugin, {})}
        kernel = data.setdefault("litePluginSettings", {}).setdefault(KERNEL_PLUGIN, {})
        kernel.setdefault("disablePyPIFallback", self.offline)
        # jupyterlite-pyodide-kernel writes it too, but not when only the output folder was removed since the last
        # build; without it the kernel asks a public host for Pyodide.
        kernel.setdefault("pyodideUrl", PYODIDE_URL)
        if not (config.parent / kernel["pyodideUrl"]).is_file():
            raise FileNotFoundError(f"the site has no Pyodide at {kernel['pyodideUrl']}")
        config.write_text(json.dumps(whole, indent=2, sort_keys=True), "utf-8")
        # Browsers ask for it before the page has named its own.
        shutil.copy2(config.parent / "lab/favicon.ico", config.parent)
        self.maybe_timestamp(config)

    def _set_pyodide(self, pyodide: Any) -> None:
        """Use the Pyodide inside this package, unless the owner named another."""
        if pyodide.pyodide_url is None and not pyodide.well_known_pyodide.exists():
            pyodide.pyodide_url = str(PACKAGE / "pyodide")

    def _set_lock(self, lock: Any) -> None:
        """Lock our own wheels: loaded from the site when the kernel starts, never from an index."""
        lock.enabled = True
        lock.wheels = (*lock.wheels, str(PACKAGE / "wheels"))
        lock.prefetch_extra = (*lock.prefetch_extra, "casebook")
        # uv would try to fetch an interpreter of Pyodide's Python version, which resolving does not need.
        os.environ.setdefault("UV_PYTHON_DOWNLOADS", "never")
        if self.offline:
            options = dict(lock.pyodide_lock_uv_options)
            options["extra_uv_args"] = [*options.get("extra_uv_args", []), "--offline", "--no-index"]
            lock.pyodide_lock_uv_options = options
