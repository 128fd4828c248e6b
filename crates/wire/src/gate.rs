//! The gate: the one program that the proxy's login may run as root on a host, by sudo.
//!
//! A line of sudoers can name a program; it cannot say which paths are safe, because its `*` matches
//! blanks, slashes and `..` alike, and a script given by `sh -c` would be all of root. So the line
//! names the gate alone, by its path and SHA-256, and the gate, whose text holds the allowed
//! folders, checks what it is asked:
//!
//! - each verb is a command of the [catalogue](crate::command) that takes a path, or one of the
//!   [quarantine](crate::quarantine) scripts, whose texts are part of the gate;
//! - a path is resolved, and what it leads to has to lie in a folder of the gate;
//! - what was checked is held, by an open file or as the working folder, before it is used: whoever
//!   owns a folder in there cannot exchange it for a link in between.

use crate::command::{Checked, check_folder};
use crate::quarantine::{Call, LOOK_BODY, MOVE_BODY, PRELUDE, PREVIEW_BODY};
use crate::{VERSION, quoting, sha256_hex};
use std::fmt;
use std::time::Duration;

/// Where the gate is on each host.
pub const PATH: &str = "/usr/local/libexec/casebook-gate";
/// Where the line is on each host.
pub const SUDOERS: &str = "/etc/sudoers.d/casebook";

/// What the gate of a host lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    user: String,
    read: Vec<String>,
    quarantine_from: Vec<String>,
    quarantine_to: Option<String>,
}

/// Why there is no gate for a configuration: a clause without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoGate(String);

impl fmt::Display for NoGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoGate {}

impl Gate {
    /// For this login and these folders, all of which stand in texts that root trusts.
    ///
    /// # Errors
    ///
    /// A name that sudoers would read as something else, and a folder that is not plain.
    pub fn new(
        user: &str,
        read: &[String],
        quarantine_from: &[String],
        quarantine_to: Option<&str>,
    ) -> Result<Gate, NoGate> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if user.is_empty() || user.starts_with('-') || !user.chars().all(plain) {
            return Err(NoGate(format!("{user:?} is no login name")));
        }
        // ALL is everybody, and other names in capitals are aliases.
        if !user.contains(|c: char| c.is_ascii_lowercase()) {
            return Err(NoGate(format!(
                "sudoers would not take {user:?} for a login; use one with small letters"
            )));
        }
        if user == "root" {
            return Err(NoGate("root needs no sudo".to_owned()));
        }
        for folder in read.iter().chain(quarantine_from) {
            check_folder(folder).map_err(NoGate)?;
        }
        if let Some(folder) = quarantine_to {
            check_folder(folder).map_err(NoGate)?;
        }
        Ok(Gate {
            user: user.to_owned(),
            read: read.to_vec(),
            quarantine_from: quarantine_from.to_vec(),
            quarantine_to: quarantine_to.map(str::to_owned),
        })
    }

    /// The gate's text, a program for `/bin/sh`.
    pub fn program(&self) -> String {
        let function = |name: &str, body: &str| format!("{name}() {{\n{body}}}\n");
        [
            "#!/bin/sh\n",
            "# casebook-gate: what Casebook's login may do as root on this host, by sudo, and nothing else.\n",
            "# It belongs to root, mode 0755. Printed by `casebook-proxy sudoers --gate`; the line in\n",
            "# sudoers.d holds its SHA-256, so who changes a letter here needs a new line there.\n",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nexport PATH\numask 077\ncd / || exit 1\n\n",
            &format!("# folders that may be looked into\nread_folders='{}'\n", self.read.join(" ")),
            &format!("# folders out of which a file may be moved, and back\nquarantine_from='{}'\n", self.quarantine_from.join(" ")),
            &format!("# the folder that it is moved to\nquarantine_to='{}'\n\n", self.quarantine_to.as_deref().unwrap_or_default()),
            PRELUDE,
            "\n",
            include_str!("gate/rules.sh"),
            "\n",
            &function("preview_file", PREVIEW_BODY),
            &function("move_file", MOVE_BODY),
            &function("look_at", LOOK_BODY),
            "\n",
            include_str!("gate/verbs.sh"),
        ]
        .concat()
    }

    /// The file for `/etc/sudoers.d`, with comments that say what it permits and how it is
    /// installed.
    pub fn sudoers(&self) -> String {
        let Gate { user, .. } = self;
        let digest = sha256_hex(self.program().as_bytes());
        let list = |folders: &[String]| match folders {
            [] => "#     none\n".to_owned(),
            some => some
                .iter()
                .map(|folder| format!("#     {folder}\n"))
                .collect(),
        };
        let read = list(&self.read);
        let (from, to) = match &self.quarantine_to {
            Some(to) => (list(&self.quarantine_from), to.as_str()),
            None => (list(&[]), "none"),
        };
        format!(
            "\
# {SUDOERS}: printed by casebook-proxy {VERSION}, command `sudoers`.
#
# The login {user} may run one program as root, without a password: the gate. It may
# - look at what lies in these folders (ls, stat, df, tail, sha256sum):
{read}# - move a file out of one of these folders, without replacing any:
{from}#   to {to}, and from there back into one of them.
# The gate resolves each path and refuses all others. Arguments are not listed here, because *
# in sudoers matches blanks, slashes and .. alike; they are the gate's to check. sudo compares
# the gate's SHA-256 with the one below, and runs no other text.
#
# To install both, as root on the host, the gate first:
#     casebook-proxy sudoers --gate > casebook-gate          (where the proxy is)
#     install -D -o root -g root -m 0755 casebook-gate {PATH}
#     casebook-proxy sudoers > casebook-sudoers              (where the proxy is)
#     visudo -cf casebook-sudoers
#     install -o root -g root -m 0440 casebook-sudoers {SUDOERS}
# To take the right away again: rm {SUDOERS}

# There is no terminal, and nothing of the caller's environment reaches the gate.
Defaults:{user} !requiretty
Defaults!{PATH} env_reset, !setenv, !env_keep, !env_check
{user} ALL = (root) NOPASSWD: NOSETENV: sha256:{digest} {PATH}
"
        )
    }
}

