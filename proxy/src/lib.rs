//! The proxy that stands beside the monitoring stack: it serves Casebook's site and relays reads
//! from the browser to Prometheus, under rules that notebook code cannot change.
//!
//! Any cell of any shared notebook runs as the user who opened it, so the notebook is the
//! adversary. The order for each request is: connection limits, host, origin, session, rate, body
//! limit, policy (a pure function), audit intent, upstream, bounded stream, audit result.

pub mod app;
pub mod approval;
pub mod audit;
pub mod aws;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
#[cfg(feature = "drill")]
mod drill;
pub mod error;
pub mod guard;
pub mod headers;
pub mod limits;
pub mod link;
pub mod link_socket;
pub mod listen;
pub mod login;
pub mod metrics;
pub mod ops;
pub mod plan;
pub mod policy;
pub mod prometheus;
pub mod random;
pub mod router;
pub mod secret;
pub mod serve;
pub mod server;
pub mod session;
pub mod site;
pub mod ssh;
pub mod terminal;
pub mod upstream;
