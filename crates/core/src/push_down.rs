//! Queries by which a source itself ranks the series of a query whose answer would be too big to fetch.
//!
//! What is written means the same in Prometheus 2 and 3, Thanos, Mimir and VictoriaMetrics. Subqueries are evaluated at
//! multiples of their step, so that the grid has to lie on them. A range in Prometheus 2 holds both of its ends, and in the
//! others not the earlier one: ranges here are longer by a millisecond, and hold the same instants in all.

mod mask;
mod narrow;

use std::fmt;

use casebook_decimal::Scientific;

use crate::grid::Grid;
use crate::labels::Labels;
use crate::logarithm::ln;
use crate::suspects::habit;

/// A habit smaller than this share of the fleet's typical one is taken as this share: a series that stood still must not be
/// ahead of all by its first twitch. A verdict, which sees the levels, is stricter with those that stood still.
const FLOOR_OF_TYPICAL: f64 = 0.01;
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
    counts: bool,
    grid: Grid,
    /// How long the windows are by which now and before are compared.
    part_ms: i64,
    /// How many of them the baseline has.
    windows: i64,
    /// When the last of them ends: a step before the first of now.
    before_ms: i64,
}

/// By what a series is compared with its own past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Its swing ratio: peak-to-peak, divided by the habit, which is the median of those in the windows before. Of a window
    /// that is cut into parts, the geometric mean of the greatest and the median part, as in a verdict.
    Swing,
    /// The distance of its median from its usual level, which is the median of the medians in the windows before, divided by
    /// the habit.
    Shift,
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
    /// Of `query` over `grid`, which has to lie on multiples of its step. Of what `counts`, the increase per step is judged.
    /// `baseline_ms` is how much time before the window, up to the step before its first, makes the habits; windows are cut
    /// out of it as for a verdict.
    ///
    /// # Errors
    /// When the query or its window cannot be put into a subquery.
    pub fn new(query: &str, counts: bool, grid: Grid, baseline_ms: i64) -> Result<Self, Refused> {
        if mask::mask(query).contains(&b'@') {
            return Err(Refused::Pinned);
        }
        if grid.start_ms % grid.step_ms != 0 {
            return Err(Refused::Unaligned);
        }
        let before_ms = grid.start_ms - grid.step_ms;
        let length_ms = baseline_ms / grid.step_ms * grid.step_ms;
        let baseline = Grid::new(before_ms - length_ms, before_ms, grid.step_ms);
        let part_ms = baseline.map_or(0, |before| {
            habit::span_ms(&before, &grid, LEAST_WINDOWS.unsigned_abs() as usize)
        });
        let finite = ["(", &wrapped(query), " < Inf > -Inf)"].concat();
        let signal = if counts {
            // Of the two last values; a fall is a reset, counted from zero. By the second, hence the factor.
            let pair = subquery(&finite, grid.step_ms, grid.step_ms, "", 0);
            ["(irate(", &pair, ") * ", &seconds(grid.step_ms), ")"].concat()
        } else {
            finite.clone()
        };
        Ok(Self {
            query: query.to_owned(),
            finite,
            signal,
            counts,
            grid,
            part_ms,
            windows: length_ms.checked_div(part_ms).unwrap_or(0),
            before_ms,
        })
    }

    /// When the instant queries are to be evaluated: the last step, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn at_ms(&self) -> i64 {
        self.grid.end_ms()
    }

    /// Windows of the baseline; neighbours share their ends.
    #[must_use]
    pub fn windows(&self) -> i64 {
        self.windows
    }

    /// How many series have samples in at least half of the steps (`enough="1"`), and how many in fewer (`enough="0"`).
    #[must_use]
    pub fn coverage(&self) -> String {
        let samples = self.samples();
        [
            "count_values(\"enough\", ",
            &samples,
            " >= bool ",
            &self.half(),
            ")",
        ]
        .concat()
    }

    /// The series with the greatest amplitude: `max - min` of the finite samples, in their unit; of those with samples in
    /// at least half of the steps.
    #[must_use]
    pub fn amplitude(&self, keep: u32) -> String {
        let (now, samples) = (self.now(), self.samples());
        top(
            keep,
            &["(", &now, " and ", &samples, " >= ", &self.half(), ")"].concat(),
        )
    }

    /// Some series, by no order that means anything: to compare the others with. `least` is an amplitude, greater than
    /// zero, by which the digits of the others are shifted.
    #[must_use]
    pub fn others(&self, keep: u32, least: f64) -> String {
        top(
            keep,
            &["(", &self.now(), " / ", &number(least), " * 1e4) % 1"].concat(),
        )
    }

    /// The habit of each series: the median of its amplitudes in the windows of the baseline.
    #[must_use]
    pub fn habit(&self) -> Option<String> {
        (self.windows >= LEAST_WINDOWS).then(|| self.usual(&self.before(By::Swing), ""))
    }

    /// The fleet's typical habit: the median over the series that moved at all.
    #[must_use]
    pub fn typical(&self) -> Option<String> {
        Some(["quantile(0.5, ", &self.habit()?, " > 0)"].concat())
    }

    /// The series that are furthest from their own past. Habits are held above 1 % of the typical one, which is greater
    /// than zero.
    #[must_use]
    pub fn furthest(&self, by: By, keep: u32, typical: f64) -> Option<String> {
        let habit = self.habit()?;
        let now = match by {
            By::Swing => self.parts(),
            By::Shift => {
                let usual = self.usual(&self.before(By::Shift), "");
                let median = self.over("quantile_over_time(0.5, ", &self.signal, self.span_ms(), 0);
                ["abs(", &median, " - ", &usual, ")"].concat()
            }
        };
        Some(top(keep, &[&now, " / ", &held(&habit, typical)].concat()))
    }

    /// How far the furthest of all series but the suspect is in a window of the baseline: a range query over
    /// [`PushDown::quiet_grid`].
    #[must_use]
    pub fn quiet(&self, by: By, typical: f64, suspect: &Labels) -> Option<String> {
        self.habit()?;
        let at = [" @ ", &seconds(self.at_ms())].concat();
        let swing = self.before(By::Swing);
        let held = held(&self.usual(&swing, &at), typical);
        let then = match by {
            By::Swing => swing,
            By::Shift => {
                let median = self.before(By::Shift);
                ["abs(", &median, " - ", &self.usual(&median, &at), ")"].concat()
            }
        };
        let but = narrow::vector(std::slice::from_ref(suspect));
        Some(["max((", &then, " / ", &held, ") unless ", &but, ")"].concat())
    }

    /// A step for each window of the baseline, earliest first.
    #[must_use]
    pub fn quiet_grid(&self) -> Option<Grid> {
        self.habit()?;
        let end_ms = self.multiple(self.before_ms);
        Grid::new(
            end_ms - (self.windows - 1) * self.part_ms,
            end_ms,
            self.part_ms,
        )
        .ok()
    }

    /// The query for the series with these labels alone; a metric's name among them is passed over. The samples are those
    /// that the whole query gives, over any window.
    #[must_use]
    pub fn narrowed(&self, kept: &[Labels]) -> String {
        narrow::narrowed(&self.query, kept)
    }

    /// From the first to the last step that has a signal: a counter's first step has no increase yet.
    fn span_ms(&self) -> i64 {
        let missing_ms = if self.counts { self.grid.step_ms } else { 0 };
        (self.grid.span_ms() - missing_ms).max(0)
    }

    fn now(&self) -> String {
        self.swing(self.span_ms(), 0)
    }

    /// Steps of the current window with a sample.
    fn samples(&self) -> String {
        self.over("count_over_time(", &self.finite, self.grid.span_ms(), 0)
    }

    /// The amplitude in the current window, by parts that are as long as the windows before.
    fn parts(&self) -> String {
        let parts = self.grid.span_ms() / self.part_ms;
        if parts < 2 {
            return self.now();
        }
        let end_ms = self.at_ms();
        let part = self.swing(self.part_ms, self.multiple(end_ms) - end_ms);
        // The multiple is after the end, where nothing is known yet: the offset is a negative one.
        let over = |what: &str| {
            let range_ms = (parts - 1) * self.part_ms;
            let last_ms = self.multiple(end_ms) - end_ms;
            [
                what,
                &subquery(&part, range_ms, self.part_ms, "", -last_ms),
                ")",
            ]
            .concat()
        };
        let (greatest, median) = (over("max_over_time("), over("quantile_over_time(0.5, "));
        ["sqrt(", &greatest, " * ", &median, ")"].concat()
    }

    /// The amplitude, or the median, in a window of the baseline, at an instant that is a multiple of the window's length.
    fn before(&self, by: By) -> String {
        let phase_ms = self.multiple(self.before_ms) - self.before_ms;
        match by {
            By::Swing => self.swing(self.part_ms, phase_ms),
            By::Shift => self.over(
                "quantile_over_time(0.5, ",
                &self.signal,
                self.part_ms,
                phase_ms,
            ),
        }
    }

    /// The next multiple of the windows' length: subqueries are evaluated at such instants.
    fn multiple(&self, ms: i64) -> i64 {
        ms + (-ms).rem_euclid(self.part_ms)
    }

    /// The median of a number over the windows of the baseline, at the instant `at` or at that of the query.
    fn usual(&self, before: &str, at: &str) -> String {
        let range_ms = (self.windows - 1) * self.part_ms;
        let ago_ms = self.at_ms() - self.multiple(self.before_ms);
        let before = ["(", before, ")"].concat();
        let windows = subquery(&before, range_ms, self.part_ms, at, ago_ms);
        ["quantile_over_time(0.5, ", &windows, ")"].concat()
    }

    fn swing(&self, range_ms: i64, offset_ms: i64) -> String {
        let over = |what| self.over(what, &self.signal, range_ms, offset_ms);
        let (max, min) = (over("max_over_time("), over("min_over_time("));
        ["(", &max, " - ", &min, ")"].concat()
    }

    fn over(&self, what: &str, inner: &str, range_ms: i64, offset_ms: i64) -> String {
        let subquery = subquery(inner, range_ms, self.grid.step_ms, "", offset_ms);
        [what, &subquery, ")"].concat()
    }

    /// Half of the steps of the window.
    fn half(&self) -> String {
        let points = self.grid.points;
        format!("{}.{}", points / 2, points % 2 * 5)
    }
}

