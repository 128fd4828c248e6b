//! A number of now against the same number in each window of the past: how far, and in what unit.

use super::habit::median;
use crate::quantile::known;
use crate::sorted::{ascending, within};

/// No series is trusted to vary by less than this (as a logarithm: about 5 %).
pub(super) const LEAST_VARIATION: f64 = 0.05;
/// The scale of the Gumbel distribution of maxima is not estimated below this, in units of variation.
const LEAST_SCALE: f64 = 0.25;

/// How far a number of the current window is from what it was in the windows before.
#[derive(Debug, Clone)]
pub(super) struct Excess {
    /// Now, divided by the median of the windows before.
    pub(super) ratio: f64,
    /// Logarithm of the ratio, in units of how much the series varies from window to window.
    pub(super) units: f64,
    /// What chance explains at most, in the same units.
    pub(super) limit: f64,
    /// The unit: root mean square of the logarithms of the past ratios.
    pub(super) unit: f64,
    /// Whether a window of the series' own past was as far.
    pub(super) habitual: bool,
    /// The same logarithm for each window of the past, against the others.
    past: Vec<Option<f64>>,
}

impl Excess {
    /// `now` against `past`, both held above `floor`; the units and the limit come from [`settle`].
    pub(super) fn new(now: f64, past: &[Option<f64>], floor: f64) -> Option<Self> {
        let usual = median(known(past))?.max(floor);
        let ratio = if usual > 0.0 {
            (now.max(floor) / usual).min(f64::MAX)
        } else {
            1.0
        };
        let past = variations(past, floor);
        let furthest = past.iter().flatten().copied().fold(0.0, f64::max);
        Some(Self {
            ratio,
            units: 0.0,
            limit: f64::INFINITY,
            unit: LEAST_VARIATION,
            habitual: logarithm(ratio) <= furthest,
            past,
        })
    }

    /// `now` against a usual number that is not of the series' own past, with a unit and a limit that are known.
    pub(super) fn known(now: f64, usual: f64, unit: f64, limit: f64) -> Self {
        let ratio = (now / usual).min(f64::MAX);
        Self {
            ratio,
            units: rounded(logarithm(ratio) / unit),
            limit,
            unit,
            habitual: false,
            past: Vec::new(),
        }
    }

    /// Whether the number is beyond what chance explains.
    pub(super) fn is_odd(&self) -> bool {
        self.units > self.limit
    }

    /// The ratio that chance explains at most.
    pub(super) fn limit_ratio(&self) -> f64 {
        (self.limit * self.unit).exp().min(f64::MAX)
    }
}

/// Of a ratio that is 0 when a series stands at zero now: as low as a number goes.
fn logarithm(ratio: f64) -> f64 {
    ratio.max(f64::MIN_POSITIVE).ln()
}

/// Sets units and limits of the same kind of number of all series; `family` is the metric, whose series share a unit.
///
/// The unit of a series is how much it varies itself, but at least as much as the median series of its
/// family. The greatest of all series in each window of the past is what a quiet fleet's greatest excess
/// looks like; the limit is the greatest of those, plus what a Gumbel tail adds for the chance that is
/// still left: with K windows a quiet fleet passes their greatest once in K + 1 runs, not once in a hundred.
/// A ratio below `least_ratio` is never odd.
pub(super) fn settle(excesses: &mut [(usize, &mut Excess)], chance: f64, least_ratio: f64) {
    let families = excesses.iter().map(|(family, _)| family + 1).max();
    let typical: Vec<f64> = (0..families.unwrap_or(0))
        .map(|family| {
            let own = excesses.iter().filter(|(of, _)| *of == family);
            median(own.map(|(_, e)| root_mean_square(&e.past)).collect()).unwrap_or_default()
        })
        .collect();
    for (family, excess) in excesses.iter_mut() {
        excess.unit = rounded(
            root_mean_square(&excess.past)
                .max(typical[*family])
                .max(LEAST_VARIATION),
        );
        excess.units = rounded(logarithm(excess.ratio) / excess.unit);
    }
    let windows = excesses.iter().map(|(_, e)| e.past.len()).max();
    let maxima: Vec<f64> = (0..windows.unwrap_or(0))
        .filter_map(|window| {
            let all = excesses
                .iter()
                .filter_map(|(_, e)| Some((*e.past.get(window)?)? / e.unit));
            all.max_by(f64::total_cmp)
        })
        .collect();
    let limit = beyond(&maxima, chance);
    for (_, excess) in excesses.iter_mut() {
        excess.limit = rounded(limit.max(least_ratio.ln() / excess.unit));
    }
}

