//! Errors in the words of the service that was asked: a client of AWS takes any other answer for a
//! broken connection, and tries again.

use crate::error::ApiError;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::fmt::Write as _;

/// How a service writes its errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// EC2's own XML.
    Ec2,
    /// The XML of STS, IAM and other services with an `Action` in the form.
    Query,
    /// The JSON of services with an `X-Amz-Target` header.
    Json,
}

/// The dialect of a request, by its undecoded path and its headers.
pub(super) fn dialect(path: &str, headers: &HeaderMap) -> Dialect {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let service = path.strip_prefix("/api/aws/").unwrap_or_default();
    let service = service.split('/').nth(1);
    if headers.contains_key("x-amz-target") || content_type.starts_with("application/x-amz-json") {
        Dialect::Json
    } else if service == Some("ec2") {
        Dialect::Ec2
    } else {
        Dialect::Query
    }
}

/// The answer to a request for `path` that the proxy itself refuses.
pub fn in_aws_words(
    path: &str,
    headers: &HeaderMap,
    error: &ApiError,
    request_id: &str,
) -> Response {
    let dialect = dialect(path, headers);
    let code = code(dialect, error.error_type);
    let message = format!("{} {}", error.error, error.next);
    // The page takes a 401 for the end of its session, which this one must stay.
    let status = match error.error_type {
        "upstream_auth" | "upstream_credentials" => StatusCode::FORBIDDEN,
        _ => error.status,
    };
    let mut response = written(dialect, status, code, &message, request_id);
    if let Some(seconds) = error.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// AWS's names for our kinds of error.
fn code(dialect: Dialect, error_type: &str) -> &'static str {
    match (error_type, dialect) {
        ("denied" | "origin" | "not_found", Dialect::Ec2) => "UnauthorizedOperation",
        ("denied" | "origin" | "not_found", Dialect::Query) => "AccessDenied",
        ("denied" | "origin" | "not_found", Dialect::Json) => "AccessDeniedException",
        ("session" | "upstream_auth" | "upstream_credentials", Dialect::Ec2) => "AuthFailure",
        ("session" | "upstream_auth" | "upstream_credentials", Dialect::Query) => {
            "InvalidClientTokenId"
        }
        ("session" | "upstream_auth" | "upstream_credentials", Dialect::Json) => {
            "UnrecognizedClientException"
        }
        ("too_many_requests" | "upstream_throttled", Dialect::Ec2) => "RequestLimitExceeded",
        ("too_many_requests" | "upstream_throttled", Dialect::Query) => "Throttling",
        ("too_many_requests" | "upstream_throttled", Dialect::Json) => "ThrottlingException",
        ("too_large", _) => "RequestEntityTooLarge",
        ("method_not_allowed", _) => "InvalidAction",
        (upstream, _) if upstream.starts_with("upstream_") => "ServiceUnavailable",
        _ => "InvalidRequest",
    }
}

/// An error of this code and message.
pub(super) fn written(
    dialect: Dialect,
    status: StatusCode,
    code: &str,
    message: &str,
    request_id: &str,
) -> Response {
    let (content_type, body) = match dialect {
        Dialect::Ec2 => (
            "text/xml; charset=utf-8",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors><RequestID>{}</RequestID></Response>",
                escaped(code),
                escaped(message),
                escaped(request_id)
            ),
        ),
        Dialect::Query => (
            "text/xml; charset=utf-8",
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>{}</RequestId></ErrorResponse>",
                escaped(code),
                escaped(message),
                escaped(request_id)
            ),
        ),
        Dialect::Json => (
            "application/x-amz-json-1.1",
            serde_json::json!({ "__type": code, "message": message }).to_string(),
        ),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Text between two tags.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::answer::error_of;
    use super::*;
    use http_body_util::BodyExt;
    use proptest::prelude::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(
            http::HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )])
    }

    #[test]
    fn each_service_is_answered_in_its_own_words() {
        let none = HeaderMap::new();
        assert_eq!(dialect("/api/aws/main/ec2/us-east-1/", &none), Dialect::Ec2);
        assert_eq!(
            dialect("/api/aws/main/sts/us-east-1/", &none),
            Dialect::Query
        );
        assert_eq!(
            dialect("/api/aws/main/iam/us-east-1/", &none),
            Dialect::Query
        );
        let json = headers("content-type", "application/x-amz-json-1.1");
        assert_eq!(
            dialect("/api/aws/main/ssm/us-east-1/", &json),
            Dialect::Json
        );
        let target = headers("x-amz-target", "AmazonSSM.GetParameter");
        assert_eq!(
            dialect("/api/aws/main/ssm/us-east-1/", &target),
            Dialect::Json
        );
    }

    #[test]
    fn a_missing_session_is_no_internal_error() {
        assert_eq!(code(Dialect::Ec2, "session"), "AuthFailure");
        assert_eq!(code(Dialect::Query, "denied"), "AccessDenied");
        assert_eq!(
            code(Dialect::Ec2, "upstream_unreachable"),
            "ServiceUnavailable"
        );
    }

    proptest! {
        #[test]
        fn any_message_can_be_read_back(message in "\\PC{0,80}|.{0,80}") {
            for dialect in [Dialect::Ec2, Dialect::Query] {
                let response = written(dialect, StatusCode::FORBIDDEN, "AccessDenied", &message, "r");
                let body = tokio::runtime::Builder::new_current_thread().build().unwrap()
                    .block_on(response.into_body().collect()).unwrap().to_bytes();
                let (code, read) = error_of(&body).unwrap();
                prop_assert_eq!(code, "AccessDenied");
                prop_assert_eq!(read, message.chars().flat_map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { format!("\\u{:04x}", u32::from(c)).chars().collect::<Vec<_>>() } else { vec![c] }).take(500).collect::<String>());
            }
        }
    }
}
