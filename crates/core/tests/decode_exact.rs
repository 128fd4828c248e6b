//! What a user would lose: the last bit of a number. Every value is compared with the standard library's reading of its text.
//!
//! A million values; `CASEBOOK_EXACT_VALUES=10000000` asks for more.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test should stop"
)]

#[path = "../examples/decode_bench/body.rs"]
#[allow(dead_code, reason = "the numbers of the bench, not its bodies")]
mod body;

use body::{Random, written};
use casebook_core::decode::{Body, Decoder, Expect, Limits};
use casebook_core::grid::Grid;
use casebook_core::matrix::NAN;

const POINTS: usize = 500;
const SERIES: usize = 10;

/// A number of one of the kinds that servers send, and as one of them would write it.
fn text(random: &mut Random) -> String {
    let value = match random.bits() % 12 {
        0 => f64::from_bits(random.bits()),
        1 => random.unit(),
        2 => random.unit() * 1e3,
        3 => (random.bits() >> (random.bits() % 60)) as f64,
        4 => -random.unit() * 1e-5,
        5 => random.unit() * 1e15,
        6 => (random.bits() % 100_000) as f64 / 1e3,
        7 => random.unit() * 10_f64.powi((random.bits() % 27) as i32 - 6),
        8 => (random.bits() % 10_000_000_000) as f64 / 3.0,
        9 => (1_u64 << (random.bits() % 63)) as f64 / 10_f64.powi((random.bits() % 12) as i32),
        10 => match random.bits() % 5 {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => 0.0,
            _ => -0.0,
        },
        // Digits as they fall, not the shortest ones: more than 53 bits, half-way cases, zeros at both ends.
        _ => {
            let digits = (random.bits() >> (random.bits() % 64)).to_string();
            let (whole, fraction) = digits.split_at(random.bits() as usize % (digits.len() + 1));
            let zeros = "0".repeat((random.bits() % 4) as usize);
            return match random.bits() % 4 {
                0 => format!("0.{zeros}{digits}"),
                1 if !whole.is_empty() && !fraction.is_empty() => {
                    format!("{whole}.{fraction}{zeros}")
                }
                2 => format!("-{digits}"),
                _ => digits,
            };
        }
    };
    // VictoriaMetrics writes every digit and no exponent.
    if random.bits().is_multiple_of(8) && value.is_finite() {
        value.to_string()
    } else {
        written(value)
    }
}

#[test]
fn every_value_has_the_bits_that_the_standard_library_gives_it() {
    let wanted = std::env::var("CASEBOOK_EXACT_VALUES");
    let wanted: usize = wanted.map_or(1_000_000, |text| text.parse().unwrap());
    let mut random = Random::new(20_261_122);
    let grid = Grid::new(
        1_795_000_000_000,
        1_795_000_000_000 + 10_000 * (POINTS as i64 - 1),
        10_000,
    )
    .unwrap();
    for round in 0..wanted.div_ceil(POINTS * SERIES) {
        let texts: Vec<String> = (0..POINTS * SERIES).map(|_| text(&mut random)).collect();
        let body = wrapped(&texts);
        let mut decoder = Decoder::new(Expect::Grid(grid), Limits::default());
        let mut rest = body.as_bytes();
        while !rest.is_empty() {
            let most = if round % 2 == 0 {
                rest.len()
            } else {
                1 + random.bits() as usize % 3000
            };
            let (chunk, later) = rest.split_at(most.min(rest.len()));
            decoder.feed(chunk).unwrap();
            rest = later;
        }
        let Body::Matrix(found) = decoder.finish().unwrap() else {
            panic!("not a matrix")
        };
        assert_eq!(
            (found.rows(), found.meta().samples),
            (SERIES, texts.len() as u64)
        );
        for (at, text) in texts.iter().enumerate() {
            let standard: f64 = text.parse().unwrap();
            let standard = if standard.is_nan() { NAN } else { standard };
            let value = found.values(at / POINTS)[at % POINTS];
            assert_eq!(
                value.to_bits(),
                standard.to_bits(),
                "{text} in round {round}"
            );
        }
    }
}

fn wrapped(texts: &[String]) -> String {
    let series = texts.chunks(POINTS).enumerate().map(|(row, texts)| {
        let samples: Vec<String> = texts
            .iter()
            .enumerate()
            .map(|(step, text)| format!(r#"[{},"{text}"]"#, 1_795_000_000 + 10 * step))
            .collect();
        format!(
            r#"{{"metric":{{"a":"x\"}}{row}"}},"values":[{}]}}"#,
            samples.join(",")
        )
    });
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}]}}}}"#,
        series.collect::<Vec<_>>().join(",")
    )
}
