//! Why a plan is not made, or not taken a step further.

use super::Kept;
use super::words::time;
use crate::error::ApiError;
use casebook_wire::plan::State;
use http::StatusCode;
use std::io;

/// No plan of this id, or none of this user.
pub(super) fn unknown() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "no_plan",
        "There is no plan of this id, or it is somebody else's.",
        "Follow the link of the cell that waits, or make a new plan: one that ended is forgotten after a week.",
    )
}

/// So many plans of the user wait that there is no room for another; the first of them ends by
/// itself at `first_end` milliseconds since the Unix epoch.
pub(super) fn too_many(most: usize, first_end: i64) -> ApiError {
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_plans",
        format!("{most} of your plans are open already, and no more may be."),
        format!(
            "Apply some, or take them back with `await plan.cancel()`; the first ends by itself at {}.",
            time(first_end)
        ),
    )
}

/// The journal cannot be written.
pub(super) fn not_kept(error: &io::Error) -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "state",
        format!("The proxy cannot write its journal of plans: {error}. Nothing was done."),
        "Free space in its state_dir.",
    )
}

/// The plan is not where it would have to be for this.
pub(super) fn cannot(kept: &Kept) -> ApiError {
    let state = kept.progress.state;
    let (what, next) = match state {
        State::Waiting => (
            "waits for an approval",
            "Approve it on its page, then apply it.",
        ),
        State::Approved => ("is approved and was not applied yet", "Apply it."),
        State::Applying => ("is being applied", "Wait for its end."),
        State::Applied => (
            "was applied",
            "Undo it if need be; it is never applied twice.",
        ),
        State::Failed => ("failed", "Make a new plan."),
        State::Unknown => (
            "was begun, and nobody knows how it ended",
            "Look at it again; it is never applied twice.",
        ),
        State::Expired => ("expired before it was begun", "Make a new plan."),
        State::Cancelled => ("was cancelled", "Make a new plan."),
        State::Refused => (
            "was refused",
            "Make a new plan if the refusal was a mistake.",
        ),
        State::Undone => ("was applied and undone", "Make a new plan."),
    };
    ApiError::new(
        StatusCode::CONFLICT,
        "plan_state",
        format!("This plan {what}."),
        next,
    )
}

/// The audit log cannot be written, and what changes a host must not go on without.
pub(super) fn no_audit(error: &io::Error) -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "audit",
        format!("The proxy cannot write its audit log ({error}), so it did nothing."),
        "Free space in its state_dir.",
    )
}
