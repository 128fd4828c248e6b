use super::*;
use crate::grid::Grid;
use crate::matrix::GAP;

const HOUR: i64 = 3_600_000;

fn suspect() -> Labels {
    Labels::from([("__name__", "level"), ("which", "b")])
}

/// A zigzag around `level` whose peak-to-peak is `swing`, never twice the same value in a row.
fn wave(level: f64, swing: f64, points: usize) -> Vec<f64> {
    let parts = [0.0, 0.7, 0.3, 1.0, 0.4];
    (0..points)
        .map(|i| level + swing * (parts[i % 5] - 0.5))
        .collect()
}

fn matrix(start_ms: i64, values: Vec<f64>) -> Matrix {
    let grid = Grid::new(
        start_ms,
        start_ms + (values.len() as i64 - 1) * 10_000,
        10_000,
    )
    .unwrap();
    Matrix::from_rows(grid, [(suspect(), values)])
}

fn judge_with(baseline: bool, before: Vec<f64>, after: Vec<f64>) -> Recheck {
    let past = matrix(0, wave(10.0, 1.0, 361));
    let settings = RecheckSettings::default();
    let before = matrix(HOUR, before);
    let after = matrix(HOUR + 310_000, after);
    recheck(
        &before,
        &after,
        baseline.then_some(&past),
        &suspect(),
        &settings,
    )
}

fn judge(before: Vec<f64>, after: Vec<f64>) -> Recheck {
    judge_with(true, before, after)
}

#[test]
fn back_to_its_habit_is_recovered() {
    let result = judge(wave(10.0, 4.0, 31), wave(10.0, 1.1, 31));
    assert_eq!(result.state, RecheckState::Recovered, "{}", result.sentence);
    assert_eq!(
        result.sentence,
        r#"Recovered: level{which="b"} swings by 1.1, down from 4; its habit is 1, and up to 1.5 counts as recovered."#
    );
    assert_eq!(result.baseline.unwrap().windows, 12);
    assert!(
        result.checks.iter().all(|check| !check.interesting),
        "{:?}",
        result.checks
    );
}

#[test]
fn a_swing_beyond_the_habit_is_not_yet() {
    let result = judge(wave(10.0, 4.0, 31), wave(10.0, 2.5, 31));
    assert_eq!(result.state, RecheckState::NotYet);
    assert!(
        result
            .sentence
            .contains("still swings by 2.5 (at 4 in the incident window)"),
        "{}",
        result.sentence
    );
}

#[test]
fn an_incident_that_began_in_the_baseline_does_not_become_the_habit() {
    let mut past = wave(10.0, 1.0, 241);
    past.extend(wave(10.0, 4.0, 120));
    let past = matrix(0, past);
    let before = matrix(HOUR, wave(10.0, 4.0, 31));
    for (swing, state) in [(4.0, RecheckState::NotYet), (1.1, RecheckState::Recovered)] {
        let after = matrix(HOUR + 310_000, wave(10.0, swing, 31));
        let result = recheck(
            &before,
            &after,
            Some(&past),
            &suspect(),
            &RecheckSettings::default(),
        );
        assert_eq!(result.state, state, "{}", result.sentence);
        assert_eq!(result.baseline.unwrap().windows, 8);
    }
}

#[test]
fn calm_at_a_wrong_level_is_not_recovered() {
    let result = judge(wave(10.0, 4.0, 31), wave(30.0, 1.0, 31));
    assert_eq!(result.state, RecheckState::NotYet);
    assert!(
        result.sentence.contains("but around"),
        "{}",
        result.sentence
    );
}

#[test]
fn a_dead_server_is_not_a_recovered_one() {
    let mut gone = wave(10.0, 4.0, 31);
    gone[20..].fill(GAP);
    let result = judge(wave(10.0, 4.0, 31), gone);
    assert_eq!(result.state, RecheckState::CannotTell);
    assert!(
        result.sentence.contains("no sample in the last 11 steps"),
        "{}",
        result.sentence
    );
    let repeated = judge(wave(10.0, 4.0, 31), vec![10.3; 31]);
    assert_eq!(repeated.state, RecheckState::CannotTell);
    assert!(
        repeated.sentence.contains("repeated one value 31 times"),
        "{}",
        repeated.sentence
    );
}

