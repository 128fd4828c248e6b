//! Checks of the extension and of the browser package.

use std::process::Command;

use anyhow::Result;

use super::{Outcome, counted, whole};
use crate::browser;
use crate::programs;
use crate::session::{Log, Session};

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
    whole(log, &mut [npm_script(session, "js", "lint")])
}

pub(super) fn tsc(session: &Session, log: &Log) -> Result<Outcome> {
    whole(
        log,
        &mut [
            npm_script(session, "js", "typecheck"),
            npm_script(session, "tests/browser", "check"),
        ],
    )
}

pub(super) fn typescript_tests(session: &Session, log: &Log) -> Result<Outcome> {
    counted(log, &mut npm_script(session, "js", "test"))
}

pub(super) fn browser_tests(session: &Session, log: &Log) -> Result<Outcome> {
    counted(log, &mut browser::playwright(session, &browser::TESTS))
}
