//! The best split of a series into before and after, and whether it is more than noise.

use std::f64::consts::FRAC_2_SQRT_PI;

use crate::logarithm::ln;
use crate::quantile::quantile;
use crate::sorted::within;

/// Fewer scrapes than this show no onset.
const LEAST_POINTS: usize = 6;
/// Scrapes on each side of a change: one alone is a spike.
const LEAST_SIDE: usize = 2;
/// Gain that a change must have, in units of `ln(n) · sigma²`.
const PENALTY: f64 = 3.0;
/// Spikes are set aside when they are at most one scrape in this many: beyond, they are how the series is.
const POINTS_PER_SPIKE: usize = 10;

/// The changed part of a series.
#[derive(Debug)]
pub(super) struct Change {
    /// The last value before it, and the first of it.
    pub(super) began: (usize, usize),
    /// The last value of it and the first after it, when it ends.
    pub(super) ended: Option<(usize, usize)>,
    /// Gain over the least that counts; above 1.
    pub(super) gain: f64,
    /// The values that were looked at: all but spikes.
    pub(super) kept: Vec<usize>,
}

/// The change of `values`, all of them finite, when it is more than noise.
///
/// One change, from `from` to the end; or two, up and down again (or down and up), when a burst explains the values
/// better by the gain that a second change must have.
///
/// `among` is the number of series that are looked at: the chance that one of them changes by its noise alone shall not
/// grow with them.
pub(super) fn change(values: &[f64], among: usize) -> Option<Change> {
    let scale = values
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    if values.len() < LEAST_POINTS || scale == 0.0 {
        return None;
    }
    let scaled: Vec<f64> = values.iter().map(|value| value / scale).collect();
    let kept = without_spikes(&scaled)?;
    let series: Vec<f64> = kept.iter().map(|index| scaled[*index]).collect();
    let sums = Sums::of(&series);
    let penalty = PENALTY * ln(kept.len() as f64) + 2.0 * ln(among.max(1) as f64);
    let sigma = noise(&series)?;
    let least = penalty * sigma * sigma;
    let split = sums.best_split()?;
    let burst = sums.best_burst().filter(|burst| {
        let gain = sums.gain(*burst);
        gain > 2.0 * least && gain - sums.gain(split) > least
    });
    let found = burst.unwrap_or(split);
    let means = sums.means(&series, found);
    let left = penalty * unexplained(&series, found, means);
    let changes = if burst.is_some() { 2.0 } else { 1.0 };
    let gain = sums.gain(found) / (changes * least.max(left));
    (gain > 1.0).then(|| Change {
        began: (kept[found.0 - 1], kept[found.0]),
        ended: kept.get(found.1).map(|to| (kept[found.1 - 1], *to)),
        gain: gain.min(1e9),
        kept,
    })
}

/// Standard deviation of the noise, from the differences of neighbours, which one change hardly moves: their median over
/// 0.9539; or their mean over 2/√π when most are 0, as those of whole numbers that rarely move. `None` without any.
fn noise(values: &[f64]) -> Option<f64> {
    let differences: Vec<f64> = values
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .collect();
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    let median = quantile(differences, 0.5)?;
    let sigma = if median > 0.0 {
        median / 0.9539
    } else {
        mean / FRAC_2_SQRT_PI
    };
    (sigma > 0.0).then_some(sigma)
}

/// Variance that the two means leave over, as a change must beat it.
///
/// Noise that wanders, whose neighbours resemble each other with correlation `r`, averages out more slowly, by
/// `(1 + r) / (1 - r)`; its estimate is corrected for what two means take away (Marriott and Pope, Biometrika 41, 1954).
fn unexplained(values: &[f64], (from, to): (usize, usize), (outside, inside): (f64, f64)) -> f64 {
    let n = values.len() as f64;
    let mean = |index: usize| {
        if (from..to).contains(&index) {
            inside
        } else {
            outside
        }
    };
    let rest: Vec<f64> = (0..values.len())
        .map(|index| values[index] - mean(index))
        .collect();
    let squares = rest.iter().map(|r| r * r).sum::<f64>();
    if squares == 0.0 {
        return 0.0;
    }
    let products = rest.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>();
    let resembling = within(
        (products / squares + 2.0 / n) / (1.0 - 6.0 / n).max(0.1),
        0.0,
        0.9,
    );
    // Two means, and a place for each change, were chosen to leave little over.
    let chosen = if to < values.len() { 6.0 } else { 4.0 };
    squares / (n - chosen).max(1.0) * (1.0 + resembling) / (1.0 - resembling)
}

