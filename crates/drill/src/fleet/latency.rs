//! The request-duration histogram: integer increments per ten seconds, summed in closed form.
//!
//! The increments repeat every hour, once for a healthy fleet and once for an ill one, so that the
//! counters at any time are a few table look-ups: no state, no replay, and monotone by construction.

use super::{Incident, SCRAPE_INTERVAL_SECONDS, Server, noise};

/// Buckets' inclusive upper bounds: as the label `le` prints them, and in seconds.
pub const UPPER_BOUNDS: [(&str, f64); BUCKETS] = [
    ("0.01", 0.01),
    ("0.025", 0.025),
    ("0.05", 0.05),
    ("0.1", 0.1),
    ("0.2", 0.2),
    ("0.3", 0.3),
    ("0.5", 0.5),
    ("1", 1.0),
    ("2.5", 2.5),
    ("+Inf", f64::INFINITY),
];

const BUCKETS: usize = 10;

/// Cells of ten seconds after which the increments repeat.
const CELLS: usize = 360;

/// Steepness of the log-logistic distribution of durations.
const SHAPE: f64 = 3.5;

/// Median duration of the culprit's requests while it is ill, in seconds.
const ILL_MEDIAN_SECONDS: f64 = 0.55;

/// Share of the other servers' requests that wait for the culprit while it is ill.
const WAITING_SHARE: f64 = 0.12;

/// Requests by duration, cumulative as Prometheus counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Requests that took at most the bound of the same index in [`UPPER_BOUNDS`].
    pub buckets: [u64; BUCKETS],
    /// All durations, in milliseconds: an integer, so that sums never lose a digit.
    pub sum_milliseconds: u64,
}

impl Requests {
    /// All requests.
    pub fn count(&self) -> u64 {
        self.buckets[BUCKETS - 1]
    }

    /// All durations, in seconds.
    pub fn sum_seconds(&self) -> f64 {
        self.sum_milliseconds as f64 / 1000.0
    }

    fn map2(&self, other: &Self, join: impl Fn(u64, u64) -> u64) -> Self {
        let mut buckets = self.buckets;
        for (own, others) in buckets.iter_mut().zip(other.buckets) {
            *own = join(*own, others);
        }
        Self {
            buckets,
            sum_milliseconds: join(self.sum_milliseconds, other.sum_milliseconds),
        }
    }

    fn plus(&self, other: &Self) -> Self {
        self.map2(other, |a, b| a + b)
    }

    fn minus(&self, other: &Self) -> Self {
        self.map2(other, |a, b| a - b)
    }

    fn scaled(&self, by: u64, over: u64) -> Self {
        self.map2(self, |a, _| a * by / over)
    }
}

/// One server's increments, as prefix sums over one period.
#[derive(Debug)]
pub(super) struct Latency {
    healthy: Vec<Requests>,
    ill: Vec<Requests>,
}

impl Latency {
    pub(super) fn new(key: u64, server: &Server, culprit: bool) -> Self {
        let ill_share = if culprit { 1.0 } else { WAITING_SHARE };
        Self {
            healthy: prefix_sums(|cell| increment(key, cell, server, 0.0)),
            ill: prefix_sums(|cell| increment(key, cell, server, ill_share)),
        }
    }

    /// Requests from `begins` to `at`; within a cell they arrive evenly, which keeps the counters
    /// meaningful for a scraper that comes every second.
    pub(super) fn total(&self, begins: i64, incident: &Incident, at: i64) -> Requests {
        let Ok(elapsed) = u64::try_from(at - begins) else {
            return Requests::default();
        };
        let interval = SCRAPE_INTERVAL_SECONDS.unsigned_abs();
        let first_cell_from = |time: i64| {
            u64::try_from(time - begins).map_or(0, |seconds| seconds.div_ceil(interval))
        };
        let ill_cells: Vec<(u64, u64)> = incident
            .illnesses()
            .iter()
            .map(|illness| {
                let recovers = illness.until.map_or(u64::MAX, first_cell_from);
                (first_cell_from(illness.from), recovers)
            })
            .collect();

        let cell = elapsed / interval;
        let until = |end: u64| -> Requests {
            let healthy = at_cell(&self.healthy, end);
            ill_cells.iter().fold(healthy, |sum, &(from, to)| {
                let (from, to) = (end.min(from), end.min(to));
                let ill = at_cell(&self.ill, to).minus(&at_cell(&self.ill, from));
                let skipped = at_cell(&self.healthy, to).minus(&at_cell(&self.healthy, from));
                sum.minus(&skipped).plus(&ill)
            })
        };
        let whole = until(cell);
        let current = until(cell + 1).minus(&whole);
        whole.plus(&current.scaled(elapsed % interval, interval))
    }
}

fn prefix_sums(increment: impl Fn(u64) -> Requests) -> Vec<Requests> {
    let mut sums = vec![Requests::default()];
    let mut sum = Requests::default();
    for cell in 0..CELLS as u64 {
        sum = sum.plus(&increment(cell));
        sums.push(sum);
    }
    sums
}

fn at_cell(sums: &[Requests], cell: u64) -> Requests {
    let whole = sums[CELLS].scaled(cell / CELLS as u64, 1);
    whole.plus(&sums[(cell % CELLS as u64) as usize])
}

/// The requests of one cell; `ill_share` of them take as long as the ill culprit's.
fn increment(key: u64, cell: u64, server: &Server, ill_share: f64) -> Requests {
    let busy = 1.0 + 0.1 * noise::signed(key, cell);
    let slow = 1.0 + 0.05 * noise::signed(key, cell + CELLS as u64);
    let requests = server.requests_per_second * SCRAPE_INTERVAL_SECONDS as f64 * busy;

    let mut buckets = [0; BUCKETS];
    let mut sum_seconds = 0.0;
    let mut below = 0;
    let mut lower = 0.0;
    for (bucket, (_, upper)) in buckets.iter_mut().zip(UPPER_BOUNDS) {
        let habit = share_within(upper, server.median_seconds * slow);
        let ill = share_within(upper, ILL_MEDIAN_SECONDS * slow);
        let share = habit * (1.0 - ill_share) + ill * ill_share;
        *bucket = (requests * share).round() as u64;
        let middle = if upper.is_finite() {
            0.5 * (lower + upper)
        } else {
            lower
        };
        sum_seconds += (*bucket - below) as f64 * middle;
        below = *bucket;
        lower = upper;
    }
    Requests {
        buckets,
        sum_milliseconds: (sum_seconds * 1000.0).round() as u64,
    }
}

/// The log-logistic distribution: the share of durations of at most `seconds`.
fn share_within(seconds: f64, median: f64) -> f64 {
    1.0 / (1.0 + (seconds / median).powf(-SHAPE))
}
