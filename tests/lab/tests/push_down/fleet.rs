//! Samples that are the same in each run: every value comes from a generator with a fixed seed.

use std::ops::RangeInclusive;

use casebook_core::grid::Grid;
use casebook_lab::{Series, now};

/// Samples stand on multiples of ten seconds.
pub(crate) const INTERVAL: i64 = 10;

/// A multiple of two hours that is past, and not long: VictoriaMetrics takes no samples of the future.
pub(crate) fn end() -> i64 {
    now() / 7200 * 7200 - 7200
}

/// The grid of the last `span` seconds before `end`.
pub(crate) fn grid(end: i64, span: i64, step: i64) -> Grid {
    Grid::new((end - span) * 1000, end * 1000, step * 1000).unwrap()
}

/// The times of samples in these seconds.
pub(crate) fn times(seconds: RangeInclusive<i64>) -> impl Iterator<Item = i64> {
    seconds.step_by(INTERVAL.unsigned_abs() as usize)
}

/// Knuth's 64-bit congruential generator.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to 1, evenly.
    pub(crate) fn even(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Six decimals: VictoriaMetrics keeps no more than twelve digits or so of a number.
pub(crate) fn short(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// So many gauges of unlike scale, each of which wavers evenly by its own scale; `odd` wavers twice as much in the
/// last five minutes.
pub(crate) fn gauges(count: usize, odd: usize, end: i64) -> Vec<Series> {
    let mut noise = Noise::new(7);
    let mut gauge = |index: usize| {
        let scale = (4.0 * noise.even() - 2.0).exp();
        let which = format!("s{index:04}");
        let samples: Vec<_> = times(end - 7200..=end)
            .map(|time| {
                let factor = if index == odd && time > end - 300 {
                    2.0
                } else {
                    1.0
                };
                (time, short(scale * (10.0 + factor * noise.even())))
            })
            .collect();
        let labels = [
            ("__name__", "level"),
            ("job", "fleet"),
            ("which", which.as_str()),
        ];
        Series::new(labels, samples)
    };
    (0..count).map(&mut gauge).collect()
}
