//! How far a series usually swings: its peak-to-peak in windows of the time before.

use crate::amplitude::{MIN_COVERAGE, signal};
use crate::envelope::Extremes;
use crate::grid::Grid;
use crate::matrix::Matrix;
use crate::quantile::{finite, known};
use crate::sorted::ascending;

/// Windows right before the current one that swing this many times the rest are part of the incident.
const BEGUN_RATIO: f64 = 1.5;
/// A baseline too short for windows as long as the current one is cut into this many.
const PARTS: i64 = 5;
/// Windows of fewer steps than this are not cut out of a short baseline.
const LEAST_STEPS: i64 = 6;

/// Consecutive windows of equal length, as ranges of a grid's steps; the latest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Windows(Vec<(usize, usize)>);

/// How long the windows are that `current` and the time before are compared by, in milliseconds.
///
/// As long as the current window when the baseline holds at least `least` of those; else a fifth of the
/// baseline, so that an hour can be compared with the hour before. 0 when that is too short to swing in.
pub(crate) fn span_ms(baseline: &Grid, current: &Grid, least: usize) -> i64 {
    let whole = current.span_ms();
    if Windows::new(baseline, current, whole).len() >= least {
        return whole;
    }
    let usable = baseline.end_ms().min(current.start_ms) - baseline.start_ms;
    let step = baseline.step_ms.max(current.step_ms).max(1);
    let part = usable / PARTS / step * step;
    if part >= LEAST_STEPS * step && part < whole {
        part
    } else {
        0
    }
}

impl Windows {
    /// Windows counted back from the end of the baseline, or from the start of `current` if that is earlier:
    /// what overlaps the incident is no habit. Neighbours share their end points, as five-minute queries do.
    pub(crate) fn new(baseline: &Grid, current: &Grid, span_ms: i64) -> Self {
        let steps = usize::try_from(span_ms / baseline.step_ms).unwrap_or(0);
        let usable = (0..baseline.points)
            .take_while(|step| baseline.time_ms(*step) <= current.start_ms)
            .count();
        Self::backwards(usable, steps)
    }

    /// The parts of a current window that are compared with windows of that length.
    pub(crate) fn within(current: &Grid, span_ms: i64) -> Self {
        let steps = usize::try_from(span_ms / current.step_ms).unwrap_or(0);
        Self::backwards(current.points as usize, steps)
    }

    fn backwards(mut end: usize, steps: usize) -> Self {
        let mut windows = Vec::new();
        while steps > 0 && end > steps {
            windows.push((end - 1 - steps, end));
            end -= steps;
        }
        Self(windows)
    }

    /// The peak-to-peak of `values` in each window; `None` where fewer than half of the steps have a number.
    pub(crate) fn swings(&self, values: &[f64]) -> Vec<Option<f64>> {
        self.each(values, |part| Some(Extremes::of(part)?.peak_to_peak()))
    }

    /// The median of `values` in each window; `None` as for [`Windows::swings`].
    pub(crate) fn medians(&self, values: &[f64]) -> Vec<Option<f64>> {
        self.each(values, |part| median(finite(part)))
    }

    fn each(&self, values: &[f64], of: impl Fn(&[f64]) -> Option<f64>) -> Vec<Option<f64>> {
        let covered = |part: &[f64]| {
            let samples = part.iter().filter(|v| v.is_finite()).count();
            samples >= 2 && samples as f64 >= MIN_COVERAGE * part.len() as f64
        };
        let window = |&(from, to): &(usize, usize)| {
            let part = values.get(from..to).filter(|part| covered(part))?;
            of(part)
        };
        self.0.iter().map(window).collect()
    }

    /// Number of windows.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The first and last step of all windows together, without the latest `skipped`.
    pub(crate) fn reach(&self, skipped: usize) -> (usize, usize) {
        let from = self.0.last().map_or(0, |(from, _)| *from);
        let to = self.0.get(skipped).map_or(from, |(_, to)| *to);
        (from, to)
    }

    /// The first step of a window; 0 is the latest.
    pub(crate) fn start(&self, window: usize) -> usize {
        self.0.get(window).map_or(0, |(from, _)| *from)
    }
}

/// The peak-to-peaks of one series in the windows.
#[derive(Debug, Clone)]
pub(crate) struct Habit {
    /// One per window, latest first; `None` where fewer than half of the steps have a sample.
    pub(crate) swings: Vec<Option<f64>>,
    /// Median of the swings.
    pub(crate) median: f64,
    /// Greatest of the swings.
    pub(crate) max: f64,
    /// Latest windows that are part of the incident, and no habit; their swings are `None`.
    pub(crate) skipped: usize,
}

impl Habit {
    /// The habit of a series, or `None` with fewer than `least` usable windows.
    ///
    /// Given the amplitude of the current window, latest windows that swing like it are left out.
    pub(crate) fn of(
        baseline: &Matrix,
        row: usize,
        windows: &Windows,
        least: usize,
        current: Option<f64>,
    ) -> Option<Self> {
        let mut swings = windows.swings(&signal(baseline, row));
        let skipped = current.map_or(0, |amplitude| begun_before(&swings, amplitude, BEGUN_RATIO));
        swings[..skipped].fill(None);
        let known = known(&swings);
        if known.len() < least.max(1) {
            return None;
        }
        Some(Self {
            max: known.iter().copied().fold(0.0, f64::max),
            median: median(known)?,
            swings,
            skipped,
        })
    }
}

