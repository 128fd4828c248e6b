//! A practice incident on loopback: a fleet of eight servers whose metrics are pure functions of a
//! seed and the time, behind Prometheus's HTTP API.
//!
//! Before the onset every server behaves by its own habit. From the onset on, `object4` swings far
//! wider than it ever did and slows down the requests of all.

mod http;

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// Where the drill listens and which incident it plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Address of the Prometheus API, for example `127.0.0.1:8790`.
    pub listen: SocketAddr,
    /// When the incident begins, in seconds since the Unix epoch.
    pub onset: i64,
    /// Fleets with the same seed and onset have the same samples.
    pub seed: u64,
}

/// Serves the drill until `shutdown` completes and the last answer is sent.
///
/// # Errors
///
/// When `settings.listen` cannot be bound, or the listener fails.
pub async fn serve(
    settings: Settings,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = TcpListener::bind(settings.listen).await?;
    axum::serve(listener, http::router())
        .with_graceful_shutdown(shutdown)
        .await
}
