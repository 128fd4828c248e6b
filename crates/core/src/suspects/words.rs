//! The verdict in sentences.

use super::decide::{Decision, LEAST_PEERS, Why};
use super::score::{Scored, Scores};
use super::{Check, Method, SuspectSettings, VerdictKind};
use crate::amplitude::{Amplitude, Flag, Ranking};
use crate::matrix::Matrix;
use crate::text::{ShortNames, count, number, times};

/// All that the sentences are about.
pub(super) struct Words<'a> {
    current: &'a Matrix,
    baseline: Option<&'a Matrix>,
    ranking: &'a Ranking,
    scores: &'a Scores,
    decision: &'a Decision,
    settings: &'a SuspectSettings,
    names: ShortNames,
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
            Why::NoData => format!(
                "No suspect: none of the {} has enough samples in this window to have an amplitude.",
                count(self.current.rows(), "series"),
            ),
            Why::TooFew if self.scores.method == Method::Peers => format!(
                "No suspect: without a baseline, {} cannot be compared with each other; that takes {LEAST_PEERS}. Give the time before as baseline.",
                count(scored, "series"),
            ),
            Why::TooFew => format!(
                "No suspect: {} has no peers to stand out from. Query the whole fleet.",
                count(scored, "series")
            ),
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

    /// Independent looks at the data.
    pub(super) fn checks(&self) -> Vec<Check> {
        let checks = [
            self.amplitude_check(),
            self.habit_check(),
            self.chance_check(),
            self.margin_check(),
            self.flag_check(
                "disappeared",
                Flag::Disappeared,
                "stopped sending inside the window",
            ),
            self.flag_check("appeared", Flag::Appeared, "began inside the window"),
            self.frozen_check(),
        ];
        checks.into_iter().flatten().collect()
    }

    fn amplitude_check(&self) -> Option<Check> {
        let first = self.ranking.ranked.first()?;
        let amplitude = first.value?;
        let name = self.names.matcher(first.row);
        let next = self
            .ranking
            .ranked
            .get(1)
            .and_then(|next| Some((next, next.value?)));
        let (sentence, ratio) = match next {
            Some((next, value)) if value > 0.0 => {
                let ratio = amplitude / value;
                let text = format!(
                    "{name} has the greatest amplitude, {} peak-to-peak; the next, {}, has {}.",
                    number(amplitude),
                    self.names.matcher(next.row),
                    number(value),
                );
                (text, Some(ratio))
            }
            Some(_) if amplitude > 0.0 => (
                format!(
                    "{name} is the only series that moves, by {}.",
                    number(amplitude)
                ),
                None,
            ),
            Some(_) => ("No series moves at all.".to_owned(), None),
            None => (
                format!(
                    "{name} is the only series with an amplitude, {}.",
                    number(amplitude)
                ),
                None,
            ),
        };
        let interesting = next.is_some()
            && amplitude > 0.0
            && ratio.is_none_or(|ratio| ratio >= self.settings.margin);
        Some(Check {
            name: "amplitude",
            sentence,
            number: ratio,
            interesting,
        })
    }

    fn habit_check(&self) -> Option<Check> {
        let first = self.focus()?;
        let habit = first.habit.as_ref()?;
        let amplitude = first.amplitude?;
        let sentence = if habit.median > 0.0 {
            format!(
                "{} swings by {}, {} the median of {} before ({}); the widest of them was {}.",
                self.name(first),
                number(amplitude),
                times(amplitude / habit.median),
                count(habit.swings.iter().flatten().count(), "window"),
                number(habit.median),
                number(habit.max),
            )
        } else {
            format!(
                "{} swings by {}, and stood still in most windows before.",
                self.name(first),
                number(amplitude)
            )
        };
        Some(Check {
            name: "own_baseline",
            sentence,
            number: (habit.median > 0.0).then(|| (amplitude / habit.median).min(f64::MAX)),
            interesting: amplitude > habit.max
                && first
                    .score
                    .is_some_and(|score| score >= self.settings.min_ratio),
        })
    }

    fn chance_check(&self) -> Option<Check> {
        let first = self.focus()?;
        let (score, limit) = (first.score?, first.limit?);
        let against = match self.scores.method {
            Method::OwnBaseline => format!(
                "the {} before, over all series",
                count(self.scores.windows, "window")
            ),
            Method::Peers => "the differences among the series".to_owned(),
        };
        let sentence = format!(
            "By {against}, up to {} would be chance for {}; it is at {}.",
            times(limit),
            self.name(first),
            times(score),
        );
        Some(Check {
            name: "chance",
            sentence,
            number: Some(score / limit),
            interesting: first.is_odd(),
        })
    }

    fn margin_check(&self) -> Option<Check> {
        let top = &self.scores.rows[self.decision.top?];
        let (second, score) = self.second()?;
        let ratio = top.score? / score;
        Some(Check {
            name: "margin",
            sentence: format!(
                "{} is {} as far from its usual as the next that its own past does not explain, {}.",
                self.name(top),
                times(ratio),
                self.name(second),
            ),
            number: Some(ratio),
            interesting: ratio >= self.settings.margin,
        })
    }

    fn flag_check(&self, name: &'static str, flag: Flag, what: &str) -> Option<Check> {
        let all = self.ranking.ranked.iter().chain(&self.ranking.low_coverage);
        let rows: Vec<usize> = all
            .filter(|a| a.flags.contains(&flag))
            .map(|a| a.row)
            .collect();
        (!rows.is_empty()).then(|| Check {
            name,
            sentence: format!(
                "{} {what}: {}.",
                count(rows.len(), "series"),
                self.names.list(&rows)
            ),
            number: Some(rows.len() as f64),
            interesting: true,
        })
    }

    /// A server that used to swing and stands still: hung, or gone and repeated by the look-back.
    fn frozen_check(&self) -> Option<Check> {
        let frozen = |series: &&Scored| {
            series.amplitude == Some(0.0)
                && series
                    .habit
                    .as_ref()
                    .is_some_and(|h| h.swings.iter().flatten().all(|s| *s > 0.0))
        };
        let rows: Vec<usize> = self
            .scores
            .rows
            .iter()
            .filter(frozen)
            .map(|series| series.row)
            .collect();
        (!rows.is_empty()).then(|| Check {
            name: "frozen",
            sentence: format!(
                "{} moved in every window before and {} still now: {}. A target that died repeats its last value for up to five minutes; look at up.",
                count(rows.len(), "series"),
                if rows.len() == 1 { "stands" } else { "stand" },
                self.names.list(&rows),
            ),
            number: Some(rows.len() as f64),
            interesting: true,
        })
    }

    /// What makes the verdict doubtful.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = self.ranking.notes.clone();
        warnings.extend(self.baseline_warning());
        warnings.extend(self.disagreement());
        warnings.extend(self.without_habit());
        let aside = |list: &[Amplitude], why: &str| {
            let rows: Vec<usize> = list.iter().map(|a| a.row).collect();
            (!rows.is_empty()).then(|| {
                format!(
                    "{} left out, {why}: {}.",
                    count(rows.len(), "series"),
                    self.names.list(&rows)
                )
            })
        };
        warnings.extend(aside(
            &self.ranking.low_coverage,
            "with samples in fewer than half of the steps",
        ));
        warnings.extend(aside(&self.ranking.empty, "without any number"));
        if self.decision.kind == VerdictKind::Clear && self.decision.odd > 1 {
            warnings.push(format!(
                "{} others swing more than chance explains, too: the suspect may be their cause, or share one with them.",
                self.decision.odd - 1,
            ));
        }
        let meta = self.current.meta();
        warnings.extend(
            meta.warnings
                .iter()
                .map(|warning| format!("The server warned: {warning}")),
        );
        if meta.partial == Some(true) {
            warnings.push("The server answered in part only: a suspect may be missing.".to_owned());
        }
        if meta.histograms_skipped > 0 {
            warnings.push(format!(
                "{} native histograms and left out: wrap the query in histogram_quantile().",
                count(meta.histograms_skipped as usize, "series")
                    + if meta.histograms_skipped == 1 {
                        " is"
                    } else {
                        " are"
                    },
            ));
        }
        if meta.off_grid > 0 {
            warnings.push(format!(
                "{} beside the grid left out.",
                count(meta.off_grid as usize, "sample")
            ));
        }
        warnings
    }

    fn baseline_warning(&self) -> Option<String> {
        match (self.baseline, self.scores.method) {
            (None, _) => Some("No baseline was given: the series are compared as if all were alike. Give the time before as baseline.".to_owned()),
            (Some(_), Method::Peers) => Some(format!(
                "The baseline cannot be used: it takes {} of this length before this window, for two series of the same labels. The series are compared as if all were alike.",
                count(self.settings.min_windows.max(2), "window"),
            )),
            (Some(before), Method::OwnBaseline) if before.grid().step_ms != self.current.grid().step_ms => Some(format!(
                "The baseline has a step of {} ms, this window {} ms: a longer step sees smaller swings.",
                before.grid().step_ms,
                self.current.grid().step_ms,
            )),
            _ => None,
        }
    }

    fn disagreement(&self) -> Option<String> {
        if self.scores.method == Method::Peers {
            return None;
        }
        let loudest = self.ranking.ranked.first()?;
        let furthest = self.focus()?;
        let series = self
            .scores
            .rows
            .iter()
            .find(|series| series.row == loudest.row)?;
        let habit = series.habit.as_ref()?;
        if loudest.row == furthest.row || loudest.value <= furthest.amplitude {
            return None;
        }
        Some(format!(
            "Amplitude and baseline disagree: {} has the greatest amplitude ({}), but it usually swings by {}; {} is further from its own habit.",
            self.names.matcher(loudest.row),
            number(loudest.value?),
            number(habit.median),
            self.name(furthest),
        ))
    }

    fn without_habit(&self) -> Option<String> {
        let strangers: Vec<&Scored> = self
            .scores
            .rows
            .iter()
            .filter(|series| series.score.is_none())
            .collect();
        let rows: Vec<usize> = strangers.iter().map(|series| series.row).collect();
        let loudest = self.ranking.ranked.first().map(|a| a.row);
        if rows.is_empty() || self.scores.method == Method::Peers {
            return None;
        }
        let most = if loudest.is_some_and(|row| rows.contains(&row)) {
            " One of them has the greatest amplitude of all."
        } else {
            ""
        };
        Some(format!(
            "{} without a baseline of their own, not scored (new, renamed?): {}.{most}",
            count(rows.len(), "series"),
            self.names.list(&rows),
        ))
    }

    /// The series that the checks are about: the suspect, else the one with the greatest score.
    fn focus(&self) -> Option<&Scored> {
        let index = self.decision.top.unwrap_or(0);
        self.scores
            .rows
            .get(index)
            .filter(|series| series.score.is_some())
    }

    fn second(&self) -> Option<(&Scored, f64)> {
        let second = &self.scores.rows[self.decision.second?];
        Some((second, second.score.filter(|score| *score > 0.0)?))
    }

    fn scored(&self) -> Vec<&Scored> {
        self.scores
            .rows
            .iter()
            .filter(|series| series.score.is_some())
            .collect()
    }

    fn name(&self, series: &Scored) -> String {
        self.names.matcher(series.row)
    }
}
