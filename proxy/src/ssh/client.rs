//! Our side of the SSH protocol. russh's own defaults accept every channel that a server opens;
//! here each is refused, and the host's key is decided by [`known_hosts`].

use super::known_hosts::{self, HostKey};
use super::{Distrust, Target};
use russh::client::{self, Msg, Session};
use russh::keys::ssh_key::{Algorithm, EcdsaCurve};
use russh::keys::{PublicKey, PublicKeyOrCertificate};
use russh::{Channel, ChannelOpenFailure, Preferred, SshId, client::ChannelOpenHandle};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The key that a host showed, and why it is not trusted.
pub(super) type Refusal = (String, Distrust);

/// Decides about one host's key, and refuses all that a server may ask of us.
pub(super) struct Client {
    known_hosts: Arc<str>,
    known_as: String,
    /// russh tells only that a key was refused; the reason is kept here.
    refusal: Arc<Mutex<Option<Refusal>>>,
}

impl Client {
    pub(super) fn new(known_hosts: Arc<str>, target: &Target) -> Client {
        Client {
            known_hosts,
            known_as: known_hosts::known_name(&target.address, target.port),
            refusal: Arc::default(),
        }
    }

    /// Where the reason of a refusal will be.
    pub(super) fn refusal(&self) -> impl Fn() -> Option<Refusal> + use<> {
        let refusal = Arc::clone(&self.refusal);
        move || {
            refusal
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
        }
    }

    fn decide(&self, shown: &PublicKeyOrCertificate) -> Result<(), Refusal> {
        let key = host_key(&shown.public_key());
        let seen = key.fingerprint();
        match shown {
            PublicKeyOrCertificate::Certificate(_) => Err((seen, Distrust::Authority)),
            PublicKeyOrCertificate::PublicKey { .. } => {
                known_hosts::decide(&self.known_hosts, &self.known_as, &key)
                    .map_err(|distrust| (seen, distrust))
            }
        }
    }
}

fn host_key(key: &PublicKey) -> HostKey {
    HostKey {
        kind: key.algorithm().to_string(),
        // An encoding that fails leaves an empty blob, which no line of known_hosts can hold.
        blob: key.to_bytes().unwrap_or_default(),
    }
}

/// Settings of a connection to a host whose keys of these types are known; with none, of any type
/// that can be checked, so that the fingerprint can be told.
pub(super) fn settings(kinds: &[String]) -> client::Config {
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    let all = [
        Algorithm::Ed25519,
        ecdsa(EcdsaCurve::NistP256),
        ecdsa(EcdsaCurve::NistP384),
        ecdsa(EcdsaCurve::NistP521),
    ];
    let mut wanted: Vec<Algorithm> = all
        .iter()
        .filter(|algorithm| kinds.iter().any(|kind| *kind == algorithm.to_string()))
        .cloned()
        .collect();
    if wanted.is_empty() {
        wanted = all.to_vec();
    }
    client::Config {
        client_id: SshId::Standard(Cow::Borrowed("SSH-2.0-casebook")),
        preferred: Preferred {
            key: Cow::Owned(wanted),
            ..Preferred::default()
        },
        // A host that died is noticed after half a minute, whatever the command's own time.
        keepalive_interval: Some(Duration::from_secs(10)),
        window_size: 256 << 10,
        channel_buffer_size: 16,
        nodelay: true,
        ..client::Config::default()
    }
}

const NO: ChannelOpenFailure = ChannelOpenFailure::AdministrativelyProhibited;

impl client::Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, russh::Error> {
        let Err(refusal) = self.decide(shown) else {
            return Ok(true);
        };
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
        Ok(false)
    }

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _channel: Channel<Msg>,
        _connected_address: &str,
        _connected_port: u32,
        _originator_address: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.reject(NO).await;
        Ok(())
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _channel: Channel<Msg>,
        _socket_path: &str,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.reject(NO).await;
        Ok(())
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.reject(NO).await;
        Ok(())
    }

    async fn server_channel_open_unknown(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.reject(NO).await;
        Ok(())
    }

    async fn server_channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.reject(NO).await;
        Ok(())
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _channel: Channel<Msg>,
        _host_to_connect: &str,
        _port_to_connect: u32,
        _originator_address: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.reject(NO).await;
        Ok(())
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _channel: Channel<Msg>,
        _socket_path: &str,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.reject(NO).await;
        Ok(())
    }

    async fn server_channel_open_x11(
        &mut self,
        _channel: Channel<Msg>,
        _originator_address: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.reject(NO).await;
        Ok(())
    }
}
