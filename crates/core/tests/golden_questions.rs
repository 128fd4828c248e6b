//! The same questions have the same answers on every machine, bit for bit: here natively, and in `crates/wasm/tests` in a
//! browser, against one text, an answer a line. `CASEBOOK_BLESS=1` writes that text anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test should stop"
)]

#[path = "golden/zones.rs"]
mod zones;

use casebook_core::amplitude::{Kind, rank_by};
use casebook_core::contrast::contrast;
use casebook_core::decode::{Body, Decoder, Expect, Limits};
use casebook_core::grid::Grid;
use casebook_core::matrix::Matrix;
use casebook_core::moved_with::Companions;
use casebook_core::onset::onsets;
use casebook_core::slo::{Objective, Over, breach};
use serde::Serialize;

fn decoded(body: &str, start_ms: i64, end_ms: i64) -> Matrix {
    let grid = Grid::new(start_ms, end_ms, zones::STEP_MS).unwrap();
    let mut decoder = Decoder::new(Expect::Grid(grid), Limits::default());
    decoder.feed(body.as_bytes()).unwrap();
    match decoder.finish().unwrap() {
        Body::Matrix(matrix) => matrix,
        other => panic!("{other:?} is not a matrix"),
    }
}

fn json<T: Serialize>(answer: &T) -> String {
    serde_json::to_string(answer).unwrap()
}

#[test]
fn answers_are_the_same_text_natively_as_in_the_browser() {
    let (start, end) = (zones::START_MS, zones::END_MS);
    let now = decoded(&zones::level(start, end), start, end);
    let before = decoded(
        &zones::level(zones::BEFORE_MS, start),
        zones::BEFORE_MS,
        start,
    );
    let mut answers: Vec<String> = [Kind::P95P5, Kind::Mad, Kind::Relative, Kind::SwingRatio]
        .iter()
        .map(|kind| json(&rank_by(&now, *kind, Some(&before))))
        .collect();
    answers.push(json(&onsets(&now, None, &[])));
    answers.push(json(&onsets(&now, Some(&before), &[0, 4])));
    answers.push(json(&contrast(&now, &zones::ILL)));
    let mut companions = Companions::new(&now, zones::ILL[0]).unwrap();
    let others = decoded(&zones::others(), zones::BEFORE_MS, end);
    assert_eq!(companions.look_at(&others, "others"), 1);
    answers.push(json(&companions.found()));
    for (quantile, over) in [
        (Some(0.9), Over::Series),
        (Some(0.9), Over::Time),
        (None, Over::Time),
    ] {
        let objective = Objective {
            threshold: zones::THRESHOLD,
            below: true,
            quantile,
            over,
        };
        let found = breach(&now, &objective);
        assert!(!found.lines.is_empty(), "{}", found.sentence);
        answers.push(json(&found));
    }
    let text = answers.join("\n");
    if std::env::var_os("CASEBOOK_BLESS").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/questions.txt");
        std::fs::write(file, format!("{text}\n")).unwrap();
    }
    for (ours, told) in answers
        .iter()
        .zip(include_str!("golden/questions.txt").lines())
    {
        assert_eq!(ours, told);
    }
    assert_eq!(text, include_str!("golden/questions.txt").trim_end());
}
