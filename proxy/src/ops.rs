//! The operator's listener, on loopback: `/healthz`, `/readyz`, `/metrics`.

use crate::app::App;
use crate::error::{ApiError, render};
use crate::guard::{check_framing, check_host};
use crate::headers::isolate;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{Method, Request, StatusCode, header};
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;

/// What the operator's pages show.
#[derive(Clone)]
pub struct Ops {
    /// The names by which it answers.
    pub hosts: Arc<Vec<String>>,
    /// The metrics.
    pub metrics: PrometheusHandle,
    /// The proxy.
    pub app: Arc<App>,
}

/// Answers one request.
pub fn answer(ops: &Ops, request: &Request<Body>) -> Response {
    let mut response = render(route(ops, request).into_response(), "");
    isolate(response.headers_mut());
    response
}

fn route(ops: &Ops, request: &Request<Body>) -> Result<Response, ApiError> {
    check_framing(request)?;
    check_host(request, &ops.hosts)?;
    if *request.method() != Method::GET {
        return Err(ApiError::method("GET"));
    }
    let text = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    match request.uri().path() {
        "/healthz" => Ok((text, "ok\n").into_response()),
        "/readyz" => match ops.app.audit.banner() {
            None => Ok((text, "ready\n").into_response()),
            Some(banner) => {
                Ok((StatusCode::SERVICE_UNAVAILABLE, text, format!("{banner}\n")).into_response())
            }
        },
        "/metrics" => Ok((text, ops.metrics.render()).into_response()),
        path => Err(ApiError::not_found(path)),
    }
}
