//! What else moved: other metrics of the same target, beside the one that stands out.
//!
//! A series counts as moved when it is far from where it used to be, by its own spread, or when it has an onset inside of
//! the window. Of those, the changes from step to step are compared with the target's, some steps before and after.
//! Neither says what caused what.

mod shift;
mod spearman;

use serde::Serialize;

use self::shift::shift;
use self::spearman::{Lagged, differences, strongest};
use crate::amplitude::signal;
use crate::grid::Grid;
use crate::labels::{Labels, METRIC_NAME, matcher};
use crate::logarithm::ln;
use crate::matrix::{GAP, Matrix};
use crate::onset::scrape_steps;
use crate::sorted::{order, sort};
use crate::text::{clock, count, joined, number, times};

/// Steps before and after at which changes are compared.
pub const MOST_LAG: i32 = 6;
/// A shift of so many spreads is more than how the series varies.
pub const LEAST_SHIFT: f64 = 3.0;
/// Chance that the correlation of any series is called more than chance, when none is.
const CHANCE: f64 = 0.05;
/// The first of a list counts this much less than all: reciprocal rank fusion, 1 / (3 + place).
const FUSION: f64 = 3.0;

/// Looks at answers one after the other, and remembers what moved.
#[derive(Debug)]
pub struct Companions {
    labels: Labels,
    name: String,
    grid: Grid,
    target: Vec<f64>,
    found: MovedWith,
}

/// What else moved.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct MovedWith {
    /// The series that stands out, as PromQL text.
    pub target: String,
    /// Series that moved, by their shift and their correlation together; equal ones by their text.
    pub matches: Vec<Match>,
    /// Series that were looked at.
    pub series: usize,
    /// Series whose steps do not meet those of the target, or that have too few numbers.
    pub unusable: usize,
    /// What moved, in a sentence.
    pub sentence: String,
}

/// A series that moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// What was asked for: the metric's name, which a rate drops.
    pub metric: String,
    /// The metric, with the labels that are not the target's: `node_cpu{mode="iowait"}`.
    pub name: String,
    /// The labels of the series.
    pub labels: Labels,
    /// Distance from the median before in units of the spread before (1.4826 · MAD); below 0 when it fell. At most 1000.
    pub shift: f64,
    /// Where it was, in its own unit: median before; or mean distance from the median, when it is the swing that changed.
    pub before: f64,
    /// Where it is.
    pub now: f64,
    /// Whether it is the swing that changed, not the level.
    pub swing: bool,
    /// It changed after and by these instants, milliseconds since the Unix epoch, when it did inside of the window.
    pub onset_ms: Option<(i64, i64)>,
    /// Spearman's correlation of its changes with the target's, at the lag where it is strongest.
    pub rho: Option<f64>,
    /// Steps by which its changes come before those of the target; below 0, after them.
    pub lag: i32,
    /// Steps that were compared.
    pub pairs: usize,
    /// Whether the correlation is more than chance explains, given how many were looked at.
    pub together: bool,
    /// All that in a sentence.
    pub sentence: String,
}

impl Companions {
    /// For the series of a row; `None` when there is no such row.
    #[must_use]
    pub fn new(target: &Matrix, row: usize) -> Option<Self> {
        (row < target.rows()).then(|| Self {
            labels: target.labels(row).clone(),
            name: target.name(row).to_owned(),
            grid: *target.grid(),
            target: differences(&signal(target, row)),
            found: MovedWith::default(),
        })
    }

    /// Looks at all series of an answer, and says how many of them moved.
    ///
    /// The answer has the target's step, and the target's window inside of its own; what comes before it is the baseline.
    /// `metric` is what was asked for. The target itself is passed over.
    pub fn look_at(&mut self, other: &Matrix, metric: &str) -> usize {
        let (own, theirs) = (self.grid, other.grid());
        let distance = own.start_ms - theirs.start_ms;
        let meets = own.step_ms == theirs.step_ms && distance % own.step_ms == 0;
        let scrapes = scrape_steps(other);
        let known = self.found.matches.len();
        for (row, &scrape) in scrapes.iter().enumerate() {
            if other.labels(row) == &self.labels {
                continue;
            }
            self.found.series += 1;
            let values = signal(other, row);
            let value = |step: i64| {
                usize::try_from(step)
                    .ok()
                    .and_then(|step| values.get(step).copied())
            };
            let from = distance / own.step_ms;
            let window: Vec<f64> = (0..i64::from(own.points))
                .map(|step| value(from + step).unwrap_or(GAP))
                .collect();
            let before = &values[..usize::try_from(from).unwrap_or(0).min(values.len())];
            let shift = shift(before, &window, scrape, scrapes.len());
            match shift.filter(|_| meets) {
                Some(shift) if shift.onset.is_some() || shift.shift.abs() > LEAST_SHIFT => {
                    let lagged = strongest(&self.target, &differences(&window), MOST_LAG);
                    self.found
                        .matches
                        .push(self.found_match(other, row, metric, shift, lagged));
                }
                Some(_) => {}
                None => {
                    self.found.unusable +=
                        usize::from(!meets || window.iter().filter(|v| v.is_finite()).count() < 2)
                }
            }
        }
        self.found.matches.len() - known
    }

