//! Looking at the file before a plan is made of it. The plan's time begins only afterwards, because
//! the sum of a large core takes longer than that.

use super::{Kept, Plans, refusal};
use crate::app::App;
use crate::audit;
use crate::aws::Asker;
use crate::clock;
use crate::error::ApiError;
use crate::policy::{Operation, Principal, Ruling, decide};
use crate::random::hex_token;
use crate::router::RequestId;
use crate::secret::Secret;
use crate::ssh::{Caps, Output, Ssh, Target, find};
use casebook_wire::command::is_path;
use casebook_wire::plan::{Kind, Plan, State};
use casebook_wire::quarantine::{Call, Exit, Facts};
use casebook_wire::{Decision, Entry, Phase};
use http::StatusCode;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest note of the notebook, in letters.
const NOTE: usize = 500;
/// Longest name of a file in quarantine, in bytes; file systems know 255.
const NAME: usize = 200;

/// Who asks for a plan, and where it belongs.
pub(super) struct Asked<'a> {
    pub(super) principal: &'a Principal,
    pub(super) case: &'a str,
    pub(super) id: &'a RequestId,
}

impl Asked<'_> {
    /// The same, for AWS.
    fn asker(&self) -> Asker {
        Asker {
            principal: self.principal.clone(),
            request_id: self.id.clone(),
            case: self.case.to_owned(),
        }
    }
}

/// What is to be moved where.
struct Wish {
    kind: Kind,
    host: String,
    path: String,
    target: String,
    roots: Vec<String>,
    note: Option<String>,
    undoes: Option<String>,
}

/// A plan that moves `path` on `host` into the quarantine folder.
pub(super) async fn quarantine(
    app: &Arc<App>,
    asked: &Asked<'_>,
    host: &str,
    path: &str,
    note: Option<&str>,
) -> Result<(Kept, Secret), ApiError> {
    let ssh = ssh(app)?;
    if !is_path(path) || path.ends_with('/') {
        return Err(ApiError::bad_data(
            format!("{path:?} is no absolute path of a file."),
            "Give an absolute path without . and .. parts, line breaks and other control characters.",
        ));
    }
    let folder = ssh.config.paths.quarantine_to.clone().unwrap_or_default();
    let wish = Wish {
        kind: Kind::Quarantine,
        host: host.to_owned(),
        path: path.to_owned(),
        target: format!("{folder}/{}", name_in_quarantine(path)?),
        roots: ssh.config.paths.quarantine_from.clone(),
        note: note.map(|note| note.chars().take(NOTE).collect()),
        undoes: None,
    };
    make(app, ssh, asked, wish).await
}

/// A plan that moves back what `done` moved.
pub(super) async fn undo(
    app: &Arc<App>,
    asked: &Asked<'_>,
    done: &Kept,
) -> Result<(Kept, Secret), ApiError> {
    let ssh = ssh(app)?;
    if done.plan.kind != Kind::Quarantine || done.progress.state != State::Applied {
        return Err(refusal::cannot(done));
    }
    let of = done.plan.id.clone();
    let same = move |kept: &Kept| {
        kept.plan.undoes.as_ref() == Some(&of)
            && (kept.progress.state.is_open() || kept.progress.state == State::Applying)
    };
    if let Some(other) = app.plans.all(same).await.first() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "plan_state",
            format!("There is an undo of this plan already: {}.", other.plan.id),
            "Approve and apply that one, or cancel it.",
        ));
    }
    let wish = Wish {
        kind: Kind::Undo,
        host: done.plan.host.clone(),
        path: done.plan.facts.target.clone(),
        target: done.plan.facts.real.clone(),
        roots: ssh.config.paths.quarantine_to.iter().cloned().collect(),
        note: None,
        undoes: Some(done.plan.id.clone()),
    };
    let before = done.plan.facts.sha256.clone();
    let (kept, code) = make(app, ssh, asked, wish).await?;
    // The same inode, size and date with another content is a file that somebody edited by tricks.
    if before.is_some() && kept.plan.facts.sha256.is_some() && kept.plan.facts.sha256 != before {
        let why = format!("The content of {} is not what was moved.", kept.plan.path);
        app.plans.refuse(&kept.plan.id, "the proxy").await?;
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "plan_changed",
            why,
            "Log in to the host and see who changed it.",
        ));
    }
    Ok((kept, code))
}

