mod usual;

use super::*;
use crate::grid::Grid;

/// Rows of `(which, swing per window)`: each value is a full period of that amplitude in a window of 6 steps.
fn matrix(start_ms: i64, rows: &[(&str, &[f64])]) -> Matrix {
    let windows = rows
        .iter()
        .map(|(_, swings)| swings.len())
        .max()
        .unwrap_or(0) as i64;
    let grid = Grid::new(start_ms, start_ms + windows * 60_000, 10_000).unwrap();
    let shape = [0.2, 0.5, 1.0, 0.4, 0.3, 0.0];
    let row = |swings: &[f64]| {
        let body = swings
            .iter()
            .flat_map(|swing| shape.iter().map(move |part| 100.0 + swing * part));
        std::iter::once(100.0).chain(body).collect::<Vec<_>>()
    };
    let labelled = |which: &str| Labels::from([("__name__", "level"), ("which", which)]);
    Matrix::from_rows(
        grid,
        rows.iter()
            .map(|(which, swings)| (labelled(which), row(swings))),
    )
}

const STEADY: &[f64] = &[1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 1.0, 1.1];
const LOUD: &[f64] = &[10.0, 11.0, 9.0, 10.0, 10.5, 9.5, 10.0, 11.0];
const BURSTY: &[f64] = &[1.0, 1.0, 12.0, 1.0, 1.0, 14.0, 1.0, 1.0];
const STILL: &[f64] = &[0.0; 8];

fn judge(before: &[(&str, &[f64])], now: &[(&str, &[f64])]) -> Verdict {
    let baseline = matrix(0, before);
    let current = matrix(480_000, now);
    suspects(&current, Some(&baseline), &SuspectSettings::default())
}

fn check<'a>(verdict: &'a Verdict, name: &str) -> &'a Check {
    verdict
        .checks
        .iter()
        .find(|check| check.name == name)
        .unwrap()
}

