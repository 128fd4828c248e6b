//! How often the culprit of a synthetic fleet is found, and a quiet fleet accused.

#[path = "../examples/verdict_bench/fleet.rs"]
mod fleet;

use casebook_core::suspects::{SuspectSettings, VerdictKind, suspects};

use self::fleet::{Fleet, Noise};

fn share(
    runs: u64,
    servers: usize,
    sigma: f64,
    noise: Noise,
    factor: f64,
    with_baseline: bool,
) -> (f64, f64, f64) {
    let settings = SuspectSettings::default();
    let (mut first, mut clear, mut wrong) = (0, 0, 0);
    for seed in 0..runs {
        let (before, now) = Fleet::new(seed + 1).incident(servers, sigma, noise, factor);
        let verdict = suspects(&now, with_baseline.then_some(&before), &settings);
        first += u64::from(verdict.ranking[0].row == servers - 1);
        clear += u64::from(verdict.kind == VerdictKind::Clear);
        wrong += u64::from(verdict.top.is_some_and(|row| row != servers - 1));
    }
    let of = |n: u64| n as f64 / runs as f64;
    (of(first), of(clear), of(wrong))
}

#[test]
fn the_culprit_of_an_unlike_fleet_of_200_is_found_by_its_swing_ratio() {
    let (first, clear, wrong) = share(100, 200, 1.0, Noise::Gaussian, 3.0, true);
    assert!(first >= 0.97, "found in {first}");
    assert!(clear >= 0.9, "accused in {clear}");
    assert_eq!(wrong, 0.0);
}

#[test]
fn without_a_baseline_an_unlike_fleet_is_rather_not_judged_than_judged_wrong() {
    let (_, clear, wrong) = share(100, 50, 0.5, Noise::Gaussian, 3.0, false);
    assert!(wrong <= 0.02, "wrong in {wrong}, clear in {clear}");
}

#[test]
fn a_quiet_fleet_of_200_gives_no_suspect() {
    let (_, clear, _) = share(100, 200, 1.0, Noise::Gaussian, 1.0, true);
    assert!(clear <= 0.02, "accused in {clear}");
}

#[test]
fn quiet_fleets_of_any_size_and_noise_give_no_suspect() {
    let quiet = [(2, 1.0), (8, 0.5), (20, 0.0)];
    for noise in [Noise::Gaussian, Noise::Wandering, Noise::HeavyTailed] {
        let accused: f64 = quiet
            .iter()
            .map(|(servers, sigma)| share(100, *servers, *sigma, noise, 1.0, true).1)
            .sum();
        assert!(
            accused / 3.0 <= 0.02,
            "{noise:?}: accused in {}",
            accused / 3.0
        );
    }
}

#[test]
fn a_quiet_fleet_without_baseline_gives_no_suspect() {
    for (servers, sigma) in [(5, 0.0), (8, 0.5), (200, 1.0)] {
        let (_, clear, _) = share(100, servers, sigma, Noise::Gaussian, 1.0, false);
        assert!(clear <= 0.02, "{servers} servers: accused in {clear}");
    }
}
