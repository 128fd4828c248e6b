//! Queries by which a source itself ranks the series of a query whose answer would be too big to fetch.
//!
//! What is written means the same in Prometheus 2 and 3, Thanos, Mimir and VictoriaMetrics. Subqueries are evaluated at
//! multiples of their step, so that the grid has to lie on them. A range in Prometheus 2 holds both of its ends, and in the
//! others not the earlier one: ranges here are longer by a millisecond, and hold the same instants in all.

mod mask;
mod narrow;

use std::fmt;

use crate::amplitude::counter::is_named_counter;
use crate::grid::Grid;
use crate::labels::Labels;

/// A habit smaller than this share of the fleet's typical one is taken as this share, as in a verdict.
const FLOOR_OF_TYPICAL: f64 = 0.05;
/// With fewer windows before, there is no habit.
const LEAST_WINDOWS: i64 = 3;
/// A chance that a quiet fleet passes the [`limit`], as in a verdict.
const CHANCE: f64 = 0.005;
/// Logarithm by which the limit is above what was seen, at least.
const LEAST_SCALE: f64 = 0.0125;

/// A range query whose series the source is to rank.
///
/// All queries are instant queries for [`PushDown::at_ms`], but for [`PushDown::quiet`] and [`PushDown::narrowed`]. Those
/// about habits are there with three windows or more.
#[derive(Debug, Clone)]
pub struct PushDown {
    query: String,
    /// The samples that count: neither NaN nor infinite.
    finite: String,
    /// What the amplitude is taken of: the samples, or a counter's increase per step.
    signal: String,
    counter: bool,
    grid: Grid,
    span_ms: i64,
    windows: i64,
    /// When the last window of the baseline ends: a step before the first.
    baseline_end_ms: i64,
}

/// Why a query cannot be ranked where its series lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It names its time by `@`, so that it has one value all over a subquery.
    Pinned,
    /// Its first step is no multiple of the step.
    Unaligned,
}

impl PushDown {
    /// Of `query` over `grid`, which has to lie on multiples of its step. `metric` is the name that the answer keeps, if it
    /// keeps any: a counter is judged by its increase per step. `baseline_ms` is how much time before the window, up to
    /// the step before its first, makes the habits.
    ///
    /// # Errors
    /// When the query or its window cannot be put into a subquery.
    pub fn new(
        query: &str,
        metric: Option<&str>,
        grid: Grid,
        baseline_ms: i64,
    ) -> Result<Self, Refused> {
        if mask::mask(query).contains(&b'@') {
            return Err(Refused::Pinned);
        }
        if grid.start_ms % grid.step_ms != 0 {
            return Err(Refused::Unaligned);
        }
        let finite = ["(", &wrapped(query), " < Inf > -Inf)"].concat();
        let span_ms = grid.span_ms();
        let baseline_ms = baseline_ms / grid.step_ms * grid.step_ms;
        let mut new = Self {
            query: query.to_owned(),
            signal: finite.clone(),
            finite,
            counter: metric.is_some_and(is_named_counter),
            grid,
            span_ms,
            windows: baseline_ms.checked_div(span_ms).unwrap_or(0),
            baseline_end_ms: grid.start_ms - grid.step_ms,
        };
        if new.counter {
            // Of the two last values; a fall is a reset, counted from zero. By the second, hence the factor.
            let pair = subquery(&new.finite, grid.step_ms, grid.step_ms, "", 0);
            let seconds = grid.step_ms as f64 / 1000.0;
            new.signal = format!("(irate({pair}) * {seconds:e})");
        }
        Ok(new)
    }

