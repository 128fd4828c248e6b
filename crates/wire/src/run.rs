//! `POST /api/v1/ssh/run`: the question, and the lines of its answer (NDJSON).

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The question: a command of the [catalogue](crate::command) on a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// An instance id, a name of the proxy's configuration, or an address.
    pub host: String,
    /// The command's name.
    pub command: String,
    /// Its parameters by name.
    #[serde(default)]
    pub params: BTreeMap<String, Value>,
}

/// A parameter as it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Number(u64),
    /// A text.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => number.fmt(f),
            Value::Text(text) => text.fmt(f),
        }
    }
}

/// One line of the answer. The first is [`Event::Start`], the last [`Event::Exit`]; an answer
/// without its last line was cut off, and says nothing about the command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The host let us in, and the command begins.
    Start {
        /// The host as it was asked for.
        host: String,
        /// Where it was reached: address and port.
        address: String,
        /// The command line, as it is sent.
        line: String,
        /// Place of the intent's record in the chain of its case.
        seq: u64,
        /// Hash of that record.
        hash: String,
    },
    /// A part of standard output. What is no UTF-8 is replaced by U+FFFD.
    Stdout {
        /// The text, of any length, not by lines.
        text: String,
    },
    /// A part of standard error.
    Stderr {
        /// The text, of any length, not by lines.
        text: String,
    },
    /// The end.
    Exit(Exit),
}

/// How a command ended. It ran to its end when there is a `status` and no flag is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Its exit status.
    pub status: Option<u32>,
    /// The signal that killed it, such as `KILL`.
    pub signal: Option<String>,
    /// The connection broke: nobody knows what became of the command.
    pub lost: bool,
    /// It wrote more than allowed and was told to end.
    pub truncated: bool,
    /// It took longer than allowed and was told to end.
    pub timed_out: bool,
    /// Milliseconds from start to end.
    pub ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_the_shape_that_the_notebook_reads() {
        let exit = Event::Exit(Exit {
            status: Some(2),
            ms: 7,
            ..Exit::default()
        });
        assert_eq!(
            serde_json::to_string(&exit).unwrap(),
            r#"{"event":"exit","status":2,"signal":null,"lost":false,"truncated":false,"timed_out":false,"ms":7}"#
        );
        let text = r#"{"event":"stderr","text":"no\n"}"#;
        let stderr: Event = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&stderr).unwrap(), text);
        let request: RunRequest = serde_json::from_str(
            r#"{"host":"web1","command":"tail","params":{"path":"/a","lines":3}}"#,
        )
        .unwrap();
        assert_eq!(request.params["lines"], Value::Number(3));
        assert!(
            serde_json::from_str::<RunRequest>(r#"{"host":"h","command":"ls","line":"id"}"#)
                .is_err()
        );
    }
}
