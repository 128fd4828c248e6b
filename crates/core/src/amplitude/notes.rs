//! What makes the order of the amplitudes doubtful, in sentences.

use super::counter::{has_counter_name, only_rises};
use super::{Flag, Kind, Ranking, metrics};
use crate::matrix::Matrix;
use crate::text::{ShortNames, joined};

pub(super) fn notes(matrix: &Matrix, ranking: &Ranking) -> Vec<String> {
    let all = matrix.rows();
    let rows = |holds: &dyn Fn(usize) -> bool| (0..all).filter(|row| holds(*row)).count();
    let mut notes = Vec::new();
    let metrics = metrics(matrix);
    if metrics.len() > 1 && !ranking.kind.is_unit_free() {
        let mut list = String::new();
        for metric in metrics.iter().take(4) {
            joined(&mut list, metric);
        }
        notes.push(format!(
            "The answer holds {} metrics ({}{}): their units may differ, so their amplitudes do not compare, and each is ranked by itself. Query one metric at a time.",
            metrics.len(),
            list,
            if metrics.len() > 4 { ", …" } else { "" },
        ));
    }
    let named = rows(&|row| matrix.is_counter(row) && has_counter_name(matrix.labels(row)));
    if named > 0 {
        notes.push(format!(
            "{named} of {all} series {}: what counts is the increase per step. Ask for rate(…) to see resets between steps.",
            if named == 1 { "is a counter by its name" } else { "are counters by their name" },
        ));
    }
    let counting = rows(&|row| matrix.is_counter(row) && !has_counter_name(matrix.labels(row)));
    if counting > 0 {
        notes.push(format!(
            "{counting} of {all} series {} whole numbers that only rise but for resets, like a counter: what counts is the increase per step. Ask for rate(…) to see resets between steps.",
            if counting == 1 { "has" } else { "have" },
        ));
    }
    let unlike = rows(&|row| !matrix.is_counter(row) && has_counter_name(matrix.labels(row)));
    if unlike > 0 {
        notes.push(format!(
            "{unlike} of {all} series {} named like a counter and {} again and again: taken as {}.",
            if unlike == 1 { "is" } else { "are" },
            if unlike == 1 { "falls" } else { "fall" },
            if unlike == 1 { "it is" } else { "they are" },
        ));
    }
    let rising = rows(&|row| !matrix.is_counter(row) && only_rises(matrix.values(row)));
    if rising * 2 > all {
        notes.push(format!(
            "{rising} of {all} series {} whole numbers that never fall: if {}, ask for rate(…) instead.",
            if rising == 1 { "has" } else { "have" },
            if rising == 1 { "it is a counter" } else { "they are counters" },
        ));
    }
    notes.extend(without_amplitude(matrix, ranking));
    notes
}

/// Why series with numbers have no amplitude of this kind.
fn without_amplitude(matrix: &Matrix, ranking: &Ranking) -> Vec<String> {
    if ranking.undefined.is_empty() {
        return Vec::new();
    }
    let names = ShortNames::of(matrix);
    let why = |flag: Flag, what: &str| {
        let flagged = ranking.undefined.iter().filter(|a| a.flags.contains(&flag));
        let rows: Vec<usize> = flagged.map(|a| a.row).collect();
        (!rows.is_empty()).then(|| format!("{what}: {}.", names.list(&rows)))
    };
    let mut found = vec![
        why(
            Flag::MedianZero,
            "No relative amplitude, because the median is 0",
        ),
        why(
            Flag::StoodStill,
            "No swing ratio, because it stood still before; now it moves",
        ),
        why(
            Flag::NoHabit,
            "No swing ratio, because the time before has fewer than three usable windows of this length",
        ),
    ];
    if ranking.kind == Kind::SwingRatio && ranking.ranked.is_empty() {
        found.push(Some(
            "Give a longer time before as baseline, of the same query and step.".to_owned(),
        ));
    }
    found.into_iter().flatten().collect()
}
