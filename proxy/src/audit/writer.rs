//! The one thread that writes the log.

use super::{Found, Message, Trouble, lock, own_entry};
use crate::clock;
use crate::metrics;
use casebook_wire::audit::UNFILED;
use casebook_wire::{Chain, Entry, Head, chain, sha256_hex};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The longest that a record waits for the disk.
const SYNC_EVERY: Duration = Duration::from_millis(500);

pub(super) struct Writer {
    path: PathBuf,
    file: File,
    /// Length of the whole lines; what lies behind is a line that could not be finished.
    length: u64,
    chains: BTreeMap<String, Chain>,
    /// Records that could not be written, by case.
    lost: BTreeMap<String, u64>,
    dirty: bool,
    trouble: Arc<Trouble>,
}

type Reply = (oneshot::Sender<io::Result<Head>>, Head);

impl Writer {
    pub(super) fn open(path: &Path, found: Found, trouble: Arc<Trouble>) -> io::Result<Writer> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        let chains = found
            .heads
            .into_iter()
            .map(|(case, head)| (case, Chain::resume(head)));
        let mut writer = Writer {
            path: path.to_owned(),
            file,
            length: found.whole,
            chains: chains.collect(),
            lost: BTreeMap::new(),
            dirty: false,
            trouble,
        };
        if let Some(torn) = found.torn {
            writer.set_aside(&torn)?;
        }
        Ok(writer)
    }

    /// Moves a line that was cut off in mid-write out of the log, and has the log say so.
    fn set_aside(&mut self, torn: &[u8]) -> io::Result<()> {
        let aside = self
            .path
            .with_extension(format!("torn-{}", clock::now_ms()));
        let mut copy = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&aside)?;
        copy.write_all(torn)?;
        self.file.set_len(self.length)?;
        tracing::warn!(bytes = torn.len(), kept = %aside.display(), "the audit log had a torn last line");
        let reason = format!(
            "the last line was cut off after {} bytes with SHA-256 {}",
            torn.len(),
            sha256_hex(torn)
        );
        self.write(own_entry(UNFILED, "audit.torn_tail", reason))?;
        self.sync()
    }

    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        let mut synced = Instant::now();
        loop {
            let first = match messages.recv_timeout(SYNC_EVERY) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(Message::Close),
            };
            let mut waiting: Vec<Reply> = Vec::new();
            let mut closing = false;
            for message in first.into_iter().chain(messages.try_iter().take(256)) {
                match message {
                    Message::Append {
                        entry,
                        durable,
                        reply,
                    } => {
                        self.append(*entry, durable, reply, &mut waiting);
                    }
                    Message::Close => closing = true,
                }
            }
            if self.dirty && (closing || !waiting.is_empty() || synced.elapsed() >= SYNC_EVERY) {
                let result = self.sync();
                // What was written before may still reach the disk when nothing more can be written.
                if result.is_err() || self.lost.is_empty() {
                    self.note(&result);
                }
                synced = Instant::now();
                for (reply, head) in waiting {
                    let copy = result
                        .as_ref()
                        .map(|()| head)
                        .map_err(|error| io::Error::new(error.kind(), error.to_string()));
                    let _ = reply.send(copy);
                }
            }
            if closing {
                for (case, chain) in &self.chains {
                    let head = chain.head();
                    tracing::info!(case, seq = head.seq, hash = %head.hash, "audit head at the end");
                }
                return;
            }
        }
    }

    fn append(
        &mut self,
        entry: Entry,
        durable: bool,
        reply: Option<oneshot::Sender<io::Result<Head>>>,
        waiting: &mut Vec<Reply>,
    ) {
        let case = entry.case.clone();
        let result = self.confess().and_then(|()| self.write(entry));
        self.note(&result);
        if result.is_err() {
            *self.lost.entry(case).or_default() += 1;
            metrics::audit_lost();
        }
        match (reply, result) {
            (Some(reply), Ok(head)) if durable => waiting.push((reply, head)),
            (Some(reply), result) => {
                // Nobody waits any more when this fails.
                let _ = reply.send(result);
            }
            (None, _) => {}
        }
    }

    /// Has each chain say how many of its records could not be written.
    fn confess(&mut self) -> io::Result<()> {
        while let Some((case, count)) = self.lost.first_key_value() {
            let case = case.clone();
            let reason = format!("{count} records could not be written");
            self.write(own_entry(&case, "audit.gap", reason))?;
            self.lost.remove(&case);
        }
        Ok(())
    }

    fn write(&mut self, entry: Entry) -> io::Result<Head> {
        let case = entry.case.clone();
        let chain = self
            .chains
            .entry(case.clone())
            .or_insert_with(|| Chain::new(&case));
        let record = chain.link(entry).map_err(io::Error::other)?;
        let mut line = chain::line(&record).map_err(io::Error::other)?;
        line.push('\n');
        self.reopen_if_moved()?;
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            // A full disk may have taken half of the line.
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += line.len() as u64;
        self.dirty = true;
        if let Some(chain) = self.chains.get_mut(&case) {
            chain.advance(&record);
        }
        Ok(Head {
            seq: record.seq,
            hash: record.hash,
        })
    }

    /// A log that was removed or rotated away is begun anew; its chains go on, so that a check of
    /// both parts together holds.
    fn reopen_if_moved(&mut self) -> io::Result<()> {
        let ours = self.file.metadata()?;
        let there = std::fs::metadata(&self.path).ok();
        if there.is_some_and(|there| (there.dev(), there.ino()) == (ours.dev(), ours.ino())) {
            return Ok(());
        }
        tracing::warn!(path = %self.path.display(), "the audit log was moved away; beginning a new file");
        self.file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.path)?;
        self.length = self.file.metadata()?.len();
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        self.dirty = false;
        Ok(())
    }

    fn note<T>(&self, result: &io::Result<T>) {
        let mut writing = lock(&self.trouble.writing);
        match result {
            Ok(_) => *writing = None,
            Err(error) => {
                if writing.is_none() {
                    tracing::error!(%error, path = %self.path.display(), "cannot write the audit log");
                }
                *writing = Some(format!(
                    "The proxy cannot write its audit log ({error}): what you read now is not recorded. Free space in its state_dir."
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Audit, own_entry};
    use super::SYNC_EVERY;
    use casebook_wire::{Verdict, verify, verify_log};
    use std::sync::Arc;

    #[tokio::test]
    async fn two_hundred_writers_at_once_stay_linked() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Arc::new(Audit::open(dir.path()).unwrap());
        let writers: Vec<_> = (0..200)
            .map(|number| {
                let audit = Arc::clone(&audit);
                tokio::spawn(async move {
                    let case = if number % 2 == 0 { "even" } else { "odd" };
                    let entry = own_entry(case, "test", number.to_string());
                    if number % 3 == 0 {
                        audit.append_durable(entry).await.ok()
                    } else {
                        audit.append(entry).await
                    }
                })
            })
            .collect();
        for writer in writers {
            assert!(writer.await.unwrap().is_some());
        }
        audit.close();
        let text = std::fs::read_to_string(audit.file()).unwrap();
        let verdicts = verify_log(&text, []);
        assert!(
            matches!(
                verdicts.get("even").unwrap(),
                Verdict::Intact { records: 100, .. }
            ),
            "{verdicts:?}"
        );
        assert!(matches!(
            verdicts.get("odd").unwrap(),
            Verdict::Intact { records: 100, .. }
        ));
    }

    #[tokio::test]
    async fn a_torn_tail_is_set_aside_told_and_the_chain_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::open(dir.path()).unwrap();
        audit
            .append(own_entry("unfiled", "test", "one".into()))
            .await
            .unwrap();
        audit
            .append(own_entry("unfiled", "test", "two".into()))
            .await
            .unwrap();
        audit.close();
        let file = audit.file().to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, &text[..text.len() - 20]).unwrap();

        let audit = Audit::open(dir.path()).unwrap();
        let head = audit
            .append(own_entry("unfiled", "test", "three".into()))
            .await
            .unwrap();
        audit.close();
        assert_eq!(head.seq, 3);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("audit.torn_tail"));
        assert!(verify("unfiled", &text, Some(&head)).is_intact());
    }

    #[tokio::test]
    async fn a_log_that_was_edited_is_told_by_the_banner() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::open(dir.path()).unwrap();
        for text in ["one", "two", "three"] {
            audit
                .append(own_entry("p90", "test", text.into()))
                .await
                .unwrap();
        }
        audit.close();
        assert_eq!(audit.banner(), None);
        let text = std::fs::read_to_string(audit.file()).unwrap();
        std::fs::write(audit.file(), text.replace("\"two\"", "\"2\"")).unwrap();
        let again = Audit::open(dir.path()).unwrap();
        assert!(again.banner().unwrap().contains("line 2"));
        again.close();
    }

    #[tokio::test]
    async fn a_log_that_was_moved_away_is_begun_anew_with_its_chains() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::open(dir.path()).unwrap();
        audit
            .append(own_entry("p90", "test", "one".into()))
            .await
            .unwrap();
        let old = dir.path().join("audit.1");
        std::fs::rename(audit.file(), &old).unwrap();
        audit
            .append(own_entry("p90", "test", "two".into()))
            .await
            .unwrap();
        audit.close();
        let both =
            std::fs::read_to_string(old).unwrap() + &std::fs::read_to_string(audit.file()).unwrap();
        assert!(matches!(
            verify("p90", &both, None),
            Verdict::Intact { records: 2, .. }
        ));
    }
    #[tokio::test]
    async fn what_reaches_the_disk_late_does_not_end_the_warning_that_nothing_more_does() {
        let dir = tempfile::tempdir().unwrap();
        let audit = Audit::open(dir.path()).unwrap();
        let record = |text: &str| own_entry("p90", "test", text.into());
        audit.append(record("one")).await.unwrap();
        let away = dir.path().join("away");
        std::fs::rename(audit.file(), &away).unwrap();
        std::fs::create_dir(audit.file()).unwrap();
        assert!(audit.append(record("two")).await.is_none());
        assert!(audit.banner().is_some());
        tokio::time::sleep(2 * SYNC_EVERY).await;
        assert!(audit.banner().is_some(), "one is on the disk, two is not");

        std::fs::remove_dir(audit.file()).unwrap();
        std::fs::rename(&away, audit.file()).unwrap();
        audit.append(record("three")).await.unwrap();
        assert_eq!(audit.banner(), None);
        audit.close();
    }
}
