//! Quantiles of type 7, which are PromQL's.

use crate::sorted::{ascending, within};

/// The finite ones of some numbers, in their order.
pub(crate) fn finite(values: &[f64]) -> Vec<f64> {
    let mut finite = values.to_vec();
    finite.retain(|value| value.is_finite());
    finite
}

/// Those of some numbers that are there, in their order.
pub(crate) fn known(values: &[Option<f64>]) -> Vec<f64> {
    let mut known = Vec::new();
    for value in values {
        known.extend(*value);
    }
    known
}

/// The `q`-quantile of finite values, or `None` of nothing: rank `q · (n - 1)` of the sorted values, linear between
/// two of them. Bit for bit what PromQL's `quantile` gives for `q` in 0..=1 (`promql/quantile.go`).
///
/// Type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996).
pub(crate) fn quantile(mut values: Vec<f64>, q: f64) -> Option<f64> {
    ascending(&mut values);
    of_sorted(&values, q)
}

/// As [`quantile`], of values that are sorted.
pub(crate) fn of_sorted(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let rank = within(q, 0.0, 1.0) * last as f64;
    let lower = rank.floor();
    let weight = rank - lower;
    let lower = lower as usize;
    let upper = (lower + 1).min(last);
    Some(sorted[lower] * (1.0 - weight) + sorted[upper] * weight)
}

/// Median absolute deviation from the median, times 1.4826: the standard deviation, were the values Gaussian.
///
/// Hampel, "The Influence Curve and its Role in Robust Estimation", JASA 69 (1974).
pub(crate) fn mad(values: &[f64], median: f64) -> Option<f64> {
    let distances = values.iter().map(|v| (v - median).abs().min(f64::MAX));
    Some(1.4826 * quantile(distances.collect(), 0.5)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quantile_is_the_one_that_promql_gives() {
        let values = || vec![4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(values(), 0.0), Some(1.0));
        assert_eq!(quantile(values(), 0.5), Some(2.5));
        assert!((quantile(values(), 0.9).unwrap() - 3.7).abs() < 1e-12);
        assert_eq!(quantile(values(), 1.0), Some(4.0));
        assert_eq!(quantile(vec![7.0], 0.9), Some(7.0));
        assert_eq!(quantile(vec![], 0.5), None);
    }

    #[test]
    fn the_mad_does_not_see_one_wild_value() {
        assert_eq!(mad(&[1.0, 2.0, 3.0, 4.0, 1e9], 3.0), Some(1.4826));
        assert_eq!(mad(&[], 0.0), None);
        assert_eq!(mad(&[f64::MIN, f64::MAX, f64::MAX], f64::MAX), Some(0.0));
    }

    proptest! {
        #[test]
        fn a_quantile_lies_between_its_neighbours(mut values in prop::collection::vec(-1e300..1e300_f64, 1..40), q in 0.0..=1.0_f64) {
            let found = quantile(values.clone(), q).unwrap();
            values.sort_by(f64::total_cmp);
            let rank = q * (values.len() - 1) as f64;
            let (low, high) = (values[rank.floor() as usize], values[rank.ceil() as usize]);
            let slack = 1e-12 * low.abs().max(high.abs());
            prop_assert!(found >= low - slack && found <= high + slack);
        }
    }
}
