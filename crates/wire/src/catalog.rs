//! What this user may use: the answer of `GET /api/v1/catalog`, and of `GET /api/v1/session`.

use crate::aws::AwsAccount;
use crate::command::Kind;
use serde::{Deserialize, Serialize};

/// Everything that the signed-in user may ask the proxy for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// The proxy's product version, such as `0.1.0`.
    pub version: String,
    /// The proxy's [`API_VERSION`](crate::API_VERSION).
    pub api: u32,
    /// The signed-in user.
    pub user: String,
    /// Prometheus sources in the order of their names.
    pub prometheus: Vec<PrometheusSource>,
    /// AWS accounts in the order of their names.
    #[serde(default)]
    pub aws: Vec<AwsAccount>,
    /// Hosts by SSH; none when the proxy reaches no hosts.
    #[serde(default)]
    pub ssh: Option<SshHosts>,
    /// A sentence to be shown in red, when something is wrong with the proxy itself.
    pub banner: Option<String>,
}

/// What may be asked of hosts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshHosts {
    /// The rules by which hosts may be named, in words: `web1`, `the addresses 10.20.*`.
    pub hosts: Vec<String>,
    /// Folders that may be looked into.
    pub read: Vec<String>,
    /// Folders out of which a file may be moved, after approval.
    #[serde(default)]
    pub quarantine_from: Vec<String>,
    /// The folder that such a file is moved to.
    #[serde(default)]
    pub quarantine_to: Option<String>,
    /// The commands that may be run.
    pub commands: Vec<CommandHelp>,
}

/// One command of the [catalogue of commands](crate::command).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandHelp {
    /// Its name in requests.
    pub name: String,
    /// What it shows, as a sentence.
    pub summary: String,
    /// Its parameters.
    pub params: Vec<ParamHelp>,
}

/// One parameter of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamHelp {
    /// Its name in requests.
    pub name: String,
    /// What may be given.
    pub kind: Kind,
    /// Whether something must be given.
    pub required: bool,
}

/// One Prometheus source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrometheusSource {
    /// The name that cells use, and that stands in the path.
    pub name: String,
    /// Whether it answered lately.
    pub health: Health,
    /// What it is asked as.
    #[serde(default)]
    pub dialect: Dialect,
    /// The most points that one range query may have for each series.
    pub max_points: u64,
    /// The longest answer that is passed on, in bytes.
    pub max_bytes: u64,
    /// The time that a query may take, in milliseconds.
    pub timeout_ms: u64,
}

/// What of Prometheus's API a source has in its own way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// Nothing that matters: Prometheus, Thanos, Mimir.
    #[default]
    Prometheus,
    /// Moves start and end of a query to where its cache has them, unless it is asked with `nocache=1`.
    VictoriaMetrics,
}

/// Whether a source answered lately, by the proxy's own check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The short answer.
    pub state: HealthState,
    /// The long answer: what was asked and what came back.
    pub detail: String,
    /// When the check was made, RFC 3339 in UTC.
    pub checked_at: String,
}

/// The short answer of a health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// A trivial query was answered.
    Up,
    /// No connection, or an answer that no healthy source gives.
    Down,
    /// The check did not end in time.
    Unknown,
}

/// Who is signed in, and to what: the answer of `GET /api/v1/session` and of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// The signed-in user.
    pub user: String,
    /// When the session ends, RFC 3339 in UTC.
    pub expires_at: String,
    /// The proxy's product version.
    pub version: String,
    /// The proxy's [`API_VERSION`](crate::API_VERSION).
    pub api: u32,
}
