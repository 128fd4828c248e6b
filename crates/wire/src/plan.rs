//! A plan: one change of one host, which a person sees and approves before it is done, and which is
//! done at most once.
//!
//! [`Plan`] never changes once it is made; its digest covers all of it, and an approval is for that
//! digest. [`Progress`] is what happened to it since; [`Progress::step`] is the whole of the rules,
//! and the proxy rebuilds it from its journal by the same function.
//!
//! ```text
//! waiting ──approve──▶ approved ──begin──▶ applying ──▶ applied ──▶ undone
//!    │  └─5 wrong codes, no──▶ refused        │  └──▶ failed   (nothing was moved)
//!    └──────── cancel, time ──▶ cancelled,    └──▶ unknown ──look──▶ applied | failed
//!                               expired
//! ```

use crate::quarantine::{Exit, Facts, Place};
use crate::{canonical, sha256_hex};
use serde::{Deserialize, Serialize};

/// Wrong codes after which a plan is refused.
pub const TRIES: u32 = 5;

/// What a plan does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Moves a file into the quarantine folder.
    Quarantine,
    /// Moves it back.
    Undo,
}

/// One change of one host, as it was shown to the person who approves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Random, 32 hexadecimal digits.
    pub id: String,
    /// What it does.
    pub kind: Kind,
    /// The host by the name that the cell used.
    pub host: String,
    /// The address that the proxy connects to.
    pub address: String,
    /// The port there.
    pub port: u16,
    /// The path that was asked for; `facts.real` is the one that is moved.
    pub path: String,
    /// The line that the host's shell will run.
    pub line: String,
    /// What the preview saw.
    pub facts: Facts,
    /// What the notebook says about it; nobody has checked it.
    pub note: Option<String>,
    /// Who asked.
    pub actor: String,
    /// The case that it belongs to.
    pub case: String,
    /// When the preview was done, milliseconds since the Unix epoch.
    pub created_ms: i64,
    /// When it can be neither approved nor begun any more.
    pub expires_ms: i64,
    /// Of an undo: the plan that it undoes.
    pub undoes: Option<String>,
}

impl Plan {
    /// SHA-256 of the canonical text of all fields: what an approval is for.
    pub fn digest(&self) -> String {
        // No field is a float, so each plan has a canonical text.
        sha256_hex(canonical::to_string(self).unwrap_or_default().as_bytes())
    }
}

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// For an approval.
    Waiting,
    /// May be applied, once.
    Approved,
    /// The host was asked to move the file.
    Applying,
    /// The file was moved and verified.
    Applied,
    /// Nothing was moved, or it was put back.
    Failed,
    /// The host was asked, and nobody knows what became of it.
    Unknown,
    /// Its time passed before it was begun.
    Expired,
    /// Taken back before it was begun.
    Cancelled,
    /// The approver said no, or gave the wrong code too often.
    Refused,
    /// Applied, and moved back by another plan.
    Undone,
}

impl State {
    /// The state's name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Approved => "approved",
            State::Applying => "applying",
            State::Applied => "applied",
            State::Failed => "failed",
            State::Unknown => "unknown",
            State::Expired => "expired",
            State::Cancelled => "cancelled",
            State::Refused => "refused",
            State::Undone => "undone",
        }
    }

    /// Whether the host was not asked yet, and may still be.
    pub fn is_open(self) -> bool {
        matches!(self, State::Waiting | State::Approved)
    }
}

/// Something that happens to a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A person approved it.
    Approve {
        /// Who, and by what.
        by: String,
    },
    /// A wrong code was given.
    WrongCode,
    /// A person refused it.
    Refuse {
        /// Who.
        by: String,
    },
    /// Whoever made it takes it back.
    Cancel,
    /// Its time has passed.
    Expire,
    /// The host is about to be asked. Written down before it is.
    Begin,
    /// The host was not asked after all.
    NotAsked {
        /// Why.
        reason: String,
    },
    /// The script ended.
    End {
        /// How.
        exit: Exit,
        /// What the host said, for people.
        said: String,
    },
    /// Nobody saw the script's end.
    Lose {
        /// What was seen instead.
        reason: String,
    },
    /// The host was looked at afterwards.
    Find {
        /// Where the file is.
        place: Place,
    },
    /// Another plan moved the file back.
    Undo {
        /// That plan's id.
        by: String,
    },
}

