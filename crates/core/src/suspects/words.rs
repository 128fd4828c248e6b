//! The verdict in sentences.

use super::decide::{Decision, LEAST_PEERS, Why};
use super::score::{Scored, Scores};
use super::{Method, SuspectSettings};
use crate::amplitude::Ranking;
use crate::matrix::Matrix;
use crate::text::{ShortNames, count, number, times};

/// All that the sentences are about.
pub(super) struct Words<'a> {
    pub(super) current: &'a Matrix,
    pub(super) baseline: Option<&'a Matrix>,
    pub(super) ranking: &'a Ranking,
    pub(super) scores: &'a Scores,
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
        decision: &'a Decision,
        settings: &'a SuspectSettings,
    ) -> Self {
        Self {
            current,
            baseline,
            ranking,
            scores,
            decision,
            settings,
            names: ShortNames::of(current),
        }
    }

    /// The verdict in one or two sentences.
    pub(super) fn reason(&self) -> String {
        let scored = self.scored().len();
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
                "No suspect: {} of {} series swing more than chance explains, and none is {} ahead. Look for a cause that they share.",
                self.decision.odd,
                scored,
                times(self.settings.margin),
            ),
            Why::Close => {
                let rows: Vec<usize> = self
                    .decision
                    .tied
                    .iter()
                    .map(|index| self.scores.rows[*index].row)
                    .collect();
                format!(
                    "Tie: {} stand out and cannot be told apart: the first is less than {} ahead.",
                    self.names.list(&rows),
                    times(self.settings.margin),
                )
            }
            Why::Margin => self.clear(),
        }
    }

    fn quiet(&self) -> String {
        let Some(first) = self.scored().first().copied() else {
            return String::new();
        };
        let (name, score, limit) = (
            self.name(first),
            first.score.unwrap_or(0.0),
            first.limit.unwrap_or(0.0),
        );
        match self.scores.method {
            Method::OwnBaseline => format!(
                "No suspect: every series swings as it is used to. The furthest from its habit is {name} at {}; up to {} is within what its baseline and its peers vary.",
                times(score),
                times(limit),
            ),
            Method::Peers => format!(
                "No suspect: no amplitude stands out. The greatest, of {name}, is {} the median; up to {} is within what these series differ anyway.",
                times(score),
                times(limit),
            ),
        }
    }

    fn clear(&self) -> String {
        let Some(top) = self.decision.top.map(|index| &self.scores.rows[index]) else {
            return String::new();
        };
        let name = self.name(top);
        let next = match self.second() {
            Some((second, score)) => format!("the next, {}, {}", self.name(second), times(score)),
            None => "all others are within their habit".to_owned(),
        };
        match (self.scores.method, &top.habit) {
            (Method::OwnBaseline, Some(habit)) if habit.median > 0.0 => format!(
                "{name} stands out: it swings {} its own habit ({} now, {} before); {next}.",
                times(top.score.unwrap_or(0.0)),
                number(top.amplitude.unwrap_or(0.0)),
                number(habit.median),
            ),
            (Method::OwnBaseline, _) => format!(
                "{name} stands out: it stood still before and now swings by {}; {next}.",
                number(top.amplitude.unwrap_or(0.0)),
            ),
            (Method::Peers, _) => format!(
                "{name} stands out: its amplitude of {} is {} that of the median series; {next}.",
                number(top.amplitude.unwrap_or(0.0)),
                times(top.score.unwrap_or(0.0)),
            ),
        }
    }

    /// The series that the checks are about: the suspect, else the one with the greatest score.
    pub(super) fn focus(&self) -> Option<&Scored> {
        let index = self.decision.top.unwrap_or(0);
        self.scores
            .rows
            .get(index)
            .filter(|series| series.score.is_some())
    }

    pub(super) fn second(&self) -> Option<(&Scored, f64)> {
        let second = &self.scores.rows[self.decision.second?];
        Some((second, second.score.filter(|score| *score > 0.0)?))
    }

    pub(super) fn scored(&self) -> Vec<&Scored> {
        self.scores
            .rows
            .iter()
            .filter(|series| series.score.is_some())
            .collect()
    }

    pub(super) fn name(&self, series: &Scored) -> String {
        self.names.matcher(series.row)
    }
}
