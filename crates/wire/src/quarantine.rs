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
//!   the move is still running: only an answer of a host without that process is final.
//!
//! A file's fingerprint is `device:inode:size:mtime:ctime`, times with nanoseconds. A rename changes
//! the ctime alone, so what was moved is known again by the other four.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Text of the preview; its parameters are the path, the target and the allowed folders.
pub const PREVIEW: &str = concat!(
    include_str!("quarantine/common.sh"),
    include_str!("quarantine/preview.sh")
);
/// Text of the move; its parameters are the path, the target and the fingerprint.
pub const MOVE: &str = concat!(
    include_str!("quarantine/common.sh"),
    include_str!("quarantine/move.sh")
);
/// Text of the look; its parameters are those of the move, and the plan's id.
pub const LOOK: &str = concat!(
    include_str!("quarantine/common.sh"),
    include_str!("quarantine/look.sh")
);

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

    /// The line by which the login user runs it as root, under a rule of sudoers.
    pub fn sudo_line(&self) -> String {
        format!("sudo -n -- {}", self.line())
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

/// How a script ended, by its exit status.
///
/// | status | meaning | the file |
/// |---|---|---|
/// | 0 | done | moved and verified (preview and look: facts printed) |
/// | 10 | no such file, or it cannot be reached | untouched |
/// | 11 | a folder, device, socket or pipe | untouched |
/// | 12 | a symbolic link in the path | untouched |
/// | 13 | not what it was in the preview | untouched |
/// | 14 | open for writing | untouched |
/// | 15 | outside of the allowed folders once links are resolved | untouched |
/// | 16 | something has the target's name | untouched |
/// | 17 | no folder to move to or from, or no right to write there | untouched |
/// | 18 | source and target on different file systems | untouched |
/// | 19 | what was moved was not what was approved | put back |
/// | 20 | the rename failed: full or read-only disk, no right | untouched, looked at after |
/// | 21 | neither in its place nor verified at the target | a person must look |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the table above says what each one means")]
pub enum Exit {
    Done,
    Missing,
    NotRegular,
    Symlink,
    Changed,
    OpenForWriting,
    Outside,
    TargetExists,
    NoFolder,
    OtherFileSystem,
    PutBack,
    NotMoved,
    Unclear,
}

impl Exit {
    const TABLE: [(u32, Exit); 13] = [
        (0, Exit::Done),
        (10, Exit::Missing),
        (11, Exit::NotRegular),
        (12, Exit::Symlink),
        (13, Exit::Changed),
        (14, Exit::OpenForWriting),
        (15, Exit::Outside),
        (16, Exit::TargetExists),
        (17, Exit::NoFolder),
        (18, Exit::OtherFileSystem),
        (19, Exit::PutBack),
        (20, Exit::NotMoved),
        (21, Exit::Unclear),
    ];

    /// The meaning of a script's exit status; None for one that the scripts never give, such as
    /// 127 of a shell that lacks a program.
    pub fn of(status: u32) -> Option<Exit> {
        let mut table = Exit::TABLE.into_iter();
        table.find_map(|(known, exit)| (known == status).then_some(exit))
    }

    /// The exit status.
    pub fn status(self) -> u32 {
        let mut table = Exit::TABLE.into_iter();
        table
            .find_map(|(status, exit)| (exit == self).then_some(status))
            .unwrap_or(21)
    }

    /// What it means for the file, as a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Exit::Done => "The file was moved and verified at its target.",
            Exit::Missing => {
                "There is no such file, or the login user cannot reach it; nothing was moved."
            }
            Exit::NotRegular => "This is no regular file; nothing was moved.",
            Exit::Symlink => "There is a symbolic link in the path; nothing was moved.",
            Exit::Changed => "The file is not what it was in the preview; nothing was moved.",
            Exit::OpenForWriting => "A process has the file open for writing; nothing was moved.",
            Exit::Outside => {
                "With all symbolic links resolved, the file is outside of the allowed folders; nothing was moved."
            }
            Exit::TargetExists => "Something has the target's name already; nothing was moved.",
            Exit::NoFolder => {
                "A folder is missing, or the login user may not write in it; nothing was moved."
            }
            Exit::OtherFileSystem => {
                "Source and target are on different file systems, where a move would be a copy; nothing was moved."
            }
            Exit::PutBack => {
                "The file changed at the moment of the move, so it was put back where it was."
            }
            Exit::NotMoved => "The host refused to move the file; it is where it was.",
            Exit::Unclear => {
                "The file is neither in its place nor verified at the target; look at the host."
            }
        }
    }

    /// What a person can do about it.
    pub fn next(self) -> &'static str {
        match self {
            Exit::Done => "Ask the query again to see whether it helped.",
            Exit::Missing => "List the folder; look at its rights.",
            Exit::NotRegular | Exit::Symlink | Exit::Outside => {
                "Name the file itself, by its own path, in one of ssh.paths.quarantine_from."
            }
            Exit::Changed | Exit::PutBack => "Look at the file again and make a new plan.",
            Exit::OpenForWriting => {
                "Wait until the process is done with it, or end the process, then make a new plan."
            }
            Exit::TargetExists => "Make a new plan, which picks a new name.",
            Exit::NoFolder => {
                "Make the folder on the host, with the right for the login user to write in it."
            }
            Exit::OtherFileSystem => {
                "Set ssh.paths.quarantine_to to a folder on the file system of the file."
            }
            Exit::NotMoved => {
                "See what the host said: its disk may be full or read-only, or the right is missing."
            }
            Exit::Unclear => {
                "Log in to the host and see where the file is before anything else is done to it."
            }
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// A process that has the file open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handle {
    /// Process id.
    pub pid: u32,
    /// Whether it is open for writing.
    pub writing: bool,
    /// The process's name, printable letters only.
    pub name: String,
}

