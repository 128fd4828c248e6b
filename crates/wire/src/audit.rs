//! The audit record: one fact about one request, as the proxy writes it down.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the record's shape, written into each record as `v`.
pub const RECORD_VERSION: u32 = 1;

/// The case of requests that name none.
pub const UNFILED: &str = "unfiled";

/// What the policy said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Done at once.
    Allow,
    /// Done after a person's approval.
    NeedsApproval,
    /// Refused.
    Deny,
}

/// Whether the record was written before the act or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the act: what is about to be asked.
    Intent,
    /// After it: what came back.
    Result,
}

/// What happened, before it has a place in a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the Unix epoch.
    pub ts: i64,
    /// The case (incident) whose chain this belongs to.
    pub case: String,
    /// The user.
    pub actor: String,
    /// Short id of the user's session; never its token.
    pub session: String,
    /// The id that is also in the answer's `x-request-id` and in the proxy's log.
    pub request_id: String,
    /// What was asked: `prometheus.query_range`, `session.login`, …
    pub op: String,
    /// Of whom it was asked: the source's, account's or host's name.
    pub target: String,
    /// The parameters as they were sent upstream.
    pub params: BTreeMap<String, String>,
    /// What the policy said.
    pub decision: Decision,
    /// Why it said so, or why the act ended as it did.
    pub reason: String,
    /// Before or after the act.
    pub phase: Phase,
    /// Of a result: the sequence number of its intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<u64>,
    /// Of a result: the HTTP status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Of a result: length of the answer's decoded body in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Of a result: milliseconds from the intent to the end of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// Of a result: SHA-256 of the decoded body, when all of it was passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// An entry with its place in the chain of its case. Integers and strings only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// [`RECORD_VERSION`].
    pub v: u32,
    /// Place in the case's chain, from 1.
    pub seq: u64,
    /// Hash of the record before it; of the first record, the hash of the case's name.
    pub prev: String,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
    /// SHA-256 of the canonical text of all other fields.
    pub hash: String,
}
