//! The verdict in sentences.

use super::decide::{Decision, LEAST_PEERS, Why};
use super::group::Entry;
use super::past::Excess;
use super::score::{Scored, Scores};
use super::{Method, SuspectSettings};
use crate::amplitude::Ranking;
use crate::matrix::Matrix;
use crate::text::{ShortNames, count, joined, number, times};

/// All that the sentences are about.
pub(super) struct Words<'a> {
    pub(super) current: &'a Matrix,
    pub(super) baseline: Option<&'a Matrix>,
    pub(super) ranking: &'a Ranking,
    pub(super) scores: &'a Scores,
    pub(super) entries: &'a [Entry],
    pub(super) decision: &'a Decision,
    pub(super) settings: &'a SuspectSettings,
    pub(super) names: ShortNames,
}

impl<'a> Words<'a> {
    pub(super) fn new(
        current: &'a Matrix,
        baseline: Option<&'a Matrix>,
        ranking: &'a Ranking,
        scores: &'a Scores,
        entries: &'a [Entry],
        decision: &'a Decision,
        settings: &'a SuspectSettings,
    ) -> Self {
        Self {
            current,
            baseline,
            ranking,
            scores,
            entries,
            decision,
            settings,
            names: ShortNames::of(current),
        }
    }

    /// The verdict in one or two sentences.
    pub(super) fn reason(&self) -> String {
        let scored = self.decision.scored;
        match self.decision.why {
            Why::NoData if self.current.rows() == 0 => {
                "No suspect: the answer holds no series. Look at the query's labels and at the window.".to_owned()
            }
            Why::NoData => format!(
                "No suspect: none of the {} has enough samples in this window to have an amplitude.",
                count(self.current.rows(), "series"),
            ),
            Why::TooFew if self.scores.method == Method::Peers => format!(
                "No suspect: without a baseline, {} {} too few to compare; that takes {LEAST_PEERS}. Give the time before as baseline.",
                count(scored, "series"),
                if scored == 1 { "is" } else { "are" },
            ),
            Why::TooFew => format!(
                "No suspect: {} has no peers to stand out from. Query the whole fleet.",
                count(scored, "series")
            ),
            Why::Mixed => "No suspect: the answer holds several metrics, and without a baseline their amplitudes do not compare. Query one metric, or give the time before as baseline.".to_owned(),
            Why::Quiet => self.quiet(),
            Why::CommonCause => format!(
                "No suspect: {} of {} {} swing more than chance explains or stand elsewhere, and none is ahead. Look for a cause that they share.",
                self.decision.odd,
                scored,
                if self.settings.by.is_some() { "groups" } else { "series" },
            ),
            Why::Close => {
                let tied = self.decision.tied.iter();
                let names: Vec<String> = tied.map(|lead| self.accused(*lead)).collect();
                format!(
                    "Tie: {} stand out and cannot be told apart: the first is less than {} of usual variation ahead.",
                    listed(&names),
                    units(self.decision.needed),
                )
            }
            Why::Silent => self.silent(),
            Why::Margin => self.clear(),
        }
    }

    fn quiet(&self) -> String {
        let Some(first) = self.focus() else {
            return String::new();
        };
        let name = self.name(first);
        let (Some(swing), shift) = (&first.swing, &first.shift) else {
            return String::new();
        };
        if self.scores.method == Method::Peers {
            return format!(
                "No suspect: no amplitude stands out. The greatest, of {name}, is {} the median; up to {} is within what these series differ anyway.",
                times(swing.ratio),
                times(swing.limit_ratio()),
            );
        }
        let nearer = |shift: &&Excess| shift.units * swing.limit > swing.units * shift.limit;
        let found = match (shift.as_ref().filter(nearer), &first.level) {
            (Some(shift), Some(level)) => format!(
                "{name}: its level is {}, {} before, {} its usual distance; up to {} is",
                number(level.now),
                number(level.usual),
                times(shift.ratio),
                times(shift.limit_ratio()),
            ),
            _ => format!(
                "{name} at {}; up to {} is",
                times(swing.ratio),
                times(swing.limit_ratio())
            ),
        };
        format!(
            "No suspect: every series swings as it is used to. The furthest from its habit is {found} within what its baseline and its peers vary.",
        )
    }

