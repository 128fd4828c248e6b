use proptest::prelude::*;

use super::*;
use crate::grid::Grid;
use crate::matrix::GAP;

fn fleet(rows: &[&[f64]]) -> Matrix {
    let grid = Grid::new(0, (rows[0].len() as i64 - 1) * 10_000, 10_000).unwrap();
    let labels = |row: usize| Labels::from([("which", format!("s{row}").as_str())]);
    Matrix::from_rows(
        grid,
        rows.iter()
            .enumerate()
            .map(|(row, values)| (labels(row), values.to_vec())),
    )
}

fn below(threshold: f64, quantile: Option<f64>, over: Over) -> Objective {
    Objective {
        threshold,
        below: true,
        quantile,
        over,
    }
}

fn each(threshold: f64) -> Objective {
    below(threshold, None, Over::Time)
}

/// Start and end of the runs of one series, in steps, with the objective to stay below 1.
fn runs_of(values: &[f64]) -> Vec<(i64, i64)> {
    let found = breach(&fleet(&[values]), &each(1.0));
    let runs = found.lines.into_iter().flat_map(|line| line.runs);
    runs.map(|run| (run.start_ms / 10_000, run.end_ms / 10_000))
        .collect()
}

#[test]
fn one_step_is_no_breach_and_one_step_back_is_no_end() {
    assert_eq!(runs_of(&[0.0, 2.0, 0.0, 0.0, 2.0, 0.0]), []);
    assert_eq!(runs_of(&[0.0, 2.0, 2.0, 0.0, 2.0, 0.0, 0.0]), [(1, 4)]);
    assert_eq!(
        runs_of(&[0.0, 2.0, 2.0, 0.0, 0.0, 2.0, 2.0]),
        [(1, 2), (5, 6)]
    );
    assert_eq!(runs_of(&[2.0, 0.0, 2.0, 2.0, 0.0, 0.0]), [(2, 3)]);
    assert_eq!(runs_of(&[2.0, 0.0, 2.0, 0.0, 2.0]), []);
    assert_eq!(
        runs_of(&[1.0; 4]),
        [],
        "a value on the threshold keeps the promise"
    );
}

#[test]
fn a_step_without_a_number_neither_breaks_nor_keeps_a_promise() {
    assert_eq!(runs_of(&[0.0, 2.0, GAP, 2.0, 0.0]), [(1, 3)]);
    assert_eq!(
        runs_of(&[0.0, 2.0, 2.0, GAP, GAP, 2.0, 2.0]),
        [(1, 2), (5, 6)]
    );
    assert_eq!(runs_of(&[2.0, GAP, GAP, 2.0]), []);
    let line = &breach(&fleet(&[&[0.0, 2.0, GAP, 2.0, f64::INFINITY]]), &each(1.0)).lines[0];
    assert_eq!((line.steps, line.beyond, line.runs[0].steps), (3, 2, 2));
    assert!((line.share - 2.0 / 3.0).abs() < 1e-12);
}

#[test]
fn a_run_knows_its_worst_and_whether_the_window_cuts_it() {
    let found = breach(&fleet(&[&[3.0, 2.0, 0.0, 0.0, 0.0, 2.0, 5.0]]), &each(1.0));
    let runs = &found.lines[0].runs;
    assert_eq!(
        (runs[0].from_start, runs[0].open, runs[0].worst),
        (true, false, 3.0)
    );
    assert_eq!(
        (runs[1].from_start, runs[1].open, runs[1].worst_ms),
        (false, true, 60_000)
    );
    assert_eq!(
        (found.lines[0].worst, found.lines[0].worst_ms),
        (5.0, 60_000)
    );
}

#[test]
fn a_quantile_over_the_servers_is_one_line_of_steps() {
    let slow: &[f64] = &[0.1, 0.9, 0.8, 0.1, 0.1];
    let rows = [slow, &[0.1; 5], &[0.2; 5], &[0.3; 5], &[GAP; 5]];
    let found = breach(&fleet(&rows), &below(0.5, Some(0.9), Over::Series));
    // Rank 2.7 of 0.1, 0.2, 0.3, 0.9.
    let line = &found.lines[0];
    assert!((line.value - 0.72).abs() < 1e-12 && line.row.is_none());
    assert_eq!(
        (line.runs[0].start_ms, line.runs[0].end_ms, found.unknown),
        (10_000, 20_000, 1)
    );
    assert_eq!(
        found.sentence,
        "Broken: P90 over 5 series at each step is above 0.5 from 00:00:10 to 00:00:20 UTC in 1 run, 40 % of the steps; the worst value is 0.72 at 00:00:10."
    );
    let kept = breach(&fleet(&rows), &below(0.5, Some(0.5), Over::Series));
    assert_eq!((kept.lines.len(), kept.kept), (0, 1));
    assert_eq!(
        kept.sentence,
        "Kept: P50 over 5 series at each step is not above 0.5 for 2 steps in a row."
    );
}

