//! Servers made for the pictures: the same numbers on every machine, so no function of the machine's own.

use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::matrix::Matrix;
use casebook_core::suspects::{SuspectSettings, Verdict, suspects};

/// 2026-11-22 07:00:00 UTC: where the window begins, step 0.
pub(crate) const START_MS: i64 = 1_795_330_800_000;
pub(crate) const STEP_MS: i64 = 10_000;
/// Five minutes at 10 s, both ends included.
pub(crate) const WINDOW: std::ops::RangeInclusive<i64> = 0..=30;
/// The hour before, which ends a step before the window.
pub(crate) const HOUR: std::ops::RangeInclusive<i64> = -361..=-1;

/// A server by its value at a step, given noise of standard deviation 1.
pub(crate) struct Server {
    name: &'static str,
    value: Box<dyn Fn(i64, f64) -> f64>,
}

pub(crate) fn server(name: &'static str, value: impl Fn(i64, f64) -> f64 + 'static) -> Server {
    let value = Box::new(value);
    Server { name, value }
}

/// One that stays at its level, and swings as it always did.
pub(crate) fn calm(name: &'static str, level: f64, scale: f64) -> Server {
    server(name, move |_, noise| level + scale * noise)
}

/// The answer for some steps.
pub(crate) fn answer(servers: &[Server], steps: std::ops::RangeInclusive<i64>) -> Matrix {
    let at = |step: i64| START_MS + step * STEP_MS;
    let grid = Grid::new(at(*steps.start()), at(*steps.end()), STEP_MS).unwrap();
    let rows = servers.iter().enumerate().map(|(seed, server)| {
        let labels = Labels::from([("__name__", "level"), ("which", server.name)]);
        let value = |step: i64| (server.value)(step, noise(seed as u64, step));
        (labels, steps.clone().map(value).collect())
    });
    Matrix::from_rows(grid, rows.collect::<Vec<_>>())
}

/// What Casebook says of the window against the hour before.
pub(crate) fn judged(servers: &[Server]) -> Verdict {
    let (now, before) = (answer(servers, WINDOW), answer(servers, HOUR));
    suspects(&now, Some(&before), &SuspectSettings::default())
}

/// Nearly Gaussian: the sum of twelve uniform numbers, from a hash of server and step (`splitmix64`).
fn noise(seed: u64, step: i64) -> f64 {
    let mut state = (seed << 32) ^ (step + 10_000) as u64;
    let mut uniform = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..12).map(|_| uniform()).sum::<f64>() - 6.0
}
