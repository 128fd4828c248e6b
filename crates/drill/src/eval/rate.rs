//! `rate`, `increase` and their kin, with Prometheus 2.42's extrapolation.

use crate::samples::Point;

/// What `extrapolated` computes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// `rate`: per second, of a counter.
    Rate,
    /// `increase`: in total, of a counter.
    Increase,
    /// `delta`: in total, of a gauge.
    Delta,
}

/// The change over the whole range `[start_ms, end_ms]`, extrapolated from the samples within it
/// (`promql/functions.go`, `extrapolatedRate`): to the range's ends if the samples come within 1.1
/// average intervals of them, else by half an interval; a counter never below zero. `None` when
/// fewer than two samples are there.
pub(super) fn extrapolated(
    change: Change,
    points: &[Point],
    start_ms: i64,
    end_ms: i64,
) -> Option<f64> {
    let (&first, &last) = (points.first()?, points.last()?);
    if points.len() < 2 {
        return None;
    }
    let is_counter = change != Change::Delta;
    let mut result = last.1 - first.1;
    if is_counter {
        result += resets(points).sum::<f64>();
    }

    let seconds = |from: i64, to: i64| (to - from) as f64 / 1000.0;
    let mut to_start = seconds(start_ms, first.0);
    let to_end = seconds(last.0, end_ms);
    let sampled = seconds(first.0, last.0);
    let between_samples = sampled / (points.len() - 1) as f64;

    if is_counter && result > 0.0 && first.1 >= 0.0 {
        let to_zero = sampled * (first.1 / result);
        to_start = to_start.min(to_zero);
    }
    let threshold = between_samples * 1.1;
    let mut covered = sampled;
    for gap in [to_start, to_end] {
        covered += if gap < threshold {
            gap
        } else {
            between_samples / 2.0
        };
    }
    let mut factor = covered / sampled;
    if change == Change::Rate {
        factor /= seconds(start_ms, end_ms);
    }
    Some(result * factor)
}

/// `irate` per second, from the last two samples.
pub(super) fn instantaneous(points: &[Point]) -> Option<f64> {
    let [.., previous, last] = points else {
        return None;
    };
    let change = if last.1 < previous.1 {
        last.1
    } else {
        last.1 - previous.1
    };
    let interval = last.0 - previous.0;
    (interval != 0).then(|| change / (interval as f64 / 1000.0))
}

/// The values from which a counter fell.
fn resets(points: &[Point]) -> impl Iterator<Item = f64> {
    points
        .windows(2)
        .filter(|pair| pair[1].1 < pair[0].1)
        .map(|pair| pair[0].1)
}
