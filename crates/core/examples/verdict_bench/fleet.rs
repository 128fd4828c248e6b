//! Synthetic fleets of unlike servers: the same numbers on every machine.

use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::matrix::Matrix;

/// The synthetic fleet: unlike servers, whose levels and noises are scaled by a lognormal of `sigma`.
pub(crate) struct Fleet {
    state: u64,
}

impl Fleet {
    /// The same fleets for the same seed, on every machine.
    pub(crate) fn new(seed: u64) -> Self {
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
    pub(crate) fn incident(
        &mut self,
        servers: usize,
        sigma: f64,
        noise: Noise,
        factor: f64,
    ) -> (Matrix, Matrix) {
        let grid = |start_ms: i64, points: u32| Grid {
            start_ms,
            step_ms: 10_000,
            points,
        };
        let (before, now) = (grid(0, 361), grid(3_600_000, 31));
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

/// What the samples of a server scatter like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Noise {
    Gaussian,
    Wandering,
    HeavyTailed,
}
