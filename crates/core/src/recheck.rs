//! Did it recover: the same query after the fix, compared with before and with the habit.

mod numbers;

use serde::{Deserialize, Serialize};

pub use self::numbers::{BaselineNumbers, WindowNumbers};
use self::numbers::{baseline_numbers, last_run, longest_run, window_numbers};

use crate::labels::Labels;
use crate::matrix::{Matrix, is_gap};
use crate::suspects::Check;
use crate::text::{clock, count, number, times};

/// When a series counts as recovered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecheckSettings {
    /// Fewer samples after the incident than this cannot show a recovery; 6.
    pub min_samples: u32,
    /// The amplitude may be this many times the habit and still be recovered; 1.5.
    pub max_ratio: f64,
    /// Fewer baseline windows than this say nothing about habit; 3.
    pub min_windows: usize,
}

impl Default for RecheckSettings {
    fn default() -> Self {
        Self {
            min_samples: 6,
            max_ratio: 1.5,
            min_windows: 3,
        }
    }
}

/// The answer to "did it recover?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecheckState {
    /// The series is back to its habit.
    Recovered,
    /// Still odd, or too early to say.
    NotYet,
    /// The data cannot say, and waiting alone will not change that.
    CannotTell,
}

/// Before, after, and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recheck {
    /// recovered, not_yet or cannot_tell.
    pub state: RecheckState,
    /// The answer in one or two sentences.
    pub sentence: String,
    /// The series as PromQL text.
    pub name: String,
    /// The labels of the series.
    pub labels: Labels,
    /// The incident window.
    pub before: Option<WindowNumbers>,
    /// The part of the new answer that is later than the incident window.
    pub after: Option<WindowNumbers>,
    /// The time before the incident.
    pub baseline: Option<BaselineNumbers>,
    /// The amplitude that counts as recovered, at most.
    pub limit: Option<f64>,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// Compares a suspect before and after a fix, against its habit when a baseline is given.
///
/// Only samples of `after` that are later than the end of `before` count. With a baseline, recovered
/// means: the amplitude is within the habit (its widest window, or `max_ratio` times the median one),
/// and the values are where they were before the incident: a server that is stuck at a high level
/// does not swing, and has not recovered. Without one, recovered means at most half the amplitude.
/// A series that ends, or repeats one value for longer than it ever did, cannot be judged: Prometheus
/// repeats the last value of a target that died for up to five minutes.
#[must_use]
pub fn recheck(
    before: &Matrix,
    after: &Matrix,
    baseline: Option<&Matrix>,
    suspect: &Labels,
    settings: &RecheckSettings,
) -> Recheck {
    let mut result = Recheck {
        state: RecheckState::CannotTell,
        sentence: String::new(),
        name: suspect.promql(),
        labels: suspect.clone(),
        before: None,
        after: None,
        baseline: None,
        limit: None,
        checks: Vec::new(),
    };
    let (state, sentence) = match Case::new(before, after, baseline, suspect, settings) {
        Ok(case) => {
            result.before = Some(case.before);
            result.after = Some(case.after);
            result.baseline = case.baseline;
            result.limit = case.limit();
            result.checks = case.checks();
            case.judge()
        }
        Err(sentence) => (RecheckState::CannotTell, sentence),
    };
    result.state = state;
    result.sentence = sentence;
    result
}

/// One series in up to three answers.
struct Case<'a> {
    name: String,
    settings: &'a RecheckSettings,
    before: WindowNumbers,
    after: WindowNumbers,
    baseline: Option<BaselineNumbers>,
    /// Steps without a sample at the end of the new answer.
    missing_last: usize,
    /// Equal values at the end of the new answer, and the longest run of them ever before.
    run_last: usize,
    run_before: usize,
}

impl<'a> Case<'a> {
    fn new(
        before: &Matrix,
        after: &Matrix,
        baseline: Option<&Matrix>,
        suspect: &Labels,
        settings: &'a RecheckSettings,
    ) -> Result<Self, String> {
        let name = suspect.promql();
        let row_before = before
            .find(suspect)
            .ok_or_else(|| format!("Cannot tell: {name} is not in the answer of the incident window. Give the labels of one of its series."))?;
        if after.grid().end_ms() <= before.grid().end_ms() {
            return Err(format!(
                "Cannot tell: the new answer ends at {} UTC, not later than the incident window. Ask again for a later time.",
                clock(after.grid().end_ms()),
            ));
        }
        let row_after = after
            .find(suspect)
            .ok_or_else(|| format!("Cannot tell: {name} is not in the new answer: it stopped sending, or was renamed. Look at up."))?;
        let later = (0..after.grid().points)
            .take_while(|step| after.grid().time_ms(*step) <= before.grid().end_ms());
        let from = later.count();
        let new = &after.values(row_after)[from..];
        let row_baseline = baseline.and_then(|matrix| Some((matrix, matrix.find(suspect)?)));
        let span = after.grid().end_ms() - after.grid().time_ms(from as u32);
        let numbers_before = window_numbers(before, row_before, 0);
        let swing = numbers_before.amplitude.unwrap_or(0.0);
        let numbers = row_baseline.and_then(|(matrix, row)| {
            baseline_numbers(
                matrix,
                row,
                before.grid(),
                swing,
                span,
                settings.min_windows,
            )
        });
        let run_baseline = row_baseline.map_or(0, |(matrix, row)| longest_run(matrix.values(row)));
        Ok(Self {
            name,
            settings,
            before: numbers_before,
            after: window_numbers(after, row_after, from),
            baseline: numbers,
            missing_last: new.iter().rev().take_while(|v| is_gap(**v)).count(),
            run_last: last_run(new),
            run_before: longest_run(before.values(row_before)).max(run_baseline),
        })
    }

