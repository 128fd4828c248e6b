//! `cargo xtask bench`: measures, with a table for people and one JSON line for programs.

mod decode;
mod verdict;

use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::browser;
use crate::build;
use crate::preflight::{self, Purpose};
use crate::session::Session;

/// What is measured.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
    /// End with one JSON object on a line of its own
    #[arg(long, global = true)]
    json: bool,
    /// How often each case is run; the table shows medians
    #[arg(long, global = true, value_name = "N")]
    runs: Option<u32>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Seconds to the first result, cold and warm, beside a bare JupyterLite site that runs `1+1`
    Start,
    /// Time to decode and rank a range query, beside `JSON.parse` and a loop, in one worker
    Decode,
    /// Milliseconds to draw 20 series of 10,000 points, beside JupyterLab's own Vega-Lite
    Chart,
    /// How often the verdict names the culprit, on fleets that are made and on labelled data; needs no browser
    Verdict(verdict::Options),
}

/// Builds, measures and prints.
///
/// # Errors
/// What is missing, what failed to build, or the browser's own error.
pub(crate) fn run(options: &Options) -> Result<()> {
    let session = Session::open()?;
    let (project, runs) = match &options.what {
        What::Start => ("bench-start", options.runs.unwrap_or(5)),
        What::Decode => ("bench-decode", options.runs.unwrap_or(15)),
        What::Chart => ("bench-chart", options.runs.unwrap_or(5)),
        What::Verdict(what) => {
            return verdict::run(&session, what, options.runs, options.json);
        }
    };
    preflight::check(&session, Purpose::Test)?;
    build::for_browser(&session)?;
    let results = session.workspace.target(format!("browser/{project}.json"));
    let mut command = browser::playwright(&session, &[project]);
    command
        .env("CASEBOOK_BENCH_RUNS", runs.to_string())
        .env("CASEBOOK_BENCH_RESULTS", &results);
    match &options.what {
        What::Start => {
            command.env("CASEBOOK_BARE_SITE", build::bare_site(&session)?);
        }
        What::Decode => decode::prepare(&session, runs)?,
        What::Chart | What::Verdict(_) => {}
    }
    let numbers = session.step(&format!("measure ({project}, {runs} runs)"), |log| {
        // Numbers of an earlier run must not be taken for this one's.
        let _ = std::fs::remove_file(&results);
        log.run(&mut command)?;
        let text = std::fs::read_to_string(&results)
            .with_context(|| format!("{} cannot be read", results.display()))?;
        serde_json::from_str::<Value>(&text).context("the results are not JSON")
    })?;
    let Some(measured) = numbers["rows"].as_array() else {
        bail!("the results have no rows")
    };
    println!("{}", machine());
    println!(
        "{:<44} {:>10} {:>10} {:>10}",
        "median of each", "median", "least", "most"
    );
    for row in measured {
        let number = |key: &str| {
            row[key]
                .as_f64()
                .map_or_else(|| "-".to_owned(), |number| format!("{number:.3}"))
        };
        println!(
            "{:<44} {:>10} {:>10} {:>10}",
            row["name"].as_str().unwrap_or("?"),
            number("median"),
            number("min"),
            number("max")
        );
    }
    for note in numbers["notes"].as_array().into_iter().flatten() {
        println!("{}", note.as_str().unwrap_or_default());
    }
    if options.json {
        println!("{}", numbers["json"]);
    }
    Ok(())
}

/// A number means little without the machine that made it.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let version = Command::new("chromium")
        .args(["--version", "--no-sandbox"])
        .output()
        .map(|output| output.stdout)
        .unwrap_or_default();
    format!(
        "{cores} cores, {}",
        String::from_utf8_lossy(&version).trim()
    )
}