    fn found_match(
        &self,
        other: &Matrix,
        row: usize,
        metric: &str,
        found: shift::Shift,
        lagged: Option<Lagged>,
    ) -> Match {
        let labels = other.labels(row);
        let mut own = String::new();
        for (name, value) in labels.iter() {
            if name != METRIC_NAME && self.labels.get(name) != Some(value) {
                joined(&mut own, &matcher(name, value));
            }
        }
        let ms = |step: u32| self.grid.time_ms(step);
        Match {
            metric: metric.to_owned(),
            name: if own.is_empty() {
                metric.to_owned()
            } else {
                format!("{metric}{{{own}}}")
            },
            labels: labels.clone(),
            shift: found.shift,
            before: found.before,
            now: found.now,
            swing: found
                .onset
                .is_some_and(|onset| onset.changed == crate::onset::Changed::Swing),
            onset_ms: found
                .onset
                .map(|onset| (ms(onset.last_before), ms(onset.first_after))),
            rho: lagged.map(|lagged| lagged.rho),
            lag: lagged.map_or(0, |lagged| lagged.lag),
            pairs: lagged.map_or(0, |lagged| lagged.pairs),
            together: false,
            sentence: String::new(),
        }
    }

    /// What moved, the most telling first.
    #[must_use]
    pub fn found(&self) -> MovedWith {
        let mut found = self.found.clone();
        found.target.clone_from(&self.name);
        let lags = f64::from(2 * MOST_LAG + 1);
        let limit = 2.0 * ln(lags * found.matches.len().max(1) as f64 / CHANCE);
        for one in &mut found.matches {
            let rho = one.rho.unwrap_or(0.0);
            one.together = rho * rho * one.pairs.saturating_sub(1) as f64 > limit;
            one.sentence = one.words();
        }
        sort(&mut found.matches, |a, b| {
            (&a.name, &a.labels).cmp(&(&b.name, &b.labels))
        });
        let scores = scores(&found.matches);
        let mut ranked: Vec<(f64, Match)> = scores.into_iter().zip(found.matches).collect();
        sort(&mut ranked, |(a, _), (b, _)| b.total_cmp(a));
        found.matches = ranked.into_iter().map(|(_, one)| one).collect();
        found.sentence = found.words();
        found
    }
}

/// The shares of each series' places by shift and by correlation; equal ones share the better place.
fn scores(matches: &[Match]) -> Vec<f64> {
    let mut scores = vec![0.0; matches.len()];
    let by: [fn(&Match) -> f64; 2] = [|one| one.shift.abs(), |one| one.rho.unwrap_or(0.0).abs()];
    for of in by {
        let order = order(matches.len(), &|a, b| {
            of(&matches[b]).total_cmp(&of(&matches[a]))
        });
        let mut place = 0;
        for (position, &index) in order.iter().enumerate() {
            if of(&matches[index]) < of(&matches[order[place]]) {
                place = position;
            }
            scores[index] += 1.0 / (FUSION + 1.0 + place as f64);
        }
    }
    scores
}

impl Match {
    /// How the changes of the series lie to those of the target: `2 steps before`.
    #[must_use]
    pub fn when(&self) -> String {
        let steps = count(self.lag.unsigned_abs() as usize, "step");
        match self.lag {
            0 => "in the same step".to_owned(),
            1.. => format!("{steps} before"),
            _ => format!("{steps} after"),
        }
    }

    fn words(&self) -> String {
        let what = match (self.swing, self.now > self.before) {
            (false, true) => "rose",
            (false, false) => "fell",
            (true, true) => "began to swing wider,",
            (true, false) => "began to swing less,",
        };
        let far = match self.shift.abs() {
            most if most >= shift::MOST => "from standing still".to_owned(),
            far => format!("{} its usual spread", times(far)),
        };
        let at = self.onset_ms.map_or_else(String::new, |(after, by)| {
            format!(" between {} and {} UTC", clock(after), clock(by))
        });
        let with = match self.rho {
            Some(rho) if self.together => format!(
                "Its steps moved {} those of the target, {} (rho {}).",
                if rho > 0.0 { "with" } else { "against" },
                self.when(),
                number(rho),
            ),
            _ => "Its steps did not move with those of the target by more than chance.".to_owned(),
        };
        format!(
            "{} {what} from {} to {}, {far}{at}. {with}",
            self.name,
            number(self.before),
            number(self.now)
        )
    }
}

impl MovedWith {
    fn words(&self) -> String {
        let moved = self.matches.len();
        if moved == 0 {
            return format!(
                "None of the {} that were looked at moved with {}.",
                count(self.series, "other series"),
                self.target
            );
        }
        let mut first = String::new();
        for one in self.matches.iter().take(3) {
            joined(&mut first, &one.name);
        }
        format!(
            "{moved} of {} moved with {}: {}{}.",
            count(self.series, "other series"),
            self.target,
            first,
            if moved > 3 { ", …" } else { "" },
        )
    }
}

#[cfg(test)]
mod tests;
