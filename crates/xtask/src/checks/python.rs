//! Checks of the Python packages.

use anyhow::Result;

use super::{Outcome, counted, whole};
use crate::build::env;
use crate::session::{Log, Session};

pub(super) fn ruff(session: &Session, log: &Log) -> Result<Outcome> {
    let ruff = |args: &[&str]| {
        let mut command = env::tool(session, "test", "ruff");
        command
            .current_dir(session.workspace.path("js"))
            .args(args)
            .args(["kernel", "jupyterlite_casebook"]);
        command
    };
    whole(log, &mut [ruff(&["format", "--check"]), ruff(&["check"])])
}

pub(super) fn mypy(session: &Session, log: &Log) -> Result<Outcome> {
    let mut command = env::tool(session, "test", "mypy");
    command
        .current_dir(session.workspace.path("js/kernel"))
        .arg("--cache-dir")
        .arg(session.workspace.target("mypy"));
    whole(log, &mut [command])
}

pub(super) fn pytest(session: &Session, log: &Log, package: &str) -> Result<Outcome> {
    let mut command = env::tool(session, "lite", "python");
    command.current_dir(session.workspace.path(package));
    command
        .args([
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "--color=no",
            "-rfE",
        ])
        .env("PYTHONDONTWRITEBYTECODE", "1");
    counted(log, &mut command)
}
