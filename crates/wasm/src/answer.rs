//! What an answer that is not 2xx means: a pure reading of its status and its body.

use casebook_core::decode::DecodeError;
use serde::Deserialize;

use crate::error::{Kind, QueryError, contains, counted, excerpt, quoted};
use crate::request::Request;

/// Most points that Prometheus gives for one series.
const PROMETHEUS_POINTS: i64 = 11_000;

/// Prometheus' own error body; the proxy writes the same, with a `request_id` and what to do next.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "errorType", default)]
    error_type: String,
    error: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    request_id: Option<String>,
}

/// The error that a status outside 2xx and its (beginning of a) body stand for.
#[must_use]
pub fn refused(request: &Request, status: u16, body: &[u8]) -> QueryError {
    let envelope = std::str::from_utf8(body).ok();
    let envelope = envelope.and_then(|text| casebook_json::from_str::<Envelope>(text).ok());
    let Some(envelope) = envelope else {
        if status == 401 {
            return session(request, "there is no session", "");
        }
        return QueryError::not_json(request, status, &String::from_utf8_lossy(body));
    };
    if status == 401 {
        return session(request, &envelope.error, &envelope.next);
    }
    if is_too_many_points(request, &envelope) {
        return too_many_points(request, status, &envelope);
    }
    if envelope.request_id.is_some() {
        return proxy(request, status, envelope);
    }
    let error = DecodeError::Prometheus {
        kind: envelope.error_type,
        message: envelope.error,
        next: None,
        warnings: Vec::new(),
    };
    QueryError::decode(request, status, body.len() as u64, &error)
}

fn session(request: &Request, why: &str, next: &str) -> QueryError {
    let sign_in = "Sign in again: click Casebook in the status bar at the bottom of this page, then run the cell \
                   again. Nothing in the notebook is lost.";
    QueryError {
        status: Some(401),
        error_type: Some("session".into()),
        message: format!(
            "The proxy at {} did not pass the query on to source \"{}\": {}.",
            request.base,
            request.source,
            excerpt(why).trim_end_matches('.')
        ),
        next: format!("{sign_in} {next}").trim_end().to_owned(),
        ..QueryError::of(Kind::Session, request)
    }
}

fn proxy(request: &Request, status: u16, envelope: Envelope) -> QueryError {
    let wrong = match envelope.error_type.as_str() {
        "upstream_unreachable" => "could not reach",
        "upstream_timeout" => "waited in vain for",
        "upstream_auth" => "was refused by",
        "upstream_redirect" => "was sent elsewhere by",
        _ => "did not pass the query on to",
    };
    let next = match (envelope.next.as_str(), envelope.error_type.as_str()) {
        ("", "upstream_unreachable") => {
            "Check that Prometheus runs and that the `url` of this source in casebook.toml is right."
        }
        ("", "upstream_timeout") => {
            "Ask for less: a shorter window, a longer step, or a narrower selector."
        }
        ("", _) => "Look at the source in casebook.toml and at the proxy's log.",
        (next, _) => next,
    };
    QueryError {
        status: Some(status),
        message: match contains(&envelope.error, &request.source) {
            true => quoted(&envelope.error),
            false => format!(
                "The proxy {wrong} source \"{}\": {}",
                request.source,
                quoted(&envelope.error)
            ),
        },
        next: next.to_owned(),
        error_type: Some(envelope.error_type.into()),
        ..QueryError::of(Kind::Proxy, request)
    }
}

/// Prometheus says it in its own words; the proxy, whose cap may be lower, names the points that were asked for.
fn is_too_many_points(request: &Request, envelope: &Envelope) -> bool {
    let error = envelope.error.replace(',', "");
    let names = |number: i64| contains(&error, &format!("{number} points"));
    envelope.error_type == "bad_data"
        && (contains(&error, "maximum resolution") || names(request.points()))
}