/// What the next maximum of a quiet fleet passes with that chance at most, after these maxima.
fn beyond(maxima: &[f64], chance: f64) -> f64 {
    let greatest = maxima.iter().copied().fold(0.0, f64::max);
    let mean = maxima.iter().sum::<f64>() / maxima.len().max(1) as f64;
    let variance = maxima.iter().map(|m| (m - mean) * (m - mean)).sum::<f64>()
        / maxima.len().saturating_sub(1).max(1) as f64;
    let scale = (variance * 6.0).sqrt() / std::f64::consts::PI;
    let left = 1.0 / (within(chance, 1e-6, 0.5) * (maxima.len() as f64 + 1.0));
    greatest + scale.max(LEAST_SCALE) * left.ln().max(0.0)
}

/// Logarithm of each number over the median of the *other* numbers: what `ln(ratio)` is for the current window.
fn variations(past: &[Option<f64>], floor: f64) -> Vec<Option<f64>> {
    let mut sorted = known(past);
    ascending(&mut sorted);
    let variation = |value: &Option<f64>| {
        let value = (*value)?;
        let ratio = value.max(floor) / median_without(&sorted, value)?.max(floor);
        (ratio > 0.0 && ratio.is_finite()).then(|| ratio.ln())
    };
    past.iter().map(variation).collect()
}

/// The median of sorted numbers when one that equals `value` is taken away.
pub(super) fn median_without(sorted: &[f64], value: f64) -> Option<f64> {
    let at = sorted.partition_point(|other| other.total_cmp(&value).is_lt());
    let rest = sorted.len().checked_sub(1).filter(|rest| *rest > 0)?;
    let nth = |n: usize| sorted[if n < at { n } else { n + 1 }];
    let upper = nth(rest / 2);
    if rest % 2 == 1 {
        return Some(upper);
    }
    let lower = nth(rest / 2 - 1);
    Some(lower + (upper - lower) * 0.5)
}

/// Six decimals: `exp` and `ln` differ in the last bits between machines, verdicts must not.
pub(super) fn rounded(value: f64) -> f64 {
    if value.abs() < 1e9 {
        (value * 1e6).round() / 1e6
    } else {
        value
    }
}

fn root_mean_square(values: &[Option<f64>]) -> f64 {
    let count = values.iter().flatten().count().max(1) as f64;
    let squares = values.iter().flatten().map(|value| value * value);
    (squares.sum::<f64>() / count).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_compared_with_the_others_only() {
        let past = [Some(8.0), Some(2.0), None, Some(2.0)];
        let ratios: Vec<_> = variations(&past, 0.0)
            .into_iter()
            .map(|v| v.map(f64::exp))
            .collect();
        assert!((ratios[0].unwrap() - 4.0).abs() < 1e-12);
        assert!((ratios[1].unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(ratios[2], None);
    }

    #[test]
    fn the_median_without_one_is_that_of_the_others() {
        let sorted = [1.0, 2.0, 2.0, 7.0];
        assert_eq!(median_without(&sorted, 1.0), Some(2.0));
        assert_eq!(median_without(&sorted, 7.0), Some(2.0));
        assert_eq!(median_without(&sorted[..3], 1.0), Some(2.0));
        assert_eq!(median_without(&sorted[1..], 7.0), Some(2.0));
        assert_eq!(median_without(&sorted[2..], 2.0), Some(7.0));
        assert_eq!(median_without(&sorted[..1], 1.0), None);
    }

    #[test]
    fn a_bursty_series_needs_more_than_a_steady_one() {
        let steady = [1.0, 1.1, 0.9, 1.0, 1.05].map(Some);
        let bursty = [1.0, 6.0, 1.0, 0.3, 2.0].map(Some);
        let mut first = Excess::new(4.0, &steady, 0.0).unwrap();
        let mut second = Excess::new(4.0, &bursty, 0.0).unwrap();
        settle(&mut [(0, &mut first), (1, &mut second)], 0.005, 1.5);
        assert_eq!((first.ratio, second.ratio), (4.0, 4.0));
        assert!(first.is_odd() && !second.is_odd());
        assert!(!first.habitual && second.habitual);
        assert!(first.limit_ratio() < 4.0 && second.limit_ratio() > 4.0);
    }

    #[test]
    fn a_past_that_stood_still_is_held_above_the_floor() {
        let still = [0.0; 5].map(Some);
        let excess = Excess::new(3.0, &still, 0.5).unwrap();
        assert_eq!((excess.ratio, excess.habitual), (6.0, false));
        assert_eq!(Excess::new(3.0, &still, 0.0).unwrap().ratio, 1.0);
        assert!(Excess::new(3.0, &[None, None], 0.5).is_none());
    }
}
