use proptest::prelude::*;

use super::*;
use crate::grid::Grid;
use crate::labels::Labels;

/// Series of one step with these labels, a row for each.
fn fleet(rows: impl IntoIterator<Item = Vec<(&'static str, String)>>) -> Matrix {
    let grid = Grid::new(0, 0, 1000).unwrap();
    let labels = |pairs: Vec<(&str, String)>| {
        pairs
            .into_iter()
            .map(|(n, v)| (n.to_owned(), v))
            .collect::<Labels>()
    };
    Matrix::from_rows(
        grid,
        rows.into_iter().map(|pairs| (labels(pairs), vec![1.0])),
    )
}

/// Forty servers: zones of five, racks that are the zones' other name, half of them of version 2.
fn forty() -> Matrix {
    fleet((0..40).map(|server| {
        let zone = server / 5;
        vec![
            ("job", "fleet".to_owned()),
            ("rack", format!("r{zone}")),
            ("version", (1 + server % 2).to_string()),
            ("which", format!("s{server}")),
            ("zone", char::from(b'a' + zone as u8).to_string()),
        ]
    }))
}

#[test]
fn the_zone_that_all_suspects_share_is_named_and_the_other_labels_are_denied() {
    let found = contrast(&forty(), &[5, 6, 8]);
    let first = &found.values[0];
    assert_eq!((first.label.as_str(), first.value.as_str()), ("rack", "r1"));
    assert_eq!(first.same, [r#"zone="b""#]);
    assert_eq!((first.suspects, first.series), (3, 5));
    // 5 · 4 · 3 of 40 · 39 · 38.
    assert!((first.p - 60.0 / 59_280.0).abs() < 1e-15 && first.separates);
    assert!(found.sentence.starts_with(
        r#"rack="r1": 3 of 3 suspects, 5 of 40 series, the same series as zone="b" (p = 0.00101)."#
    ), "{}", found.sentence);
    assert_eq!(
        found.others,
        [
            r#"version=…: no; the nearest is version="1": 2 of 3 suspects, 20 of 40 series."#,
            "which=…: no; no suspect shares its value with another series.",
        ]
    );
}

#[test]
fn suspects_without_a_pattern_are_not_given_one() {
    let found = contrast(&forty(), &[1, 14, 22, 39]);
    assert_eq!(
        found.sentence,
        "No label value separates the 4 suspects from the other 36 series."
    );
    assert!(found.values.iter().all(|value| !value.separates));
    let one = contrast(&forty(), &[7]);
    assert_eq!(
        one.sentence,
        "No label value separates the suspect from the other 39 series."
    );
}

#[test]
fn a_label_that_only_the_suspects_lack_separates_them() {
    let found = contrast(
        &fleet((0..30).map(|server| {
            let which = vec![("which", format!("s{server}"))];
            let zone = (server > 2).then(|| ("zone", "a".to_owned()));
            which.into_iter().chain(zone).collect()
        })),
        &[0, 1, 2],
    );
    assert_eq!(
        (
            found.values[0].label.as_str(),
            found.values[0].value.as_str()
        ),
        ("zone", "")
    );
    assert!(found.values[0].separates);
}

#[test]
fn nothing_is_set_against_nothing() {
    assert_eq!(
        contrast(&forty(), &[]).sentence,
        "There is no suspect to set against the others."
    );
    assert_eq!(contrast(&forty(), &[99]).suspects, [] as [usize; 0]);
    let all: Vec<usize> = (0..40).collect();
    assert!(
        contrast(&forty(), &all)
            .sentence
            .starts_with("All series are suspects")
    );
    assert_eq!(contrast(&forty(), &[3, 3, 1]).suspects, [1, 3]);
}

/// How many of blind draws of `few` suspects among servers with `labels` labels of ten values are given a pattern.
fn false_patterns(few: usize, labels: usize) -> usize {
    let mut state = 1_u64;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % below
    };
    const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    (0..200)
        .filter(|_| {
            let rows: Vec<Vec<_>> = (0..60)
                .map(|_| {
                    NAMES[..labels]
                        .iter()
                        .map(|name| (*name, draw(10).to_string()))
                        .collect()
                })
                .collect();
            let suspects: Vec<usize> = (0..few).map(|_| draw(60)).collect();
            contrast(&fleet(rows), &suspects)
                .values
                .iter()
                .any(|value| value.separates)
        })
        .count()
}

#[test]
fn many_labels_do_not_make_a_pattern_of_chance() {
    for (few, labels) in [(3, 1), (3, 12), (8, 12)] {
        let found = false_patterns(few, labels);
        assert!(
            found <= 14,
            "{found} of 200 with {few} suspects and {labels} labels"
        );
    }
}

/// The same by counting the draws: binomials of whole numbers.
fn counted(have: usize, few: usize, with: usize, all: usize) -> f64 {
    let choose = |n: usize, k: usize| {
        (0..k).fold(1_u128, |ways, i| ways * (n - i) as u128 / (i + 1) as u128)
    };
    let ways = (have..=few.min(with)).filter(|x| few - x <= all - with);
    let hits: u128 = ways
        .map(|x| choose(with, x) * choose(all - with, few - x))
        .sum();
    hits as f64 / choose(all, few) as f64
}

proptest! {
    #[test]
    fn the_chance_is_that_of_counting(all in 2..40_usize, with in 1..40_usize, few in 1..40_usize, have in 0..12_usize) {
        let (with, few) = (with.min(all), few.min(all));
        let (found, exact) = (at_least(have, few, with, all), counted(have, few, with, all));
        prop_assert!((found - exact).abs() <= 1e-12 + 1e-12 * exact, "{} {}", found, exact);
    }

    #[test]
    fn a_chance_is_one_at_any_size(all in 2..20_000_usize, with in 1..20_000_usize, few in 1..20_000_usize, have in 0..20_000_usize) {
        let (with, few) = (with.min(all), few.min(all));
        let found = at_least(have, few, with, all);
        prop_assert!((0.0..=1.0).contains(&found), "{}", found);
        prop_assert!(at_least(have + 1, few, with, all) <= found + 1e-9);
    }

    #[test]
    fn what_is_nearly_sure_or_hardly_possible_is_said_so(all in 2_000..20_000_usize, share in 0.2..0.8_f64, part in 0.2..0.8_f64) {
        let of = |share: f64| (all as f64 * share) as usize;
        let (with, few) = (of(share), of(part));
        let likely = of(share * part);
        prop_assert!(at_least(likely / 2, few, with, all) > 1.0 - 1e-6);
        prop_assert!(at_least(likely * 2, few, with, all) < 1e-6);
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing(values in prop::collection::vec((0..4_u8, 0..3_u8), 2..30), few in 1..6_usize) {
        let row = |(index, (zone, kind)): (usize, &(u8, u8))| vec![("which", index.to_string()), ("zone", zone.to_string()), ("kind", kind.to_string())];
        let rows: Vec<_> = values.iter().enumerate().map(row).collect();
        let last = rows.len() - 1;
        let mirrored = rows.iter().rev().cloned().collect::<Vec<_>>();
        let few = few.min(last);
        let suspects: Vec<usize> = (0..few).collect();
        let other: Vec<usize> = (0..few).map(|row| last - row).collect();
        let (a, b) = (contrast(&fleet(rows), &suspects), contrast(&fleet(mirrored), &other));
        prop_assert_eq!(&a.sentence, &b.sentence);
        prop_assert_eq!(a.others, b.others);
        prop_assert!(a.values.iter().all(|value| value.p <= value.q * 1.000_001 && value.q <= 1.0));
        prop_assert_eq!(a.values, b.values);
    }
}
