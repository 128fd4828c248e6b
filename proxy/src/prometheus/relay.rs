//! `/api/prom/{source}/api/v1/{endpoint}`: path-compatible with Prometheus, so that any client of
//! it can take `/api/prom/{source}` as its base.

use super::exchange::{Caps, Exchange, Relayed};
use super::{Checked, Limits, Source, check_params, route};
use crate::app::App;
use crate::audit::{self, case_of};
use crate::error::ApiError;
use crate::headers::SANDBOX;
use crate::policy::{Operation, Principal, decide};
use crate::router::{RequestId, read_body};
use crate::server::Connection;
use crate::upstream::causes;
use axum::body::Body;
use axum::response::Response;
use casebook_wire::{Decision, Entry, Phase};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use std::sync::Arc;
use std::time::Duration;

/// How much later than the query's own time-out the proxy gives up, so that Prometheus's own error
/// arrives first.
const GRACE: Duration = Duration::from_secs(1);

/// Relays one read.
pub async fn handle(
    app: Arc<App>,
    principal: Principal,
    request: Request<Body>,
    id: &RequestId,
) -> Result<Response, ApiError> {
    let path = request.uri().path().to_owned();
    let (name, endpoint) = route(&path).ok_or_else(|| ApiError::not_found(&path))?;
    let method = request.method().clone();
    if !endpoint.knows(&method) {
        let methods = if endpoint.post { "GET or POST" } else { "GET" };
        return Err(ApiError::method(methods).of(name));
    }
    let case = case_of(request.headers())?;
    let ruling = decide(
        &app.policy,
        &principal,
        &Operation::PrometheusRead { source: name },
    );
    let mut entry = Entry {
        target: name.to_owned(),
        decision: ruling.decision,
        reason: ruling.reason,
        phase: Phase::Intent,
        ..audit::entry(&case, endpoint.op, &principal, id)
    };
    let source = match app.sources.get(name) {
        Some(source) if ruling.decision == Decision::Allow => Arc::clone(source),
        _ => {
            entry.phase = Phase::Result;
            entry.status = Some(StatusCode::NOT_FOUND.as_u16());
            app.audit.append(entry).await;
            return Err(unknown_source(&app, name));
        }
    };
    let connection = request.extensions().get::<Connection>().cloned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let form = if method == Method::POST {
        read_form(request, app.config.limits.body).await?
    } else {
        Vec::new()
    };
    let limits = Limits {
        max_points: source.config.max_points,
        timeout: source.config.timeout,
        dialect: source.config.dialect,
    };
    let checked = check_params(&endpoint, &query, &form, limits).map_err(|error| error.of(name))?;
    let permit = app
        .limits
        .enter(&principal.user)
        .await
        .map_err(|error| error.of(name))?;

    entry.params = checked.for_record();
    let intent = app.audit.append(entry.clone()).await;
    let mut exchange = Exchange::new(
        Arc::clone(&app),
        entry,
        intent.as_ref().map(|head| head.seq),
        permit,
    );

    let answer = match ask(&source, &method, &endpoint.path, &checked).await {
        Ok(answer) => answer,
        Err((outcome, error)) => {
            exchange.status(error.status);
            exchange.fail(outcome, error.error.clone());
            return Err(error.of(name));
        }
    };
    let (parts, body) = answer.into_parts();
    exchange.status(parts.status);
    if let Some((outcome, error)) = refusal(&parts, source.config.max_bytes, name) {
        exchange.fail(outcome, error.error.clone());
        return Err(error.of(name));
    }
    let caps = Caps {
        bytes: source.config.max_bytes,
        silence: source.config.timeout + GRACE,
        total: app.config.limits.stream,
    };
    let mut response = Response::new(Body::new(Relayed::new(body, exchange, caps, connection)));
    *response.status_mut() = parts.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type(&parts.headers));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(SANDBOX),
    );
    if let Some(value) = parts.headers.get(header::RETRY_AFTER) {
        headers.insert(header::RETRY_AFTER, value.clone());
    }
    if let Some(head) = intent {
        headers.insert("x-casebook-seq", HeaderValue::from(head.seq));
        if let Ok(hash) = HeaderValue::from_str(&head.hash) {
            headers.insert("x-casebook-hash", hash);
        }
    }
    Ok(response)
}

