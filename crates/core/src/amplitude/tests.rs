use super::*;
use crate::grid::Grid;
use crate::matrix::{GAP, NAN};

fn matrix(rows: &[(&str, &[f64])]) -> Matrix {
    let points = rows
        .iter()
        .map(|(_, values)| values.len())
        .max()
        .unwrap_or(1) as i64;
    let grid = Grid::new(0, (points - 1) * 10_000, 10_000).unwrap();
    let rows = rows.iter().map(|(which, values)| {
        (
            Labels::from([("__name__", "level"), ("which", which)]),
            values.to_vec(),
        )
    });
    Matrix::from_rows(grid, rows)
}

fn order(list: &[Amplitude]) -> Vec<&str> {
    list.iter()
        .map(|a| a.labels.get("which").unwrap())
        .collect()
}

#[test]
fn amplitude_is_peak_to_peak_with_the_steps_of_both_ends() {
    let found = &amplitude(&matrix(&[("a", &[3.0, 1.0, 1.0, 7.5, 7.5])]))[0];
    assert_eq!(found.value, Some(6.5));
    assert_eq!((found.min, found.argmin), (Some(1.0), Some(1)));
    assert_eq!((found.max, found.argmax), (Some(7.5), Some(3)));
    assert_eq!((found.samples, found.coverage), (5, 1.0));
    assert!(found.flags.is_empty());
}

#[test]
fn nan_inf_and_gaps_are_left_out_and_counted_apart() {
    let found = &amplitude(&matrix(&[("a", &[1.0, NAN, f64::INFINITY, GAP, 3.0, 2.0])]))[0];
    assert_eq!(found.value, Some(2.0));
    assert_eq!(
        (found.samples, found.nan, found.inf, found.gaps),
        (3, 1, 1, 1)
    );
    assert_eq!(found.flags, [Flag::Infinite]);
}

#[test]
fn a_series_without_numbers_is_not_ranked_as_zero() {
    let ranking = rank(&matrix(&[
        ("flat", &[5.0; 6]),
        ("gone", &[GAP; 6]),
        ("nan", &[NAN; 6]),
        ("rare", &[GAP, GAP, GAP, GAP, 1.0, 99.0]),
        ("wide", &[0.0, 4.0, 0.0, 0.0, 0.0, 0.0]),
    ]));
    assert_eq!(order(&ranking.ranked), ["wide", "flat"]);
    assert_eq!(order(&ranking.low_coverage), ["rare"]);
    assert_eq!(order(&ranking.empty), ["gone", "nan"]);
    assert_eq!(ranking.ranked[1].value, Some(0.0));
    assert_eq!(ranking.ranked[1].flags, [Flag::Flat]);
}

#[test]
fn equal_amplitudes_are_ordered_by_text_whatever_the_order_of_the_rows() {
    let values: &[f64] = &[1.0, 2.0];
    let forward = rank(&matrix(&[("a", values), ("b", values), ("c", &[0.0, 9.0])]));
    let backward = rank(&matrix(&[("c", &[0.0, 9.0]), ("b", values), ("a", values)]));
    assert_eq!(order(&forward.ranked), ["c", "a", "b"]);
    assert_eq!(order(&backward.ranked), ["c", "a", "b"]);
}

#[test]
fn a_series_that_begins_or_ends_inside_the_window_says_so() {
    let found = amplitude(&matrix(&[
        ("new", &[GAP, GAP, 1.0, 2.0, 1.0]),
        ("gone", &[1.0, 2.0, 1.0, GAP, GAP]),
        ("late", &[1.0, 2.0, 1.0, 2.0, GAP]),
    ]));
    assert_eq!(found[0].flags, [Flag::Appeared]);
    assert_eq!(found[1].flags, [Flag::Disappeared]);
    assert!(found[2].flags.is_empty());
}

#[test]
fn a_counter_is_judged_by_its_increase_and_a_reset_is_not_a_swing() {
    let grid = Grid::new(0, 40_000, 10_000).unwrap();
    let row = (
        Labels::from([("__name__", "requests_total")]),
        vec![1000.0, 1010.0, 1030.0, 5.0, 15.0],
    );
    let counter = Matrix::from_rows(grid, [row]);
    let found = &amplitude(&counter)[0];
    assert_eq!(
        (found.min, found.max, found.value),
        (Some(5.0), Some(20.0), Some(15.0))
    );
    assert_eq!(found.flags, [Flag::Counter]);
    assert!(rank(&counter).notes[0].contains("increase per step"));
}

#[test]
fn metrics_of_different_units_are_not_compared_silently() {
    let grid = Grid::new(0, 10_000, 10_000).unwrap();
    let row = |metric: &str| (Labels::from([("__name__", metric)]), vec![1.0, 2.0]);
    let ranking = rank(&Matrix::from_rows(grid, [row("bytes"), row("seconds")]));
    assert!(ranking.notes[0].starts_with("The answer holds 2 metrics (bytes, seconds)"));
}

