//! The switch between ill and well, shared by all who serve the fleet and by whatever cures it.

use std::sync::{Arc, PoisonError, RwLock};

use crate::fleet::{Fleet, Incident};

/// A fleet whose incident may change its course while it is served. Clones share the switch.
#[derive(Clone, Debug)]
pub struct Switch {
    fleet: Arc<RwLock<Fleet>>,
}

impl Switch {
    /// The fleet as it is now; ask once per answer, so that one answer tells one course.
    pub fn fleet(&self) -> Fleet {
        self.fleet
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The culprit is well from the second after `now` on, in seconds since the Unix epoch: the
    /// second `now` may have been answered for already. Nothing changes when it is well.
    pub fn recover(&self, now: i64) {
        self.change(|incident| incident.recovering(now + 1));
    }

    /// The culprit is ill from the second after `now` on. Nothing changes when it is ill.
    pub fn relapse(&self, now: i64) {
        self.change(|incident| incident.relapsing(now + 1));
    }

    /// Gives the incident another course.
    pub fn set(&self, incident: Incident) {
        self.change(|_| incident);
    }

    fn change(&self, course: impl FnOnce(Incident) -> Incident) {
        let mut fleet = self.fleet.write().unwrap_or_else(PoisonError::into_inner);
        *fleet = fleet.with_incident(course(fleet.incident().clone()));
    }
}

impl From<Fleet> for Switch {
    fn from(fleet: Fleet) -> Self {
        Self {
            fleet: Arc::new(RwLock::new(fleet)),
        }
    }
}
