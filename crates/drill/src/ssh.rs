//! The SSH servers of the fleet's hosts: one login, one key, one command line for each channel.
//! There is no shell, no terminal, no file transfer and no forwarding.

use std::borrow::Cow;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::{PrivateKey, PublicKey};
use russh::server::{
    Auth, ChannelOpenHandle, Config, Handler, Msg, PublicKeyOffer, Server, Session,
    VerifiedPublicKey,
};
use russh::{Channel, ChannelId, MethodKind, MethodSet, Pty, SshId};
use tokio::net::TcpListener;

use crate::host::{Host, LOGIN};

/// The number of the stream that is standard error.
///
/// <https://www.rfc-editor.org/rfc/rfc4254#section-5.2>
const STDERR: u32 = 1;

/// Lets clients in to one host.
pub(crate) struct Gate {
    host: Arc<Host>,
    client: PublicKey,
}

impl Gate {
    /// The gate of a host, for the holder of the client key.
    pub(crate) fn new(host: Host, client: PublicKey) -> Self {
        Self {
            host: Arc::new(host),
            client,
        }
    }

    /// Serves until `shutdown` completes; connections that are open then are closed.
    pub(crate) async fn serve(
        mut self,
        listener: TcpListener,
        key: PrivateKey,
        shutdown: impl Future<Output = ()> + Send,
    ) -> io::Result<()> {
        let config = Config {
            server_id: SshId::Standard(Cow::Borrowed("SSH-2.0-casebook-drill")),
            methods: MethodSet::from(&[MethodKind::PublicKey][..]),
            // nothing is worth guessing here, and a drill should not be slow
            auth_rejection_time: Duration::from_millis(100),
            auth_rejection_time_initial: Some(Duration::ZERO),
            keys: vec![key],
            nodelay: true,
            ..Config::default()
        };
        let running = self.run_on_socket(Arc::new(config), &listener);
        let handle = running.handle();
        tokio::select! {
            ended = running => ended,
            () = shutdown => {
                handle.shutdown("the drill has ended".to_owned());
                Ok(())
            }
        }
    }
}

impl Server for Gate {
    type Handler = Visit;

    fn new_client(&mut self, _: Option<SocketAddr>) -> Visit {
        Visit {
            host: Arc::clone(&self.host),
            client: self.client.clone(),
        }
    }
}

/// One connection.
pub(crate) struct Visit {
    host: Arc<Host>,
    client: PublicKey,
}

impl Visit {
    fn admits(&self, user: &str, key: &PublicKey) -> Auth {
        if user == LOGIN && key.key_data() == self.client.key_data() {
            Auth::Accept
        } else {
            Auth::reject()
        }
    }
}

impl Handler for Visit {
    type Error = russh::Error;

    async fn auth_publickey_offered(
        &mut self,
        user: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, russh::Error> {
        Ok(self.admits(user, offer.public_key))
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, russh::Error> {
        Ok(self.admits(user, key.public_key))
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        line: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        let output = self.host.run(&String::from_utf8_lossy(line));
        session.channel_success(channel)?;
        if !output.stdout.is_empty() {
            session.data(channel, output.stdout)?;
        }
        if !output.stderr.is_empty() {
            session.extended_data(channel, STDERR, output.stderr.into_bytes())?;
        }
        session.exit_status_request(channel, output.status)?;
        session.eof(channel)?;
        session.close(channel)
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _: &str,
        _: u32,
        _: u32,
        _: u32,
        _: u32,
        _: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_failure(channel)
    }

    async fn shell_request(
        &mut self,
        channel: ChannelId,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_failure(channel)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _: &str,
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_failure(channel)
    }
}
