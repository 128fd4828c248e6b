//! What a notebook asks: one range query of one source, checked before it is sent.

use casebook_core::grid::Grid;
use serde::Deserialize;

use crate::error::{Kind, QueryError, excerpt};

/// A range query, as the kernel writes it in JSON. The browser names a source; where that is, only the proxy knows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Origin of the proxy, such as `http://localhost:8787`.
    pub base: String,
    /// Name of the source in the proxy's configuration.
    pub source: String,
    /// PromQL.
    pub query: String,
    /// First step, in milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// Last instant of the window, in milliseconds since the Unix epoch.
    pub end_ms: i64,
    /// Distance of two steps, in milliseconds.
    pub step_ms: i64,
    /// Prometheus' own time limit for the evaluation, such as `30s`.
    #[serde(default)]
    pub timeout: Option<String>,
    /// Most series that may come back.
    #[serde(default)]
    pub limit: Option<u32>,
    /// The case (incident) in whose chain the proxy records the query.
    #[serde(default)]
    pub case: Option<String>,
}

impl Request {
    /// Reads and checks the JSON of a request.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] when it is not JSON of this shape, when the source's name could mean another path, when the
    /// query is blank or the window is none.
    pub fn parse(json: &str) -> Result<Self, QueryError> {
        let request: Self = casebook_json::from_str(json).map_err(|error| QueryError {
            kind: Kind::BadRequest,
            message: format!("The request could not be read: {error}."),
            next: "This is a fault of the casebook package: please report it with the cell.".into(),
            ..QueryError::default()
        })?;
        if let Some(fault) = request.fault() {
            let (wrong, next) = fault;
            return Err(QueryError {
                message: format!("The query was not sent: {wrong}."),
                next: next.into(),
                ..QueryError::of(Kind::BadRequest, &request)
            });
        }
        Ok(request)
    }

    fn fault(&self) -> Option<(String, &'static str)> {
        if !(self.base.starts_with("http://") || self.base.starts_with("https://")) {
            return Some((
                format!("\"{}\" is not an origin", excerpt(&self.base)),
                "Open the notebook by the link that `casebook-proxy serve` printed.",
            ));
        }
        if !is_name(&self.source) {
            return Some((
                format!("\"{}\" is not the name of a source", excerpt(&self.source)),
                "Use a name from casebook.toml, such as \"main\": letters, digits, '-' and '_'.",
            ));
        }
        if self.query.trim().is_empty() {
            return Some((
                "the PromQL is empty".into(),
                "Write a query, such as \"up\".",
            ));
        }
        if self.step_ms <= 0 {
            return Some((
                "the step is not longer than zero".into(),
                "Use a step such as \"10s\".",
            ));
        }
        if self.start_ms < 0 || self.end_ms < self.start_ms {
            return Some((
                "the window ends before it starts".into(),
                "Give `start` and `end` in UTC, the earlier one first.",
            ));
        }
        if self.case.as_deref().is_some_and(|case| !is_header(case)) {
            return Some((
                "the case's name cannot stand in a header".into(),
                "Name the case with up to 128 letters, digits, spaces and . _ : -.",
            ));
        }
        None
    }

    /// The steps that the answer's samples must lie on.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] when the core cannot lay such a grid.
    pub fn grid(&self) -> Result<Grid, QueryError> {
        Grid::new(self.start_ms, self.end_ms, self.step_ms).map_err(|error| QueryError {
            message: format!("The query was not sent: {error}."),
            next: "Use a shorter window or a longer step.".into(),
            ..QueryError::of(Kind::BadRequest, self)
        })
    }

    /// Where the query is sent: a path of the proxy, whatever the source's own address is.
    #[must_use]
    pub fn url(&self) -> String {
        let base = self.base.trim_end_matches('/');
        format!("{base}/api/prom/{}/api/v1/query_range", self.source)
    }

    /// The body of the POST, `application/x-www-form-urlencoded`; a POST because queries outgrow URLs, and because the
    /// site's service worker lets it pass.
    #[must_use]
    pub fn form(&self) -> String {
        let mut form = String::with_capacity(self.query.len() + 96);
        push_pair(&mut form, "query", &self.query);
        push_pair(&mut form, "start", &seconds(self.start_ms));
        push_pair(&mut form, "end", &seconds(self.end_ms));
        push_pair(&mut form, "step", &seconds(self.step_ms));
        if let Some(timeout) = &self.timeout {
            push_pair(&mut form, "timeout", timeout);
        }
        if let Some(limit) = self.limit {
            push_pair(&mut form, "limit", &limit.to_string());
        }
        form
    }

