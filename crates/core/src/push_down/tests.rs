use super::*;

const START_MS: i64 = 1_795_629_300_000;
const HOUR_MS: i64 = 3_600_000;

fn grid() -> Grid {
    Grid::new(START_MS, START_MS + 300_000, 10_000).unwrap()
}

fn asked(query: &str) -> PushDown {
    PushDown::new(query, false, grid(), HOUR_MS).unwrap()
}

fn fleet() -> [Labels; 2] {
    let labels = |which| Labels::from([("__name__", "level"), ("which", which), ("job", "fleet")]);
    [labels("a"), labels("b")]
}

#[test]
fn the_amplitude_is_that_of_finite_samples_on_the_steps_of_the_window() {
    let found = asked("level");
    let finite = "((level) < Inf > -Inf)[300001ms:10s]";
    assert_eq!(
        found.amplitude(20),
        format!(
            "topk(20, ((max_over_time({finite}) - min_over_time({finite})) and count_over_time({finite}) >= 15.5))"
        )
    );
    assert_eq!(
        found.coverage(),
        format!("count_values(\"enough\", count_over_time({finite}) >= bool 15.5)")
    );
    assert_eq!(count("level"), "count by (__name__) (level)");
    assert_eq!((found.at_ms(), found.windows()), (START_MS + 300_000, 12));
}

#[test]
fn a_counter_is_judged_by_its_increase_which_the_first_step_does_not_have() {
    let counter = PushDown::new("requests_total", true, grid(), HOUR_MS).unwrap();
    let found = counter.amplitude(20);
    let raw = "((requests_total) < Inf > -Inf)";
    let increase = format!("(irate({raw}[10001ms:10s]) * 10.000)[290001ms:10s]");
    let swing = format!("max_over_time({increase}) - min_over_time({increase})");
    assert!(found.contains(&swing), "{found}");
    assert!(found.contains(&format!("count_over_time({raw}[300001ms:10s])")));
    assert!(!asked("requests").amplitude(20).contains("irate"));
}

#[test]
fn the_windows_of_the_baseline_end_a_step_before_the_window() {
    let found = asked("level");
    let habit = found.habit().unwrap();
    // The window begins at a multiple of five minutes, so that the last step before it is 10 s off.
    assert!(habit.contains("[300001ms:10s] offset 10s)"), "{habit}");
    assert!(habit.ends_with("[3300001ms:300s] offset 300s)"), "{habit}");
    let steps = found.quiet_grid().unwrap();
    assert_eq!((steps.points, steps.step_ms), (12, 300_000));
    assert_eq!(steps.end_ms(), START_MS);
    let quiet = found.quiet(By::Swing, 0.5, &fleet()[0]).unwrap();
    let pinned = "[3300001ms:300s] @ 1795629600.000 offset 300s), 5.000000e-3)";
    assert!(quiet.contains(pinned), "{quiet}");
    let suspect = r#"(label_replace(label_replace(vector(1), "job", "fleet", "", ""), "which", "a", "", ""))"#;
    assert!(quiet.ends_with(&format!(" unless {suspect})")), "{quiet}");
}

#[test]
fn a_window_as_long_as_the_baseline_is_compared_by_parts() {
    let hour = Grid::new(START_MS, START_MS + HOUR_MS, 10_000).unwrap();
    let found = PushDown::new("level", false, hour, HOUR_MS).unwrap();
    assert_eq!((found.windows(), found.part_ms), (5, 720_000));
    let swing = found.furthest(By::Swing, 20, 0.5).unwrap();
    // It ends 420 s after a multiple of twelve minutes: the next one is 300 s off.
    let part = "((level) < Inf > -Inf)[720001ms:10s] offset 300s)";
    let parts = format!("{part})[2880001ms:720s] offset -300s)");
    assert_eq!(swing.matches(&parts).count(), 2, "{swing}");
    assert!(swing.starts_with("topk(20, sqrt(max_over_time("), "{swing}");
}

#[test]
fn without_three_windows_before_there_is_no_habit() {
    let few = PushDown::new("level", false, grid(), 40_000).unwrap();
    assert_eq!((few.windows(), few.habit(), few.typical()), (0, None, None));
    assert_eq!(few.furthest(By::Shift, 20, 1.0), None);
    assert_eq!(
        (few.quiet(By::Swing, 1.0, &fleet()[0]), few.quiet_grid()),
        (None, None)
    );
    let instant = Grid::new(START_MS, START_MS, 10_000).unwrap();
    let found = PushDown::new("level", false, instant, HOUR_MS).unwrap();
    assert_eq!(found.windows(), 0);
    let amplitude = found.amplitude(20);
    assert!(amplitude.contains("[1ms:10s]) >= 0.5"), "{amplitude}");
}

