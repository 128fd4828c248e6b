//! Where the samples of a suspect lay before: what a chart shades behind its line.

use std::borrow::Cow;

use serde::Serialize;

use super::score::Scores;
use crate::amplitude::signal;
use crate::matrix::Matrix;
use crate::quantile::{finite, of_sorted};
use crate::sorted::ascending;

/// The least and the greatest of what is usual, as quantiles.
const USUAL: (f64, f64) = (0.05, 0.95);

/// Nine of ten samples of a series lay here in the baseline, one of twenty below and one of twenty above.
///
/// Samples, not windows: it is what a reader compares the line of a chart with. Windows right before the current one that
/// swing or stand like it are part of the incident, and left out, as they are of the habit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Usual {
    /// P5 (type 7), in the unit of the series.
    pub low: f64,
    /// P95.
    pub high: f64,
    /// The first step that was looked at, milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// The last one.
    pub end_ms: i64,
}

impl Usual {
    /// `None` without a habit, and of a counter: where that stood says nothing.
    pub(super) fn of(baseline: &Matrix, scores: &Scores, index: usize) -> Option<Self> {
        let series = scores.rows.get(index)?;
        let begun = |skipped: Option<usize>| skipped.unwrap_or(0);
        let skipped = begun(series.habit.as_ref().map(|habit| habit.skipped))
            .max(begun(series.level.as_ref().map(|level| level.skipped)));
        let Cow::Borrowed(values) = signal(baseline, series.before?) else {
            return None;
        };
        let (from, to) = scores.windows.reach(skipped);
        let mut known = finite(values.get(from..to)?);
        ascending(&mut known);
        Some(Self {
            low: of_sorted(&known, USUAL.0)?,
            high: of_sorted(&known, USUAL.1)?,
            start_ms: baseline.grid().time_ms(from as u32),
            end_ms: baseline.grid().time_ms(to.saturating_sub(1) as u32),
        })
    }
}
