//! Doing what was approved, once, and finding out what became of it.

use super::preview::{said, ssh};
use super::{Kept, Plans, refusal};
use crate::app::App;
use crate::audit;
use crate::aws::Asker;
use crate::clock;
use crate::config;
use crate::error::ApiError;
use crate::policy::Principal;
use crate::router::RequestId;
use crate::ssh::{Caps, Output, SshError, Target, find};
use casebook_wire::plan::{Event, State};
use casebook_wire::quarantine::{Call, Exit, moved, place};
use casebook_wire::{Decision, Entry, Phase};
use http::StatusCode;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A rename takes no time; what takes longer is a host in trouble.
pub(super) const CAPS: Caps = Caps {
    time: Duration::from_secs(60),
    output: 64 << 10,
};
/// How long a request waits for the end of the move; afterwards the cell asks again.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a host is left alone after a move whose end nobody saw.
const SETTLING: Duration = Duration::from_secs(2);
/// When a host is looked at again after a move whose end nobody saw, in seconds from the last time.
const LOOKS: [u64; 4] = [1, 2, 4, 8];

impl Plans {
    /// Whether `[ssh]` says from where and to where files may be moved.
    pub fn configured(config: &config::Ssh) -> bool {
        config.paths.quarantine_to.is_some() && !config.paths.quarantine_from.is_empty()
    }
}

/// Applies an approved plan. Returns where it stands after a while; the move itself goes on even
/// when the caller goes away.
pub(super) async fn apply(
    app: &Arc<App>,
    principal: &Principal,
    kept: &Kept,
    id: &RequestId,
) -> Result<Kept, ApiError> {
    let target = same_host(app, principal, kept, id).await?;
    let begun = app.plans.step(&kept.plan.id, Event::Begin).await?;
    let entry = Entry {
        target: begun.plan.host.clone(),
        params: BTreeMap::from([
            ("plan".to_owned(), begun.plan.id.clone()),
            ("from".to_owned(), begun.plan.facts.real.clone()),
            ("to".to_owned(), begun.plan.facts.target.clone()),
            ("digest".to_owned(), begun.digest.clone()),
        ]),
        decision: Decision::Allow,
        reason: format!(
            "approved by {}",
            begun.progress.decided_by.as_deref().unwrap_or_default()
        ),
        phase: Phase::Intent,
        ..audit::entry(&begun.plan.case, "plan.apply", principal, id)
    };
    let plan = begun.plan.id.clone();
    let (shared, user) = (Arc::clone(app), principal.clone());
    let running = app.plans.tasks.spawn(async move {
        run(&shared, &begun, &target, entry).await;
        settle(&shared, &user, &begun.plan.id).await;
    });
    // Late or not, the plan itself says how it stands.
    let _ = tokio::time::timeout(PATIENCE, running).await;
    app.plans.get(&plan).await
}

/// The host is still the one that was approved.
async fn same_host(
    app: &Arc<App>,
    principal: &Principal,
    kept: &Kept,
    id: &RequestId,
) -> Result<Target, ApiError> {
    let asker = Asker {
        principal: principal.clone(),
        request_id: id.clone(),
        case: kept.plan.case.clone(),
    };
    let target = find(app, ssh(app)?, &asker, &kept.plan.host).await?;
    if target.address == kept.plan.address && target.port == kept.plan.port {
        return Ok(target);
    }
    Err(ApiError::new(
        StatusCode::CONFLICT,
        "plan_changed",
        format!(
            "The host {} was {}:{} when this plan was made, and is {target} now.",
            kept.plan.host, kept.plan.address, kept.plan.port
        ),
        "Make a new plan.",
    ))
}

async fn run(app: &App, begun: &Kept, target: &Target, mut entry: Entry) {
    let intent = match app.audit.append_durable(entry.clone()).await {
        Ok(head) => head.seq,
        Err(error) => {
            let reason = format!("the audit log cannot be written ({error}).");
            note(app, &begun.plan.id, Event::NotAsked { reason }).await;
            return;
        }
    };
    let Ok(ssh) = ssh(app) else { return };
    let begun_ms = clock::now_ms();
    let event = match ssh.executor.run(target, &begun.plan.line, None, CAPS).await {
        Ok(output) => match ssh.sudo_refusal(target, &output) {
            Some(refusal) => Event::NotAsked {
                reason: refusal.into_api().error,
            },
            None => outcome(&output),
        },
        Err(error @ SshError::Broken { .. }) => Event::Lose {
            reason: error.into_api().error,
        },
        Err(error) => Event::NotAsked {
            reason: error.into_api().error,
        },
    };
    note(app, &begun.plan.id, event).await;
    let Ok(now) = app.plans.get(&begun.plan.id).await else {
        return;
    };
    entry.ts = clock::now_ms();
    entry.phase = Phase::Result;
    entry.intent = Some(intent);
    entry.ms = u64::try_from(entry.ts - begun_ms).ok();
    entry.reason = format!("{}: {}", now.progress.state.name(), now.progress.outcome);
    app.audit.append(entry).await;
}

/// What the script's end means. Only the script's own word counts: a shell that could not run it,
/// a connection that was lost, an output that was cut tell nothing about the file.
fn outcome(output: &Output) -> Event {
    if !output.end.is_whole() {
        let reason = if output.end.timed_out {
            "the host took too long.".to_owned()
        } else {
            said(output)
        };
        return Event::Lose { reason };
    }
    match output.end.status.and_then(Exit::of) {
        Some(Exit::Done) if moved(&output.text()).is_some() => Event::End {
            exit: Exit::Done,
            said: String::new(),
        },
        Some(exit) if exit != Exit::Done => Event::End {
            exit,
            said: said(output),
        },
        _ => Event::Lose {
            reason: said(output),
        },
    }
}

