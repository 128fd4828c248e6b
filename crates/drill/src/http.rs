//! The routes of the drill: those of Prometheus that Casebook's proxy relays, and the health checks.

use std::collections::BTreeSet;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use promql_parser::parser::value::ValueType;
use promql_parser::parser::{Expr, VectorSelector};
use serde_json::json;

use crate::answer;
use crate::eval::{Evaluator, parse};
use crate::failure::{Failure, Kind};
use crate::params::Params;
use crate::rules;
use crate::samples::{Clock, Samples};
use crate::switch::Switch;

/// Points per series that a range query may ask for, as in Prometheus.
const MAX_POINTS: i64 = 11_000;

/// `(metric, type, help)` of every metric of the fleet.
const METADATA: [(&str, &str, &str); 3] = [
    ("level", "gauge", "Level of the server's work."),
    (
        "request_duration_seconds",
        "histogram",
        "How long requests took.",
    ),
    ("up", "gauge", "Whether the server could be scraped."),
];

#[derive(Clone)]
struct Source {
    fleet: Switch,
    clock: Clock,
}

/// What an endpoint computes: the JSON of `data`.
type Endpoint = fn(&Samples, &Params) -> Result<String, Failure>;

/// Prometheus's HTTP API over a fleet, or over one that can be switched, with a choice of clock.
pub fn router(fleet: impl Into<Switch>, clock: Clock) -> Router {
    let fleet = fleet.into();
    let with_form = |endpoint: Endpoint| {
        let handler = move |source: State<Source>, query: RawQuery, body: Bytes| {
            answer_with(source, query, body, endpoint)
        };
        get(handler).post(handler)
    };
    let only_get = |endpoint: Endpoint| {
        get(move |source: State<Source>, query: RawQuery| {
            answer_with(source, query, Bytes::new(), endpoint)
        })
    };
    Router::new()
        .route("/-/healthy", get(async || "drill is healthy.\n"))
        .route("/-/ready", get(async || "drill is ready.\n"))
        .route("/api/v1/query", with_form(query))
        .route("/api/v1/query_range", with_form(query_range))
        .route("/api/v1/query_exemplars", with_form(query_exemplars))
        .route("/api/v1/format_query", with_form(format_query))
        .route("/api/v1/series", with_form(series))
        .route("/api/v1/labels", with_form(labels))
        .route("/api/v1/label/{name}/values", get(label_values))
        .route("/api/v1/metadata", only_get(metadata))
        .route(
            "/api/v1/rules",
            only_get(|samples, _| Ok(rules::rules(samples)?.to_string())),
        )
        .route(
            "/api/v1/alerts",
            only_get(|samples, _| Ok(rules::alerts(samples)?.to_string())),
        )
        .route("/api/v1/status/buildinfo", only_get(build_info))
        .fallback(not_found)
        .with_state(Source { fleet, clock })
}

/// Evaluation keeps a core busy, so it runs beside the threads that serve connections.
async fn answer_with(
    State(source): State<Source>,
    RawQuery(query): RawQuery,
    body: Bytes,
    endpoint: impl FnOnce(&Samples, &Params) -> Result<String, Failure> + Send + 'static,
) -> Response {
    let params = Params::new(query.as_deref(), &body);
    let work = move || {
        // the time first: a switch in between then changes only later seconds
        let now_ms = source.clock.now_ms();
        let samples = Samples::new(source.fleet.fleet(), now_ms);
        endpoint(&samples, &params)
    };
    let outcome = tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|fault| {
            Err(Failure {
                kind: Kind::Internal,
                message: format!("the drill failed to answer: {fault}"),
            })
        });
    respond(outcome)
}

fn respond(outcome: Result<String, Failure>) -> Response {
    let (status, body) = match outcome {
        Ok(data) => (StatusCode::OK, answer::success(&data)),
        Err(failure) => {
            let status = StatusCode::from_u16(failure.kind.status());
            (
                status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                answer::error(&failure),
            )
        }
    };
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn not_found() -> Response {
    let body = json!({
        "status": "error",
        "errorType": "not_found",
        "error": "the drill serves query, query_range, query_exemplars, format_query, series, labels, \
                  label/{name}/values, metadata, rules, alerts and status/buildinfo under /api/v1",
    });
    let json = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::NOT_FOUND, json, body.to_string()).into_response()
}

fn query(samples: &Samples, params: &Params) -> Result<String, Failure> {
    let at_ms = params.time_or("time", samples.now_ms())?;
    let deadline = Instant::now() + params.timeout()?;
    let expr = parse("query", params.get("query"))?;
    let value = Evaluator::new(samples, at_ms, at_ms, deadline).instant(&expr)?;
    Ok(answer::instant(&value, at_ms))
}

