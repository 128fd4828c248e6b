//! Hosts by SSH: strict host keys, no terminal, no forwarding, one command at a time, and nothing
//! but what the catalogue of `casebook-wire` holds.

mod client;
mod error;
mod executor;
pub mod known_hosts;
mod target;

pub use error::{Distrust, SshError};
pub use executor::{Caps, Connection, End, Executor, Output, Stream};
pub use target::{Hosts, Target};

use crate::config;

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

    /// What one command may take, as configured.
    pub fn caps(&self) -> Caps {
        Caps {
            time: self.config.limits.time,
            output: self.config.limits.output,
        }
    }
}
