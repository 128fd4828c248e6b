//! How often the verdict is right: runs the core's own bench, natively.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::preflight::{self, Purpose};
use crate::programs;
use crate::session::Session;

/// Which data it is tried on.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Folder that holds the labelled sets `petshop` and `nab`; they are not part of the project
    #[arg(long, value_name = "DIR", default_value = "../shared/data")]
    data: PathBuf,
    /// Try these cases instead: folders with data.csv, inject_time.txt and service.txt
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Name the place of the true service in each of them
    #[arg(long, requires = "cases")]
    each: bool,
}

/// Compiles it and lets it print.
///
/// # Errors
/// What is missing or failed to build, or what the program says of its data.
pub(super) fn run(
    session: &Session,
    options: &Options,
    runs: Option<u32>,
    json: bool,
) -> Result<()> {
    preflight::check(session, Purpose::Build)?;
    session.step("compile the bench of the verdict", |log| {
        let package = ["build", "--release", "--package", "casebook-core"];
        let mut cargo = programs::cargo(&session.workspace, &package);
        log.run(cargo.args(["--example", "verdict_bench"]))
    })?;
    let program = session.workspace.target("release/examples/verdict_bench");
    let mut command = Command::new(program);
    command.args(["--runs", &runs.unwrap_or(1000).to_string()]);
    command.arg("--data").arg(&options.data);
    if let Some(cases) = &options.cases {
        command.arg("--cases").arg(cases);
    }
    for (word, asked) in [("--each", options.each), ("--json", json)] {
        command.args(asked.then_some(word));
    }
    println!("{}", super::machine());
    let status = command.status().context("the bench cannot be started")?;
    ensure!(status.success(), "the bench stopped: {status}");
    Ok(())
}
