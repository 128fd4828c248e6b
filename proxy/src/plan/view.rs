//! A plan as JSON, for the notebook.

use super::{Kept, words};
use crate::clock;
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
