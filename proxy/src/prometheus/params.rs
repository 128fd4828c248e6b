//! What a request may carry: each parameter once, a bounded number of points, a bounded time.

use super::Endpoint;
use crate::clock;
use crate::config::units::parse_duration;
use crate::error::ApiError;
use casebook_wire::Dialect;
use http::StatusCode;
use std::collections::BTreeMap;
use std::time::Duration;

/// Given twice, these mean different things to different servers.
const ONCE: [&str; 6] = ["query", "start", "end", "step", "time", "timeout"];

/// What a source allows.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most points of a range query for each series.
    pub max_points: u64,
    /// Longest time for a query.
    pub timeout: Duration,
    /// What the source is asked as.
    pub dialect: Dialect,
}

/// Parameters that passed, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// In the order given; `nocache` and `timeout`, where they are sent, come last.
    pub pairs: Vec<(String, String)>,
    /// How long this query may take.
    pub timeout: Duration,
}

impl Checked {
    /// The parameters as a query string or form.
    pub fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.pairs)
            .finish()
    }

    /// The parameters as the audit record keeps them; values of one name are joined by line feeds.
    pub fn for_record(&self) -> BTreeMap<String, String> {
        let mut params: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &self.pairs {
            params
                .entry(name.clone())
                .and_modify(|all| {
                    all.push('\n');
                    all.push_str(value);
                })
                .or_insert_with(|| value.clone());
        }
        params
    }
}

/// Checks the parameters of query string and form together.
pub fn check_params(
    endpoint: &Endpoint,
    query: &str,
    form: &[u8],
    limits: Limits,
) -> Result<Checked, ApiError> {
    let parsed = form_urlencoded::parse(query.as_bytes()).chain(form_urlencoded::parse(form));
    let mut pairs: Vec<(String, String)> = parsed
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    for name in ONCE {
        if pairs.iter().filter(|(given, _)| given == name).count() > 1 {
            return Err(ApiError::bad_data(
                format!("The parameter {name} is given more than once."),
                format!("Give {name} once, in the form or in the query string."),
            ));
        }
    }
    let get = |name: &str| {
        pairs
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    };
    if endpoint.path == "query_range" {
        check_points(get("start"), get("end"), get("step"), limits.max_points)?;
    }
    let mut timeout = limits.timeout;
    if endpoint.evaluates {
        if let Some(wanted) = get("timeout").filter(|wanted| !wanted.is_empty()) {
            timeout = timeout.min(read_step("timeout", wanted)?);
        }
        pairs.retain(|(name, _)| name != "timeout" && name != "nocache");
        // Its cache would answer for other instants than those asked for.
        if limits.dialect == Dialect::VictoriaMetrics {
            pairs.push(("nocache".to_owned(), "1".to_owned()));
        }
        pairs.push(("timeout".to_owned(), format!("{}ms", timeout.as_millis())));
    }
    Ok(Checked { pairs, timeout })
}

fn check_points(
    start: Option<&str>,
    end: Option<&str>,
    step: Option<&str>,
    max_points: u64,
) -> Result<(), ApiError> {
    let start_ms = read_time("start", given("start", start)?)?;
    let end_ms = read_time("end", given("end", end)?)?;
    let step_ms = read_step("step", given("step", step)?)?.as_millis();
    if step_ms == 0 {
        return Err(ApiError::bad_data(
            "The step is zero.",
            "Give a step such as 10s.",
        ));
    }
    if end_ms < start_ms {
        return Err(ApiError::bad_data(
            "The end is before the start.",
            "Exchange them.",
        ));
    }
    let points = u128::from(end_ms.abs_diff(start_ms)) / step_ms + 1;
    if points > u128::from(max_points) {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad_data",
            format!(
                "This range query asks for {points} points of each series; at most {max_points} are allowed."
            ),
            "Take a longer step or a shorter window.",
        ));
    }
    Ok(())
}

fn given<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str, ApiError> {
    value.ok_or_else(|| {
        ApiError::bad_data(
            format!("A range query needs {name}."),
            format!("Give {name}."),
        )
    })
}

/// Milliseconds since the Unix epoch of a time as Prometheus reads it: seconds, or RFC 3339.
fn read_time(name: &str, text: &str) -> Result<i64, ApiError> {
    seconds(text)
        .map(|seconds| (seconds * 1000.0).round() as i64)
        .or_else(|| clock::parse_rfc3339(text))
        .ok_or_else(|| {
            ApiError::bad_data(
                format!("{name}={text:?} is no time."),
                "Give seconds since 1970, or a time like 2026-11-22T07:00:00Z.",
            )
        })
}

