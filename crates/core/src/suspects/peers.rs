//! Who leaves the band that most servers are in, step by step: needs no baseline, but is fairer with one.
//!
//! One-dimensional DBSCAN (Ester et al., 1996): sorted values whose gaps are small belong together, and the
//! band is the group that holds more than half of the servers. The gap that counts as small is twice the
//! robust spread (MAD · 1.4826) of the step, so that the band has no unit.

use super::habit::median;
use crate::sorted::sort;

/// Gaps up to this many robust standard deviations are inside the band.
const GAP_LIMIT: f64 = 2.0;
/// Fewer servers than this have no band.
const LEAST: usize = 4;

/// One server's values on the steps of the current window, and how its own past is taken out of them.
pub(super) struct Peer<'a> {
    pub(super) values: &'a [f64],
    /// Its usual level; 0 without a past.
    pub(super) usual: f64,
    /// Its usual swing; 1 without a past.
    pub(super) scale: f64,
}

/// Steps at which a server has a value and there is a band, and those at which it is outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Presence {
    pub(super) steps: usize,
    pub(super) outside: usize,
}

impl Presence {
    /// Share of the steps outside of the band, 0 to 1.
    pub(super) fn share(self) -> f64 {
        self.outside as f64 / self.steps.max(1) as f64
    }
}

/// For each server, in their order, how often it is outside of the band.
pub(super) fn presences(peers: &[Peer<'_>]) -> Vec<Presence> {
    let steps = peers
        .iter()
        .map(|peer| peer.values.len())
        .max()
        .unwrap_or(0);
    let mut found = vec![Presence::default(); peers.len()];
    for step in 0..steps {
        let mut values: Vec<(f64, usize)> = peers
            .iter()
            .enumerate()
            .filter_map(|(index, peer)| {
                let value = (peer.values.get(step)? - peer.usual) / peer.scale;
                value.is_finite().then_some((value, index))
            })
            .collect();
        sort(&mut values, |a, b| a.0.total_cmp(&b.0));
        let Some((from, to)) = band(&values) else {
            continue;
        };
        for (place, (_, index)) in values.iter().enumerate() {
            found[*index].steps += 1;
            found[*index].outside += usize::from(!(from..to).contains(&place));
        }
    }
    found
}

/// The places of the band in sorted values, or `None` when no group holds more than half of them.
fn band(sorted: &[(f64, usize)]) -> Option<(usize, usize)> {
    if sorted.len() < LEAST {
        return None;
    }
    let values: Vec<f64> = sorted.iter().map(|(value, _)| *value).collect();
    let centre = median(values.clone())?;
    let spread = median(values.iter().map(|value| (value - centre).abs()).collect())? * 1.4826;
    let reach = GAP_LIMIT * spread.max(1e-9 * centre.abs());
    let mut from = 0;
    for to in 1..=values.len() {
        if to < values.len() && values[to] - values[to - 1] <= reach {
            continue;
        }
        if (to - from) * 2 > values.len() {
            return Some((from, to));
        }
        from = to;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside(rows: &[&[f64]]) -> Vec<usize> {
        let peers: Vec<Peer> = rows
            .iter()
            .map(|values| Peer {
                values,
                usual: 0.0,
                scale: 1.0,
            })
            .collect();
        presences(&peers)
            .into_iter()
            .map(|found| found.outside)
            .collect()
    }

    #[test]
    fn a_server_that_leaves_the_band_is_counted_step_by_step() {
        let found = outside(&[
            &[1.0, 1.1, 1.0],
            &[1.1, 1.0, 1.2],
            &[0.9, 1.2, 1.1],
            &[1.2, 9.0, 9.5],
            &[1.0, 1.3, f64::NAN],
        ]);
        assert_eq!(found, [0, 0, 0, 2, 0]);
    }

    #[test]
    fn two_camps_of_equal_size_are_no_band() {
        assert_eq!(outside(&[&[1.0], &[1.1], &[9.0], &[9.1]]), [0, 0, 0, 0]);
        assert_eq!(outside(&[&[1.0], &[1.0], &[9.0]]), [0, 0, 0]);
    }

    #[test]
    fn equal_servers_are_a_band_and_the_one_that_differs_is_not_in_it() {
        assert_eq!(
            outside(&[&[5.0], &[5.0], &[5.0], &[5.0], &[5.1]]),
            [0, 0, 0, 0, 1]
        );
    }

    #[test]
    fn unlike_servers_are_compared_by_their_own_measure() {
        let peer = |values, usual, scale| Peer {
            values,
            usual,
            scale,
        };
        let peers = [
            peer(&[10.0, 11.0], 10.0, 1.0),
            peer(&[1000.0, 1080.0], 1000.0, 100.0),
            peer(&[0.0, 0.01], 0.0, 0.01),
            peer(&[7.0, 7.9], 7.0, 1.0),
            peer(&[1.0, 9.0], 1.0, 1.0),
        ];
        let shares: Vec<f64> = presences(&peers).into_iter().map(Presence::share).collect();
        assert_eq!(shares, [0.0, 0.0, 0.0, 0.0, 0.5]);
    }
}
