//! Which series count up: their own values only tell how long they have been counting.

use crate::labels::Labels;
use crate::matrix::{GAP, Matrix};
use crate::sorted::order;

/// Rises that a series must show before its behaviour says that it counts.
const LEAST_RISES: usize = 3;
/// A counter is reset rarely: at most once in this many changes.
const RISES_PER_RESET: usize = 10;
/// Falls after which a name that promises a counter is not believed.
const LEAST_FALLS: usize = 3;

/// How one series moves from sample to sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moves {
    /// Whole numbers, none below 0.
    whole: bool,
    rises: usize,
    /// Falls that leave more than half.
    falls: usize,
    /// Falls to half or less, as a counter's reset is.
    resets: usize,
}

impl Moves {
    fn of(values: &[f64]) -> Self {
        let mut moves = Self {
            whole: true,
            rises: 0,
            falls: 0,
            resets: 0,
        };
        let mut last = None;
        for value in values.iter().copied().filter(|v| v.is_finite()) {
            moves.whole &= value >= 0.0 && value.fract() == 0.0;
            if let Some(last) = last {
                moves.rises += usize::from(value > last);
                moves.falls += usize::from(value < last && value > last / 2.0);
                moves.resets += usize::from(value < last && value <= last / 2.0);
            }
            last = Some(value);
        }
        moves
    }

    fn any(&self) -> bool {
        self.rises + self.falls + self.resets > 0
    }

    /// Whether a counter may move like this.
    fn may_count(&self) -> bool {
        self.whole
            && self.falls == 0
            && self.resets * RISES_PER_RESET <= self.rises.max(RISES_PER_RESET)
    }

    fn counts(&self) -> bool {
        self.may_count() && self.rises >= LEAST_RISES && self.resets * RISES_PER_RESET <= self.rises
    }

    fn is_gauge(&self) -> bool {
        self.falls >= LEAST_FALLS && self.falls * LEAST_FALLS > self.rises
    }
}

/// Whether each row counts up: by the name of its metric, or by what all series of the metric do.
///
/// By name: `_total`, `_count`, `_sum`, `_bucket`, unless most of its moving series fall again and again, as the
/// gauges of some exporters do that end like counters. By behaviour, which is all there is when a function has dropped
/// the name: whole numbers that never fall but for rare resets, in more than half of the metric's series, and no series
/// that does otherwise. A single series must have had a reset too: a leak rises as steadily.
pub(crate) fn counters(matrix: &Matrix) -> Vec<bool> {
    // In the order of their metrics, those without one first.
    let metric = |row: usize| matrix.labels(row).metric();
    let rows = order(matrix.rows(), &|a, b| metric(a).cmp(&metric(b)));
    let mut counters = vec![false; matrix.rows()];
    for rows in rows.chunk_by(|a, b| metric(*a) == metric(*b)) {
        let mut moving = Vec::new();
        for row in rows {
            let moves = Moves::of(matrix.values(*row));
            if moves.any() {
                moving.push(moves);
            }
        }
        let of = |holds: fn(&Moves) -> bool| moving.iter().filter(|moves| holds(moves)).count();
        let counts = if metric(rows[0]).is_some_and(is_named_counter) {
            of(Moves::is_gauge) * 2 <= moving.len()
        } else {
            let alone = rows.len() == 1 && of(|moves| moves.resets > 0) == 0;
            let may_count = of(Moves::may_count) == moving.len();
            of(Moves::counts) * 2 > rows.len() && may_count && !alone
        };
        for row in rows {
            counters[*row] = counts;
        }
    }
    counters
}

/// Whether a metric is a counter by its name.
pub(super) fn is_named_counter(metric: &str) -> bool {
    ["_total", "_count", "_sum", "_bucket"]
        .iter()
        .any(|suffix| metric.ends_with(suffix))
}

/// As [`is_named_counter`], of the metric of a series.
pub(super) fn has_counter_name(labels: &Labels) -> bool {
    labels.metric().is_some_and(is_named_counter)
}

/// The increase from one step to the next; a fall is a reset, counted from zero, as Prometheus does.
pub(super) fn increases(values: &[f64]) -> Vec<f64> {
    let mut result = vec![GAP; values.len()];
    for (step, pair) in values.windows(2).enumerate() {
        if pair[0].is_finite() && pair[1].is_finite() {
            let rise = pair[1] - pair[0];
            result[step + 1] = if rise < 0.0 { pair[1] } else { rise };
        }
    }
    result
}

/// Whole numbers that never fall, and rise often enough to make one wonder.
pub(super) fn only_rises(values: &[f64]) -> bool {
    let moves = Moves::of(values);
    moves.counts() && moves.resets == 0
}
