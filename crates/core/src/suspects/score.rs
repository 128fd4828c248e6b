//! Scores of the series, and how large each may be by chance.

use super::habit::{Habit, Windows, median};
use super::{Method, SuspectSettings};
use crate::amplitude::Ranking;
use crate::matrix::Matrix;
use crate::sorted::{Map, within};

/// A habit smaller than this share of the fleet's typical swing is taken as this share: a server that
/// stood still before must not be accused of its first twitch.
const FLOOR_OF_TYPICAL: f64 = 0.05;
/// A swing smaller than this share of the series' greatest value is rounding of floats, not a swing.
const FLOOR_OF_LEVEL: f64 = 1e-9;
/// No habit is trusted to vary by less than this (as a logarithm: about 5 %).
const LEAST_VARIATION: f64 = 0.05;
/// The scale of the Gumbel distribution of maxima is not estimated below this, in units of variation.
const LEAST_SCALE: f64 = 0.25;
/// Robust z that an amplitude must have among its peers, for many of them; see [`peer_limit`].
const PEER_Z: f64 = 4.0;

/// One series with its score.
#[derive(Debug, Clone)]
pub(super) struct Scored {
    pub(super) row: usize,
    pub(super) amplitude: Option<f64>,
    pub(super) habit: Option<Habit>,
    pub(super) score: Option<f64>,
    /// The score that chance explains, at most.
    pub(super) limit: Option<f64>,
    /// Whether a window of the series' own baseline was as far from its habit as this one.
    pub(super) habitual: bool,
}

