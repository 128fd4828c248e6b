//! All plans, each change of which is on the disk before it counts.

use super::code;
use super::journal::{Journal, Line};
use super::refusal::{cannot, not_kept, too_many, unknown};
use super::words::tries;
use crate::clock;
use crate::error::ApiError;
use crate::secret::Secret;
use casebook_wire::plan::{Event, Kind, Plan, Progress, State};
use http::StatusCode;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::task::TaskTracker;

/// Plans of one user that may wait for an approval at the same time.
const MOST_OPEN: usize = 16;

/// How long a plan that came to its end can still be asked for: a notebook that was left open over a
/// weekend gets its answer. The audit log tells of it for ever.
const REMEMBERED_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// All plans.
#[derive(Clone, Debug)]
pub struct Plans {
    inner: Arc<Mutex<Inner>>,
    /// Moves that are running.
    pub(super) tasks: TaskTracker,
}

/// A plan with what happened to it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The plan.
    pub plan: Plan,
    /// What happened to it.
    pub progress: Progress,
    /// The plan's digest.
    pub digest: String,
    /// The code that approves it; of this run of the proxy, never on the disk.
    code: Secret,
}

#[derive(Debug)]
struct Inner {
    journal: Journal,
    kept: BTreeMap<String, Kept>,
}

impl Plans {
    /// The plans of the journal in `state_dir`. A plan whose move was running when the proxy ended
    /// is [`State::Unknown`] now, and nothing begins it again.
    pub fn open(state_dir: &Path) -> io::Result<Plans> {
        let (journal, lines) = Journal::open(state_dir)?;
        let mut inner = Inner {
            journal,
            kept: BTreeMap::new(),
        };
        for line in &lines {
            match line {
                Line::Plan { plan } => inner.insert((**plan).clone())?,
                Line::Event { id, at_ms, what } => inner.replay(id, *at_ms, what)?,
            }
        }
        inner.compact(&lines);
        let ids: Vec<String> = inner.kept.keys().cloned().collect();
        for id in ids {
            inner.mend(&id)?;
        }
        Ok(Plans {
            inner: Arc::new(Mutex::new(inner)),
            tasks: TaskTracker::new(),
        })
    }

    /// Keeps a new plan, and returns it with its code.
    pub(super) async fn add(&self, plan: Plan) -> Result<(Kept, Secret), ApiError> {
        self.with(move |inner| {
            inner.expire();
            inner.check_room(&plan.actor)?;
            let id = plan.id.clone();
            inner
                .journal
                .write(&Line::Plan {
                    plan: Box::new(plan.clone()),
                })
                .and_then(|()| inner.insert(plan))
                .map_err(|error| not_kept(&error))?;
            let kept = inner.get(&id)?;
            let code = kept.code.clone();
            Ok((kept, code))
        })
        .await
    }

    /// Whether `user` may have another plan. Asked before a host reads all of a large file for it.
    pub(super) async fn check_room(&self, user: &str) -> Result<(), ApiError> {
        let user = user.to_owned();
        self.with(move |inner| {
            inner.expire();
            inner.check_room(&user)
        })
        .await
    }

    /// The plan of this id, as it stands now.
    pub async fn get(&self, id: &str) -> Result<Kept, ApiError> {
        let id = id.to_owned();
        self.with(move |inner| {
            inner.expire();
            inner.get(&id)
        })
        .await
    }

    /// The plan of this id, if `user` made it.
    pub(super) async fn of(&self, id: &str, user: &str) -> Result<Kept, ApiError> {
        let kept = self.get(id).await?;
        if kept.plan.actor == user {
            Ok(kept)
        } else {
            Err(unknown())
        }
    }

    /// All plans for which `wanted` holds, oldest first.
    pub async fn all(&self, wanted: impl Fn(&Kept) -> bool + Send + 'static) -> Vec<Kept> {
        let all = self
            .with(move |inner| {
                inner.expire();
                let mut all: Vec<Kept> = inner
                    .kept
                    .values()
                    .filter(|kept| wanted(kept))
                    .cloned()
                    .collect();
                all.sort_by_key(|kept| kept.plan.created_ms);
                Ok(all)
            })
            .await;
        all.unwrap_or_default()
    }

    /// The waiting plans with their codes, for the terminal.
    pub(crate) async fn waiting(&self) -> Vec<(Kept, Secret)> {
        let waiting = self.all(|kept| kept.progress.state == State::Waiting).await;
        waiting
            .into_iter()
            .map(|kept| (kept.clone(), kept.code))
            .collect()
    }

