//! Where a series stands, now and before: a server that is stuck at ten times its level does not swing.

use super::habit::{Windows, begun_before, median};
use super::past::median_without;
use crate::quantile::known;
use crate::sorted::ascending;

/// Windows right before the current one that are this many times as far from the usual level are part of the incident.
const BEGUN_RATIO: f64 = 4.0;

/// The medians of one series.
#[derive(Debug, Clone)]
pub(super) struct Level {
    /// Median of the current window, in the unit of the series.
    pub(super) now: f64,
    /// Median of the medians of the windows before.
    pub(super) usual: f64,
    /// Least of those medians.
    pub(super) least: f64,
    /// Greatest of those medians.
    pub(super) most: f64,
    /// How far the current window is from the usual level.
    pub(super) distance: f64,
    /// How far each window before is from the usual level of the others.
    pub(super) distances: Vec<Option<f64>>,
    /// Latest windows that already stood where the current one does; they count for none of the above.
    pub(super) skipped: usize,
}

impl Level {
    /// `None` when fewer than `least` windows before, or none of now, have a median.
    pub(super) fn of(
        before: (&[f64], &Windows),
        current: (&[f64], &Windows),
        least: usize,
    ) -> Option<Self> {
        let mut medians = before.1.medians(before.0);
        let parts = known(&current.1.medians(current.0));
        let now = median(parts.clone())?;
        let (_, distances) = distances(&medians)?;
        let usual = median(known(&medians))?;
        let skipped = begun_before(&distances, (now - usual).abs(), BEGUN_RATIO);
        medians[..skipped].fill(None);
        let (sorted, distances) = self::distances(&medians)?;
        let usual = median(sorted.clone())?;
        if sorted.len() < least {
            return None;
        }
        Some(Self {
            now,
            usual,
            least: *sorted.first()?,
            most: *sorted.last()?,
            distance: central(parts.iter().map(|part| (part - usual).abs()).collect())?,
            distances,
            skipped,
        })
    }
}

/// The medians in order, and the distance of each from the median of the others.
fn distances(medians: &[Option<f64>]) -> Option<(Vec<f64>, Vec<Option<f64>>)> {
    let mut sorted = known(medians);
    ascending(&mut sorted);
    let distance =
        |value: &Option<f64>| Some(((*value)? - median_without(&sorted, (*value)?)?).abs());
    let distances = medians.iter().map(distance).collect();
    (!sorted.is_empty()).then_some((sorted, distances))
}

/// One number for the parts of the current window: of one part, its own; of several, the geometric mean of
/// the greatest and the median one, so that both a burst and a lasting change count.
pub(super) fn central(parts: Vec<f64>) -> Option<f64> {
    let greatest = parts.iter().copied().fold(0.0, f64::max);
    let several = parts.len() > 1;
    let middle = median(parts)?;
    Some(if several {
        (greatest * middle).sqrt()
    } else {
        middle
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Grid;

    fn level(before: &[f64], now: &[f64], steps: i64) -> Option<Level> {
        let past = Grid::new(0, (before.len() as i64 - 1) * 10_000, 10_000).unwrap();
        let start = past.end_ms();
        let present = Grid::new(start, start + (now.len() as i64 - 1) * 10_000, 10_000).unwrap();
        let span = steps * 10_000;
        Level::of(
            (before, &Windows::new(&past, &present, span)),
            (now, &Windows::within(&present, span)),
            3,
        )
    }

    #[test]
    fn a_level_is_the_median_of_the_windows_medians() {
        let before = [1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 2.0, 2.0, 2.0];
        let found = level(&before, &[7.0, 7.0, 7.0], 2).unwrap();
        assert_eq!((found.now, found.usual), (7.0, 2.5));
        assert_eq!((found.least, found.most, found.distance), (1.0, 3.0, 4.5));
        assert!(level(&before[..4], &[7.0, 7.0, 7.0], 2).is_none());
    }

    #[test]
    fn windows_that_already_stand_where_the_current_one_does_are_not_the_usual_level() {
        let mut before = [
            2.0, 2.1, 1.9, 2.0, 2.2, 2.0, 1.9, 2.1, 2.0, 2.0, 2.1, 1.9, 2.0, 2.1, 2.0,
        ]
        .to_vec();
        before.extend([9.0; 6]);
        let found = level(&before, &[9.0, 9.1, 9.0], 2).unwrap();
        assert!(found.usual < 2.2 && found.most < 3.0, "{found:?}");
    }

    #[test]
    fn the_parts_of_a_long_window_count_by_burst_and_by_middle() {
        assert_eq!(central(vec![3.0]), Some(3.0));
        assert_eq!(central(vec![4.0, 1.0, 1.0]), Some(2.0));
        assert_eq!(central(vec![]), None);
    }
}
