//! The fleet as a time-series database sees it: samples on a grid of ten seconds, up to now.

use std::time::{SystemTime, UNIX_EPOCH};

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::VectorSelector;

use crate::fleet::{Fleet, SCRAPE_INTERVAL_SECONDS, Series};
use crate::labels::METRIC_NAME;

/// How far back an instant selector looks for a sample, in milliseconds: Prometheus's default.
pub(crate) const LOOKBACK_MS: i64 = 300_000;

const INTERVAL_MS: i64 = SCRAPE_INTERVAL_SECONDS * 1000;

/// Which time is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A time that stands still, in milliseconds since the Unix epoch.
    Fixed(i64),
}

impl Clock {
    /// Milliseconds since the Unix epoch.
    pub fn now_ms(self) -> i64 {
        match self {
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .ok()
                .and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok())
                .unwrap_or(0),
            Self::Fixed(now) => now,
        }
    }
}

/// A sample's time in milliseconds since the Unix epoch, and its value.
pub(crate) type Point = (i64, f64);

/// The fleet's samples from its beginning up to a fixed now.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    fleet: Fleet,
    now_ms: i64,
}

impl Samples {
    /// The samples that exist at `now_ms`.
    pub(crate) fn new(fleet: Fleet, now_ms: i64) -> Self {
        Self { fleet, now_ms }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.now_ms
    }

    pub(crate) fn series(&self) -> &[Series] {
        self.fleet.series()
    }

    /// The latest sample in `[at - lookback, at]`.
    pub(crate) fn latest(&self, series: &Series, at_ms: i64) -> Option<f64> {
        let last = floor_to_grid(at_ms.min(self.now_ms));
        let exists = last >= self.fleet.begins() * 1000 && last >= at_ms - LOOKBACK_MS;
        exists.then(|| self.fleet.value(series, last / 1000))
    }

    /// Times of the samples in `[from_ms, to_ms]`, both ends included, as Prometheus 2 selects.
    pub(crate) fn times(&self, from_ms: i64, to_ms: i64) -> impl Iterator<Item = i64> + use<> {
        let first = floor_to_grid(from_ms + INTERVAL_MS - 1).max(self.fleet.begins() * 1000);
        let last = floor_to_grid(to_ms.min(self.now_ms));
        (first..=last).step_by(INTERVAL_MS as usize)
    }

    /// The samples in `[from_ms, to_ms]`.
    pub(crate) fn range(&self, series: &Series, from_ms: i64, to_ms: i64) -> Vec<Point> {
        self.times(from_ms, to_ms)
            .map(|time| (time, self.fleet.value(series, time / 1000)))
            .collect()
    }

    /// Indices of the series that a selector names.
    pub(crate) fn select(&self, selector: &VectorSelector) -> Vec<usize> {
        self.series()
            .iter()
            .enumerate()
            .filter(|(_, series)| {
                let named = selector
                    .name
                    .as_ref()
                    .is_none_or(|name| series.labels.get(METRIC_NAME) == name);
                let matches = |matcher: &Matcher| {
                    let value = series.labels.get(&matcher.name);
                    match &matcher.op {
                        MatchOp::Equal => matcher.value == value,
                        MatchOp::NotEqual => matcher.value != value,
                        MatchOp::Re(pattern) => pattern.is_match(value),
                        MatchOp::NotRe(pattern) => !pattern.is_match(value),
                    }
                };
                named && selector.matchers.matchers.iter().all(matches)
            })
            .map(|(index, _)| index)
            .collect()
    }
}

fn floor_to_grid(time_ms: i64) -> i64 {
    time_ms - time_ms.rem_euclid(INTERVAL_MS)
}
