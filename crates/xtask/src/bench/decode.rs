//! What the bench of the decoder needs before its browser starts: bodies, and the numbers of the natively built decoder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::programs;
use crate::session::{Log, Session};

/// Series and points of each body, as `tests/browser/bench/decode.ts` knows them.
const SIZES: [(u32, u32); 3] = [(1000, 31), (1000, 361), (10_000, 361)];
/// Numbers of series at 361 points, from a thousandth of what is allowed up to it.
const GROWTH: [u32; 4] = [28, 280, 2_770, 27_700];

/// Has glibc keep the memory that a decoding gives back.
const KEPT_MEMORY: [(&str, &str); 2] = [
    ("MALLOC_MMAP_THRESHOLD_", "4294967295"),
    ("MALLOC_TRIM_THRESHOLD_", "4294967295"),
];

/// Writes the bodies and `native.json` to `target/bench`.
///
/// # Errors
/// What failed to build, or the program's own error.
pub(super) fn prepare(session: &Session, runs: u32) -> Result<()> {
    let workspace = &session.workspace;
    let folder = workspace.target("bench");
    std::fs::create_dir_all(&folder).context("target/bench cannot be made")?;
    session.step("compile the decoder natively", |log| {
        let package = ["build", "--release", "--package", "casebook-core"];
        let mut cargo = programs::cargo(workspace, &package);
        log.run(cargo.args(["--example", "decode_bench"]))
    })?;
    let program = workspace.target("release/examples/decode_bench");
    session.step("measure the decoder natively", |log| {
        let native = measured(&program, &folder, runs, log)?;
        let file = folder.join("native.json");
        std::fs::write(&file, native.to_string()).context("native.json cannot be written")
    })
}

fn measured(program: &Path, folder: &Path, runs: u32, log: &Log) -> Result<Value> {
    let mut milliseconds = Map::new();
    for (series, points) in SIZES {
        let size = format!("{series}x{points}");
        let file: PathBuf = folder.join(format!("{size}.json"));
        let (series, points) = (series.to_string(), points.to_string());
        let shown = file.to_string_lossy();
        if !is_newer(&file, program) {
            log.run(Command::new(program).args(["body", &series, &points, &*shown]))?;
        }
        let words = ["measure", &runs.to_string(), &*shown, &points];
        let found = number(Command::new(program).args(words))?;
        milliseconds.insert(size, json!(found));
    }
    let mut growth = Vec::new();
    for series in GROWTH {
        let (runs, named) = (runs.min(7).to_string(), series.to_string());
        // Warm is what keeps its memory, as wasm does: glibc would give back and ask for each block anew.
        let mut speed = Command::new(program);
        speed
            .args(["speed", &runs, &named, "361"])
            .envs(KEPT_MEMORY);
        let mut memory = Command::new(program);
        memory.args(["memory", &named, "361"]);
        growth.push(json!([series, number(&mut speed)?, number(&mut memory)?]));
    }
    Ok(json!({ "milliseconds": milliseconds, "growth": growth }))
}

/// Whether a body was written by this build of the program.
fn is_newer(file: &Path, program: &Path) -> bool {
    let changed = |path: &Path| {
        path.metadata()
            .and_then(|metadata| metadata.modified())
            .ok()
    };
    changed(file).is_some_and(|time| Some(time) > changed(program))
}

/// The number that the program prints.
fn number(command: &mut Command) -> Result<f64> {
    let output = command.output()?;
    if !output.status.success() {
        bail!(
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.trim().parse()?)
}
