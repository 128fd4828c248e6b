//! From a request to the part that answers it, through the guards, in one place.

use crate::app::App;
use crate::audit;
use crate::aws;
use crate::catalog;
use crate::error::{ApiError, render};
use crate::guard::{Zone, check_framing, check_host, check_origin};
use crate::headers::isolate;
use crate::login;
use crate::metrics;
use crate::plan;
use crate::prometheus;
use crate::random::hex_token;
use crate::site::check_service_worker;
use crate::ssh;
use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::sync::Arc;
use std::time::Duration;

/// The id of one request, in its answer, in the log and in the audit records.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// How long a client may take to send a request's body.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// Answers one request.
pub async fn answer(app: Arc<App>, request: Request<Body>) -> Response {
    let id = RequestId(hex_token(8).unwrap_or_default());
    let part = part_of(request.uri().path());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    // A client of AWS understands AWS's errors only.
    let headers = (part == Part::Aws).then(|| request.headers().clone());
    let response = match dispatch(app, request, part, &id).await {
        Ok(response) => response,
        Err(error) => {
            tracing::info!(request_id = %id.0, %method, path, status = error.status.as_u16(), error_type = error.error_type, "refused");
            match headers {
                Some(headers) => aws::in_aws_words(&path, &headers, &error, &id.0),
                None => error.into_response(),
            }
        }
    };
    let mut response = render(response, &id.0);
    isolate(response.headers_mut());
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert("x-request-id", value);
    }
    metrics::request(part.name(), response.status().as_u16());
    response
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Prometheus,
    Aws,
    Api,
    Auth,
    Site,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Prometheus => "prometheus",
            Part::Aws => "aws",
            Part::Api => "api",
            Part::Auth => "auth",
            Part::Site => "site",
        }
    }
}

/// JupyterLite keeps files of its own under `/api/contents/` and `/api/translations/`: they are
/// part of the site. Everything else under `/api` is ours.
fn part_of(path: &str) -> Part {
    let under = |prefix: &str| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if under("/auth") {
        Part::Auth
    } else if under("/api/prom") {
        Part::Prometheus
    } else if under("/api/aws") {
        Part::Aws
    } else if under("/api") && !under("/api/contents") && !under("/api/translations") {
        Part::Api
    } else {
        Part::Site
    }
}

async fn dispatch(
    app: Arc<App>,
    request: Request<Body>,
    part: Part,
    id: &RequestId,
) -> Result<Response, ApiError> {
    check_framing(&request)?;
    check_host(&request, &app.config.server.public_hosts)?;
    check_service_worker(&request)?;
    match part {
        Part::Site => {
            check_origin(&request, Zone::Page)?;
            return app.site.serve(request).await;
        }
        Part::Auth => return login::handle(app, request, id).await,
        Part::Api | Part::Prometheus | Part::Aws => check_origin(&request, Zone::Api)?,
    }
    let session = login::session_of(&app, request.headers()).ok_or_else(login::no_session)?;
    let principal = session.principal();
    app.limits.check_rate(&principal.user)?;
    if part == Part::Prometheus {
        return prometheus::handle(app, principal, request, id).await;
    }
    if part == Part::Aws {
        return aws::handle(app, principal, request, id).await;
    }
    if request.uri().path().starts_with("/api/v1/aws/") {
        return aws::handle_lookup(app, principal, request, id).await;
    }
    if request.uri().path() == "/api/v1/ssh/run" {
        return ssh::handle(app, principal, request, id).await;
    }
    let plans = request.uri().path().strip_prefix("/api/v1/plans");
    if plans.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return plan::handle(app, principal, request, id).await;
    }
    if *request.method() != Method::GET {
        return Err(ApiError::method("GET"));
    }
    match request.uri().path() {
        "/api/v1/session" => Ok(Json(login::info(&session)).into_response()),
        "/api/v1/catalog" => Ok(Json(catalog::catalog(&app, &principal).await).into_response()),
        "/api/v1/audit" => {
            let query = request.uri().query().unwrap_or_default();
            audit::serve_records(&app.audit, &principal, query)
        }
        path => Err(ApiError::not_found(path)),
    }
}

/// The whole body of a request, of at most `most` bytes.
pub async fn read_body(request: Request<Body>, most: u64) -> Result<Bytes, ApiError> {
    let limit = usize::try_from(most).unwrap_or(usize::MAX);
    let body = Limited::new(request.into_body(), limit).collect();
    match tokio::time::timeout(BODY_TIMEOUT, body).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("The body of this request is longer than {most} bytes."),
            "Shorten the query, or raise limits.body in the proxy's configuration.",
        )),
        Ok(Err(_)) => Err(ApiError::bad_data(
            "The body of this request broke off.",
            "Send it again.",
        )),
        Err(_) => Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "timeout",
            format!(
                "The body of this request did not arrive within {} s.",
                BODY_TIMEOUT.as_secs()
            ),
            "Send it again.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notebooks_own_files_are_not_the_api() {
        assert_eq!(part_of("/api/contents/all.json"), Part::Site);
        assert_eq!(part_of("/api/contentsx"), Part::Api);
        assert_eq!(part_of("/api/v1/catalog"), Part::Api);
        assert_eq!(part_of("/api"), Part::Api);
        assert_eq!(part_of("/api/prom/main/api/v1/query"), Part::Prometheus);
        assert_eq!(part_of("/api/aws/main/ec2/us-east-1/"), Part::Aws);
        assert_eq!(part_of("/api/v1/aws/main/instance"), Part::Api);
        assert_eq!(part_of("/auth/login"), Part::Auth);
        assert_eq!(part_of("/authors.html"), Part::Site);
        assert_eq!(part_of("/lab/index.html"), Part::Site);
    }
}
