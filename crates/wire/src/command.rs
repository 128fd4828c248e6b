//! The commands that a notebook may have run on a host: a name and typed parameters, never a line.
//! All of them only read.

mod kind;
mod parse;

pub use kind::{Kind, check_folder, is_path, is_under};
pub use parse::{parse, parse_realpath};

use crate::quoting;
use crate::run::Value;
use std::collections::BTreeMap;
use std::fmt;

/// One command of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name in requests.
    pub name: &'static str,
    /// What it shows, as a sentence.
    pub summary: &'static str,
    /// Its parameters in the order of its words.
    pub params: &'static [Param],
    /// Its words; a word with `{name}` is left out when that parameter has no value.
    words: &'static [&'static str],
}

/// One parameter of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name in requests, and in the command's words.
    pub name: &'static str,
    /// What may be given.
    pub kind: Kind,
    /// What is taken when nothing is given.
    pub default: Option<&'static str>,
    /// Whether something must be given.
    pub required: bool,
}

const PATH: Param = Param {
    name: "path",
    kind: Kind::Path,
    default: None,
    required: true,
};

const fn lines(default: &'static str) -> Param {
    Param {
        name: "lines",
        kind: Kind::Number(10_000),
        default: Some(default),
        required: false,
    }
}

/// All commands, in the order of their names.
pub const CATALOGUE: &[Command] = &[
    Command {
        name: "coredumpctl_info",
        summary: "What systemd recorded about the crash of a process.",
        params: &[Param {
            name: "pid",
            kind: Kind::Number(4_194_304),
            default: None,
            required: true,
        }],
        words: &["coredumpctl", "--no-pager", "info", "{pid}"],
    },
    Command {
        name: "df",
        summary: "Free space of the file system that holds a path.",
        params: &[PATH],
        words: &["df", "-hT", "--", "{path}"],
    },
    Command {
        name: "journalctl",
        summary: "The last lines of the journal, in UTC.",
        params: &[
            lines("200"),
            Param {
                name: "unit",
                kind: Kind::Unit,
                default: None,
                required: false,
            },
            Param {
                name: "since",
                kind: Kind::Since,
                default: None,
                required: false,
            },
        ],
        words: &[
            "journalctl",
            "--no-pager",
            "--utc",
            "--output=short-iso",
            "--lines={lines}",
            "--unit={unit}",
            "--since={since}",
        ],
    },
    Command {
        name: "ls",
        summary: "What lies in a folder.",
        params: &[PATH],
        // -b: a name with a line break or an escape sequence stays on its line
        words: &["ls", "-lab", "--time-style=full-iso", "--", "{path}"],
    },
    Command {
        name: "ps",
        summary: "The processes, by processor time; without their arguments, which may hold secrets.",
        params: &[],
        words: &[
            "ps",
            "-eo",
            "pid,ppid,user,pcpu,pmem,rss,etime,stat,comm",
            "--sort=-pcpu",
        ],
    },
    Command {
        name: "sha256sum",
        summary: "The SHA-256 of a file, at the lowest priority.",
        params: &[PATH],
        words: &["nice", "-n", "19", "sha256sum", "--", "{path}"],
    },
    Command {
        name: "stat",
        summary: "Size, owner and times of a file.",
        params: &[PATH],
        words: &["stat", "--", "{path}"],
    },
    Command {
        name: "tail",
        summary: "The last lines of a file.",
        params: &[lines("100"), PATH],
        words: &["tail", "--lines={lines}", "--", "{path}"],
    },
];

/// Why a command is not run. Each text is a sentence, with what to do behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What was wrong.
    pub message: String,
    /// What to do.
    pub next: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.message, self.next)
    }
}

impl std::error::Error for Fault {}

/// A command with checked parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The command.
    pub command: &'static Command,
    /// The parameters in the form in which they enter the line.
    values: BTreeMap<&'static str, String>,
}

/// The command of this name with these parameters.
pub fn check(name: &str, params: &BTreeMap<String, Value>) -> Result<Checked, Fault> {
    let command = CATALOGUE
        .iter()
        .find(|command| command.name == name)
        .ok_or_else(|| Fault {
            message: format!("There is no command {name:?}."),
            next: format!("Use one of: {}.", names(CATALOGUE.iter().map(|c| c.name))),
        })?;
    let known = || match command.params {
        [] => format!("{name} takes no parameters."),
        params => format!("{name} takes: {}.", names(params.iter().map(|p| p.name))),
    };
    if let Some(stranger) = params
        .keys()
        .find(|given| command.params.iter().all(|param| param.name != *given))
    {
        return Err(Fault {
            message: format!("{name} has no parameter {stranger:?}."),
            next: known(),
        });
    }
    let mut values = BTreeMap::new();
    for param in command.params {
        let given = params.get(param.name).map(Value::to_string);
        let Some(text) = given.or_else(|| param.default.map(str::to_owned)) else {
            if param.required {
                return Err(Fault {
                    message: format!("{name} needs the parameter {:?}.", param.name),
                    next: known(),
                });
            }
            continue;
        };
        let value = param.kind.canonical(&text).map_err(|next| Fault {
            message: format!("{text:?} cannot be the {} of {name}.", param.name),
            next,
        })?;
        values.insert(param.name, value);
    }
    Ok(Checked { command, values })
}

/// The line of a command with these parameters, as the proxy sends it.
pub fn line(name: &str, params: &BTreeMap<String, Value>) -> Result<String, Fault> {
    check(name, params).map(|checked| checked.line())
}

/// The line that asks a host where a path really leads; it fails where nothing is there.
pub fn realpath(path: &str) -> String {
    quoting::line(["realpath", "-e", "--", path])
}

impl Checked {
    /// The parameters in the form in which they enter the line.
    pub fn values(&self) -> &BTreeMap<&'static str, String> {
        &self.values
    }

    /// The path, of commands that have one.
    pub fn path(&self) -> Option<&str> {
        self.values.get("path").map(String::as_str)
    }

    /// The same command on what its path really leads to.
    #[must_use]
    pub fn with_path(mut self, real: &str) -> Checked {
        if let Some(path) = self.values.get_mut("path") {
            real.clone_into(path);
        }
        self
    }

    /// Its words, one by one.
    pub fn words(&self) -> Vec<String> {
        self.command
            .words
            .iter()
            .filter_map(|word| self.fill(word))
            .collect()
    }

    /// The line for the host's shell.
    pub fn line(&self) -> String {
        quoting::line(self.words())
    }

    fn fill(&self, word: &str) -> Option<String> {
        let Some((before, rest)) = word.split_once('{') else {
            return Some(word.to_owned());
        };
        let value = self.values.get(rest.trim_end_matches('}'))?;
        Some(format!("{before}{value}"))
    }
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_with_a_parameter_names_one_that_exists() {
        for command in CATALOGUE {
            for word in command.words.iter().filter(|word| word.contains('{')) {
                let name = word.split(['{', '}']).nth(1).unwrap();
                assert!(
                    command.params.iter().any(|param| param.name == name),
                    "{word}"
                );
            }
            for param in command.params {
                let braced = format!("{{{}}}", param.name);
                assert!(command.words.iter().any(|word| word.ends_with(&braced)));
            }
        }
        assert!(CATALOGUE.is_sorted_by_key(|command| command.name));
    }
}