impl Scored {
    pub(super) fn is_odd(&self) -> bool {
        matches!((self.score, self.limit), (Some(score), Some(limit)) if score > limit)
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

/// Scores by swing ratio, or `None` when fewer than two series have a habit to be compared with.
pub(super) fn by_own_baseline(
    current: &Matrix,
    baseline: &Matrix,
    ranking: &Ranking,
    settings: &SuspectSettings,
) -> Option<Scores> {
    let windows = Windows::new(baseline.grid(), current.grid(), current.grid().span_ms());
    let rows = (0..baseline.rows()).map(|row| (baseline.labels(row), row));
    let rows = Map::of(rows.collect());
    let mut scored = unscored(ranking);
    for series in &mut scored {
        series.habit = rows.get(&current.labels(series.row)).and_then(|row| {
            Habit::of(
                baseline,
                *row,
                &windows,
                settings.min_windows.max(2),
                series.amplitude,
            )
        });
    }
    if scored
        .iter()
        .filter(|series| series.habit.is_some())
        .count()
        < 2
    {
        return None;
    }
    let typical = typical_swing(&scored);
    let mut variations = Vec::new();
    for series in &mut scored {
        let (Some(habit), Some(amplitude)) = (&series.habit, series.amplitude) else {
            continue;
        };
        let level = current.values(series.row).iter().filter(|v| v.is_finite());
        let level = level.fold(0.0_f64, |greatest, value| greatest.max(value.abs()));
        let floor = (FLOOR_OF_TYPICAL * typical).max(FLOOR_OF_LEVEL * level);
        let usual = habit.median.max(floor);
        let score = if usual > 0.0 {
            (amplitude / usual).min(f64::MAX)
        } else {
            1.0
        };
        let own = habit.variations(floor);
        let furthest = own.iter().flatten().copied().fold(0.0, f64::max);
        series.habitual = score.ln() <= furthest;
        series.score = Some(score);
        variations.push((series.row, own));
    }
    set_limits(&mut scored, &variations, settings);
    Some(Scores {
        method: Method::OwnBaseline,
        rows: scored,
        windows,
    })
}

/// Scores by amplitude over the median amplitude of all series.
pub(super) fn by_peers(ranking: &Ranking, settings: &SuspectSettings) -> Scores {
    let mut rows = unscored(ranking);
    let moving: Vec<f64> = rows
        .iter()
        .filter_map(|series| series.amplitude)
        .filter(|a| *a > 0.0)
        .collect();
    if let Some(typical) = median(moving) {
        let floor = FLOOR_OF_TYPICAL * typical;
        let logs: Vec<f64> = rows
            .iter()
            .filter_map(|s| s.amplitude)
            .map(|a| a.max(floor).ln())
            .collect();
        let centre = median(logs.clone()).unwrap_or_default();
        let spread = median(logs.iter().map(|log| (log - centre).abs()).collect())
            .unwrap_or_default()
            * 1.4826;
        let limit = (peer_limit(logs.len()) * spread.max(2.0 * LEAST_VARIATION)).exp();
        for series in &mut rows {
            series.score = series
                .amplitude
                .map(|amplitude| rounded(amplitude.max(floor) / centre.exp()));
            series.limit = Some(rounded(within(limit, settings.min_ratio, 1e300)));
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
    let scored = |row, amplitude| Scored {
        row,
        amplitude,
        habit: None,
        score: None,
        limit: None,
        habitual: false,
    };
    ranking
        .ranked
        .iter()
        .map(|a| scored(a.row, a.value))
        .collect()
}

/// The fleet's typical swing: median of the habits, or of the amplitudes when all stood still before.
fn typical_swing(scored: &[Scored]) -> f64 {
    let habits = scored
        .iter()
        .filter_map(|series| Some(series.habit.as_ref()?.median));
    let now = scored.iter().filter_map(|series| series.amplitude);
    median(habits.filter(|swing| *swing > 0.0).collect())
        .or_else(|| median(now.filter(|swing| *swing > 0.0).collect()))
        .unwrap_or_default()
}

/// How large each score may be by chance.
///
/// Each series' variations are divided by how much it varies (at least as much as the fleet's median
/// series), so that a bursty series needs more than a steady one. The greatest of all series in each
/// baseline window is what a quiet fleet's greatest score looks like; the limit is the greatest of
/// those, plus what a Gumbel tail adds for the chance that is still left: with K windows a quiet
/// fleet passes their greatest once in K + 1 runs, not once in a hundred.
fn set_limits(
    scored: &mut [Scored],
    variations: &[(usize, Vec<Option<f64>>)],
    settings: &SuspectSettings,
) {
    let own = variations
        .iter()
        .map(|(row, series)| (*row, root_mean_square(series)));
    let own: Vec<(usize, f64)> = own.collect();
    let fleet = median(own.iter().map(|(_, own)| *own).collect()).unwrap_or_default();
    let own = Map::of(own);
    let unit = |row: usize| {
        let own = own.get(&row).copied().unwrap_or_default();
        own.max(fleet).max(LEAST_VARIATION)
    };
    let windows = variations
        .iter()
        .map(|(_, series)| series.len())
        .max()
        .unwrap_or(0);
    let maxima: Vec<f64> = (0..windows)
        .filter_map(|window| {
            let all = variations
                .iter()
                .filter_map(|(row, series)| Some((*series.get(window)?)? / unit(*row)));
            all.max_by(f64::total_cmp)
        })
        .collect();
    let greatest = maxima.iter().copied().fold(0.0, f64::max);
    let mean = maxima.iter().sum::<f64>() / maxima.len().max(1) as f64;
    let variance = maxima.iter().map(|m| (m - mean) * (m - mean)).sum::<f64>()
        / maxima.len().saturating_sub(1).max(1) as f64;
    let scale = (variance * 6.0).sqrt() / std::f64::consts::PI;
    let left = 1.0 / (within(settings.chance, 1e-6, 0.5) * (maxima.len() as f64 + 1.0));
    let limit = greatest + scale.max(LEAST_SCALE) * left.ln().max(0.0);
    for series in scored.iter_mut().filter(|series| series.score.is_some()) {
        let own = (limit * unit(series.row)).exp();
        series.limit = Some(within(own, settings.min_ratio, f64::MAX));
    }
}

/// Six decimals: `exp` and `ln` differ in the last bits between machines, verdicts must not.
fn rounded(limit: f64) -> f64 {
    if limit < 1e9 {
        (limit * 1e6).round() / 1e6
    } else {
        limit
    }
}

fn root_mean_square(values: &[Option<f64>]) -> f64 {
    let count = values.iter().flatten().count().max(1) as f64;
    (values
        .iter()
        .flatten()
        .map(|value| value * value)
        .sum::<f64>()
        / count)
        .sqrt()
}
