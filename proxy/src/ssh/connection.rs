//! A host that let us in: runs command lines there and reads them to their end. The line is
//! trusted: whoever calls has built it from the catalogue or from a fixed script, with every
//! parameter quoted.

use super::client::Client;
use super::output::{Caps, End, Output, Sink, Stream};
use super::{SshError, Target};
use bytes::Bytes;
use russh::client::{Handle, Msg};
use russh::{Channel, ChannelMsg, Disconnect, Sig};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long a command that was told to end may take over it.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A host that let us in. Dropping it closes the connection.
pub struct Connection {
    handle: Handle<Client>,
    target: Target,
}

impl Connection {
    /// The connection of a login that the host took.
    pub(super) fn new(handle: Handle<Client>, target: Target) -> Connection {
        Connection { handle, target }
    }

    /// The host.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Runs `line` and keeps what it writes.
    pub async fn run(
        &self,
        line: &str,
        stdin: Option<Bytes>,
        caps: Caps,
    ) -> Result<Output, SshError> {
        let mut output = Output::default();
        let nobody_leaves = std::future::pending();
        output.end = self
            .stream(line, stdin, caps, &mut output, nobody_leaves)
            .await?;
        Ok(output)
    }

    /// Runs `line` and hands on what it writes, as it comes, never more than [`Caps::output`] bytes.
    /// When the sink wants no more, or `gone` comes true, the command is told to end.
    pub async fn stream(
        &self,
        line: &str,
        stdin: Option<Bytes>,
        caps: Caps,
        sink: &mut impl Sink,
        gone: impl Future<Output = ()> + Send,
    ) -> Result<End, SshError> {
        let begun = Instant::now();
        let mut channel = timeout(caps.time, self.begin(line))
            .await
            .unwrap_or_else(|_| Err(SshError::broken(&self.target, &"no channel in time")))?;
        let mut end = End::default();
        let reading = read(&mut channel, stdin, caps.output, sink, &mut end);
        let outcome = tokio::select! {
            closed = timeout(caps.time, reading) => Some(closed),
            () = gone => None,
        };
        end.timed_out = matches!(outcome, Some(Err(_)));
        end.stopped |= outcome.is_none();
        if end.timed_out || end.truncated || end.stopped {
            finish_off(&mut channel).await;
        }
        let cut = end.truncated || end.timed_out || end.stopped;
        // A status may come before the last output: without the close, some of it may be missing.
        let unknown = end.status.is_none() && end.signal.is_none();
        end.lost = !cut && (unknown || outcome != Some(Ok(true)));
        end.ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(end)
    }

    async fn begin(&self, line: &str) -> Result<Channel<Msg>, SshError> {
        let broken = |error: russh::Error| SshError::broken(&self.target, &error);
        let channel = match self.handle.channel_open_session().await {
            Ok(channel) => channel,
            Err(russh::Error::ChannelOpenFailure(_)) => return Err(self.refused()),
            Err(error) => return Err(broken(error)),
        };
        let mut channel = channel;
        channel.exec(true, line).await.map_err(broken)?;
        loop {
            match channel.wait().await {
                Some(ChannelMsg::Success) => return Ok(channel),
                Some(ChannelMsg::Failure) => return Err(self.refused()),
                // A window may be adjusted before the answer to our request.
                Some(ChannelMsg::WindowAdjusted { .. }) => {}
                Some(_) | None => {
                    return Err(SshError::broken(
                        &self.target,
                        &"it did not answer the request to run a command",
                    ));
                }
            }
        }
    }

    fn refused(&self) -> SshError {
        SshError::Exec {
            host: self.target.to_string(),
        }
    }

    /// Says goodbye; without it, the host's log tells of a broken connection.
    pub async fn close(self) {
        let goodbye = self.handle.disconnect(Disconnect::ByApplication, "", "");
        // A host that does not listen any more needs no goodbye.
        let _ = timeout(LAST_WORDS, goodbye).await;
    }
}

/// Reads to the end. Returns whether the host itself closed the channel.
async fn read(
    channel: &mut Channel<Msg>,
    stdin: Option<Bytes>,
    most: u64,
    sink: &mut impl Sink,
    end: &mut End,
) -> bool {
    // A host that takes no input shows that by how the command ends.
    if let Some(bytes) = stdin {
        let _ = channel.data_bytes(bytes).await;
    }
    let _ = channel.eof().await;
    let mut left = most;
    let mut closed = false;
    while let Some(message) = channel.wait().await {
        let (stream, mut data) = match message {
            ChannelMsg::Data { data } => (Stream::Stdout, data),
            ChannelMsg::ExtendedData { data, ext: 1 } => (Stream::Stderr, data),
            ChannelMsg::ExitStatus { exit_status } => {
                end.status = Some(exit_status);
                continue;
            }
            ChannelMsg::ExitSignal { signal_name, .. } => {
                end.signal = Some(name_of(&signal_name));
                continue;
            }
            ChannelMsg::Eof | ChannelMsg::Close => {
                closed = true;
                continue;
            }
            _ => continue,
        };
        let length = data.len() as u64;
        if length > left {
            data.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            end.truncated = true;
        }
        left = left.saturating_sub(length);
        if !data.is_empty() && !sink.take(stream, data).await {
            end.stopped = true;
        }
        if end.truncated || end.stopped {
            return closed;
        }
    }
    closed
}

/// Has sshd end what it runs: closing a channel alone leaves a silent process alive.
async fn finish_off(channel: &mut Channel<Msg>) {
    let ended = async {
        channel.signal(Sig::TERM).await?;
        channel.close().await
    };
    let _ = timeout(LAST_WORDS, ended).await;
}

fn name_of(signal: &Sig) -> String {
    match signal {
        Sig::Custom(name) => name
            .chars()
            .filter(char::is_ascii_graphic)
            .take(32)
            .collect(),
        known => format!("{known:?}"),
    }
}
