//! What has to be built, and in which order.
//!
//! crates/wasm → js/kernel (wheel) → js/extension (labextension) → js/jupyterlite_casebook (wheel) → target/site;
//! the proxy beside it. Products lie below `target`, or in folders that git ignores.

pub(crate) mod compress;
pub(crate) mod env;
mod npm;
mod panics;
mod proxy;
pub(crate) mod rust_tests;
mod site;
pub(crate) mod wasm;

use std::path::PathBuf;

use anyhow::{Result, anyhow};

use crate::preflight::{self, Purpose};
use crate::session::Session;

/// `cargo xtask build`.
///
/// # Errors
/// What is missing, or the step that failed.
pub(crate) fn run() -> Result<()> {
    let session = Session::open()?;
    preflight::check(&session, Purpose::Build)?;
    let proxy = everything(&session)?;
    println!(
        "site:  {}",
        session.workspace.shown(&session.workspace.target("site"))
    );
    println!("proxy: {}", session.workspace.shown(&proxy));
    println!(
        "wheel: {}",
        session.workspace.shown(&session.workspace.target("wheels"))
    );
    Ok(())
}

/// Builds the site and the proxy; tells where the proxy is.
///
/// # Errors
/// The step that failed.
pub(crate) fn everything(session: &Session) -> Result<PathBuf> {
    browser_core_and_its_tools(session)?;
    wasm::bind(session)?;
    let (_, proxy) = side_by_side(|| site::build(session), || proxy::compile(session))?;
    Ok(proxy)
}

fn browser_core_and_its_tools(session: &Session) -> Result<()> {
    side_by_side(
        || {
            wasm::add_target(session)?;
            wasm::compile(session)
        },
        || {
            npm::install(session, "js")?;
            env::lite(session)
        },
    )?;
    Ok(())
}

/// The site, and every program of the workspace with its tests.
///
/// # Errors
/// The step that failed.
pub(crate) fn for_tests(session: &Session) -> Result<()> {
    browser_core_and_its_tools(session)?;
    side_by_side(
        || rust_tests::compile(session),
        || {
            wasm::bind(session)?;
            site::build(session)?;
            env::test(session)?;
            env::lab(session)?;
            npm::install(session, "tests/browser")
        },
    )?;
    Ok(())
}

/// What the browser package needs to drive the built site.
///
/// # Errors
/// The step that failed.
pub(crate) fn for_browser(session: &Session) -> Result<()> {
    npm::install(session, "tests/browser")?;
    everything(session)?;
    Ok(())
}

/// A JupyterLite site without Casebook, to measure against.
///
/// # Errors
/// The step that failed.
pub(crate) fn bare_site(session: &Session) -> Result<PathBuf> {
    site::build_bare(session)
}

/// Runs two lanes at once: one mostly computes, the other mostly fetches.
fn side_by_side<A: Send, B: Send>(
    first: impl FnOnce() -> Result<A> + Send,
    second: impl FnOnce() -> Result<B> + Send,
) -> Result<(A, B)> {
    std::thread::scope(|scope| {
        let other = scope.spawn(second);
        let mine = first();
        let theirs = other.join().map_err(|_| anyhow!("a build thread died"))?;
        Ok((mine?, theirs?))
    })
}