#[test]
fn a_loud_server_is_not_accused_of_what_it_always_does() {
    let before = [("a", STEADY), ("b", STEADY), ("c", STEADY), ("loud", LOUD)];
    let verdict = judge(
        &before,
        &[
            ("a", &[1.0]),
            ("b", &[4.0]),
            ("c", &[1.1]),
            ("loud", &[10.5]),
        ],
    );
    assert_eq!((verdict.kind, verdict.top), (VerdictKind::Clear, Some(1)));
    assert_eq!((verdict.method, verdict.windows), (Method::OwnBaseline, 8));
    assert!(
        verdict
            .reason
            .starts_with(r#"which="b" stands out: it swings 4.0× its own habit (4 now, 1 before)"#),
        "{}",
        verdict.reason
    );
    assert!(
        verdict.warnings[0].starts_with(r#"Amplitude and baseline disagree: which="loud""#),
        "{:?}",
        verdict.warnings
    );
    assert!(
        check(&verdict, "amplitude").interesting && check(&verdict, "own_baseline").interesting
    );
    let top = &verdict.ranking[0];
    assert_eq!(
        (top.swing_ratio, top.amplitude, top.baseline_amplitude),
        (Some(4.0), Some(4.0), Some(1.0))
    );
}

#[test]
fn a_burst_that_the_server_has_every_hour_is_its_habit() {
    let before = [
        ("a", STEADY),
        ("b", STEADY),
        ("burst", BURSTY),
        ("c", STEADY),
    ];
    let quiet = judge(
        &before,
        &[
            ("a", &[1.0]),
            ("b", &[1.1]),
            ("burst", &[13.0]),
            ("c", &[0.9]),
        ],
    );
    assert_eq!(
        (quiet.kind, quiet.top),
        (VerdictKind::None, None),
        "{}",
        quiet.reason
    );
    let both = judge(
        &before,
        &[
            ("a", &[1.0]),
            ("b", &[4.0]),
            ("burst", &[13.0]),
            ("c", &[0.9]),
        ],
    );
    assert_eq!(
        (both.kind, both.top),
        (VerdictKind::Clear, Some(1)),
        "{}",
        both.reason
    );
    let burst = both
        .ranking
        .iter()
        .find(|row| row.labels.get("which") == Some("burst"));
    assert!(!burst.unwrap().odd && burst.unwrap().swing_ratio > Some(10.0));
}

#[test]
fn an_incident_that_began_minutes_before_the_window_is_still_found() {
    let late: &[f64] = &[1.0, 1.1, 0.9, 1.0, 1.05, 4.1, 3.9, 4.2];
    let before = [("a", STEADY), ("b", late), ("c", STEADY), ("d", STEADY)];
    let verdict = judge(
        &before,
        &[("a", &[1.0]), ("b", &[4.0]), ("c", &[1.1]), ("d", &[1.0])],
    );
    assert_eq!(
        (verdict.kind, verdict.top),
        (VerdictKind::Clear, Some(1)),
        "{}",
        verdict.reason
    );
    let began = check(&verdict, "began_earlier");
    assert_eq!(began.number, Some(3.0));
    assert!(
        began.sentence.contains("since 00:05:00 UTC"),
        "{}",
        began.sentence
    );
}

#[test]
fn two_odd_servers_are_a_tie() {
    let before = [
        ("a", STEADY),
        ("b", STEADY),
        ("c", STEADY),
        ("d", STEADY),
        ("e", STEADY),
    ];
    let verdict = judge(
        &before,
        &[
            ("a", &[1.0]),
            ("b", &[4.0]),
            ("c", &[4.4]),
            ("d", &[1.0]),
            ("e", &[1.0]),
        ],
    );
    assert_eq!(
        (verdict.kind, verdict.top, verdict.tied.as_slice()),
        (VerdictKind::Tie, None, &[2, 1][..])
    );
    assert!(
        verdict
            .reason
            .starts_with(r#"Tie: which="c", which="b" stand out"#),
        "{}",
        verdict.reason
    );
}

#[test]
fn a_fleet_that_moves_together_has_a_common_cause() {
    let before = [("a", STEADY), ("b", STEADY), ("c", STEADY), ("d", STEADY)];
    let verdict = judge(
        &before,
        &[("a", &[4.0]), ("b", &[4.2]), ("c", &[4.4]), ("d", &[4.1])],
    );
    assert_eq!(verdict.kind, VerdictKind::None);
    assert!(
        verdict.reason.contains("4 of 4 series swing more"),
        "{}",
        verdict.reason
    );
}

#[test]
fn a_server_that_stood_still_is_accused_of_a_swing_and_not_of_a_twitch() {
    let before = [
        ("a", STEADY),
        ("b", STEADY),
        ("c", STEADY),
        ("still", STILL),
    ];
    let swing = judge(
        &before,
        &[
            ("a", &[1.0]),
            ("b", &[1.0]),
            ("c", &[1.0]),
            ("still", &[3.0]),
        ],
    );
    assert_eq!((swing.kind, swing.top), (VerdictKind::Clear, Some(3)));
    assert!(
        swing
            .reason
            .contains("stood still before and now swings by 3"),
        "{}",
        swing.reason
    );
    assert_eq!(swing.ranking[0].swing_ratio, None);
    let twitch = judge(
        &before,
        &[
            ("a", &[1.0]),
            ("b", &[1.0]),
            ("c", &[1.0]),
            ("still", &[0.05]),
        ],
    );
    assert_eq!(twitch.kind, VerdictKind::None, "{}", twitch.reason);
    let all_still = [("a", STILL), ("b", STILL), ("c", STILL)];
    let first = judge(&all_still, &[("a", &[0.0]), ("b", &[7.0]), ("c", &[0.0])]);
    assert_eq!(
        (first.kind, first.top),
        (VerdictKind::Clear, Some(1)),
        "{}",
        first.reason
    );
    let none = judge(&all_still, &[("a", &[0.0]), ("b", &[0.0]), ("c", &[0.0])]);
    assert_eq!(none.kind, VerdictKind::None, "{}", none.reason);
}

#[test]
fn a_server_that_stands_still_now_is_pointed_out() {
    let before = [("a", STEADY), ("b", STEADY), ("c", STEADY)];
    let verdict = judge(&before, &[("a", &[1.0]), ("b", &[0.0]), ("c", &[1.0])]);
    assert_eq!((verdict.kind, verdict.top), (VerdictKind::Clear, Some(1)));
    assert!(
        verdict
            .reason
            .starts_with(r#"which="b" stands out: it stands still"#)
    );
    assert!(check(&verdict, "frozen").sentence.contains(r#"which="b""#));
}

#[test]
fn a_server_that_often_stands_still_is_not_accused_of_it() {
    let rests: &[f64] = &[1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0];
    let before = [("a", STEADY), ("b", rests), ("c", STEADY)];
    let verdict = judge(&before, &[("a", &[1.0]), ("b", &[0.0]), ("c", &[1.0])]);
    assert_eq!(verdict.kind, VerdictKind::None, "{}", verdict.reason);
}

#[test]
fn a_server_that_stands_elsewhere_is_accused_though_it_does_not_swing() {
    let before = [("a", STEADY), ("b", STEADY), ("c", STEADY), ("d", STEADY)];
    let baseline = matrix(0, &before);
    let grid = Grid::new(480_000, 540_000, 10_000).unwrap();
    let rows = ["a", "b", "c", "d"].map(|which| {
        let level = if which == "b" { 300.0 } else { 100.0 };
        let values = [0.0, 0.2, 0.5, 1.0, 0.4, 0.3, 0.0].map(|part| level + part);
        (
            Labels::from([("__name__", "level"), ("which", which)]),
            values.to_vec(),
        )
    });
    let verdict = suspects(
        &Matrix::from_rows(grid, rows),
        Some(&baseline),
        &SuspectSettings::default(),
    );
    assert_eq!(
        (verdict.kind, verdict.top),
        (VerdictKind::Clear, Some(1)),
        "{}",
        verdict.reason
    );
    assert!(
        verdict.reason.contains("it stands at 300 instead of 100"),
        "{}",
        verdict.reason
    );
    assert!(check(&verdict, "shift").interesting && check(&verdict, "peers").interesting);
    let onset = &check(&verdict, "onset").sentence;
    assert!(
        onset.contains("rose from 100 to 300 between 00:07:50 and 00:08:00 UTC"),
        "{onset}"
    );
    assert!(!check(&verdict, "own_baseline").interesting);
}

#[test]
fn a_service_is_accused_by_several_of_its_metrics() {
    let grid =
        |start: i64, windows: i64| Grid::new(start, start + windows * 60_000, 10_000).unwrap();
    let rows = |windows: usize, ill: bool| {
        let shape = [0.2, 0.5, 1.0, 0.4, 0.3, 0.0];
        let mut all = Vec::new();
        for (number, service) in ["cart", "pay", "search"].into_iter().enumerate() {
            for (metric, scale) in [("seconds", 0.1), ("bytes", 1e6), ("errors", 0.0)] {
                let twitch = metric == "errors" && service == "search" && ill;
                let factor = if ill && service == "pay" { 5.0 } else { 1.0 };
                let body = (0..windows * 6).map(|step| {
                    let usual = scale * factor * (1.0 + 0.1 * ((step / 6 + number) % 3) as f64);
                    10.0 * scale
                        + usual * shape[step % 6]
                        + f64::from(u8::from(twitch && step == 3))
                });
                let values = std::iter::once(10.0 * scale).chain(body).collect();
                let labels = Labels::from([("__name__", metric), ("service", service)]);
                all.push((labels, values));
            }
        }
        all
    };
    let before = Matrix::from_rows(grid(0, 8), rows(8, false));
    let now = Matrix::from_rows(grid(480_000, 1), rows(1, true));
    let settings = SuspectSettings {
        by: Some("service".to_owned()),
        ..SuspectSettings::default()
    };
    let verdict = suspects(&now, Some(&before), &settings);
    assert_eq!(verdict.groups[0].name, "pay", "{:?}", verdict.groups);
    assert_eq!((verdict.groups.len(), verdict.groups[0].rows.len()), (3, 3));
    assert_eq!(verdict.kind, VerdictKind::Clear, "{}", verdict.reason);
    assert!(
        verdict.reason.starts_with(r#"service="pay" stands out"#),
        "{}",
        verdict.reason
    );
    let top = now.labels(verdict.top.unwrap());
    assert_eq!(top.get("service"), Some("pay"));
    // Bytes and seconds have no greatest amplitude among them.
    assert!(!verdict.checks.iter().any(|check| check.name == "amplitude"));
    let said = verdict.warnings.join(" ");
    assert!(!said.contains("greatest amplitude"), "{said}");
}

#[test]
fn a_series_that_stands_at_zero_now_has_a_score_that_is_a_number() {
    let grid =
        |start: i64, windows: i64| Grid::new(start, start + windows * 60_000, 10_000).unwrap();
    let rows = |windows: usize, still: bool| {
        ["a", "b", "c"].map(|name| {
            let swing = if still && name == "b" { 0.0 } else { 1.0 };
            let values = (0..=windows * 6).map(|step| swing * (step % 3) as f64);
            (Labels::from([("which", name)]), values.collect())
        })
    };
    let before = Matrix::from_rows(grid(0, 8), rows(8, false));
    let now = Matrix::from_rows(grid(480_000, 1), rows(1, true));
    let verdict = suspects(&now, Some(&before), &SuspectSettings::default());
    let row = verdict.ranking.iter().find(|row| row.row == 1).unwrap();
    assert!(
        row.score
            .is_some_and(|score| score.is_finite() && score < 0.0)
    );
}

#[test]
fn a_series_without_a_past_is_named_and_not_scored() {
    let before = [("a", STEADY), ("b", STEADY), ("c", STEADY)];
    let verdict = judge(
        &before,
        &[
            ("a", &[1.0]),
            ("b", &[1.0]),
            ("c", &[1.0]),
            ("new", &[50.0]),
        ],
    );
    assert_eq!(verdict.kind, VerdictKind::None);
    assert_eq!(verdict.ranking[3].score, None);
    let warning = verdict
        .warnings
        .iter()
        .find(|w| w.contains(r#"which="new""#))
        .unwrap();
    assert!(
        warning.ends_with("One of them has the greatest amplitude of all."),
        "{warning}"
    );
}

#[test]
fn a_baseline_too_short_or_of_other_series_is_said_to_be_unusable() {
    let now: &[(&str, &[f64])] = &[("a", &[1.0]), ("b", &[1.1]), ("c", &[1.2]), ("d", &[90.0])];
    for before in [
        &[("a", &STEADY[..2]), ("b", &STEADY[..2])][..],
        &[("x", STEADY), ("y", STEADY)][..],
    ] {
        let baseline = matrix(0, before);
        let current = matrix(480_000, now);
        let verdict = suspects(&current, Some(&baseline), &SuspectSettings::default());
        assert_eq!((verdict.method, verdict.windows), (Method::Peers, 0));
        assert!(verdict.warnings[0].starts_with("The baseline cannot be used: it takes 3 windows"));
    }
}

#[test]
fn too_little_to_compare_is_none_and_says_why() {
    let settings = SuspectSettings::default();
    type Rows<'a> = &'a [(&'a str, &'a [f64])];
    let cases: [(Rows, &str); 3] = [
        (&[], "the answer holds no series"),
        (&[("a", &[9.0])], "1 series is too few to compare"),
        (
            &[("a", &[1.0]), ("b", &[1.0]), ("c", &[90.0])],
            "3 series are too few to compare",
        ),
    ];
    for (rows, words) in cases {
        let verdict = suspects(&matrix(0, rows), None, &settings);
        assert_eq!((verdict.kind, verdict.top), (VerdictKind::None, None));
        assert!(verdict.reason.contains(words), "{}", verdict.reason);
    }
    let alone = judge(&[("a", STEADY)], &[("a", &[9.0])]);
    assert_eq!(alone.kind, VerdictKind::None);
}

#[test]
fn the_order_of_the_answer_does_not_matter() {
    let before = [("a", STEADY), ("b", STEADY), ("c", LOUD), ("d", STEADY)];
    let now: [(&str, &[f64]); 4] = [("a", &[4.0]), ("b", &[1.0]), ("c", &[10.0]), ("d", &[1.0])];
    let forward = judge(&before, &now);
    let mut backward_rows = now;
    backward_rows.reverse();
    let backward = judge(&before, &backward_rows);
    assert_eq!(forward.reason, backward.reason);
    let names = |verdict: &Verdict| {
        verdict
            .ranking
            .iter()
            .map(|row| row.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&forward), names(&backward));
}

#[test]
fn a_verdict_is_snake_case_json() {
    let verdict = judge(
        &[("a", STEADY), ("b", STEADY)],
        &[("a", &[4.0]), ("b", &[1.0])],
    );
    let json = serde_json::to_string(&verdict).unwrap();
    assert!(
        json.starts_with(r#"{"kind":"clear","method":"own_baseline","reason":""#),
        "{json}"
    );
    let settings: SuspectSettings = serde_json::from_str(r#"{"margin":2}"#).unwrap();
    assert_eq!((settings.margin, settings.min_windows), (2.0, 3));
    assert!(serde_json::from_str::<SuspectSettings>(r#"{"marjin":2}"#).is_err());
}

#[test]
fn metrics_of_unlike_units_are_not_compared_without_a_baseline() {
    let grid = Grid::new(0, 50_000, 10_000).unwrap();
    let row = |metric: &str, swing: f64| {
        let labels = Labels::from([("__name__", metric)]);
        (labels, vec![0.0, swing, 0.0, swing, 0.0, swing])
    };
    let rows = [
        row("a", 1.0),
        row("b", 1.0),
        row("c", 1.0),
        row("d", 1.0),
        row("bytes", 1e9),
    ];
    let verdict = suspects(
        &Matrix::from_rows(grid, rows),
        None,
        &SuspectSettings::default(),
    );
    assert_eq!(verdict.kind, VerdictKind::None);
    assert!(
        verdict.reason.contains("several metrics"),
        "{}",
        verdict.reason
    );
}
