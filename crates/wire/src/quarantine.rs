//! The three scripts that put a file into quarantine: look before, move, look after.
//!
//! They are fixed texts for any POSIX `sh` with GNU coreutils and findutils on Linux. A value only
//! ever comes as a positional parameter, so no value can become part of a script. What they promise:
//!
//! - **preview** changes nothing. It resolves the path, compares it with the resolved allowed
//!   folders, and prints facts, one `key=value` a line, `end=preview` last.
//! - **move** renames, and never replaces. `mv -n` reports success when it moved nothing (coreutils
//!   before 9.2), so the script asks `mv` what it did and looks at the target itself; when what
//!   arrived is not what was approved, it is put back. A rename is one act of the file system: at
//!   no moment is there half a file. A hang-up does not stop it in the middle.
//! - **look** changes nothing. After a lost connection it says where the file is now, and whether
//!   the move is still running: only an answer of a host without that process is final. There,
//!   `grep`'s exit status tells nothing, because it is an error when any process ends meanwhile.
//!
//! A file's fingerprint is `device:inode:size:mtime:ctime`, times with nanoseconds. A rename changes
//! the ctime alone, so what was moved is known again by the other four.

mod exit;
mod facts;

pub use exit::Exit;
pub use facts::{Facts, Handle};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What all scripts begin with.
macro_rules! prelude {
    () => {
        include_str!("quarantine/file_facts.sh")
    };
}
pub(crate) const PRELUDE: &str = prelude!();
pub(crate) const PREVIEW_BODY: &str = include_str!("quarantine/preview.sh");
pub(crate) const MOVE_BODY: &str = include_str!("quarantine/move.sh");
pub(crate) const LOOK_BODY: &str = include_str!("quarantine/look.sh");

/// Text of the preview; its parameters are the path, the target and the allowed folders.
pub const PREVIEW: &str = concat!(prelude!(), include_str!("quarantine/preview.sh"));
/// Text of the move; its parameters are the path, the target and the fingerprint.
pub const MOVE: &str = concat!(prelude!(), include_str!("quarantine/move.sh"));
/// Text of the look; its parameters are those of the move, and the plan's id.
pub const LOOK: &str = concat!(prelude!(), include_str!("quarantine/look.sh"));

/// One of the scripts with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Look at a file that is to be moved; changes nothing.
    Preview {
        /// Absolute path of the file.
        path: String,
        /// Absolute path that it would get.
        target: String,
        /// Folders that it must lie in once all symbolic links are resolved.
        roots: Vec<String>,
    },
    /// Move the file.
    Move {
        /// The plan's id, by which [`Call::Look`] knows a move that is still running.
        plan: String,
        /// Resolved path of the file.
        from: String,
        /// Resolved path that it gets.
        to: String,
        /// What the file must still be.
        fingerprint: String,
    },
    /// See where a file is after a move whose end nobody saw; changes nothing.
    Look {
        /// The plan's id.
        plan: String,
        /// As in the move.
        from: String,
        /// As in the move.
        to: String,
        /// As in the move.
        fingerprint: String,
    },
}

impl Call {
    /// The line for the host's shell.
    pub fn line(&self) -> String {
        let (script, name, values): (&str, String, Vec<&str>) = match self {
            Call::Preview {
                path,
                target,
                roots,
            } => {
                let fixed = [path.as_str(), target.as_str()].into_iter();
                let values = fixed.chain(roots.iter().map(String::as_str)).collect();
                (PREVIEW, "casebook-preview".to_owned(), values)
            }
            Call::Move {
                plan,
                from,
                to,
                fingerprint,
            } => (
                MOVE,
                format!("casebook-move-{plan}"),
                vec![from, to, fingerprint],
            ),
            Call::Look {
                plan,
                from,
                to,
                fingerprint,
            } => (
                LOOK,
                "casebook-look".to_owned(),
                vec![from, to, fingerprint, plan],
            ),
        };
        let mut line = format!("sh -c {} {}", quote(script), quote(&name));
        for value in values {
            line.push(' ');
            line.push_str(&quote(value));
        }
        line
    }

    /// The call that a line is, for a server that knows no other lines. None for any other line.
    pub fn parse(line: &str) -> Option<Call> {
        let words = words(line)?;
        let [sh, dash_c, script, name, values @ ..] = words.as_slice() else {
            return None;
        };
        if sh != "sh" || dash_c != "-c" {
            return None;
        }
        let call = match (script.as_str(), values) {
            (PREVIEW, [path, target, roots @ ..]) => Call::Preview {
                path: path.clone(),
                target: target.clone(),
                roots: roots.to_vec(),
            },
            (MOVE, [from, to, fingerprint]) => Call::Move {
                plan: name.strip_prefix("casebook-move-")?.to_owned(),
                from: from.clone(),
                to: to.clone(),
                fingerprint: fingerprint.clone(),
            },
            (LOOK, [from, to, fingerprint, plan]) => Call::Look {
                plan: plan.clone(),
                from: from.clone(),
                to: to.clone(),
                fingerprint: fingerprint.clone(),
            },
            _ => return None,
        };
        (call.line() == line).then_some(call)
    }
}

/// `text` as one word of a POSIX shell. The caller has refused NUL.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The words of a line that consists of single-quoted, escaped and bare letters only.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(letter) = rest.next() {
        match letter {
            ' ' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '\'' => break,
                        inner => word.push(inner),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(rest.next()?),
            bare => word.get_or_insert_default().push(bare),
        }
    }
    words.extend(word);
    Some(words)
}

/// The file's fingerprint after the move, from what the move printed; None when it did not get to
/// its end.
pub fn moved(stdout: &str) -> Option<String> {
    let fields = fields(stdout, "move")?;
    let now = fields.get("moved").filter(|text| is_fingerprint(text))?;
    Some((*now).to_owned())
}

/// Where a file is after a move whose end nobody saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Where it was: nothing was moved.
    Source,
    /// At the target: it was moved.
    Target,
    /// The move is still running.
    Moving,
    /// At neither, or at both.
    Unclear,
}

/// Reads what the look printed; None when it is incomplete.
pub fn place(stdout: &str) -> Option<Place> {
    let fields = fields(stdout, "look")?;
    if *fields.get("running")? == "yes" {
        return Some(Place::Moving);
    }
    let want = same_file(fields.get("want")?);
    let is = |key: &str| fields.get(key).is_some_and(|seen| same_file(seen) == want);
    Some(match (is("source"), is("target")) {
        (true, false) => Place::Source,
        (false, true) => Place::Target,
        _ => Place::Unclear,
    })
}

/// What of a fingerprint outlives a rename: all but the ctime.
pub fn same_file(fingerprint: &str) -> &str {
    fingerprint
        .rsplit_once(':')
        .map_or(fingerprint, |(kept, _)| kept)
}

fn is_fingerprint(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let number = |part: &&str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_digit() || c == '.' || c == '-')
    };
    parts.len() == 5 && parts.iter().all(number)
}

/// The `key=value` lines of an output that got to its end; the first of each key counts.
fn fields<'a>(stdout: &'a str, end: &str) -> Option<BTreeMap<&'a str, &'a str>> {
    let mut fields = BTreeMap::new();
    for line in stdout.lines() {
        if let Some((key, value)) = line.split_once('=') {
            fields.entry(key).or_insert(value);
        }
    }
    (fields.get("end") == Some(&end)).then_some(fields)
}

#[cfg(test)]
mod tests;
