//! One request to a source, from its audit intent to its audit result, however it ends: complete,
//! over a cap, too slow, or because the browser went away.

use crate::app::App;
use crate::limits::Permit;
use crate::metrics;
use crate::server::Connection;
use crate::upstream::causes;
use bytes::Bytes;
use casebook_wire::digest::Running;
use casebook_wire::{Entry, Phase};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::time::Sleep;
use tokio_util::sync::DropGuard;

/// What is to be recorded when the request ends. Dropping it records that the browser went away.
pub(super) struct Exchange {
    app: Arc<App>,
    entry: Entry,
    started: Instant,
    status: Option<u16>,
    bytes: u64,
    digest: Running,
    ended: bool,
    _permit: Permit,
}

impl Exchange {
    /// Begins; `entry` is the intent's, `seq` its place.
    pub(super) fn new(
        app: Arc<App>,
        mut entry: Entry,
        seq: Option<u64>,
        permit: Permit,
    ) -> Exchange {
        entry.phase = Phase::Result;
        entry.intent = seq;
        Exchange {
            app,
            entry,
            started: Instant::now(),
            status: None,
            bytes: 0,
            digest: Running::default(),
            ended: false,
            _permit: permit,
        }
    }

    /// Notes the status of the answer.
    pub(super) fn status(&mut self, status: http::StatusCode) {
        self.status = Some(status.as_u16());
    }

    /// Ends without a body to pass on.
    pub(super) fn fail(mut self, outcome: &'static str, reason: String) {
        self.end(outcome, reason, false);
    }

    /// Ends with the whole body passed on.
    fn finish(&mut self) {
        self.end("complete", "complete".to_owned(), true);
    }

    fn end(&mut self, outcome: &'static str, reason: String, whole: bool) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let took = self.started.elapsed();
        let mut entry = self.entry.clone();
        entry.ts = crate::clock::now_ms();
        entry.reason = reason;
        entry.status = self.status;
        entry.bytes = Some(self.bytes);
        entry.ms = Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        entry.digest = whole.then(|| std::mem::take(&mut self.digest).finish());
        metrics::upstream(&entry.target, outcome, took, self.bytes);
        tracing::info!(
            request_id = %entry.request_id, op = %entry.op, source = %entry.target, outcome,
            status = entry.status, bytes = self.bytes, ms = entry.ms, "relayed"
        );
        self.app.audit.append_later(entry);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.end(
            "aborted",
            "the browser went away, or the proxy was stopped".to_owned(),
            false,
        );
    }
}

/// Caps of one answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caps {
    /// Most bytes.
    pub(super) bytes: u64,
    /// Longest silence of the source in mid-answer.
    pub(super) silence: Duration,
    /// Longest time for the whole answer, slow browsers included.
    pub(super) total: Duration,
}

/// The source's answer on its way to the browser: counted, digested and capped. Over a cap it ends
/// as an error, which breaks the connection: a cut answer must never look like a short one.
pub(super) struct Relayed {
    upstream: Incoming,
    exchange: Exchange,
    caps: Caps,
    /// The length that the source announced. hyper does not poll a body beyond it, so its last byte
    /// is its end.
    announced: Option<u64>,
    silence: Pin<Box<Sleep>>,
    /// Whether the source is what is being waited for. While a slow browser is, the source cannot
    /// be blamed for the time that passes.
    waiting: bool,
    /// Why the answer is to break off at the next poll.
    broken: Option<String>,
    _deadline: DropGuard,
}

impl Relayed {
    /// Passes `upstream` on.
    pub(super) fn new(
        upstream: Incoming,
        mut exchange: Exchange,
        caps: Caps,
        connection: Option<Connection>,
    ) -> Relayed {
        // A browser that does not read stops the body from being polled at all; so the deadline has
        // a task of its own, which closes the connection.
        let done = tokio_util::sync::CancellationToken::new();
        let deadline = done.clone().drop_guard();
        if let Some(connection) = connection {
            tokio::spawn(async move {
                tokio::select! {
                    () = done.cancelled() => {}
                    () = tokio::time::sleep(caps.total) => connection.close(),
                }
            });
        }
        let announced = upstream.size_hint().exact();
        if announced == Some(0) {
            exchange.finish();
        }
        Relayed {
            upstream,
            exchange,
            caps,
            announced,
            waiting: false,
            broken: None,
            silence: Box::pin(tokio::time::sleep(caps.silence)),
            _deadline: deadline,
        }
    }

    /// Ends the exchange now and breaks the answer off at the next poll: hyper drops what it has
    /// not sent yet when a body fails, and what came, at least the head, belongs to the browser.
    fn stop(
        &mut self,
        context: &Context<'_>,
        outcome: &'static str,
        reason: &str,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.exchange.end(outcome, reason.to_owned(), false);
        self.broken = Some(reason.to_owned());
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Body for Relayed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if let Some(reason) = this.broken.take() {
            return Poll::Ready(Some(Err(io::Error::other(reason))));
        }
        loop {
            match Pin::new(&mut this.upstream).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    let Ok(data) = frame.into_data() else {
                        continue;
                    };
                    this.exchange.bytes += data.len() as u64;
                    if this.exchange.bytes > this.caps.bytes {
                        return this.stop(
                            context,
                            "too_large",
                            "the answer was longer than max_bytes",
                        );
                    }
                    this.exchange.digest.update(&data);
                    if this.announced == Some(this.exchange.bytes) {
                        this.exchange.finish();
                    }
                    this.waiting = false;
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Poll::Ready(Some(Err(error))) => {
                    let reason = format!("the source broke off: {}", causes(&error));
                    return this.stop(context, "truncated", &reason);
                }
                Poll::Ready(None) => {
                    this.exchange.finish();
                    return Poll::Ready(None);
                }
                Poll::Pending => {
                    if !std::mem::replace(&mut this.waiting, true) {
                        let until = tokio::time::Instant::now() + this.caps.silence;
                        this.silence.as_mut().reset(until);
                    }
                    if this.silence.as_mut().poll(context).is_ready() {
                        return this.stop(
                            context,
                            "timeout",
                            "the source fell silent in the middle of its answer",
                        );
                    }
                    return Poll::Pending;
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.upstream.size_hint()
    }
}
