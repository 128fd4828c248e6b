//! A host that has been taken over. If these failed, a look at it could open a way into the proxy's
//! network, or fill its memory.

use casebook_proxy::config;
use casebook_proxy::ssh::{Caps, Executor, SshError, Target};
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey};
use russh::server::{self, Auth, ChannelOpenHandle, Handle, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// What the host does with the command that it is asked to run.
#[derive(Clone, Copy, PartialEq)]
enum Deed {
    /// Opens channels of every kind back to us, then ends well.
    Reach,
    /// Writes without end.
    Flood,
    /// Says that the command ended well, and then goes away before its last output.
    Vanish,
    /// Neither answers nor ends.
    Sleep,
}

#[derive(Clone)]
struct Host {
    deed: Deed,
    opened: Arc<Mutex<Vec<(&'static str, bool)>>>,
}

impl server::Handler for Host {
    type Error = russh::Error;

    async fn auth_publickey(
        &mut self,
        _user: &str,
        _key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, russh::Error> {
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _line: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        if self.deed == Deed::Sleep {
            return Ok(());
        }
        session.channel_success(channel)?;
        tokio::spawn(self.clone().act(session.handle(), channel));
        Ok(())
    }
}

impl Host {
    async fn act(self, handle: Handle, channel: ChannelId) {
        if self.deed == Deed::Flood {
            let block = vec![b'x'; 32 << 10];
            while handle.data(channel, block.clone()).await.is_ok() {}
            return;
        }
        if self.deed == Deed::Vanish {
            let _ = handle.exit_status_request(channel, 0).await;
            let _ = handle.data(channel, "half of it").await;
            let reason = russh::Disconnect::ByApplication;
            let _ = handle
                .disconnect(reason, String::new(), String::new())
                .await;
            return;
        }
        let tries = [
            ("agent", handle.channel_open_agent().await.is_ok()),
            ("session", handle.channel_open_session().await.is_ok()),
            (
                "forwarded-tcpip",
                handle
                    .channel_open_forwarded_tcpip("127.0.0.1", 22, "127.0.0.1", 1)
                    .await
                    .is_ok(),
            ),
            (
                "direct-tcpip",
                handle
                    .channel_open_direct_tcpip("127.0.0.1", 22, "127.0.0.1", 1)
                    .await
                    .is_ok(),
            ),
            ("x11", handle.channel_open_x11("127.0.0.1", 1).await.is_ok()),
            (
                "forwarded-streamlocal",
                handle
                    .channel_open_forwarded_streamlocal("/tmp/x")
                    .await
                    .is_ok(),
            ),
        ];
        self.opened.lock().unwrap().extend(tries);
        let _ = handle.exit_status_request(channel, 0).await;
        let _ = handle.close(channel).await;
    }
}

struct Lab {
    executor: Executor,
    target: Target,
    opened: Arc<Mutex<Vec<(&'static str, bool)>>>,
    _folder: TempDir,
}

fn random_key() -> PrivateKey {
    let mut random = russh::keys::ssh_key::rand_core::UnwrapErr(getrandom::SysRng);
    PrivateKey::random(&mut random, Algorithm::Ed25519).unwrap()
}

async fn lab(deed: Deed) -> Lab {
    let folder = tempfile::tempdir().unwrap();
    let (host_key, client_key) = (random_key(), random_key());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let identity = folder.path().join("key");
    fs::write(
        &identity,
        client_key.to_openssh(LineEnding::LF).unwrap().as_bytes(),
    )
    .unwrap();
    let known_hosts = folder.path().join("known_hosts");
    let public = host_key.public_key().to_openssh().unwrap();
    fs::write(&known_hosts, format!("[127.0.0.1]:{port} {public}\n")).unwrap();

    let host = Host {
        deed,
        opened: Arc::default(),
    };
    let opened = Arc::clone(&host.opened);
    let settings = Arc::new(server::Config {
        keys: vec![host_key],
        ..server::Config::default()
    });
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let running = server::run_stream(settings, stream, host).await;
        let _ = running.unwrap().await;
    });
    let text = format!(
        "[ssh]\nuser = \"casebook\"\nidentity_file = {identity:?}\nknown_hosts = {known_hosts:?}\n"
    );
    let config = config::Config::parse(folder.path(), &text).unwrap();
    Lab {
        executor: Executor::new(&config.ssh.unwrap()),
        target: Target {
            name: "taken".into(),
            address: "127.0.0.1".into(),
            port,
        },
        opened,
        _folder: folder,
    }
}

const CAPS: Caps = Caps {
    time: Duration::from_secs(5),
    output: 1 << 20,
};

#[tokio::test(flavor = "multi_thread")]
async fn no_channel_that_a_host_opens_is_accepted() {
    let lab = lab(Deed::Reach).await;
    let output = lab.executor.run(&lab.target, "id", None, CAPS).await;
    assert!(output.unwrap().succeeded());
    let opened = lab.opened.lock().unwrap().clone();
    assert_eq!(opened.len(), 6);
    assert!(opened.iter().all(|(_, accepted)| !accepted), "{opened:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_cut_at_the_cap_and_no_byte_later() {
    let lab = lab(Deed::Flood).await;
    let output = lab
        .executor
        .run(&lab.target, "id", None, CAPS)
        .await
        .unwrap();
    assert!(output.end.truncated && !output.succeeded());
    assert_eq!(output.stdout.len(), 1 << 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_never_a_success() {
    let lab = lab(Deed::Vanish).await;
    let output = lab
        .executor
        .run(&lab.target, "id", None, CAPS)
        .await
        .unwrap();
    assert!(output.end.lost && !output.succeeded(), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_never_answers_is_given_up() {
    let lab = lab(Deed::Sleep).await;
    let caps = Caps {
        time: Duration::from_secs(1),
        ..CAPS
    };
    let begun = Instant::now();
    let refused = lab.executor.run(&lab.target, "id", None, caps).await;
    assert!(
        matches!(refused, Err(SshError::Broken { .. })),
        "{refused:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(4));
}
