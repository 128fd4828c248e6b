//! The browser core: compile, bind, shrink, and lay it into the Python package.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::build::panics;
use crate::programs;
use crate::session::{Log, Session};
use crate::stamp::Inputs;
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";
/// The name of the files inside the Python package: `casebook_wasm.js`, `casebook_wasm_bg.wasm`.
const NAME: &str = "casebook_wasm";
/// By the size after compression, which `-Oz` is 0.7 KB behind.
const SMALLEST: [&str; 3] = ["-O2", "--shrink-level", "2"];
/// The compiler has inlined what is worth it; more of it costs 9 KB compressed and is no faster.
const NO_INLINING: [&str; 6] = [
    "--always-inline-max-function-size",
    "0",
    "--flexible-inline-max-function-size",
    "0",
    "--one-caller-inline-max-function-size",
    "0",
];
const PACKAGE_DIR: &str = "js/kernel/casebook/_wasm";

/// The module as browsers get it.
pub(crate) fn module(workspace: &Workspace) -> PathBuf {
    workspace.target(format!("wasm/{NAME}_bg.wasm"))
}

/// Adds the wasm target to the toolchain, when it is not there.
///
/// # Errors
/// When rustup cannot fetch it.
pub(crate) fn add_target(session: &Session) -> Result<()> {
    let libdir = programs::output("rustc", &["--print", "target-libdir", "--target", TARGET]);
    if libdir.is_some_and(|dir| PathBuf::from(dir.trim()).is_dir()) {
        return Ok(());
    }
    session.step("add the wasm target to the toolchain", |log| {
        log.run(
            std::process::Command::new("rustup")
                .args(["target", "add", TARGET])
                .current_dir(session.workspace.path("")),
        )
    })
}

/// Compiles crates/wasm; cargo itself skips what is current.
///
/// # Errors
/// Those of the compiler.
pub(crate) fn compile(session: &Session) -> Result<()> {
    session.step("compile the browser core", |log| {
        let mut cargo = programs::cargo(
            &session.workspace,
            &["build", "--package", "casebook-wasm", "--lib"],
        );
        cargo.args(["--profile", "wasm", "--target", TARGET]);
        // Not RUSTFLAGS: a path may have a space in it.
        log.run(cargo.env("CARGO_ENCODED_RUSTFLAGS", flags()))
    })
}

/// What the compiler is asked beside the profile, each after the other with a unit separator between.
fn flags() -> OsString {
    // A loop in place of 64 rounds written out: 1 KB compressed.
    let mut flags = OsString::from("--cfg\u{1f}sha2_backend_soft=\"compact\"");
    // The paths of this machine are nobody's business.
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    if let Some(home) = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))) {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(home.join("registry/src"));
        flags.push("=registry");
    }
    flags
}

/// Makes the JavaScript glue and the small module, and copies both into the Python package.
///
/// # Errors
/// When wasm-bindgen or wasm-opt refuses the module.
pub(crate) fn bind(session: &Session) -> Result<()> {
    let workspace = &session.workspace;
    let compiled = workspace.target(format!("{TARGET}/wasm/{NAME}.wasm"));
    let shown = workspace.shown(&compiled);
    let stamp = Inputs::new(workspace, "bind 4")
        .path(shown)?
        .path("js/package-lock.json")?
        .stamp("wasm");
    let package = workspace.path(PACKAGE_DIR);
    let outputs = [
        package.join(format!("{NAME}.js")),
        package.join(format!("{NAME}_bg.wasm")),
    ];
    stamp.unless_current(&outputs, || {
        session.step("bind and shrink the browser core", |log| {
            bind_and_shrink(session, &compiled, log)
        })
    })?;
    Ok(())
}

fn bind_and_shrink(session: &Session, compiled: &std::path::Path, log: &Log) -> Result<()> {
    let workspace = &session.workspace;
    let bound = workspace.target("wasm");
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(compiled)
        .out_name(NAME)
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    let emitted = bindgen.web(true).and_then(|bindgen| {
        let mut output = bindgen.generate_output()?;
        let panics = panics::to_traps(output.wasm_mut());
        log.note(&format!("{panics} functions that only panic became traps"))?;
        output.emit(&bound)
    });
    emitted.map_err(|error| {
        anyhow!(
            "wasm-bindgen refuses {}: {error:#}",
            workspace.shown(compiled)
        )
    })?;

    let module = module(workspace);
    let small = bound.join("small.wasm");
    let optimiser = workspace.path("js/node_modules/binaryen/bin/wasm-opt");
    if !optimiser.is_file() {
        bail!(
            "{} is missing: binaryen must be among js/package.json's devDependencies",
            workspace.shown(&optimiser)
        );
    }
    // The features that rustc 1.95 turns on for wasm32 by default.
    let features = [
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
        "--enable-mutable-globals",
        "--enable-reference-types",
        "--enable-multivalue",
        "--strip-debug",
        "--strip-target-features",
    ];
    log.run(
        std::process::Command::new("node")
            .arg(&optimiser)
            .args(SMALLEST)
            .args(NO_INLINING)
            .args(features)
            .arg(&module)
            .arg("-o")
            .arg(&small),
    )?;
    std::fs::rename(&small, &module).context("the shrunk module cannot be moved")?;

    let package = workspace.path(PACKAGE_DIR);
    std::fs::create_dir_all(&package)
        .with_context(|| format!("{} cannot be made", package.display()))?;
    for file in [format!("{NAME}.js"), format!("{NAME}_bg.wasm")] {
        std::fs::copy(bound.join(&file), package.join(&file))
            .with_context(|| format!("{file} cannot be copied"))?;
    }
    Ok(())
}
