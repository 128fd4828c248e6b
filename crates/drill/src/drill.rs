//! The whole drill: its addresses, its configuration for a proxy, and its servers' life.

use std::fmt::Write as _;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use russh::keys::PrivateKey;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cloud_router;
use crate::ec2::REGIONS;
use crate::fleet::{Fleet, Incident};
use crate::host::{Host, LOGIN, QUARANTINE};
use crate::http::router;
use crate::keys::Keys;
use crate::samples::Clock;
use crate::ssh::Gate;
use crate::switch::Switch;

/// Where the drill listens and which incident it plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Address of the Prometheus API, for example `127.0.0.1:8790`.
    pub listen: SocketAddr,
    /// Address of the EC2 API, for example `127.0.0.1:8791`; `None` for no cloud.
    pub ec2: Option<SocketAddr>,
    /// The hosts; `None` for none, and no one can cure the culprit.
    pub ssh: Option<SshSettings>,
    /// When the incident begins, in seconds since the Unix epoch.
    pub onset: i64,
    /// Fleets with the same seed and onset have the same samples.
    pub seed: u64,
}

/// Where the hosts listen and where their keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshSettings {
    /// Address of the first server's SSH; each further one has the next port. With port 0 each
    /// takes a free one.
    pub listen: SocketAddr,
    /// Folder of the hosts' keys, the client's key and `known_hosts`; made when it is not there.
    pub keys: PathBuf,
}

/// Onsets beyond this, about the year 5138, are typing errors, such as milliseconds for seconds.
const LATEST_ONSET: i64 = 100_000_000_000;

/// A drill that listens and is ready to be served.
#[derive(Debug)]
pub struct Drill {
    switch: Switch,
    prometheus: TcpListener,
    cloud: Option<TcpListener>,
    hosts: Option<Hosts>,
}

#[derive(Debug)]
struct Hosts {
    keys: Keys,
    /// By server: where it listens, and its key.
    doors: Vec<(TcpListener, PrivateKey)>,
}

/// A server's work until the drill ends.
type Service = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

