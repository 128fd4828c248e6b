//! The command line.

use crate::approval;
use crate::config::Config;
use crate::link_socket;
use crate::serve;
use crate::ssh::Hosts;
use crate::terminal::say;
use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Serves Casebook's site and relays reads to the monitoring stack, on loopback.
#[derive(Debug, Parser)]
#[command(name = "casebook-proxy", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve site and API, and print a login link.
    Serve {
        /// The configuration.
        #[arg(long, default_value = "casebook.toml")]
        config: PathBuf,
        /// Path of the site that the link opens.
        #[arg(long, alias = "open-path", default_value = "/lab/index.html")]
        link_path: String,
    },
    /// Play a practice incident: eight servers, one of which goes wrong, with their Prometheus; with
    /// --state, also their cloud and their hosts.
    #[cfg(feature = "drill")]
    Drill(crate::drill::Arguments),
    /// Print a login link of the proxy that runs with this configuration.
    Link {
        /// The configuration.
        #[arg(long, default_value = "casebook.toml")]
        config: PathBuf,
        /// Path of the site that the link opens.
        #[arg(long, alias = "open-path", default_value = "/lab/index.html")]
        link_path: String,
    },
    /// Show a plan of the proxy that runs with this configuration, and approve it when the name of
    /// its host is typed.
    Approve {
        /// The plan's id, as the notebook and the proxy show it.
        id: String,
        /// The configuration.
        #[arg(long, default_value = "casebook.toml")]
        config: PathBuf,
    },
    /// Print the file for /etc/sudoers.d on the hosts, which lets the login of [ssh] run the gate, and
    /// nothing else, as root.
    Sudoers {
        /// The configuration.
        #[arg(long, default_value = "casebook.toml")]
        config: PathBuf,
        /// Print the gate itself, the program that the file names.
        #[arg(long)]
        gate: bool,
    },
    /// Check a configuration and say what is wrong by file, line and key.
    CheckConfig {
        /// The configuration.
        #[arg(default_value = "casebook.toml")]
        path: PathBuf,
    },
}

/// Runs the command line; errors go to standard error.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve { config, link_path } => {
            log_to_stderr()?;
            let config = Config::load(&config)?;
            block_on(serve::serve(config, &link_path))
        }
        #[cfg(feature = "drill")]
        Command::Drill(arguments) => {
            log_to_stderr()?;
            block_on(crate::drill::run(&arguments))
        }
        Command::Link { config, link_path } => {
            let config = Config::load(&config)?;
            say(&link_socket::ask(&config.server.state_dir, &link_path)?);
            Ok(())
        }
        Command::Approve { id, config } => {
            let config = Config::load(&config)?;
            approval::approve(&config.server.state_dir, &id)
        }
        Command::Sudoers { config, gate } => {
            let text = sudoers(&Config::load(&config)?, gate)?;
            // As it is, without a line feed more: its digest is in the other file.
            std::io::stdout().write_all(text.as_bytes())?;
            Ok(())
        }
        Command::CheckConfig { path } => {
            let config = Config::load(&path)?;
            let sources: Vec<&str> = config.prometheus.keys().map(String::as_str).collect();
            let accounts: Vec<&str> = config.aws.keys().map(String::as_str).collect();
            let hosts = config.ssh.as_ref().map(|ssh| Hosts::new(ssh).described());
            let hosts: Vec<&str> = hosts.iter().flatten().map(String::as_str).collect();
            say(&format!(
                "{}: good; Prometheus sources: {}; AWS accounts: {}; hosts by SSH: {}",
                path.display(),
                listed(&sources),
                listed(&accounts),
                listed(&hosts)
            ));
            Ok(())
        }
    }
}

/// The file for `/etc/sudoers.d`, or the gate that it names.
fn sudoers(config: &Config, program: bool) -> anyhow::Result<String> {
    let Some(ssh) = &config.ssh else {
        anyhow::bail!("the configuration has no [ssh] section, so there is no login to write for");
    };
    let gate = ssh.gate()?;
    if !ssh.sudo {
        complain("note: the proxy uses no sudo until the configuration has `sudo = true` in [ssh]");
    }
    Ok(if program {
        gate.program()
    } else {
        gate.sudoers()
    })
}

fn complain(text: &str) {
    // There is nowhere left to report that standard error is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// Logs to standard error; `CASEBOOK_LOG` is a filter such as `debug`, `CASEBOOK_LOG_FORMAT=json`
/// makes lines for programs.
fn log_to_stderr() -> anyhow::Result<()> {
    let filter = match std::env::var("CASEBOOK_LOG") {
        Ok(text) => EnvFilter::try_new(text)?,
        Err(_) => EnvFilter::new("info"),
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let set = if std::env::var("CASEBOOK_LOG_FORMAT").is_ok_and(|format| format == "json") {
        builder.json().try_init()
    } else {
        builder.with_ansi(false).try_init()
    };
    set.map_err(|error| anyhow::anyhow!("cannot set up the log: {error}"))
}