fn query_range(samples: &Samples, params: &Params) -> Result<String, Failure> {
    let start_ms = params.time("start")?;
    let end_ms = params.time("end")?;
    if end_ms < start_ms {
        let problem = "end timestamp must not be before start time";
        return Err(Failure::parameter("end", problem));
    }
    let step_ms = params.duration("step")?;
    if step_ms <= 0 {
        let problem = "zero or negative query resolution step widths are not accepted. \
                       Try a positive integer";
        return Err(Failure::parameter("step", problem));
    }
    if (end_ms - start_ms) / step_ms > MAX_POINTS {
        return Err(Failure::bad_data(
            "exceeded maximum resolution of 11,000 points per timeseries. \
             Try decreasing the query resolution (?step=XX)",
        ));
    }
    let deadline = Instant::now() + params.timeout()?;
    let expr = parse("query", params.get("query"))?;
    let found = match expr.value_type() {
        ValueType::Scalar | ValueType::Vector => None,
        ValueType::Matrix => Some("range vector"),
        ValueType::String => Some("string"),
    };
    if let Some(found) = found {
        let problem = format!(
            "invalid expression type {found:?} for range query, must be Scalar or instant Vector"
        );
        return Err(Failure::bad_data(problem));
    }
    let rows = Evaluator::new(samples, start_ms, end_ms, deadline).range(&expr, step_ms)?;
    Ok(answer::matrix(&rows))
}

/// The fleet has no exemplars; a wrong query is still told.
fn query_exemplars(_: &Samples, params: &Params) -> Result<String, Failure> {
    parse("query", params.get("query"))?;
    Ok("[]".to_owned())
}

fn format_query(_: &Samples, params: &Params) -> Result<String, Failure> {
    let expr = parse("query", params.get("query"))?;
    Ok(json!(expr.prettify()).to_string())
}

fn series(samples: &Samples, params: &Params) -> Result<String, Failure> {
    if params.all("match[]").next().is_none() {
        return Err(Failure::bad_data("no match[] parameter provided"));
    }
    let found = matching(samples, params)?;
    let all = samples.series();
    let labels: BTreeSet<_> = found.into_iter().map(|index| &all[index].labels).collect();
    Ok(answer::series(labels.into_iter()))
}

fn labels(samples: &Samples, params: &Params) -> Result<String, Failure> {
    let found = matching(samples, params)?;
    let all = samples.series();
    let names: BTreeSet<&str> = found
        .into_iter()
        .flat_map(|index| all[index].labels.iter().map(|(name, _)| name))
        .collect();
    Ok(json!(names).to_string())
}

async fn label_values(
    source: State<Source>,
    Path(name): Path<String>,
    query: RawQuery,
) -> Response {
    let values = move |samples: &Samples, params: &Params| {
        let mut letters = name.chars();
        let first = letters.next();
        let valid = first.is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '_')
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !valid {
            return Err(Failure::bad_data(format!("invalid label name: {name:?}")));
        }
        let found = matching(samples, params)?;
        let all = samples.series();
        let values: BTreeSet<&str> = found
            .into_iter()
            .map(|index| all[index].labels.get(&name))
            .filter(|value| !value.is_empty())
            .collect();
        Ok(json!(values).to_string())
    };
    answer_with(source, query, Bytes::new(), values).await
}

fn metadata(_: &Samples, params: &Params) -> Result<String, Failure> {
    let asked = params.get("metric");
    let limit: usize = match params.get("limit") {
        "" => usize::MAX,
        text => text
            .parse()
            .map_err(|_| Failure::bad_data("limit must be a number"))?,
    };
    let entries: serde_json::Map<String, serde_json::Value> = METADATA
        .iter()
        .filter(|(metric, ..)| asked.is_empty() || asked == *metric)
        .take(limit)
        .map(|(metric, kind, help)| {
            let entry = json!([{ "type": kind, "help": help, "unit": "" }]);
            ((*metric).to_owned(), entry)
        })
        .collect();
    Ok(serde_json::Value::Object(entries).to_string())
}

fn build_info(_: &Samples, _: &Params) -> Result<String, Failure> {
    Ok(json!({
        "version": "2.42.0",
        "revision": "casebook-drill",
        "branch": "",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
    })
    .to_string())
}

/// Indices of the series that any `match[]` selects and that have samples between `start` and
/// `end`; all series when there is no `match[]`.
fn matching(samples: &Samples, params: &Params) -> Result<BTreeSet<usize>, Failure> {
    let from_ms = params.time_or("start", i64::MIN / 4)?;
    let to_ms = params.time_or("end", i64::MAX / 4)?;
    if to_ms < from_ms {
        let problem = "end timestamp must not be before start timestamp";
        return Err(Failure::parameter("end", problem));
    }
    let mut found = BTreeSet::new();
    let mut selectors = params.all("match[]").peekable();
    if selectors.peek().is_none() {
        found.extend(0..samples.series().len());
    }
    for text in selectors {
        found.extend(samples.select(&selector(text)?));
    }
    if samples.times(from_ms, to_ms).next().is_none() {
        found.clear();
    }
    Ok(found)
}

fn selector(text: &str) -> Result<VectorSelector, Failure> {
    match parse("match[]", text)? {
        Expr::VectorSelector(selector) => Ok(selector),
        _ => Err(Failure::parameter(
            "match[]",
            format!("parse error: {text:?} is not a selector"),
        )),
    }
}
