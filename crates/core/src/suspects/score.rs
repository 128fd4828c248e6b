//! The scores of the series: how far each is from its own past, or from its peers.

use super::group::saturated;
use super::habit::{Habit, Windows, median, span_ms};
use super::level::{Level, central};
use super::past::{Excess, LEAST_VARIATION, rounded, settle};
use super::{Method, SuspectSettings};
use crate::amplitude::{Amplitude, Ranking, signal};
use crate::matrix::Matrix;
use crate::quantile::known;
use crate::sorted::{Map, distinct};

/// A series that stood still before is taken to swing by this share of its family's typical swing: it must
/// not be accused of its first twitch.
const FLOOR_OF_TYPICAL: f64 = 0.05;
/// Nor of one smaller than this share of its own level; and a habit below that share is to stand still.
const STILL: f64 = 1e-3;
/// A swing smaller than this share of the series' greatest value is rounding of floats, not a swing.
const FLOOR_OF_LEVEL: f64 = 1e-9;
/// Levels closer together than this share of the usual swing are the same level.
const NEAR: f64 = 0.05;
/// A level that moved by less than this share of the usual swing has not moved for a person who looks.
const LEAST_SHIFT: f64 = 0.5;
/// A shift counts for a third of a swing in the order: levels wander more than swings do.
const SHIFT_WEIGHT: f64 = 1.0 / 3.0;
/// Robust z that an amplitude must have among its peers, for many of them; see [`peer_limit`].
const PEER_Z: f64 = 4.0;

/// One series with its score.
#[derive(Debug, Clone)]
pub(super) struct Scored {
    pub(super) row: usize,
    /// Row of the same series in the baseline.
    pub(super) before: Option<usize>,
    pub(super) amplitude: Option<f64>,
    /// Steps with a number.
    pub(super) samples: usize,
    /// The longest that it repeated one value before, in steps.
    pub(super) repeats: Option<usize>,
    /// How it swung before.
    pub(super) habit: Option<Habit>,
    /// Where it stood before, and stands now.
    pub(super) level: Option<Level>,
    /// The swing against the past, or against the peers.
    pub(super) swing: Option<Excess>,
    /// The distance from the usual level against the past.
    pub(super) shift: Option<Excess>,
    /// What the order is by, in units of usual variation.
    pub(super) score: Option<f64>,
}

impl Scored {
    /// Whether it swings more than chance explains.
    pub(super) fn swings(&self) -> bool {
        self.swing.as_ref().is_some_and(Excess::is_odd)
    }

    /// Whether its level is further away than chance explains, by as much as a person would see.
    pub(super) fn shifted(&self) -> bool {
        let swing = self.habit.as_ref().map_or(0.0, |habit| habit.median);
        self.shift.as_ref().is_some_and(Excess::is_odd)
            && self
                .level
                .as_ref()
                .is_some_and(|level| level.distance >= LEAST_SHIFT * swing)
    }

    pub(super) fn is_odd(&self) -> bool {
        self.swings() || self.shifted()
    }

    /// Its score beside those of series of other metrics.
    pub(super) fn weight(&self) -> Option<f64> {
        let shift = self
            .shift
            .as_ref()
            .map_or(0.0, |shift| shift.units.max(0.0));
        let swing = self.swing.as_ref()?.units;
        Some(rounded(saturated(swing) + SHIFT_WEIGHT * saturated(shift)))
    }

    /// Whether a window of its own baseline was as far from the habit as this one.
    pub(super) fn habitual(&self) -> bool {
        let habitual = |excess: &Option<Excess>| excess.as_ref().is_none_or(|e| e.habitual);
        habitual(&self.swing) && habitual(&self.shift)
    }
}

/// All series of the current window, scored one way.
#[derive(Debug)]
pub(super) struct Scores {
    pub(super) method: Method,
    pub(super) rows: Vec<Scored>,
    /// Windows of the baseline.
    pub(super) windows: Windows,
}

/// Scores against the series' own past, or `None` when fewer than two series have one.
pub(super) fn by_own_baseline(
    current: &Matrix,
    baseline: &Matrix,
    ranking: &Ranking,
    settings: &SuspectSettings,
) -> Option<Scores> {
    let least = settings.min_windows.max(2);
    let span = span_ms(baseline.grid(), current.grid(), settings.min_windows.max(3));
    let windows = Windows::new(baseline.grid(), current.grid(), span);
    let parts = Windows::within(current.grid(), span);
    let past_rows = (0..baseline.rows()).map(|row| (baseline.labels(row), row));
    let past_rows = Map::of(past_rows.collect());
    let mut rows = unscored(ranking);
    let mut swings = vec![None; rows.len()];
    for (series, swing) in rows.iter_mut().zip(&mut swings) {
        let Some(before) = past_rows.get(&current.labels(series.row)) else {
            continue;
        };
        series.before = Some(*before);
        let now = signal(current, series.row);
        *swing = central(known(&parts.swings(&now)));
        series.habit = Habit::of(baseline, *before, &windows, least, *swing);
        let past = signal(baseline, *before);
        series.repeats = Some(longest_repeat(&past));
        series.level = Level::of((&past, &windows), (&now, &parts), least);
    }
    if rows.iter().filter(|series| series.habit.is_some()).count() < 2 {
        return None;
    }
    let families = Families::of(current, &rows);
    for (series, swing) in rows.iter_mut().zip(swings) {
        let (Some(habit), Some(swing)) = (&series.habit, swing) else {
            continue;
        };
        let values = current.values(series.row).iter().filter(|v| v.is_finite());
        let level = values.fold(0.0_f64, |greatest, value| greatest.max(value.abs()));
        let mut floor = FLOOR_OF_LEVEL * level;
        if habit.median <= STILL * level {
            floor = (FLOOR_OF_TYPICAL * families.typical(series.row)).max(STILL * level);
        }
        series.swing = Excess::new(swing, &habit.swings, floor);
        let near = floor.max(NEAR * habit.median);
        series.shift = series
            .level
            .as_ref()
            .and_then(|level| Excess::new(level.distance, &level.distances, near));
    }
    let chance = settings.chance / 2.0;
    settle_all(&mut rows, &families, chance, settings.min_ratio, |series| {
        series.swing.as_mut()
    });
    settle_all(&mut rows, &families, chance, settings.min_ratio, |series| {
        series.shift.as_mut()
    });
    for series in &mut rows {
        let shift = series
            .shift
            .as_ref()
            .map_or(0.0, |shift| shift.units.max(0.0));
        let score = series
            .swing
            .as_ref()
            .map(|swing| swing.units + SHIFT_WEIGHT * shift);
        series.score = score.map(rounded);
    }
    Some(Scores {
        method: Method::OwnBaseline,
        rows,
        windows,
    })
}

