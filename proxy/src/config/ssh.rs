//! `[ssh]`: which hosts may be reached, by which key, and what may be looked at there.

use super::{Problem, units};
use serde::Deserialize;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Which hosts may be reached, by which key, and what may be looked at there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ssh {
    /// The login on every host; not root.
    pub user: String,
    /// File of the private key, without a passphrase; read anew for each connection, so that it may
    /// be rotated.
    pub identity_file: PathBuf,
    /// File of the hosts' keys, in OpenSSH's format; read anew for each connection. A host that it
    /// does not hold is refused.
    pub known_hosts: PathBuf,
    /// Port of hosts that name none.
    #[serde(default = "default_port")]
    pub port: u16,
    /// Time for connection, host key and login together.
    #[serde(
        default = "default_connect_timeout",
        deserialize_with = "units::duration"
    )]
    pub connect_timeout: Duration,
    /// Whether commands that look at files or move them are run as root, by `sudo -n` and the gate
    /// that `casebook-proxy sudoers` prints for the hosts.
    #[serde(default)]
    pub sudo: bool,
    /// The hosts that may be reached; the first rule that fits is taken.
    #[serde(default)]
    pub hosts: Vec<HostRule>,
    /// What one command may take.
    #[serde(default)]
    pub limits: SshLimits,
    /// What may be looked at and moved.
    #[serde(default)]
    pub paths: SshPaths,
}

/// One way by which a cell may name a host: `{ name = "web1", address = "10.0.0.7" }`,
/// `{ address = "10.20.*" }` or `{ aws = "main" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostRule {
    /// The exact name that a cell uses; `address` says where that is.
    pub name: Option<String>,
    /// With `name`, the address or DNS name to connect to; alone, a pattern of IP addresses that
    /// may be named, `*` for any digits, dots and colons.
    pub address: Option<String>,
    /// An account of `[aws.NAME]`: its running instances may be named by instance id, and are
    /// reached at their private address.
    pub aws: Option<String>,
    /// The port, where it is not that of `[ssh]`.
    pub port: Option<u16>,
}

/// What one command may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SshLimits {
    /// Time of one command.
    #[serde(deserialize_with = "units::duration")]
    pub time: Duration,
    /// Most bytes that one command may write, stdout and stderr together.
    #[serde(deserialize_with = "units::bytes")]
    pub output: u64,
}

impl Default for SshLimits {
    fn default() -> SshLimits {
        SshLimits {
            time: Duration::from_secs(30),
            output: 1 << 20,
        }
    }
}

/// What may be looked at and moved: absolute folders on the hosts, without links in them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SshPaths {
    /// Folders whose content may be listed and read.
    pub read: Vec<String>,
    /// Folders out of which a file may be moved, after approval.
    pub quarantine_from: Vec<String>,
    /// The folder that such a file is moved to.
    pub quarantine_to: Option<String>,
}

fn default_port() -> u16 {
    22
}

fn default_connect_timeout() -> Duration {
    Duration::from_secs(10)
}

impl Ssh {
    /// Takes relative files from `folder`, the configuration's, and sees whether they can be read.
    pub(super) fn anchor(
        &mut self,
        folder: &Path,
        config: &Path,
        text: &str,
    ) -> Result<(), Problem> {
        for (key, file) in [
            ("identity_file", &mut self.identity_file),
            ("known_hosts", &mut self.known_hosts),
        ] {
            *file = folder.join(&*file);
            if let Err(error) = std::fs::read(&*file) {
                let message = format!("cannot read {}: {error}", file.display());
                return Err(Problem::at_key(config, text, "ssh", key, message));
            }
        }
        Ok(())
    }

    /// The first thing that cannot work, as table, key and sentence.
    pub(super) fn fault(&self, accounts: &[&str]) -> Option<(&'static str, &'static str, String)> {
        let user_ok = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if self.user.is_empty() || self.user.starts_with('-') || !self.user.chars().all(user_ok) {
            let message = format!("{:?} is no login name", self.user);
            return Some(("ssh", "user", message));
        }
        for rule in &self.hosts {
            if let Err(message) = rule.check(accounts) {
                return Some(("ssh", "hosts", message));
            }
        }
        let lists = [
            ("read", self.paths.read.as_slice()),
            ("quarantine_from", self.paths.quarantine_from.as_slice()),
            ("quarantine_to", self.paths.quarantine_to.as_slice()),
        ];
        for (key, folders) in lists {
            for folder in folders {
                if let Err(message) = casebook_wire::command::check_folder(folder) {
                    return Some(("ssh.paths", key, message));
                }
            }
        }
        None
    }
}

