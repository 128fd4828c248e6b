//! One labelled incident, and how far down the list its true service stands.

use std::collections::BTreeMap;

use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::matrix::{GAP, Matrix};
use casebook_core::suspects::{SuspectSettings, suspects};

/// The columns of a table: service, metric, and one value per time.
pub(crate) type Columns = BTreeMap<(String, String), Vec<f64>>;

/// A table of samples at instants in seconds, in order.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    pub(crate) times: Vec<f64>,
    pub(crate) columns: Columns,
}

impl Samples {
    /// On the grid of the most common distance between two instants; a value goes to the nearest step.
    fn matrix(&self, times: std::ops::Range<usize>) -> Option<Matrix> {
        let all = self.times.get(times.clone())?;
        let step = step_ms(&self.times)?;
        let start = (all.first()? * 1e3) as i64;
        let end = start + ((all.last()? * 1e3) as i64 - start + step / 2) / step * step;
        let grid = Grid::new(start, end, step).ok()?;
        let rows = self.columns.iter().map(|((service, metric), values)| {
            let labels = Labels::from([("__name__", metric.as_str()), ("service", service)]);
            let mut row = vec![GAP; grid.points as usize];
            for (time, value) in all.iter().zip(&values[times.clone()]) {
                let at = ((*time * 1e3) as i64 - start + step / 2) / step;
                if let Some(cell) = row.get_mut(at as usize).filter(|_| value.is_finite()) {
                    *cell = *value;
                }
            }
            (labels, row)
        });
        Some(Matrix::from_rows(grid, rows))
    }
}

fn step_ms(times: &[f64]) -> Option<i64> {
    let mut steps: Vec<i64> = times
        .windows(2)
        .map(|pair| ((pair[1] - pair[0]) * 1e3) as i64)
        .collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied().filter(|step| *step > 0)
}

/// A labelled incident.
#[derive(Debug)]
pub(crate) struct Case {
    /// Which it is, for messages.
    pub(crate) name: String,
    /// The service that was broken.
    pub(crate) truth: String,
    /// The time before.
    pub(crate) before: Matrix,
    /// From the moment of the fault on.
    pub(crate) now: Matrix,
}

impl Case {
    /// `moment` in seconds: rows at or after it are the incident, rows before it the baseline.
    pub(crate) fn split(
        name: String,
        truth: String,
        samples: &Samples,
        moment: f64,
    ) -> Option<Self> {
        let first = samples.times.partition_point(|time| *time < moment);
        Some(Self {
            name,
            truth,
            before: samples.matrix(0..first)?,
            now: samples.matrix(first..samples.times.len())?,
        })
    }

    /// With a baseline from another day, which is moved to end where the incident begins.
    pub(crate) fn apart(
        name: String,
        truth: String,
        before: &Samples,
        now: &Samples,
    ) -> Option<Self> {
        let moved =
            now.times.first()? - before.times.last()? - step_ms(&before.times)? as f64 / 1e3;
        let before = Samples {
            times: before.times.iter().map(|time| time + moved).collect(),
            columns: before.columns.clone(),
        };
        Some(Self {
            name,
            truth,
            before: before.matrix(0..before.times.len())?,
            now: now.matrix(0..now.times.len())?,
        })
    }

    fn services(&self) -> Vec<&str> {
        let mut names: Vec<&str> = (0..self.now.rows())
            .filter_map(|row| self.now.labels(row).get("service"))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// Shares of cases whose true service is among the first one, two, … five.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Accuracy {
    pub(crate) within: [f64; 5],
}

impl Accuracy {
    /// From the place of the true service in each case, 1 the first; `None` when it is not in the list.
    pub(crate) fn of(places: &[Option<usize>]) -> Self {
        let share = |k: usize| {
            let found = places.iter().flatten().filter(|place| **place <= k).count();
            found as f64 / places.len().max(1) as f64
        };
        Self {
            within: [1, 2, 3, 4, 5].map(share),
        }
    }

    /// Mean of the five.
    pub(crate) fn average(&self) -> f64 {
        self.within.iter().sum::<f64>() / 5.0
    }

    /// What a list in any order would reach.
    pub(crate) fn chance(cases: &[Case]) -> Self {
        let share = |k: usize| {
            let each = cases.iter().map(|case| {
                let services = case.services();
                let known = services.contains(&case.truth.as_str());
                f64::from(u8::from(known)) * (k as f64 / services.len().max(1) as f64).min(1.0)
            });
            each.sum::<f64>() / cases.len().max(1) as f64
        };
        Self {
            within: [1, 2, 3, 4, 5].map(share),
        }
    }
}

/// The true service's place in the verdict.
pub(crate) fn place_in_verdict(case: &Case) -> Option<usize> {
    let settings = SuspectSettings {
        by: Some("service".to_owned()),
        ..SuspectSettings::default()
    };
    let verdict = suspects(&case.now, Some(&case.before), &settings);
    let groups = verdict.groups.iter();
    place(&case.truth, groups.map(|group| group.name.as_str()))
}

/// Its place when services are ordered by the greatest distance from the mean, in standard deviations.
pub(crate) fn place_by_three_sigma(case: &Case) -> Option<usize> {
    let mut best: BTreeMap<&str, f64> = BTreeMap::new();
    for row in 0..case.now.rows() {
        let labels = case.now.labels(row);
        let (Some(service), Some(before)) = (labels.get("service"), case.before.find(labels))
        else {
            continue;
        };
        let Some((mean, deviation)) = moments(case.before.values(before)) else {
            continue;
        };
        let now = case
            .now
            .values(row)
            .iter()
            .filter(|value| value.is_finite());
        let score = now
            .map(|value| (value - mean).abs() / deviation.max(1e-12))
            .fold(0.0, f64::max);
        let known = best.entry(service).or_default();
        *known = known.max(score);
    }
    let mut order: Vec<(&str, f64)> = best.into_iter().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    place(&case.truth, order.into_iter().map(|(service, _)| service))
}

/// Mean and standard deviation of what is finite; `None` of fewer than two.
pub(crate) fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let known: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    if known.len() < 2 {
        return None;
    }
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let squares = known.iter().map(|value| (value - mean) * (value - mean));
    Some((mean, (squares.sum::<f64>() / known.len() as f64).sqrt()))
}

fn place<'a>(truth: &str, mut order: impl Iterator<Item = &'a str>) -> Option<usize> {
    order
        .position(|service| service == truth)
        .map(|index| index + 1)
}
