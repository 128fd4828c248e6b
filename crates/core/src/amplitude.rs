//! Amplitude: how far a series swings, peak-to-peak.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::envelope::Extremes;
use crate::labels::Labels;
use crate::matrix::{GAP, Matrix, is_gap};

/// Below this share of steps with a finite sample, a series is not ranked among the others.
pub const MIN_COVERAGE: f64 = 0.5;

/// The amplitude of one series and what was left out of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Amplitude {
    /// Row in the matrix.
    pub row: usize,
    /// The series as PromQL text.
    pub name: String,
    /// The labels of the series.
    pub labels: Labels,
    /// Peak-to-peak, `max - min` of the finite values, in the unit of the series; `None` without any.
    pub value: Option<f64>,
    /// The least finite value (of a counter: the least increase in one step).
    pub min: Option<f64>,
    /// The greatest finite value (of a counter: the greatest increase in one step).
    pub max: Option<f64>,
    /// Step of the first least value.
    pub argmin: Option<u32>,
    /// Step of the first greatest value.
    pub argmax: Option<u32>,
    /// Steps with a finite sample.
    pub samples: u32,
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
    /// A counter by its name (`_total`, `_count`, `_sum`, `_bucket`): the amplitude is that of its
    /// increase per step, because a raw counter's amplitude only tells how long the window is.
    Counter,
    /// Whole numbers that never fall: probably a counter; ask the server for `rate(…)`.
    OnlyRises,
}

/// The series in the order of their amplitude.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranking {
    /// Greatest amplitude first; equal ones by their text.
    pub ranked: Vec<Amplitude>,
    /// Series with finite samples in fewer than half of the steps, in the same order.
    pub low_coverage: Vec<Amplitude>,
    /// Series without a finite sample, by their text: not the same as an amplitude of 0.
    pub empty: Vec<Amplitude>,
    /// Sentences about what makes the order doubtful.
    pub notes: Vec<String>,
}

/// The amplitude of each series, in the order of the rows.
#[must_use]
pub fn amplitude(matrix: &Matrix) -> Vec<Amplitude> {
    (0..matrix.rows()).map(|row| of_row(matrix, row)).collect()
}

/// The series in the order of their amplitude, greatest first.
#[must_use]
pub fn rank(matrix: &Matrix) -> Ranking {
    let mut ranking = Ranking {
        ranked: Vec::new(),
        low_coverage: Vec::new(),
        empty: Vec::new(),
        notes: notes(matrix),
    };
    for amplitude in amplitude(matrix) {
        let list = match amplitude.value {
            None => &mut ranking.empty,
            Some(_) if amplitude.coverage < MIN_COVERAGE => &mut ranking.low_coverage,
            Some(_) => &mut ranking.ranked,
        };
        list.push(amplitude);
    }
    for list in [
        &mut ranking.ranked,
        &mut ranking.low_coverage,
        &mut ranking.empty,
    ] {
        list.sort_by(|a, b| descending(a.value, b.value).then_with(|| a.name.cmp(&b.name)));
    }
    ranking
}

/// Greatest first, `None` last.
pub(crate) fn descending(a: Option<f64>, b: Option<f64>) -> Ordering {
    let order = |x: Option<f64>| x.unwrap_or(f64::NEG_INFINITY);
    order(b).total_cmp(&order(a))
}

/// The values whose amplitude is taken: the samples, or a counter's increase per step.
pub(crate) fn signal(matrix: &Matrix, row: usize) -> Cow<'_, [f64]> {
    let values = matrix.values(row);
    if is_counter(matrix.labels(row)) {
        Cow::Owned(increases(values))
    } else {
        Cow::Borrowed(values)
    }
}

fn of_row(matrix: &Matrix, row: usize) -> Amplitude {
    let raw = matrix.values(row);
    let extremes = Extremes::of(&signal(matrix, row));
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
        value: extremes.map(|x| x.peak_to_peak()),
        min: extremes.map(|x| x.min),
        max: extremes.map(|x| x.max),
        argmin: extremes.map(|x| x.argmin as u32),
        argmax: extremes.map(|x| x.argmax as u32),
        samples: samples as u32,
        gaps: count(is_gap),
        nan: count(|v| v.is_nan() && !is_gap(v)),
        inf: count(f64::is_infinite),
        coverage,
        flags: Vec::new(),
    };
    result.flags = flags(&result, matrix.labels(row), raw);
    result
}

