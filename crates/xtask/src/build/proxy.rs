//! The one binary.

use std::path::PathBuf;

use anyhow::Result;

use crate::programs;
use crate::session::Session;

/// Compiles `casebook-proxy` and tells where it is; cargo itself skips what is current.
///
/// Unoptimised: it relays, and the first demo and the tests need not wait for an optimiser.
///
/// # Errors
/// Those of the compiler.
pub(crate) fn compile(session: &Session) -> Result<PathBuf> {
    session.step("compile the proxy", |log| {
        let mut cargo = programs::cargo_for_all(&session.workspace, "build");
        log.run(cargo.args(["--bin", "casebook-proxy"]))
    })?;
    Ok(session.workspace.target("debug/casebook-proxy"))
}
