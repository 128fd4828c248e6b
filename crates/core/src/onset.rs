//! When a series changed: one split of it into before and after, and the order of the splits over the series.
//!
//! The split is the one with the least squares around two means (L2), `argmax (S_k - k·S_n/n)² / (k(n - k)/n)` over the
//! prefix sums `S`: E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954); D. V. Hinkley, "Inference about
//! the Change-Point in a Sequence of Random Variables", Biometrika 57 (1970). It counts when the gain is above
//! `3 ln(n) · sigma²`. Noise that wanders, where each value resembles the one before, splits too: an onset is a hint.

mod order;
mod points;
mod split;

use serde::Serialize;

pub(crate) use self::order::onset_of_row;
pub use self::order::{Onsets, SeriesOnset, onsets};
pub(crate) use self::points::scrape_steps;
use crate::quantile::quantile;
use crate::sorted::within;

/// A change of the level changes the distances from the median as well: only a gain so much greater says that they are it.
const CLEARER: f64 = 2.0;
/// A change below this share of the greatest value is rounding of floats.
const LEAST_SHARE: f64 = 1e-9;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// The mean of the values.
    Level,
    /// Their distance from the median, more than the level: a server that began to swing, or that stands still.
    Swing,
}

/// When one series changed, as steps of its grid: an interval, because between two samples nobody looked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Onset {
    /// What changed.
    pub changed: Changed,
    /// The first step that shows the last sample before the change.
    pub last_before: u32,
    /// The first step after the change.
    pub first_after: u32,
    /// The last step of a burst and the first step after it, when the series went back.
    pub ended: Option<(u32, u32)>,
    /// `after - before`, in the unit of the series; below 0 when it fell.
    pub size: f64,
    /// Mean of the values before the change (and after a burst), or of their distances from the median.
    pub before: f64,
    /// The same of the changed part.
    pub after: f64,
    /// The gain of the split over the least that counts; above 1, at most 1e9.
    pub gain: f64,
}

/// When a series changed, or `None` when it did not by more than its noise.
///
/// `scrape` is how many steps show the same sample, 1 when the step is not shorter than the scrape interval. `sigma` is
/// `median |x_i - x_(i-1)| / 0.9539`, or what the split leaves unexplained when that is more. NaN, ±Inf and gaps are
/// skipped; a single scrape that stands out is a spike, not a change, and fewer than six scrapes show none.
///
/// Of a burst, up and down again inside of the window, it is the beginning, and `ended` its end: one split would sit at
/// either edge, or at none when both sides are alike. The second change must pay for itself by the same gain
/// (the statistic is that of Olshen et al., "Circular Binary Segmentation", Biostatistics 5, 2004).
///
/// The same is asked of the distances from the median, by their square roots, which are less uneven; they are what
/// changed when the level did not, or their gain is twice as great.
#[must_use]
pub fn onset(values: &[f64], scrape: f64) -> Option<Onset> {
    onset_among(values, scrape, 1)
}

/// As [`onset`], of one of `among` series: the gain must be `2 ln(among) · sigma²` more.
pub(crate) fn onset_among(values: &[f64], scrape: f64, among: usize) -> Option<Onset> {
    let points = points::points(values, scrape.max(1.0));
    let level: Vec<f64> = points.iter().map(|point| point.value).collect();
    let greatest = |of: &[f64]| of.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let least = LEAST_SHARE * greatest(&level);
    let median = quantile(level.clone(), 0.5)?;
    let swing: Vec<f64> = level
        .iter()
        .map(|v| (v - median).abs().min(f64::MAX))
        .collect();
    let scale = greatest(&swing);
    let roots: Vec<f64> = swing
        .iter()
        .map(|distance| (distance / scale).sqrt())
        .collect();
    let gain = |change: &Option<split::Change>| change.as_ref().map_or(0.0, |change| change.gain);
    let (of_level, of_swing) = (split::change(&level, among), split::change(&roots, among));
    let (changed, change, of) = if gain(&of_swing) > CLEARER * gain(&of_level) {
        (Changed::Swing, of_swing?, swing)
    } else {
        (Changed::Level, of_level?, level)
    };
    let step = |point: usize| points[point].step;
    let part = change.began.1..change.ended.map_or(of.len(), |(_, first)| first);
    let (before, after) = means(&of, &change.kept, &part);
    let size = within(after - before, f64::MIN, f64::MAX);
    (size.abs() > least).then(|| Onset {
        changed,
        last_before: step(change.began.0),
        first_after: step(change.began.1),
        ended: change.ended.map(|(last, first)| (step(last), step(first))),
        size,
        before,
        after,
        gain: change.gain,
    })
}

/// The means of the kept values outside and inside of a part, each value divided before it is added: sums of the greatest
/// numbers overflow.
fn means(values: &[f64], kept: &[usize], part: &std::ops::Range<usize>) -> (f64, f64) {
    let inside = kept.iter().filter(|index| part.contains(index)).count();
    let (inside, outside) = (inside as f64, (kept.len() - inside) as f64);
    let mut means = (0.0, 0.0);
    for index in kept {
        if part.contains(index) {
            means.1 += values[*index] / inside;
        } else {
            means.0 += values[*index] / outside;
        }
    }
    let finite = |mean: f64| within(mean, f64::MIN, f64::MAX);
    (finite(means.0), finite(means.1))
}

#[cfg(test)]
mod tests;