async fn make(
    app: &Arc<App>,
    ssh: &Ssh,
    asked: &Asked<'_>,
    wish: Wish,
) -> Result<(Kept, Secret), ApiError> {
    let ruling = rule(app, asked.principal, &wish);
    let mut entry = Entry {
        target: wish.host.clone(),
        params: BTreeMap::from([
            ("path".to_owned(), wish.path.clone()),
            ("target".to_owned(), wish.target.clone()),
        ]),
        decision: ruling.decision,
        reason: ruling.reason.clone(),
        ..audit::entry(asked.case, "plan.preview", asked.principal, asked.id)
    };
    if ruling.decision == Decision::Deny {
        entry.status = Some(StatusCode::FORBIDDEN.as_u16());
        app.audit.append(entry).await;
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "denied",
            format!("{}.", ruling.reason),
            format!(
                "Files may be moved out of: {}.",
                ssh.config.paths.quarantine_from.join(", ")
            ),
        ));
    }
    let _permit = app.limits.enter(&asked.principal.user).await?;
    let target = find(app, ssh, &asked.asker(), &wish.host).await?;
    entry.phase = Phase::Intent;
    let intent = app
        .audit
        .append_durable(entry.clone())
        .await
        .map_err(|error| refusal::no_audit(&error))?;
    let made = look_and_keep(app, ssh, asked, wish, &target).await;
    entry.ts = clock::now_ms();
    entry.phase = Phase::Result;
    entry.intent = Some(intent.seq);
    match &made {
        Ok((kept, _)) => {
            entry.status = Some(StatusCode::OK.as_u16());
            entry.digest = Some(kept.digest.clone());
            entry.params.insert("plan".to_owned(), kept.plan.id.clone());
        }
        Err(error) => {
            entry.status = Some(error.status.as_u16());
            entry.reason.clone_from(&error.error);
        }
    }
    app.audit.append(entry).await;
    made
}

/// An undo brings back what a rule let go, to where the rules let it be taken from.
fn rule(app: &App, principal: &Principal, wish: &Wish) -> Ruling {
    let path = match wish.kind {
        Kind::Quarantine => &wish.path,
        Kind::Undo => &wish.target,
    };
    let host = &wish.host;
    match wish.kind {
        Kind::Quarantine => decide(
            &app.policy,
            principal,
            &Operation::Quarantine { host, path },
        ),
        Kind::Undo => Ruling {
            decision: Decision::NeedsApproval,
            reason: format!("{} may bring {path} back", principal.user),
        },
    }
}

async fn look_and_keep(
    app: &App,
    ssh: &Ssh,
    asked: &Asked<'_>,
    wish: Wish,
    target: &Target,
) -> Result<(Kept, Secret), ApiError> {
    app.plans.check_room(&asked.principal.user).await?;
    let facts = look(app, ssh, target, &wish).await?;
    let writers: Vec<String> = facts
        .handles
        .iter()
        .filter(|handle| handle.writing)
        .map(|handle| format!("{} (process {})", handle.name, handle.pid))
        .collect();
    if facts.growing || !writers.is_empty() {
        let how = if writers.is_empty() {
            "it changed while it was looked at".to_owned()
        } else {
            format!("it is open for writing in {}", writers.join(", "))
        };
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "plan_busy",
            format!("{} on {target} cannot be moved now: {how}.", facts.real),
            Exit::OpenForWriting.next(),
        ));
    }
    let id = hex_token(16).map_err(|error| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            format!("The system gives no random numbers: {error}."),
            "Try again.",
        )
    })?;
    let call = Call::Move {
        plan: id.clone(),
        from: facts.real.clone(),
        to: facts.target.clone(),
        fingerprint: facts.fingerprint.clone(),
    };
    let created_ms = clock::now_ms();
    let ttl_ms = i64::try_from(app.config.plans.ttl.as_millis()).unwrap_or(i64::MAX);
    let plan = Plan {
        id,
        kind: wish.kind,
        host: wish.host,
        address: target.address.clone(),
        port: target.port,
        path: wish.path,
        line: ssh.call_line(&call, super::apply::CAPS.time),
        facts,
        note: wish.note,
        actor: asked.principal.user.clone(),
        case: asked.case.to_owned(),
        created_ms,
        expires_ms: created_ms.saturating_add(ttl_ms),
        undoes: wish.undoes,
    };
    app.plans.add(plan).await
}

