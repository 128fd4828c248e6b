//! `casebook-proxy drill`: the practice incident on the command line.

use crate::clock::now_ms;
use crate::serve::stop_signal;
use crate::terminal::say;
use anyhow::{Context, ensure};
use casebook_drill::{Drill, LOGIN, Settings, SshSettings};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What can be chosen.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Where its Prometheus API listens.
    #[arg(long, default_value = "127.0.0.1:8790")]
    listen: SocketAddr,
    /// Folder of its keys; with it there are a cloud and hosts, too, and the tables that lead a
    /// proxy to all of them are written to drill.toml in it.
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,
    /// Where its EC2 API listens.
    #[arg(long, default_value = "127.0.0.1:8791")]
    ec2: SocketAddr,
    /// Where the SSH of its first server listens; each further one has the next port.
    #[arg(long, default_value = "127.0.0.1:8792")]
    ssh: SocketAddr,
    /// When the trouble begins, in seconds since 1970; three minutes ago when not given.
    #[arg(long)]
    onset: Option<i64>,
    /// Another number, another fleet.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Arguments {
    fn settings(&self) -> anyhow::Result<Settings> {
        for address in [self.listen, self.ec2, self.ssh] {
            ensure!(
                address.ip().is_loopback(),
                "the drill has no sign-in, so it listens on a loopback address only, not on {address}"
            );
        }
        Ok(Settings {
            listen: self.listen,
            ec2: self.state.is_some().then_some(self.ec2),
            ssh: self.state.clone().map(|keys| SshSettings {
                listen: self.ssh,
                keys,
            }),
            onset: self.onset.unwrap_or_else(|| now_ms() / 1000 - 180),
            seed: self.seed,
        })
    }
}

/// Serves the practice incident until SIGINT or SIGTERM.
pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let shutdown = stop_signal()?;
    let drill = Drill::bind(&arguments.settings()?)
        .await
        .context("the practice incident")?;
    say(&format!(
        "practice incident: http://{} (Prometheus API; Ctrl-C ends it)",
        drill.prometheus()?
    ));
    if let Some(ec2) = drill.ec2()? {
        say(&format!("cloud: http://{ec2} (EC2 API)"));
    }
    let fleet = drill.switch().fleet();
    for (server, address) in fleet.servers().iter().zip(drill.ssh()?) {
        let (which, id) = (server.which, &server.instance_id);
        say(&format!("host: {which}, {id}, ssh://{LOGIN}@{address}"));
    }
    if let Some(folder) = &arguments.state {
        let path = folder.join("drill.toml");
        // Whoever waits for the file must not read half of it.
        let draft = folder.join("drill.toml.draft");
        fs::write(&draft, drill.config()?)
            .and_then(|()| fs::rename(&draft, &path))
            .with_context(|| format!("writing {}", path.display()))?;
        say(&format!("tables for casebook.toml: {}", path.display()));
    }
    drill.serve(shutdown).await.context("the practice incident")
}
