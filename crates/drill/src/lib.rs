//! A practice incident on loopback: a fleet of eight servers whose metrics are pure functions of a
//! seed and the time, behind Prometheus's HTTP API.
//!
//! Before the onset every server behaves by its own habit. From the onset on, `object4` swings far
//! wider than it ever did and slows down the requests of all.

mod answer;
mod ec2;
mod eval;
mod failure;
pub mod fleet;
mod format;
mod http;
pub mod labels;
mod params;
mod rules;
mod samples;
mod switch;

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

pub use ec2::{REGIONS, cloud_router};
use fleet::{Fleet, Incident};
pub use http::router;
pub use rules::P90_BURNS;
pub use samples::Clock;
pub use switch::Switch;

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

/// Onsets beyond this, about the year 5138, are typing errors, such as milliseconds for seconds.
const LATEST_ONSET: i64 = 100_000_000_000;

/// Serves the drill until `shutdown` completes and the last answer is sent.
///
/// # Errors
///
/// When `settings.listen` cannot be bound, the onset is not a time in seconds, or the listener
/// fails.
pub async fn serve(
    settings: Settings,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    if !(0..LATEST_ONSET).contains(&settings.onset) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "the onset {} is not in seconds since the Unix epoch",
                settings.onset
            ),
        ));
    }
    let fleet = Fleet::new(settings.seed, Incident::beginning(settings.onset));
    let listener = TcpListener::bind(settings.listen).await?;
    axum::serve(listener, router(fleet, Clock::System))
        .with_graceful_shutdown(shutdown)
        .await
}
