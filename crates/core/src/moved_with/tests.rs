use proptest::prelude::*;

use super::*;

const BEFORE: usize = 60;
const WINDOW: usize = 31;

/// Numbers between 0 and 1 that look like chance, the same on every machine.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as f64 + 0.5) / f64::from(1_u32 << 31)
    }
}

/// Noise over the time before and the window; `change` sees each step of the window, from 0, and its noise.
fn series(seed: u64, change: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let mut draw = noise(seed);
    let value = |step: usize, v: f64| {
        if step < BEFORE {
            v
        } else {
            change(step - BEFORE, v)
        }
    };
    (0..BEFORE + WINDOW)
        .map(|step| value(step, draw()))
        .collect()
}

fn answer(start_ms: i64, rows: Vec<(Labels, Vec<f64>)>) -> Matrix {
    let points = rows
        .iter()
        .map(|(_, values)| values.len())
        .max()
        .unwrap_or(1) as i64;
    Matrix::from_rows(
        Grid::new(start_ms, start_ms + (points - 1) * 10_000, 10_000).unwrap(),
        rows,
    )
}

/// The target: jumps at step 12, and wobbles with `wobble`.
fn target(wobble: &[f64]) -> Matrix {
    let labels = Labels::from([("__name__", "level"), ("instance", "h4"), ("which", "d")]);
    let quiet = Labels::from([("__name__", "level"), ("instance", "h1"), ("which", "a")]);
    let values = wobble
        .iter()
        .enumerate()
        .map(|(step, v)| v + if step < 12 { 0.0 } else { 20.0 });
    let others = series(99, |_, v| v).split_off(BEFORE);
    answer(
        BEFORE as i64 * 10_000,
        vec![(quiet, others), (labels, values.collect())],
    )
}

fn other(metric: &str, mode: Option<&str>, values: Vec<f64>) -> Matrix {
    let mut pairs = vec![("__name__", metric), ("instance", "h4"), ("which", "d")];
    pairs.extend(mode.map(|mode| ("mode", mode)));
    let labels = pairs
        .into_iter()
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect();
    answer(0, vec![(labels, values)])
}

fn wobble() -> Vec<f64> {
    let mut draw = noise(4);
    (0..WINDOW).map(|_| draw()).collect()
}

