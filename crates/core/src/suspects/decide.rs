//! From scores to clear, tie or none.

use super::group::Entry;
use super::score::Scores;
use super::{Method, SuspectSettings, VerdictKind};

/// Without a baseline, fewer series than this have no majority to differ from.
pub(super) const LEAST_PEERS: usize = 4;

/// The suspect's score must be this many units of usual variation ahead of the next one's.
const LEAD: f64 = 1.0;

/// What the scores say, before it is put into words. Indices are those of `scores.rows`.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) kind: VerdictKind,
    pub(super) why: Why,
    /// The series that is, or would be, the suspect.
    pub(super) top: Option<usize>,
    /// The next series that its own habit does not explain.
    pub(super) second: Option<usize>,
    /// By how many units of usual variation the suspect is ahead of it.
    pub(super) lead: Option<f64>,
    /// By how many it would have to be.
    pub(super) needed: f64,
    pub(super) tied: Vec<usize>,
    /// Entries beyond what chance explains.
    pub(super) odd: usize,
    /// Entries with a score.
    pub(super) scored: usize,
}

/// The ground of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// One series is beyond chance and ahead of the next.
    Margin,
    /// Several are, and none is ahead.
    Close,
    /// No score is odd, and one series alone fell silent or stands still.
    Silent,
    /// Most series are odd.
    CommonCause,
    /// No score is beyond what chance explains.
    Quiet,
    /// Too few series to compare.
    TooFew,
    /// Nothing could be scored.
    NoData,
    /// Several metrics, and no baseline: amplitudes of unlike units.
    Mixed,
}

/// Decides over entries sorted by score, greatest first; `silent` are the rows that fell silent.
pub(super) fn decide(
    scores: &Scores,
    entries: &[Entry],
    silent: &[usize],
    metrics: usize,
    settings: &SuspectSettings,
) -> Decision {
    let scored: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.score.is_some())
        .collect();
    let odd = scored.iter().filter(|entry| entry.odd).count();
    let mut decision = Decision {
        kind: VerdictKind::None,
        why: Why::Quiet,
        top: None,
        second: None,
        lead: None,
        needed: LEAD,
        tied: Vec::new(),
        odd,
        scored: scored.len(),
    };
    let least = match scores.method {
        Method::Peers => LEAST_PEERS,
        Method::OwnBaseline => 2,
    };
    if scored.is_empty() {
        decision.why = Why::NoData;
    } else if scores.method == Method::Peers && metrics > 1 {
        decision.why = Why::Mixed;
    } else if scored.len() < least {
        decision.why = Why::TooFew;
    } else if let Some(top) = scored.iter().find(|entry| entry.odd) {
        decision.top = Some(top.lead);
        let score = |entry: &Entry| entry.score.unwrap_or_default();
        let ahead = |entry: &Entry| score(top) - score(entry);
        let unit = scores.rows[top.lead].swing.as_ref().map(|swing| swing.unit);
        let margin = unit.map_or(0.0, |unit| settings.margin.max(1.0).ln() / unit);
        let needed = if settings.by.is_some() {
            LEAD
        } else {
            LEAD.max(margin)
        };
        let rivals: Vec<&Entry> = scored
            .iter()
            .copied()
            .filter(|entry| entry.lead != top.lead && !entry.habitual)
            .collect();
        decision.needed = needed;
        decision.second = rivals.first().map(|entry| entry.lead);
        decision.lead = rivals.first().map(|entry| ahead(entry));
        let tied: Vec<usize> = rivals
            .into_iter()
            .filter(|entry| ahead(entry) < needed)
            .map(|entry| entry.lead)
            .collect();
        (decision.kind, decision.why) = if tied.is_empty() {
            (VerdictKind::Clear, Why::Margin)
        } else if odd * 2 > scored.len() && scored.len() > 2 {
            (VerdictKind::None, Why::CommonCause)
        } else {
            decision.tied = std::iter::once(top.lead).chain(tied).collect();
            (VerdictKind::Tie, Why::Close)
        };
    } else if let [only] = silent {
        decision.top = scores.rows.iter().position(|series| series.row == *only);
        if decision.top.is_some() && scored.len() > 2 {
            (decision.kind, decision.why) = (VerdictKind::Clear, Why::Silent);
        }
    }
    decision
}
