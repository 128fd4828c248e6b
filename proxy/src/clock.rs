//! The wall clock, as the log and the answers write it.

use chrono::{DateTime, SecondsFormat};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch.
pub fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// RFC 3339 in UTC, to the second.
pub fn rfc3339(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map_or_else(String::new, |time| {
        time.to_rfc3339_opts(SecondsFormat::Secs, true)
    })
}

/// Milliseconds since the Unix epoch of an RFC 3339 text.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_utc() {
        assert_eq!(rfc3339(1_795_330_800_000), "2026-11-22T07:00:00Z");
        assert_eq!(
            parse_rfc3339("2026-11-22T08:00:00.5+01:00"),
            Some(1_795_330_800_500)
        );
        assert_eq!(parse_rfc3339("yesterday"), None);
    }
}
