//! Why a host could not be asked.

use super::Target;
use crate::error::ApiError;
use casebook_wire::gate;
use http::StatusCode;
use std::time::Duration;

/// Why a host's key was not trusted. Fingerprints are OpenSSH's, with the key's type before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// No line of `known_hosts` names the host.
    Unknown,
    /// Lines name the host, with these other keys.
    Changed(Vec<String>),
    /// A `@revoked` line holds this very key.
    Revoked,
    /// Only a `@cert-authority` line names the host, or the host shows a certificate; neither is
    /// supported.
    Authority,
    /// Line so-and-so of `known_hosts` cannot be read; it may have been a revocation.
    Garbage(usize),
}

/// Why a host could not be asked. Nothing was run, unless it says so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SshError {
    /// A file of the proxy's own cannot be used.
    #[error("cannot use {file}, which {key} names: {reason}")]
    File {
        /// The configuration's key.
        key: &'static str,
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No connection.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable {
        /// The host.
        host: String,
        /// The system's reason.
        reason: String,
    },
    /// No connection, or no login, in time.
    #[error("{host} did not let us in within {} s", .after.as_secs())]
    Slow {
        /// The host.
        host: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// The host's key is not one that we trust.
    #[error("the key of {host} is not trusted")]
    HostKey {
        /// The host.
        host: String,
        /// The name to look for in `known_hosts`.
        known_as: String,
        /// Fingerprint of the key that the host showed.
        seen: String,
        /// Why it is not trusted.
        distrust: Distrust,
    },
    /// The host does not take our key for this login.
    #[error("{host} refuses the login {user}")]
    Login {
        /// The host.
        host: String,
        /// The login.
        user: String,
    },
    /// The host lets us in but runs nothing.
    #[error("{host} refuses to run commands")]
    Exec {
        /// The host.
        host: String,
    },
    /// The host lets us in but does not let us run the gate as root; nothing was run.
    #[error("{host} refuses sudo to {user}: {said}")]
    Sudo {
        /// The host.
        host: String,
        /// The login.
        user: String,
        /// What sudo said.
        said: String,
    },
    /// The connection broke before the command was known to have begun.
    #[error("the connection to {host} broke: {reason}")]
    Broken {
        /// The host.
        host: String,
        /// What the SSH library says.
        reason: String,
    },
}

impl SshError {
    pub(super) fn unreachable(target: &Target, reason: &dyn ToString) -> SshError {
        SshError::Unreachable {
            host: target.to_string(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn broken(target: &Target, reason: &dyn ToString) -> SshError {
        SshError::Broken {
            host: target.to_string(),
            reason: reason.to_string(),
        }
    }

    /// One word for metrics and for programs.
    pub fn error_type(&self) -> &'static str {
        match self {
            SshError::File { .. } => "ssh_configuration",
            SshError::Unreachable { .. } => "ssh_unreachable",
            SshError::Slow { .. } => "ssh_timeout",
            SshError::HostKey { .. } => "ssh_host_key",
            SshError::Login { .. } => "ssh_login",
            SshError::Exec { .. } => "ssh_refused",
            SshError::Sudo { .. } => "ssh_sudo",
            SshError::Broken { .. } => "ssh_broken",
        }
    }

    /// The answer for a person: what was asked of whom, what was wrong, what to do.
    pub fn into_api(self) -> ApiError {
        let error_type = self.error_type();
        let status = match self {
            SshError::Slow { .. } => StatusCode::GATEWAY_TIMEOUT,
            SshError::File { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_GATEWAY,
        };
        let (error, next) = match self {
            SshError::File { key, file, reason } => (
                format!("The proxy cannot use {file}: {reason}."),
                format!("Set ssh.{key} in the proxy's configuration to a file that it can read."),
            ),
            SshError::Unreachable { host, reason } => (
                format!("The host {host} cannot be reached: {reason}."),
                "See whether it runs, whether sshd listens there, and whether the proxy's network leads to it.".to_owned(),
            ),
            SshError::Slow { host, after } => (
                format!("The host {host} did not let the proxy in within {} s.", after.as_secs()),
                "Ask again; a host in trouble may need longer: raise ssh.connect_timeout.".to_owned(),
            ),
            SshError::HostKey { host, known_as, seen, distrust } => {
                host_key(&host, &known_as, &seen, &distrust)
            }
            SshError::Login { host, user } => (
                format!("The host {host} refuses the login {user} with the proxy's key."),
                format!("Add the public half of ssh.identity_file to {user}'s authorized_keys there."),
            ),
            SshError::Exec { host } => (
                format!("The host {host} let the proxy in but refuses to run a command."),
                "See its sshd_config: ForceCommand, a shell of nologin, or MaxSessions may be the reason.".to_owned(),
            ),
            SshError::Sudo { host, user, said } => (
                format!("The host {host} does not let {user} run {} by sudo; it said {said:?}. Nothing was run.", gate::PATH),
                format!("Install there the line that `casebook-proxy sudoers` prints, as {}, and the program that `casebook-proxy sudoers --gate` prints.", gate::SUDOERS),
            ),
            SshError::Broken { host, reason } => (
                format!("The connection to the host {host} broke: {reason}."),
                "Ask again.".to_owned(),
            ),
        };
        ApiError::new(status, error_type, error, next)
    }
}

fn host_key(host: &str, known_as: &str, seen: &str, distrust: &Distrust) -> (String, String) {
    match distrust {
        Distrust::Unknown => (
            format!(
                "The host {host} shows the key {seen}; known_hosts holds no key for {known_as}. Nothing was run."
            ),
            "Compare the fingerprint with the host's console, then add the key to ssh.known_hosts.".to_owned(),
        ),
        Distrust::Changed(expected) => (
            format!(
                "The host {host} shows the key {seen}; known_hosts expects {} for {known_as}. Nothing was run.",
                expected.join(" or ")
            ),
            "Find out whether the host was rebuilt, or whether someone stands in between, before you change ssh.known_hosts.".to_owned(),
        ),
        Distrust::Revoked => (
            format!("The host {host} shows the key {seen}, which known_hosts marks as revoked. Nothing was run."),
            "Whoever has this key may not be the host: ask those who revoked it.".to_owned(),
        ),
        Distrust::Authority => (
            format!(
                "The host {host} shows the key {seen}; known_hosts holds only a @cert-authority line for {known_as}, and host certificates are not supported yet. Nothing was run."
            ),
            "Add the host's own key to ssh.known_hosts, beside that line.".to_owned(),
        ),
        Distrust::Garbage(line) => (
            format!(
                "Line {line} of known_hosts cannot be read, and might have revoked the key {seen} of {host}. Nothing was run."
            ),
            format!("Mend or remove line {line} of ssh.known_hosts."),
        ),
    }
}