    /// Has `event` happen to the plan. An error when it cannot happen now; then nothing changed.
    pub(super) async fn step(&self, id: &str, event: Event) -> Result<Kept, ApiError> {
        let id = id.to_owned();
        self.with(move |inner| {
            inner.expire();
            inner.step(&id, event)
        })
        .await
    }

    /// Whether `typed` is the plan's code and `digest` what the approver saw. A wrong code counts.
    pub(crate) async fn check_code(
        &self,
        id: &str,
        digest: &str,
        typed: &str,
    ) -> Result<(), ApiError> {
        let typed = typed.to_owned();
        let good = move |kept: &Kept| code::is(&kept.code, &typed);
        self.check(id, digest, "code", good).await
    }

    /// Whether `typed` is the name of the plan's host and `digest` what the approver saw.
    pub(crate) async fn check_host(
        &self,
        id: &str,
        digest: &str,
        typed: &str,
    ) -> Result<(), ApiError> {
        let typed = typed.trim().to_owned();
        let good = move |kept: &Kept| kept.plan.host == typed;
        self.check(id, digest, "name of the host", good).await
    }

    async fn check(
        &self,
        id: &str,
        digest: &str,
        what: &'static str,
        good: impl FnOnce(&Kept) -> bool + Send + 'static,
    ) -> Result<(), ApiError> {
        let (id, digest) = (id.to_owned(), digest.to_owned());
        self.with(move |inner| {
            inner.expire();
            let kept = inner.get(&id)?;
            if kept.digest != digest {
                return Err(ApiError::new(
                    StatusCode::CONFLICT,
                    "plan_digest",
                    "This approval is for another plan than the one that is kept here.",
                    "Open the plan's page again and read it anew.",
                ));
            }
            if kept.progress.state != State::Waiting {
                return Err(cannot(&kept));
            }
            if good(&kept) {
                return Ok(());
            }
            let now = inner.step(&id, Event::WrongCode)?;
            let left = now.progress.tries_left;
            Err(ApiError::new(
                StatusCode::FORBIDDEN,
                "plan_code",
                format!("This is not the {what} of this plan."),
                match left {
                    0 => "No try is left, so the plan was refused; make a new one.".to_owned(),
                    left => format!("Read it again on the terminal: {}.", tries(left)),
                },
            ))
        })
        .await
    }

    /// Approves the plan. The caller has checked who it is.
    pub(crate) async fn approve(&self, id: &str, by: &str) -> Result<Kept, ApiError> {
        self.step(id, Event::Approve { by: by.to_owned() }).await
    }

    /// Refuses the plan.
    pub(crate) async fn refuse(&self, id: &str, by: &str) -> Result<Kept, ApiError> {
        self.step(id, Event::Refuse { by: by.to_owned() }).await
    }

    /// Waits until no move is running, for at most `grace`. What runs longer is recorded as unknown
    /// at the next start.
    pub async fn drain(&self, grace: std::time::Duration) {
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("a move is still running on a host; the next start will look at it");
        }
    }

    /// Runs `work` where it may wait for the disk.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Inner) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || {
            work(&mut inner.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await
            .unwrap_or_else(|error| Err(not_kept(&io::Error::other(error))))
    }
}

impl Inner {
    fn insert(&mut self, plan: Plan) -> io::Result<()> {
        let kept = Kept {
            progress: Progress::new(plan.created_ms),
            digest: plan.digest(),
            code: code::fresh()?,
            plan,
        };
        self.kept.insert(kept.plan.id.clone(), kept);
        Ok(())
    }

    fn replay(&mut self, id: &str, at_ms: i64, what: &Event) -> io::Result<()> {
        let kept = self.kept.get_mut(id);
        let next = kept.and_then(|kept| {
            let next = kept.progress.step(what, at_ms, kept.plan.expires_ms)?;
            kept.progress = next;
            Some(())
        });
        next.ok_or_else(|| {
            let text = format!("the journal of plans says {what:?} of {id}, which cannot be");
            io::Error::new(io::ErrorKind::InvalidData, text)
        })
    }

    /// Says of a plan what the proxy had no time to say when it was killed.
    fn mend(&mut self, id: &str) -> io::Result<()> {
        let Some(kept) = self.kept.get(id) else {
            return Ok(());
        };
        let failed = |error: ApiError| io::Error::other(error.error);
        match (kept.plan.kind, kept.progress.state) {
            (_, State::Applying) => {
                let reason = "the proxy was stopped while the host was asked.".to_owned();
                self.step(id, Event::Lose { reason }).map_err(failed)?;
            }
            (Kind::Undo, State::Applied) => self.undone(id),
            _ => {}
        }
        Ok(())
    }