#[test]
fn a_quantile_over_time_is_a_number_for_each_server_whatever_its_runs() {
    let spiky: &[f64] = &[0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 0.1, 0.1, 0.1];
    let found = breach(
        &fleet(&[&[0.2; 10], spiky]),
        &below(0.5, Some(0.9), Over::Time),
    );
    assert_eq!((found.lines.len(), found.kept), (1, 1));
    assert_eq!((found.lines[0].row, found.lines[0].value), (Some(1), 0.9));
    assert_eq!(
        found.sentence,
        r#"Broken: P90 over time is above 0.5 in 1 of 2 series; the worst is which="s1", at 0.9."#
    );
    assert!(found.lines[0].runs.is_empty());
    assert_eq!(
        breach(&fleet(&[spiky]), &below(0.5, Some(0.5), Over::Time)).sentence,
        "Kept: P50 over time is not above 0.5."
    );
}

#[test]
fn what_a_histogram_says_of_requests_is_not_taken_a_quantile_of_again() {
    let found = breach(
        &fleet(&[&[0.1, 0.6, 0.7, 0.1, 0.1]]),
        &below(0.5, Some(0.999), Over::Requests),
    );
    assert_eq!((found.lines[0].value, found.lines[0].runs.len()), (0.7, 1));
    assert!(found.sentence.starts_with(
        r#"Broken: P99.90 over requests is above 0.5 in 1 of 1 series; the worst is {which="s0"}, at 0.7, from 00:00:10 to"#
    ), "{}", found.sentence);
}

#[test]
fn a_promise_to_stay_above_is_broken_below_and_the_lowest_is_the_worst() {
    let objective = Objective {
        threshold: 0.99,
        below: false,
        quantile: None,
        over: Over::Time,
    };
    let found = breach(
        &fleet(&[&[1.0, 0.9, 0.98, 1.0], &[1.0, 0.5, 0.6, 0.6], &[1.0; 4]]),
        &objective,
    );
    let rows: Vec<_> = found
        .lines
        .iter()
        .map(|line| (line.row, line.value))
        .collect();
    assert_eq!(rows, [(Some(1), 0.5), (Some(0), 0.9)]);
    assert!(
        found.sentence.contains("is below 0.99 in 2 of 3 series")
            && found.sentence.contains("the end of the window")
    );
}

#[test]
fn what_a_quantile_is_over_has_a_name() {
    for over in [Over::Time, Over::Series, Over::Requests] {
        let name = serde_json::to_string(&over).unwrap();
        assert_eq!(Over::named(name.trim_matches('"')), Some(over));
    }
    assert_eq!(Over::named("servers"), None);
}

#[test]
fn a_threshold_is_told_as_it_was_written() {
    for (threshold, text) in [
        (0.3, "0.3"),
        (25.25, "25.25"),
        (1234.5, "1234.5"),
        (-2.0, "-2"),
        (0.0, "0"),
        (3e-9, "3.00e-9"),
    ] {
        let told = breach(&fleet(&[&[-9.0; 3]]), &each(threshold)).sentence;
        assert_eq!(
            told,
            format!("Kept: the value is not above {text} for 2 steps in a row.")
        );
    }
}

#[test]
fn without_a_number_nobody_can_tell() {
    let found = breach(&fleet(&[&[GAP; 3]]), &each(1.0));
    assert_eq!((found.unknown, found.kept), (1, 0));
    assert_eq!(
        found.sentence,
        "Cannot tell: no series has a number to hold against 1."
    );
    let none = breach(&fleet(&[&[GAP; 3]]), &below(1.0, Some(0.9), Over::Series));
    assert!(none.sentence.starts_with("Cannot tell"));
}

proptest! {
    #[test]
    fn runs_lie_apart_inside_of_the_window_and_hold_what_is_beyond(
        values in prop::collection::vec(prop_oneof![4 => 0..4_i32, 1 => Just(9)], 1..60), rises in any::<bool>(),
    ) {
        let values: Vec<f64> = values.into_iter().map(|v| if v == 9 { GAP } else { f64::from(v) }).collect();
        let objective = Objective { threshold: 1.5, below: rises, quantile: None, over: Over::Time };
        let found = breach(&fleet(&[&values]), &objective);
        prop_assert_eq!(found.lines.len() + found.kept + found.unknown, 1);
        for line in &found.lines {
            prop_assert!(line.share > 0.0 && line.share <= 1.0 && line.beyond >= 2);
            for pair in line.runs.windows(2) {
                prop_assert!(pair[1].start_ms - pair[0].end_ms > 20_000);
            }
            for run in &line.runs {
                let at = |ms: i64| values[(ms / 10_000) as usize];
                prop_assert!(run.start_ms < run.end_ms && objective.is_beyond(at(run.start_ms)) && objective.is_beyond(at(run.end_ms)));
                prop_assert_eq!(at(run.worst_ms), run.worst);
                let inside = values[(run.start_ms / 10_000) as usize..=(run.end_ms / 10_000) as usize].iter().filter(|v| v.is_finite());
                prop_assert!(inside.clone().all(|v| !objective.is_worse(*v, run.worst)) && inside.count() == run.steps);
            }
        }
    }
}
