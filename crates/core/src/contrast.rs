//! Which label value separates some series, the suspects, from the rest.
//!
//! For each value of each label: how many of the suspects have it, how many of all series, and how often as many would by
//! chance (the hypergeometric tail, which is Fisher's exact test of one side). As many questions give false answers by
//! their number alone, the answers are held to a false discovery rate: Benjamini and Hochberg, "Controlling the False
//! Discovery Rate", J. R. Statist. Soc. B 57 (1995). Values that so few series have that they could never be told from
//! chance are not counted among the questions (Tarone, Biometrics 46, 1990).

mod chance;

use serde::Serialize;

use self::chance::at_least;
use crate::labels::matcher;
use crate::matrix::Matrix;
use crate::sorted::{distinct, order, sort};
use crate::text::{count, joined, number};

/// The share of false ones that is taken among the values that are said to separate.
pub const FALSE_DISCOVERIES: f64 = 0.05;
/// A value that one suspect has is no pattern.
const LEAST_SUSPECTS: usize = 2;

/// Suspects against the rest, label by label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contrast {
    /// The suspects' rows.
    pub suspects: Vec<usize>,
    /// Number of series, the suspects included.
    pub series: usize,
    /// The values that at least one suspect and two series have, least chance first.
    pub values: Vec<LabelValue>,
    /// Labels of which no value separates, and why, as sentences; those that are the same in all series are left out.
    pub others: Vec<String>,
    /// What separates the suspects, in one or two sentences.
    pub sentence: String,
}

/// A value of a label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelValue {
    /// The label; an empty value stands for series without it.
    pub label: String,
    /// Its value.
    pub value: String,
    /// Other labels' values that exactly the same series have, as PromQL matchers.
    pub same: Vec<String>,
    /// Suspects that have it.
    pub suspects: usize,
    /// Series that have it, the suspects included.
    pub series: usize,
    /// Chance that at least as many of the suspects have it, were they drawn blindly.
    pub p: f64,
    /// The least false discovery rate at which it counts.
    pub q: f64,
    /// Whether it counts: `q` is at most [`FALSE_DISCOVERIES`], and at least two suspects have it.
    pub separates: bool,
    /// The counts as a sentence.
    pub sentence: String,
}

/// Which label value separates the suspects, rows of the matrix, from the other series.
///
/// Labels are compared one by one, never in pairs. Values with the same series, such as a host and its address, count
/// as one.
#[must_use]
pub fn contrast(matrix: &Matrix, suspects: &[usize]) -> Contrast {
    let mut rows: Vec<usize> = suspects.to_vec();
    rows.retain(|row| *row < matrix.rows());
    sort(&mut rows, Ord::cmp);
    rows.dedup();
    let mut result = Contrast {
        suspects: rows,
        series: matrix.rows(),
        values: Vec::new(),
        others: Vec::new(),
        sentence: String::new(),
    };
    let (few, all) = (result.suspects.len(), result.series);
    if few == 0 || few == all {
        result.sentence = match few {
            0 => "There is no suspect to set against the others.".to_owned(),
            _ => "All series are suspects: there are no others to set them against.".to_owned(),
        };
        return result;
    }
    let mut groups = groups(matrix);
    groups.retain(|group| group.rows.len() > 1);
    let mut questions = 0;
    for group in groups {
        let with = group.rows.len();
        let have = group
            .rows
            .iter()
            .filter(|row| result.suspects.binary_search(row).is_ok())
            .count();
        questions += usize::from(at_least(with.min(few), few, with, all) <= FALSE_DISCOVERIES);
        if have > 0 {
            result.values.push(LabelValue::new(&group, have, few, all));
        }
    }
    sort(&mut result.values, |a, b| {
        a.p.total_cmp(&b.p)
            .then_with(|| b.suspects.cmp(&a.suspects))
            .then_with(|| (&a.label, &a.value).cmp(&(&b.label, &b.value)))
    });
    hold(&mut result.values, questions);
    result.others = others(matrix, &result.values);
    result.sentence = sentence(&result);
    result
}

/// Series that have one value of a label.
struct Group<'a> {
    label: &'a str,
    value: &'a str,
    rows: Vec<usize>,
    same: Vec<(&'a str, &'a str)>,
}

