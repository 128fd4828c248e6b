//! Request parameters, read as Prometheus reads them.

use std::time::Duration;

use chrono::DateTime;
use promql_parser::util::parse_duration;

use crate::failure::Failure;

/// Parameters of the form body and the address; the body's come first, as in Go's `FormValue`.
#[derive(Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    pub(crate) fn new(query: Option<&str>, body: &[u8]) -> Self {
        let in_address = query.unwrap_or_default().as_bytes();
        let pairs = form_urlencoded::parse(body).chain(form_urlencoded::parse(in_address));
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// The first value of a parameter; empty when it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All values of a parameter.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// A required time, in milliseconds since the Unix epoch.
    pub(crate) fn time(&self, name: &str) -> Result<i64, Failure> {
        self.parsed_time(name)
            .map_err(|problem| Failure::parameter(name, problem))
    }

    /// A time, or `default` when the parameter is missing or empty.
    pub(crate) fn time_or(&self, name: &str, default: i64) -> Result<i64, Failure> {
        match self.get(name) {
            "" => Ok(default),
            _ => self.parsed_time(name).map_err(|problem| {
                let problem = format!("Invalid time value for '{name}': {problem}");
                Failure::parameter(name, problem)
            }),
        }
    }

    fn parsed_time(&self, name: &str) -> Result<i64, String> {
        let text = self.get(name);
        parse_time(text).ok_or_else(|| format!("cannot parse {text:?} to a valid timestamp"))
    }

    /// A required duration, in milliseconds.
    pub(crate) fn duration(&self, name: &str) -> Result<i64, Failure> {
        let text = self.get(name);
        parse_milliseconds(text).ok_or_else(|| {
            Failure::parameter(name, format!("cannot parse {text:?} to a valid duration"))
        })
    }

    /// The time the evaluation may take: `timeout`, at most Prometheus's default of two minutes.
    pub(crate) fn timeout(&self) -> Result<Duration, Failure> {
        let most = Duration::from_secs(120);
        if self.get("timeout").is_empty() {
            return Ok(most);
        }
        let asked = u64::try_from(self.duration("timeout")?).unwrap_or(0);
        Ok(most.min(Duration::from_millis(asked)))
    }
}

/// Seconds since the epoch, possibly with decimals, or RFC 3339.
fn parse_time(text: &str) -> Option<i64> {
    match text.parse::<f64>() {
        Ok(seconds) => in_milliseconds(seconds),
        Err(_) => DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| time.timestamp_millis()),
    }
}

/// Seconds, possibly with decimals, or a duration such as `1m30s`.
fn parse_milliseconds(text: &str) -> Option<i64> {
    match text.parse::<f64>() {
        Ok(seconds) => in_milliseconds(seconds),
        Err(_) => i64::try_from(parse_duration(text).ok()?.as_millis()).ok(),
    }
}

fn in_milliseconds(seconds: f64) -> Option<i64> {
    let milliseconds = (seconds * 1000.0).round();
    // the years -3000 to 7000: sums of such times never overflow
    (milliseconds.abs() < 1.6e14).then_some(milliseconds as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_rfc_3339() {
        assert_eq!(parse_time("1700000000"), Some(1_700_000_000_000));
        assert_eq!(parse_time("1700000000.1234"), Some(1_700_000_000_123));
        assert_eq!(parse_time("2023-11-14T22:13:20Z"), Some(1_700_000_000_000));
        assert_eq!(
            parse_time("2023-11-14T23:13:20.5+01:00"),
            Some(1_700_000_000_500)
        );
        for wrong in ["", "now", "NaN", "Inf", "1e300", "2023-11-14"] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_are_seconds_or_units() {
        assert_eq!(parse_milliseconds("10"), Some(10_000));
        assert_eq!(parse_milliseconds("0.5"), Some(500));
        assert_eq!(parse_milliseconds("1m30s"), Some(90_000));
        for wrong in ["", "10x", "m"] {
            assert_eq!(parse_milliseconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_form_body_wins_over_the_address() {
        let params = Params::new(Some("query=a&step=1"), b"query=b%20c");
        assert_eq!(params.get("query"), "b c");
        assert_eq!(params.get("step"), "1");
    }
}