fn flags(found: &Amplitude, labels: &Labels, raw: &[f64]) -> Vec<Flag> {
    let counter = is_counter(labels);
    let missing_first = raw.iter().take_while(|v| is_gap(**v)).count();
    let missing_last = raw.iter().rev().take_while(|v| is_gap(**v)).count();
    let any = missing_first < raw.len();
    [
        (Flag::Empty, found.value.is_none()),
        (Flag::Single, found.samples == 1),
        (Flag::Flat, found.samples > 1 && found.value == Some(0.0)),
        (Flag::Infinite, found.inf > 0),
        (
            Flag::LowCoverage,
            found.value.is_some() && found.coverage < MIN_COVERAGE,
        ),
        (Flag::Appeared, any && missing_first >= 2),
        (Flag::Disappeared, any && missing_last >= 2),
        (Flag::Counter, counter),
        (Flag::OnlyRises, !counter && only_rises(raw)),
    ]
    .into_iter()
    .filter_map(|(flag, holds)| holds.then_some(flag))
    .collect()
}

fn notes(matrix: &Matrix) -> Vec<String> {
    let mut notes = Vec::new();
    let metrics = metrics(matrix);
    if metrics.len() > 1 {
        let list = metrics
            .iter()
            .take(4)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        notes.push(format!(
            "The answer holds {} metrics ({list}{}): their units may differ, so their amplitudes do not compare. Query one metric at a time.",
            metrics.len(),
            if metrics.len() > 4 { ", …" } else { "" },
        ));
    }
    let counters = (0..matrix.rows())
        .filter(|row| is_counter(matrix.labels(*row)))
        .count();
    if counters > 0 {
        notes.push(format!(
            "{counters} of {} series {}: what counts is the increase per step. Ask for rate(…) to see resets between steps.",
            matrix.rows(),
            if counters == 1 { "is a counter by its name" } else { "are counters by their name" },
        ));
    }
    let rising = (0..matrix.rows())
        .filter(|row| !is_counter(matrix.labels(*row)) && only_rises(matrix.values(*row)))
        .count();
    if rising * 2 > matrix.rows() {
        notes.push(format!(
            "{rising} of {} series {} whole numbers that never fall: if {}, ask for rate(…) instead.",
            matrix.rows(),
            if rising == 1 { "has" } else { "have" },
            if rising == 1 { "it is a counter" } else { "they are counters" },
        ));
    }
    notes
}

/// Names of the metrics in an answer; their units may differ.
pub(crate) fn metrics(matrix: &Matrix) -> BTreeSet<&str> {
    let rows = 0..matrix.rows();
    let mut metrics = BTreeSet::new();
    metrics.extend(rows.filter_map(|row| matrix.labels(row).metric()));
    metrics
}

fn is_counter(labels: &Labels) -> bool {
    labels.metric().is_some_and(is_counter_name)
}

/// Whether a metric is a counter by its name.
pub(crate) fn is_counter_name(metric: &str) -> bool {
    let suffixes = ["_total", "_count", "_sum", "_bucket"];
    suffixes.iter().any(|suffix| metric.ends_with(suffix))
}

/// The increase from one step to the next; a fall is a reset, counted from zero, as Prometheus does.
fn increases(values: &[f64]) -> Vec<f64> {
    let mut result = vec![GAP; values.len()];
    for (step, pair) in values.windows(2).enumerate() {
        if pair[0].is_finite() && pair[1].is_finite() {
            let rise = pair[1] - pair[0];
            result[step + 1] = if rise < 0.0 { pair[1] } else { rise };
        }
    }
    result
}

