//! Any body: decoded, ranked, judged and drawn without a panic, and the same however it is cut.
//!
//! Run with `cargo +nightly fuzz run decode` in `crates/core`.
#![no_main]

use casebook_core::amplitude::rank;
use casebook_core::decode::{Body, DecodeError, Decoder, Expect, Limits};
use casebook_core::grid::Grid;
use casebook_core::suspects::{SuspectSettings, suspects};
use casebook_core::svg::{ChartOptions, chart};
use libfuzzer_sys::fuzz_target;

fn decode(expect: Expect, chunks: &[&[u8]]) -> Result<Body, DecodeError> {
    let limits = Limits {
        cells: 1 << 20,
        ..Limits::default()
    };
    let mut decoder = Decoder::new(expect, limits);
    for chunk in chunks {
        decoder.feed(chunk)?;
    }
    decoder.finish()
}

fuzz_target!(|input: (u16, bool, &[u8])| {
    let (cut, discover, body) = input;
    let grid = Grid {
        start_ms: 1_000_000,
        step_ms: 10_000,
        points: 31,
    };
    let expect = if discover {
        Expect::Discover
    } else {
        Expect::Grid(grid)
    };
    let (first, second) = body.split_at(usize::from(cut) % (body.len() + 1));
    match (decode(expect, &[body]), decode(expect, &[first, second])) {
        (Ok(Body::Matrix(whole)), Ok(Body::Matrix(parts))) => {
            assert_eq!(rank(&whole).ranked, rank(&parts).ranked);
            let _ = suspects(&whole, Some(&parts), &SuspectSettings::default());
            let _ = chart(&whole, &ChartOptions::default());
        }
        (Ok(_), Ok(_)) => {}
        (Err(whole), Err(parts)) => assert_eq!(whole, parts),
        (whole, parts) => panic!("one cut is an answer and the other is not: {whole:?} {parts:?}"),
    }
});
