//! What a command may take, what it writes, and how it ends.

use bytes::Bytes;
use std::time::Duration;

/// What one command may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Time from its start to its end.
    pub time: Duration,
    /// Bytes that it may write, stdout and stderr together.
    pub output: u64,
}

/// Which of a command's two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How a command ended. Only an exit status tells that it ran to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// Its exit status.
    pub status: Option<u32>,
    /// The signal that killed it, such as `KILL`.
    pub signal: Option<String>,
    /// The connection broke: nobody knows what became of the command.
    pub lost: bool,
    /// It wrote more than [`Caps::output`] and was told to end; the rest is not here.
    pub truncated: bool,
    /// It took longer than [`Caps::time`] and was told to end.
    pub timed_out: bool,
    /// The caller wanted no more, and it was told to end.
    pub stopped: bool,
    /// Milliseconds from start to end.
    pub ms: u64,
}

impl End {
    /// Whether it ran to its end and all of its output is here, whatever its exit status.
    pub fn is_whole(&self) -> bool {
        self.status.is_some() && !(self.lost || self.truncated || self.timed_out || self.stopped)
    }
}

/// What a command wrote, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Standard output, bytes as they came.
    pub stdout: Vec<u8>,
    /// Standard error, bytes as they came.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub end: End,
}

impl Output {
    /// Whether it ran to its end with exit status 0 and all of its output is here.
    pub fn succeeded(&self) -> bool {
        self.end.is_whole() && self.end.status == Some(0)
    }

    /// Standard output as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text; what is no UTF-8 is replaced.
    pub fn complaint(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// Takes what a command writes, as it comes.
pub trait Sink: Send {
    /// Takes a part; false when no more is wanted.
    fn take(&mut self, stream: Stream, bytes: Bytes) -> impl Future<Output = bool> + Send;
}

impl Sink for Output {
    async fn take(&mut self, stream: Stream, bytes: Bytes) -> bool {
        match stream {
            Stream::Stdout => self.stdout.extend_from_slice(&bytes),
            Stream::Stderr => self.stderr.extend_from_slice(&bytes),
        }
        true
    }
}