    /// Points that each series would have: one more than the steps between start and end.
    #[must_use]
    pub fn points(&self) -> i64 {
        (self.end_ms - self.start_ms) / self.step_ms + 1
    }

    /// The shortest whole step, in seconds, that keeps each series within `most` points.
    #[must_use]
    pub fn step_for(&self, most: i64) -> i64 {
        let span = self.end_ms - self.start_ms;
        let gaps = (most - 1).max(1) * 1000;
        (span + gaps - 1).div_euclid(gaps).max(1)
    }
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && text.len() <= 64
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn is_header(text: &str) -> bool {
    let visible = |b: u8| b == b' ' || b.is_ascii_graphic();
    !text.is_empty() && text.len() <= 128 && text.bytes().all(visible)
}

fn seconds(ms: i64) -> String {
    match ms % 1000 {
        0 => (ms / 1000).to_string(),
        rest => format!("{}.{rest:03}", ms / 1000),
    }
}

fn push_pair(form: &mut String, key: &str, value: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    if !form.is_empty() {
        form.push('&');
    }
    form.push_str(key);
    form.push('=');
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'*') {
            form.push(char::from(byte));
        } else {
            form.push('%');
            form.push(char::from(HEX[usize::from(byte >> 4)]));
            form.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(change: impl FnOnce(&mut serde_json::Value)) -> Result<Request, QueryError> {
        let mut value = serde_json::json!({
            "base": "http://localhost:8787", "source": "main", "query": "level",
            "start_ms": 1_700_000_000_000_i64, "end_ms": 1_700_000_300_000_i64, "step_ms": 10_000,
        });
        change(&mut value);
        Request::parse(&value.to_string())
    }

    #[test]
    fn a_five_minute_window_is_asked_as_31_points() {
        let request = request(|_| {}).unwrap();
        assert_eq!(request.points(), 31);
        assert_eq!(
            request.url(),
            "http://localhost:8787/api/prom/main/api/v1/query_range"
        );
        assert_eq!(
            request.form(),
            "query=level&start=1700000000&end=1700000300&step=10"
        );
    }

    #[test]
    fn promql_is_escaped_byte_by_byte() {
        let request = request(|v| {
            v["query"] = "a{b=\"é\"} + 1 & c".into();
            v["step_ms"] = 1_500.into();
            v["timeout"] = "30s".into();
            v["limit"] = 20_000.into();
        })
        .unwrap();
        assert_eq!(
            request.form(),
            "query=a%7Bb%3D%22%C3%A9%22%7D%20%2B%201%20%26%20c&start=1700000000&end=1700000300&step=1.500&timeout=30s&limit=20000"
        );
    }

    #[test]
    fn a_source_that_could_mean_another_path_is_refused() {
        for name in [
            "",
            "..",
            ".",
            "a/b",
            "a%2fb",
            "a?b",
            "a#b",
            "é",
            "-a",
            &"a".repeat(65),
        ] {
            let error = request(|v| v["source"] = name.into()).unwrap_err();
            assert_eq!(error.kind, Kind::BadRequest, "{name:?}");
        }
    }

    #[test]
    fn a_window_or_step_that_is_none_is_refused_with_what_to_do() {
        for (key, value) in [
            ("step_ms", 0),
            ("step_ms", -5),
            ("end_ms", 5),
            ("start_ms", -5),
        ] {
            let error = request(|v| v[key] = value.into()).unwrap_err();
            assert_eq!(error.kind, Kind::BadRequest);
            assert!(!error.next.is_empty());
        }
        assert!(request(|v| v["query"] = "  ".into()).is_err());
        assert!(request(|v| v["stepp"] = 1.into()).is_err());
    }

    #[test]
    fn the_proposed_step_keeps_within_the_points() {
        let mut request = request(|_| {}).unwrap();
        request.end_ms = request.start_ms + 11_000 * 1_000;
        request.step_ms = 1_000;
        assert_eq!(request.points(), 11_001);
        let step = request.step_for(11_000);
        request.step_ms = step * 1000;
        assert_eq!(step, 2);
        assert!(request.points() <= 11_000);
    }
}
