//! What makes a verdict doubtful.

use super::score::Scored;
use super::words::Words;
use super::{Method, VerdictKind};
use crate::amplitude::Amplitude;
use crate::text::{count, number};

impl Words<'_> {
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
                "{} more than chance explains, too: the suspect may be their cause, or share one with them.",
                match self.decision.odd - 1 {
                    1 => "1 other series swings".to_owned(),
                    others => format!("{others} other series swing"),
                },
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
        let loudest = self.ranking.alike().first()?;
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
        let loudest = self.ranking.alike().first().map(|a| a.row);
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
}
