//! Checks of the extension and of the browser package.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{Counts, Outcome, counted, whole};
use crate::browser;
use crate::programs;
use crate::session::{Log, Session};
use crate::stamp::{Inputs, Stamp};

fn npm_script(session: &Session, dir: &str, script: &str) -> Command {
    programs::npm(&session.workspace.path(dir), &["run", "--silent", script])
}

pub(super) fn prettier(session: &Session, log: &Log) -> Result<Outcome> {
    let js = session.workspace.path("js");
    let mut own = Command::new("node");
    own.current_dir(session.workspace.path("tests/browser"))
        .arg(js.join("node_modules/prettier/bin/prettier.cjs"));
    own.args(["--check", "--cache", "."]);
    whole(log, &mut [npm_script(session, "js", "format:check"), own])
}

pub(super) fn eslint(session: &Session, log: &Log) -> Result<Outcome> {
    let inputs = Inputs::new(&session.workspace, "eslint 1");
    unless_unchanged(&of_extension(inputs)?.stamp("eslint"), || {
        log.run(&mut npm_script(session, "js", "lint"))
    })
}

pub(super) fn tsc(session: &Session, log: &Log) -> Result<Outcome> {
    let mut inputs = of_extension(Inputs::new(&session.workspace, "tsc 1"))?;
    for path in BROWSER_SOURCES {
        inputs = inputs.path(Path::new(browser::PACKAGE).join(path))?;
    }
    unless_unchanged(&inputs.stamp("tsc"), || {
        log.run(&mut npm_script(session, "js", "typecheck"))?;
        log.run(&mut npm_script(session, browser::PACKAGE, "check"))
    })
}

/// What the compiler looks at in the browser package.
const BROWSER_SOURCES: [&str; 8] = [
    "bench",
    "pictures",
    "specs",
    "support",
    "package.json",
    "package-lock.json",
    "playwright.config.ts",
    "tsconfig.json",
];

/// The extension, its tests and every version that its tools and types have.
fn of_extension(inputs: Inputs<'_>) -> Result<Inputs<'_>> {
    inputs
        .path("js/extension")?
        .path("js/package.json")?
        .path("js/package-lock.json")
}

/// A check that says the same of the same files.
fn unless_unchanged(stamp: &Stamp, check: impl FnOnce() -> Result<()>) -> Result<Outcome> {
    let ran = stamp.unless_current(&[], check)?;
    Ok(Outcome {
        counts: Counts::one_passed(),
        note: if ran {
            String::new()
        } else {
            "unchanged since it passed".to_owned()
        },
    })
}

pub(super) fn typescript_tests(session: &Session, log: &Log) -> Result<Outcome> {
    counted(log, &mut npm_script(session, "js", "test"))
}

pub(super) fn browser_tests(session: &Session, log: &Log) -> Result<Outcome> {
    let done = counted(log, &mut browser::playwright(session, &browser::TESTS));
    let failed = failed_places(&log.text());
    if done.is_err() && !failed.is_empty() {
        // To record all of them would take a fifth of the time of those that pass.
        let mut again = browser::playwright(session, &browser::TESTS);
        again.args(["--trace", "on"]).args(failed);
        again.env(browser::RESULTS, session.workspace.target("browser-traces"));
        // Whatever comes of it, the check has failed; its traces stay.
        let _ = session.step("repeat what failed, with a trace", |log| {
            log.run(&mut again)
        });
    }
    done
}

/// Most failed tests that are repeated.
const MOST_REPEATED: usize = 5;

/// Where the tests that failed stand, as Playwright takes it: `specs/plan.spec.ts:51`.
fn failed_places(output: &str) -> Vec<String> {
    let lines = output
        .lines()
        .filter(|line| line.trim_start().starts_with('✘'));
    let mut places: Vec<String> = lines
        .filter_map(|line| {
            let place = line.split(" › ").nth(1)?;
            Some(place.rsplit_once(':')?.0.to_owned())
        })
        .collect();
    places.dedup();
    places.truncate(MOST_REPEATED);
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_of_failed_tests_are_taken_from_what_playwright_lists() {
        let output = "  ✓   1 [specs] › specs/a.spec.ts:3:1 › well (1s)\n  \
            ✘   2 [specs] › specs/verdict.spec.ts:57:3 › in the Light theme (1.2s)\n  1 failed\n";
        assert_eq!(failed_places(output), ["specs/verdict.spec.ts:57"]);
    }
}
