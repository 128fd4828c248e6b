//! The Rust tests, and with them every program of the workspace.

use std::process::Command;

use anyhow::Result;

use super::env;
use crate::programs;
use crate::session::Session;

/// Compiles them, and the programs that the browser drives: with the same features, so that
/// what they share is compiled once.
///
/// # Errors
/// Those of the compiler.
pub(crate) fn compile(session: &Session) -> Result<()> {
    session.step("compile the Rust tests", |log| {
        let mut cargo = programs::cargo_for_all(&session.workspace, "build");
        // Nextest alone would leave out the programs of a package without integration tests.
        log.run(cargo.args(["--bins", "--tests"]))
    })
}

/// Nextest over the whole workspace.
pub(crate) fn run(session: &Session) -> Command {
    // Called as cargo calls it, so that the tool's own folder need not be on PATH.
    let mut nextest = env::rust_tool(session, "cargo-nextest");
    nextest.args(["nextest", "run", "--locked", "--color=never"]);
    nextest.args(programs::WHOLE_WORKSPACE);
    // Most wait for a server or a timer; one of those that compute would do for each core.
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    nextest.args(["--test-threads", &(2 * cores).to_string()]);
    nextest
        .arg("--target-dir")
        .arg(session.workspace.path("target"));
    nextest
}
