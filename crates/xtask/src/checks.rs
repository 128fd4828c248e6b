//! Every check of `cargo xtask test`: what it runs, and how its own tests are counted.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::browser;
use crate::build::env;
use crate::counts;
pub(crate) use crate::counts::Counts;
use crate::programs;
use crate::session::{Log, Session};

/// One check.
pub(crate) struct Check {
    /// Its name, also that of its log.
    pub(crate) name: &'static str,
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

/// In the order in which they run: the quick ones first.
pub(crate) const ALL: [Check; 15] = [
    Check {
        name: "rustfmt",
        what: "format of all Rust",
        run: rustfmt,
    },
    Check {
        name: "ruff",
        what: "format and lint of all Python",
        run: ruff,
    },
    Check {
        name: "prettier",
        what: "format of all TypeScript",
        run: prettier,
    },
    Check {
        name: "eslint",
        what: "lint of the extension",
        run: eslint,
    },
    Check {
        name: "tsc",
        what: "types of the extension and of the browser tests",
        run: tsc,
    },
    Check {
        name: "cargo-deny",
        what: "bans, licences, sources; advisories where the database can be fetched",
        run: cargo_deny,
    },
    Check {
        name: "clippy",
        what: "clippy of all Rust, warnings denied",
        run: clippy,
    },
    Check {
        name: "clippy-wasm",
        what: "clippy of the browser core for wasm32",
        run: clippy_wasm,
    },
    Check {
        name: "typescript-tests",
        what: "unit tests of the extension",
        run: typescript_tests,
    },
    Check {
        name: "python-kernel",
        what: "pytest of the Python package",
        run: |session, log| pytest(session, log, "js/kernel"),
    },
    Check {
        name: "python-site",
        what: "pytest of the site's package",
        run: |session, log| pytest(session, log, "js/jupyterlite_casebook"),
    },
    Check {
        name: "rust-tests",
        what: "nextest of all Rust, with the real Prometheus",
        run: nextest,
    },
    Check {
        name: "rust-doc-tests",
        what: "the examples in the documentation",
        run: doc_tests,
    },
    Check {
        name: "wasm-tests",
        what: "the browser core in headless Chromium",
        run: wasm_tests,
    },
    Check {
        name: "browser-tests",
        what: "from the link to the ranking, in Chromium",
        run: browser_tests,
    },
];

/// The counts of a check that failed: what its log says, and at least one failure.
pub(crate) fn counts_of_failed(session: &Session, name: &str) -> Counts {
    let log = session.workspace.target(format!("logs/{name}.log"));
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let mut found = counts::from_output(&text).unwrap_or_default();
    found.failed = found.failed.max(1);
    found
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

fn rustfmt(session: &Session, log: &Log) -> Result<Outcome> {
    let mut cargo = programs::plain_cargo(&session.workspace);
    cargo.args(["fmt", "--all", "--check"]);
    whole(log, &mut [cargo])
}

fn clippy(session: &Session, log: &Log) -> Result<Outcome> {
    let mut cargo = programs::cargo(
        &session.workspace,
        &["clippy", "--workspace", "--all-targets"],
    );
    cargo.args(["--", "-D", "warnings"]);
    whole(log, &mut [cargo])
}

fn clippy_wasm(session: &Session, log: &Log) -> Result<Outcome> {
    let mut cargo = programs::cargo(
        &session.workspace,
        &["clippy", "--package", "casebook-wasm", "--all-targets"],
    );
    cargo.args(["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]);
    whole(log, &mut [cargo])
}

fn cargo_deny(session: &Session, log: &Log) -> Result<Outcome> {
    let deny = |what: &[&str]| {
        let mut command = env::rust_tool(session, "cargo-deny");
        command
            .current_dir(session.workspace.path(""))
            .args(["--all-features", "check"])
            .args(what);
        command
    };
    log.run(&mut deny(&["bans", "licenses", "sources"]))?;
    let mut outcome = Outcome {
        counts: Counts::one_passed(),
        note: String::new(),
    };
    if log.run(&mut deny(&["advisories"])).is_ok() {
        outcome.counts.passed += 1;
    } else if log.text().contains("failed to fetch advisory database") {
        outcome.note =
            "advisories not checked: their database cannot be fetched from here".to_owned();
    } else {
        bail!("an advisory applies");
    }
    Ok(outcome)
}

fn nextest(session: &Session, log: &Log) -> Result<Outcome> {
    // Called as cargo calls it, so that the tool's own folder need not be on PATH.
    let mut nextest = env::rust_tool(session, "cargo-nextest");
    nextest.args([
        "nextest",
        "run",
        "--workspace",
        "--locked",
        "--no-fail-fast",
        "--color=never",
    ]);
    counted(
        log,
        nextest
            .arg("--target-dir")
            .arg(session.workspace.path("target")),
    )
}

fn doc_tests(session: &Session, log: &Log) -> Result<Outcome> {
    let mut cargo = programs::cargo(
        &session.workspace,
        &["test", "--doc", "--workspace", "--no-fail-fast"],
    );
    log.run(cargo.env("CARGO_TERM_COLOR", "never"))?;
    // A workspace without an example in its documentation has nothing to fail.
    let counts = counts::from_output(&log.text()).unwrap_or_default();
    Ok(Outcome {
        counts: if counts.passed == 0 {
            Counts::one_passed()
        } else {
            counts
        },
        note: String::new(),
    })
}

fn wasm_tests(session: &Session, log: &Log) -> Result<Outcome> {
    let mut cargo = programs::cargo(&session.workspace, &["test", "--package", "casebook-wasm"]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    cargo.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        session
            .workspace
            .target("tools/bin/wasm-bindgen-test-runner"),
    );
    cargo
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
        .env("CARGO_TERM_COLOR", "never");
    if let Some(driver) = programs::find("chromedriver") {
        cargo.env("CHROMEDRIVER", driver);
    }
    counted(log, &mut cargo)
}

fn ruff(session: &Session, log: &Log) -> Result<Outcome> {
    let ruff = |args: &[&str]| {
        let mut command = env::tool(session, "test", "ruff");
        command
            .current_dir(session.workspace.path("js"))
            .args(args)
            .args(["kernel", "jupyterlite_casebook"]);
        command
    };
    whole(log, &mut [ruff(&["format", "--check"]), ruff(&["check"])])
}

fn pytest(session: &Session, log: &Log, package: &str) -> Result<Outcome> {
    let mut command = env::tool(session, "lite", "python");
    command.current_dir(session.workspace.path(package));
    command
        .args([
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "--color=no",
            "-rfE",
        ])
        .env("PYTHONDONTWRITEBYTECODE", "1");
    counted(log, &mut command)
}

fn npm_script(session: &Session, dir: &str, script: &str) -> Command {
    programs::npm(&session.workspace.path(dir), &["run", "--silent", script])
}

fn prettier(session: &Session, log: &Log) -> Result<Outcome> {
    let js = session.workspace.path("js");
    let mut own = Command::new("node");
    own.current_dir(session.workspace.path("tests/browser"))
        .arg(js.join("node_modules/prettier/bin/prettier.cjs"));
    own.args(["--check", "."]);
    whole(log, &mut [npm_script(session, "js", "format:check"), own])
}

fn eslint(session: &Session, log: &Log) -> Result<Outcome> {
    whole(log, &mut [npm_script(session, "js", "lint")])
}

fn tsc(session: &Session, log: &Log) -> Result<Outcome> {
    whole(
        log,
        &mut [
            npm_script(session, "js", "typecheck"),
            npm_script(session, "tests/browser", "check"),
        ],
    )
}

fn typescript_tests(session: &Session, log: &Log) -> Result<Outcome> {
    counted(log, &mut npm_script(session, "js", "test"))
}

fn browser_tests(session: &Session, log: &Log) -> Result<Outcome> {
    counted(log, &mut browser::playwright(session, "specs")?)
}
