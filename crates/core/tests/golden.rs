//! The same answer gives the same verdict on every machine, bit for bit: here natively, and in `crates/wasm/tests` in a
//! browser, against one text. `CASEBOOK_BLESS=1` writes that text anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test should stop"
)]

#[path = "golden/fleet.rs"]
mod fleet;

use casebook_core::decode::{Body, Decoder, Expect, Limits};
use casebook_core::grid::Grid;
use casebook_core::matrix::Matrix;
use casebook_core::suspects::{SuspectSettings, suspects};

fn decoded(body: &str, start_ms: i64, end_ms: i64) -> Matrix {
    let grid = Grid::new(start_ms, end_ms, fleet::STEP_MS).unwrap();
    let mut decoder = Decoder::new(Expect::Grid(grid), Limits::default());
    decoder.feed(body.as_bytes()).unwrap();
    match decoder.finish().unwrap() {
        Body::Matrix(matrix) => matrix,
        other => panic!("{other:?} is not a matrix"),
    }
}

#[test]
fn a_verdict_is_the_same_text_natively_as_in_the_browser() {
    let (before, now) = fleet::bodies();
    let before = decoded(&before, fleet::BASELINE_MS, fleet::START_MS);
    let now = decoded(&now, fleet::START_MS, fleet::END_MS);
    let verdict = suspects(&now, Some(&before), &SuspectSettings::default());
    let text = serde_json::to_string(&verdict).unwrap();
    if std::env::var_os("CASEBOOK_BLESS").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/verdict.json");
        std::fs::write(file, format!("{text}\n")).unwrap();
    }
    assert_eq!(text, include_str!("golden/verdict.json").trim_end());
}
