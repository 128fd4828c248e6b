//! The minutes in which values are beyond a threshold.

use serde::Serialize;

use super::Objective;
use crate::grid::Grid;

/// Steps beyond the threshold that make a run, and steps back that end it.
pub(super) const HYSTERESIS: usize = 2;

/// A longest stretch of steps beyond the threshold, with at most a step between them that is not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Run {
    /// First step beyond the threshold, milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// Last step beyond it.
    pub end_ms: i64,
    /// Steps with a number from the first to the last.
    pub steps: usize,
    /// The value that is furthest beyond.
    pub worst: f64,
    /// Its first step.
    pub worst_ms: i64,
    /// Whether it begins with the first number of the window: it may have begun before.
    pub from_start: bool,
    /// Whether it had not ended by the last step.
    pub open: bool,
}

/// The runs of a line of values, in their order. A step without a number is not beyond the threshold.
pub(super) fn runs(values: &[f64], objective: &Objective, grid: &Grid) -> Vec<Run> {
    let beyond = |step: usize| objective.is_beyond(values[step]);
    let known = |from: usize, to: usize| values[from..to].iter().filter(|v| v.is_finite()).count();
    let ms = |step: usize| grid.time_ms(step as u32);
    let mut runs = Vec::new();
    let steps: Vec<usize> = (0..values.len())
        .filter(|step| values[*step].is_finite() && beyond(*step))
        .collect();
    let mut from = 0;
    while from < steps.len() {
        let mut to = from + 1;
        while to < steps.len() && steps[to] - steps[to - 1] <= HYSTERESIS {
            to += 1;
        }
        // It takes two in a row; one here and one there are no run.
        let part = &steps[from..to];
        let begin = part
            .windows(HYSTERESIS)
            .position(|pair| known(pair[0], pair[1] + 1) == pair.len());
        if let Some(begin) = begin {
            let (first, last) = (part[begin], part[part.len() - 1]);
            let mut worst = first;
            for step in &part[begin..] {
                if objective.is_worse(values[*step], values[worst]) {
                    worst = *step;
                }
            }
            runs.push(Run {
                start_ms: ms(first),
                end_ms: ms(last),
                steps: known(first, last + 1),
                worst: values[worst],
                worst_ms: ms(worst),
                from_start: known(0, first) == 0,
                open: values.len() - 1 - last < HYSTERESIS,
            });
        }
        from = to;
    }
    runs
}