fn only_rises(values: &[f64]) -> bool {
    let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let whole = finite.iter().all(|v| *v >= 0.0 && v.fract() == 0.0);
    let rises = finite.windows(2).filter(|pair| pair[1] > pair[0]).count();
    let falls = finite.windows(2).any(|pair| pair[1] < pair[0]);
    whole && !falls && rises >= 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Grid;
    use crate::matrix::NAN;

    fn matrix(rows: &[(&str, &[f64])]) -> Matrix {
        let points = rows
            .iter()
            .map(|(_, values)| values.len())
            .max()
            .unwrap_or(1) as i64;
        let grid = Grid::new(0, (points - 1) * 10_000, 10_000).unwrap();
        let rows = rows.iter().map(|(which, values)| {
            (
                Labels::from([("__name__", "level"), ("which", which)]),
                values.to_vec(),
            )
        });
        Matrix::from_rows(grid, rows)
    }

    fn order(list: &[Amplitude]) -> Vec<&str> {
        list.iter()
            .map(|a| a.labels.get("which").unwrap())
            .collect()
    }

    #[test]
    fn amplitude_is_peak_to_peak_with_the_steps_of_both_ends() {
        let found = &amplitude(&matrix(&[("a", &[3.0, 1.0, 1.0, 7.5, 7.5])]))[0];
        assert_eq!(found.value, Some(6.5));
        assert_eq!((found.min, found.argmin), (Some(1.0), Some(1)));
        assert_eq!((found.max, found.argmax), (Some(7.5), Some(3)));
        assert_eq!((found.samples, found.coverage), (5, 1.0));
        assert!(found.flags.is_empty());
    }

    #[test]
    fn nan_inf_and_gaps_are_left_out_and_counted_apart() {
        let found = &amplitude(&matrix(&[("a", &[1.0, NAN, f64::INFINITY, GAP, 3.0, 2.0])]))[0];
        assert_eq!(found.value, Some(2.0));
        assert_eq!(
            (found.samples, found.nan, found.inf, found.gaps),
            (3, 1, 1, 1)
        );
        assert_eq!(found.flags, [Flag::Infinite]);
    }

    #[test]
    fn a_series_without_numbers_is_not_ranked_as_zero() {
        let ranking = rank(&matrix(&[
            ("flat", &[5.0; 6]),
            ("gone", &[GAP; 6]),
            ("nan", &[NAN; 6]),
            ("rare", &[GAP, GAP, GAP, GAP, 1.0, 99.0]),
            ("wide", &[0.0, 4.0, 0.0, 0.0, 0.0, 0.0]),
        ]));
        assert_eq!(order(&ranking.ranked), ["wide", "flat"]);
        assert_eq!(order(&ranking.low_coverage), ["rare"]);
        assert_eq!(order(&ranking.empty), ["gone", "nan"]);
        assert_eq!(ranking.ranked[1].value, Some(0.0));
        assert_eq!(ranking.ranked[1].flags, [Flag::Flat]);
    }

    #[test]
    fn equal_amplitudes_are_ordered_by_text_whatever_the_order_of_the_rows() {
        let values: &[f64] = &[1.0, 2.0];
        let forward = rank(&matrix(&[("a", values), ("b", values), ("c", &[0.0, 9.0])]));
        let backward = rank(&matrix(&[("c", &[0.0, 9.0]), ("b", values), ("a", values)]));
        assert_eq!(order(&forward.ranked), ["c", "a", "b"]);
        assert_eq!(order(&backward.ranked), ["c", "a", "b"]);
    }

    #[test]
    fn a_series_that_begins_or_ends_inside_the_window_says_so() {
        let found = amplitude(&matrix(&[
            ("new", &[GAP, GAP, 1.0, 2.0, 1.0]),
            ("gone", &[1.0, 2.0, 1.0, GAP, GAP]),
            ("late", &[1.0, 2.0, 1.0, 2.0, GAP]),
        ]));
        assert_eq!(found[0].flags, [Flag::Appeared]);
        assert_eq!(found[1].flags, [Flag::Disappeared]);
        assert!(found[2].flags.is_empty());
    }

    #[test]
    fn a_counter_is_judged_by_its_increase_and_a_reset_is_not_a_swing() {
        let grid = Grid::new(0, 40_000, 10_000).unwrap();
        let row = (
            Labels::from([("__name__", "requests_total")]),
            vec![1000.0, 1010.0, 1030.0, 5.0, 15.0],
        );
        let counter = Matrix::from_rows(grid, [row]);
        let found = &amplitude(&counter)[0];
        assert_eq!(
            (found.min, found.max, found.value),
            (Some(5.0), Some(20.0), Some(15.0))
        );
        assert_eq!(found.flags, [Flag::Counter]);
        assert!(rank(&counter).notes[0].contains("increase per step"));
    }

    #[test]
    fn metrics_of_different_units_are_not_compared_silently() {
        let grid = Grid::new(0, 10_000, 10_000).unwrap();
        let row = |metric: &str| (Labels::from([("__name__", metric)]), vec![1.0, 2.0]);
        let ranking = rank(&Matrix::from_rows(grid, [row("bytes"), row("seconds")]));
        assert!(ranking.notes[0].starts_with("The answer holds 2 metrics (bytes, seconds)"));
    }
}