/// What the preview found out about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The path with all symbolic links resolved.
    pub real: String,
    /// The target with all symbolic links resolved.
    pub target: String,
    /// Length in bytes.
    pub size: u64,
    /// Last change of the content, seconds since the Unix epoch.
    pub mtime: i64,
    /// As `ls -l` writes it: `-rw-r-----`.
    pub mode: String,
    /// `user:group`.
    pub owner: String,
    /// Names that the file has; another name keeps the content where it is.
    pub links: u64,
    /// Bytes free in the target's file system, for a user without privileges.
    pub free: Option<u64>,
    /// Processes that have it open.
    pub handles: Vec<Handle>,
    /// Processes that the login user cannot look into; they may have it open too.
    pub blind: u64,
    /// SHA-256 of the content; None when the login user may not read it.
    pub sha256: Option<String>,
    /// Whether it changed while it was looked at.
    pub growing: bool,
    /// `device:inode:size:mtime:ctime`.
    pub fingerprint: String,
}

impl Facts {
    /// Reads what the preview printed; None when it is incomplete or says nonsense.
    pub fn parse(stdout: &str) -> Option<Facts> {
        let mut handles = Vec::new();
        for line in stdout.lines() {
            let Some(handle) = line.strip_prefix("handle=") else {
                continue;
            };
            let mut parts = handle.splitn(3, ' ');
            handles.push(Handle {
                pid: parts.next()?.parse().ok()?,
                writing: parts.next()? == "w",
                name: parts.next().unwrap_or_default().to_owned(),
            });
        }
        let fields = fields(stdout, "preview")?;
        let text = |key: &str| fields.get(key).map(|value| (*value).to_owned());
        let fingerprint = text("fingerprint").filter(|text| is_fingerprint(text))?;
        Some(Facts {
            real: text("real")?,
            target: text("target")?,
            size: text("size")?.parse().ok()?,
            mtime: text("mtime")?.parse().ok()?,
            mode: text("mode")?,
            owner: text("owner")?,
            links: text("links")?.parse().ok()?,
            free: text("free").and_then(|free| free.parse().ok()),
            handles,
            blind: text("blind")?.parse().ok()?,
            sha256: text("sha256").filter(|sum| sum.len() == 64),
            growing: text("growing")? == "yes",
            fingerprint,
        })
    }

    /// The facts as the preview prints them.
    pub fn to_text(&self) -> String {
        use fmt::Write;
        let mut text = format!(
            "real={}\ntarget={}\nsize={}\nmtime={}\nmode={}\nowner={}\nlinks={}\n",
            self.real, self.target, self.size, self.mtime, self.mode, self.owner, self.links
        );
        if let Some(free) = self.free {
            let _ = writeln!(text, "free={free}");
        }
        for handle in &self.handles {
            let mode = if handle.writing { 'w' } else { 'r' };
            let _ = writeln!(text, "handle={} {mode} {}", handle.pid, handle.name);
        }
        let _ = writeln!(text, "blind={}", self.blind);
        if let Some(sum) = &self.sha256 {
            let _ = writeln!(text, "sha256={sum}");
        }
        let growing = if self.growing { "yes" } else { "no" };
        let _ = write!(
            text,
            "growing={growing}\nfingerprint={}\nend=preview\n",
            self.fingerprint
        );
        text
    }
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