fn too_many_points(request: &Request, status: u16, envelope: &Envelope) -> QueryError {
    let points = request.points();
    let most = points_named(&envelope.error, points).unwrap_or(PROMETHEUS_POINTS);
    QueryError {
        status: Some(status),
        error_type: Some(envelope.error_type.as_str().into()),
        message: format!(
            "The query of source \"{}\" asks for {} in each series, and at most {} are given.",
            request.source,
            counted(points.unsigned_abs(), "point"),
            counted(most.unsigned_abs(), "point")
        ),
        next: format!(
            "Use step=\"{}s\" or longer for this window, or a shorter window.",
            request.step_for(most)
        ),
        ..QueryError::of(Kind::Limit, request)
    }
}

/// The cap that a message names: the greatest number in it that is less than what was asked for.
fn points_named(message: &str, asked: i64) -> Option<i64> {
    message
        .split(|c: char| !(c.is_ascii_digit() || c == ','))
        .filter_map(|word| word.replace(',', "").parse::<i64>().ok())
        .filter(|number| (2..asked).contains(number))
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request::parse(
            r#"{"base":"http://localhost:8787","source":"main","query":"level[","start_ms":1700000000000,
                "end_ms":1700000300000,"step_ms":10000}"#,
        )
        .unwrap()
    }

    #[test]
    fn without_a_session_the_person_is_told_where_to_sign_in() {
        let body = br#"{"status":"error","errorType":"session","error":"no session","next":"","request_id":"1"}"#;
        for body in [&body[..], b""] {
            let error = refused(&request(), 401, body);
            assert_eq!(error.kind, Kind::Session);
            assert!(error.next.contains("status bar"), "{}", error.next);
        }
    }

    #[test]
    fn a_dead_prometheus_is_the_proxys_finding_not_the_querys() {
        let body = br#"{"status":"error","errorType":"upstream_unreachable","error":"connection refused","next":"start it","request_id":"1"}"#;
        let error = refused(&request(), 502, body);
        assert_eq!((error.kind, error.status), (Kind::Proxy, Some(502)));
        assert_eq!(
            error.text(),
            "The proxy could not reach source \"main\": connection refused start it"
        );
    }

    #[test]
    fn bad_promql_is_told_in_the_servers_own_words() {
        let body = br#"{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": 1:7: parse error: unexpected end of input"}"#;
        let error = refused(&request(), 400, body);
        assert_eq!(error.kind, Kind::Prometheus);
        assert!(error.message.contains("1:7: parse error"));
        assert!(error.next.contains("line and column"));
    }

    #[test]
    fn too_many_points_come_with_a_step_that_works() {
        let mut request = request();
        request.end_ms = request.start_ms + 11_000_000;
        request.step_ms = 1_000;
        for message in [
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
            "This range query asks for 11001 points of each series; at most 11000 are allowed.",
        ] {
            let body =
                serde_json::json!({"status": "error", "errorType": "bad_data", "error": message})
                    .to_string();
            let error = refused(&request, 422, body.as_bytes());
            assert_eq!(error.kind, Kind::Limit);
            assert!(error.message.contains("11,001 points"), "{}", error.message);
            assert!(error.next.contains("step=\"2s\""), "{}", error.next);
        }
    }

    #[test]
    fn a_source_with_a_lower_cap_gets_a_step_for_that_cap() {
        let body = br#"{"status":"error","errorType":"bad_data","error":"This range query asks for 31 points of each series; at most 11 are allowed.","next":"Take a longer step.","request_id":"1"}"#;
        let error = refused(&request(), 422, body);
        assert_eq!(error.kind, Kind::Limit);
        assert!(
            error.message.contains("at most 11 points"),
            "{}",
            error.message
        );
        assert!(error.next.contains("step=\"30s\""), "{}", error.next);
    }

    #[test]
    fn a_page_is_recognised_whatever_its_status() {
        let error = refused(&request(), 503, b"<html><h1>Sign in</h1></html>");
        assert_eq!((error.kind, error.status), (Kind::NotJson, Some(503)));
        assert!(error.message.contains("web page"));
    }
}
