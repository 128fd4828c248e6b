//! The programs that steps call.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::Workspace;

/// Debian keeps servers here, and leaves it out of the path of people who are not root.
const SERVER_DIRS: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// Where a program lies, searching `PATH` and the folders of servers.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(SERVER_DIRS.iter().map(PathBuf::from));
    dirs.map(|dir| dir.join(name))
        .find(|candidate| candidate.is_file())
}

/// What a program prints, when it ends well.
pub(crate) fn output(program: impl AsRef<OsStr>, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Cargo, building into this workspace's `target` with the versions of Cargo.lock.
///
/// `cargo xtask` itself runs under cargo, whose variables about *this* crate would make
/// build scripts of others (ring's, for one) run again each time.
pub(crate) fn cargo(workspace: &Workspace, verb: &[&str]) -> Command {
    let mut command = plain_cargo(workspace);
    command
        .args(verb)
        .arg("--locked")
        .arg("--target-dir")
        .arg(workspace.path("target"));
    command
}

/// All packages, with what the tests need. What cargo builds depends on the features that the chosen packages ask of
/// those they share, so choosing others would compile most of them again.
pub(crate) const WHOLE_WORKSPACE: [&str; 3] =
    ["--workspace", "--features", "xtask/lab,xtask/wasm-tests"];

/// Cargo over [`WHOLE_WORKSPACE`], whichever of its programs or tests are wanted.
pub(crate) fn cargo_for_all(workspace: &Workspace, verb: &str) -> Command {
    let mut command = cargo(workspace, &[verb]);
    command.args(WHOLE_WORKSPACE);
    command
}

/// Cargo in the root, without any flag of ours.
pub(crate) fn plain_cargo(workspace: &Workspace) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(workspace.path(""));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let ours = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
        ];
        if ours.iter().any(|prefix| name.starts_with(prefix))
            || ["CARGO", "CARGO_TARGET_DIR", "OUT_DIR"].contains(&name.as_str())
        {
            command.env_remove(name);
        }
    }
    command
}

/// npm in a folder, without the questions and notices that need a network.
pub(crate) fn npm(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(dir).args(args);
    for (name, value) in [
        ("NPM_CONFIG_AUDIT", "false"),
        ("NPM_CONFIG_FUND", "false"),
        ("NPM_CONFIG_UPDATE_NOTIFIER", "false"),
        ("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    ] {
        command.env(name, value);
    }
    command
}