async fn look(app: &App, ssh: &Ssh, target: &Target, wish: &Wish) -> Result<Facts, ApiError> {
    let call = Call::Preview {
        path: wish.path.clone(),
        target: wish.target.clone(),
        roots: wish.roots.clone(),
    };
    let caps = Caps {
        time: app.config.plans.preview_time,
        output: ssh.config.limits.output,
    };
    let output = ssh
        .executor
        .run(target, &ssh.call_line(&call, caps.time), None, caps)
        .await
        .map_err(crate::ssh::SshError::into_api)?;
    if let Some(refusal) = ssh.sudo_refusal(target, &output) {
        return Err(refusal.into_api());
    }
    let facts = output
        .succeeded()
        .then(|| Facts::parse(&output.text()))
        .flatten();
    facts.ok_or_else(|| not_seen(target, &wish.path, &output))
}

fn not_seen(target: &Target, path: &str, output: &Output) -> ApiError {
    let asked = format!("The host {target} was asked to look at {path}");
    let said = said(output);
    if output.end.timed_out {
        return ApiError::new(
            StatusCode::GATEWAY_TIMEOUT,
            "ssh_timeout",
            format!("{asked} and took too long."),
            "Raise plans.preview_time: the sum of a large file takes its time.",
        );
    }
    let exit = output
        .end
        .status
        .filter(|_| output.end.is_whole())
        .and_then(Exit::of);
    match exit {
        Some(exit) if exit != Exit::Done => ApiError::new(
            StatusCode::CONFLICT,
            "plan_refused",
            format!("{asked}: {said} {}", exit.sentence()),
            exit.next(),
        ),
        _ => ApiError::new(
            StatusCode::BAD_GATEWAY,
            "ssh_answer",
            format!("{asked}, and its answer is incomplete: {said}"),
            "See whether the host is Linux with GNU coreutils and findutils, and try again.",
        ),
    }
}

/// What the host said, as a sentence, without our own prefix.
pub(super) fn said(output: &Output) -> String {
    let complaint = output.complaint();
    let text = complaint.trim().trim_start_matches("casebook: ");
    let short: String = super::words::plain(text).chars().take(400).collect();
    match short.as_str() {
        "" if output.end.lost => "the connection was lost.".to_owned(),
        "" => match (&output.end.status, &output.end.signal) {
            (Some(status), _) => format!("it ended with status {status}."),
            (None, Some(signal)) => format!("it was killed by {signal}."),
            (None, None) => "nothing.".to_owned(),
        },
        said => format!("{}.", said.trim_end_matches('.')),
    }
}

/// The SSH part, when files may be moved at all.
pub(super) fn ssh(app: &App) -> Result<&Ssh, ApiError> {
    let ready = app
        .ssh
        .as_ref()
        .filter(|ssh| Plans::configured(&ssh.config));
    ready.ok_or_else(|| {
        ApiError::new(
            StatusCode::NOT_FOUND,
            "no_quarantine",
            "This proxy moves no files: its configuration does not say from where and to where.",
            "Set quarantine_from and quarantine_to in [ssh.paths].",
        )
    })
}

/// The file's own name, with a random part: two cores are two files.
fn name_in_quarantine(path: &str) -> Result<String, ApiError> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let mut end = name.len().min(NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let suffix = hex_token(4).map_err(|error| refusal::no_audit(&error))?;
    Ok(format!("{}.{suffix}", &name[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_cores_get_two_names() {
        let one = name_in_quarantine("/var/crash/core").unwrap();
        let two = name_in_quarantine("/var/crash/core").unwrap();
        assert!(one.starts_with("core.") && one != two);
        let long = name_in_quarantine(&format!("/a/{}", "ü".repeat(120))).unwrap();
        assert!(long.len() <= 255 && long.starts_with("üü"));
    }
}