impl HostRule {
    fn check(&self, accounts: &[&str]) -> Result<(), String> {
        match (&self.name, &self.address, &self.aws) {
            (Some(name), Some(address), None) => {
                let plain = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
                let good = |text: &str| {
                    !text.is_empty() && !text.starts_with('-') && text.chars().all(plain)
                };
                if !good(name) {
                    return Err(format!("{name:?} is no name of a host"));
                }
                if !good(address) {
                    return Err(format!(
                        "{address:?} is no address; * goes without a name only"
                    ));
                }
                if address
                    .parse::<IpAddr>()
                    .is_ok_and(crate::upstream::is_forbidden)
                {
                    return Err(format!("{address} is an address of cloud metadata"));
                }
                Ok(())
            }
            (None, Some(pattern), None) => {
                let plain = |c: char| c.is_ascii_hexdigit() || ".:*".contains(c);
                if pattern.chars().all(plain) && pattern.contains(|c: char| c.is_ascii_hexdigit()) {
                    Ok(())
                } else {
                    Err(format!(
                        "{pattern:?} is no pattern of addresses; write one like \"10.20.*\", or add a name"
                    ))
                }
            }
            (None, None, Some(account)) if accounts.contains(&account.as_str()) => Ok(()),
            (None, None, Some(account)) => Err(format!("there is no [aws.{account}]")),
            _ => Err(
                "a host is { name = …, address = … }, { address = … } or { aws = … }".to_owned(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const HEAD: &str = "[ssh]\nuser = \"casebook\"\nidentity_file = \"k\"\nknown_hosts = \"h\"\n";

    fn parsed(more: &str) -> Result<Config, Problem> {
        Config::parse(Path::new("c.toml"), &format!("{HEAD}{more}"))
    }

    #[test]
    fn a_short_section_has_the_defaults() {
        let ssh = parsed("").unwrap().ssh.unwrap();
        assert_eq!((ssh.port, ssh.sudo, ssh.hosts.len()), (22, false, 0));
        assert_eq!(ssh.limits.time, Duration::from_secs(30));
        assert_eq!(ssh.limits.output, 1 << 20);
        assert!(ssh.paths.read.is_empty() && ssh.paths.quarantine_to.is_none());
    }

    #[test]
    fn refuses_what_cannot_work_or_would_open_too_much() {
        for (more, want) in [
            ("hosts = [{}]", "c.toml:5: ssh.hosts: a host is"),
            ("hosts = [{ name = \"a\" }]", "ssh.hosts: a host is"),
            ("hosts = [{ address = \"*\" }]", "\"*\" is no pattern"),
            (
                "hosts = [{ address = \"web*\" }]",
                "is no pattern of addresses",
            ),
            (
                "hosts = [{ name = \"a\", address = \"10.*\" }]",
                "* goes without a name",
            ),
            (
                "hosts = [{ name = \"-a\", address = \"b\" }]",
                "is no name of a host",
            ),
            (
                "hosts = [{ name = \"a\", address = \"169.254.169.254\" }]",
                "cloud metadata",
            ),
            ("hosts = [{ aws = \"main\" }]", "there is no [aws.main]"),
            (
                "[ssh.paths]\nread = [\"/\"]",
                "c.toml:6: ssh.paths.read: \"/\" is no clean",
            ),
            (
                "[ssh.paths]\nread = [\"/var/../etc\"]",
                "is no clean absolute folder",
            ),
            (
                "[ssh.paths]\nquarantine_to = \"q\"",
                "ssh.paths.quarantine_to: \"q\"",
            ),
            ("[ssh.limits]\ntime = \"0s\"", "is no duration"),
            ("password = \"x\"", "unknown field `password`"),
        ] {
            let message = parsed(more).unwrap_err().to_string();
            assert!(message.contains(want), "{more}\ngave {message}");
        }
        let root = HEAD.replace("casebook", "a b");
        let message = Config::parse(Path::new("c.toml"), &root)
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("c.toml:2: ssh.user: "), "{message}");
    }
}
