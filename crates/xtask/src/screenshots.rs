//! `cargo xtask screenshots`: the pictures that README.md shows, taken from the practice incident.

use anyhow::Result;

use crate::browser;
use crate::build;
use crate::preflight::{self, Purpose};
use crate::session::Session;

const PICTURES: &str = "tests/browser/screenshots";

/// Builds, opens the practice incident in Chromium, and writes the pictures.
///
/// # Errors
/// What is missing, what failed to build, or the browser's own error.
pub(crate) fn run() -> Result<()> {
    let session = Session::open()?;
    preflight::check(&session, Purpose::Test)?;
    build::for_browser(&session)?;
    let pictures = session.workspace.path(PICTURES);
    session.step("take the pictures of the practice incident", |log| {
        log.run(browser::playwright(&session, &["pictures"]).env("CASEBOOK_PICTURES", &pictures))
    })?;
    println!("pictures: {PICTURES}");
    Ok(())
}
