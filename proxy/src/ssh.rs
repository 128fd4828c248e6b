//! Hosts by SSH: strict host keys, no terminal, no forwarding, one command at a time, and nothing
//! but what the catalogue of `casebook-wire` holds.

mod client;
mod connection;
mod error;
mod executor;
mod find;
pub mod known_hosts;
mod output;
mod record;
mod run;
mod sudo;
mod target;
mod text;

pub use connection::Connection;
pub use error::{Distrust, SshError};
pub use executor::Executor;
pub use find::find;
pub use output::{Caps, End, Output, Sink, Stream};
pub use run::handle;
pub use target::{Hosts, Target};

use crate::config;
use casebook_wire::command::{CATALOGUE, Command, Param};
use casebook_wire::{CommandHelp, ParamHelp, SshHosts};

/// All that `[ssh]` configures.
#[derive(Debug)]
pub struct Ssh {
    /// Runs command lines.
    pub executor: Executor,
    /// Knows which hosts may be reached.
    pub hosts: Hosts,
    /// The section itself.
    pub config: config::Ssh,
}

impl Ssh {
    /// As configured. No file is read and no host is asked yet.
    pub fn new(config: &config::Ssh) -> Ssh {
        Ssh {
            executor: Executor::new(config),
            hosts: Hosts::new(config),
            config: config.clone(),
        }
    }

    /// What may be asked, for the catalogue.
    pub fn help(&self) -> SshHosts {
        let param = |param: &Param| ParamHelp {
            name: param.name.to_owned(),
            kind: param.kind,
            required: param.required,
        };
        let command = |command: &Command| CommandHelp {
            name: command.name.to_owned(),
            summary: command.summary.to_owned(),
            params: command.params.iter().map(param).collect(),
        };
        SshHosts {
            hosts: self.hosts.described(),
            read: self.config.paths.read.clone(),
            quarantine_from: self.config.paths.quarantine_from.clone(),
            quarantine_to: self.config.paths.quarantine_to.clone(),
            commands: CATALOGUE.iter().map(command).collect(),
        }
    }

    /// What one command may take, as configured.
    pub fn caps(&self) -> Caps {
        Caps {
            time: self.config.limits.time,
            output: self.config.limits.output,
        }
    }
}