fn by(kind: Kind, rows: &[(&str, &[f64])]) -> Ranking {
    rank_by(&matrix(rows), kind, None)
}

#[test]
fn each_kind_is_the_number_that_it_promises() {
    let spike: Vec<f64> = (0..20).map(f64::from).chain([1000.0]).collect();
    let only = |kind| by(kind, &[("a", &spike)]).ranked[0].value;
    assert_eq!(only(Kind::PeakToPeak), Some(1000.0));
    // Ranks 19 and 1 of 0..=20 by type 7.
    assert_eq!(only(Kind::P95P5), Some(18.0));
    assert_eq!(only(Kind::Mad), Some(1.4826 * 5.0));
    assert_eq!(only(Kind::Relative), Some(100.0));
    for kind in [
        Kind::PeakToPeak,
        Kind::P95P5,
        Kind::Mad,
        Kind::Relative,
        Kind::SwingRatio,
    ] {
        let name = serde_json::to_string(&kind).unwrap();
        assert_eq!(Kind::named(name.trim_matches('"')), Some(kind));
    }
    assert_eq!(Kind::named("loudness"), None);
    assert!(Kind::Relative.is_unit_free() && Kind::SwingRatio.is_unit_free());
    assert!(!Kind::PeakToPeak.is_unit_free() && !Kind::Mad.is_unit_free());
}

