//! Runs over synthetic fleets.

use casebook_core::amplitude::rank;
use casebook_core::matrix::Matrix;
use casebook_core::suspects::{SuspectSettings, VerdictKind, suspects};

use crate::case::moments;
use crate::fleet::{Fleet, Noise};

/// Shares of the runs over fleets whose last server is the culprit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found {
    /// Ranked first by the verdict.
    pub(crate) first: f64,
    /// Named by a clear verdict.
    pub(crate) named: f64,
    /// Somebody else named by a clear verdict.
    pub(crate) wrong: f64,
    /// Ranked first by raw amplitude.
    pub(crate) loudest: f64,
}

/// `runs` fleets of `servers`, the culprit's noise three times as wide.
pub(crate) fn found(runs: u64, servers: usize, sigma: f64, noise: Noise) -> Found {
    let settings = SuspectSettings::default();
    let mut counts = [0_u64; 4];
    for seed in 0..runs {
        let (before, now) = Fleet::new(seed + 1).incident(servers, sigma, noise, 3.0);
        let verdict = suspects(&now, Some(&before), &settings);
        let culprit = servers - 1;
        let loudest = rank(&now).ranked.first().map(|series| series.row);
        let hits = [
            verdict.ranking.first().map(|series| series.row) == Some(culprit),
            verdict.top == Some(culprit),
            verdict.top.is_some_and(|row| row != culprit),
            loudest == Some(culprit),
        ];
        for (count, hit) in counts.iter_mut().zip(hits) {
            *count += u64::from(hit);
        }
    }
    let [first, named, wrong, loudest] = counts.map(|count| count as f64 / runs as f64);
    Found {
        first,
        named,
        wrong,
        loudest,
    }
}

/// Shares of `runs` quiet fleets that somebody is accused in: by the verdict, and by three sigma.
pub(crate) fn accused(runs: u64, servers: usize, sigma: f64, noise: Noise) -> (f64, f64) {
    let settings = SuspectSettings::default();
    let (mut clear, mut naive) = (0_u64, 0_u64);
    for seed in 0..runs {
        let (before, now) = Fleet::new(1_000_000 + seed).incident(servers, sigma, noise, 1.0);
        let verdict = suspects(&now, Some(&before), &settings);
        clear += u64::from(verdict.kind == VerdictKind::Clear);
        naive += u64::from((0..now.rows()).any(|row| beyond_three_sigma(&before, &now, row)));
    }
    (clear as f64 / runs as f64, naive as f64 / runs as f64)
}

fn beyond_three_sigma(before: &Matrix, now: &Matrix, row: usize) -> bool {
    moments(before.values(row)).is_some_and(|(mean, deviation)| {
        let far = |value: &f64| (value - mean).abs() > 3.0 * deviation;
        now.values(row).iter().any(far)
    })
}