    /// When the instant queries are to be evaluated: the last step, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn at_ms(&self) -> i64 {
        self.grid.end_ms()
    }

    /// Windows of the baseline, as long as the current one; neighbours share their ends.
    #[must_use]
    pub fn windows(&self) -> i64 {
        self.windows
    }

    /// How many series have samples in at least half of the steps (`enough="1"`), and how many in fewer (`enough="0"`).
    #[must_use]
    pub fn coverage(&self) -> String {
        let samples = self.over("count", &self.finite, self.span_ms, 0);
        let least = self.least_samples(0);
        [
            "count_values(\"enough\", ",
            &samples,
            " >= bool ",
            &least,
            ")",
        ]
        .concat()
    }

    /// The series with the greatest amplitude: `max - min` of the finite samples, in their unit; of those with samples in
    /// at least half of the steps.
    #[must_use]
    pub fn amplitude(&self, keep: u32) -> String {
        top(keep, &self.now())
    }

    /// Some series, by no order that means anything: to compare the others with. `least` is an amplitude, greater than
    /// zero, by which the digits of the others are shifted.
    #[must_use]
    pub fn others(&self, keep: u32, least: f64) -> String {
        let digits = format!("({} / {least:e} * 1e4) % 1", self.now());
        top(keep, &digits)
    }

    /// The habit of each series: the median of its amplitudes in the windows of the baseline, of those with samples in at
    /// least half of the steps.
    #[must_use]
    pub fn habit(&self) -> Option<String> {
        self.has_habit().then(|| self.usual(""))
    }

    /// The fleet's typical habit: the median over the series that moved at all.
    #[must_use]
    pub fn typical(&self) -> Option<String> {
        Some(["quantile(0.5, ", &self.habit()?, " > 0)"].concat())
    }

    /// The series with the greatest swing ratio: amplitude divided by habit, which is held above 5 % of the typical one.
    #[must_use]
    pub fn swing(&self, keep: u32, typical: f64) -> Option<String> {
        let held = held(&self.habit()?, typical);
        Some(top(keep, &[&self.now(), " / ", &held].concat()))
    }

    /// The greatest swing ratio of all series but the suspect in a window of the baseline: a range query over
    /// [`PushDown::quiet_grid`].
    #[must_use]
    pub fn quiet(&self, typical: f64, suspect: &Labels) -> Option<String> {
        if !self.has_habit() {
            return None;
        }
        let at = format!(" @ {}.{:03}", self.at_ms() / 1000, self.at_ms() % 1000);
        let held = held(&self.usual(&at), typical);
        let but = narrow::vector(std::slice::from_ref(suspect));
        Some(
            [
                "max((",
                &self.before(),
                " / ",
                &held,
                ") unless ",
                &but,
                ")",
            ]
            .concat(),
        )
    }

    /// A step for each window of the baseline, earliest first.
    #[must_use]
    pub fn quiet_grid(&self) -> Option<Grid> {
        if !self.has_habit() {
            return None;
        }
        let end_ms = self.latest_ms();
        let start_ms = end_ms - (self.windows - 1) * self.span_ms;
        Grid::new(start_ms, end_ms, self.span_ms).ok()
    }

    /// The query for the series with these labels alone; a metric's name among them is passed over. The samples are those
    /// that the whole query gives, over any window.
    #[must_use]
    pub fn narrowed(&self, kept: &[Labels]) -> String {
        narrow::narrowed(&self.query, kept)
    }

    fn has_habit(&self) -> bool {
        self.windows >= LEAST_WINDOWS
    }

    /// The amplitude in the current window of the series with enough samples.
    fn now(&self) -> String {
        // The first step of the window has no increase yet.
        let missing_ms = if self.counter { self.grid.step_ms } else { 0 };
        let range_ms = (self.span_ms - missing_ms).max(0);
        let samples = self.over("count", &self.finite, self.span_ms, 0);
        self.swings(range_ms, 0, &samples, 0)
    }

    /// The amplitude in a window of the baseline, at an instant that is a multiple of the window's length.
    fn before(&self) -> String {
        let phase_ms = self.latest_ms() - self.baseline_end_ms;
        let samples = self.over("count", &self.signal, self.span_ms, phase_ms);
        self.swings(self.span_ms, phase_ms, &samples, 2)
    }

    /// The multiple of the window's length at which [`Self::before`] is the amplitude in the latest window.
    fn latest_ms(&self) -> i64 {
        self.baseline_end_ms + (-self.baseline_end_ms).rem_euclid(self.span_ms)
    }

    /// The median of a series' amplitudes in the windows, at the instant `at` or at that of the query.
    fn usual(&self, at: &str) -> String {
        let range_ms = (self.windows - 1) * self.span_ms;
        let before = self.before();
        let ago_ms = self.at_ms() - self.latest_ms();
        let windows = subquery(&before, range_ms, self.span_ms, at, ago_ms);
        ["quantile_over_time(0.5, ", &windows, ")"].concat()
    }

    fn swings(&self, range_ms: i64, offset_ms: i64, samples: &str, least: u32) -> String {
        let over = |what| self.over(what, &self.signal, range_ms, offset_ms);
        let (max, min) = (over("max"), over("min"));
        let least = self.least_samples(least);
        [
            "(", &max, " - ", &min, " and ", samples, " >= ", &least, ")",
        ]
        .concat()
    }

    fn over(&self, what: &str, inner: &str, range_ms: i64, offset_ms: i64) -> String {
        let subquery = subquery(inner, range_ms, self.grid.step_ms, "", offset_ms);
        [what, "_over_time(", &subquery, ")"].concat()
    }

    /// Half of the steps of a window, and at least so many.
    fn least_samples(&self, least: u32) -> String {
        let points = self.grid.points;
        match points / 2 < least {
            true => least.to_string(),
            false => format!("{}.{}", points / 2, points % 2 * 5),
        }
    }
}

