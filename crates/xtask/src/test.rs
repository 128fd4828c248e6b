//! `cargo xtask test`: sets up, runs every check even when one fails, and sums them.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use clap::Args;

use crate::build;
use crate::checks::{self, Check, Counts, Lane, Outcome};
use crate::preflight::{self, Purpose};
use crate::progress::Timing;
use crate::session::Session;

/// How many of the longest parts are listed at the end.
const LONGEST: usize = 12;

/// Which checks run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only checks whose name contains one of these words
    only: Vec<String>,
    /// List the checks and stop
    #[arg(long)]
    list: bool,
}

/// One line of the table at the end.
struct Row {
    name: &'static str,
    counts: Counts,
    took: Duration,
    note: String,
}

/// Runs the checks; the exit code is a failure when any of them failed.
pub(crate) fn run(options: &Options) -> ExitCode {
    let chosen: Vec<&Check> = checks::ALL
        .iter()
        .filter(|check| wanted(check, &options.only))
        .collect();
    if options.list {
        chosen
            .iter()
            .for_each(|check| println!("{:<22} {}", check.name, check.what));
        return ExitCode::SUCCESS;
    }
    let begun = Instant::now();
    let (rows, steps) = match all(&chosen) {
        Ok(done) => done,
        Err(error) => {
            eprintln!("\n{error:#}");
            println!("0 passed, 1 failed");
            return ExitCode::FAILURE;
        }
    };
    report(&rows, &steps, begun.elapsed());
    let (passed, failed) = rows.iter().fold((0, 0), |sum, row| {
        (sum.0 + row.counts.passed, sum.1 + row.counts.failed)
    });
    println!("{passed} passed, {failed} failed");
    if failed == 0 && passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn wanted(check: &Check, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|word| check.name.contains(word.as_str()))
}

fn all(chosen: &[&Check]) -> Result<(Vec<Row>, Vec<Timing>)> {
    let session = Session::open()?;
    preflight::check(&session, Purpose::Test)?;
    let mut rows = Vec::new();

    // What does not build is a failure of its own; the checks that do not need it still run.
    let setup = Instant::now();
    let prepared = build::for_tests(&session);
    let note = prepared
        .as_ref()
        .err()
        .map(|error| format!("{error:#}"))
        .unwrap_or_default();
    let counts = if note.is_empty() {
        Counts::one_passed()
    } else {
        Counts::one_failed()
    };
    rows.push(Row {
        name: "build",
        counts,
        took: setup.elapsed(),
        note,
    });

    let lane = &|lane: Lane| -> Vec<Row> {
        let checks = chosen.iter().filter(|check| check.lane == lane);
        checks.map(|check| one(&session, check)).collect()
    };
    let done = std::thread::scope(|scope| {
        let running = Lane::ALL.map(|each| scope.spawn(move || lane(each)));
        running.map(|thread| thread.join())
    });
    for rows_of_lane in done {
        rows.extend(rows_of_lane.map_err(|_| anyhow!("a lane of checks ended in a panic"))?);
    }
    Ok((rows, session.progress.finished()))
}

/// Runs one check; a failure is shown at once, since others go on for minutes.
fn one(session: &Session, check: &Check) -> Row {
    let started = Instant::now();
    let result = session.step(check.name, |log| {
        let outcome = (check.run)(session, log)?;
        if outcome.counts.failed > 0 {
            anyhow::bail!(
                "{} of {} failed",
                outcome.counts.failed,
                outcome.counts.failed + outcome.counts.passed
            );
        }
        Ok(outcome)
    });
    let (counts, note) = match result {
        Ok(Outcome { counts, note }) => (counts, note),
        Err(error) => {
            let failed = checks::failed_tests(session, check.name);
            failed
                .iter()
                .for_each(|line| eprintln!("           {line}"));
            (
                checks::counts_of_failed(session, check.name),
                format!("{error:#}"),
            )
        }
    };
    Row {
        name: check.name,
        counts,
        took: started.elapsed(),
        note,
    }
}

fn report(rows: &[Row], steps: &[Timing], took: Duration) {
    for row in rows.iter().filter(|row| row.counts.failed > 0) {
        println!("\n== {} failed\n{}", row.name, row.note);
    }
    println!(
        "\n{:<22} {:>7} {:>7} {:>9}",
        "check", "passed", "failed", "seconds"
    );
    for row in rows {
        let note = if row.counts.failed > 0 {
            "  see above"
        } else {
            row.note.as_str()
        };
        println!(
            "{:<22} {:>7} {:>7} {:>9.1}  {note}",
            row.name,
            row.counts.passed,
            row.counts.failed,
            row.took.as_secs_f64()
        );
    }
    let mut longest = steps.to_vec();
    longest.sort_by_key(|timing| std::cmp::Reverse(timing.took));
    println!("\nlongest parts of {:.0} s:", took.as_secs_f64());
    for timing in longest.iter().take(LONGEST) {
        println!("{:>9.1} s  {}", timing.took.as_secs_f64(), timing.name);
    }
    println!();
}
