//! The error that a person or a program gets back.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use casebook_wire::ErrorEnvelope;
use http::{HeaderValue, StatusCode, header};

/// An error answer. It becomes the JSON of [`ErrorEnvelope`] when the request's id is known, in
/// [`render`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: StatusCode,
    /// The word that programs decide by.
    pub error_type: &'static str,
    /// What was asked, of whom, what was wrong.
    pub error: String,
    /// What the person can do.
    pub next: String,
    /// The source that was asked.
    pub source: Option<String>,
    /// Seconds after which asking again makes sense.
    pub retry_after: Option<u64>,
}

impl ApiError {
    /// An error without source.
    pub fn new(
        status: StatusCode,
        error_type: &'static str,
        error: impl Into<String>,
        next: impl Into<String>,
    ) -> ApiError {
        ApiError {
            status,
            error_type,
            error: error.into(),
            next: next.into(),
            source: None,
            retry_after: None,
        }
    }

    /// Names the source that was asked.
    #[must_use]
    pub fn of(mut self, source: &str) -> ApiError {
        self.source = Some(source.to_owned());
        self
    }

    /// Says after how many seconds asking again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> ApiError {
        self.retry_after = Some(seconds);
        self
    }

    /// Nothing lives at this path.
    pub fn not_found(path: &str) -> ApiError {
        ApiError::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("This proxy has no {path}."),
            "Check the path; GET /api/v1/catalog lists what can be asked.",
        )
    }

    /// The path knows only these methods.
    pub fn method(allowed: &str) -> ApiError {
        ApiError::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            format!("This path knows only {allowed}."),
            format!("Ask with {allowed}."),
        )
    }

    /// The request itself is wrong.
    pub fn bad_data(error: impl Into<String>, next: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, "bad_data", error, next)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Fills in the body of a response that was made from an [`ApiError`].
pub fn render(response: Response, request_id: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    let Some(error) = parts.extensions.remove::<ApiError>() else {
        return Response::from_parts(parts, body);
    };
    let envelope = ErrorEnvelope {
        status: "error".to_owned(),
        error_type: error.error_type.to_owned(),
        error: error.error,
        next: error.next,
        source: error.source,
        request_id: request_id.to_owned(),
    };
    let text = serde_json::to_string(&envelope).unwrap_or_default();
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
    if let Some(seconds) = error.retry_after {
        parts
            .headers
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    Response::from_parts(parts, Body::from(text))
}
