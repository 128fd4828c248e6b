//! The `*_over_time` functions: one number from one series' points, which are never empty.

use crate::samples::Point;

pub(super) fn average(points: &[Point]) -> f64 {
    let mut mean = Compensated::default();
    let mut count = 0.0;
    for &(_, value) in points {
        count += 1.0;
        if mean.sum.is_infinite() {
            let same_infinity = value.is_infinite() && (mean.sum > 0.0) == (value > 0.0);
            if same_infinity || value.is_finite() {
                continue;
            }
        }
        mean.add(value / count - mean.sum / count);
    }
    mean.total()
}

pub(super) fn sum(points: &[Point]) -> f64 {
    let mut sum = Compensated::default();
    for &(_, value) in points {
        sum.add(value);
    }
    sum.total()
}

pub(super) fn minimum(points: &[Point]) -> f64 {
    points.iter().fold(f64::NAN, |least, &(_, value)| {
        if value < least || least.is_nan() {
            value
        } else {
            least
        }
    })
}

pub(super) fn maximum(points: &[Point]) -> f64 {
    points.iter().fold(f64::NAN, |greatest, &(_, value)| {
        if value > greatest || greatest.is_nan() {
            value
        } else {
            greatest
        }
    })
}

/// Population variance, by Welford's method.
pub(super) fn variance(points: &[Point]) -> f64 {
    let mut mean = Compensated::default();
    let mut squares = Compensated::default();
    let mut count = 0.0;
    for &(_, value) in points {
        count += 1.0;
        let delta = value - (mean.sum + mean.lost);
        mean.add(delta / count);
        squares.add(delta * (value - (mean.sum + mean.lost)));
    }
    (squares.sum + squares.lost) / count
}

/// How often the value differs from the one before.
pub(super) fn changes(points: &[Point]) -> f64 {
    let differs = |pair: &&[Point]| {
        let (before, after) = (pair[0].1, pair[1].1);
        before != after && !(before.is_nan() && after.is_nan())
    };
    points.windows(2).filter(differs).count() as f64
}

/// How often the value falls, which is a counter's restart.
pub(super) fn resets(points: &[Point]) -> f64 {
    points
        .windows(2)
        .filter(|pair| pair[1].1 < pair[0].1)
        .count() as f64
}

/// The φ-quantile by linear interpolation between ranks; ±Inf outside `[0, 1]`, NaN of nothing.
pub(super) fn quantile(phi: f64, mut values: Vec<f64>) -> f64 {
    if values.is_empty() || phi.is_nan() {
        return f64::NAN;
    }
    if phi < 0.0 {
        return f64::NEG_INFINITY;
    }
    if phi > 1.0 {
        return f64::INFINITY;
    }
    // NaN sorts first, as in Prometheus
    values.sort_by(|a, b| b.is_nan().cmp(&a.is_nan()).then(a.total_cmp(b)));
    let last = values.len() - 1;
    let rank = phi * last as f64;
    let lower = (rank.floor() as usize).min(last);
    let upper = (lower + 1).min(last);
    let weight = rank - rank.floor();
    values[lower] * (1.0 - weight) + values[upper] * weight
}

/// Kahan's sum in Neumaier's variant, which Prometheus uses over time.
#[derive(Default)]
struct Compensated {
    sum: f64,
    lost: f64,
}

impl Compensated {
    fn add(&mut self, value: f64) {
        let total = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() {
            (self.sum - total) + value
        } else {
            (value - total) + self.sum
        };
        self.sum = total;
    }

    fn total(&self) -> f64 {
        if self.sum.is_infinite() {
            self.sum
        } else {
            self.sum + self.lost
        }
    }
}
