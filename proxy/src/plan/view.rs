//! A plan as JSON, for the notebook.

use super::{Kept, words};
use crate::clock;
use casebook_wire::plan::{Progress, State};
use serde_json::{Value, json};

/// The plan for the notebook; `rows` are the words that its approver reads. `approval_host` is where its page is.
pub(crate) fn json(kept: &Kept, approval_host: &str) -> Value {
    let (plan, progress) = (&kept.plan, &kept.progress);
    let rows: Vec<Value> = words::rows(kept)
        .into_iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
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
        "rows": rows,
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
        "next": next(progress),
        "undoes": plan.undoes,
        "undone_by": progress.undone_by,
        "approve_url": url(kept, approval_host),
    })
}

/// What a person can do, where the plan did not come to its end.
fn next(progress: &Progress) -> Option<&'static str> {
    match (progress.exit, progress.state) {
        (Some(exit), _) => Some(exit.next()),
        (None, State::Unknown) => Some(
            "Wait until the host can be looked at again, or ask for that with plan.look(); the plan is never begun twice.",
        ),
        (None, State::Failed) => Some("Mend what kept it from the host, then make a new plan."),
        (None, _) => None,
    }
}

/// Where the plan is approved. The address holds its id and nothing else.
pub(crate) fn url(kept: &Kept, approval_host: &str) -> String {
    format!("http://{approval_host}/plans/{}", kept.plan.id)
}
