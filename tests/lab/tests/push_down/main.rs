//! What the engine ranks, and what the core ranks of the same samples. If these fail, a fleet that is too big to fetch has
//! another suspect than it would have if it were fetched.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may end where its helper finds nothing"
)]

mod engine;
mod fleet;
mod narrowing;
mod past;
mod quantiles;
mod troubles;

use std::collections::BTreeMap;

use casebook_core::amplitude::{Ranking, rank};
use casebook_core::labels::Labels;
use casebook_core::matrix::Matrix;
use casebook_core::push_down::{By, count, limit};
use casebook_core::suspects::{SuspectSettings, suspects};
use engine::{Asked, Engine, Engines, nameless};
use fleet::{end, gauges, grid, short};
use past::{Past, finite, median};

/// Series of a ranking, as many as the kernel keeps.
const KEEP: u32 = 20;

/// Series and values of an answer, without the metric's name.
fn by_labels(vector: &[(Labels, f64)]) -> BTreeMap<Labels, f64> {
    vector
        .iter()
        .map(|(labels, value)| (nameless(labels), *value))
        .collect()
}

/// The first of the core's ranking, in its order.
fn first(ranking: &Ranking, count: usize) -> Vec<(Labels, f64)> {
    let ranked = ranking.ranked.iter().take(count);
    ranked
        .map(|found| (nameless(&found.labels), found.value.unwrap()))
        .collect()
}

/// Fails unless the engine's ranking is the beginning of the core's.
fn assert_same_ranking(engine: &Engine, asked: &Asked) -> Matrix {
    let found = asked.pushed();
    let query = found.amplitude(KEEP);
    let ranked = engine.instant(&query, found.at_ms());
    let whole = engine.range(asked.query, asked.grid);
    let wanted = first(&rank(&whole), KEEP as usize);
    let ranked: Vec<_> = ranked
        .into_iter()
        .map(|(labels, value)| (nameless(&labels), value))
        .collect();
    assert_eq!(ranked, wanted, "{}: {query}", engine.name);
    whole
}

/// The series of a ranking that are to be fetched.
fn labels_of(ranked: &[(Labels, f64)]) -> Vec<Labels> {
    ranked.iter().map(|(labels, _)| labels.clone()).collect()
}

/// Fails unless the narrowed query gives these series of the whole answer, every bit of them.
fn assert_narrowed(engine: &Engine, asked: &Asked, kept: &[Labels]) {
    let narrowed = asked.pushed().narrowed(kept);
    let few = engine.range(&narrowed, asked.grid);
    let whole = engine.range(asked.query, asked.grid);
    assert_eq!(few.rows(), kept.len(), "{}: {narrowed}", engine.name);
    for row in 0..few.rows() {
        let labels = few.labels(row);
        assert!(
            kept.contains(&nameless(labels)),
            "{}: {narrowed}",
            engine.name
        );
        let wanted = whole.values(whole.find(labels).unwrap());
        // VictoriaMetrics adds up in another order each time.
        let near = |a: f64, b: f64| asked.query.contains("sum") && (a - b).abs() <= 1e-12 * a.abs();
        let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || near(*a, *b);
        assert!(
            few.values(row).iter().zip(wanted).all(same),
            "{}: {narrowed}",
            engine.name
        );
    }
}