    fn clear(&self) -> String {
        let Some(index) = self.decision.top else {
            return String::new();
        };
        let top = &self.scores.rows[index];
        let next = match self.second() {
            Some(second) => format!(
                "the next, {}, {}",
                self.accused_of(second),
                self.finding(second)
            ),
            None if self.scores.method == Method::Peers => "no other does".to_owned(),
            None => "all others are within their habit".to_owned(),
        };
        let accused = self.accused(index);
        match self.settings.by {
            Some(_) => format!(
                "{accused} stands out: {} {}; {next}.",
                self.name(top),
                self.finding(top)
            ),
            None => format!("{accused} stands out: it {}; {next}.", self.finding(top)),
        }
    }

    fn silent(&self) -> String {
        let Some(top) = self.decision.top.map(|index| &self.scores.rows[index]) else {
            return String::new();
        };
        let what = if top.amplitude == Some(0.0) {
            "stands still, which it never did before"
        } else {
            "stopped sending inside the window"
        };
        format!(
            "{} stands out: it {what}; all others swing as they are used to. See that it was not taken out of service.",
            self.name(top),
        )
    }

    /// What is odd about a series: `swings 4× its own habit (4 now, 1 before)`.
    fn finding(&self, series: &Scored) -> String {
        let Some(swing) = &series.swing else {
            return String::new();
        };
        let amplitude = number(series.amplitude.unwrap_or(0.0));
        if self.scores.method == Method::Peers {
            return format!(
                "swings by {amplitude}, {} the median series",
                times(swing.ratio)
            );
        }
        let habit = series.habit.as_ref().map_or(0.0, |habit| habit.median);
        let swings = if habit > 0.0 {
            format!(
                "swings {} its own habit ({amplitude} now, {} before)",
                times(swing.ratio),
                number(habit)
            )
        } else {
            format!("stood still before and now swings by {amplitude}")
        };
        match (&series.level, series.shifted()) {
            (Some(level), true) => {
                let stands = format!(
                    "stands at {} instead of {} (before: {} to {})",
                    number(level.now),
                    number(level.usual),
                    number(level.least),
                    number(level.most),
                );
                if series.swings() {
                    format!("{swings} and {stands}")
                } else {
                    stands
                }
            }
            _ => swings,
        }
    }

    /// What a row is accused as: the series, or the thing that it belongs to.
    pub(super) fn accused(&self, index: usize) -> String {
        match &self.settings.by {
            Some(label) => {
                let entry = self
                    .entries
                    .iter()
                    .find(|entry| entry.members.contains(&index));
                let name = entry.map_or("", |entry| entry.name.as_str());
                format!("{label}=\"{name}\"")
            }
            None => self.names.matcher(self.scores.rows[index].row),
        }
    }

    fn accused_of(&self, series: &Scored) -> String {
        let index = self
            .scores
            .rows
            .iter()
            .position(|other| other.row == series.row);
        index.map_or_else(String::new, |index| self.accused(index))
    }

    /// The series that the checks are about: the suspect, else the one with the greatest score.
    pub(super) fn focus(&self) -> Option<&Scored> {
        let first = self.entries.first().map(|entry| entry.lead);
        let index = self.decision.top.or(first)?;
        let series = self.scores.rows.get(index)?;
        series.score.map(|_| series)
    }

    pub(super) fn second(&self) -> Option<&Scored> {
        Some(&self.scores.rows[self.decision.second?])
    }

    pub(super) fn name(&self, series: &Scored) -> String {
        self.names.matcher(series.row)
    }
}

/// `2.5 units`.
pub(super) fn units(value: f64) -> String {
    if value == 1.0 {
        "1 unit".to_owned()
    } else {
        format!("{} units", number((value * 10.0).round() / 10.0))
    }
}

fn listed(names: &[String]) -> String {
    let mut shown = String::new();
    for name in names.iter().take(5) {
        joined(&mut shown, name);
    }
    match names.len() {
        0..=5 => shown,
        all => format!("{shown} and {} more", all - 5),
    }
}
