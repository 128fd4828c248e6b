//! What was scraped, apart from how often the steps of a query repeat it.

use crate::matrix::Matrix;
use crate::sorted::ascending;

/// Runs of equal values between the first and the last, from which the scrape interval can be told.
const LEAST_RUNS: usize = 4;

/// One scrape: its value, and the first step that shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) value: f64,
    pub(super) step: u32,
}

/// The scrapes of a series: each run of equal values is one for each `scrape` steps of its length, at least one.
///
/// At a step of 10 s and a scrape interval of 30 s, three steps are one scrape: taken as three, they make the noise look
/// smaller and the evidence larger than they are. Gaps, NaN and ±Inf are left out, and end a run.
pub(super) fn points(values: &[f64], scrape: f64) -> Vec<Point> {
    let mut points = Vec::new();
    for (start, length) in runs(values) {
        let scrapes = ((length as f64 / scrape).round() as usize).clamp(1, length);
        points.extend((0..scrapes).map(|scrape| Point {
            value: values[start],
            step: (start + scrape * length / scrapes) as u32,
        }));
    }
    points
}

/// Steps from one scrape to the next of each row, 1 or more.
///
/// A row tells it when its runs of equal values are alike to a step; a whole number that stays the same for a while does
/// not. Such rows are taken to be scraped as often as the fastest of the others.
pub(crate) fn scrape_steps(matrix: &Matrix) -> Vec<f64> {
    let own: Vec<Option<f64>> = (0..matrix.rows())
        .map(|row| own_scrape(matrix.values(row)))
        .collect();
    let fastest = own.iter().flatten().copied().min_by(f64::total_cmp);
    let steps = |own: Option<f64>| own.or(fastest).unwrap_or(1.0);
    own.into_iter().map(steps).collect()
}

/// The mean length of the runs, when nine in ten are within a step of the median one.
fn own_scrape(values: &[f64]) -> Option<f64> {
    let runs = runs(values);
    // The window cuts the first and the last.
    let inner = runs.get(1..runs.len().checked_sub(1)?)?;
    if inner.len() < LEAST_RUNS {
        return None;
    }
    let mut lengths: Vec<f64> = inner.iter().map(|(_, length)| *length as f64).collect();
    ascending(&mut lengths);
    let median = lengths[lengths.len() / 2];
    let alike = lengths
        .iter()
        .filter(|length| (*length - median).abs() <= 1.0);
    let regular = alike.count() * 10 >= lengths.len() * 9;
    regular.then(|| lengths.iter().sum::<f64>() / lengths.len() as f64)
}

/// Start and length of each run of equal finite values.
fn runs(values: &[f64]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (step, value) in values.iter().enumerate().filter(|(_, v)| v.is_finite()) {
        match runs.last_mut() {
            Some((start, length)) if *start + *length == step && values[*start] == *value => {
                *length += 1;
            }
            _ => runs.push((step, 1)),
        }
    }
    runs
}