#[test]
fn a_thousand_series_have_the_same_ranking_habit_and_suspect_both_ways() {
    let end = end();
    let engines = Engines::holding(&gauges(1000, 321, end));
    let mut told = Vec::new();
    for engine in &engines.both {
        let asked = Asked::new("level", grid(end, 300, 10));
        let whole = assert_same_ranking(engine, &asked);
        let before = engine.range("level", asked.baseline());
        let verdict = suspects(&whole, Some(&before), &SuspectSettings::default());

        let found = asked.pushed();
        let ask = |query: &str| engine.instant(query, found.at_ms());
        let counted = ask(&count(asked.query));
        assert_eq!(counted, [(Labels::from([("__name__", "level")]), 1000.0)]);
        let covered = ask(&found.coverage());
        assert_eq!(covered, [(Labels::from([("enough", "1")]), 1000.0)]);

        let habit = by_labels(&ask(&found.habit().unwrap()));
        assert_eq!(habit.len(), 1000);
        for row in &verdict.ranking {
            let ours = row.baseline_amplitude.unwrap();
            let theirs = habit[&nameless(&row.labels)];
            assert_eq!(theirs, ours, "{}: {}", engine.name, row.name);
        }
        let [(_, typical)] = ask(&found.typical().unwrap())[..] else {
            panic!("one number");
        };
        let mut habits: Vec<f64> = habit.values().copied().collect();
        habits.sort_by(f64::total_cmp);
        assert_eq!(typical, f64::midpoint(habits[499], habits[500]));

        let mut by_ratio = verdict.ranking.clone();
        by_ratio.sort_by(|a, b| b.swing_ratio.partial_cmp(&a.swing_ratio).unwrap());
        by_ratio.truncate(KEEP as usize);
        let swing = ask(&found.furthest(By::Swing, KEEP, typical).unwrap());
        let ratios = by_ratio
            .iter()
            .map(|row| (nameless(&row.labels), row.swing_ratio.unwrap()));
        assert_eq!(swing, ratios.collect::<Vec<_>>(), "{}", engine.name);
        assert_eq!(swing[0].0.get("which"), Some("s0321"));

        for by in [By::Swing, By::Shift] {
            let quiet = found.quiet(by, typical, &by_ratio[0].labels).unwrap();
            let quiet = engine.range(&quiet, found.quiet_grid().unwrap());
            assert_eq!((quiet.rows(), quiet.grid().points), (1, 12));
            assert_eq!(quiet.values(0), furthest_before(&before, by, "s0321"));
        }
        let quiet = found
            .quiet(By::Swing, typical, &by_ratio[0].labels)
            .unwrap();
        let quiet = engine.range(&quiet, found.quiet_grid().unwrap());
        let limit = limit(quiet.values(0)).unwrap();
        assert!(
            swing[0].1 > limit,
            "the suspect is beyond what chance explains"
        );
        assert!(swing[1].1 < limit, "the next one is not");

        let others = ask(&found.others(
            KEEP,
            first(&rank(&whole), KEEP as usize)[KEEP as usize - 1].1,
        ));
        let among = |list: &[(Labels, f64)]| {
            others
                .iter()
                .filter(|(labels, _)| list.iter().any(|(one, _)| one == labels))
                .count()
        };
        assert_eq!(others.len(), KEEP as usize);
        assert!(
            among(&swing) < 5 && among(&first(&rank(&whole), KEEP as usize)) < 5,
            "no fair sample: {others:?}"
        );
        assert_narrowed(engine, &asked, &labels_of(&swing));
        told.push((first(&rank(&whole), 1000), verdict.reason));
    }
    assert_eq!(told[0], told[1], "both engines say the same");
}

/// How far the furthest of all series but one is in each window of five minutes, earliest first.
fn furthest_before(before: &Matrix, by: By, but: &str) -> Vec<f64> {
    let rows = (0..before.rows()).filter(|row| before.labels(*row).get("which") != Some(but));
    let mut furthest = vec![0.0_f64; 12];
    for row in rows {
        let past = Past::of(before.values(row), 30);
        let levels = past.medians.iter().map(|level| (level - past.level).abs());
        let distances: Vec<f64> = match by {
            By::Swing => past.swings.clone(),
            By::Shift => levels.collect(),
        };
        for (furthest, distance) in furthest.iter_mut().rev().zip(distances) {
            *furthest = furthest.max(distance / past.swing);
        }
    }
    furthest
}

