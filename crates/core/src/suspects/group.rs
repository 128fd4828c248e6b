//! What is accused: a series, or all series of one thing, such as the metrics of a service.

use super::score::{Scored, Scores};
use crate::amplitude::descending;
use crate::matrix::Matrix;
use crate::sorted::sort;

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
    let name = |index: &usize| {
        let row = scores.rows[*index].row;
        let value = current.labels(row).get(label);
        value.unwrap_or_else(|| current.name(row))
    };
    let mut all: Vec<usize> = (0..scores.rows.len()).collect();
    sort(&mut all, |a, b| name(a).cmp(name(b)));
    let mut entries: Vec<Entry> = all
        .chunk_by(|a, b| name(a) == name(b))
        .filter_map(|members| {
            let of = |index: &usize| &scores.rows[*index];
            let lead = *members.first()?;
            Some(Entry {
                name: name(&lead).to_owned(),
                lead,
                score: together(
                    members
                        .iter()
                        .filter_map(|index| of(index).weight())
                        .collect(),
                ),
                odd: members.iter().any(|index| of(index).is_odd()),
                habitual: members.iter().all(|index| of(index).habitual()),
                members: members.to_vec(),
            })
        })
        .collect();
    sort(&mut entries, |a, b| {
        descending(a.score, b.score).then_with(|| a.name.cmp(&b.name))
    });
    entries
}

/// Mean of the greatest [`WITNESSES`]; a witness that is missing counts as one that saw nothing.
fn together(mut weights: Vec<f64>) -> Option<f64> {
    sort(&mut weights, |a, b| b.total_cmp(a));
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
        let one = together(vec![saturated(400.0), 0.1]).unwrap();
        let two = together(vec![saturated(5.5), saturated(5.0), 0.0]).unwrap();
        assert!(two > one, "{one} {two}");
        assert_eq!(together(vec![3.0]), Some(1.5));
        assert_eq!(together(Vec::new()), None);
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
