//! Root's rights on a host: by the gate of `casebook-wire`, which sudo lets the login run.

use super::{Output, Ssh, SshError, Target};
use crate::config;
use casebook_wire::command::{self, Checked};
use casebook_wire::gate::{self, Gate, NoGate};
use casebook_wire::quarantine::{Call, Exit};
use std::time::Duration;

/// sudo's own exit status when it runs nothing.
const SUDO_REFUSES: u32 = 1;
/// A shell's exit status when it finds no sudo.
const NOT_FOUND: u32 = 127;
/// Longest part of sudo's words in an error, in letters.
const SHOWN: usize = 300;

impl config::Ssh {
    /// The gate that belongs to this configuration.
    ///
    /// # Errors
    ///
    /// When the login is one that sudoers would take for something else.
    pub fn gate(&self) -> Result<Gate, NoGate> {
        Gate::new(
            &self.user,
            &self.paths.read,
            &self.paths.quarantine_from,
            self.paths.quarantine_to.as_deref(),
        )
    }
}

impl Ssh {
    /// The line of a command, by the gate where sudo is configured and a path is to be read.
    pub fn line(&self, checked: &Checked) -> String {
        let time = self.config.limits.time;
        let gated = self
            .config
            .sudo
            .then(|| gate::command(checked, time))
            .flatten();
        gated.unwrap_or_else(|| checked.line())
    }

    /// The line that asks where a path really leads.
    pub fn realpath_line(&self, path: &str) -> String {
        if self.config.sudo {
            gate::realpath(path)
        } else {
            command::realpath(path)
        }
    }

    /// The line of a quarantine script, whose sums take no longer than `time` where the gate makes
    /// them: the proxy cannot end what root runs.
    pub fn call_line(&self, call: &Call, time: Duration) -> String {
        if self.config.sudo {
            gate::call(call, time)
        } else {
            call.line()
        }
    }

    /// Whether the gate refuses the path that it was asked about.
    pub fn gate_forbids(&self, output: &Output) -> bool {
        let status = output.end.status.filter(|_| output.end.is_whole());
        self.config.sudo && status == Some(Exit::Outside.status())
    }

    /// The error, when sudo did not run the gate: then nothing happened on the host. Its words may
    /// be in any language; the gate's path and `sudo:` are not translated, and the gate itself does
    /// not end with these statuses when it says such a thing.
    pub fn sudo_refusal(&self, target: &Target, output: &Output) -> Option<SshError> {
        if !self.config.sudo || !output.end.is_whole() || !output.stdout.is_empty() {
            return None;
        }
        let complaint = output.complaint();
        let mut lines = complaint.lines();
        let said = match output.end.status? {
            // The path is also in what sudo says about a line of sudoers that it skips.
            SUDO_REFUSES => lines
                .clone()
                .find(|line| line.starts_with("sudo: "))
                .or_else(|| lines.find(|line| line.contains(gate::PATH)))?,
            NOT_FOUND => lines.find(|line| line.contains("sudo"))?,
            _ => return None,
        };
        let plain = said.chars().filter(|c| !c.is_control());
        Some(SshError::Sudo {
            host: target.to_string(),
            user: self.config.user.clone(),
            said: plain.take(SHOWN).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::End;
    use super::*;
    use crate::config::Config;
    use std::path::Path;

    fn ssh(sudo: bool) -> Ssh {
        let text = format!(
            "[ssh]\nuser = \"casebook\"\nidentity_file = \"k\"\nknown_hosts = \"h\"\nsudo = {sudo}\n"
        );
        let config = Config::parse(Path::new("c.toml"), &text).unwrap();
        Ssh::new(&config.ssh.unwrap())
    }

    fn output(status: u32, stdout: &str, stderr: &str) -> Output {
        let end = End {
            status: Some(status),
            ..End::default()
        };
        Output {
            stdout: stdout.into(),
            stderr: stderr.into(),
            end,
        }
    }

    #[test]
    fn only_what_sudo_or_a_shell_without_it_says_is_a_refusal() {
        let target = Target {
            name: "web1".to_owned(),
            address: "10.0.0.7".to_owned(),
            port: 22,
        };
        let refusal = |sudo: bool, output: &Output| ssh(sudo).sudo_refusal(&target, output);
        for said in [
            "sudo: a password is required\n",
            "Leider darf der Benutzer casebook »/usr/local/libexec/casebook-gate ls /var« nicht als root ausführen.\n",
        ] {
            let seen = refusal(true, &output(1, "", said)).unwrap();
            assert!(seen.to_string().contains(said.trim()), "{seen}");
            assert_eq!(refusal(false, &output(1, "", said)), None);
            assert_eq!(refusal(true, &output(0, "", said)), None);
            assert_eq!(refusal(true, &output(1, "moved", said)), None);
        }
        let missing = output(127, "", "sh: 1: sudo: not found\n");
        assert!(refusal(true, &missing).is_some());
        let gone = "realpath: /var/crash/sudo: No such file or directory\n";
        assert_eq!(refusal(true, &output(1, "", gone)), None);
        let mut cut = output(1, "", "sudo: a password is required\n");
        cut.end.lost = true;
        assert_eq!(refusal(true, &cut), None);
    }
}
