//! The Python wheels and the JupyterLite site.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::compress;
use super::env;
use crate::programs;
use crate::session::{Log, Session};
use crate::stamp::Inputs;

const KERNEL: &str = "js/kernel";
const PACKAGE: &str = "js/jupyterlite_casebook";
const KERNEL_WHEEL: &str = "wheels/casebook-0.1.0-py3-none-any.whl";
const PACKAGE_WHEEL: &str = "wheels/jupyterlite_casebook-0.1.0-py3-none-any.whl";

/// Builds both wheels and `target/site`, skipping what is current.
///
/// # Errors
/// The step that failed.
pub(crate) fn build(session: &Session) -> Result<()> {
    kernel_wheel(session)?;
    package_wheel(session)?;
    site(session)
}

/// Builds `target/bare-site`: the same JupyterLite without Casebook, to measure against.
///
/// # Errors
/// The step that failed.
pub(crate) fn build_bare(session: &Session) -> Result<PathBuf> {
    let workspace = &session.workspace;
    let site = workspace.target("bare-site");
    let stamp = Inputs::new(workspace, "bare site 1")
        .path(env::LITE_REQUIREMENTS)?
        .path("js/package-lock.json")?
        .stamp("bare-site");
    stamp.unless_current(&[site.join("lab/index.html")], || {
        session.step("build a bare JupyterLite site to measure against", |log| {
            // Its own environment: in ours, everything that is installed becomes part of the site.
            env::make(session, log, "bare", env::LITE_REQUIREMENTS)?;
            let lite_dir = workspace.target("bare");
            bare_sources(&workspace.path("js/node_modules/pyodide"), &lite_dir)?;
            jupyter_lite(session, log, "bare", &lite_dir, &site)?;
            compress_into(session, log, &site)
        })
    })?;
    Ok(site)
}

fn kernel_wheel(session: &Session) -> Result<()> {
    let workspace = &session.workspace;
    let stamp = Inputs::new(workspace, "kernel wheel 1")
        .path(KERNEL)?
        .path(env::LITE_REQUIREMENTS)?
        .stamp("kernel-wheel");
    stamp.unless_current(&[workspace.target(KERNEL_WHEEL)], || {
        session.step("build the kernel's wheel", |log| {
            log.run(&mut build_wheel(session, KERNEL))
        })
    })?;
    Ok(())
}

fn package_wheel(session: &Session) -> Result<()> {
    let workspace = &session.workspace;
    let stamp = Inputs::new(workspace, "package wheel 1")
        .path("js/extension")?
        .path("js/package.json")?
        .path("js/package-lock.json")?
        .path(PACKAGE)?
        .path(Path::new("target").join(KERNEL_WHEEL))?
        .stamp("package-wheel");
    stamp.unless_current(&[workspace.target(PACKAGE_WHEEL)], || {
        session.step("build the labextension", |log| {
            log.run(&mut programs::npm(&workspace.path("js"), &["run", "build"]))
        })?;
        session.step("build the site's wheel", |log| {
            let mut assemble = env::tool(session, "lite", "python");
            assemble
                .arg(workspace.path(PACKAGE).join("assemble.py"))
                .arg("--kernel-wheel")
                .arg(workspace.target(KERNEL_WHEEL));
            log.run(assemble.current_dir(workspace.path("")))?;
            log.run(&mut build_wheel(session, PACKAGE))
        })
    })?;
    Ok(())
}

fn site(session: &Session) -> Result<()> {
    let workspace = &session.workspace;
    let site = workspace.target("site");
    let stamp = Inputs::new(workspace, "site 1")
        .path(Path::new("target").join(PACKAGE_WHEEL))?
        .path(env::LITE_REQUIREMENTS)?
        .stamp("site");
    stamp.unless_current(&[site.join("lab/index.html")], || {
        session.step("build the site", |log| {
            let mut install = env::tool(session, "lite", "python");
            install.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--no-index",
                "--force-reinstall",
            ]);
            log.run(install.arg(workspace.target(PACKAGE_WHEEL)))?;
            let lite_dir = workspace.target("lite");
            remove(&lite_dir)?;
            std::fs::create_dir_all(&lite_dir)
                .with_context(|| format!("{} cannot be made", lite_dir.display()))?;
            jupyter_lite(session, log, "lite", &lite_dir, &site)?;
            compress_into(session, log, &site)
        })
    })?;
    Ok(())
}

fn build_wheel(session: &Session, folder: &str) -> Command {
    let mut command = env::tool(session, "lite", "python");
    command
        .args(["-m", "build", "--wheel", "--no-isolation", "--outdir"])
        .arg(session.workspace.target("wheels"));
    command.arg(session.workspace.path(folder));
    command
}

/// Builds a site from nothing: JupyterLite leaves files of older versions where they are.
fn jupyter_lite(
    session: &Session,
    log: &Log,
    environment: &str,
    lite_dir: &Path,
    site: &Path,
) -> Result<()> {
    remove(site)?;
    let mut build = env::tool(session, environment, "jupyter-lite");
    build
        .arg("build")
        .arg("--lite-dir")
        .arg(lite_dir)
        .arg("--output-dir")
        .arg(site)
        .current_dir(lite_dir);
    // uv would try to fetch a Python of its own for the lock.
    log.run(build.env("UV_PYTHON_DOWNLOADS", "never"))
}

/// What a bare site needs to work offline: Pyodide itself, and a lock that the kernel's own wheels go into.
fn bare_sources(pyodide: &Path, lite_dir: &Path) -> Result<()> {
    remove(lite_dir)?;
    let target = lite_dir.join("static/pyodide");
    std::fs::create_dir_all(&target)
        .with_context(|| format!("{} cannot be made", target.display()))?;
    for file in [
        "pyodide.mjs",
        "pyodide.asm.mjs",
        "pyodide.asm.wasm",
        "python_stdlib.zip",
    ] {
        std::fs::copy(pyodide.join(file), target.join(file))
            .with_context(|| format!("pyodide's {file} cannot be copied"))?;
    }
    let read = |file: &str| -> Result<serde_json::Value> {
        let path = pyodide.join(file);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
    };
    let mut info = read("pyodide-lock.json")?["info"].take();
    // pyodide-lock needs the version, which the npm package leaves out.
    info["version"] = read("package.json")?["version"].take();
    write_json(
        &target.join("pyodide-lock.json"),
        &serde_json::json!({ "info": info, "packages": {} }),
    )?;
    let lock = serde_json::json!({ "PyodideLockAddon": { "enabled": true, "specs": ["micropip", "ipython", "comm", "traitlets"] } });
    write_json(&lite_dir.join("jupyter_lite_config.json"), &lock)?;
    write_json(
        &lite_dir.join("jupyter-lite.json"),
        &serde_json::json!({ "jupyter-lite-schema-version": 0, "jupyter-config-data": { "exposeAppInBrowser": true } }),
    )
}

fn write_json(path: &Path, value: &serde_json::Value) -> Result<()> {
    std::fs::write(path, value.to_string())
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn compress_into(session: &Session, log: &Log, site: &Path) -> Result<()> {
    let pass = compress::compress(site, &session.workspace.target("cache/compressed"))?;
    log.note(&format!(
        "{} files have compressed forms, {} of them made now",
        pass.files, pass.compressed
    ))
}

fn remove(dir: &Path) -> Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", dir.display()))
        }
        _ => Ok(()),
    }
}
