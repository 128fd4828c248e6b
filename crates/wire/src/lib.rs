//! The words that Casebook's browser side and its proxy share: the catalogue, the error envelope,
//! digests, audit records, and the hash chain that links the records of one case.
//!
//! Everything here is pure: no I/O, no clock, no randomness, so that the same code checks a chain
//! in the proxy, in the browser, and in a report opened years later.

pub mod audit;
pub mod aws;
pub mod canonical;
pub mod catalog;
pub mod chain;
pub mod command;
pub mod digest;
pub mod envelope;
pub mod gate;
pub mod plan;
pub mod quarantine;
pub mod quoting;
pub mod run;

pub use audit::{Decision, Entry, Phase, Record};
pub use aws::{AwsAccount, FoundInstance, Instance, InstanceList, InstanceQuery};
pub use catalog::{
    Catalog, CommandHelp, Dialect, Health, HealthState, ParamHelp, PrometheusSource, SessionInfo,
    SshHosts,
};
pub use chain::{Chain, Head, Verdict, Verdicts, verify, verify_log};
pub use digest::sha256_hex;
pub use envelope::ErrorEnvelope;

/// Version of the HTTP API between the browser side and the proxy. It is raised when either would
/// misread the other.
pub const API_VERSION: u32 = 1;

/// Version of the whole product, one for all parts.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
