//! The numbers of one series in one window.

use serde::Serialize;

use crate::amplitude::signal;
use crate::envelope::Extremes;
use crate::grid::Grid;
use crate::matrix::{Matrix, is_gap};
use crate::quantile::finite;
use crate::suspects::habit::{Habit, Windows, median};

/// Numbers of one window of one series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WindowNumbers {
    /// Start of the window, milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// End of the window, milliseconds since the Unix epoch.
    pub end_ms: i64,
    /// Finite samples.
    pub samples: u32,
    /// Peak-to-peak.
    pub amplitude: Option<f64>,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
    /// Median.
    pub median: Option<f64>,
}

/// The habit of the series before the incident.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BaselineNumbers {
    /// Windows compared with.
    pub windows: usize,
    /// Median of their peak-to-peaks.
    pub amplitude: f64,
    /// Greatest of their peak-to-peaks.
    pub amplitude_max: f64,
    /// Least value in the baseline.
    pub min: f64,
    /// Greatest value in the baseline.
    pub max: f64,
}

/// The numbers from a step on.
pub(super) fn window_numbers(matrix: &Matrix, row: usize, from: usize) -> WindowNumbers {
    let values = signal(matrix, row);
    let values = values.get(from..).unwrap_or(&[]);
    let extremes = Extremes::of(values);
    WindowNumbers {
        start_ms: matrix.grid().time_ms(from as u32),
        end_ms: matrix.grid().end_ms(),
        samples: extremes.map_or(0, |x| x.samples as u32),
        amplitude: extremes.map(|x| x.peak_to_peak()),
        min: extremes.map(|x| x.min),
        max: extremes.map(|x| x.max),
        median: median(finite(values)),
    }
}

/// Habit over windows as long as the new samples: fewer samples swing less.
pub(super) fn baseline_numbers(
    baseline: &Matrix,
    row: usize,
    before: &Grid,
    swing: f64,
    span_ms: i64,
    least: usize,
) -> Option<BaselineNumbers> {
    let windows = Windows::new(baseline.grid(), before, span_ms);
    let habit = Habit::of(baseline, row, &windows, least.max(2), Some(swing))?;
    let (from, to) = windows.reach(habit.skipped);
    let values = signal(baseline, row);
    let extremes = Extremes::of(values.get(from..to)?)?;
    Some(BaselineNumbers {
        windows: habit.swings.iter().flatten().count(),
        amplitude: habit.median,
        amplitude_max: habit.max,
        min: extremes.min,
        max: extremes.max,
    })
}

/// How often the last value is repeated at the end, gaps apart.
pub(super) fn last_run(values: &[f64]) -> usize {
    let mut samples = values.iter().rev().filter(|v| !is_gap(**v));
    let Some(last) = samples.next() else { return 0 };
    1 + samples
        .take_while(|v| v.to_bits() == last.to_bits())
        .count()
}

/// The longest repetition of one value, gaps apart.
pub(super) fn longest_run(values: &[f64]) -> usize {
    let (mut longest, mut run, mut last) = (0, 0, None);
    for value in values.iter().filter(|v| !is_gap(**v)).map(|v| v.to_bits()) {
        run = if last == Some(value) { run + 1 } else { 1 };
        last = Some(value);
        longest = longest.max(run);
    }
    longest
}
