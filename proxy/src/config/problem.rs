//! What is wrong with a configuration, said by file, line and key.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong with a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1; 0 when the file itself cannot be read.
    pub line: usize,
    /// The key with its table, such as `prometheus.main.url`; empty where there is none.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for Problem {}

impl Problem {
    /// A problem at a byte offset of the file's text, as the TOML parser reports it.
    pub(crate) fn at_offset(file: &Path, text: &str, offset: usize, message: &str) -> Problem {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        Problem {
            file: file.to_owned(),
            line,
            key: key_at(text, line),
            message: message.replace('\n', "; "),
        }
    }

    /// A problem with the value of `table.key`, found after parsing.
    pub(crate) fn at_key(
        file: &Path,
        text: &str,
        table: &str,
        key: &str,
        message: String,
    ) -> Problem {
        let wanted = if key.is_empty() {
            table.to_owned()
        } else {
            format!("{table}.{key}")
        };
        let line = (1..=text.lines().count())
            .find(|line| key_at(text, *line) == wanted)
            .unwrap_or(0);
        Problem {
            file: file.to_owned(),
            line,
            key: wanted,
            message,
        }
    }
}

/// The dotted key that stands in a line: its table's header and its own name.
fn key_at(text: &str, line: usize) -> String {
    let mut table = "";
    let mut key = "";
    for (index, raw) in text.lines().enumerate().take(line) {
        let content = raw.trim();
        key = "";
        if content.starts_with('[') {
            table = content.trim_matches(|c| c == '[' || c == ']');
        } else if index + 1 == line
            && !content.starts_with('#')
            && let Some((name, _)) = content.split_once('=')
        {
            key = name.trim();
        }
    }
    match (table, key) {
        (table, "") => table.to_owned(),
        ("", key) => key.to_owned(),
        (table, key) => format!("{table}.{key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_key_by_its_table() {
        let text = "[server]\nsite = \"x\"\n# a = 1\n\n[prometheus.main]\nurl = \"y\"\n";
        assert_eq!(key_at(text, 2), "server.site");
        assert_eq!(key_at(text, 3), "server");
        assert_eq!(key_at(text, 5), "prometheus.main");
        assert_eq!(key_at(text, 6), "prometheus.main.url");
    }
}
