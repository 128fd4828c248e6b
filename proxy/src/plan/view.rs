//! A plan as JSON, and its texts for people.

use super::Kept;
use crate::clock;
use casebook_wire::plan::{Kind, State};
use serde_json::{Value, json};

/// The plan for the notebook. `approval_host` is where its page is.
pub(crate) fn json(kept: &Kept, approval_host: &str) -> Value {
    let (plan, progress) = (&kept.plan, &kept.progress);
    json!({
        "id": plan.id,
        "kind": plan.kind,
        "state": progress.state,
        "host": plan.host,
        "address": plan.address,
        "port": plan.port,
        "path": plan.path,
        "line": plan.line,
        "facts": plan.facts,
        "note": plan.note,
        "actor": plan.actor,
        "case": plan.case,
        "digest": kept.digest,
        "created_at": clock::rfc3339(plan.created_ms),
        "expires_at": clock::rfc3339(plan.expires_ms),
        "since": clock::rfc3339(progress.since_ms),
        "tries_left": progress.tries_left,
        "decided_by": progress.decided_by,
        "exit": progress.exit,
        "outcome": progress.outcome,
        "next": progress.exit.map(casebook_wire::quarantine::Exit::next),
        "undoes": plan.undoes,
        "undone_by": progress.undone_by,
        "approve_url": url(kept, approval_host),
    })
}

/// Where the plan is approved. The address holds its id and nothing else.
pub(crate) fn url(kept: &Kept, approval_host: &str) -> String {
    format!("http://{approval_host}/plans/{}", kept.plan.id)
}

/// What the plan does, as one line.
pub(crate) fn sentence(kept: &Kept) -> String {
    let plan = &kept.plan;
    let what = match plan.kind {
        Kind::Quarantine => "move",
        Kind::Undo => "move back",
    };
    format!(
        "{what} {} to {} on {}",
        plain(&plan.facts.real),
        plain(&plan.facts.target),
        plain(&plan.host)
    )
}

/// The proxy's own view, name and value, for page and terminal.
pub(crate) fn rows(kept: &Kept) -> Vec<(&'static str, String)> {
    let (plan, facts) = (&kept.plan, &kept.plan.facts);
    let mut rows = vec![
        ("Host", plain(&plan.host)),
        ("Address", format!("{}:{}", plain(&plan.address), plan.port)),
        ("File", plain(&facts.real)),
        ("Goes to", plain(&facts.target)),
        ("Size", format!("{} bytes", facts.size)),
        ("Changed", clock::rfc3339(facts.mtime.saturating_mul(1000))),
        (
            "Owner",
            format!("{} {}", plain(&facts.owner), plain(&facts.mode)),
        ),
        (
            "SHA-256",
            facts
                .sha256
                .clone()
                .unwrap_or_else(|| "not readable for the login user".to_owned()),
        ),
        ("Open in", processes(kept)),
    ];
    if facts.links > 1 {
        rows.push((
            "Names",
            format!("{} names; only this one is moved", facts.links),
        ));
    }
    if let Some(free) = facts.free {
        rows.push(("Free there", format!("{free} bytes")));
    }
    rows.push((
        "Asked by",
        format!("{} for the case {}", plain(&plan.actor), plain(&plan.case)),
    ));
    rows.push(("Until", clock::rfc3339(plan.expires_ms)));
    rows.push(("State", state(kept)));
    rows
}

/// Where the plan stands, for people.
pub(crate) fn state(kept: &Kept) -> String {
    let progress = &kept.progress;
    let name = progress.state.name();
    let by = progress
        .decided_by
        .as_deref()
        .filter(|_| progress.state == State::Approved);
    match (by, progress.outcome.as_str()) {
        (Some(by), _) => format!("{name} by {}", plain(by)),
        (None, "") => name.to_owned(),
        (None, outcome) => format!("{name}: {}", plain(outcome)),
    }
}

fn processes(kept: &Kept) -> String {
    let facts = &kept.plan.facts;
    let mut parts: Vec<String> = facts
        .handles
        .iter()
        .map(|handle| format!("{} (process {})", plain(&handle.name), handle.pid))
        .collect();
    if parts.is_empty() {
        parts.push("no process".to_owned());
    }
    if facts.blind > 0 {
        parts.push(format!(
            "{} processes could not be looked into",
            facts.blind
        ));
    }
    parts.join(", ")
}

/// `text` in which nothing moves the cursor, turns the writing direction or hides.
pub(crate) fn plain(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if hidden(letter) {
            plain.extend(letter.escape_unicode());
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_in_a_name() {
        assert_eq!(
            plain("a\u{1b}[2Jb\u{202e}c\nd"),
            "a\\u{1b}[2Jb\\u{202e}c\\u{a}d"
        );
        assert_eq!(plain("/var/crash/core ü"), "/var/crash/core ü");
    }
}
