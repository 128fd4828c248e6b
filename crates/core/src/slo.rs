//! Whether an objective was kept: in which minutes, and by how much not.

mod run;
mod words;

use serde::Serialize;

pub use self::run::Run;
use self::run::{HYSTERESIS, runs};
use crate::amplitude::signal;
use crate::labels::Labels;
use crate::matrix::Matrix;
use crate::quantile::{finite, quantile};
use crate::sorted::sort;

/// What is promised: that values stay on one side of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Objective {
    /// In the unit of the series. A value on it keeps the promise.
    pub threshold: f64,
    /// Whether the values are to stay below it; else above it.
    pub below: bool,
    /// Of which quantile the promise is, 0.9 for P90; without one, of every value.
    pub quantile: Option<f64>,
    /// What the quantile is taken over.
    pub over: Over,
}

/// What a quantile is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// The samples of a series in the window: a number for each series.
    Time,
    /// The series at a step: a number for each step.
    Series,
    /// What was counted to make each sample, as `histogram_quantile` does: the samples are the quantile already.
    Requests,
}

/// How an objective was kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Breach {
    /// What was promised.
    pub objective: Objective,
    /// What broke it, the worst first; at most one line when the quantile is over the series.
    pub lines: Vec<Line>,
    /// What kept it: series, or 1 for the quantile over them.
    pub kept: usize,
    /// Series without a number.
    pub unknown: usize,
    /// What broke the objective, by how much and when, in one or two sentences.
    pub sentence: String,
}

/// A series, or the quantile over all, that broke the objective.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Row in the matrix; `None` for the quantile over the series.
    pub row: Option<usize>,
    /// The series as PromQL text.
    pub name: String,
    /// The labels of the series.
    pub labels: Labels,
    /// What was held against the threshold: the quantile over time; else the worst value.
    pub value: f64,
    /// The value that is furthest on the wrong side, and its first step, milliseconds since the Unix epoch.
    pub worst: f64,
    /// When.
    pub worst_ms: i64,
    /// Steps with a number.
    pub steps: usize,
    /// Steps with a number beyond the threshold.
    pub beyond: usize,
    /// When it was broken: none of these for a quantile over time whose steps beyond the threshold stand alone.
    pub runs: Vec<Run>,
    /// Steps of the runs, those between their ends included, over all with a number.
    pub share: f64,
}

/// Whether the values of a matrix keep an objective.
///
/// Quantiles are of type 7. A run is broken off, and begun, by at least two steps: one step beyond the threshold is no
/// breach, and one step back no end of it. A promise of a quantile over time is broken when that number is beyond the
/// threshold, whatever the runs. Of counters, the increase per step is what counts.
#[must_use]
pub fn breach(matrix: &Matrix, objective: &Objective) -> Breach {
    let mut found = Breach {
        objective: *objective,
        lines: Vec::new(),
        kept: 0,
        unknown: 0,
        sentence: String::new(),
    };
    let over_series = objective
        .quantile
        .filter(|_| objective.over == Over::Series);
    if let Some(q) = over_series {
        let rows: Vec<_> = (0..matrix.rows()).map(|row| signal(matrix, row)).collect();
        let at = |step: usize| {
            let mut at = Vec::new();
            at.extend(rows.iter().map(|row| row[step]));
            finite(&at)
        };
        let steps = 0..matrix.grid().points as usize;
        let values: Vec<f64> = steps
            .map(|step| quantile(at(step), q).unwrap_or(f64::NAN))
            .collect();
        found.unknown = rows
            .iter()
            .filter(|row| row.iter().all(|v| !v.is_finite()))
            .count();
        found.take(matrix, None, &values);
    } else {
        for row in 0..matrix.rows() {
            found.take(matrix, Some(row), &signal(matrix, row));
        }
    }
    sort(&mut found.lines, |a, b| {
        let rising = a.value.total_cmp(&b.value);
        let worst_first = if objective.below {
            rising.reverse()
        } else {
            rising
        };
        worst_first.then_with(|| a.name.cmp(&b.name))
    });
    found.sentence = found.words(matrix);
    found
}

impl Over {
    /// What has this name: `time`, `series` or `requests`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "time" => Self::Time,
            "series" => Self::Series,
            "requests" => Self::Requests,
            _ => return None,
        })
    }
}

impl Objective {
    fn is_beyond(&self, value: f64) -> bool {
        self.is_worse(value, self.threshold)
    }

    fn is_worse(&self, a: f64, b: f64) -> bool {
        if self.below { a > b } else { a < b }
    }
}

impl Breach {
    /// Judges one line of values: a series, or the quantile over all.
    fn take(&mut self, matrix: &Matrix, row: Option<usize>, values: &[f64]) {
        let objective = self.objective;
        let known: Vec<usize> = (0..values.len())
            .filter(|step| values[*step].is_finite())
            .collect();
        let Some(&first) = known.first() else {
            self.unknown += usize::from(row.is_some());
            return;
        };
        let runs = runs(values, &objective, matrix.grid());
        let beyond = known
            .iter()
            .filter(|step| objective.is_beyond(values[**step]))
            .count();
        let worst = known.iter().copied().fold(first, |worst, step| {
            if objective.is_worse(values[step], values[worst]) {
                step
            } else {
                worst
            }
        });
        let over_time = objective.quantile.filter(|_| objective.over == Over::Time);
        let of_time = over_time.and_then(|q| quantile(finite(values), q));
        let value = of_time.unwrap_or(values[worst]);
        let broken = match over_time {
            Some(_) => objective.is_beyond(value),
            None => !runs.is_empty(),
        };
        if !broken {
            self.kept += 1;
            return;
        }
        self.lines.push(Line {
            row,
            name: row.map_or_else(String::new, |row| matrix.name(row).to_owned()),
            labels: row.map_or_else(Labels::new, |row| matrix.labels(row).clone()),
            value,
            worst: values[worst],
            worst_ms: matrix.grid().time_ms(worst as u32),
            steps: known.len(),
            beyond,
            share: runs.iter().map(|run| run.steps).sum::<usize>() as f64 / known.len() as f64,
            runs,
        });
    }
}

#[cfg(test)]
mod tests;
