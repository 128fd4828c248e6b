//! How often the culprit of a synthetic fleet is found, and a quiet fleet accused.

use super::super::*;
use crate::grid::Grid;

/// The synthetic fleet: unlike servers, whose levels and noises are scaled by a lognormal of `sigma`.
struct Fleet {
    state: u64,
}

impl Fleet {
    fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        }
    }

    /// Knuth's MMIX generator, upper 53 bits: the same numbers on every machine.
    fn uniform(&mut self) -> f64 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// An hour of baseline and the five minutes after it, 10 s steps; `factor` on the last server's noise.
    fn incident(
        &mut self,
        servers: usize,
        sigma: f64,
        noise: Noise,
        factor: f64,
    ) -> (Matrix, Matrix) {
        let before = Grid::new(0, 3_600_000, 10_000).unwrap();
        let now = Grid::new(3_600_000, 3_900_000, 10_000).unwrap();
        let mut rows = (Vec::new(), Vec::new());
        for server in 0..servers {
            let scale = (sigma * self.normal()).exp();
            let level = scale * (2.0 + 0.3 * self.normal()).exp();
            let culprit = if server + 1 == servers { factor } else { 1.0 };
            let mut last = 0.0;
            let mut draw = |times: f64| {
                let shock = self.normal();
                let value = match noise {
                    Noise::Gaussian => shock,
                    Noise::Wandering => {
                        last = 0.8 * last + 0.6 * shock;
                        last
                    }
                    Noise::HeavyTailed => shock * (1.5 / (0.2 + self.uniform())).sqrt(),
                };
                level + scale * times * value
            };
            let labels = Labels::from([
                ("__name__", "level"),
                ("which", format!("s{server:03}").as_str()),
            ]);
            let past = (0..before.points).map(|_| draw(1.0)).collect::<Vec<_>>();
            let mut present = vec![past[past.len() - 1]];
            present.extend((1..now.points).map(|_| draw(culprit)));
            rows.0.push((labels.clone(), past));
            rows.1.push((labels, present));
        }
        (
            Matrix::from_rows(before, rows.0),
            Matrix::from_rows(now, rows.1),
        )
    }
}

#[derive(Clone, Copy, Debug)]
enum Noise {
    Gaussian,
    Wandering,
    HeavyTailed,
}

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
