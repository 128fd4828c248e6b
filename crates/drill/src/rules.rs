//! The one alerting rule of the fleet: the service level objective on the P90 of all requests.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value as Json, json};

use crate::eval::{Evaluator, Value, parse};
use crate::failure::Failure;
use crate::format;
use crate::samples::Samples;

/// The alert's name.
const NAME: &str = "RequestDurationP90High";

/// True while the P90 of all requests is above `fleet::P90_THRESHOLD_SECONDS`.
pub const P90_BURNS: &str =
    "histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[1m]))) > 0.3";

/// How often the rule is evaluated, and how far back its start is looked for.
const INTERVAL_MS: i64 = 15_000;
const HORIZON_MS: i64 = 3 * 3600 * 1000;

/// How long the expression must hold before the alert fires.
const HOLDS_FOR_MS: i64 = 30_000;

/// The data of `/api/v1/alerts`.
pub(crate) fn alerts(samples: &Samples) -> Result<Json, Failure> {
    let alert = active(samples)?;
    Ok(json!({ "alerts": alert.into_iter().collect::<Vec<_>>() }))
}

/// The data of `/api/v1/rules`.
pub(crate) fn rules(samples: &Samples) -> Result<Json, Failure> {
    let alert = active(samples)?;
    let state = alert
        .as_ref()
        .map_or(json!("inactive"), |alert| alert["state"].clone());
    let evaluated = rfc3339(last_evaluation(samples.now_ms()));
    Ok(json!({ "groups": [{
        "name": "service-level",
        "file": "drill",
        "interval": INTERVAL_MS / 1000,
        "limit": 0,
        "evaluationTime": 0.001,
        "lastEvaluation": evaluated,
        "rules": [{
            "state": state,
            "name": NAME,
            "query": P90_BURNS,
            "duration": HOLDS_FOR_MS / 1000,
            "keepFiringFor": 0,
            "labels": { "severity": "page" },
            "annotations": annotations(),
            "alerts": alert.into_iter().collect::<Vec<_>>(),
            "health": "ok",
            "evaluationTime": 0.001,
            "lastEvaluation": evaluated,
            "type": "alerting",
        }],
    }] }))
}

/// The alert when the expression holds at the last evaluation; its start is the first of the
/// evaluations at which it has held without a break.
fn active(samples: &Samples) -> Result<Option<Json>, Failure> {
    let expr = parse("query", P90_BURNS)?;
    let deadline = Instant::now() + Duration::from_secs(10);
    let last = last_evaluation(samples.now_ms());
    let holds_at = |time: i64| -> Result<Option<f64>, Failure> {
        let value = Evaluator::new(samples, time, time, deadline).instant(&expr)?;
        Ok(match value {
            Value::Vector(vector) => vector.first().map(|sample| sample.value),
            _ => None,
        })
    };
    let Some(value) = holds_at(last)? else {
        return Ok(None);
    };
    let mut since = last;
    while last - since < HORIZON_MS && holds_at(since - INTERVAL_MS)?.is_some() {
        since -= INTERVAL_MS;
    }
    let state = if last - since >= HOLDS_FOR_MS {
        "firing"
    } else {
        "pending"
    };
    Ok(Some(json!({
        "labels": { "alertname": NAME, "severity": "page" },
        "annotations": annotations(),
        "state": state,
        "activeAt": rfc3339(since),
        "value": format::value(value),
    })))
}

fn annotations() -> Json {
    json!({ "summary": "P90 of the request duration is above 0.3 s" })
}

fn last_evaluation(now_ms: i64) -> i64 {
    now_ms - now_ms.rem_euclid(INTERVAL_MS)
}

fn rfc3339(time_ms: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(time_ms)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}
