//! One call to AWS, from its audit intent to its audit result, however it ends.

use super::{Account, Call};
use crate::app::App;
use crate::audit;
use crate::error::ApiError;
use crate::metrics;
use crate::policy::{Operation, Principal, Ruling, decide};
use crate::router::RequestId;
use bytes::Bytes;
use casebook_wire::{Decision, Entry, Head, Phase, sha256_hex};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::trouble::Trouble;

/// Who asks, for which case, in which request.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The user.
    pub principal: Principal,
    /// The request.
    pub request_id: RequestId,
    /// The case whose chain the records belong to.
    pub case: String,
}

/// Why a call gave nothing.
pub(super) enum Failure {
    /// It was not made.
    Ours(ApiError),
    /// It was made.
    Theirs(Trouble),
}

/// A good answer, and the place of its intent in the audit chain.
pub(super) struct Answered {
    pub(super) body: Bytes,
    pub(super) intent: Option<Head>,
}

/// What the policy says of a call.
pub(super) fn rule(app: &App, asker: &Asker, account: &str, region: &str, action: &str) -> Ruling {
    let operation = Operation::AwsCall {
        account,
        region,
        action,
    };
    decide(&app.policy, &asker.principal, &operation)
}

/// The record of a call that was not made.
pub(super) async fn record_denial(
    app: &App,
    asker: &Asker,
    account: &str,
    params: BTreeMap<String, String>,
    reason: &str,
) {
    let entry = Entry {
        target: account.to_owned(),
        params,
        decision: Decision::Deny,
        reason: reason.to_owned(),
        status: Some(403),
        ..audit::entry(&asker.case, "aws.call", &asker.principal, &asker.request_id)
    };
    app.audit.append(entry).await;
}

/// Makes one call that the policy allows. `whole` says that the answer goes to the browser as it is,
/// so that its digest belongs in the record.
pub(super) async fn make(
    app: &Arc<App>,
    asker: &Asker,
    account: &Account,
    region: &str,
    call: &Call,
    ruling: Ruling,
    whole: bool,
) -> Result<Answered, Failure> {
    let permit = app.limits.enter(&asker.principal.user).await;
    let _permit = permit.map_err(|error| Failure::Ours(error.of(&account.name)))?;
    let mut params = call.params.clone();
    params.insert("region".to_owned(), region.to_owned());
    let entry = Entry {
        target: account.name.clone(),
        params,
        decision: ruling.decision,
        reason: ruling.reason,
        phase: Phase::Intent,
        ..audit::entry(
            &asker.case,
            call.action.op,
            &asker.principal,
            &asker.request_id,
        )
    };
    let intent = app.audit.append(entry.clone()).await;
    let mut pending = Pending::new(app, entry, intent.as_ref());
    match account.send(region, call).await {
        Ok(body) => {
            let digest = whole.then(|| sha256_hex(&body));
            pending.end("complete", "complete", Some(200), body.len(), digest);
            Ok(Answered { body, intent })
        }
        Err(trouble) => {
            let asked = asked(call, region);
            let error = trouble.to_error(&account.name, &asked);
            let status = match &trouble {
                Trouble::Refused(refused) => Some(refused.status.as_u16()),
                Trouble::NotAws(status) => Some(status.as_u16()),
                _ => None,
            };
            pending.end(trouble.outcome(), &error.error, status, 0, None);
            Err(Failure::Theirs(trouble))
        }
    }
}

/// The call in words.
pub(super) fn asked(call: &Call, region: &str) -> String {
    format!("{} in {region}", call.action.iam)
}

/// A result to be recorded; dropping it records that the browser went away.
struct Pending {
    app: Arc<App>,
    entry: Entry,
    started: Instant,
    ended: bool,
}

impl Pending {
    fn new(app: &Arc<App>, entry: Entry, intent: Option<&Head>) -> Pending {
        Pending {
            app: Arc::clone(app),
            entry: Entry {
                phase: Phase::Result,
                intent: intent.map(|head| head.seq),
                ..entry
            },
            started: Instant::now(),
            ended: false,
        }
    }

    fn end(
        &mut self,
        outcome: &'static str,
        reason: &str,
        status: Option<u16>,
        bytes: usize,
        digest: Option<String>,
    ) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let took = self.started.elapsed();
        let bytes = bytes as u64;
        let mut entry = self.entry.clone();
        entry.ts = crate::clock::now_ms();
        entry.reason = reason.to_owned();
        entry.status = status;
        entry.bytes = Some(bytes);
        entry.ms = Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        entry.digest = digest;
        metrics::upstream(&format!("aws.{}", entry.target), outcome, took, bytes);
        tracing::info!(
            request_id = %entry.request_id, op = %entry.op, account = %entry.target, outcome,
            status, bytes, ms = entry.ms, "relayed"
        );
        self.app.audit.append_later(entry);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.end(
            "aborted",
            "the browser went away, or the proxy was stopped",
            None,
            0,
            None,
        );
    }
}
