//! Independent looks at the data, each with its own sentence.

use super::score::Scored;
use super::words::Words;
use super::{Check, Method};
use crate::amplitude::Flag;
use crate::text::{clock, count, number, times};

impl Words<'_> {
    /// Independent looks at the data.
    pub(super) fn checks(&self) -> Vec<Check> {
        let checks = [
            self.amplitude_check(),
            self.habit_check(),
            self.chance_check(),
            self.onset_check(),
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
                count(self.scores.windows.len(), "window")
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

    /// Windows before the current one that swing like it are not its habit.
    fn onset_check(&self) -> Option<Check> {
        let first = self.focus()?;
        let skipped = first.habit.as_ref()?.skipped;
        let grid = self.baseline?.grid();
        let start = self.scores.windows.start(skipped.checked_sub(1)?);
        Some(Check {
            name: "began_earlier",
            sentence: format!(
                "{} has swung like this since {} UTC or a little later, before this window: {} left out of its habit.",
                self.name(first),
                clock(grid.time_ms(start as u32)),
                if skipped == 1 {
                    "1 window is".to_owned()
                } else {
                    format!("{skipped} windows are")
                },
            ),
            number: Some(skipped as f64),
            interesting: true,
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
}