/// A duration as Prometheus reads it: seconds, or a number with unit.
fn read_step(name: &str, text: &str) -> Result<Duration, ApiError> {
    seconds(text)
        .filter(|seconds| *seconds >= 0.0)
        .map(|seconds| Duration::from_millis((seconds * 1000.0) as u64))
        .or_else(|| parse_duration(text))
        .ok_or_else(|| {
            ApiError::bad_data(
                format!("{name}={text:?} is no duration."),
                "Give seconds, or a duration like 10s or 1m.",
            )
        })
}

/// A plain decimal number; not `nan`, `inf` or one beyond all calendars.
fn seconds(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    let number: f64 = text.chars().all(plain).then(|| text.parse().ok())??;
    (number.abs() < 1e12).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::route;

    const LIMITS: Limits = Limits {
        max_points: 11_000,
        timeout: Duration::from_secs(30),
        dialect: Dialect::Prometheus,
    };

    fn check(endpoint: &str, query: &str, form: &str) -> Result<Checked, ApiError> {
        let path = format!("/api/prom/main/api/v1/{endpoint}");
        check_params(&route(&path).unwrap().1, query, form.as_bytes(), LIMITS)
    }

    #[test]
    fn eleven_thousand_points_pass_and_one_more_does_not() {
        assert!(check("query_range", "", "query=up&start=0&end=109990&step=10").is_ok());
        let refused = check("query_range", "", "query=up&start=0&end=110000&step=10s").unwrap_err();
        assert_eq!(refused.status, 422);
        assert!(refused.error.contains("11001 points"), "{}", refused.error);
        let dates = "query=up&start=2026-01-01T00:00:00Z&end=2026-12-31T00:00:00Z&step=1m";
        assert_eq!(check("query_range", dates, "").unwrap_err().status, 422);
    }

    #[test]
    fn what_cannot_be_read_cannot_be_bounded() {
        for params in [
            "query=up&start=0&end=10",
            "query=up&start=x&end=10&step=1",
            "query=up&start=0&end=nan&step=1",
            "query=up&start=0&end=inf&step=1",
            "query=up&start=0&end=1&step=0",
            "query=up&start=0&end=1&step=-1",
            "query=up&start=0&end=1&step=0.0001",
            "query=up&start=5&end=1&step=1",
            "query=up&start=0&end=1e300&step=1",
        ] {
            assert_eq!(
                check("query_range", params, "").unwrap_err().status,
                400,
                "{params}"
            );
        }
    }

    #[test]
    fn a_parameter_counts_once_over_query_and_form() {
        assert!(check("query", "query=a", "query=b").is_err());
        assert!(check("query", "time=1&time=2&query=a", "").is_err());
        assert!(check("series", "match[]=a&match[]=b", "").is_ok());
    }

    #[test]
    fn the_time_is_always_bounded() {
        let timeout = |query: &str| check("query", query, "").unwrap().pairs.pop().unwrap();
        assert_eq!(timeout("query=up"), ("timeout".into(), "30000ms".into()));
        assert_eq!(
            timeout("query=up&timeout=5m"),
            ("timeout".into(), "30000ms".into())
        );
        assert_eq!(
            timeout("query=up&timeout=1ms"),
            ("timeout".into(), "1ms".into())
        );
        assert!(check("query", "query=up&timeout=long", "").is_err());
        assert_eq!(check("labels", "", "").unwrap().pairs, []);
    }

    #[test]
    fn only_victoriametrics_is_asked_past_its_cache() {
        let names = |dialect, endpoint: &str, query: &str| {
            let path = format!("/api/prom/main/api/v1/{endpoint}");
            let limits = Limits { dialect, ..LIMITS };
            let checked = check_params(&route(&path).unwrap().1, query, b"", limits).unwrap();
            let pairs = checked.pairs.into_iter();
            pairs
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join("&")
        };
        let range = "query=up&start=0&end=10&step=1";
        for given in ["", "&nocache=1", "&nocache=0"] {
            let given = format!("{range}{given}");
            assert_eq!(
                names(Dialect::VictoriaMetrics, "query_range", &given),
                format!("{range}&nocache=1&timeout=30000ms")
            );
            assert_eq!(
                names(Dialect::Prometheus, "query_range", &given),
                format!("{range}&timeout=30000ms")
            );
        }
        let instant = names(Dialect::VictoriaMetrics, "query", "query=up");
        assert_eq!(instant, "query=up&nocache=1&timeout=30000ms");
        assert_eq!(names(Dialect::VictoriaMetrics, "labels", ""), "");
    }

    #[test]
    fn the_query_goes_up_as_it_came() {
        let query = "sum by (a) (rate(x{b=~\"c|d+&\"}[5m])) # é";
        let encoded: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("query", query)
            .finish();
        let checked = check("query", "", &encoded).unwrap();
        assert_eq!(checked.pairs[0].1, query);
        assert!(
            form_urlencoded::parse(checked.encoded().as_bytes()).any(|(_, value)| value == query)
        );
    }
}
