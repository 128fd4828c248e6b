//! What a user would lose: a verdict that depends on the order of the answer or on the unit, or a crash on odd numbers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test should stop"
)]

use casebook_core::amplitude::{Kind, amplitude, rank, rank_by};
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
    fn each_kind_ranks_all_series_once_by_a_finite_number_whatever_their_order(series in prop_oneof![series(), wild()]) {
        let forward: Vec<usize> = (0..series.len()).collect();
        let backward: Vec<usize> = forward.iter().rev().copied().collect();
        let (before, now) = matrices(&series, &forward, 1.0);
        let (_, mirrored) = matrices(&series, &backward, 1.0);
        for kind in [Kind::PeakToPeak, Kind::P95P5, Kind::Mad, Kind::Relative, Kind::SwingRatio] {
            let ranking = rank_by(&now, kind, Some(&before));
            let lists = [&ranking.ranked, &ranking.low_coverage, &ranking.undefined, &ranking.empty];
            prop_assert_eq!(lists.iter().map(|list| list.len()).sum::<usize>(), now.rows());
            prop_assert!(ranking.ranked.iter().all(|a| a.value.is_some_and(|v| v >= 0.0 && v.is_finite())));
            prop_assert_eq!(ranking.families.iter().map(|family| family.series).sum::<usize>(), ranking.ranked.len());
            let again = rank_by(&mirrored, kind, Some(&before));
            let names = |of: &[casebook_core::amplitude::Amplitude]| of.iter().map(|a| a.name.clone()).collect::<Vec<_>>();
            prop_assert_eq!(names(&ranking.ranked), names(&again.ranked));
            prop_assert_eq!(&ranking.notes, &again.notes);
        }
        let widest = |kind, row: usize| rank_by(&now, kind, None).ranked.iter().find(|a| a.row == row).and_then(|a| a.value);
        for row in 0..now.rows() {
            prop_assert!(widest(Kind::P95P5, row) <= widest(Kind::PeakToPeak, row));
        }
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
