//! The real Prometheus of Debian's package, in a temporary folder, on a port of 127.0.0.1.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use casebook_drill::P90_BURNS;
use casebook_drill::fleet::Fleet;
use tempfile::TempDir;

use crate::backfill::History;
use crate::ports::{free, free_port};
use crate::process::Process;
use crate::samples::Series;
use crate::{Backfill, Exporter, LabError, in_background, program};

/// Time from start to readiness; 2 s are usual, also with hours of history.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Another process may take the free port between our look and Prometheus's start.
const ATTEMPTS: u32 = 3;

/// What a Prometheus is started with.
#[derive(Clone, Debug, Default)]
pub struct PrometheusBuilder {
    admin_api: bool,
    lifecycle: bool,
    history: Option<History>,
    targets: Option<(String, Fleet)>,
    port: Option<u16>,
}

impl PrometheusBuilder {
    /// Opens the admin API (`/api/v1/admin/…`), which deletes series. Off unless asked for.
    #[must_use]
    pub fn admin_api(mut self, on: bool) -> Self {
        self.admin_api = on;
        self
    }

    /// Opens `/-/reload` and `/-/quit`. Off unless asked for.
    #[must_use]
    pub fn lifecycle(mut self, on: bool) -> Self {
        self.lifecycle = on;
        self
    }

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

    /// Scrapes an exporter every second and evaluates the fleet's alerting rule.
    #[must_use]
    pub fn scrape(mut self, exporter: &Exporter) -> Self {
        self.targets = Some((exporter.address().to_string(), exporter.switch().fleet()));
        self
    }

    /// A fixed port instead of a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Starts it and waits until it answers.
    ///
    /// # Errors
    ///
    /// When `prometheus` or `promtool` is missing, ends early, or is not ready within a minute.
    pub fn start_blocking(self) -> Result<Prometheus, LabError> {
        let program = program::find("prometheus", "prometheus")?;
        let folder = TempDir::with_prefix("casebook-lab-").map_err(|source| LabError::Io {
            doing: "making a temporary folder",
            source,
        })?;
        self.write_files(folder.path())?;
        let mut attempt = 1;
        loop {
            let port = match self.port {
                Some(port) => free(port)?,
                None => free_port()?,
            };
            let url = format!("http://127.0.0.1:{port}");
            let log = folder.path().join("prometheus.log");
            let mut command = Command::new(&program);
            command.args(self.arguments(folder.path(), port));
            // It lives for seconds: memory is cheaper here than the collector's time.
            command.env("GOGC", "400");
            let mut process = Process::start(&mut command, log)?;
            match process.answers("prometheus", &url, "/-/ready", READY_WITHIN) {
                Ok(()) => {
                    return Ok(Prometheus {
                        url,
                        process,
                        _folder: folder,
                    });
                }
                Err(LabError::Ended { output, .. })
                    if self.port.is_none()
                        && attempt < ATTEMPTS
                        && output.contains("address already in use") =>
                {
                    attempt += 1;
                }
                Err(other) => return Err(other),
            }
        }
    }

    /// As [`PrometheusBuilder::start_blocking`], from within a tokio runtime.
    ///
    /// # Errors
    ///
    /// As [`PrometheusBuilder::start_blocking`].
    pub async fn start(self) -> Result<Prometheus, LabError> {
        in_background(move || self.start_blocking()).await
    }

    fn write_files(&self, folder: &Path) -> Result<(), LabError> {
        let data = folder.join("data");
        let written = || {
            fs::create_dir(&data)?;
            fs::write(folder.join("rules.yml"), rules())?;
            fs::write(folder.join("prometheus.yml"), self.configuration())
        };
        written().map_err(|source| LabError::Io {
            doing: "writing Prometheus's configuration",
            source,
        })?;
        match &self.history {
            Some(history) => history.write_blocks(folder, &data),
            None => Ok(()),
        }
    }

    fn configuration(&self) -> String {
        let Some((address, fleet)) = &self.targets else {
            return "scrape_configs: []\n".to_owned();
        };
        let mut yaml = String::from(
            "rule_files: [rules.yml]\n\
             scrape_configs:\n\
             - job_name: fleet\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  static_configs:\n",
        );
        for server in fleet.servers() {
            // writing to a String cannot fail
            let _ = writeln!(
                yaml,
                "  - targets: ['{address}']\n    labels: {{__metrics_path__: /metrics/{which}, \
                 which: {which}, instance: '{instance}', zone: {zone}}}",
                which = server.which,
                instance = server.instance,
                zone = server.zone,
            );
        }
        yaml
    }

    fn arguments(&self, folder: &Path, port: u16) -> Vec<String> {
        let mut arguments = vec![
            format!("--config.file={}", folder.join("prometheus.yml").display()),
            format!("--storage.tsdb.path={}", folder.join("data").display()),
            // history of any age stays
            "--storage.tsdb.retention.time=100y".to_owned(),
            format!("--web.listen-address=127.0.0.1:{port}"),
            "--log.level=warn".to_owned(),
        ];
        if self.admin_api {
            arguments.push("--web.enable-admin-api".to_owned());
        }
        if self.lifecycle {
            arguments.push("--web.enable-lifecycle".to_owned());
        }
        arguments
    }
}

/// A running Prometheus. Dropping it kills it and removes its folder.
#[derive(Debug)]
pub struct Prometheus {
    url: String,
    // before the folder, so that it has ended when the folder goes
    process: Process,
    _folder: TempDir,
}

impl Prometheus {
    /// What to start one with.
    pub fn builder() -> PrometheusBuilder {
        PrometheusBuilder::default()
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
}

fn rules() -> String {
    format!(
        "groups:\n- name: service-level\n  interval: 5s\n  rules:\n  \
         - alert: RequestDurationP90High\n    expr: '{P90_BURNS}'\n    for: 30s\n    \
         labels: {{severity: page}}\n    annotations: {{summary: P90 of the request duration is above 0.3 s}}\n"
    )
}