/// What happened to a plan so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Where it stands.
    pub state: State,
    /// Codes that may still be tried.
    pub tries_left: u32,
    /// Who approved or refused it, and by what.
    pub decided_by: Option<String>,
    /// When the state was entered, milliseconds since the Unix epoch.
    pub since_ms: i64,
    /// How the script ended.
    pub exit: Option<Exit>,
    /// What came of it, as sentences.
    pub outcome: String,
    /// The plan that moved the file back.
    pub undone_by: Option<String>,
}

impl Progress {
    /// A plan that was just made.
    pub fn new(created_ms: i64) -> Progress {
        Progress {
            state: State::Waiting,
            tries_left: TRIES,
            decided_by: None,
            since_ms: created_ms,
            exit: None,
            outcome: String::new(),
            undone_by: None,
        }
    }

    /// What `event` at `now_ms` makes of it. None when the event cannot happen now: then nothing
    /// changes, and whoever wanted it must not go on.
    pub fn step(&self, event: &Event, now_ms: i64, expires_ms: i64) -> Option<Progress> {
        let state = self.state;
        let in_time = now_ms < expires_ms;
        let mut next = self.clone();
        match event {
            Event::Approve { by } if state == State::Waiting && in_time => {
                next.state = State::Approved;
                next.decided_by = Some(by.clone());
            }
            Event::WrongCode if state == State::Waiting && in_time => {
                next.tries_left = self.tries_left.saturating_sub(1);
                if next.tries_left == 0 {
                    next.state = State::Refused;
                    next.outcome = format!("A wrong code was given {TRIES} times.");
                }
            }
            Event::Refuse { by } if state.is_open() => {
                next.state = State::Refused;
                next.decided_by = Some(by.clone());
                next.outcome = format!("{by} refused it.");
            }
            Event::Cancel if state.is_open() => {
                next.state = State::Cancelled;
                next.outcome = "It was cancelled; the host was not asked.".to_owned();
            }
            Event::Expire if state.is_open() && !in_time => {
                next.state = State::Expired;
                next.outcome = "Its time passed; the host was not asked.".to_owned();
            }
            Event::Begin if state == State::Approved && in_time => next.state = State::Applying,
            Event::NotAsked { reason } if state == State::Applying => {
                next.state = State::Failed;
                next.outcome = format!("The host was not asked: {reason}");
            }
            Event::End { exit, said } if state == State::Applying => {
                next.state = match exit {
                    Exit::Done => State::Applied,
                    Exit::Unclear => State::Unknown,
                    _ => State::Failed,
                };
                next.exit = Some(*exit);
                next.outcome = sentences(exit.sentence(), said);
            }
            Event::Lose { reason } if state == State::Applying => {
                next.state = State::Unknown;
                next.outcome = format!("Nobody saw how the move ended: {reason}");
            }
            Event::Find { place } if state == State::Unknown => next.found(*place),
            Event::Undo { by } if state == State::Applied => {
                next.state = State::Undone;
                next.undone_by = Some(by.clone());
                next.outcome = "The file was moved, and moved back.".to_owned();
            }
            _ => return None,
        }
        if next.state != state {
            next.since_ms = now_ms;
        }
        Some(next)
    }

    fn found(&mut self, place: Place) {
        match place {
            Place::Source => {
                self.state = State::Failed;
                self.outcome = "The move did not happen: the file is where it was.".to_owned();
            }
            Place::Target => {
                self.state = State::Applied;
                self.outcome =
                    "Nobody saw the move's end, but the file is at its target, verified."
                        .to_owned();
            }
            Place::Moving => {
                self.outcome =
                    "The move is still running on the host. Look again in a moment.".to_owned();
            }
            Place::Unclear => {
                self.outcome =
                    "The host was looked at: the file is at neither place as it was, or at both. Log in and see before anything else is done to it.".to_owned();
            }
        }
    }
}

fn sentences(first: &str, said: &str) -> String {
    if said.is_empty() {
        first.to_owned()
    } else {
        format!("{first} The host said: {said}")
    }
}

#[cfg(test)]
mod tests;
