//! Independent looks at the data, each with its own sentence.

use super::past::rounded;
use super::peers::{Peer, presences};
use super::score::{Scored, Scores};
use super::words::{Words, units};
use super::{Check, Method};
use crate::amplitude::{Flag, Ranking, signal};
use crate::onset::onset_of_row;
use crate::text::{clock, count, number, times};

/// The greatest amplitude is worth a word when it is this many times the next.
const LOUDER: f64 = 1.3;
/// Share of the steps outside of the band from which a series is outside, not a visitor.
const OUTSIDE: f64 = 0.5;

/// A series stands still when it repeats one value this many times as long as it ever did before.
const STUCK: usize = 3;

impl Words<'_> {
    /// Independent looks at the data.
    pub(super) fn checks(&self) -> Vec<Check> {
        let checks = [
            self.amplitude_check(),
            self.habit_check(),
            self.chance_check(),
            self.shift_check(),
            self.peers_check(),
            self.begun_check(),
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
        let alike = self.ranking.alike();
        let first = alike.first()?;
        let amplitude = first.value?;
        let name = self.names.matcher(first.row);
        let next = alike.get(1).and_then(|next| Some((next, next.value?)));
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
        let interesting =
            next.is_some() && amplitude > 0.0 && ratio.is_none_or(|ratio| ratio >= LOUDER);
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
                    .swing
                    .as_ref()
                    .is_some_and(|swing| swing.ratio >= self.settings.min_ratio),
        })
    }

    fn chance_check(&self) -> Option<Check> {
        let first = self.focus()?;
        let swing = first.swing.as_ref()?;
        let against = match self.scores.method {
            Method::OwnBaseline => format!(
                "the {} before, over all series",
                count(self.scores.windows.len(), "window")
            ),
            Method::Peers => "the differences among the series".to_owned(),
        };
        let sentence = format!(
            "By {against}, up to {} would be chance for {}; it is at {}.",
            times(swing.limit_ratio()),
            self.name(first),
            times(swing.ratio),
        );
        Some(Check {
            name: "chance",
            sentence,
            number: Some(swing.units / swing.limit),
            interesting: first.swings(),
        })
    }

    /// Windows before the current one that swing like it are not its habit.
    fn begun_check(&self) -> Option<Check> {
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

    fn shift_check(&self) -> Option<Check> {
        let first = self.focus()?;
        let (level, shift) = (first.level.as_ref()?, first.shift.as_ref()?);
        Some(Check {
            name: "shift",
            sentence: format!(
                "The median of {} is {}, and was {} before ({} to {}): {} its usual distance, up to {} would be chance.",
                self.name(first),
                number(level.now),
                number(level.usual),
                number(level.least),
                number(level.most),
                times(shift.ratio),
                times(shift.limit_ratio()),
            ),
            number: Some(shift.units / shift.limit),
            interesting: first.shifted(),
        })
    }

    /// Where the series is among the others at each step, whatever its past was.
    fn peers_check(&self) -> Option<Check> {
        let first = self.focus()?;
        let metric = |row: usize| self.current.labels(row).get("__name__");
        let family: Vec<&Scored> = self
            .scores
            .rows
            .iter()
            .filter(|series| metric(series.row) == metric(first.row))
            .collect();
        let signals: Vec<_> = family
            .iter()
            .map(|series| signal(self.current, series.row))
            .collect();
        let own = family.iter().all(|series| series.level.is_some());
        let peers: Vec<Peer<'_>> = family
            .iter()
            .zip(&signals)
            .map(|(series, values)| {
                let habit = series.habit.as_ref().map_or(0.0, |habit| habit.median);
                let level = series.level.as_ref().filter(|_| own);
                Peer {
                    values,
                    usual: level.map_or(0.0, |level| level.usual),
                    scale: if own && habit > 0.0 { habit } else { 1.0 },
                }
            })
            .collect();
        let found = presences(&peers);
        let mine = family.iter().position(|series| series.row == first.row)?;
        let presence = *found.get(mine)?;
        let others = found.iter().enumerate().filter(|(index, _)| *index != mine);
        let often = others.filter(|(_, other)| other.share() >= OUTSIDE).count();
        (presence.steps > 0).then(|| Check {
            name: "peers",
            sentence: format!(
                "{} is outside of the band of most series{} at {} of {}; as often outside {} of {} others.",
                self.name(first),
                if own { ", each by its own level and swing," } else { "" },
                presence.outside,
                count(presence.steps, "step"),
                if often == 1 { "is 1".to_owned() } else { format!("are {often}") },
                family.len() - 1,
            ),
            number: Some(rounded(presence.share())),
            interesting: presence.share() >= OUTSIDE && often * 5 <= family.len(),
        })
    }

    /// When the series changed: an interval between two samples.
    fn onset_check(&self) -> Option<Check> {
        let first = self.focus()?;
        let found = onset_of_row(self.current, self.baseline, first.row)?;
        Some(Check {
            name: "onset",
            number: Some(rounded(found.onset.gain)),
            sentence: found.sentence,
            interesting: first.is_odd(),
        })
    }

    fn margin_check(&self) -> Option<Check> {
        let top = self.decision.top?;
        let (second, lead) = (self.decision.second?, self.decision.lead?);
        Some(Check {
            name: "margin",
            sentence: format!(
                "{} is {} of usual variation ahead of the next that its own past does not explain, {}.",
                self.accused(top),
                units(lead),
                self.accused(second),
            ),
            number: Some(rounded(lead)),
            interesting: lead >= self.decision.needed,
        })
    }

    fn flag_check(&self, name: &'static str, flag: Flag, what: &str) -> Option<Check> {
        let rows = flagged(self.ranking, flag);
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
        let rows = frozen(self.scores);
        (!rows.is_empty()).then(|| Check {
            name: "frozen",
            sentence: format!(
                "{} never stood still for a third of this window before, and {} still now: {}. A target that died repeats its last value for up to five minutes; look at up.",
                count(rows.len(), "series"),
                if rows.len() == 1 { "stands" } else { "stand" },
                self.names.list(&rows),
            ),
            number: Some(rows.len() as f64),
            interesting: true,
        })
    }
}

/// Rows that stopped sending inside the window, or stand still and never did: what swings cannot show.
pub(super) fn silent(ranking: &Ranking, scores: &Scores) -> Vec<usize> {
    let mut rows = flagged(ranking, Flag::Disappeared);
    rows.extend(frozen(scores));
    rows
}

fn flagged(ranking: &Ranking, flag: Flag) -> Vec<usize> {
    let mut rows = Vec::new();
    for amplitudes in [&ranking.ranked, &ranking.low_coverage] {
        for amplitude in amplitudes {
            if amplitude.flags.contains(&flag) {
                rows.push(amplitude.row);
            }
        }
    }
    rows
}

fn frozen(scores: &Scores) -> Vec<usize> {
    let frozen = |series: &&Scored| {
        let past = series.repeats.filter(|_| series.amplitude == Some(0.0));
        past.is_some_and(|past| series.samples >= STUCK * past)
    };
    let rows = scores.rows.iter().filter(frozen);
    rows.map(|series| series.row).collect()
}