/// The values without those that stand out against both neighbours, or against the only one: a single scrape is no change.
/// `None` for values that are all the same.
fn without_spikes(values: &[f64]) -> Option<Vec<usize>> {
    let far = (2.0 * PENALTY * ln(values.len() as f64)).sqrt() * noise(values)?;
    let last = values.len() - 1;
    let is_spike = |index: usize| {
        let up = |other: usize| values[index] - values[other] > far;
        let down = |other: usize| values[other] - values[index] > far;
        let neighbours = [index.checked_sub(1), (index < last).then_some(index + 1)];
        neighbours.into_iter().flatten().all(up) || neighbours.into_iter().flatten().all(down)
    };
    let kept: Vec<usize> = (0..values.len())
        .filter(|index| !is_spike(*index))
        .collect();
    let few = (values.len() - kept.len()) * POINTS_PER_SPIKE <= values.len();
    Some(if few {
        kept
    } else {
        (0..values.len()).collect()
    })
}

/// Sums of the values from the first on, less their mean: `sums[k]` is that of the first `k`.
struct Sums(Vec<f64>);

impl Sums {
    fn of(values: &[f64]) -> Self {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let mut sum = 0.0;
        let mut sums = vec![0.0];
        sums.extend(values.iter().map(|value| {
            sum += value - mean;
            sum
        }));
        Self(sums)
    }

    fn len(&self) -> usize {
        self.0.len() - 1
    }

    /// How much less the squares of the residuals are with two means, inside and outside of a part, than with one.
    fn gain(&self, (from, to): (usize, usize)) -> f64 {
        let (inside, all) = ((to - from) as f64, self.len() as f64);
        let sum = self.0[to] - self.0[from];
        sum * sum / (inside * (all - inside) / all)
    }

    fn means(&self, values: &[f64], (from, to): (usize, usize)) -> (f64, f64) {
        let sum = |part: &[f64]| part.iter().sum::<f64>();
        let inside = sum(&values[from..to]);
        let outside = sum(&values[..from]) + sum(&values[to..]);
        let length = to - from;
        (
            outside / (self.len() - length) as f64,
            inside / length as f64,
        )
    }

    fn best_split(&self) -> Option<(usize, usize)> {
        let all = self.len();
        self.best(&mut (LEAST_SIDE..=all.checked_sub(LEAST_SIDE)?).map(|from| (from, all)))
    }

    /// The best part that ends inside of the series: among lengths that grow by a half, then each edge on its own.
    fn best_burst(&self) -> Option<(usize, usize)> {
        let most = self.len().checked_sub(LEAST_SIDE)?;
        let mut best = None;
        let mut length = LEAST_SIDE;
        while length + LEAST_SIDE <= most {
            let parts = (LEAST_SIDE..=most - length).map(|from| (from, from + length));
            best = self.best(&mut best.into_iter().chain(parts));
            length += (length / 2).max(1);
        }
        for _ in 0..2 {
            let (_, to) = best?;
            best = self.best(&mut (LEAST_SIDE..=to - LEAST_SIDE).map(|from| (from, to)));
            let (from, _) = best?;
            best = self.best(&mut (from + LEAST_SIDE..=most).map(|to| (from, to)));
        }
        best
    }

    /// The part with the greatest gain, the first of equal ones.
    fn best(&self, parts: &mut dyn Iterator<Item = (usize, usize)>) -> Option<(usize, usize)> {
        let mut best: Option<((usize, usize), f64)> = None;
        for part in parts {
            let gain = self.gain(part);
            if best.is_none_or(|(_, most)| gain > most) {
                best = Some((part, gain));
            }
        }
        best.map(|(part, _)| part)
    }
}
