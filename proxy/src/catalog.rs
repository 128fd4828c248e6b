//! `GET /api/v1/catalog`: what this user may ask, and whether it answers.

use crate::app::App;
use crate::aws;
use crate::policy::{Operation, Principal, decide};
use crate::prometheus::{Source, check};
use crate::ssh::Ssh;
use casebook_wire::{API_VERSION, Catalog, Decision, PrometheusSource, VERSION};
use std::sync::Arc;

/// The catalogue of `principal`. Sources are checked at the same time, so that a slow one costs its
/// own check and no more.
pub async fn catalog(app: &Arc<App>, principal: &Principal) -> Catalog {
    let may_read = |source: &&Arc<Source>| {
        let operation = Operation::PrometheusRead {
            source: &source.name,
        };
        decide(&app.policy, principal, &operation).decision == Decision::Allow
    };
    let asked: Vec<_> = app
        .sources
        .values()
        .filter(may_read)
        .map(|source| tokio::spawn(describe(Arc::clone(source))))
        .collect();
    let mut prometheus = Vec::with_capacity(asked.len());
    for task in asked {
        match task.await {
            Ok(described) => prometheus.push(described),
            Err(error) => tracing::error!(%error, "health check failed"),
        }
    }
    Catalog {
        version: VERSION.to_owned(),
        api: API_VERSION,
        user: principal.user.clone(),
        prometheus,
        aws: aws::accounts(app, principal),
        ssh: app.ssh.as_ref().map(Ssh::help),
        banner: app.audit.banner(),
    }
}

async fn describe(source: Arc<Source>) -> PrometheusSource {
    let health = check(&source).await;
    PrometheusSource {
        name: source.name.clone(),
        health,
        dialect: source.config.dialect,
        max_points: source.config.max_points,
        max_bytes: source.config.max_bytes,
        timeout_ms: u64::try_from(source.config.timeout.as_millis()).unwrap_or(u64::MAX),
    }
}