#[test]
fn a_relative_amplitude_around_zero_does_not_exist_and_is_not_ranked() {
    let ranking = by(
        Kind::Relative,
        &[("odd", &[-1.0, 0.0, 1.0]), ("even", &[-4.0, -2.0, -2.0])],
    );
    assert_eq!(order(&ranking.ranked), ["even"]);
    assert_eq!(ranking.ranked[0].value, Some(1.0));
    assert_eq!(order(&ranking.undefined), ["odd"]);
    assert_eq!(ranking.undefined[0].flags, [Flag::MedianZero]);
    assert_eq!(
        ranking.notes,
        [r#"No relative amplitude, because the median is 0: which="odd"."#]
    );
}

/// One hour of windows of six steps; in each, the series goes up by `swings[window]` and back.
fn windows(start_ms: i64, rows: &[(&str, &[f64])]) -> Matrix {
    let longest = rows
        .iter()
        .map(|(_, swings)| swings.len())
        .max()
        .unwrap_or(0) as i64;
    let grid = Grid::new(start_ms, start_ms + longest * 60_000, 10_000).unwrap();
    let labels = |which: &str| Labels::from([("__name__", "level"), ("which", which)]);
    let rows = rows.iter().map(|(which, swings)| {
        let body = swings
            .iter()
            .flat_map(|swing| [0.0, *swing, 0.5 * swing, 0.0, 0.0, 0.0]);
        let values = body.map(|value| 100.0 + value).chain([100.0]);
        (labels(which), values.collect())
    });
    Matrix::from_rows(grid, rows)
}

#[test]
fn a_swing_ratio_finds_the_series_that_changed_and_not_the_loud_one() {
    let loud = [50.0, 51.0, 49.0, 50.0];
    let before: &[(&str, &[f64])] = &[
        ("loud", &loud),
        ("quiet", &[1.0, 1.0, 1.0, 1.0]),
        ("still", &[0.0; 4]),
    ];
    let now = windows(
        240_000,
        &[
            ("loud", &[52.0]),
            ("quiet", &[4.0]),
            ("still", &[1.0]),
            ("new", &[9.0]),
        ],
    );
    let ranking = rank_by(&now, Kind::SwingRatio, Some(&windows(0, before)));
    assert_eq!(order(&ranking.ranked), ["quiet", "loud"]);
    assert_eq!(ranking.ranked[0].value, Some(4.0));
    assert_eq!(ranking.ranked[0].baseline_amplitude, Some(1.0));
    assert_eq!(order(&ranking.undefined), ["new", "still"]);
    assert_eq!(ranking.undefined[0].flags, [Flag::NoHabit]);
    assert_eq!(ranking.undefined[1].flags, [Flag::StoodStill]);
    assert!(ranking.notes[0].ends_with(r#"now it moves: which="still"."#));
    let without = rank_by(&now, Kind::SwingRatio, None);
    assert!(without.ranked.is_empty() && without.undefined.len() == 4);
    assert!(
        without
            .notes
            .iter()
            .any(|note| note.starts_with("Give a longer time before"))
    );
}

fn of_metrics(rows: &[(&str, &[f64])]) -> Matrix {
    let points = rows[0].1.len() as i64;
    let grid = Grid::new(0, (points - 1) * 10_000, 10_000).unwrap();
    let labels = |metric: &str| match metric {
        "" => Labels::new(),
        _ => Labels::from([("__name__", metric)]),
    };
    let rows = rows.iter().enumerate().map(|(row, (metric, values))| {
        let which = format!("s{row}");
        let all = labels(metric);
        let own = [("which".to_owned(), which)];
        let pairs = all.iter().map(|(n, v)| (n.to_owned(), v.to_owned()));
        (pairs.chain(own).collect(), values.to_vec())
    });
    Matrix::from_rows(grid, rows)
}

#[test]
fn bytes_are_never_ranked_among_seconds_but_ratios_are() {
    let answer = of_metrics(&[
        ("seconds", &[1.0, 1.5, 1.0]),
        ("bytes", &[1e6, 1.1e6, 1e6]),
        ("bytes", &[1e6, 3e6, 1e6]),
        ("seconds", &[1.0, 5.0, 1.0]),
    ]);
    let whole = rank(&answer);
    assert_eq!(order(&whole.ranked), ["s2", "s1", "s3", "s0"]);
    let family = |metric: Option<&str>, series| Family {
        metric: metric.map(str::to_owned),
        series,
    };
    assert_eq!(
        whole.families,
        [family(Some("bytes"), 2), family(Some("seconds"), 2)]
    );
    assert!(whole.notes[0].contains("each is ranked by itself"));
    let ratios = rank_by(&answer, Kind::Relative, None);
    assert_eq!(order(&ratios.ranked), ["s3", "s2", "s0", "s1"]);
    assert_eq!(ratios.families, [family(None, 4)]);
    assert!(ratios.notes.is_empty());
}

const COUNTS: &[f64] = &[5.0, 9.0, 9.0, 14.0, 20.0, 21.0];
const COUNTS_TOO: &[f64] = &[700.0, 701.0, 703.0, 703.0, 710.0, 720.0];
/// A jump where it was reset, and more than ten rises around it.
const RESET: &[f64] = &[
    90.0, 91.0, 93.0, 94.0, 95.0, 96.0, 2.0, 3.0, 5.0, 6.0, 7.0, 9.0, 12.0,
];

#[test]
fn counters_whose_name_a_sum_has_dropped_are_known_by_what_they_all_do() {
    let unnamed = rank(&of_metrics(&[("", COUNTS), ("", COUNTS_TOO)]));
    let swings: Vec<_> = unnamed.ranked.iter().map(|a| a.value.unwrap()).collect();
    assert_eq!(swings, [10.0, 6.0]);
    assert!(unnamed.ranked.iter().all(|a| a.flags == [Flag::Counter]));
    assert!(unnamed.notes[0].contains("only rise but for resets, like a counter"));
    let alone = rank(&of_metrics(&[("", RESET)]));
    assert_eq!(alone.ranked[0].value, Some(2.0));
    assert_eq!(alone.ranked[0].flags, [Flag::Counter]);
}

#[test]
fn one_series_that_only_rises_may_leak_and_is_taken_as_it_is() {
    let leak = rank(&of_metrics(&[
        ("threads", COUNTS),
        ("threads", &[7.0; 6]),
        ("threads", &[8.0; 6]),
    ]));
    assert_eq!(leak.ranked[0].value, Some(16.0));
    assert_eq!(leak.ranked[0].flags, [Flag::OnlyRises]);
    assert!(leak.notes.is_empty());
    let alone = rank(&of_metrics(&[("", COUNTS)]));
    assert_eq!(alone.ranked[0].flags, [Flag::OnlyRises]);
    assert!(alone.notes[0].contains("if it is a counter, ask for rate(…) instead"));
}

#[test]
fn what_rate_gives_is_no_counter_though_the_counter_it_came_from_was() {
    let rates = rank(&of_metrics(&[
        ("", &[1.5, 2.25, 2.5, 3.0, 4.0, 4.5]),
        ("", &[3.0, 2.0, 4.0, 1.0, 2.0, 6.0]),
    ]));
    assert_eq!(rates.ranked[0].value, Some(5.0));
    assert!(rates.ranked.iter().all(|a| a.flags.is_empty()));
    assert!(rates.notes.is_empty());
}

#[test]
fn a_gauge_that_is_named_like_a_counter_is_taken_as_it_is() {
    let threads: &[f64] = &[50.0, 48.0, 52.0, 49.0, 51.0, 47.0, 50.0];
    let ranking = rank(&of_metrics(&[("thread_count", threads)]));
    assert_eq!(ranking.ranked[0].value, Some(5.0));
    assert!(ranking.ranked[0].flags.is_empty());
    assert_eq!(
        ranking.notes,
        ["1 of 1 series is named like a counter and falls again and again: taken as it is."]
    );
}

#[test]
fn repeats_of_one_scrape_are_told_from_samples() {
    let found = &amplitude(&matrix(&[("a", &[3.0, 3.0, GAP, 3.0, 7.0, 7.0, 3.0])]))[0];
    assert_eq!((found.samples, found.runs), (6, 3));
}
