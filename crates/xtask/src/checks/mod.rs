//! Every check of `cargo xtask test`: what it runs, and how its own tests are counted.

mod python;
mod rust;
mod typescript;
mod wasm;

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::counts;
pub(crate) use crate::counts::Counts;
use crate::failures;
use crate::session::{Log, Session};

/// Checks of one lane run one after the other, beside those of the other lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// What cargo builds: its lock would make them wait for each other anyway.
    Cargo,
    /// What the site is made of.
    Site,
    /// The site in a browser, whose tests mostly wait.
    Browser,
}

impl Lane {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Cargo, Self::Site, Self::Browser];
}

/// One check.
pub(crate) struct Check {
    /// Its name, also that of its log.
    pub(crate) name: &'static str,
    /// Beside what it may run.
    pub(crate) lane: Lane,
    /// What it looks at, for `--list`.
    pub(crate) what: &'static str,
    /// Runs it. An error, or a failed count, is a failure.
    pub(crate) run: fn(&Session, &Log) -> Result<Outcome>,
}

/// What a check that ran to its end found.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Its tests, at least one.
    pub(crate) counts: Counts,
    /// Something a reader of the table should know, such as what could not be checked.
    pub(crate) note: String,
}

/// In the order in which those of a lane run: the quick ones first.
pub(crate) const ALL: [Check; 17] = [
    Check {
        name: "rustfmt",
        lane: Lane::Cargo,
        what: "format of all Rust",
        run: rust::rustfmt,
    },
    Check {
        name: "ruff",
        lane: Lane::Site,
        what: "format and lint of all Python",
        run: python::ruff,
    },
    Check {
        name: "mypy",
        lane: Lane::Site,
        what: "types of the Python package",
        run: python::mypy,
    },
    Check {
        name: "prettier",
        lane: Lane::Site,
        what: "format of all TypeScript",
        run: typescript::prettier,
    },
    Check {
        name: "eslint",
        lane: Lane::Site,
        what: "lint of the extension",
        run: typescript::eslint,
    },
    Check {
        name: "tsc",
        lane: Lane::Site,
        what: "types of the extension and of the browser tests",
        run: typescript::tsc,
    },
    Check {
        name: "cargo-deny",
        lane: Lane::Cargo,
        what: "bans, licences, sources; advisories where the database can be fetched",
        run: rust::cargo_deny,
    },
    Check {
        name: "clippy",
        lane: Lane::Cargo,
        what: "clippy of all Rust, warnings denied",
        run: rust::clippy,
    },
    Check {
        name: "clippy-wasm",
        lane: Lane::Cargo,
        what: "clippy of the browser core for wasm32",
        run: wasm::clippy_wasm,
    },
    Check {
        name: "wasm-size",
        lane: Lane::Site,
        what: "the browser core is small enough to be waited for",
        run: wasm::wasm_size,
    },
    Check {
        name: "typescript-tests",
        lane: Lane::Site,
        what: "unit tests of the extension",
        run: typescript::typescript_tests,
    },
    Check {
        name: "python-kernel",
        lane: Lane::Site,
        what: "pytest of the Python package",
        run: |session, log| python::pytest(session, log, "js/kernel"),
    },
    Check {
        name: "python-site",
        lane: Lane::Site,
        what: "pytest of the site's package",
        run: |session, log| python::pytest(session, log, "js/jupyterlite_casebook"),
    },
    Check {
        name: "rust-tests",
        lane: Lane::Cargo,
        what: "nextest of all Rust, with the real Prometheus",
        run: rust::nextest,
    },
    Check {
        name: "rust-doc-tests",
        lane: Lane::Cargo,
        what: "the examples in the documentation",
        run: rust::doc_tests,
    },
    Check {
        name: "wasm-tests",
        lane: Lane::Cargo,
        what: "the browser core in headless Chromium",
        run: wasm::wasm_tests,
    },
    Check {
        name: "browser-tests",
        lane: Lane::Browser,
        what: "from the link to the ranking, in Chromium",
        run: typescript::browser_tests,
    },
];

/// The counts of a check that failed: what its log says, and at least one failure.
pub(crate) fn counts_of_failed(session: &Session, name: &str) -> Counts {
    let mut found = counts::from_output(&log_of(session, name)).unwrap_or_default();
    found.failed = found.failed.max(1);
    found
}

/// The lines of a check's log that say what failed.
pub(crate) fn failed_tests(session: &Session, name: &str) -> Vec<String> {
    failures::from_output(&log_of(session, name))
}

fn log_of(session: &Session, name: &str) -> String {
    let log = session.workspace.target(format!("logs/{name}.log"));
    std::fs::read_to_string(log).unwrap_or_default()
}

/// Runs a check that passes or fails as a whole.
fn whole(log: &Log, commands: &mut [Command]) -> Result<Outcome> {
    for command in commands {
        log.run(command)?;
    }
    Ok(Outcome {
        counts: Counts::one_passed(),
        note: String::new(),
    })
}

/// Runs a check whose runner counts; a runner that ran nothing has not checked anything.
fn counted(log: &Log, command: &mut Command) -> Result<Outcome> {
    log.run(command)?;
    let counts =
        counts::from_output(&log.text()).context("its output has no line that counts tests")?;
    if counts.passed == 0 {
        bail!("it ran no test");
    }
    Ok(Outcome {
        counts,
        note: String::new(),
    })
}
