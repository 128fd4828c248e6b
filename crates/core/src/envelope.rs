//! Minimum and maximum per bucket: what a chart of few pixels may show of many samples.

use serde::Serialize;

/// The least and the greatest finite value of each of `buckets` equal parts of `values`, in order.
///
/// Both are NaN where a part has no finite value. Unlike a mean or a chosen sample, the extremes
/// survive, and they are what an amplitude is about. With more buckets than values, there are
/// as many buckets as values.
#[must_use]
pub fn envelope(values: &[f64], buckets: usize) -> Vec<(f64, f64)> {
    let buckets = buckets.min(values.len());
    (0..buckets)
        .map(|bucket| {
            let from = bucket * values.len() / buckets;
            let to = (bucket + 1) * values.len() / buckets;
            let extremes = Extremes::of(&values[from..to]);
            extremes.map_or((f64::NAN, f64::NAN), |x| (x.min, x.max))
        })
        .collect()
}

/// The least and the greatest finite value of a slice, and where each stands first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Extremes {
    /// The least finite value.
    pub min: f64,
    /// The greatest finite value.
    pub max: f64,
    /// Index of the first least value.
    pub argmin: usize,
    /// Index of the first greatest value.
    pub argmax: usize,
    /// Number of finite values.
    pub samples: usize,
}

impl Extremes {
    /// The extremes of the finite values, or `None` when there is none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut found: Option<Self> = None;
        for (index, &value) in values.iter().enumerate().filter(|(_, v)| v.is_finite()) {
            let first = Self {
                min: value,
                max: value,
                argmin: index,
                argmax: index,
                samples: 0,
            };
            let extremes = found.get_or_insert(first);
            extremes.samples += 1;
            if value < extremes.min {
                (extremes.min, extremes.argmin) = (value, index);
            }
            if value > extremes.max {
                (extremes.max, extremes.argmax) = (value, index);
            }
        }
        found
    }

    /// Peak-to-peak, `max - min`; the greatest finite number when the difference is beyond it.
    #[must_use]
    pub fn peak_to_peak(&self) -> f64 {
        (self.max - self.min).min(f64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bucket_keeps_its_extremes() {
        let values = [1.0, 9.0, 2.0, f64::NAN, f64::NAN, f64::INFINITY, 4.0, -3.0];
        let buckets = envelope(&values, 4);
        assert_eq!(buckets[0], (1.0, 9.0));
        assert_eq!(buckets[1], (2.0, 2.0));
        assert!(buckets[2].0.is_nan() && buckets[2].1.is_nan());
        assert_eq!(buckets[3], (-3.0, 4.0));
    }

    #[test]
    fn there_are_never_more_buckets_than_values() {
        assert_eq!(envelope(&[1.0, 2.0], 10), [(1.0, 1.0), (2.0, 2.0)]);
        assert!(envelope(&[], 10).is_empty());
        assert!(envelope(&[1.0], 0).is_empty());
    }

    #[test]
    fn a_difference_beyond_the_largest_number_stays_finite() {
        let extremes = Extremes::of(&[f64::MAX, f64::MIN]).unwrap();
        assert_eq!(extremes.peak_to_peak(), f64::MAX);
    }
}
