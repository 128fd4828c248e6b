//! Amplitude: how far a series swings.

pub(crate) mod counter;
mod kind;
mod notes;

use std::borrow::Cow;
use std::cmp::Ordering;

use serde::Serialize;

pub use self::kind::Kind;
use crate::envelope::Extremes;
use crate::labels::Labels;
use crate::matrix::{Matrix, is_gap};
use crate::sorted::{Map, distinct, sort};
use crate::suspects::habit::{Habit, Windows};

/// Below this share of steps with a finite sample, a series is not ranked among the others.
pub const MIN_COVERAGE: f64 = 0.5;
/// Fewer windows of the time before than this are no habit.
const LEAST_WINDOWS: usize = 3;

/// The amplitude of one series and what was left out of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Amplitude {
    /// Row in the matrix.
    pub row: usize,
    /// The series as PromQL text.
    pub name: String,
    /// The labels of the series.
    pub labels: Labels,
    /// The amplitude, of the ranking's kind, in the unit of the series or a ratio; `None` without a finite value, or
    /// where this kind has none ([`Ranking::undefined`]).
    pub value: Option<f64>,
    /// The least finite value (of a counter: the least increase in one step).
    pub min: Option<f64>,
    /// The greatest finite value (of a counter: the greatest increase in one step).
    pub max: Option<f64>,
    /// Step of the first least value.
    pub argmin: Option<u32>,
    /// Step of the first greatest value.
    pub argmax: Option<u32>,
    /// Median peak-to-peak of the windows before, for a swing ratio.
    pub baseline_amplitude: Option<f64>,
    /// Steps with a finite sample.
    pub samples: u32,
    /// Samples that differ from the one before, and the first: what was scraped, when the step is shorter than the
    /// scrape interval.
    pub runs: u32,
    /// Steps without a sample.
    pub gaps: u32,
    /// Steps whose sample is NaN.
    pub nan: u32,
    /// Steps whose sample is +Inf or -Inf; they are left out of the amplitude.
    pub inf: u32,
    /// `samples` divided by the steps of the grid.
    pub coverage: f64,
    /// What a reader should know before trusting the number.
    pub flags: Vec<Flag>,
}

/// Something that a reader should know about a series before trusting its amplitude.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// No finite sample: there is no amplitude.
    Empty,
    /// A single finite sample: the amplitude is 0 and says nothing.
    Single,
    /// All finite samples are equal.
    Flat,
    /// +Inf or -Inf was left out.
    Infinite,
    /// Fewer than half of the steps have a finite sample.
    LowCoverage,
    /// The first two or more steps have no sample: the series began inside the window.
    Appeared,
    /// The last two or more steps have no sample: the series ended inside the window.
    Disappeared,
    /// A counter, by its name (`_total`, `_count`, `_sum`, `_bucket`) or because all series of the metric count up:
    /// the amplitude is that of its increase per step, because a raw counter's only tells how long the window is.
    Counter,
    /// Whole numbers that never fall: perhaps a counter; ask the server for `rate(…)`.
    OnlyRises,
    /// The median is 0: there is no relative amplitude.
    MedianZero,
    /// Too few windows before for a swing ratio.
    NoHabit,
    /// It stood still before: there is no swing ratio.
    StoodStill,
}

/// The series in the order of their amplitude.
///
/// Where the amplitude has a unit, each metric is ranked by itself: bytes do not compare with seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranking {
    /// What the amplitude is.
    pub kind: Kind,
    /// One family after the other; in each, greatest amplitude first, and equal ones by their text.
    pub ranked: Vec<Amplitude>,
    /// The parts of `ranked`: one for each metric, by name; or a single one, when the amplitude has no unit.
    pub families: Vec<Family>,
    /// Series with finite samples in fewer than half of the steps, in the same order.
    pub low_coverage: Vec<Amplitude>,
    /// Series with enough samples and no amplitude of this kind, by their text; their flags say why.
    pub undefined: Vec<Amplitude>,
    /// Series without a finite sample, by their text: not the same as an amplitude of 0.
    pub empty: Vec<Amplitude>,
    /// Sentences about what makes the order doubtful.
    pub notes: Vec<String>,
}

