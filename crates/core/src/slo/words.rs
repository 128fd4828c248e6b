//! A breach in sentences.

use casebook_decimal::Fixed;

use super::{Breach, HYSTERESIS, Line, Objective, Over};
use crate::matrix::Matrix;
use crate::text::{ShortNames, clock, count, number};

impl Breach {
    pub(super) fn words(&self, matrix: &Matrix) -> String {
        let objective = &self.objective;
        let what = objective.words(matrix.rows());
        let side = if objective.below { "above" } else { "below" };
        let threshold = exact(objective.threshold);
        let beyond = format!("{side} {threshold}");
        let Some(worst) = self.lines.first() else {
            return match self.kept {
                0 => format!("Cannot tell: no series has a number to hold against {threshold}."),
                _ if objective.over == Over::Time && objective.quantile.is_some() => {
                    format!("Kept: {what} is not {beyond}.")
                }
                _ => format!("Kept: {what} is not {beyond} for {HYSTERESIS} steps in a row."),
            };
        };
        let Some(row) = worst.row else {
            return format!("Broken: {what} is {beyond} {}.", worst.when());
        };
        let names = ShortNames::of(matrix);
        let (broken, all) = (self.lines.len(), matrix.rows());
        format!(
            "Broken: {what} is {beyond} in {broken} of {all} series; the worst is {}, at {}{}.",
            names.matcher(row),
            number(worst.value),
            if worst.runs.is_empty() {
                String::new()
            } else {
                format!(", {}", worst.when())
            },
        )
    }
}

/// A threshold as somebody wrote it, whose digits all count.
fn exact(threshold: f64) -> String {
    let text = Fixed(threshold, 6).to_string();
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text.trim_start_matches('-') {
        "0" if threshold != 0.0 => number(threshold),
        _ => text.to_owned(),
    }
}

impl Objective {
    /// What the promise is of: `P90 over 40 series, at each step,`.
    fn words(&self, series: usize) -> String {
        let Some(q) = self.quantile else {
            return "the value".to_owned();
        };
        let over = match self.over {
            Over::Time => "over time".to_owned(),
            Over::Series => format!("over {} at each step", count(series, "series")),
            Over::Requests => "over requests".to_owned(),
        };
        let hundredths = (q * 10_000.0).round() as u32;
        let (whole, part) = (hundredths / 100, hundredths % 100);
        match part {
            0 => format!("P{whole} {over}"),
            _ => format!("P{whole}.{part:02} {over}"),
        }
    }
}

impl Line {
    /// When, for how much of the time, and how far.
    fn when(&self) -> String {
        let Some(first) = self.runs.first() else {
            return String::new();
        };
        let last = self.runs[self.runs.len() - 1];
        format!(
            "from {} to {} UTC{} in {}, {} % of the steps; the worst value is {} at {}",
            clock(first.start_ms),
            clock(last.end_ms),
            if last.open {
                ", the end of the window,"
            } else {
                ""
            },
            count(self.runs.len(), "run"),
            number(100.0 * self.share),
            number(self.worst),
            clock(self.worst_ms),
        )
    }
}
