//! Runs the browser package: Playwright's specs, and the scripts that measure and take pictures.

use std::process::Command;

use crate::programs;
use crate::session::Session;

/// Where it lies.
pub(crate) const PACKAGE: &str = "tests/browser";

/// Names the folder of what failures leave.
pub(crate) const RESULTS: &str = "CASEBOOK_BROWSER_RESULTS";

/// The projects of Playwright that are tests, those that wait the longest first.
pub(crate) const TESTS: [&str; 2] = ["incidents", "specs"];

/// Playwright over some of its projects; failures leave a screenshot and the page in words below `target/browser`.
pub(crate) fn playwright(session: &Session, projects: &[&str]) -> Command {
    let mut command = node(session, "node_modules/@playwright/test/cli.js");
    command.arg("test");
    for project in projects {
        command.args(["--project", project]);
    }
    command.env(RESULTS, session.workspace.target("browser"));
    command
}

fn node(session: &Session, script: &str) -> Command {
    let workspace = &session.workspace;
    let mut command = Command::new("node");
    command
        .current_dir(workspace.path(PACKAGE))
        .arg(script)
        .env("FORCE_COLOR", "0");
    command.env("CASEBOOK_PROXY", workspace.target("debug/casebook-proxy"));
    command.env("CASEBOOK_SITE", workspace.target("site"));
    command.env("CASEBOOK_LAB", workspace.target("debug/casebook-lab"));
    if let Some(chromium) = programs::find("chromium") {
        command.env("CASEBOOK_CHROMIUM", chromium);
    }
    command
}
