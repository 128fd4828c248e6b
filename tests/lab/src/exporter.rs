//! The fleet's live exporter: one metrics page per server, for Prometheus to scrape.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use casebook_drill::Switch;
use casebook_drill::fleet::{Fleet, Measure};
use casebook_drill::labels::{BUCKET, METRIC_NAME};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::{LabError, in_background, now};

/// What the pages tell of.
#[derive(Clone, Debug)]
struct Source {
    switch: Switch,
    /// The file that ails the culprit while it is there.
    cause: Arc<OnceLock<PathBuf>>,
}

/// A running exporter on a thread of its own, so that it serves callers with and without a
/// runtime. Dropping it stops it.
#[derive(Debug)]
pub struct Exporter {
    address: SocketAddr,
    source: Source,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Exporter {
    /// Serves the fleet's present values on a free port.
    ///
    /// # Errors
    ///
    /// When no port or thread can be had.
    pub fn start_blocking(fleet: Fleet) -> Result<Self, LabError> {
        let failed = |source| LabError::Io {
            doing: "starting the live exporter",
            source,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .map_err(failed)?;
        let source = Source {
            switch: Switch::from(fleet),
            cause: Arc::default(),
        };
        let app = Router::new()
            .route("/metrics/{which}", get(metrics))
            .with_state(source.clone());
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;

        let (stop, stopped) = oneshot::channel();
        let serve = async move {
            let Ok(listener) = TcpListener::from_std(listener) else {
                return;
            };
            tokio::select! {
                _ = axum::serve(listener, app).into_future() => {}
                _ = stopped => {}
            }
        };
        let thread = thread::Builder::new()
            .name("exporter".to_owned())
            .spawn(move || runtime.block_on(serve))
            .map_err(failed)?;
        Ok(Self {
            address,
            source,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// As [`Exporter::start_blocking`], from within a tokio runtime.
    ///
    /// # Errors
    ///
    /// As [`Exporter::start_blocking`].
    pub async fn start(fleet: Fleet) -> Result<Self, LabError> {
        in_background(move || Self::start_blocking(fleet)).await
    }

    /// Where it listens; the page of a server is `/metrics/<which>`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The switch between ill and well, and the fleet it exports.
    pub fn switch(&self) -> &Switch {
        &self.source.switch
    }

    /// From now on the culprit is ill while `file` is there and well while it is not, looked at
    /// with every scrape. A second call changes nothing.
    pub fn blame(&self, file: PathBuf) {
        self.source.cause.get_or_init(|| file);
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // an error here means that it has ended already
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn metrics(
    State(source): State<Source>,
    Path(which): Path<String>,
) -> Result<String, StatusCode> {
    let at = now();
    if let Some(file) = source.cause.get() {
        if file.exists() {
            source.switch.relapse(at);
        } else {
            source.switch.recover(at);
        }
    }
    let fleet = source.switch.fleet();
    let server = fleet
        .servers()
        .iter()
        .position(|server| server.which == which)
        .ok_or(StatusCode::NOT_FOUND)?;
    Ok(page(&fleet, server, at))
}

/// One server's values at a second, in Prometheus's text format. The labels of the server itself
/// and `up` are Prometheus's to add.
fn page(fleet: &Fleet, server: usize, at: i64) -> String {
    let mut page = String::from(
        "# HELP level Level of the server's work.\n# TYPE level gauge\n\
         # HELP request_duration_seconds How long requests took.\n\
         # TYPE request_duration_seconds histogram\n",
    );
    let own = fleet
        .series()
        .iter()
        .filter(|series| series.server == server && series.measure != Measure::Up);
    for series in own {
        let name = series.labels.get(METRIC_NAME);
        let bound = match series.labels.get(BUCKET) {
            "" => String::new(),
            bound => format!("{{{BUCKET}=\"{bound}\"}}"),
        };
        let value = fleet.value(series, at);
        // writing to a String cannot fail
        let _ = writeln!(page, "{name}{bound} {value}");
    }
    page
}
