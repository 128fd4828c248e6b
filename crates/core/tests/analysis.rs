//! What a user would lose: a verdict that depends on the order of the answer or on the unit, or a crash on odd numbers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test should stop"
)]

use casebook_core::amplitude::{amplitude, rank};
use casebook_core::envelope::envelope;
use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::matrix::{GAP, Matrix};
use casebook_core::recheck::{RecheckSettings, recheck};
use casebook_core::suspects::{SuspectSettings, Verdict, suspects};
use proptest::collection::vec;
use proptest::prelude::*;

const POINTS: usize = 13;
const WINDOWS: usize = 6;

fn series() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let tame = prop_oneof![9 => -1000_i32..1000, 1 => Just(0)].prop_map(|n| f64::from(n) / 8.0);
    let value =
        prop_oneof![20 => tame, 1 => Just(GAP), 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)];
    vec(vec(value, POINTS * (WINDOWS + 1)), 0..10)
}

fn wild() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let value = prop_oneof![
        any::<f64>(),
        Just(GAP),
        Just(f64::MAX),
        Just(f64::MIN),
        Just(0.0)
    ];
    vec(vec(value, POINTS * (WINDOWS + 1)), 0..6)
}

/// Rows of the baseline and of the window after it; `order` shuffles the rows of both.
fn matrices(series: &[Vec<f64>], order: &[usize], factor: f64) -> (Matrix, Matrix) {
    let grid = |from: usize, to: usize| {
        Grid::new(from as i64 * 1000, to as i64 * 1000 - 1000, 1000).unwrap()
    };
    let split = POINTS * WINDOWS;
    let part = |from: usize, to: usize| {
        let rows = order.iter().map(|row| {
            let labels =
                Labels::from([("__name__", "level"), ("which", format!("s{row}").as_str())]);
            (
                labels,
                series[*row][from..to]
                    .iter()
                    .map(|value| value * factor)
                    .collect(),
            )
        });
        Matrix::from_rows(grid(from, to), rows)
    };
    (part(0, split), part(split, split + POINTS))
}

fn judge(series: &[Vec<f64>], order: &[usize], factor: f64) -> Verdict {
    let (before, now) = matrices(series, order, factor);
    suspects(&now, Some(&before), &SuspectSettings::default())
}

fn order_of(verdict: &Verdict) -> Vec<(String, Option<f64>)> {
    verdict
        .ranking
        .iter()
        .map(|row| (row.name.clone(), row.score))
        .collect()
}

proptest! {
    #[test]
    fn the_order_of_the_answer_changes_nothing(series in series()) {
        let forward: Vec<usize> = (0..series.len()).collect();
        let backward: Vec<usize> = forward.iter().rev().copied().collect();
        let (a, b) = (judge(&series, &forward, 1.0), judge(&series, &backward, 1.0));
        prop_assert_eq!(a.kind, b.kind);
        prop_assert_eq!(&a.reason, &b.reason);
        prop_assert_eq!(order_of(&a), order_of(&b));
        let name = |verdict: &Verdict| verdict.top.map(|top| verdict.ranking.iter().find(|row| row.row == top).map(|row| row.name.clone()));
        prop_assert_eq!(name(&a), name(&b));
    }

    #[test]
    fn the_unit_changes_nothing(series in series()) {
        let order: Vec<usize> = (0..series.len()).collect();
        let (a, b) = (judge(&series, &order, 1.0), judge(&series, &order, 1024.0));
        prop_assert_eq!(a.kind, b.kind);
        prop_assert_eq!(order_of(&a), order_of(&b));
    }

    #[test]
    fn an_amplitude_is_the_distance_of_its_two_steps(series in series()) {
        let order: Vec<usize> = (0..series.len()).collect();
        let (_, now) = matrices(&series, &order, 1.0);
        for found in amplitude(&now) {
            let values = now.values(found.row);
            let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
            prop_assert_eq!(found.samples as usize, finite.len());
            prop_assert_eq!(found.samples + found.gaps + found.nan + found.inf, now.grid().points);
            let Some(value) = found.value else {
                prop_assert!(finite.is_empty());
                continue;
            };
            let (low, high) = (values[found.argmin.unwrap() as usize], values[found.argmax.unwrap() as usize]);
            prop_assert_eq!(value, high - low);
            prop_assert!(finite.iter().all(|v| (low..=high).contains(v)));
            let extremes = envelope(values, 4);
            let reached = |wanted: f64| extremes.iter().any(|(min, max)| *min == wanted || *max == wanted);
            prop_assert!(reached(low) && reached(high));
        }
        let ranking = rank(&now);
        prop_assert_eq!(ranking.ranked.len() + ranking.low_coverage.len() + ranking.empty.len(), now.rows());
        prop_assert!(ranking.ranked.windows(2).all(|pair| pair[0].value >= pair[1].value));
    }

    #[test]
    fn no_numbers_make_a_verdict_panic_or_leave_json(series in wild()) {
        let order: Vec<usize> = (0..series.len()).collect();
        let (before, now) = matrices(&series, &order, 1.0);
        for baseline in [None, Some(&before)] {
            let verdict = suspects(&now, baseline, &SuspectSettings::default());
            prop_assert!(verdict.ranking.iter().filter_map(|row| row.score).all(f64::is_finite));
            prop_assert_eq!(verdict.top.is_some(), serde_json::to_string(&verdict).unwrap().starts_with(r#"{"kind":"clear""#));
            for row in 0..now.rows() {
                let outcome = recheck(&before, &now, baseline, now.labels(row), &RecheckSettings::default());
                prop_assert!(!outcome.sentence.is_empty());
            }
        }
    }
}