impl Drill {
    /// Binds every address and writes the folder of keys.
    ///
    /// # Errors
    ///
    /// When an address cannot be bound, the onset is not a time in seconds, or the folder of keys
    /// cannot be written or holds a file that is no key.
    pub async fn bind(settings: &Settings) -> io::Result<Self> {
        if !(0..LATEST_ONSET).contains(&settings.onset) {
            let message = format!(
                "the onset {} is not in seconds since the Unix epoch",
                settings.onset
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let fleet = Fleet::new(settings.seed, Incident::beginning(settings.onset));
        let cloud = match settings.ec2 {
            Some(address) => Some(bind(address, "EC2 API").await?),
            None => None,
        };
        let hosts = match &settings.ssh {
            Some(ssh) => Some(Hosts::bind(&fleet, ssh).await?),
            None => None,
        };
        Ok(Self {
            prometheus: bind(settings.listen, "Prometheus API").await?,
            switch: Switch::from(fleet),
            cloud,
            hosts,
        })
    }

    /// The switch between ill and well.
    pub fn switch(&self) -> &Switch {
        &self.switch
    }

    /// Where the Prometheus API listens.
    ///
    /// # Errors
    ///
    /// When the operating system cannot tell; so for the other addresses.
    pub fn prometheus(&self) -> io::Result<SocketAddr> {
        self.prometheus.local_addr()
    }

    /// Where the EC2 API listens.
    ///
    /// # Errors
    ///
    /// As [`Drill::prometheus`].
    pub fn ec2(&self) -> io::Result<Option<SocketAddr>> {
        self.cloud.as_ref().map(TcpListener::local_addr).transpose()
    }

    /// Where each server's SSH listens, in the fleet's order.
    ///
    /// # Errors
    ///
    /// As [`Drill::prometheus`].
    pub fn ssh(&self) -> io::Result<Vec<SocketAddr>> {
        let doors = self.hosts.iter().flat_map(|hosts| &hosts.doors);
        doors.map(|(listener, _)| listener.local_addr()).collect()
    }

    /// The tables of a `casebook.toml` that lead a proxy to this drill: `[prometheus.main]`,
    /// `[aws.main]` and `[ssh]`, where each instance is a host of its id's name.
    ///
    /// # Errors
    ///
    /// As [`Drill::prometheus`], or when the access key cannot be written.
    pub fn config(&self) -> io::Result<String> {
        let mut text = format!(
            "[prometheus.main]\nurl = \"http://{}\"\n",
            self.prometheus()?
        );
        let Some(hosts) = &self.hosts else {
            return Ok(text);
        };
        if let Some(ec2) = self.ec2()? {
            let (id, secret) = hosts.keys.access_key()?;
            let (region, id, secret) = (REGIONS[0], toml_path(&id), toml_path(&secret));
            // writing to a String cannot fail
            let _ = write!(
                text,
                "
[aws.main]
regions = [\"{region}\"]
endpoint = \"http://{ec2}\"
credentials = {{ access_key_file = {id}, secret_key_file = {secret} }}
match = [
  {{ label = \"which\", tag = \"kind\" }},
  {{ label = \"instance\", private_ip = true, strip_port = true }},
]
"
            );
        }
        let _ = write!(
            text,
            "
[ssh]
user = \"{LOGIN}\"
identity_file = {}
known_hosts = {}
hosts = [
",
            toml_path(&hosts.keys.client_file()),
            toml_path(&hosts.keys.known_hosts_file()),
        );
        let fleet = self.switch.fleet();
        for (server, address) in fleet.servers().iter().zip(self.ssh()?) {
            for name in [server.instance_id.as_str(), server.which] {
                let (ip, port) = (address.ip(), address.port());
                let _ = writeln!(
                    text,
                    "  {{ name = \"{name}\", address = \"{ip}\", port = {port} }},"
                );
            }
        }
        let _ = write!(
            text,
            "]

[ssh.paths]
read = [\"/var/crash\", \"{QUARANTINE}\", \"/var/log\"]
quarantine_from = [\"/var/crash\"]
quarantine_to = \"{QUARANTINE}\"
"
        );
        Ok(text)
    }

    /// Serves until `shutdown` completes and the last answer is sent.
    ///
    /// # Errors
    ///
    /// When a listener fails; the others are stopped then.
    pub async fn serve(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let (stop, stopped) = watch::channel(false);
        let until_stop = || {
            let mut stopped = stopped.clone();
            async move {
                // an error here means that the drill is gone
                let _ = stopped.wait_for(|stop| *stop).await;
            }
        };
        let mut services: JoinSet<io::Result<()>> = JoinSet::new();
        let mut start = |service: Service| {
            services.spawn(service);
        };
        let app = router(self.switch.clone(), Clock::System);
        let serve = axum::serve(self.prometheus, app).with_graceful_shutdown(until_stop());
        start(Box::pin(async move { serve.await }));
        if let Some(listener) = self.cloud {
            let app = cloud_router(self.switch.fleet());
            let serve = axum::serve(listener, app).with_graceful_shutdown(until_stop());
            start(Box::pin(async move { serve.await }));
        }
        if let Some(hosts) = self.hosts {
            let client = hosts.keys.client()?;
            for (server, (listener, key)) in hosts.doors.into_iter().enumerate() {
                let host = Host::new(&self.switch, server, Clock::System);
                let gate = Gate::new(host, client.clone());
                start(Box::pin(gate.serve(listener, key, until_stop())));
            }
        }
        let mut shutdown = std::pin::pin!(shutdown);
        let mut stopping = false;
        let mut outcome = Ok(());
        loop {
            tokio::select! {
                () = &mut shutdown, if !stopping => {
                    stopping = true;
                    stop.send_replace(true);
                }
                ended = services.join_next() => match ended {
                    None => return outcome,
                    Some(ended) => {
                        stop.send_replace(true);
                        outcome = outcome.and(ended.unwrap_or_else(|fault| Err(fault.into())));
                    }
                },
            }
        }
    }
}

impl Hosts {
    async fn bind(fleet: &Fleet, settings: &SshSettings) -> io::Result<Self> {
        let keys = Keys::in_folder(&settings.keys).map_err(|fault| {
            let folder = settings.keys.display();
            io::Error::new(
                fault.kind(),
                format!("the folder of keys {folder}: {fault}"),
            )
        })?;
        let mut doors = Vec::new();
        let mut known = Vec::new();
        for (number, server) in (0u16..).zip(fleet.servers()) {
            let mut address = settings.listen;
            if address.port() != 0 {
                let port = address.port().checked_add(number).ok_or_else(|| {
                    let message = format!("there is no port for {} after {address}", server.which);
                    io::Error::new(io::ErrorKind::InvalidInput, message)
                })?;
                address.set_port(port);
            }
            let listener = bind(address, &format!("SSH of {}", server.which)).await?;
            let key = keys.host(server)?;
            known.push((listener.local_addr()?, key.clone()));
            doors.push((listener, key));
        }
        keys.know(&known)?;
        keys.client()?;
        Ok(Self { keys, doors })
    }
}

async fn bind(address: SocketAddr, what: &str) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|fault| {
        io::Error::new(
            fault.kind(),
            format!("cannot listen at {address} ({what}): {fault}"),
        )
    })
}

/// A path as a TOML string.
fn toml_path(path: &Path) -> String {
    serde_json::json!(path.display().to_string()).to_string()
}

/// Serves the drill until `shutdown` completes and the last answer is sent.
///
/// # Errors
///
/// As [`Drill::bind`] and [`Drill::serve`].
pub async fn serve(
    settings: &Settings,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    Drill::bind(settings).await?.serve(shutdown).await
}
