//! `cargo xtask lab`: the real back ends of the tests, for a person.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::build::env;
use crate::demo;
use crate::preflight::{self, Purpose};
use crate::processes::{self, Server};
use crate::programs;
use crate::session::Session;

const CONFIG: &str = "lab/casebook.toml";
const POLL: Duration = Duration::from_millis(100);

/// Builds the lab, starts it, writes `target/lab/casebook.toml`, and stays until Ctrl-C.
///
/// # Errors
/// What is missing, or a back end that does not start.
pub(crate) fn run() -> Result<()> {
    let session = Session::open()?;
    preflight::check(&session, Purpose::Test)?;
    env::lab(&session)?;
    let program = compile(&session)?;
    let config = session.workspace.target(CONFIG);
    let state = session.workspace.target("lab/state");
    std::fs::create_dir_all(&state)
        .with_context(|| format!("{} cannot be made", state.display()))?;
    // An old file would say that a lab of an earlier day is up.
    let _ = std::fs::remove_file(&config);

    let interrupted = processes::interruption()?;
    let mut command = Command::new(program);
    command
        .arg("--hosts")
        .arg("--config")
        .arg(&config)
        .arg("--preamble")
        .arg(demo::server_table(&session.workspace, &state));
    let mut lab = [Server::start("the lab", &mut command)?];
    while !config.is_file() {
        if let [server] = &mut lab
            && let Some(status) = server.ended()?
        {
            bail!("{} ended with {status}", server.name());
        }
        std::thread::sleep(POLL);
    }
    println!("configuration: {}", session.workspace.shown(&config));
    println!("use it with `cargo xtask demo --live`; Ctrl-C stops the lab");
    let result = processes::stay(&mut lab, &interrupted);
    // Stale as soon as the lab is down.
    let _ = std::fs::remove_file(&config);
    result
}

/// Compiles the lab's program and tells where it is.
///
/// # Errors
/// Those of the compiler.
pub(crate) fn compile(session: &Session) -> Result<PathBuf> {
    session.step("compile the lab", |log| {
        let mut cargo = programs::cargo_for_all(&session.workspace, "build");
        log.run(cargo.args(["--bin", "casebook-lab"]))
    })?;
    Ok(session.workspace.target("debug/casebook-lab"))
}
