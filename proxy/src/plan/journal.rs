//! What happened to plans, one line a fact, on the disk before anything relies on it.

use crate::clock;
use casebook_wire::plan::{Event, Plan};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(super) enum Line {
    /// A plan was made.
    Plan {
        /// The plan.
        plan: Box<Plan>,
    },
    /// Something happened to one.
    Event {
        /// The plan's id.
        id: String,
        /// When, milliseconds since the Unix epoch.
        at_ms: i64,
        /// What.
        what: Event,
    },
}

impl Line {
    /// The id of the plan that it is about.
    pub(super) fn plan(&self) -> &str {
        match self {
            Line::Plan { plan } => &plan.id,
            Line::Event { id, .. } => id,
        }
    }
}

/// The open journal.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Length of the whole lines; what lies behind is a line that could not be finished.
    length: u64,
}

impl Journal {
    /// Opens `plans.jsonl` in `state_dir`, made when missing, and reads it. A last line that a
    /// killed proxy left unfinished never took effect: it is cut off. Any other line that cannot be
    /// read is an error, because what it says may be that a plan was begun.
    pub(super) fn open(state_dir: &Path) -> io::Result<(Journal, Vec<Line>)> {
        let path = state_dir.join("plans.jsonl");
        let fresh = !path.exists();
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)?;
        if fresh {
            // Without this, a loss of power could take the file itself away.
            File::open(state_dir)?.sync_all()?;
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        if whole < text.len() {
            set_aside(&path, &text[whole..])?;
            file.set_len(whole as u64)?;
            file.sync_all()?;
        }
        let mut lines = Vec::new();
        for (index, line) in text[..whole].split(|byte| *byte == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            let line = serde_json::from_slice(line).map_err(|error| {
                let at = index + 1;
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!(
                        "{}:{at}: no line of a journal of plans: {error}",
                        path.display()
                    ),
                )
            })?;
            lines.push(line);
        }
        file.seek(SeekFrom::End(0))?;
        let length = whole as u64;
        Ok((Journal { path, file, length }, lines))
    }

    /// Writes a line and waits until the disk has it.
    pub(super) fn write(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let written = self
            .file
            .write_all(&text)
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // A full disk may have taken half of the line.
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += text.len() as u64;
        Ok(())
    }

    /// Has the journal hold these lines and no others. Whenever the proxy is killed meanwhile, the
    /// next start finds either all of the old lines or all of the new ones.
    pub(super) fn rewrite(&mut self, lines: &[&Line]) -> io::Result<()> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        let fresh = self.path.with_extension("new");
        // A killed start may have left one.
        let mut file = match std::fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => OpenOptions::new()
                .read(true)
                .append(true)
                .create_new(true)
                .mode(0o600)
                .open(&fresh)?,
        };
        file.write_all(&text)?;
        file.sync_all()?;
        std::fs::rename(&fresh, &self.path)?;
        self.file = file;
        self.length = text.len() as u64;
        match self.path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}

fn set_aside(path: &Path, torn: &[u8]) -> io::Result<()> {
    let aside: PathBuf = path.with_extension(format!("torn-{}", clock::now_ms()));
    let mut copy = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&aside)?;
    copy.write_all(torn)?;
    tracing::warn!(bytes = torn.len(), kept = %aside.display(), "the journal of plans had a torn last line");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str) -> Line {
        Line::Event {
            id: id.into(),
            at_ms: 1,
            what: Event::Begin,
        }
    }

    #[test]
    fn a_cut_at_any_byte_loses_only_the_last_line() {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(dir.path()).unwrap();
        for id in ["a", "b", "c"] {
            journal.write(&line(id)).unwrap();
        }
        let text = std::fs::read(dir.path().join("plans.jsonl")).unwrap();
        for cut in 0..=text.len() {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("plans.jsonl"), &text[..cut]).unwrap();
            let (mut journal, lines) = Journal::open(dir.path()).unwrap();
            let whole = text[..cut].iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(lines.len(), whole, "cut at {cut}");
            journal.write(&line("d")).unwrap();
            let (_, again) = Journal::open(dir.path()).unwrap();
            assert_eq!((again.len(), again.last()), (whole + 1, Some(&line("d"))));
        }
    }

    #[test]
    fn a_rewritten_journal_goes_on_where_the_old_one_was() {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(dir.path()).unwrap();
        let lines = ["a", "b", "c"].map(line);
        for line in &lines {
            journal.write(line).unwrap();
        }
        // What a start leaves behind that is killed before its rename.
        let left = dir.path().join("plans.new");
        std::fs::write(&left, "{\"line\":\"ev").unwrap();
        let (mut journal, before) = Journal::open(dir.path()).unwrap();
        assert_eq!(before, lines);
        journal.rewrite(&[&lines[1]]).unwrap();
        assert!(!left.exists());
        journal.write(&line("d")).unwrap();
        let (_, after) = Journal::open(dir.path()).unwrap();
        assert_eq!(after, [line("b"), line("d")]);
    }

    #[test]
    fn a_journal_that_cannot_be_rewritten_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(dir.path()).unwrap();
        journal.write(&line("a")).unwrap();
        std::fs::create_dir(dir.path().join("plans.new")).unwrap();
        journal.rewrite(&[]).unwrap_err();
        journal.write(&line("b")).unwrap();
        let (_, after) = Journal::open(dir.path()).unwrap();
        assert_eq!(after, ["a", "b"].map(line));
    }

    #[test]
    fn a_line_in_the_middle_that_says_nothing_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(dir.path()).unwrap();
        journal.write(&line("a")).unwrap();
        let file = dir.path().join("plans.jsonl");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}garbage\n{text}")).unwrap();
        let message = Journal::open(dir.path()).unwrap_err().to_string();
        assert!(message.contains("plans.jsonl:2: "), "{message}");
    }
}