/// Only two kinds of answer reach the browser: JSON, and text that is nothing else.
fn content_type(headers: &HeaderMap) -> HeaderValue {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        HeaderValue::from_static("application/json")
    } else {
        HeaderValue::from_static("text/plain; charset=utf-8")
    }
}

async fn read_form(request: Request<Body>, most: u64) -> Result<Vec<u8>, ApiError> {
    let given = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = given
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let body = read_body(request, most).await?;
    if essence != "application/x-www-form-urlencoded" && !body.is_empty() {
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "bad_data",
            "The body of this request is no form.",
            "Send the parameters as application/x-www-form-urlencoded, as Prometheus takes them.",
        ));
    }
    Ok(body.to_vec())
}

async fn ask(
    source: &Source,
    method: &Method,
    path: &str,
    checked: &Checked,
) -> Result<Response<hyper::body::Incoming>, (&'static str, ApiError)> {
    let name = &source.name;
    let unreachable = |detail: String| {
        let error = format!("The source {name} cannot be reached: {detail}.");
        let next = format!(
            "See whether it runs at {}, as prometheus.{name}.url says.",
            source.config.url
        );
        (
            "unreachable",
            ApiError::new(StatusCode::BAD_GATEWAY, "upstream_unreachable", error, next),
        )
    };
    let request = source
        .request(method, path, &checked.encoded())
        .await
        .map_err(|error| unreachable(format!("{error:#}")))?;
    match tokio::time::timeout(checked.timeout + GRACE, source.send(request)).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(unreachable(causes(&error))),
        Err(_) => {
            let error = format!(
                "The source {name} did not answer within {} s.",
                (checked.timeout + GRACE).as_secs()
            );
            let next = "Ask for less: a shorter window, a longer step, fewer series.";
            Err((
                "timeout",
                ApiError::new(StatusCode::GATEWAY_TIMEOUT, "upstream_timeout", error, next),
            ))
        }
    }
}

/// Answers that are not passed on.
fn refusal(
    parts: &http::response::Parts,
    max_bytes: u64,
    name: &str,
) -> Option<(&'static str, ApiError)> {
    let gateway = |error_type, error: String, next: String| {
        ApiError::new(StatusCode::BAD_GATEWAY, error_type, error, next)
    };
    let status = parts.status;
    // Passed on, a 401 would read as the end of the user's own session.
    if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
        let error = format!(
            "The source {name} refuses the proxy with status {}.",
            status.as_u16()
        );
        let next = format!("See prometheus.{name}.bearer_file in the proxy's configuration.");
        return Some(("auth", gateway("upstream_auth", error, next)));
    }
    if status.is_redirection() {
        let error = format!(
            "The source {name} answers by a redirect (status {}), which is not followed.",
            status.as_u16()
        );
        let next = format!("Set prometheus.{name}.url to where it leads.");
        return Some(("redirect", gateway("upstream_redirect", error, next)));
    }
    let encoding = parts.headers.get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding != "identity") {
        let error = format!("The source {name} sends a compressed answer that was not asked for.");
        let next = "See whether something between proxy and source compresses.".to_owned();
        return Some(("encoding", gateway("upstream_encoding", error, next)));
    }
    let length = parts
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > max_bytes) {
        let error = format!(
            "The answer of the source {name} has {} bytes; at most {max_bytes} are passed on.",
            length.unwrap_or_default()
        );
        let next = "Ask for less: a shorter window, a longer step, fewer series.".to_owned();
        return Some(("too_large", gateway("upstream_too_large", error, next)));
    }
    None
}

fn unknown_source(app: &App, name: &str) -> ApiError {
    let known: Vec<&str> = app.sources.keys().map(String::as_str).collect();
    let next = if known.is_empty() {
        "Add a [prometheus.NAME] table to the proxy's configuration.".to_owned()
    } else {
        format!("Ask one of: {}.", known.join(", "))
    };
    ApiError::new(
        StatusCode::NOT_FOUND,
        "not_found",
        format!("This proxy has no Prometheus source {name:?}."),
        next,
    )
    .of(name)
}
