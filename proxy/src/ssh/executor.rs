//! Runs a command line on a host. The line is trusted: whoever calls has built it from the
//! catalogue or from a fixed script, with every parameter quoted.

use super::client::{Client, settings};
use super::known_hosts::{kinds, known_name};
use super::{SshError, Target};
use crate::config;
use bytes::Bytes;
use russh::client::{Handle, Msg, connect_stream};
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, load_secret_key};
use russh::{Channel, ChannelMsg, Disconnect, Sig};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a command that was told to end may take over it.
const LAST_WORDS: Duration = Duration::from_millis(500);

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

/// Reaches hosts and runs command lines there.
#[derive(Debug)]
pub struct Executor {
    user: String,
    identity_file: PathBuf,
    known_hosts: PathBuf,
    connect_timeout: Duration,
}

/// A host that let us in. Dropping it closes the connection.
pub struct Connection {
    handle: Handle<Client>,
    target: Target,
}

impl Executor {
    /// With the login, key and `known_hosts` as configured; both files are read for each connection.
    pub fn new(config: &config::Ssh) -> Executor {
        Executor {
            user: config.user.clone(),
            identity_file: config.identity_file.clone(),
            known_hosts: config.known_hosts.clone(),
            connect_timeout: config.connect_timeout,
        }
    }

    /// Connects, runs `line` with `stdin`, and closes. An error means that nothing was run, unless
    /// it is [`SshError::Broken`].
    pub async fn run(
        &self,
        target: &Target,
        line: &str,
        stdin: Option<Bytes>,
        caps: Caps,
    ) -> Result<Output, SshError> {
        let connection = self.connect(target).await?;
        let output = connection.run(line, stdin, caps).await;
        connection.close().await;
        output
    }

    /// Connects, checks the host's key and logs in.
    pub async fn connect(&self, target: &Target) -> Result<Connection, SshError> {
        let both = async {
            let key = self.identity().await?;
            let known_hosts: Arc<str> = self.read_known_hosts().await?.into();
            let known_as = known_name(&target.address, target.port);
            let kinds = kinds(&known_hosts, &known_as);
            let handle = match open(target, &known_hosts, &kinds).await {
                // The types that we know are gone from the host: ask for any, to tell which it has.
                Err(Opening::NoCommonKey) => open(target, &known_hosts, &[]).await,
                other => other,
            };
            let mut handle = handle.map_err(|opening| opening.into_error(target))?;
            let key = PrivateKeyWithHashAlg::new(Arc::new(key), None);
            match handle.authenticate_publickey(&self.user, key).await {
                Ok(result) if result.success() => Ok(Connection {
                    handle,
                    target: target.clone(),
                }),
                Ok(_) => Err(SshError::Login {
                    host: target.to_string(),
                    user: self.user.clone(),
                }),
                Err(error) => Err(SshError::broken(target, &error)),
            }
        };
        timeout(self.connect_timeout, both)
            .await
            .unwrap_or_else(|_| {
                Err(SshError::Slow {
                    host: target.to_string(),
                    after: self.connect_timeout,
                })
            })
    }

    async fn identity(&self) -> Result<PrivateKey, SshError> {
        let path = self.identity_file.clone();
        let loaded = tokio::task::spawn_blocking(move || load_secret_key(path, None)).await;
        match loaded {
            Ok(Ok(key)) => Ok(key),
            Ok(Err(error)) => Err(file("identity_file", &self.identity_file, &error)),
            Err(error) => Err(file("identity_file", &self.identity_file, &error)),
        }
    }

    async fn read_known_hosts(&self) -> Result<String, SshError> {
        tokio::fs::read_to_string(&self.known_hosts)
            .await
            .map_err(|error| file("known_hosts", &self.known_hosts, &error))
    }
}

fn file(key: &'static str, path: &Path, reason: &dyn ToString) -> SshError {
    SshError::File {
        key,
        file: path.display().to_string(),
        reason: reason.to_string(),
    }
}

enum Opening {
    Unreachable(std::io::Error),
    NoCommonKey,
    Error(SshError),
}

impl Opening {
    fn into_error(self, target: &Target) -> SshError {
        match self {
            Opening::Unreachable(error) => SshError::unreachable(target, &error),
            Opening::NoCommonKey => SshError::broken(
                target,
                &"it has no host key of a type that this proxy knows",
            ),
            Opening::Error(error) => error,
        }
    }
}

async fn open(
    target: &Target,
    known_hosts: &Arc<str>,
    kinds: &[String],
) -> Result<Handle<Client>, Opening> {
    let stream = TcpStream::connect((target.address.as_str(), target.port))
        .await
        .map_err(Opening::Unreachable)?;
    let client = Client::new(Arc::clone(known_hosts), target);
    let refusal = client.refusal();
    let opened = connect_stream(Arc::new(settings(kinds)), stream, client).await;
    match (opened, refusal()) {
        (Ok(handle), _) => Ok(handle),
        (Err(_), Some((seen, distrust))) => Err(Opening::Error(SshError::HostKey {
            host: target.to_string(),
            known_as: known_name(&target.address, target.port),
            seen,
            distrust,
        })),
        (
            Err(russh::Error::NoCommonAlgo {
                kind: russh::AlgorithmKind::Key,
                ..
            }),
            None,
        ) => Err(Opening::NoCommonKey),
        (Err(error), None) => Err(Opening::Error(SshError::broken(target, &error))),
    }
}

impl Connection {
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
