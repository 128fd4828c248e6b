//! From scores to clear, tie or none.

use super::score::{Scored, Scores};
use super::{Method, SuspectSettings, VerdictKind};

/// Without a baseline, fewer series than this have no majority to differ from.
pub(super) const LEAST_PEERS: usize = 4;

/// What the scores say, before it is put into words.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) kind: VerdictKind,
    pub(super) why: Why,
    /// The series that is, or would be, the suspect.
    pub(super) top: Option<usize>,
    /// The next series that its own habit does not explain.
    pub(super) second: Option<usize>,
    pub(super) tied: Vec<usize>,
    /// Series beyond what chance explains.
    pub(super) odd: usize,
}

/// The ground of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// One series is beyond chance and ahead of the next.
    Margin,
    /// Several are, and none is ahead.
    Close,
    /// Most series swing more than before.
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

/// Decides over rows sorted by score, greatest first. Indices are those of `scores.rows`.
pub(super) fn decide(scores: &Scores, metrics: usize, settings: &SuspectSettings) -> Decision {
    let rows = &scores.rows;
    let scored = rows.iter().filter(|series| series.score.is_some()).count();
    let odd = rows.iter().filter(|series| series.is_odd()).count();
    let top = rows.iter().position(Scored::is_odd);
    let mut decision = Decision {
        kind: VerdictKind::None,
        why: Why::Quiet,
        top,
        second: None,
        tied: Vec::new(),
        odd,
    };
    let least = if scores.method == Method::Peers {
        LEAST_PEERS
    } else {
        2
    };
    if scored == 0 {
        decision.why = Why::NoData;
    } else if scores.method == Method::Peers && metrics > 1 {
        decision.why = Why::Mixed;
        decision.top = None;
    } else if scored < least {
        decision.why = Why::TooFew;
        decision.top = None;
    } else if let Some(top) = top {
        let rivals: Vec<usize> = (0..scored)
            .filter(|i| *i != top && !rows[*i].habitual)
            .collect();
        let of = |index: usize| rows[index].score.unwrap_or(0.0);
        decision.second = rivals.first().copied();
        let close = |index: &usize| of(top) < settings.margin * of(*index);
        let tied: Vec<usize> = rivals.into_iter().filter(close).collect();
        (decision.kind, decision.why) = if tied.is_empty() {
            (VerdictKind::Clear, Why::Margin)
        } else if odd * 2 > scored && scored > 2 {
            (VerdictKind::None, Why::CommonCause)
        } else {
            decision.tied = std::iter::once(top).chain(tied).collect();
            (VerdictKind::Tie, Why::Close)
        };
    }
    decision
}