#[test]
fn a_series_missing_from_an_answer_cannot_be_told() {
    let before = matrix(HOUR, wave(10.0, 4.0, 31));
    let empty = Matrix::from_rows(Grid::new(2 * HOUR, 2 * HOUR + 300_000, 10_000).unwrap(), []);
    let settings = RecheckSettings::default();
    let gone = recheck(&before, &empty, None, &suspect(), &settings);
    assert_eq!(gone.state, RecheckState::CannotTell);
    assert!(gone.sentence.contains("is not in the new answer"));
    let unknown = recheck(
        &before,
        &before,
        None,
        &Labels::from([("which", "x")]),
        &settings,
    );
    assert!(
        unknown
            .sentence
            .contains("is not in the answer of the incident window")
    );
}

#[test]
fn the_same_minutes_again_prove_nothing() {
    let before = matrix(HOUR, wave(10.0, 4.0, 31));
    let result = recheck(
        &before,
        &before,
        None,
        &suspect(),
        &RecheckSettings::default(),
    );
    assert_eq!(result.state, RecheckState::CannotTell);
    assert!(
        result.sentence.contains("ends at 01:05:00 UTC, not later"),
        "{}",
        result.sentence
    );
}

#[test]
fn samples_of_the_incident_do_not_count_again() {
    let before = matrix(HOUR, wave(10.0, 4.0, 31));
    let mut overlapping = wave(10.0, 4.0, 16);
    overlapping.extend(wave(10.0, 1.0, 15));
    let after = matrix(HOUR + 150_000, overlapping);
    let past = matrix(0, wave(10.0, 1.0, 361));
    let result = recheck(
        &before,
        &after,
        Some(&past),
        &suspect(),
        &RecheckSettings::default(),
    );
    assert_eq!(result.state, RecheckState::Recovered, "{}", result.sentence);
    let numbers = result.after.unwrap();
    assert_eq!((numbers.samples, numbers.start_ms), (15, HOUR + 310_000));
}

#[test]
fn a_series_that_was_never_odd_cannot_recover() {
    let result = judge(wave(10.0, 1.0, 31), wave(10.0, 1.1, 31));
    assert_eq!(result.state, RecheckState::CannotTell);
    assert!(
        result.sentence.contains("nothing to recover from"),
        "{}",
        result.sentence
    );
}

#[test]
fn without_a_baseline_half_the_swing_counts_and_the_level_is_said_to_be_unknown() {
    let calm = judge_with(false, wave(10.0, 4.0, 31), wave(10.0, 1.0, 31));
    assert_eq!(calm.state, RecheckState::Recovered);
    assert!(calm.sentence.contains("says nothing about its level"));
    let loud = judge_with(false, wave(10.0, 4.0, 31), wave(10.0, 3.0, 31));
    assert_eq!((loud.state, loud.limit), (RecheckState::NotYet, Some(2.0)));
    let still = judge_with(false, vec![3.0; 31], vec![3.0; 31]);
    assert_eq!(still.state, RecheckState::CannotTell);
}

#[test]
fn too_few_samples_are_not_yet() {
    for (samples, said) in [(1, "only 1 sample"), (5, "only 5 samples")] {
        let result = judge(wave(10.0, 4.0, 31), wave(10.0, 1.0, samples));
        assert_eq!(result.state, RecheckState::NotYet);
        assert_eq!(
            result.sentence,
            format!(
                r#"Not yet: level{{which="b"}} has {said} since the incident window; it takes at least 6 to see a recovery. Ask again in a while."#
            )
        );
    }
    let none = judge(wave(10.0, 4.0, 31), vec![GAP]);
    assert!(
        none.sentence.contains(" has no sample since "),
        "{}",
        none.sentence
    );
}

#[test]
fn what_stands_still_is_not_a_ratio_of_nothing() {
    let result = judge(wave(10.0, 4.0, 31), vec![10.0; 6]);
    let before = result.checks.iter().find(|check| check.name == "before");
    assert_eq!(
        before.unwrap().sentence,
        "It stands still now; in the incident window it swung by 4."
    );
}
