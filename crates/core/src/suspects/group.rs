//! What is accused: a series, or all series of one thing, such as the metrics of a service.

use std::collections::BTreeMap;

use super::score::{Scored, Scores};
use crate::amplitude::descending;
use crate::matrix::Matrix;

/// Beyond this many units of usual variation a series is as odd as can be; what is more hardly counts when
/// series of unlike metrics are put together: a flat line that moves at all is infinitely far from its habit.
const ENOUGH: f64 = 6.0;
/// How much the logarithm of the rest still counts.
const REST: f64 = 0.2;
/// A thing is judged by its oddest series, as many as this: one alone may be chance.
const WITNESSES: usize = 2;

/// One candidate.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Value of the label that the series were grouped by; the series' text without grouping.
    pub(super) name: String,
    /// Index of its oddest series in `scores.rows`.
    pub(super) lead: usize,
    /// Indices of all its series, the oddest first.
    pub(super) members: Vec<usize>,
    pub(super) score: Option<f64>,
    pub(super) odd: bool,
    pub(super) habitual: bool,
}

/// The candidates, greatest score first; `scores.rows` must be sorted so. A series without the label stands alone.
pub(super) fn entries(scores: &Scores, current: &Matrix, by: Option<&str>) -> Vec<Entry> {
    let Some(label) = by else {
        let alone = |(index, series): (usize, &Scored)| Entry {
            name: current.name(series.row).to_owned(),
            lead: index,
            members: vec![index],
            score: series.score,
            odd: series.is_odd(),
            habitual: series.habitual(),
        };
        return scores.rows.iter().enumerate().map(alone).collect();
    };
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, series) in scores.rows.iter().enumerate() {
        let value = current.labels(series.row).get(label);
        let name = value.unwrap_or_else(|| current.name(series.row));
        members.entry(name).or_default().push(index);
    }
    let mut entries: Vec<Entry> = members
        .into_iter()
        .filter_map(|(name, members)| {
            let of = |index: &usize| &scores.rows[*index];
            Some(Entry {
                name: name.to_owned(),
                lead: *members.first()?,
                score: together(members.iter().filter_map(|index| of(index).weight())),
                odd: members.iter().any(|index| of(index).is_odd()),
                habitual: members.iter().all(|index| of(index).habitual()),
                members,
            })
        })
        .collect();
    entries.sort_by(|a, b| descending(a.score, b.score).then_with(|| a.name.cmp(&b.name)));
    entries
}

/// Mean of the greatest [`WITNESSES`]; a witness that is missing counts as one that saw nothing.
fn together(weights: impl Iterator<Item = f64>) -> Option<f64> {
    let mut weights: Vec<f64> = weights.collect();
    weights.sort_unstable_by(|a, b| b.total_cmp(a));
    let sum: f64 = weights.iter().take(WITNESSES).sum();
    (!weights.is_empty()).then_some(sum / WITNESSES as f64)
}

/// Units of variation beside those of other metrics.
pub(super) fn saturated(units: f64) -> f64 {
    units.min(ENOUGH) + REST * (1.0 + (units - ENOUGH).max(0.0)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_witnesses_weigh_more_than_one_that_is_certain() {
        let one = together([saturated(400.0), 0.1].into_iter()).unwrap();
        let two = together([saturated(5.5), saturated(5.0), 0.0].into_iter()).unwrap();
        assert!(two > one, "{one} {two}");
        assert_eq!(together([3.0].into_iter()), Some(1.5));
        assert_eq!(together(std::iter::empty()), None);
    }

    #[test]
    fn more_is_always_more() {
        let units = [-2.0, 0.0, 1.0, 5.9, 6.0, 6.1, 50.0, 1e9];
        assert!(
            units
                .windows(2)
                .all(|pair| saturated(pair[0]) < saturated(pair[1]))
        );
    }
}