/// The line that runs a command by the gate; None for one that has no path and needs no right.
/// What may take long takes no longer than `time`.
pub fn command(checked: &Checked, time: Duration) -> Option<String> {
    checked.path()?;
    let seconds = seconds(time);
    let mut words = vec![checked.command.name];
    if checked.command.name == "sha256sum" {
        words.push(&seconds);
    }
    let params = checked.command.params.iter();
    let values = params.filter_map(|param| checked.values().get(param.name));
    words.extend(values.map(String::as_str));
    Some(line(words))
}

/// Whole seconds for `timeout`, for which 0 would be for ever.
fn seconds(time: Duration) -> String {
    time.as_secs().max(1).to_string()
}

/// The line that asks the gate where a path really leads.
pub fn realpath(path: &str) -> String {
    line(["realpath", path])
}

/// The line that runs one of the quarantine scripts by the gate. The folders of a preview are the
/// gate's own, and its sum takes no longer than `time`.
pub fn call(call: &Call, time: Duration) -> String {
    match call {
        Call::Preview { path, target, .. } => line(["preview", &seconds(time), path, target]),
        Call::Move {
            plan,
            from,
            to,
            fingerprint,
        } => {
            // by this word, a look knows a move that is still running
            let name = format!("casebook-move-{plan}");
            line(["move", &name, from, to, fingerprint])
        }
        Call::Look {
            plan,
            from,
            to,
            fingerprint,
        } => line(["look", from, to, fingerprint, plan]),
    }
}

fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    quoting::line(["sudo", "-n", "--", PATH].into_iter().chain(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{CATALOGUE, check};
    use crate::run::Value;
    use std::collections::BTreeMap;

    fn gate() -> Gate {
        let folders = ["/var/crash".to_owned()];
        Gate::new("casebook", &folders, &folders, Some("/var/quarantine")).unwrap()
    }

    #[test]
    fn each_command_with_a_path_has_its_verb() {
        let verbs = include_str!("gate/verbs.sh");
        let path = BTreeMap::from([("path".to_owned(), Value::Text("/a b".to_owned()))]);
        for known in CATALOGUE {
            let takes_path = known.params.iter().any(|param| param.name == "path");
            assert_eq!(
                verbs.contains(&format!("\n{})\n", known.name)),
                takes_path,
                "{}",
                known.name
            );
            if takes_path {
                let line =
                    command(&check(known.name, &path).unwrap(), Duration::from_secs(9)).unwrap();
                let start = format!("sudo -n -- {PATH} {} ", known.name);
                assert!(
                    line.starts_with(&start) && line.ends_with(" '/a b'"),
                    "{line}"
                );
            }
        }
        let ps = check("ps", &BTreeMap::new()).unwrap();
        assert_eq!(command(&ps, Duration::from_secs(9)), None);
    }

    #[test]
    fn the_gate_runs_the_very_words_of_the_catalogue() {
        let verbs = include_str!("gate/verbs.sh");
        for words in [
            "ls -lab --time-style=full-iso -- ",
            "df -hT -- ",
            "stat -- ",
            "tail --lines=",
        ] {
            assert!(verbs.contains(words), "{words}");
        }
    }

    #[test]
    fn the_line_permits_one_program_by_its_digest_and_no_pattern() {
        let gate = gate();
        let text = gate.sudoers();
        let rules: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let digest = sha256_hex(gate.program().as_bytes());
        assert_eq!(
            rules.last(),
            Some(
                &format!("casebook ALL = (root) NOPASSWD: NOSETENV: sha256:{digest} {PATH}")
                    .as_str()
            )
        );
        assert!(rules.iter().all(|rule| !rule.contains('*')), "{text}");
        // #include and #1000 mean something to sudo
        assert!(
            text.lines()
                .filter(|line| line.starts_with('#'))
                .all(|line| line == "#" || line.starts_with("# "))
        );
    }

    #[test]
    fn names_that_mean_more_than_a_login_are_refused() {
        for user in [
            "", "root", "ALL", "ADMINS", "#0", "%sudo", "+net", "a b", "a,b", "-a", "a\nb",
        ] {
            assert!(Gate::new(user, &[], &[], None).is_err(), "{user}");
        }
        for folder in ["/", "/a b", "/a'", "/a*", "/a/../b", "/a\nb"] {
            let folders = [folder.to_owned()];
            assert!(
                Gate::new("casebook", &folders, &[], None).is_err(),
                "{folder}"
            );
            assert!(
                Gate::new("casebook", &[], &folders, None).is_err(),
                "{folder}"
            );
            assert!(
                Gate::new("casebook", &[], &[], Some(folder)).is_err(),
                "{folder}"
            );
        }
    }
}
