//! The Rust tests, and with them every program of the workspace.

use std::process::Command;

use anyhow::Result;

use super::env;
use crate::session::Session;

/// Compiles them: what the browser drives is then compiled too, with the same features and once.
///
/// # Errors
/// Those of the compiler.
pub(crate) fn compile(session: &Session) -> Result<()> {
    session.step("compile the Rust tests", |log| {
        log.run(run(session).arg("--no-run"))
    })
}

/// Nextest over the whole workspace.
pub(crate) fn run(session: &Session) -> Command {
    // Called as cargo calls it, so that the tool's own folder need not be on PATH.
    let mut nextest = env::rust_tool(session, "cargo-nextest");
    nextest.args([
        "nextest",
        "run",
        "--workspace",
        "--all-features",
        "--locked",
        "--color=never",
    ]);
    nextest
        .arg("--target-dir")
        .arg(session.workspace.path("target"));
    nextest
}