#[test]
fn windows_of_any_phase_and_length_hold_the_same_steps_in_the_engine() {
    let last = end();
    let engines = Engines::holding(&gauges(60, 7, last));
    for engine in &engines.both {
        for (step, span, baseline_s, ago) in [
            (10, 300, 3600, 70),
            (10, 300, 3605, 10),
            (15, 420, 3600, 65),
            (7, 63, 700, 65),
            (30, 900, 3600, 0),
            (60, 300, 1800, 120),
            (1, 20, 90, 33),
            (10, 10, 60, 0),
            (10, 3600, 3600, 30),
            (15, 1800, 3600, 0),
        ] {
            let end = (last - ago) / step * step;
            let asked = Asked {
                baseline_ms: baseline_s * 1000,
                ..Asked::new("level", grid(end, span, step))
            };
            let whole = assert_same_ranking(engine, &asked);
            let before = engine.range("level", asked.baseline());
            let verdict = suspects(&whole, Some(&before), &SuspectSettings::default());
            let found = asked.pushed();
            let windows = usize::try_from(found.windows()).unwrap();
            assert_eq!(verdict.windows, windows, "{asked:?}");
            let ask = |query: &str| by_labels(&engine.instant(query, found.at_ms()));
            let habit = ask(&found.habit().unwrap());
            // A typical habit of next to nothing holds no habit above its own.
            let swing = ask(&found.furthest(By::Swing, 60, 1e-9).unwrap());
            let shift = ask(&found.furthest(By::Shift, 60, 1e-9).unwrap());
            assert_eq!((habit.len(), swing.len(), shift.len()), (60, 60, 60));
            let steps = (found.quiet_grid().unwrap().step_ms / 1000 / step) as usize;
            for row in 0..before.rows() {
                let labels = nameless(before.labels(row));
                let now = whole.values(whole.find(before.labels(row)).unwrap());
                let (past, parts) = (Past::of(before.values(row), steps), Past::of(now, steps));
                let moved = (median(finite(now)) - past.level).abs();
                for (theirs, ours) in [
                    (habit[&labels], past.swing),
                    (swing[&labels], parts.central() / past.swing),
                    (shift[&labels], moved / past.swing),
                ] {
                    assert!(
                        (theirs - ours).abs() <= 1e-9 * ours,
                        "{}: {theirs}, not {ours}, of {labels:?} in {asked:?}",
                        engine.name
                    );
                }
            }
        }
    }
}

#[test]
fn a_level_that_moved_before_the_window_is_found_though_nothing_swings() {
    let end = end();
    let mut fleet = gauges(200, usize::MAX, end);
    let higher = 0.4 * fleet[77].samples[0].1;
    for (time, value) in &mut fleet[77].samples {
        if *time > end - 900 {
            *value = short(*value + higher);
        }
    }
    let engines = Engines::holding(&fleet);
    for engine in &engines.both {
        let asked = Asked::new("level", grid(end, 300, 10));
        let whole = engine.range("level", asked.grid);
        let before = engine.range("level", asked.baseline());
        let verdict = suspects(&whole, Some(&before), &SuspectSettings::default());
        let top = &verdict.ranking[0].labels;
        assert_eq!(top.get("which"), Some("s0077"), "{}", verdict.reason);

        let found = asked.pushed();
        let first = |by| {
            let query = found.furthest(by, 1, 1e-3).unwrap();
            engine.instant(&query, found.at_ms()).remove(0)
        };
        let (labels, shift) = first(By::Shift);
        assert_eq!(labels.get("which"), Some("s0077"), "{}", engine.name);
        assert_ne!(first(By::Swing).0.get("which"), Some("s0077"));
        let quiet = found.quiet(By::Shift, 1e-3, top).unwrap();
        let quiet = engine.range(&quiet, found.quiet_grid().unwrap());
        assert!(shift > limit(quiet.values(0)).unwrap());
    }
}