impl Ranking {
    /// The ranked series if their amplitudes compare, all with all; nothing when they are of several metrics.
    pub(crate) fn alike(&self) -> &[Amplitude] {
        match self.families.len() {
            0 | 1 => &self.ranked,
            _ => &[],
        }
    }
}

/// Series whose amplitudes compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Family {
    /// The metric's name; `None` when the query dropped it, or when all metrics are ranked together.
    pub metric: Option<String>,
    /// How many of `ranked` it is.
    pub series: usize,
}

/// The peak-to-peak of each series, in the order of the rows.
#[must_use]
pub fn amplitude(matrix: &Matrix) -> Vec<Amplitude> {
    let rows = 0..matrix.rows();
    rows.map(|row| of_row(matrix, row, Kind::PeakToPeak, None))
        .collect()
}

/// The series in the order of their peak-to-peak, greatest first.
#[must_use]
pub fn rank(matrix: &Matrix) -> Ranking {
    rank_by(matrix, Kind::PeakToPeak, None)
}

/// The series in the order of their amplitude of a kind, greatest first.
///
/// `baseline` is the time before, same query, same step; only [`Kind::SwingRatio`] looks at it, and has no amplitude
/// for a series that is not in it.
#[must_use]
pub fn rank_by(matrix: &Matrix, kind: Kind, baseline: Option<&Matrix>) -> Ranking {
    let mut ranking = Ranking {
        kind,
        ranked: Vec::new(),
        families: Vec::new(),
        low_coverage: Vec::new(),
        undefined: Vec::new(),
        empty: Vec::new(),
        notes: Vec::new(),
    };
    let before = baseline.filter(|_| kind == Kind::SwingRatio);
    let before = before.map(|before| Before::new(matrix, before));
    for row in 0..matrix.rows() {
        let usual = before.as_ref().and_then(|before| before.usual(matrix, row));
        let amplitude = of_row(matrix, row, kind, usual);
        let list = if amplitude.max.is_none() {
            &mut ranking.empty
        } else if amplitude.coverage < MIN_COVERAGE {
            &mut ranking.low_coverage
        } else if amplitude.value.is_none() {
            &mut ranking.undefined
        } else {
            &mut ranking.ranked
        };
        list.push(amplitude);
    }
    for list in [
        &mut ranking.ranked,
        &mut ranking.low_coverage,
        &mut ranking.undefined,
        &mut ranking.empty,
    ] {
        sort(list, |a, b| {
            (family(a, kind).cmp(&family(b, kind)))
                .then_with(|| descending(a.value, b.value))
                .then_with(|| a.name.cmp(&b.name))
        });
    }
    for amplitude in &ranking.ranked {
        let metric = family(amplitude, kind);
        match ranking.families.last_mut() {
            Some(last) if last.metric.as_deref() == metric => last.series += 1,
            _ => ranking.families.push(Family {
                metric: metric.map(str::to_owned),
                series: 1,
            }),
        }
    }
    ranking.notes = notes::notes(matrix, &ranking);
    ranking
}

/// The metric among whose series an amplitude is ranked; `None` for those without a name, and for ratios.
fn family(amplitude: &Amplitude, kind: Kind) -> Option<&str> {
    amplitude.labels.metric().filter(|_| !kind.is_unit_free())
}

/// The time before, in which each series has its habit.
struct Before<'a> {
    baseline: &'a Matrix,
    rows: Map<&'a Labels, usize>,
    windows: Windows,
}

impl<'a> Before<'a> {
    fn new(current: &Matrix, baseline: &'a Matrix) -> Self {
        let rows = (0..baseline.rows()).map(|row| (baseline.labels(row), row));
        let grid = current.grid();
        Self {
            baseline,
            rows: Map::of(rows.collect()),
            windows: Windows::new(baseline.grid(), grid, grid.span_ms()),
        }
    }

    /// Median peak-to-peak of the windows before that are as long as the current one, as a verdict takes it.
    fn usual(&self, current: &Matrix, row: usize) -> Option<f64> {
        let before = *self.rows.get(&current.labels(row))?;
        let now = Extremes::of(&signal(current, row)).map(|x| x.peak_to_peak());
        Some(Habit::of(self.baseline, before, &self.windows, LEAST_WINDOWS, now)?.median)
    }
}

