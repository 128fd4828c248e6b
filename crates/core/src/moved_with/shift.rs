//! How far a series is from where it used to be, in units of its own spread.

use crate::onset::{Changed, Onset, onset_among};
use crate::quantile::{finite, mad, quantile};
use crate::sorted::within;

/// Fewer numbers before the window than this are no past.
const LEAST_BEFORE: usize = 6;
/// A shift is at most this: a series that stood still before has no spread to be measured by.
pub(super) const MOST: f64 = 1000.0;
/// A spread below this share of the level is rounding of floats.
const LEAST_SHARE: f64 = 1e-9;

/// The shift of one series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shift {
    /// Distance in units of the spread before, 1.4826 · MAD; its sign is the direction.
    pub(super) shift: f64,
    /// Median before, or mean before the onset; of the distances from the median, when the swing is what changed.
    pub(super) before: f64,
    /// Median of the window, or mean after the onset.
    pub(super) now: f64,
    /// The onset inside of the window.
    pub(super) onset: Option<Onset>,
}

/// The shift of the `window` from the time `before`, or from before its own onset when that is too short.
///
/// With an onset, what comes after it is compared: the median of a window that changed late is that of before.
pub(super) fn shift(before: &[f64], window: &[f64], scrape: f64, among: usize) -> Option<Shift> {
    let onset = onset_among(window, scrape, among);
    let mut past = finite(before);
    if past.len() < LEAST_BEFORE {
        past = finite(&window[..onset?.first_after as usize]);
    }
    let usual = quantile(past.clone(), 0.5)?;
    let level = past
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    let (from, now) = match onset {
        Some(onset) if onset.changed == Changed::Swing => (onset.before, onset.after),
        Some(onset) => (usual, onset.after),
        None => (usual, quantile(finite(window), 0.5)?),
    };
    let spread = spread(&past, usual)?.max(LEAST_SHARE * level);
    let distance = within(now - from, f64::MIN, f64::MAX);
    let shift = if distance == 0.0 {
        0.0
    } else {
        distance / spread
    };
    Some(Shift {
        shift: within(shift, -MOST, MOST),
        before: from,
        now,
        onset,
    })
}

/// 1.4826 · MAD; or √(π/2) times the mean distance, when most values are the same.
fn spread(values: &[f64], median: f64) -> Option<f64> {
    let mean = values
        .iter()
        .map(|value| (value - median).abs().min(f64::MAX) / values.len() as f64)
        .sum::<f64>();
    let mad = mad(values, median)?;
    Some(if mad > 0.0 {
        mad.min(f64::MAX)
    } else {
        (1.2533 * mean).min(f64::MAX)
    })
}
