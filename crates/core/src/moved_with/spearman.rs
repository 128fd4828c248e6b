//! Spearman's rank correlation of the changes of two series, at lags.
//!
//! Spearman, "The Proof and Measurement of Association between Two Things", American Journal of Psychology 15 (1904). Of
//! differences, because two levels that drift correlate whatever they are.

use crate::sorted::{order, within};

/// Fewer pairs than this have no correlation.
const LEAST_PAIRS: usize = 8;

/// The strongest correlation among the lags.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lagged {
    /// Between -1 and 1; below 0, one falls when the other rises.
    pub(super) rho: f64,
    /// Steps by which the other series is ahead of the target; below 0, behind it.
    pub(super) lag: i32,
    /// Steps that were compared.
    pub(super) pairs: usize,
}

/// The change from each step to the next; NaN where one of the two has no number.
pub(super) fn differences(values: &[f64]) -> Vec<f64> {
    let change = |pair: &[f64]| match pair[0].is_finite() && pair[1].is_finite() {
        true => pair[1] - pair[0],
        false => f64::NAN,
    };
    values.windows(2).map(change).collect()
}

/// The strongest correlation at lags of up to `most` steps each way; of equal ones, the shortest lag, ahead first.
pub(super) fn strongest(target: &[f64], other: &[f64], most: i32) -> Option<Lagged> {
    let mut best: Option<Lagged> = None;
    for distance in 0..=most {
        for lag in [distance, -distance] {
            if let Some(found) = at(target, other, lag)
                && best.is_none_or(|best| found.rho.abs() > best.rho.abs())
            {
                best = Some(found);
            }
        }
    }
    best
}

/// The correlation of the target with what the other series did `lag` steps before.
fn at(target: &[f64], other: &[f64], lag: i32) -> Option<Lagged> {
    let mut pairs = (Vec::new(), Vec::new());
    for (step, value) in target.iter().enumerate() {
        let then = i32::try_from(step).ok()? - lag;
        let before = usize::try_from(then).ok().and_then(|then| other.get(then));
        if let Some(before) = before.filter(|before| before.is_finite() && value.is_finite()) {
            pairs.0.push(*value);
            pairs.1.push(*before);
        }
    }
    let count = pairs.0.len();
    let rho = correlation(&doubled_ranks(&pairs.0), &doubled_ranks(&pairs.1))?;
    (count >= LEAST_PAIRS).then_some(Lagged {
        rho,
        lag,
        pairs: count,
    })
}

/// Twice the rank of each value, less that of the middle; equal values share the mean of their ranks. Whole numbers, so
/// that their sums are exact.
fn doubled_ranks(values: &[f64]) -> Vec<f64> {
    let order = order(values.len(), &|a, b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        // -0 and 0 are equal, though one sorts before the other.
        let equal = |at: &&usize| values[**at] == values[order[from]];
        let to = from + order[from..].iter().take_while(equal).count();
        for at in &order[from..to] {
            ranks[*at] = (from + to) as f64 - order.len() as f64;
        }
        from = to;
    }
    ranks
}

/// Pearson's correlation of numbers whose mean is 0, or `None` when one of the two never changes.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let spread = (product(a, a) * product(b, b)).sqrt();
    (spread > 0.0).then(|| within(product(a, b) / spread, -1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranks_and_not_distances_are_compared() {
        let a = [1.0, 5.0, 2.0, 9.0, 3.0, 4.0, 8.0, 7.0, 6.0, 0.0];
        let grown: Vec<f64> = a.iter().map(|v: &f64| v.powi(5)).collect();
        assert_eq!(at(&a, &grown, 0).unwrap().rho, 1.0);
        let mirrored: Vec<f64> = a.iter().map(|v| -v).collect();
        assert_eq!(at(&a, &mirrored, 0).unwrap().rho, -1.0);
        assert_eq!(at(&a, &[3.0; 10], 0), None);
        assert_eq!(at(&a[..7], &a[..7], 0), None);
    }

    #[test]
    fn ties_share_a_rank() {
        assert_eq!(
            doubled_ranks(&[5.0, 1.0, 5.0, -0.0, 0.0]),
            [3.0, 0.0, 3.0, -3.0, -3.0]
        );
        // The textbook's d² formula holds without ties: 1 - 6 · 8 / (9 · 80).
        let a: Vec<f64> = (0..9).map(f64::from).collect();
        let b = [1.0, 0.0, 2.0, 3.0, 6.0, 5.0, 4.0, 7.0, 8.0];
        let d2: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
        assert!((at(&a, &b, 0).unwrap().rho - (1.0 - 6.0 * d2 / 720.0)).abs() < 1e-12);
    }

    #[test]
    fn a_series_that_is_two_steps_ahead_is_found_there() {
        let other: Vec<f64> = (0..40).map(|k| f64::from((k * k * 7) % 31)).collect();
        let target: Vec<f64> = (0..40)
            .map(|k| if k < 2 { 3.0 } else { other[k - 2] })
            .collect();
        let found = strongest(&target, &other, 6).unwrap();
        assert_eq!((found.rho, found.lag, found.pairs), (1.0, 2, 38));
        let back = strongest(&other, &target, 6).unwrap();
        assert_eq!((back.rho, back.lag), (1.0, -2));
    }

    #[test]
    fn a_gap_takes_both_of_its_changes_away() {
        let changes = differences(&[1.0, 4.0, f64::NAN, 5.0, 7.0]);
        assert_eq!((changes[0], changes[3]), (3.0, 2.0));
        assert!(changes[1].is_nan() && changes[2].is_nan());
    }

    proptest! {
        #[test]
        fn it_is_a_correlation(a in prop::collection::vec(-5_i32..5, 8..40), b in prop::collection::vec(-5_i32..5, 8..40)) {
            let (a, b): (Vec<f64>, Vec<f64>) = (a.into_iter().map(f64::from).collect(), b.into_iter().map(f64::from).collect());
            if let Some(found) = strongest(&a, &b, 6) {
                prop_assert!(found.rho.abs() <= 1.0 && found.lag.abs() <= 6);
                let swapped = strongest(&b, &a, 6).unwrap();
                prop_assert_eq!(found.rho.abs(), swapped.rho.abs());
            }
        }
    }
}