/// Greatest first, `None` last.
pub(crate) fn descending(a: Option<f64>, b: Option<f64>) -> Ordering {
    let order = |x: Option<f64>| x.unwrap_or(f64::NEG_INFINITY);
    order(b).total_cmp(&order(a))
}

/// The values whose amplitude is taken: the samples, or a counter's increase per step.
pub(crate) fn signal(matrix: &Matrix, row: usize) -> Cow<'_, [f64]> {
    let values = matrix.values(row);
    if matrix.is_counter(row) {
        Cow::Owned(counter::increases(values))
    } else {
        Cow::Borrowed(values)
    }
}

fn of_row(matrix: &Matrix, row: usize, kind: Kind, usual: Option<f64>) -> Amplitude {
    let raw = matrix.values(row);
    let values = signal(matrix, row);
    let extremes = Extremes::of(&values);
    let samples = raw.iter().filter(|v| v.is_finite()).count();
    let coverage = if raw.is_empty() {
        0.0
    } else {
        samples as f64 / raw.len() as f64
    };
    let count = |wanted: fn(f64) -> bool| raw.iter().filter(|v| wanted(**v)).count() as u32;
    let mut result = Amplitude {
        row,
        name: matrix.name(row).to_owned(),
        labels: matrix.labels(row).clone(),
        value: extremes.and_then(|x| kind.measure(&values, &x, usual)),
        min: extremes.map(|x| x.min),
        max: extremes.map(|x| x.max),
        argmin: extremes.map(|x| x.argmin as u32),
        argmax: extremes.map(|x| x.argmax as u32),
        baseline_amplitude: usual,
        samples: samples as u32,
        runs: runs(raw),
        gaps: count(is_gap),
        nan: count(|v| v.is_nan() && !is_gap(v)),
        inf: count(f64::is_infinite),
        coverage,
        flags: Vec::new(),
    };
    result.flags = flags(&result, matrix, kind);
    result
}

fn runs(raw: &[f64]) -> u32 {
    let mut last = None;
    let mut runs = 0;
    for value in raw.iter().copied().filter(|v| v.is_finite()) {
        runs += u32::from(last != Some(value));
        last = Some(value);
    }
    runs
}

fn flags(found: &Amplitude, matrix: &Matrix, kind: Kind) -> Vec<Flag> {
    let raw = matrix.values(found.row);
    let counter = matrix.is_counter(found.row);
    let missing_first = raw.iter().take_while(|v| is_gap(**v)).count();
    let missing_last = raw.iter().rev().take_while(|v| is_gap(**v)).count();
    let any = missing_first < raw.len();
    let undefined = found.max.is_some() && found.value.is_none();
    let ratio = kind == Kind::SwingRatio;
    [
        (Flag::Empty, found.max.is_none()),
        (Flag::Single, found.samples == 1),
        (
            Flag::Flat,
            found.samples > 1 && found.max.is_some() && found.max == found.min,
        ),
        (Flag::Infinite, found.inf > 0),
        (
            Flag::LowCoverage,
            found.max.is_some() && found.coverage < MIN_COVERAGE,
        ),
        (Flag::Appeared, any && missing_first >= 2),
        (Flag::Disappeared, any && missing_last >= 2),
        (Flag::Counter, counter),
        (Flag::OnlyRises, !counter && counter::only_rises(raw)),
        (Flag::MedianZero, undefined && kind == Kind::Relative),
        (
            Flag::NoHabit,
            undefined && ratio && found.baseline_amplitude.is_none(),
        ),
        (
            Flag::StoodStill,
            undefined && ratio && found.baseline_amplitude.is_some(),
        ),
    ]
    .into_iter()
    .filter_map(|(flag, holds)| holds.then_some(flag))
    .collect()
}

/// Names of the metrics in an answer, in order; their units may differ.
pub(crate) fn metrics(matrix: &Matrix) -> Vec<&str> {
    let rows = 0..matrix.rows();
    distinct(rows.filter_map(|row| matrix.labels(row).metric()).collect())
}

#[cfg(test)]
mod tests;
