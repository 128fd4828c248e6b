//! Every metric of the proxy, one function each.

use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

/// Installs the recorder; its handle renders the metrics as text.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    const SECONDS: &[f64] = &[0.005, 0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0];
    Ok(PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .install_recorder()?)
}

/// Requests by part of the proxy and status.
pub fn request(part: &'static str, status: u16) {
    counter!("casebook_requests_total", "part" => part, "status" => status.to_string())
        .increment(1);
}

/// Time from an upstream request to the end of its answer, by how it ended.
pub fn upstream(source: &str, outcome: &'static str, took: Duration, bytes: u64) {
    let labels = [
        ("source", source.to_owned()),
        ("outcome", outcome.to_owned()),
    ];
    histogram!("casebook_upstream_seconds", &labels).record(took.as_secs_f64());
    counter!("casebook_relayed_bytes_total", "source" => source.to_owned()).increment(bytes);
}

/// Time from an SSH command's intent to its end, by command and how it ended.
pub fn ssh(op: &str, outcome: &'static str, took: Duration) {
    let labels = [("op", op.to_owned()), ("outcome", outcome.to_owned())];
    histogram!("casebook_ssh_seconds", &labels).record(took.as_secs_f64());
}

/// Open connections to site and API.
pub fn connections(open: usize) {
    gauge!("casebook_connections").set(open as f64);
}

/// Connections refused because there were too many.
pub fn connection_refused() {
    counter!("casebook_connections_refused_total").increment(1);
}

/// Audit records that could not be written.
pub fn audit_lost() {
    counter!("casebook_audit_lost_total").increment(1);
}

/// Sign-ins by outcome.
pub fn login(outcome: &'static str) {
    counter!("casebook_logins_total", "outcome" => outcome).increment(1);
}
