//! The one binary.

use std::path::PathBuf;

use anyhow::Result;

use crate::programs;
use crate::session::Session;

/// Compiles `casebook-proxy` with the profile `fast` and tells where it is; cargo itself skips what is current.
///
/// # Errors
/// Those of the compiler.
pub(crate) fn compile(session: &Session) -> Result<PathBuf> {
    session.step("compile the proxy", |log| {
        let mut cargo = programs::cargo(
            &session.workspace,
            &[
                "build",
                "--package",
                "casebook-proxy",
                "--bin",
                "casebook-proxy",
            ],
        );
        log.run(cargo.args(["--profile", "fast"]))
    })?;
    Ok(session.workspace.target("fast/casebook-proxy"))
}
