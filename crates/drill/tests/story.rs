//! The fleet tells the story that the notebook is about; if these fail, the practice incident has
//! no culprit to find.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where its helper finds nothing"
)]

use casebook_drill::Switch;
use casebook_drill::fleet::{
    CULPRIT, Fleet, Illness, Incident, NOISY, P90_THRESHOLD_SECONDS, SCRAPE_INTERVAL_SECONDS,
    UPPER_BOUNDS,
};
use proptest::prelude::*;

const ONSET: i64 = 1_795_000_000;
const WINDOW: i64 = 300;
const SEEDS: [u64; 5] = [0, 1, 7, 42, u64::MAX];

fn fleet(seed: u64) -> Fleet {
    Fleet::new(seed, Incident::beginning(ONSET))
}

/// Greatest minus least `level` of the five minutes from `start`, sampled every ten seconds.
fn amplitude(fleet: &Fleet, server: usize, start: i64) -> f64 {
    let levels = (start..=start + WINDOW)
        .step_by(SCRAPE_INTERVAL_SECONDS as usize)
        .map(|at| fleet.level(server, at));
    let (least, most) = levels.fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(least, most), level| (least.min(level), most.max(level)),
    );
    most - least
}

/// Median amplitude of the twelve windows of the hour before `end`.
fn habit(fleet: &Fleet, server: usize, end: i64) -> f64 {
    let mut amplitudes: Vec<f64> = (1..=12)
        .map(|back| amplitude(fleet, server, end - back * WINDOW))
        .collect();
    amplitudes.sort_by(f64::total_cmp);
    0.5 * (amplitudes[5] + amplitudes[6])
}

fn number_of(fleet: &Fleet, which: &str) -> usize {
    let is_it = |server: &casebook_drill::fleet::Server| server.which == which;
    fleet.servers().iter().position(is_it).unwrap()
}

/// P90 of all requests in the minute before `end`: the bound of the bucket that holds it.
fn p90_bound(fleet: &Fleet, end: i64) -> f64 {
    let mut buckets = [0; UPPER_BOUNDS.len()];
    for server in 0..fleet.servers().len() {
        let before = fleet.requests(server, end - 60).buckets;
        let after = fleet.requests(server, end).buckets;
        for (bound, bucket) in buckets.iter_mut().enumerate() {
            *bucket += after[bound] - before[bound];
        }
    }
    let rank = 0.9 * buckets[UPPER_BOUNDS.len() - 1] as f64;
    let index = buckets
        .iter()
        .position(|&count| count as f64 >= rank)
        .unwrap();
    UPPER_BOUNDS[index].1
}

#[test]
fn the_culprit_swings_widest_in_every_window_after_the_onset() {
    for seed in SEEDS {
        let fleet = fleet(seed);
        let culprit = number_of(&fleet, CULPRIT);
        for start in (ONSET..ONSET + 2 * 3600).step_by(7) {
            let own = amplitude(&fleet, culprit, start);
            for server in (0..fleet.servers().len()).filter(|&server| server != culprit) {
                let others = amplitude(&fleet, server, start);
                assert!(
                    own > others,
                    "seed {seed}, {start}, {server}: {own} and {others}"
                );
            }
        }
    }
}

#[test]
fn the_demos_own_window_of_two_healthy_and_three_ill_minutes_points_at_the_culprit() {
    for seed in SEEDS {
        let fleet = fleet(seed);
        let culprit = number_of(&fleet, CULPRIT);
        let start = ONSET + 180 - WINDOW;
        let own = amplitude(&fleet, culprit, start);
        let ratio = own / habit(&fleet, culprit, start);
        assert!(ratio > 2.8, "seed {seed}: {ratio}");
        for server in (0..fleet.servers().len()).filter(|&server| server != culprit) {
            assert!(
                own > amplitude(&fleet, server, start),
                "seed {seed}, {server}"
            );
        }
    }
}

#[test]
fn only_the_culprit_leaves_its_own_habit() {
    for seed in SEEDS {
        let fleet = fleet(seed);
        for (server, habits) in fleet.servers().iter().enumerate() {
            let usual = habit(&fleet, server, ONSET);
            for start in (ONSET..ONSET + 3600).step_by(60) {
                let ratio = amplitude(&fleet, server, start) / usual;
                let which = habits.which;
                if which == CULPRIT {
                    assert!(ratio > 2.8, "seed {seed}, {start}: {ratio}");
                } else {
                    assert!(ratio < 1.4, "seed {seed}, {start}, {which}: {ratio}");
                }
            }
        }
    }
}

#[test]
fn before_the_onset_another_server_is_the_noisiest() {
    for seed in SEEDS {
        let fleet = fleet(seed);
        let noisy = number_of(&fleet, NOISY);
        for start in (ONSET - 2 * 3600..=ONSET - WINDOW - 10).step_by(70) {
            let own = amplitude(&fleet, noisy, start);
            for server in (0..fleet.servers().len()).filter(|&server| server != noisy) {
                let others = amplitude(&fleet, server, start);
                assert!(
                    own > others,
                    "seed {seed}, {start}, {server}: {own} and {others}"
                );
            }
        }
    }
}

#[test]
fn servers_have_unlike_normals() {
    let fleet = fleet(1);
    let mean = |server: usize| -> f64 {
        let levels = (0..360).map(|step| fleet.level(server, ONSET - 3600 + step * 10));
        levels.sum::<f64>() / 360.0
    };
    let mut means: Vec<f64> = (0..fleet.servers().len()).map(mean).collect();
    means.sort_by(f64::total_cmp);
    assert!(
        means.windows(2).all(|pair| pair[1] - pair[0] > 1.0),
        "{means:?}"
    );
    let mut habits: Vec<f64> = (0..fleet.servers().len())
        .map(|server| habit(&fleet, server, ONSET))
        .collect();
    habits.sort_by(f64::total_cmp);
    assert!(habits[7] > 3.0 * habits[0], "{habits:?}");
}