/// Scores by amplitude over the median amplitude of all series.
pub(super) fn by_peers(ranking: &Ranking, settings: &SuspectSettings) -> Scores {
    let mut rows = unscored(ranking);
    let moving = rows.iter().filter_map(|series| series.amplitude);
    if let Some(typical) = median(moving.filter(|a| *a > 0.0).collect()) {
        let floor = FLOOR_OF_TYPICAL * typical;
        let amplitudes = rows.iter().filter_map(|series| series.amplitude);
        let logs: Vec<f64> = amplitudes.map(|a| a.max(floor).ln()).collect();
        let centre = median(logs.clone()).unwrap_or_default();
        let deviations = logs.iter().map(|log| (log - centre).abs()).collect();
        let spread = median(deviations).unwrap_or_default() * 1.4826;
        let unit = spread.max(2.0 * LEAST_VARIATION);
        let limit = rounded(peer_limit(logs.len()).max(settings.min_ratio.ln() / unit));
        for series in &mut rows {
            let known = |a: f64| Excess::known(a.max(floor), centre.exp(), unit, limit);
            series.swing = series.amplitude.map(known);
            series.score = series.swing.as_ref().map(|swing| swing.units);
        }
    }
    Scores {
        method: Method::Peers,
        rows,
        windows: Windows::default(),
    }
}

/// The spread of few series is badly known, so that few series need a larger distance.
fn peer_limit(series: usize) -> f64 {
    PEER_Z * (1.0 + 6.0 / series.max(1) as f64)
}

fn unscored(ranking: &Ranking) -> Vec<Scored> {
    let scored = |found: &Amplitude| Scored {
        row: found.row,
        before: None,
        amplitude: found.value,
        samples: found.samples as usize,
        repeats: None,
        habit: None,
        level: None,
        swing: None,
        shift: None,
        score: None,
    };
    ranking.ranked.iter().map(scored).collect()
}

/// Length of the longest run of one value, in steps; gaps break no run.
fn longest_repeat(values: &[f64]) -> usize {
    let (mut longest, mut length, mut last) = (0, 0, f64::NAN);
    for value in values.iter().filter(|value| value.is_finite()) {
        length = if *value == last { length + 1 } else { 1 };
        longest = longest.max(length);
        last = *value;
    }
    longest
}

fn settle_all(
    rows: &mut [Scored],
    families: &Families,
    chance: f64,
    least_ratio: f64,
    which: fn(&mut Scored) -> Option<&mut Excess>,
) {
    let mut excesses = Vec::new();
    for series in rows {
        let family = families.number(series.row);
        excesses.extend(which(series).map(|excess| (family, excess)));
    }
    settle(&mut excesses, chance, least_ratio);
}

/// The metrics of an answer: only series of one metric share a unit of measure.
struct Families {
    /// The family of each row.
    of_row: Vec<usize>,
    /// The typical swing of each family.
    typical: Vec<f64>,
}

impl Families {
    fn of(current: &Matrix, rows: &[Scored]) -> Self {
        let metric = |row: usize| current.labels(row).get("__name__").unwrap_or_default();
        let metrics = distinct((0..current.rows()).map(metric).collect());
        let of_row: Vec<usize> = (0..current.rows())
            .map(|row| metrics.partition_point(|known| *known < metric(row)))
            .collect();
        let typical = (0..metrics.len())
            .map(|family| typical_swing(rows.iter().filter(|s| of_row[s.row] == family)))
            .collect();
        Self { of_row, typical }
    }

    fn number(&self, row: usize) -> usize {
        self.of_row.get(row).copied().unwrap_or_default()
    }

    fn typical(&self, row: usize) -> f64 {
        self.typical
            .get(self.number(row))
            .copied()
            .unwrap_or_default()
    }
}

/// Median of the habits, or of the amplitudes when all stood still before.
fn typical_swing<'a>(family: impl Iterator<Item = &'a Scored> + Clone) -> f64 {
    let habits = family
        .clone()
        .filter_map(|series| Some(series.habit.as_ref()?.median));
    let now = family.filter_map(|series| series.amplitude);
    median(habits.filter(|swing| *swing > 0.0).collect())
        .or_else(|| median(now.filter(|swing| *swing > 0.0).collect()))
        .unwrap_or_default()
}