/// How many of the latest windows belong to an incident that goes on: alerts fire minutes after the onset,
/// and an onset inside of the baseline must not make the incident a habit.
///
/// The greatest number, up to half of the windows, such that each of them and the current window swing
/// wider than any of the rest, and `ratio` times their median. A series that bursts every hour
/// keeps its habit: its earlier bursts are not the latest windows.
pub(super) fn begun_before(swings: &[Option<f64>], current: f64, ratio: f64) -> usize {
    let belongs = |latest: usize| {
        let rest = known(&swings[latest..]);
        let widest = rest.iter().copied().fold(0.0, f64::max);
        median(rest).is_some_and(|usual| {
            let far = |swing: f64| swing > widest && swing >= ratio * usual;
            far(current) && swings[..latest].iter().all(|swing| swing.is_none_or(far))
        })
    };
    (1..=swings.len() / 2)
        .rev()
        .find(|latest| belongs(*latest))
        .unwrap_or(0)
}

/// The median (type 7, as PromQL's `quantile`), or `None` of nothing.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    ascending(&mut values);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = values[values.len() / 2 - 1];
    Some(lower + (upper - lower) * 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::Labels;
    use crate::matrix::GAP;

    #[test]
    fn windows_count_back_and_leave_the_incident_out() {
        let baseline = Grid::new(0, 3_600_000, 10_000).unwrap();
        let after = Grid::new(3_600_000, 3_900_000, 10_000).unwrap();
        let windows = Windows::new(&baseline, &after, after.span_ms());
        assert_eq!(
            (windows.len(), windows.0[0], windows.reach(0)),
            (12, (330, 361), (0, 361))
        );
        let inside = Grid::new(3_300_000, 3_600_000, 10_000).unwrap();
        let windows = Windows::new(&baseline, &inside, inside.span_ms());
        assert_eq!((windows.len(), windows.0[0]), (11, (300, 331)));
        assert_eq!(Windows::new(&baseline, &after, 0).len(), 0);
        assert_eq!(Windows::new(&Grid::empty(), &after, 1000).len(), 0);
    }

    #[test]
    fn the_habit_is_the_median_swing_and_thin_windows_do_not_count() {
        let grid = Grid::new(0, 80_000, 10_000).unwrap();
        let values = vec![0.0, 9.0, 0.0, 1.0, 0.0, GAP, GAP, 3.0, 3.5];
        let baseline = Matrix::from_rows(grid, [(Labels::new(), values)]);
        let current = Grid::new(80_000, 100_000, 10_000).unwrap();
        let windows = Windows::new(&baseline.grid().to_owned(), &current, 20_000);
        let habit = Habit::of(&baseline, 0, &windows, 3, None).unwrap();
        assert_eq!(habit.swings, [Some(0.5), None, Some(1.0), Some(9.0)]);
        assert_eq!((habit.median, habit.max), (1.0, 9.0));
        assert!(Habit::of(&baseline, 0, &windows, 4, None).is_none());
        assert!(Habit::of(&baseline, 7, &windows, 1, None).is_none());
    }

    #[test]
    fn a_baseline_as_long_as_the_window_is_cut_into_five() {
        let before = Grid::new(0, 600_000, 10_000).unwrap();
        let long = Grid::new(600_000, 1_200_000, 10_000).unwrap();
        let short = Grid::new(600_000, 660_000, 10_000).unwrap();
        assert_eq!(span_ms(&before, &long, 3), 120_000);
        assert_eq!(span_ms(&before, &short, 3), 60_000);
        assert_eq!(Windows::within(&long, 120_000).len(), 5);
        assert_eq!(Windows::within(&short, 60_000).len(), 1);
        let thin = Grid::new(0, 200_000, 10_000).unwrap();
        assert_eq!(span_ms(&thin, &long, 3), 0);
        assert_eq!(span_ms(&Grid::empty(), &long, 3), 0);
    }

    #[test]
    fn the_median_of_an_even_count_is_between() {
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn an_incident_that_began_in_the_baseline_is_no_habit_and_a_burst_is() {
        let swings = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
        assert_eq!(
            begun_before(&swings(&[3.0, 3.2, 1.0, 1.1, 0.9, 1.0]), 3.1, 1.5),
            2
        );
        assert_eq!(
            begun_before(&swings(&[3.0, 3.2, 3.0, 1.1, 0.9, 1.0]), 3.1, 1.5),
            3
        );
        assert_eq!(
            begun_before(&swings(&[3.0, 3.2, 1.0, 1.1, 0.9, 1.0]), 1.0, 1.5),
            0
        );
        assert_eq!(
            begun_before(&swings(&[1.0, 3.0, 1.0, 1.1, 3.0, 1.0]), 3.0, 1.5),
            0
        );
        assert_eq!(begun_before(&swings(&[0.0, 0.0, 0.0, 0.0]), 0.0, 1.5), 0);
        assert_eq!(begun_before(&swings(&[2.0, 0.0, 0.0, 0.0]), 2.0, 1.5), 1);
        assert_eq!(begun_before(&[], 2.0, 1.5), 0);
    }
}