#[test]
fn a_query_that_names_its_time_or_is_off_the_steps_is_refused() {
    let refused = |query, grid| PushDown::new(query, false, grid, HOUR_MS).err();
    assert_eq!(refused("level @ 1795629600", grid()), Some(Refused::Pinned));
    assert_eq!(refused("level @ end()", grid()), Some(Refused::Pinned));
    assert_eq!(refused(r#"level{mail="a@b"} # @"#, grid()), None);
    let beside = Grid::new(START_MS - 3_000, START_MS, 10_000).unwrap();
    assert_eq!(refused("level", beside), Some(Refused::Unaligned));
}

#[test]
fn every_query_is_one_that_a_parser_takes() {
    for query in [
        "level",
        "level # the level of the tank",
        r#"rate(a:b_total{path=~"/x|}.*",q='"'}[1m] offset 5m) # per second"#,
        "histogram_quantile(0.9, sum by (le, which) (rate(request_duration_seconds_bucket[1m])))",
        "a / on (which) group_left b or c unless d",
        "-level ^ 2",
        "max_over_time(level[5m:10s])",
        "sum(rate(a[1m])) > 3",
    ] {
        for counts in [false, true] {
            let found = PushDown::new(query, counts, grid(), HOUR_MS).unwrap();
            for text in [
                count(query),
                found.amplitude(20),
                found.coverage(),
                found.others(20, 1.5e-7),
                found.typical().unwrap(),
                found.habit().unwrap(),
                found.furthest(By::Swing, 20, 0.5).unwrap(),
                found.furthest(By::Shift, 20, 0.5).unwrap(),
                found.quiet(By::Swing, 0.5, &fleet()[0]).unwrap(),
                found.quiet(By::Shift, 0.5, &fleet()[0]).unwrap(),
                found.narrowed(&fleet()),
            ] {
                let parsed = promql_parser::parser::parse(&text);
                assert!(parsed.is_ok(), "{parsed:?} of {text}");
            }
        }
    }
}

#[test]
fn the_query_is_narrowed_by_matchers_where_they_change_nothing_else() {
    let kept = r#"(label_replace(label_replace(vector(1), "which", "a", "", "") or label_replace(vector(1), "which", "b", "", ""), "job", "fleet", "", ""))"#;
    let narrowed = |query| asked(query).narrowed(&fleet());
    assert_eq!(
        narrowed("level"),
        format!(r#"(level{{job="fleet",which=~"a|b"}}) and {kept}"#)
    );
    assert_eq!(
        narrowed("rate(x_total[1m])"),
        format!(r#"(rate(x_total{{job="fleet",which=~"a|b"}}[1m])) and {kept}"#)
    );
    assert_eq!(
        narrowed("topk(5, level) # five"),
        format!("(topk(5, level) # five\n) and {kept}")
    );
}

#[test]
fn a_label_that_one_series_lacks_is_left_to_the_exact_part() {
    let a = Labels::from([("which", "a"), ("zone", "x")]);
    let b = Labels::from([("which", "b")]);
    for kept in [[a.clone(), b.clone()], [b, a]] {
        let text = narrow::narrowed("level", &kept);
        let (matched, exact) = text.split_once(" and ").unwrap();
        assert!(
            matched.contains("which=~") && !matched.contains("zone"),
            "{text}"
        );
        assert_eq!(exact.matches(r#""zone", "x""#).count(), 1, "{text}");
    }
    for query in ["sum(level)", "level"] {
        let bare = narrow::narrowed(query, &[Labels::new()]);
        assert_eq!(bare, format!("({query}) and (vector(1))"));
    }
}

#[test]
fn what_a_quiet_fleet_does_is_the_limit_and_a_tail_beyond_it() {
    assert_eq!(limit(&[]), None);
    assert_eq!(limit(&[f64::NAN, 0.0]), None);
    let steady = limit(&[2.0; 12]).unwrap();
    assert!(steady > 2.0 && steady < 2.1, "{steady}");
    let loose = limit(&[1.5, 2.0, 2.5, 3.0, 1.8, 2.2, 1.6, 2.7, 2.1, 1.9, 2.4, 2.3]).unwrap();
    assert!(loose > 4.0 && loose < 6.0, "{loose}");
    assert!(limit(&[2.0]).unwrap() > steady);
}
