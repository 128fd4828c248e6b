//! The audit log: what was asked, by whom, and what came back, each case in its own hash chain.
//!
//! One thread writes. Reads do not wait for the disk: a record reaches the file at once and the
//! disk within a second. When the file cannot be written, reads go on, [`Audit::banner`] says so,
//! and the log says later how many records it lost.

mod http;
mod scan;
mod writer;

pub use self::http::serve_records;
pub use self::scan::{Found, scan};

use crate::clock;
use crate::error::ApiError;
use crate::policy::Principal;
use crate::router::RequestId;
use ::http::HeaderMap;
use casebook_wire::audit::UNFILED;
use casebook_wire::{Decision, Entry, Head, Phase};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The handle by which the rest of the proxy writes records.
#[derive(Debug)]
pub struct Audit {
    file: PathBuf,
    sender: Sender<Message>,
    trouble: Arc<Trouble>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What is wrong with the log just now.
#[derive(Debug, Default)]
struct Trouble {
    /// Found when the log was opened; stays.
    at_start: Mutex<Option<String>>,
    /// The last write failed; goes when one succeeds.
    writing: Mutex<Option<String>>,
}

enum Message {
    Append {
        entry: Box<Entry>,
        /// Answer only after the record is on the disk.
        durable: bool,
        reply: Option<oneshot::Sender<io::Result<Head>>>,
    },
    Close,
}

impl Audit {
    /// Opens the log in `state_dir`, checks all of it, and starts the writer.
    pub fn open(state_dir: &Path) -> io::Result<Audit> {
        let file = state_dir.join("audit.jsonl");
        let found = scan(&file)?;
        let trouble = Arc::new(Trouble::default());
        *lock(&trouble.at_start) = found.broken.first().map(|broken| {
            format!("The audit log does not hold together: {broken}. Keep a copy of {} and have it looked at.", file.display())
        });
        for broken in &found.broken {
            tracing::error!(%broken, "audit log does not hold together");
        }
        for (case, head) in &found.heads {
            tracing::info!(case, seq = head.seq, hash = %head.hash, "audit head at start");
        }
        let (sender, receiver) = std::sync::mpsc::channel();
        let writer = writer::Writer::open(&file, found, Arc::clone(&trouble))?;
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || writer.run(&receiver))?;
        Ok(Audit {
            file,
            sender,
            trouble,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Writes a record and returns its place in its chain; None when it could not be written.
    pub async fn append(&self, entry: Entry) -> Option<Head> {
        self.ask(entry, false).await.ok()
    }

    /// Writes a record and waits until the disk has it. What changes a host must not go on without.
    pub async fn append_durable(&self, entry: Entry) -> io::Result<Head> {
        self.ask(entry, true).await
    }

    /// Writes a record without waiting, for what ends where nothing can wait.
    pub fn append_later(&self, entry: Entry) {
        let message = Message::Append {
            entry: Box::new(entry),
            durable: false,
            reply: None,
        };
        if self.sender.send(message).is_err() {
            tracing::error!("audit writer is gone");
        }
    }

    /// The sentence that the page shows in red, when something is wrong with the log.
    pub fn banner(&self) -> Option<String> {
        lock(&self.trouble.writing)
            .clone()
            .or_else(|| lock(&self.trouble.at_start).clone())
    }

    /// The log's file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Writes what is waiting, brings it to the disk, and ends the writer.
    pub fn close(&self) {
        // The writer is gone already when this fails, and so is what there was to wait for.
        let _ = self.sender.send(Message::Close);
        if let Some(thread) = lock(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("audit writer failed");
        }
    }

    async fn ask(&self, entry: Entry, durable: bool) -> io::Result<Head> {
        let (reply, answer) = oneshot::channel();
        let message = Message::Append {
            entry: Box::new(entry),
            durable,
            reply: Some(reply),
        };
        let gone = || io::Error::other("the audit writer is gone");
        self.sender.send(message).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The case that the request belongs to, from its header.
pub fn case_of(headers: &HeaderMap) -> Result<String, ApiError> {
    let mut values = headers.get_all("x-casebook-case").iter();
    let Some(value) = values.next() else {
        return Ok(UNFILED.to_owned());
    };
    let name = value.to_str().unwrap_or_default();
    let good = (1..=128).contains(&name.len()) && values.next().is_none();
    if !good || name.bytes().any(|c| c.is_ascii_control()) {
        return Err(ApiError::bad_data(
            "The header x-casebook-case is no name of a case.",
            "Give 1 to 128 printable ASCII characters, once.",
        ));
    }
    Ok(name.to_owned())
}

/// The record of something that is done as soon as it is asked.
pub fn entry(case: &str, op: &str, principal: &Principal, id: &RequestId) -> Entry {
    Entry {
        ts: clock::now_ms(),
        case: case.to_owned(),
        actor: principal.user.clone(),
        session: principal.session.clone(),
        request_id: id.0.clone(),
        op: op.to_owned(),
        target: String::new(),
        params: BTreeMap::new(),
        decision: Decision::Allow,
        reason: String::new(),
        phase: Phase::Result,
        intent: None,
        status: None,
        bytes: None,
        ms: None,
        digest: None,
    }
}

/// The record of a sign-in or sign-out.
pub fn session_entry(op: &str, principal: &Principal, id: &RequestId) -> Entry {
    Entry {
        reason: "by login link".to_owned(),
        ..entry(UNFILED, op, principal, id)
    }
}

/// The actor of records that the log keeps about itself; they belong to everyone's chain.
const SELF: &str = "casebook-proxy";

/// The record that the log keeps about itself.
fn own_entry(case: &str, op: &str, reason: String) -> Entry {
    let proxy = Principal {
        user: SELF.to_owned(),
        session: String::new(),
    };
    Entry {
        reason,
        ..entry(case, op, &proxy, &RequestId(String::new()))
    }
}
