//! A practice incident on loopback: a fleet of eight servers whose metrics are pure functions of a
//! seed and the time, behind Prometheus's HTTP API; a cloud that knows their instances; and their
//! hosts, which answer by SSH.
//!
//! Before the onset every server behaves by its own habit. From the onset on, `object4` swings far
//! wider than it ever did and slows down the requests of all: a core dump lies where it should not.
//! Once the core is moved away it is well, and ill again when the move is undone.

mod answer;
mod drill;
mod ec2;
mod eval;
mod failure;
pub mod fleet;
mod format;
mod host;
mod http;
mod keys;
pub mod labels;
mod params;
mod rules;
mod samples;
mod ssh;
mod switch;

pub use drill::{Drill, Settings, SshSettings, serve};
pub use ec2::{REGIONS, cloud_router};
pub use host::{CORE, LOGIN, QUARANTINE};
pub use http::router;
pub use rules::P90_BURNS;
pub use samples::Clock;
pub use switch::Switch;
