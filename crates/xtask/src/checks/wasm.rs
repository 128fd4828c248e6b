//! Checks of the browser core, for and in the browser.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use super::{Outcome, counted, whole};
use crate::programs;
use crate::session::{Log, Session};

pub(super) fn clippy_wasm(session: &Session, log: &Log) -> Result<Outcome> {
    let mut cargo = programs::cargo(
        &session.workspace,
        &["clippy", "--package", "casebook-wasm", "--all-targets"],
    );
    cargo.args(["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]);
    whole(log, &mut [cargo])
}

pub(super) fn wasm_tests(session: &Session, log: &Log) -> Result<Outcome> {
    let stub = Stub::start(session)?;
    let mut cargo = programs::cargo(&session.workspace, &["test", "--package", "casebook-wasm"]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    cargo.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        session.workspace.target("debug/casebook-wasm-test-runner"),
    );
    cargo
        .env("CASEBOOK_STUB", &stub.origin)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
        .env("CARGO_TERM_COLOR", "never");
    if let Some(driver) = programs::find("chromedriver") {
        cargo.env("CHROMEDRIVER", driver);
    }
    counted(log, &mut cargo)
}

/// The server that answers badly on purpose; it ends when its standard input does.
struct Stub {
    child: Child,
    origin: String,
}

impl Stub {
    fn start(session: &Session) -> Result<Self> {
        let script = session.workspace.path("crates/wasm/tests/stub.mjs");
        let mut node = Command::new("node");
        node.arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = node.spawn().context("the stub server cannot be started")?;
        let output = child
            .stdout
            .take()
            .context("the stub server has no output")?;
        let mut origin = String::new();
        BufReader::new(output)
            .read_line(&mut origin)
            .context("the stub server printed no origin")?;
        Ok(Self {
            child,
            origin: origin.trim().to_owned(),
        })
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
