//! The error that every `/api` and `/auth` path answers with.

use serde::{Deserialize, Serialize};

/// An error in the shape of Prometheus's own, so that its clients can read it, with what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorEnvelope {
    /// Always `error`.
    pub status: String,
    /// A word that programs decide by: `session`, `bad_data`, `upstream_timeout`, …
    #[serde(rename = "errorType")]
    pub error_type: String,
    /// What was asked, of whom, and what was wrong, as sentences.
    pub error: String,
    /// What the person can do, as a sentence.
    pub next: String,
    /// The source that was asked, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The id under which the proxy's log holds this request.
    pub request_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_field_names_that_prometheus_clients_read() {
        let envelope = ErrorEnvelope {
            status: "error".into(),
            error_type: "session".into(),
            error: "e".into(),
            next: "n".into(),
            source: None,
            request_id: "r".into(),
        };
        assert_eq!(
            serde_json::to_string(&envelope).unwrap(),
            r#"{"status":"error","errorType":"session","error":"e","next":"n","request_id":"r"}"#
        );
    }
}