/// How many series of a query there are at an instant, for each name of a metric.
#[must_use]
pub fn count(query: &str) -> String {
    ["count by (__name__) ", &wrapped(query)].concat()
}

/// The swing ratio that chance explains among all series: the greatest of those that [`PushDown::quiet`] found, and what a
/// Gumbel tail adds for the chance that is left.
///
/// That is the limit of a verdict, but over all series, of which the fetched ones are no fair sample.
#[must_use]
pub fn limit(quiet: &[f64]) -> Option<f64> {
    let mut logs = Vec::new();
    logs.extend(
        quiet
            .iter()
            .filter(|ratio| **ratio > 0.0)
            .map(|ratio| ratio.ln()),
    );
    let windows = logs.len() as f64;
    let greatest = logs.iter().copied().reduce(f64::max)?;
    let mean = logs.iter().sum::<f64>() / windows;
    let squares: f64 = logs.iter().map(|log| (log - mean) * (log - mean)).sum();
    let scale = (6.0 * squares / (windows - 1.0).max(1.0)).sqrt() / std::f64::consts::PI;
    let left = (1.0 / (CHANCE * (windows + 1.0))).ln().max(0.0);
    Some((greatest + scale.max(LEAST_SCALE) * left).exp())
}

/// In parentheses, out of which no comment reaches.
fn wrapped(query: &str) -> String {
    let end = if query.contains('#') { "\n)" } else { ")" };
    ["(", query, end].concat()
}

/// The `keep` series of a vector with the greatest values.
fn top(keep: u32, series: &str) -> String {
    ["topk(", &keep.to_string(), ", ", series, ")"].concat()
}

/// A habit that is not less than a share of the typical one.
fn held(habit: &str, typical: f64) -> String {
    let floor = FLOOR_OF_TYPICAL * typical;
    format!("clamp_min({habit}, {floor:e})")
}

/// `inner` at each `step_ms` of the last `range_ms`, both ends included, `offset_ms` before the instant `at` or that of the
/// query.
fn subquery(inner: &str, range_ms: i64, step_ms: i64, at: &str, offset_ms: i64) -> String {
    let (range, step) = (duration(range_ms + 1), duration(step_ms));
    let mut text = [inner, "[", &range, ":", &step, "]", at].concat();
    if offset_ms > 0 {
        text.push_str(" offset ");
        text.push_str(&duration(offset_ms));
    }
    text
}

/// `300s`, or `300001ms`: every engine reads both.
fn duration(ms: i64) -> String {
    let (number, unit) = if ms % 1000 == 0 {
        (ms / 1000, "s")
    } else {
        (ms, "ms")
    };
    [&number.to_string(), unit].concat()
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pinned => {
                "the query names its time by @, so that it has no amplitude over a window"
            }
            Self::Unaligned => "the window does not begin at a multiple of the step",
        })
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests;
