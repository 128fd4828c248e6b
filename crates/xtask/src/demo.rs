//! `cargo xtask demo`: the main job, from a fresh clone to a link.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use crate::build;
use crate::ports;
use crate::preflight::{self, Purpose};
use crate::processes::{self, Server};
use crate::session::Session;
use crate::workspace::Workspace;

/// A notebook is kept by the browser under its address, so these stay the same from run to run.
const SITE_PORT: u16 = 8787;
const APPROVAL_PORT: u16 = 8788;
const OPS_PORT: u16 = 8789;
const DRILL_PORT: u16 = 8790;
const CLOUD_PORT: u16 = 8791;
/// Each of the practice fleet's servers has a port of its own.
const SSH_PORTS: std::ops::RangeInclusive<u16> = 8792..=8799;

/// The incident's window: two calm minutes, then three that burn, up to now.
const CALM: Duration = Duration::from_secs(120);
const BURNING: Duration = Duration::from_secs(180);

const START_PATIENCE: Duration = Duration::from_secs(30);

/// How the demo runs.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Your own configuration: real back ends instead of the practice incident
    #[arg(long, value_name = "FILE", conflicts_with = "live")]
    config: Option<PathBuf>,
    /// The back ends of a running `cargo xtask lab` instead of the practice incident
    #[arg(long)]
    live: bool,
}

/// Builds everything, starts the servers, and stays until Ctrl-C.
///
/// # Errors
/// What is missing, what failed to build, which port is taken, or which server ended by itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let session = Session::open()?;
    preflight::check(&session, Purpose::Build)?;
    let own_config = own_config(&session, options)?;
    if own_config.is_none() {
        let mut ports = vec![
            (SITE_PORT, "site"),
            (APPROVAL_PORT, "approvals"),
            (OPS_PORT, "health and metrics"),
            (DRILL_PORT, "practice incident"),
            (CLOUD_PORT, "practice cloud"),
        ];
        ports.extend(SSH_PORTS.map(|port| (port, "practice host")));
        ports::require_free(&ports)?;
    }
    let proxy = build::everything(&session)?;

    let interrupted = processes::interruption()?;
    let now = SystemTime::now();
    let mut servers = Vec::new();
    let config = match own_config {
        Some(config) => config,
        None => {
            let (drill, tables) = start_drill(&session, &proxy, now)?;
            servers.push(drill);
            practice_config(&session, &tables)?
        }
    };
    // Serve prints the link itself, and another at each Enter: it has the terminal.
    let mut serve = Command::new(&proxy);
    serve
        .current_dir(session.workspace.path(""))
        .arg("serve")
        .arg("--config")
        .arg(&config);
    serve.args(["--link-path", &link_path(now, options)]);
    let (file, log) = log_file(&session, "proxy")?;
    servers.push(Server::start("the proxy", serve.stderr(file))?);
    println!("Ctrl-C stops everything; the proxy's log is {log}\n");
    let result = processes::stay(&mut servers, &interrupted).map_err(|error| {
        let text = std::fs::read_to_string(session.workspace.path(&log)).unwrap_or_default();
        anyhow!("{error:#}\n{}\nits log is {log}", last_lines(&text))
    });
    // The proxy goes before the back end that it asks.
    while servers.pop().is_some() {}
    result
}

/// The path that the link opens, with the incident's window.
pub(crate) fn incident_path(title: &str, onset: SystemTime) -> String {
    let (start, end) = (onset - CALM, onset + BURNING);
    let at = humantime::format_rfc3339_seconds;
    format!(
        "/lab/index.html?incident={title}&start={}&end={}",
        at(start),
        at(end)
    )
}

fn link_path(now: SystemTime, options: &Options) -> String {
    if options.config.is_some() || options.live {
        return "/lab/index.html?incident=live".to_owned();
    }
    incident_path("practice", now - BURNING)
}

fn own_config(session: &Session, options: &Options) -> Result<Option<PathBuf>> {
    let config = match (&options.config, options.live) {
        (Some(config), _) => {
            std::path::absolute(config).context("the configuration's path is not usable")?
        }
        (None, true) => session.workspace.target("lab/casebook.toml"),
        (None, false) => return Ok(None),
    };
    if !config.is_file() {
        let hint = if options.live {
            "; start `cargo xtask lab` in another terminal first"
        } else {
            ""
        };
        bail!("there is no file {}{hint}", config.display());
    }
    Ok(Some(config))
}

/// Starts the practice incident; comes back with the tables that lead a proxy to it.
fn start_drill(session: &Session, proxy: &Path, now: SystemTime) -> Result<(Server, String)> {
    let (file, log) = log_file(session, "drill")?;
    let onset = (now - BURNING)
        .duration_since(SystemTime::UNIX_EPOCH)
        .context("the clock is before 1970")?
        .as_secs();
    let state = session.workspace.target("demo/drill");
    std::fs::create_dir_all(&state)
        .with_context(|| format!("{} cannot be made", state.display()))?;
    let tables = state.join("drill.toml");
    // An old file would tell of the drill of an earlier start.
    let _ = std::fs::remove_file(&tables);
    let address = |port: u16| format!("127.0.0.1:{port}");
    let mut command = Command::new(proxy);
    command
        .arg("drill")
        .arg("--state")
        .arg(&state)
        .args(["--listen", &address(DRILL_PORT)])
        .args(["--ec2", &address(CLOUD_PORT)])
        .args(["--ssh", &address(*SSH_PORTS.start())])
        .args(["--onset", &onset.to_string()])
        .stdin(Stdio::null())
        .stdout(file.try_clone().context("the log cannot be shared")?)
        .stderr(file);
    let mut drill = Server::start("the practice incident", &mut command)?;
    let text = drill
        .wait_for_file(&tables, START_PATIENCE)
        .with_context(|| format!("see {log}"))?;
    Ok((drill, text))
}

/// The end of a log: where a program says why it stopped.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines
        .get(lines.len().saturating_sub(5)..)
        .unwrap_or_default()
        .join("\n")
}

/// A new log below `target/logs`, and its path as shown.
fn log_file(session: &Session, name: &str) -> Result<(File, String)> {
    let path = session.workspace.target(format!("logs/{name}.log"));
    let file =
        File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok((file, session.workspace.shown(&path)))
}

fn practice_config(session: &Session, tables: &str) -> Result<PathBuf> {
    let dir = session.workspace.target("demo");
    let state = dir.join("state");
    std::fs::create_dir_all(&state)
        .with_context(|| format!("{} cannot be made", state.display()))?;
    let config = dir.join("casebook.toml");
    let text = format!(
        "# Written by `cargo xtask demo` at each start.\n\n{}{tables}",
        server_table(&session.workspace, &state)
    );
    std::fs::write(&config, text)
        .with_context(|| format!("{} cannot be written", config.display()))?;
    Ok(config)
}

/// The `[server]` table of a configuration for this machine: the fixed ports, the built site.
pub(crate) fn server_table(workspace: &Workspace, state: &Path) -> String {
    let site = workspace.target("site");
    format!(
        "[server]\nlisten_port = {SITE_PORT}\napproval_port = {APPROVAL_PORT}\nops_port = {OPS_PORT}\nsite = {site:?}\nstate_dir = {state:?}\n\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_shows_two_calm_minutes_and_three_that_burn() {
        let onset = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_330_800);
        assert_eq!(
            incident_path("practice", onset),
            "/lab/index.html?incident=practice&start=2026-11-22T06:58:00Z&end=2026-11-22T07:03:00Z"
        );
    }
}
