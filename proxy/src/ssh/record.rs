//! What is recorded of one command, however it ends.

use crate::app::App;
use crate::clock;
use crate::limits::Permit;
use crate::metrics;
use casebook_wire::digest::Running;
use casebook_wire::{Decision, Entry, Head, Phase};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The record of one command from its intent to its result. The task that runs the command and the
/// answer's body both hold it; whichever ends first without a result writes that the browser went
/// away.
#[derive(Clone)]
pub(super) struct Record(Arc<Mutex<Open>>);

struct Open {
    app: Arc<App>,
    entry: Entry,
    begun: Instant,
    bytes: u64,
    digest: Running,
    ended: bool,
    permit: Option<Permit>,
}

impl Record {
    /// Writes the intent and waits until the disk has it: without a record, nothing is run.
    pub(super) async fn begin(
        app: &Arc<App>,
        entry: &Entry,
        permit: Permit,
    ) -> io::Result<(Record, Head)> {
        let head = app.audit.append_durable(entry.clone()).await?;
        let open = Open {
            app: Arc::clone(app),
            entry: Entry {
                phase: Phase::Result,
                intent: Some(head.seq),
                ..entry.clone()
            },
            begun: Instant::now(),
            bytes: 0,
            digest: Running::default(),
            ended: false,
            permit: Some(permit),
        };
        Ok((Record(Arc::new(Mutex::new(open))), head))
    }

    /// Adds a parameter that was found out on the way: the line, or where a path leads.
    pub(super) fn note(&self, name: &str, value: &str) {
        self.with(|open| open.entry.params.insert(name.to_owned(), value.to_owned()));
    }

    /// Counts a part of the answer.
    pub(super) fn count(&self, bytes: &[u8]) {
        self.with(|open| {
            open.bytes += bytes.len() as u64;
            open.digest.update(bytes);
        });
    }

    /// The rules, applied to what the host said, do not allow it.
    pub(super) fn deny(&self, status: u16, reason: String) {
        self.with(|open| open.entry.decision = Decision::Deny);
        self.end("denied", status, reason, false);
    }

    /// Writes the result, once. `whole` says that the answer has all that the command wrote.
    pub(super) fn end(&self, outcome: &'static str, status: u16, reason: String, whole: bool) {
        self.with(|open| {
            if std::mem::replace(&mut open.ended, true) {
                return;
            }
            let took = open.begun.elapsed();
            let mut entry = open.entry.clone();
            entry.ts = clock::now_ms();
            entry.reason = reason;
            entry.status = Some(status);
            entry.bytes = Some(open.bytes);
            entry.ms = Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
            entry.digest = whole.then(|| std::mem::take(&mut open.digest).finish());
            metrics::ssh(&entry.op, outcome, took);
            tracing::info!(
                request_id = %entry.request_id, op = %entry.op, host = %entry.target, outcome,
                bytes = open.bytes, ms = entry.ms, "ran"
            );
            open.app.audit.append_later(entry);
            open.permit = None;
        });
    }

    fn with<T>(&self, edit: impl FnOnce(&mut Open) -> T) -> T {
        edit(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Ends the record when it is dropped, for what ends where nobody looks.
pub(super) struct Guard(pub(super) Record);

impl Drop for Guard {
    fn drop(&mut self) {
        let reason = "the browser went away, or the proxy was stopped";
        self.0.end("aborted", 200, reason.to_owned(), false);
    }
}
