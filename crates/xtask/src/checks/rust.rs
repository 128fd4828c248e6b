//! Checks of the Rust code, on this machine.

use anyhow::{Result, bail};

use super::{Counts, Outcome, counted, whole};
use crate::build::{env, rust_tests};
use crate::counts;
use crate::programs;
use crate::session::{Log, Session};

pub(super) fn rustfmt(session: &Session, log: &Log) -> Result<Outcome> {
    let mut cargo = programs::plain_cargo(&session.workspace);
    cargo.args(["fmt", "--all", "--check"]);
    whole(log, &mut [cargo])
}

pub(super) fn clippy(session: &Session, log: &Log) -> Result<Outcome> {
    let mut cargo = programs::cargo(
        &session.workspace,
        &["clippy", "--workspace", "--all-targets", "--all-features"],
    );
    cargo.args(["--", "-D", "warnings"]);
    whole(log, &mut [cargo])
}

pub(super) fn cargo_deny(session: &Session, log: &Log) -> Result<Outcome> {
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

pub(super) fn nextest(session: &Session, log: &Log) -> Result<Outcome> {
    counted(log, &mut rust_tests::run(session))
}

pub(super) fn doc_tests(session: &Session, log: &Log) -> Result<Outcome> {
    let mut cargo = programs::cargo_for_all(&session.workspace, "test");
    cargo.args(["--doc", "--no-fail-fast"]);
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
