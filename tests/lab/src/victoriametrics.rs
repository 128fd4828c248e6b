//! The real VictoriaMetrics of Debian's package, in a temporary folder, on a port of 127.0.0.1.

use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::backfill::History;
use crate::ports::free_port;
use crate::process::Process;
use crate::samples::Series;
use crate::{Backfill, LabError, http, in_background, program};

/// Time from start to readiness; a second is usual.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Another process may take the free port between our look and its start.
const ATTEMPTS: u32 = 3;

/// What a VictoriaMetrics is started with.
///
/// It refuses samples of the future, so that its history has to lie before now.
#[derive(Clone, Debug, Default)]
pub struct VictoriaMetricsBuilder {
    history: Option<History>,
}

impl VictoriaMetricsBuilder {
    /// History of the fleet that is there from the start.
    #[must_use]
    pub fn backfill(mut self, backfill: Backfill) -> Self {
        self.history = Some(History::Fleet(backfill));
        self
    }

    /// History of a test's own series that is there from the start.
    #[must_use]
    pub fn samples(mut self, series: Vec<Series>) -> Self {
        self.history = Some(History::Series(series));
        self
    }

    /// Starts it, imports the history and waits until it can be asked for.
    ///
    /// # Errors
    ///
    /// When `victoria-metrics` is missing, ends early, is not ready within a minute, or does not take the history.
    pub fn start_blocking(self) -> Result<VictoriaMetrics, LabError> {
        let program = program::find("victoria-metrics", "victoria-metrics")?;
        let folder = TempDir::with_prefix("casebook-lab-").map_err(|source| LabError::Io {
            doing: "making a temporary folder",
            source,
        })?;
        let mut attempt = 1;
        let started = loop {
            let port = free_port()?;
            let url = format!("http://127.0.0.1:{port}");
            let mut command = Command::new(&program);
            command
                .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
                .arg(format!(
                    "-storageDataPath={}",
                    folder.path().join("data").display()
                ))
                // history of any age stays
                .args([
                    "-retentionPeriod=100y",
                    "-memory.allowedBytes=256MiB",
                    "-loggerLevel=WARN",
                ]);
            let log = folder.path().join("victoria-metrics.log");
            let mut process = Process::start(&mut command, log)?;
            match process.answers("victoria-metrics", &url, "/health", READY_WITHIN) {
                Ok(()) => {
                    break VictoriaMetrics {
                        url,
                        process,
                        _folder: folder,
                    };
                }
                Err(LabError::Ended { output, .. })
                    if attempt < ATTEMPTS && output.contains("address already in use") =>
                {
                    attempt += 1;
                }
                Err(other) => return Err(other),
            }
        };
        if let Some(history) = &self.history {
            started.import(&history.exposition()?)?;
        }
        Ok(started)
    }

    /// As [`VictoriaMetricsBuilder::start_blocking`], from within a tokio runtime.
    ///
    /// # Errors
    ///
    /// As [`VictoriaMetricsBuilder::start_blocking`].
    pub async fn start(self) -> Result<VictoriaMetrics, LabError> {
        in_background(move || self.start_blocking()).await
    }
}

/// A running VictoriaMetrics. Dropping it kills it and removes its folder.
#[derive(Debug)]
pub struct VictoriaMetrics {
    url: String,
    // before the folder, so that it has ended when the folder goes
    process: Process,
    _folder: TempDir,
}

impl VictoriaMetrics {
    /// What to start one with.
    pub fn builder() -> VictoriaMetricsBuilder {
        VictoriaMetricsBuilder::default()
    }

    /// Its address, for example `http://127.0.0.1:40123`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        self.process.output()
    }

    fn import(&self, exposition: &[u8]) -> Result<(), LabError> {
        let imported = http::post_text(&self.url, "/api/v1/import/prometheus", exposition)
            // new samples are searchable a second later unless it is told to hurry
            .and_then(|answer| match answer.status {
                200..300 => http::get(&self.url, "/internal/force_flush"),
                _ => Ok(answer),
            })
            .map_err(|source| LabError::Io {
                doing: "importing the samples to back-fill",
                source,
            })?;
        match imported.status {
            200..300 => Ok(()),
            status => Err(LabError::Ended {
                program: "the import into victoria-metrics",
                status: format!("status {status}"),
                output: imported.body,
            }),
        }
    }
}
