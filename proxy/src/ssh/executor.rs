//! Reaches a host: its name, its key, our login. Connected anew for each command.

use super::client::{Client, settings};
use super::connection::Connection;
use super::known_hosts::{kinds, known_name};
use super::output::{Caps, Output};
use super::{SshError, Target};
use crate::config;
use bytes::Bytes;
use russh::client::{Handle, connect_stream};
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, load_secret_key};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Reaches hosts and runs command lines there.
#[derive(Debug)]
pub struct Executor {
    user: String,
    identity_file: PathBuf,
    known_hosts: PathBuf,
    connect_timeout: Duration,
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
                Ok(result) if result.success() => Ok(Connection::new(handle, target.clone())),
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