/// The series of each value of each label that is not the same in all; values of the same series in one.
fn groups(matrix: &Matrix) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for label in labels(matrix) {
        let value = |row: usize| matrix.labels(row).get(label).unwrap_or_default();
        let by_value = order(matrix.rows(), &|a, b| value(a).cmp(value(b)));
        let first = groups.len();
        for row in by_value {
            match groups[first..].last_mut() {
                Some(group) if group.value == value(row) => group.rows.push(row),
                _ => groups.push(Group {
                    label,
                    value: value(row),
                    rows: vec![row],
                    same: Vec::new(),
                }),
            }
        }
    }
    sort(&mut groups, |a, b| a.rows.cmp(&b.rows));
    let mut merged: Vec<Group<'_>> = Vec::new();
    for group in groups {
        match merged.last_mut() {
            Some(last) if last.rows == group.rows => last.same.push((group.label, group.value)),
            _ => merged.push(group),
        }
    }
    merged
}

/// Names of the labels that differ among the series.
fn labels(matrix: &Matrix) -> Vec<&str> {
    let mut names = Vec::new();
    for row in 0..matrix.rows() {
        names.extend(matrix.labels(row).iter().map(|(name, _)| name));
    }
    let mut names = distinct(names);
    names.retain(|name| {
        let value = |row: usize| matrix.labels(row).get(name);
        (1..matrix.rows()).any(|row| value(row) != value(0))
    });
    names
}

/// The false discovery rate of each value, which come with the least chance first, among so many questions.
fn hold(values: &mut [LabelValue], questions: usize) {
    let mut least = 1.0_f64;
    for (index, value) in values.iter_mut().enumerate().rev() {
        least = least.min(value.p * questions.max(index + 1) as f64 / (index + 1) as f64);
        value.q = least;
        value.separates = least <= FALSE_DISCOVERIES && value.suspects >= LEAST_SUSPECTS;
    }
}

impl LabelValue {
    fn new(group: &Group<'_>, have: usize, few: usize, all: usize) -> Self {
        let with = group.rows.len();
        let own = matcher(group.label, group.value);
        Self {
            label: group.label.to_owned(),
            value: group.value.to_owned(),
            same: group
                .same
                .iter()
                .map(|(label, value)| matcher(label, value))
                .collect(),
            suspects: have,
            series: with,
            p: at_least(have, few, with, all),
            q: 1.0,
            separates: false,
            sentence: format!(
                "{own}: {have} of {}, {with} of {all} series",
                count(few, "suspect")
            ),
        }
    }
}

/// Labels none of whose values separates.
fn others(matrix: &Matrix, values: &[LabelValue]) -> Vec<String> {
    let sentence = |label: &str| {
        let empty = matcher(label, "");
        let name = empty.trim_end_matches('"');
        let is_mine = |value: &&LabelValue| {
            value.label == label || value.same.iter().any(|same| same.starts_with(name))
        };
        let mine: Vec<&LabelValue> = values.iter().filter(is_mine).collect();
        match mine.first() {
            _ if mine.iter().any(|value| value.separates) => None,
            Some(nearest) => Some(format!("{name}…: no; the nearest is {}.", nearest.sentence)),
            None => Some(format!(
                "{name}…: no; no suspect shares its value with another series."
            )),
        }
    };
    labels(matrix).into_iter().filter_map(sentence).collect()
}

fn sentence(found: &Contrast) -> String {
    let (few, all) = (found.suspects.len(), found.series);
    let separating: Vec<&LabelValue> = found
        .values
        .iter()
        .filter(|value| value.separates)
        .collect();
    let Some(first) = separating.first() else {
        return format!(
            "No label value separates {} from the other {}.",
            if few == 1 {
                "the suspect".to_owned()
            } else {
                format!("the {few} suspects")
            },
            count(all - few, "series"),
        );
    };
    let same = match first.same.len() {
        0 => String::new(),
        _ => {
            let mut same = String::new();
            for matcher in &first.same {
                joined(&mut same, matcher);
            }
            format!(", the same series as {same}")
        }
    };
    let more = match separating.len() - 1 {
        0 => String::new(),
        others => format!(
            " {} too.",
            if others == 1 {
                "1 other value does".to_owned()
            } else {
                format!("{others} other values do")
            }
        ),
    };
    format!("{}{same} (p = {}).{more}", first.sentence, number(first.p))
}

#[cfg(test)]
mod tests;