    /// Forgets what came to its end long ago, and takes it out of the journal. A journal that cannot
    /// be written anew stays as it is.
    fn compact(&mut self, lines: &[Line]) {
        let long_ago = clock::now_ms().saturating_sub(REMEMBERED_MS);
        let needed: BTreeSet<String> = self
            .kept
            .values()
            .filter(|kept| self.is_needed(kept, long_ago))
            .map(|kept| kept.plan.id.clone())
            .collect();
        if needed.len() == self.kept.len() {
            return;
        }
        let left: Vec<&Line> = lines
            .iter()
            .filter(|line| needed.contains(line.plan()))
            .collect();
        match self.journal.rewrite(&left) {
            Ok(()) => {
                let forgotten = self.kept.len() - needed.len();
                tracing::info!(
                    forgotten,
                    kept = needed.len(),
                    "compacted the journal of plans"
                );
            }
            Err(error) => tracing::warn!(%error, "cannot compact the journal of plans"),
        }
        self.kept.retain(|id, _| needed.contains(id));
    }

    /// Whether anything may still be done with the plan, or somebody may ask how it ended.
    fn is_needed(&self, kept: &Kept, long_ago: i64) -> bool {
        let (plan, progress) = (&kept.plan, &kept.progress);
        let undoes_applied = plan.undoes.as_ref().and_then(|first| self.kept.get(first));
        match progress.state {
            State::Applying | State::Unknown => true,
            State::Waiting | State::Approved => plan.expires_ms > long_ago,
            State::Applied if plan.kind == Kind::Quarantine => true,
            // The plan that it undid does not say so yet.
            State::Applied
                if undoes_applied.is_some_and(|kept| kept.progress.state == State::Applied) =>
            {
                true
            }
            _ => progress.since_ms > long_ago,
        }
    }

    fn check_room(&self, user: &str) -> Result<(), ApiError> {
        let open: Vec<&Plan> = self
            .kept
            .values()
            .filter(|kept| kept.progress.state.is_open() && kept.plan.actor == user)
            .map(|kept| &kept.plan)
            .collect();
        let first_end = open.iter().map(|plan| plan.expires_ms).min();
        match first_end.filter(|_| open.len() >= MOST_OPEN) {
            Some(first_end) => Err(too_many(MOST_OPEN, first_end)),
            None => Ok(()),
        }
    }

    fn get(&self, id: &str) -> Result<Kept, ApiError> {
        self.kept.get(id).cloned().ok_or_else(unknown)
    }

    /// Journals what time did.
    fn expire(&mut self) {
        let now = clock::now_ms();
        let over: Vec<String> = self
            .kept
            .values()
            .filter(|kept| kept.progress.state.is_open() && kept.plan.expires_ms <= now)
            .map(|kept| kept.plan.id.clone())
            .collect();
        for id in over {
            // A journal that cannot be written changes nothing: no step is taken after its time.
            let _ = self.step(&id, Event::Expire);
        }
    }

    fn step(&mut self, id: &str, event: Event) -> Result<Kept, ApiError> {
        let now = clock::now_ms();
        let kept = self.kept.get_mut(id).ok_or_else(unknown)?;
        let Some(next) = kept.progress.step(&event, now, kept.plan.expires_ms) else {
            return Err(cannot(kept));
        };
        // What a host did is true whether or not the disk takes it; the next start looks again.
        let must_be_kept = !matches!(
            event,
            Event::End { .. }
                | Event::Lose { .. }
                | Event::NotAsked { .. }
                | Event::Find { .. }
                | Event::Undo { .. }
        );
        let line = Line::Event {
            id: id.to_owned(),
            at_ms: now,
            what: event,
        };
        if let Err(error) = self.journal.write(&line) {
            tracing::error!(%error, plan = id, "cannot write the journal of plans");
            if must_be_kept {
                return Err(not_kept(&error));
            }
        }
        kept.progress = next;
        let kept = kept.clone();
        if kept.plan.kind == Kind::Undo && kept.progress.state == State::Applied {
            self.undone(id);
        }
        Ok(kept)
    }

    /// Has the plan that `id` undid say so.
    fn undone(&mut self, id: &str) {
        let first = self.kept.get(id).and_then(|kept| kept.plan.undoes.clone());
        let is_applied = |kept: &Kept| kept.progress.state == State::Applied;
        if let Some(first) = first.filter(|first| self.kept.get(first).is_some_and(is_applied)) {
            // It is applied, so the step can be taken.
            let _ = self.step(&first, Event::Undo { by: id.to_owned() });
        }
    }
}

#[cfg(test)]
mod tests;