/// How many series of a query there are at an instant, for each name of a metric.
#[must_use]
pub fn count(query: &str) -> String {
    ["count by (__name__) ", &wrapped(query)].concat()
}

/// How far chance explains that a series of all is from its past: as far as the furthest that [`PushDown::quiet`] found, and
/// what a Gumbel tail adds for the chance that is left.
///
/// That is the limit of a verdict, but over all series, of which the fetched ones are no fair sample.
#[must_use]
pub fn limit(quiet: &[f64]) -> Option<f64> {
    let mut logs = Vec::new();
    logs.extend(
        quiet
            .iter()
            .filter(|ratio| **ratio > 0.0)
            .map(|ratio| ln(*ratio)),
    );
    let windows = logs.len() as f64;
    let greatest = logs.iter().copied().reduce(f64::max)?;
    let mean = logs.iter().sum::<f64>() / windows;
    let squares: f64 = logs.iter().map(|log| (log - mean) * (log - mean)).sum();
    let scale = (6.0 * squares / (windows - 1.0).max(1.0)).sqrt() / std::f64::consts::PI;
    let left = ln(1.0 / (CHANCE * (windows + 1.0))).max(0.0);
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
    [
        "clamp_min(",
        habit,
        ", ",
        &number(FLOOR_OF_TYPICAL * typical),
        ")",
    ]
    .concat()
}

/// `inner` at each `step_ms` of the last `range_ms`, both ends included, `offset_ms` before the instant `at` or that of the
/// query.
fn subquery(inner: &str, range_ms: i64, step_ms: i64, at: &str, offset_ms: i64) -> String {
    let (range, step) = (duration(range_ms + 1), duration(step_ms));
    let mut text = [inner, "[", &range, ":", &step, "]", at].concat();
    if offset_ms != 0 {
        text.push_str(if offset_ms < 0 {
            " offset -"
        } else {
            " offset "
        });
        text.push_str(&duration(offset_ms.abs()));
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

fn seconds(ms: i64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

fn number(value: f64) -> String {
    Scientific(value, 6).to_string()
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