#[test]
fn what_moved_is_told_from_what_stayed_and_the_direction_of_the_lag_is_named() {
    let wobble = wobble();
    let target = target(&wobble);
    let mut seen = Companions::new(&target, 1).unwrap();
    // The same wobble two steps earlier, on another level.
    let ahead = series(1, |step, v| {
        50.0 + 30.0 * wobble.get(step + 2).copied().unwrap_or(v)
    });
    assert_eq!(seen.look_at(&other("cpu", Some("iowait"), ahead), "cpu"), 1);
    assert_eq!(
        seen.look_at(&other("memory", None, series(12, |_, v| v)), "memory"),
        0
    );
    let late = series(3, |step, v| if step < 20 { v } else { v - 9.0 });
    assert_eq!(seen.look_at(&other("queue", None, late), "queue"), 1);
    let found = seen.found();
    assert_eq!(
        (found.series, found.unusable, found.matches.len()),
        (3, 0, 2)
    );
    let cpu = &found.matches[0];
    assert_eq!(
        (cpu.name.as_str(), cpu.lag, cpu.together),
        (r#"cpu{mode="iowait"}"#, 2, true)
    );
    assert!(cpu.rho.unwrap() > 0.9 && cpu.shift > 100.0 && cpu.when() == "2 steps before");
    assert!(
        cpu.sentence
            .contains("Its steps moved with those of the target, 2 steps before (rho "),
        "{}",
        cpu.sentence
    );
    let queue = &found.matches[1];
    assert_eq!(
        (queue.together, queue.onset_ms),
        (false, Some((790_000, 800_000)))
    );
    assert!(queue.shift < -10.0 && queue.sentence.contains("queue fell from"));
    assert!(
        queue
            .sentence
            .ends_with("did not move with those of the target by more than chance."),
        "{}",
        queue.sentence
    );
    assert_eq!(
        found.sentence,
        r#"2 of 3 other series moved with level{instance="h4", which="d"}: cpu{mode="iowait"}, queue."#
    );
    let said = serde_json::to_string(&found).unwrap();
    assert!(!said.contains("caus"));
}

#[test]
fn a_series_that_goes_the_other_way_a_step_late_moved_against() {
    let wobble = wobble();
    let mut seen = Companions::new(&target(&wobble), 1).unwrap();
    let behind = series(1, |step, v| {
        90.0 - 30.0 * step.checked_sub(1).map_or(v, |before| wobble[before])
    });
    seen.look_at(&other("free", None, behind), "free");
    let found = &seen.found().matches[0];
    assert_eq!((found.lag, found.together), (-1, true));
    assert!(found.rho.unwrap() < -0.9);
    assert!(
        found
            .sentence
            .contains("against those of the target, 1 step after")
    );
}

#[test]
fn without_the_time_before_an_onset_is_what_shows_a_shift() {
    let wobble = wobble();
    let mut seen = Companions::new(&target(&wobble), 1).unwrap();
    let cut = |values: Vec<f64>| {
        answer(
            BEFORE as i64 * 10_000,
            vec![(Labels::from([("__name__", "x")]), values)],
        )
    };
    let jump = series(1, |step, v| if step < 15 { v } else { v + 8.0 }).split_off(BEFORE);
    assert_eq!(seen.look_at(&cut(jump), "x"), 1);
    assert_eq!(
        seen.look_at(&cut(series(12, |_, v| v).split_off(BEFORE)), "x"),
        0
    );
    assert!(seen.found().matches[0].shift > LEAST_SHIFT);
}

#[test]
fn a_series_that_stood_still_before_has_no_spread_to_be_measured_by() {
    let mut seen = Companions::new(&target(&wobble()), 1).unwrap();
    let fails: Vec<f64> = (0..BEFORE + WINDOW)
        .map(|step| if step < BEFORE + 10 { 0.0 } else { 3.0 })
        .collect();
    assert_eq!(seen.look_at(&other("errors", None, fails), "errors"), 1);
    let found = &seen.found().matches[0];
    assert_eq!(found.shift, 1000.0);
    assert!(
        found
            .sentence
            .starts_with("errors rose from 0 to 3, from standing still between")
    );
}

#[test]
fn an_answer_on_other_steps_is_not_compared_and_the_target_is_not_its_own_companion() {
    let target = target(&wobble());
    let mut seen = Companions::new(&target, 1).unwrap();
    let rows = vec![(Labels::from([("__name__", "x")]), vec![1.0; 200])];
    let grid = Grid::new(0, 199 * 15_000, 15_000).unwrap();
    assert_eq!(seen.look_at(&Matrix::from_rows(grid, rows), "x"), 0);
    assert_eq!((seen.found().series, seen.found().unusable), (1, 1));
    seen.look_at(&target, "level");
    assert_eq!(seen.found().series, 2);
    assert!(Companions::new(&target, 2).is_none());
}

#[test]
fn of_two_hundred_quiet_series_hardly_any_moved() {
    let mut seen = Companions::new(&target(&wobble()), 1).unwrap();
    for seed in 0..200 {
        seen.look_at(
            &other("quiet", None, series(seed + 1000, |_, v| v)),
            "quiet",
        );
    }
    let found = seen.found();
    assert!(found.matches.len() <= 10, "{}", found.matches.len());
    assert!(found.matches.iter().all(|one| !one.together));
}

proptest! {
    #[test]
    fn the_order_in_which_answers_come_changes_nothing(seeds in prop::collection::vec(1_u64..1000, 1..8), jump in 0..30_usize) {
        let target = target(&wobble());
        let answers: Vec<Matrix> = seeds.iter().enumerate()
            .map(|(index, seed)| other(&format!("m{index}"), None, series(*seed, |step, v| if step < jump { v } else { v + *seed as f64 })))
            .collect();
        let found = |order: Vec<usize>| {
            let mut seen = Companions::new(&target, 1).unwrap();
            for index in order {
                seen.look_at(&answers[index], &format!("m{index}"));
            }
            seen.found()
        };
        let (forward, backward) = (found((0..seeds.len()).collect()), found((0..seeds.len()).rev().collect()));
        prop_assert_eq!(forward, backward);
    }

    #[test]
    fn no_numbers_make_it_panic_or_leave_json(values in prop::collection::vec(prop_oneof![any::<f64>(), Just(GAP), Just(f64::MAX), Just(f64::MIN)], BEFORE + WINDOW)) {
        let mut seen = Companions::new(&target(&values[BEFORE..]), 1).unwrap();
        seen.look_at(&other("wild", None, values), "wild");
        for one in seen.found().matches {
            prop_assert!([one.shift, one.before, one.now, one.rho.unwrap_or(0.0)].iter().all(|v| v.is_finite()), "{one:?}");
        }
    }
}
