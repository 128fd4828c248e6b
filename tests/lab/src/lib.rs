//! Starts the real back ends that Casebook is tested against, and that `cargo xtask lab` keeps up:
//! Debian's Prometheus, back-filled by promtool and scraping a live exporter; Debian's VictoriaMetrics
//! with the same samples; an AWS account, and OpenSSH on the addresses of its instances.
//!
//! Everything listens on free ports of 127.0.0.0/8, lives in temporary folders and ends when its
//! handle is dropped. Each `start` comes twice: blocking, and async for tests in a runtime.

mod apart;
mod backfill;
mod error;
mod exporter;
pub mod http;
mod moto;
mod ports;
mod process;
mod program;
mod prometheus;
mod samples;
mod sshd;
mod victoriametrics;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use casebook_drill::fleet::{Fleet, Incident};

pub use backfill::Backfill;
pub use error::LabError;
pub use exporter::Exporter;
pub use moto::{Moto, MotoKey, MotoSettings};
pub use ports::free_port;
pub use prometheus::{Prometheus, PrometheusBuilder};
pub use samples::Series;
pub use sshd::{Sshd, SshdSettings};
pub use victoriametrics::{VictoriaMetrics, VictoriaMetricsBuilder};

/// What the lab plays, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabSettings {
    /// When the incident begins, in seconds since the Unix epoch.
    pub onset: i64,
    /// Fleets with the same seed and onset have the same samples.
    pub seed: u64,
    /// Hours of history before now.
    pub hours: u32,
    /// Prometheus's port; `None` for a free one.
    pub port: Option<u16>,
    /// With an AWS account and hosts that answer by SSH; then the culprit is ill while its core
    /// is there. Else it is ill from the onset on.
    pub hosts: bool,
}

impl LabSettings {
    /// An incident that began three minutes ago, with three hours of history.
    pub fn burning_now() -> Self {
        Self {
            onset: now() - 180,
            seed: 1,
            hours: 3,
            port: None,
            hosts: false,
        }
    }
}

/// The servers as instances and as hosts.
#[derive(Debug)]
struct Hosts {
    moto: Moto,
    sshd: Sshd,
}

/// Everything that `cargo xtask lab` keeps up.
#[derive(Debug)]
pub struct Lab {
    // before the exporter, so that it is stopped first
    prometheus: Prometheus,
    // before the hosts, so that it does not see the core go with them
    exporter: Exporter,
    hosts: Option<Hosts>,
}

impl Lab {
    /// Starts the exporter and a Prometheus with history that goes on living from it, and the
    /// hosts when they are asked for.
    ///
    /// # Errors
    ///
    /// When a program is missing (the message names its package), or does not come up in time.
    pub fn start_blocking(settings: &LabSettings) -> Result<Self, LabError> {
        let fleet = Fleet::new(settings.seed, Incident::beginning(settings.onset));
        let exporter = Exporter::start_blocking(fleet.clone())?;
        // before the history, so that it ends when the scrapes begin
        let hosts = if settings.hosts {
            let hosts = Hosts {
                sshd: Sshd::start_blocking(&SshdSettings::default())?,
                moto: Moto::start_blocking(&MotoSettings::default())?,
            };
            exporter.blame(hosts.sshd.core());
            Some(hosts)
        } else {
            None
        };
        let to = now();
        let backfill = Backfill {
            fleet,
            from: to - i64::from(settings.hours) * 3600,
            to,
        };
        let mut builder = Prometheus::builder()
            .admin_api(true)
            .lifecycle(true)
            .backfill(backfill)
            .scrape(&exporter);
        if let Some(port) = settings.port {
            builder = builder.port(port);
        }
        Ok(Self {
            prometheus: builder.start_blocking()?,
            exporter,
            hosts,
        })
    }

    /// As [`Lab::start_blocking`], from within a tokio runtime.
    ///
    /// # Errors
    ///
    /// As [`Lab::start_blocking`].
    pub async fn start(settings: LabSettings) -> Result<Self, LabError> {
        in_background(move || Self::start_blocking(&settings)).await
    }

    /// The real Prometheus.
    pub fn prometheus(&self) -> &Prometheus {
        &self.prometheus
    }

    /// The live exporter, with which the incident's course can be changed.
    pub fn exporter(&self) -> &Exporter {
        &self.exporter
    }

    /// The AWS account, when [`LabSettings::hosts`] asked for it.
    pub fn moto(&self) -> Option<&Moto> {
        self.hosts.as_ref().map(|hosts| &hosts.moto)
    }

    /// The hosts, when [`LabSettings::hosts`] asked for them.
    pub fn sshd(&self) -> Option<&Sshd> {
        self.hosts.as_ref().map(|hosts| &hosts.sshd)
    }

    /// The tables of `casebook.toml` that lead a proxy to the lab: `[prometheus.main]`, and with
    /// hosts `[aws.main]` and `[ssh]`.
    pub fn config(&self) -> String {
        let mut text = format!("[prometheus.main]\nurl = \"{}\"\n", self.prometheus.url());
        if let Some(Hosts { moto, sshd }) = &self.hosts {
            let (aws, ssh) = (moto.config("main"), sshd.config("{ aws = \"main\" }"));
            // writing to a String cannot fail
            let _ = write!(text, "\n{aws}\n{ssh}");
        }
        text
    }

    /// Writes [`Lab::config`] to a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write_config(&self, path: &Path) -> Result<(), LabError> {
        fs::write(path, self.config()).map_err(|source| LabError::Io {
            doing: "writing the lab's configuration",
            source,
        })
    }
}

/// Seconds since the Unix epoch.
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_secs()).ok())
        .unwrap_or(0)
}

async fn in_background<T: Send + 'static>(
    start: impl FnOnce() -> Result<T, LabError> + Send + 'static,
) -> Result<T, LabError> {
    tokio::task::spawn_blocking(start)
        .await
        .unwrap_or_else(|fault| {
            Err(LabError::Io {
                doing: "waiting for a back end to start",
                source: fault.into(),
            })
        })
}
