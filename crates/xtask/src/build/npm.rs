//! The npm packages of a folder, exactly as its lock file says.

use anyhow::Result;

use crate::programs;
use crate::session::Session;
use crate::stamp::Inputs;

/// Runs `npm ci` in a folder, unless its lock file is installed already.
///
/// # Errors
/// Those of npm.
pub(crate) fn install(session: &Session, folder: &str) -> Result<()> {
    let workspace = &session.workspace;
    let stamp = Inputs::new(workspace, "npm ci")
        .path(format!("{folder}/package.json"))?
        .path(format!("{folder}/package-lock.json"))?
        .stamp(&format!("npm-{}", folder.replace('/', "-")));
    let outputs = [workspace
        .path(folder)
        .join("node_modules/.package-lock.json")];
    stamp.unless_current(&outputs, || {
        session.step(&format!("install the npm packages of {folder}"), |log| {
            log.run(&mut programs::npm(
                &workspace.path(folder),
                &["ci", "--no-audit", "--no-fund"],
            ))
        })
    })?;
    Ok(())
}