#[test]
fn the_objective_burns_from_the_onset_until_the_recovery() {
    let recovered = ONSET + 1800;
    for seed in SEEDS {
        let fleet = fleet(seed).with_incident(Incident::beginning(ONSET).recovering(recovered));
        for end in (ONSET - 7200..=ONSET).step_by(10) {
            assert!(
                p90_bound(&fleet, end) < P90_THRESHOLD_SECONDS,
                "seed {seed}, {end}"
            );
        }
        for end in (ONSET + 70..=recovered).step_by(10) {
            assert!(
                p90_bound(&fleet, end) > P90_THRESHOLD_SECONDS,
                "seed {seed}, {end}"
            );
        }
        for end in (recovered + 70..recovered + 3600).step_by(10) {
            assert!(
                p90_bound(&fleet, end) < P90_THRESHOLD_SECONDS,
                "seed {seed}, {end}"
            );
        }
    }
}

#[test]
fn the_culprit_returns_to_its_habit_when_it_recovers() {
    let recovered = ONSET + 600;
    let fleet = fleet(3).with_incident(Incident::beginning(ONSET).recovering(recovered));
    let culprit = number_of(&fleet, CULPRIT);
    let usual = habit(&fleet, culprit, ONSET);
    assert!(amplitude(&fleet, culprit, recovered - WINDOW) > 2.8 * usual);
    assert!(amplitude(&fleet, culprit, recovered) < 1.4 * usual);
}

/// An incident that is cured and breaks out again by turns, at these seconds after the onset or as
/// soon as the one before allows.
fn course(switches: &[i64]) -> Incident {
    let mut incident = Incident::beginning(ONSET);
    for (turn, after) in switches.iter().enumerate() {
        incident = if turn % 2 == 0 {
            incident.recovering(ONSET + after)
        } else {
            incident.relapsing(ONSET + after)
        };
    }
    incident
}

#[test]
fn an_undone_cure_makes_the_culprit_ill_and_the_objective_burn_again() {
    let (cured, undone) = (ONSET + 600, ONSET + 1500);
    for seed in SEEDS {
        let incident = Incident::beginning(ONSET)
            .recovering(cured)
            .relapsing(undone);
        let fleet = fleet(seed).with_incident(incident);
        let culprit = number_of(&fleet, CULPRIT);
        let usual = habit(&fleet, culprit, ONSET);
        assert!(amplitude(&fleet, culprit, cured) < 1.4 * usual);
        assert!(amplitude(&fleet, culprit, undone) > 2.8 * usual);
        assert!(p90_bound(&fleet, undone) < P90_THRESHOLD_SECONDS);
        for end in (undone + 70..undone + 3600).step_by(10) {
            assert!(
                p90_bound(&fleet, end) > P90_THRESHOLD_SECONDS,
                "{seed}, {end}"
            );
        }
    }
}

#[test]
fn a_switch_takes_effect_with_the_next_second_and_once() {
    let switch = Switch::from(fleet(1));
    let shared = switch.clone();
    switch.recover(ONSET + 60);
    switch.recover(ONSET + 90);
    switch.relapse(ONSET + 120);
    let illness = |from: i64, until: Option<i64>| Illness { from, until };
    assert_eq!(
        shared.fleet().incident().illnesses(),
        [illness(ONSET, Some(ONSET + 61)), illness(ONSET + 121, None)]
    );
    let culprit = number_of(&shared.fleet(), CULPRIT);
    let ill = fleet(1).level(culprit, ONSET + 60);
    assert_eq!(shared.fleet().level(culprit, ONSET + 60), ill);
}

proptest! {
    // each case builds a fleet
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn equal_seeds_give_equal_samples(seed: u64, at in ONSET - 900_000..ONSET + 900_000) {
        let (one, other) = (fleet(seed), fleet(seed));
        for series in one.series() {
            prop_assert_eq!(one.value(series, at), other.value(series, at));
        }
    }

    #[test]
    fn counters_never_fall(
        seed: u64,
        at in ONSET - 1_300_000..ONSET + 900_000,
        after in 0..20_000i64,
        switches in prop::collection::vec(-100..30_000i64, 0..6),
    ) {
        let fleet = fleet(seed).with_incident(course(&switches));
        for series in fleet.series().iter().filter(|series| series.measure.is_counter()) {
            let (earlier, later) = (fleet.value(series, at), fleet.value(series, at + after));
            prop_assert!(earlier <= later, "{} {earlier} {later}", series.labels);
        }
    }

    #[test]
    fn buckets_are_cumulative(seed: u64, at in ONSET - 1_300_000..ONSET + 900_000) {
        let fleet = fleet(seed);
        for server in 0..fleet.servers().len() {
            let requests = fleet.requests(server, at);
            prop_assert!(requests.buckets.is_sorted());
            prop_assert_eq!(requests.count(), requests.buckets[UPPER_BOUNDS.len() - 1]);
        }
    }

    #[test]
    fn a_switch_changes_no_sample_before_it(
        seed: u64,
        switches in prop::collection::vec(-100..7200i64, 0..6),
        at in ONSET - 7200..ONSET + 9000,
        ahead in 1..3600i64,
    ) {
        let before = fleet(seed).with_incident(course(&switches));
        for after in [
            before.incident().clone().recovering(at + ahead),
            before.incident().clone().relapsing(at + ahead),
        ] {
            let switched = before.with_incident(after);
            for series in before.series() {
                prop_assert_eq!(before.value(series, at), switched.value(series, at));
            }
        }
    }
}
