//! The course of the incident: when the culprit is ill.

/// A stretch of illness: from its first ill second up to, and without, its first well one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Illness {
    /// First ill second, in seconds since the Unix epoch.
    pub from: i64,
    /// First second in which the culprit is well again; `None` while nobody has cured it.
    pub until: Option<i64>,
}

/// When the culprit is ill: from the onset on, until it is cured, and again when the cure is
/// undone.
///
/// A change of course never alters a second before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    // never empty; in order, each but the last with an end
    illnesses: Vec<Illness>,
}

impl Incident {
    /// Ill from `onset`, in seconds since the Unix epoch, and not cured yet.
    pub fn beginning(onset: i64) -> Self {
        Self {
            illnesses: vec![Illness {
                from: onset,
                until: None,
            }],
        }
    }

    /// The same incident, cured from the second `at` on. When it is cured already, or `at` is
    /// before the present illness, the earlier course stands.
    #[must_use]
    pub fn recovering(mut self, at: i64) -> Self {
        if let Some(last) = self.illnesses.last_mut()
            && last.until.is_none()
        {
            last.until = Some(at.max(last.from));
        }
        self
    }

    /// The same incident, ill again from the second `at` on. When it is ill already, or `at` is
    /// before the cure, the earlier course stands.
    #[must_use]
    pub fn relapsing(mut self, at: i64) -> Self {
        if let Some(cured) = self.illnesses.last().and_then(|last| last.until) {
            self.illnesses.push(Illness {
                from: at.max(cured),
                until: None,
            });
        }
        self
    }

    /// First ill second of all.
    pub fn onset(&self) -> i64 {
        self.illnesses.first().map_or(0, |first| first.from)
    }

    /// Every stretch of illness, in order.
    pub fn illnesses(&self) -> &[Illness] {
        &self.illnesses
    }

    /// Whether the culprit is ill at this second.
    pub fn is_ill(&self, at: i64) -> bool {
        self.illnesses
            .iter()
            .any(|illness| illness.from <= at && illness.until.is_none_or(|until| at < until))
    }
}