async fn note(app: &App, id: &str, event: Event) {
    if let Err(error) = app.plans.step(id, event).await {
        tracing::error!(plan = id, error = %error.error, "cannot note what happened to a plan");
    }
}

/// Looks at the host until it is known what became of a move, a few times.
async fn settle(app: &App, principal: &Principal, id: &str) {
    for seconds in LOOKS {
        let Ok(kept) = app.plans.get(id).await else {
            return;
        };
        if kept.progress.state != State::Unknown {
            return;
        }
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let request = RequestId(String::new());
        if let Err(error) = look(app, principal, &kept, &request).await {
            tracing::warn!(plan = id, error = %error.error, "cannot look what became of a move");
        }
    }
}

/// Looks at what a killed proxy left behind.
pub async fn settle_all(app: Arc<App>) {
    let unknown = app
        .plans
        .all(|kept| kept.progress.state == State::Unknown)
        .await;
    for kept in unknown {
        let principal = Principal {
            user: kept.plan.actor.clone(),
            session: String::new(),
        };
        let shared = Arc::clone(&app);
        tokio::spawn(async move { settle(&shared, &principal, &kept.plan.id).await });
    }
}

/// Looks at the host once, and notes where the file is.
pub(super) async fn look(
    app: &App,
    principal: &Principal,
    kept: &Kept,
    id: &RequestId,
) -> Result<Kept, ApiError> {
    if kept.progress.state != State::Unknown {
        return Err(refusal::cannot(kept));
    }
    let ssh = ssh(app)?;
    let plan = &kept.plan;
    let target = ssh
        .hosts
        .again(principal, &plan.host, &plan.address, plan.port)?;
    // A host may start the script only now; before it runs, it cannot be seen running.
    let since = clock::now_ms().saturating_sub(kept.progress.since_ms);
    let since = Duration::from_millis(u64::try_from(since).unwrap_or_default());
    tokio::time::sleep(SETTLING.saturating_sub(since)).await;
    let mut entry = Entry {
        target: plan.host.clone(),
        params: BTreeMap::from([("plan".to_owned(), plan.id.clone())]),
        reason: "where the file is after a move whose end nobody saw".to_owned(),
        phase: Phase::Intent,
        ..audit::entry(&plan.case, "plan.look", principal, id)
    };
    let intent = app
        .audit
        .append_durable(entry.clone())
        .await
        .map_err(|error| refusal::no_audit(&error))?;
    let call = Call::Look {
        plan: plan.id.clone(),
        from: plan.facts.real.clone(),
        to: plan.facts.target.clone(),
        fingerprint: plan.facts.fingerprint.clone(),
    };
    let asked = ssh
        .executor
        .run(&target, &ssh.call_line(&call, CAPS.time), None, CAPS)
        .await;
    let found = match asked {
        Ok(output) => output
            .succeeded()
            .then(|| place(&output.text()))
            .flatten()
            .ok_or_else(|| {
                if let Some(refusal) = ssh.sudo_refusal(&target, &output) {
                    return refusal.into_api();
                }
                ApiError::new(
                    StatusCode::BAD_GATEWAY,
                    "ssh_answer",
                    format!(
                        "The host {target} did not say where the file is: {}",
                        said(&output)
                    ),
                    "Look again in a moment.",
                )
            }),
        Err(error) => Err(error.into_api()),
    };
    entry.ts = clock::now_ms();
    entry.phase = Phase::Result;
    entry.intent = Some(intent.seq);
    entry.reason = match &found {
        Ok(place) => format!("found: {place:?}"),
        Err(error) => error.error.clone(),
    };
    app.audit.append(entry).await;
    app.plans
        .step(&plan.id, Event::Find { place: found? })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssh::End;

    fn output(stdout: &str, end: End) -> Output {
        Output {
            stdout: stdout.into(),
            stderr: b"casebook: no space\n".to_vec(),
            end,
        }
    }

    fn ended(status: u32) -> End {
        cut(Some(status), |_| ())
    }

    fn cut(status: Option<u32>, how: impl FnOnce(&mut End)) -> End {
        let mut end = Output::default().end;
        end.status = status;
        how(&mut end);
        end
    }

    const DONE: &str = "moved=1:2:3:4:5\nend=move\n";

    #[test]
    fn only_the_scripts_own_word_is_an_end() {
        let lost = [
            output("", ended(0)),
            output("moved=1:2:3:4:5\n", ended(0)),
            output(DONE, cut(Some(0), |end| end.truncated = true)),
            output(DONE, cut(None, |end| end.lost = true)),
            output(DONE, cut(Some(0), |end| end.timed_out = true)),
            output(DONE, cut(None, |end| end.signal = Some("KILL".into()))),
            output("", ended(127)),
            output("", ended(1)),
        ];
        for output in lost {
            assert!(matches!(outcome(&output), Event::Lose { .. }), "{output:?}");
        }
        let done = outcome(&output(DONE, ended(0)));
        assert!(matches!(
            done,
            Event::End {
                exit: Exit::Done,
                ..
            }
        ));
        let failed = outcome(&output("", ended(20)));
        assert_eq!(
            failed,
            Event::End {
                exit: Exit::NotMoved,
                said: "no space.".into()
            }
        );
    }
}