    /// The amplitude that counts as recovered, at most.
    fn limit(&self) -> Option<f64> {
        match self.baseline {
            Some(habit) => Some(
                habit
                    .amplitude_max
                    .max(self.settings.max_ratio * habit.amplitude),
            ),
            None => self.before.amplitude.map(|amplitude| amplitude / 2.0),
        }
    }

    fn judge(&self) -> (RecheckState, String) {
        let name = &self.name;
        let (Some(swing_before), Some(limit)) = (self.before.amplitude, self.limit()) else {
            let text = format!("Cannot tell: {name} has no numbers in the incident window.");
            return (RecheckState::CannotTell, text);
        };
        if self.missing_last >= 2 {
            let text = format!(
                "Cannot tell: {name} has no sample in the last {}. It stopped sending; look at up.",
                count(self.missing_last, "step"),
            );
            return (RecheckState::CannotTell, text);
        }
        let least = self.settings.min_samples;
        let Some(swing) = self.after.amplitude.filter(|_| self.after.samples >= least) else {
            let sent = match self.after.samples {
                0 => "no sample".to_owned(),
                samples => format!("only {}", count(samples as usize, "sample")),
            };
            let text = format!(
                "Not yet: {name} has {sent} since the incident window; it takes at least {least} to see a recovery. Ask again in a while.",
            );
            return (RecheckState::NotYet, text);
        };
        if self.run_last >= least as usize && self.run_last > self.run_before {
            let text = format!(
                "Cannot tell: {name} repeated one value {} times, which it did not before. A target that died repeats its last value for up to five minutes; look at up.",
                self.run_last,
            );
            return (RecheckState::CannotTell, text);
        }
        if swing > limit {
            let text = format!(
                "Not yet: {name} still swings by {} (at {} in the incident window); recovered is at most {}.",
                number(swing),
                number(swing_before),
                number(limit),
            );
            return (RecheckState::NotYet, text);
        }
        self.judge_calm(swing, swing_before, limit)
    }

    /// The swing is small enough; does that mean anything?
    fn judge_calm(&self, swing: f64, swing_before: f64, limit: f64) -> (RecheckState, String) {
        let name = &self.name;
        let Some(habit) = self.baseline else {
            if swing_before == 0.0 {
                let text = format!(
                    "Cannot tell: {name} did not move in the incident window: there was nothing to recover from."
                );
                return (RecheckState::CannotTell, text);
            }
            let text = format!(
                "Recovered: {name} swings by {}, down from {}. Without a baseline this says nothing about its level.",
                number(swing),
                number(swing_before),
            );
            return (RecheckState::Recovered, text);
        };
        if let Some(level) = self.after.median.filter(|level| !self.is_usual(*level)) {
            let text = format!(
                "Not yet: {name} swings by {} again, but around {}; before the incident it was between {} and {}.",
                number(swing),
                number(level),
                number(habit.min),
                number(habit.max),
            );
            return (RecheckState::NotYet, text);
        }
        let was_odd = swing_before > limit
            || self
                .before
                .median
                .is_some_and(|level| !self.is_usual(level));
        if !was_odd {
            let text = format!(
                "Cannot tell: {name} swung by {} in the incident window, which is within its habit (up to {}): there was nothing to recover from.",
                number(swing_before),
                number(limit),
            );
            return (RecheckState::CannotTell, text);
        }
        let text = format!(
            "Recovered: {name} swings by {}, down from {}; its habit is {}, and up to {} counts as recovered.",
            number(swing),
            number(swing_before),
            number(habit.amplitude),
            number(limit),
        );
        (RecheckState::Recovered, text)
    }

    /// Whether a level is where the series was before, give or take one usual swing.
    fn is_usual(&self, level: f64) -> bool {
        self.baseline.is_none_or(|habit| {
            (habit.min - habit.amplitude..=habit.max + habit.amplitude).contains(&level)
        })
    }

    fn checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        if let (Some(swing), Some(swing_before)) = (
            self.after.amplitude,
            self.before.amplitude.filter(|a| *a > 0.0),
        ) {
            let ratio = swing / swing_before;
            checks.push(Check {
                name: "before",
                sentence: if swing == 0.0 {
                    format!(
                        "It stands still now; in the incident window it swung by {}.",
                        number(swing_before)
                    )
                } else {
                    format!(
                        "It swings by {} now, {} the {} of the incident window.",
                        number(swing),
                        times(ratio),
                        number(swing_before)
                    )
                },
                number: Some(ratio),
                interesting: ratio > 0.5,
            });
        }
        if let (Some(swing), Some(habit)) = (self.after.amplitude, self.baseline) {
            checks.push(Check {
                name: "own_baseline",
                sentence: format!(
                    "In {} of the same length before the incident, it swung by {} (median), at most {}.",
                    count(habit.windows, "window"),
                    number(habit.amplitude),
                    number(habit.amplitude_max),
                ),
                number: (habit.amplitude > 0.0).then(|| (swing / habit.amplitude).min(f64::MAX)),
                interesting: self.limit().is_some_and(|limit| swing > limit),
            });
        }
        if let (Some(level), Some(habit)) = (self.after.median, self.baseline) {
            checks.push(Check {
                name: "level",
                sentence: format!(
                    "Its median is {} now; before the incident it was between {} and {}.",
                    number(level),
                    number(habit.min),
                    number(habit.max)
                ),
                number: Some(level),
                interesting: !self.is_usual(level),
            });
        }
        checks
    }
}

#[cfg(test)]
mod tests;
