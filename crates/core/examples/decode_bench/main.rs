//! How fast a body becomes columns, without a browser. `cargo xtask bench decode` runs it.
//!
//! `body SERIES POINTS FILE` writes a body. `measure RUNS FILE POINTS` prints milliseconds of one decoding.
//! `speed RUNS SERIES POINTS` prints nanoseconds per sample, `memory SERIES POINTS` bytes of memory per sample.

#![allow(clippy::print_stdout, clippy::panic, reason = "a program for a bench")]

mod body;

use std::process::ExitCode;
use std::time::Instant;

use casebook_core::decode::{Body, Decoder, Expect, Limits};
use casebook_core::grid::Grid;
use casebook_core::matrix::Matrix;

/// As much as a browser hands over at a time.
const CHUNK: usize = 64 << 10;

/// The greatest body here is a little longer than what a browser is asked to take.
const LIMITS: Limits = Limits {
    bytes: 1 << 30,
    series: 100_000,
    samples: 20_000_000,
    cells: 20_000_000,
    label_bytes: 64 << 20,
};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["body", series, points, file] => write_body(series, points, file),
        ["measure", runs, file, points] => measure(runs, file, points),
        ["speed", runs, series, points] => speed(runs, series, points),
        ["memory", series, points] => memory(series, points),
        _ => Err(
            "body SERIES POINTS FILE | measure RUNS FILE POINTS | speed RUNS SERIES POINTS | memory SERIES POINTS"
                .into(),
        ),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

type Done = Result<(), Box<dyn std::error::Error>>;

fn write_body(series: &str, points: &str, file: &str) -> Done {
    std::fs::write(file, body::body(series.parse()?, points.parse()?, 0))?;
    Ok(())
}

fn measure(runs: &str, file: &str, points: &str) -> Done {
    let body = std::fs::read(file)?;
    println!("{}", milliseconds(runs.parse()?, &body, points.parse()?)?);
    Ok(())
}

/// The median of one decoding, with the swing of each series; the first run warms up.
fn milliseconds(
    runs: usize,
    body: &[u8],
    points: usize,
) -> Result<f64, Box<dyn std::error::Error>> {
    let repeat = (4_000_000 / body.len()).max(1);
    let mut times = Vec::new();
    for run in 0..=runs {
        let from = Instant::now();
        for _ in 0..repeat {
            std::hint::black_box(decoded(body, points)?.swings());
        }
        if run > 0 {
            times.push(from.elapsed().as_secs_f64() * 1e3 / repeat as f64);
        }
    }
    Ok(median(times))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn speed(runs: &str, series: &str, points: &str) -> Done {
    let (series, points): (usize, usize) = (series.parse()?, points.parse()?);
    // A processor would come to know a small body by heart: many of them.
    let seeds = 0..1_000_000_usize.div_ceil(series * points) as u64;
    let bodies: Vec<String> = seeds.map(|seed| body::body(series, points, seed)).collect();
    let mut nanoseconds = Vec::new();
    for _ in 0..=runs.parse()? {
        let (mut samples, from) = (0, Instant::now());
        for body in &bodies {
            let matrix = decoded(body.as_bytes(), points)?;
            std::hint::black_box(matrix.swings());
            samples += matrix.meta().samples;
        }
        nanoseconds.push(from.elapsed().as_secs_f64() * 1e9 / samples as f64);
    }
    println!("{}", median(nanoseconds.split_off(1)));
    Ok(())
}

fn memory(series: &str, points: &str) -> Done {
    let (series, points): (usize, usize) = (series.parse()?, points.parse()?);
    let body = body::body(series, points, 0).into_bytes();
    // So many at once that the pages of a small one can be told from noise.
    let copies = 1_000_000_usize.div_ceil(series * points);
    let before = resident_bytes()?;
    let kept: Result<Vec<Matrix>, _> = (0..copies).map(|_| decoded(&body, points)).collect();
    let taken = resident_bytes()? - before;
    let samples: u64 = kept?.iter().map(|matrix| matrix.meta().samples).sum();
    println!("{}", taken / samples as f64);
    Ok(())
}

/// Memory of this process that is really there, as Linux counts it.
fn resident_bytes() -> Result<f64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: f64 = line
        .ok_or("no VmRSS")?
        .trim()
        .trim_end_matches(" kB")
        .parse()?;
    Ok(kilobytes * 1024.0)
}

fn decoded(body: &[u8], points: usize) -> Result<Matrix, Box<dyn std::error::Error>> {
    let (start, end, step) = body::window(points);
    let mut decoder = Decoder::new(Expect::Grid(Grid::new(start, end, step)?), LIMITS);
    for chunk in body.chunks(CHUNK) {
        decoder.feed(chunk)?;
    }
    match decoder.finish()? {
        Body::Matrix(matrix) => Ok(matrix),
        _ => Err("not a matrix".into()),
    }
}
