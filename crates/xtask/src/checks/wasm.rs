//! Checks of the browser core, for and in the browser.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Counts, Outcome, counted, whole};
use crate::build;
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

/// Kilobytes (1,024 bytes) of the core, compressed as well as brotli can: what the first answer waits for on a slow link.
const MOST_KILOBYTES: f64 = 120.0;

pub(super) fn wasm_size(session: &Session, _log: &Log) -> Result<Outcome> {
    let module = build::wasm::module(&session.workspace);
    let content = std::fs::read(&module)
        .with_context(|| format!("{} cannot be read", session.workspace.shown(&module)))?;
    Ok(Outcome {
        counts: Counts::one_passed(),
        note: size_note(build::compress::brotli(&content, 11)?.len())?,
    })
}

fn size_note(bytes: usize) -> Result<String> {
    let kilobytes = bytes as f64 / 1024.0;
    if kilobytes > MOST_KILOBYTES {
        bail!(
            "the browser core has {kilobytes:.1} KB of brotli, and {MOST_KILOBYTES} KB are the most: \
             \"Size\" in crates/wasm/README.md says what is cheap there"
        );
    }
    Ok(format!("{kilobytes:.1} KB of brotli"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_that_has_grown_too_large_fails_with_its_size() {
        assert_eq!(size_note(90 * 1024).unwrap(), "90.0 KB of brotli");
        let error = size_note(129 * 1024).unwrap_err().to_string();
        assert!(error.contains("129.0 KB"), "{error}");
    }
}
