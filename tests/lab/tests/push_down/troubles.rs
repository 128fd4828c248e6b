//! Series that are not all there, all alike or all numbers, and counters.

use casebook_core::amplitude::rank;
use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::suspects::{SuspectSettings, suspects};
use casebook_lab::Series;

use crate::engine::{Asked, Engines, nameless};
use crate::fleet::{Noise, end, grid, times};
use crate::{assert_narrowed, by_labels, first, labels_of};

#[test]
fn gaps_nan_infinity_and_ties_count_as_they_do_in_the_core() {
    let end = end();
    let engines = Engines::holding(&troubled(end));
    for engine in &engines.both {
        // Twenty minutes: a gap shows only behind the five minutes for which an engine looks back.
        let asked = Asked::new("level", grid(end, 1200, 10));
        let whole = engine.range("level", asked.grid);
        let ranking = rank(&whole);
        let found = asked.pushed();
        let ranked = engine.instant(&found.amplitude(8), found.at_ms());
        let wanted = first(&ranking, usize::MAX);
        let values =
            |list: &[(Labels, f64)]| list.iter().map(|(_, value)| *value).collect::<Vec<_>>();
        assert_eq!(values(&ranked), values(&wanted)[..8], "{}", engine.name);
        // The last place is one of four alike: which of them it is, the engine chooses.
        let tie = ranked[7].1;
        assert_eq!(
            values(&wanted)
                .iter()
                .filter(|value| **value == tie)
                .count(),
            4
        );
        for (labels, value) in &ranked {
            let labels = nameless(labels);
            let ours = wanted.iter().find(|(ours, _)| *ours == labels);
            assert_eq!(ours.unwrap().1, *value, "{}: {labels:?}", engine.name);
        }
        let above: Vec<_> = wanted
            .iter()
            .take_while(|(_, value)| *value > tie)
            .collect();
        assert_eq!(above.len(), 6, "{}: {wanted:?}", engine.name);
        assert!(
            above
                .iter()
                .all(|(labels, _)| ranked.iter().any(|(theirs, _)| nameless(theirs) == *labels))
        );

        let covered = engine.instant(&found.coverage(), found.at_ms());
        let count = |enough: &str| {
            let found = covered
                .iter()
                .find(|(labels, _)| labels.get("enough") == Some(enough));
            found.map_or(0.0, |(_, count)| *count)
        };
        assert_eq!(count("1"), ranking.ranked.len() as f64);
        assert_eq!(count("0"), ranking.low_coverage.len() as f64);
        assert!(count("0") >= 1.0, "a series with few samples is among them");
        assert_narrowed(engine, &asked, &labels_of(&wanted[..8]));
    }
}

/// Series with every trouble at once, the amplitudes of which are known: 8, 7, …, then four of 2, and flat ones.
fn troubled(end: i64) -> Vec<Series> {
    let series = |which: &str, value: &dyn Fn(i64) -> Option<f64>| {
        let labels = [("__name__", "level"), ("which", which)];
        let samples = times(end - 5400..=end).filter_map(|time| Some((time, value(end - time)?)));
        Series::new(labels, samples)
    };
    let swings = |by: f64| move |ago: i64| Some(by * f64::from(u8::from(ago % 100 == 0)));
    let mut list = vec![
        series("wide", &swings(8.0)),
        series("not-a-number", &|ago| match ago {
            40..=120 => Some(f64::NAN),
            _ => swings(7.0)(ago),
        }),
        series("infinite", &|ago| match ago {
            200 => Some(f64::INFINITY),
            500 => Some(f64::NEG_INFINITY),
            _ => swings(6.0)(ago),
        }),
        series("gap", &|ago| {
            swings(5.0)(ago).filter(|_| !(200..700).contains(&ago))
        }),
        series("appeared", &|ago| swings(4.0)(ago).filter(|_| ago <= 610)),
        series("disappeared", &|ago| {
            swings(3.0)(ago).filter(|_| ago >= 560)
        }),
        series("rare", &|ago| swings(99.0)(ago).filter(|_| ago <= 300)),
        series("gone", &|ago| swings(99.0)(ago).filter(|_| ago >= 3000)),
        series("always-infinite", &|_| Some(f64::INFINITY)),
    ];
    for which in ["tie-a", "tie-b", "tie-c", "tie-d"] {
        list.push(series(which, &swings(2.0)));
    }
    for index in 0..20 {
        list.push(series(&format!("flat-{index}"), &|_| Some(1e9)));
    }
    list
}

#[test]
fn counters_are_ranked_by_their_increase_resets_included() {
    let end = end();
    let mut noise = Noise::new(3);
    let mut counter = |index: usize| {
        let which = format!("s{index:02}");
        let mut value = 1e6 * noise.even();
        let samples: Vec<_> = times(end - 5400..=end)
            .map(|time| {
                value += (10.0 + 3.0 * index as f64) * noise.even();
                if index % 7 == 3 && time == end - 110 {
                    value = 5.0 * noise.even();
                }
                (time, value)
            })
            .collect();
        Series::new(
            [("__name__", "requests_total"), ("which", which.as_str())],
            samples,
        )
    };
    let series: Vec<_> = (0..50).map(&mut counter).collect();
    let engines = Engines::holding(&series);
    for engine in &engines.both {
        let asked = Asked {
            counts: true,
            ..Asked::new("requests_total", grid(end, 300, 10))
        };
        let whole = engine.range("requests_total", asked.grid);
        let wanted = first(&rank(&whole), 20);
        let found = asked.pushed();
        let ranked = engine.instant(&found.amplitude(20), found.at_ms());
        let ranked: Vec<_> = ranked
            .iter()
            .map(|(labels, value)| (nameless(labels), *value))
            .collect();
        assert_eq!(labels_of(&ranked), labels_of(&wanted), "{}", engine.name);
        for ((_, theirs), (labels, ours)) in ranked.iter().zip(&wanted) {
            assert!(
                (theirs - ours).abs() <= 1e-9 * ours,
                "{labels:?}: {theirs}, not {ours}"
            );
        }
        assert!(
            wanted
                .iter()
                .any(|(labels, _)| labels.get("which") == Some("s45")),
            "one was reset"
        );
        assert_narrowed(engine, &asked, &labels_of(&ranked));
        // The engine knows the increase at the first step of a baseline, the core only with a step before it.
        let (baseline, step_ms) = (asked.baseline(), asked.grid.step_ms);
        let earlier = Grid::new(baseline.start_ms - step_ms, baseline.end_ms(), step_ms).unwrap();
        let before = engine.range("requests_total", earlier);
        let verdict = suspects(&whole, Some(&before), &SuspectSettings::default());
        let habit = by_labels(&engine.instant(&found.habit().unwrap(), found.at_ms()));
        for row in verdict.ranking.iter().filter(|row| !row.odd) {
            let (theirs, ours) = (
                habit[&nameless(&row.labels)],
                row.baseline_amplitude.unwrap(),
            );
            assert!(
                (theirs - ours).abs() <= 1e-9 * ours,
                "{}: {theirs}, not {ours}",
                row.name
            );
        }
    }
}
