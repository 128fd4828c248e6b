//! What the person at the terminal sees, and what Enter does.

use crate::app::App;
use crate::plan::Kept;
use crate::plan::view::url;
use crate::plan::words::sentence;
use crate::secret::Secret;
use std::io::{BufRead, Write};
use std::sync::Arc;

/// Writes a line to standard output. A closed terminal must not stop the proxy.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Prints a fresh link, alone on its line.
pub fn print_link(app: &App, next: &str) {
    match app.links.issue(next) {
        Ok(link) => {
            say(&format!(
                "Open this link within {} minutes; it works once. Enter prints another.",
                app.links.minutes()
            ));
            say(&format!("  {link}"));
        }
        Err(error) => tracing::error!(%error, "cannot make a login link"),
    }
}

/// Tells that a plan waits, where it is approved, and its code: the one place where that is shown.
pub fn announce_plan(app: &App, kept: &Kept, code: &Secret) {
    let left_ms = kept.plan.expires_ms - crate::clock::now_ms();
    say(&format!("A plan waits for approval: {}", sentence(kept)));
    say(&format!(
        "  {}  code: {}  ({} minutes)",
        url(kept, &app.approval_host),
        code.expose(),
        (left_ms + 59_999) / 60_000
    ));
    say(&format!("  or: casebook-proxy approve {}", kept.plan.id));
}

/// Prints another link for each Enter, until standard input ends. A thread of its own, because a
/// read of a terminal cannot be given up.
pub fn watch_enter(app: &Arc<App>, next: &str) {
    let (app, next) = (Arc::clone(app), next.to_owned());
    let watching = std::thread::Builder::new()
        .name("terminal".to_owned())
        .spawn(move || {
            for line in std::io::stdin().lock().lines() {
                if line.is_err() {
                    return;
                }
                print_link(&app, &next);
            }
        });
    if let Err(error) = watching {
        tracing::warn!(%error, "Enter will not print links");
    }
}
