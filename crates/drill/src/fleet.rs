//! The fleet: which servers there are, how each behaves by habit, and what the incident changes.
//!
//! Everything here is a pure function of the seed, the incident, the series and the time, so that
//! the drill, a back-filled Prometheus and a live exporter agree on every sample.

mod incident;
mod latency;
mod noise;

use std::f64::consts::TAU;
use std::sync::Arc;

use crate::labels::{BUCKET, Labels, METRIC_NAME};
pub use incident::{Illness, Incident};
pub use latency::{Requests, UPPER_BOUNDS};

/// The server that the incident is about.
pub const CULPRIT: &str = "object4";

/// The server with the widest swings before the onset: a red herring.
pub const NOISY: &str = "object6";

/// P90 of the request duration, in seconds, above which the service level objective burns.
pub const P90_THRESHOLD_SECONDS: f64 = 0.3;

/// Seconds between two samples of a series.
pub const SCRAPE_INTERVAL_SECONDS: i64 = 10;

/// How long before the onset the fleet was started, in seconds; it has no samples before that.
const AGE_AT_ONSET_SECONDS: i64 = 14 * 24 * 3600;

/// How many times its habitual swing the culprit's `level` swings while it is ill.
const CULPRIT_SWING: f64 = 3.5;

/// A server and its habits.
#[derive(Clone, Debug)]
pub struct Server {
    /// The label `which`, for example `object4`.
    pub which: &'static str,
    /// The label `instance`, for example `10.0.0.5:9100`.
    pub instance: &'static str,
    /// The label `zone`.
    pub zone: &'static str,
    /// The EC2 instance that the server runs on, for example `i-0a1b2c3d4e5f67890`.
    pub instance_id: String,
    level: f64,
    swing: f64,
    period_seconds: f64,
    requests_per_second: f64,
    median_seconds: f64,
}

impl Server {
    /// The private address: the label `instance` without its port.
    pub fn address(&self) -> &'static str {
        self.instance
            .split_once(':')
            .map_or(self.instance, |(address, _)| address)
    }
}

/// `(zone, level, swing, period, requests/s, median latency)` by position; unlike on purpose.
const HABITS: [(&str, f64, f64, f64, f64, f64); 8] = [
    ("a", 12.0, 0.60, 83.0, 22.0, 0.070),
    ("b", 31.0, 0.90, 131.0, 31.0, 0.055),
    ("a", 8.0, 0.50, 71.0, 18.0, 0.090),
    ("b", 22.0, 1.40, 113.0, 27.0, 0.040),
    ("a", 17.0, 1.00, 97.0, 40.0, 0.080),
    ("b", 27.5, 0.75, 89.0, 24.0, 0.060),
    ("a", 24.0, 2.20, 109.0, 15.0, 0.105),
    ("b", 14.5, 1.10, 101.0, 29.0, 0.050),
];

/// `(which, instance)` by position.
const NAMES: [(&str, &str); 8] = [
    ("object0", "10.0.0.1:9100"),
    ("object1", "10.0.0.2:9100"),
    ("object2", "10.0.0.3:9100"),
    ("object3", "10.0.0.4:9100"),
    ("object4", "10.0.0.5:9100"),
    ("object5", "10.0.0.6:9100"),
    ("object6", "10.0.0.7:9100"),
    ("object7", "10.0.0.8:9100"),
];

/// What a series counts or measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The gauge `level`.
    Level,
    /// The bucket of `request_duration_seconds` with this index into [`UPPER_BOUNDS`].
    Bucket(usize),
    /// `request_duration_seconds_sum`, in seconds.
    DurationSum,
    /// `request_duration_seconds_count`.
    RequestCount,
    /// `up`: 1, always.
    Up,
}

impl Measure {
    /// Whether the series only ever grows.
    pub fn is_counter(self) -> bool {
        !matches!(self, Self::Level | Self::Up)
    }
}

/// One time series of the fleet.
#[derive(Clone, Debug)]
pub struct Series {
    /// All labels, the metric's name included.
    pub labels: Labels,
    /// Index into [`Fleet::servers`].
    pub server: usize,
    /// What it measures.
    pub measure: Measure,
}

/// Eight servers, their series and their incident. Clones share their tables.
#[derive(Clone, Debug)]
pub struct Fleet {
    seed: u64,
    incident: Incident,
    servers: Arc<[Server]>,
    series: Arc<[Series]>,
    latencies: Arc<[latency::Latency]>,
}

impl Fleet {
    /// The fleet of a seed; two fleets of the same seed and incident have the same samples.
    pub fn new(seed: u64, incident: Incident) -> Self {
        let servers: Arc<[Server]> = NAMES
            .iter()
            .zip(HABITS)
            .enumerate()
            .map(|(index, (&(which, instance), habit))| {
                let (zone, level, swing, period_seconds, requests_per_second, median_seconds) =
                    habit;
                Server {
                    which,
                    instance,
                    zone,
                    instance_id: instance_id(seed, index),
                    level,
                    swing,
                    period_seconds,
                    requests_per_second,
                    median_seconds,
                }
            })
            .collect();
        let series = servers
            .iter()
            .enumerate()
            .flat_map(|(index, server)| series_of(index, server))
            .collect();
        let latencies = servers
            .iter()
            .enumerate()
            .map(|(index, server)| {
                let key = noise::key(seed, index as u64);
                latency::Latency::new(key, server, server.which == CULPRIT)
            })
            .collect();
        Self {
            seed,
            incident,
            servers,
            series,
            latencies,
        }
    }

    /// The same fleet with another course of the incident: a sample before the first second that
    /// is unlike never changes.
    #[must_use]
    pub fn with_incident(&self, incident: Incident) -> Self {
        Self {
            incident,
            ..self.clone()
        }
    }

    /// The incident this fleet plays.
    pub fn incident(&self) -> &Incident {
        &self.incident
    }

    /// Time of the first sample, in seconds since the Unix epoch; a multiple of the interval.
    pub fn begins(&self) -> i64 {
        let start = self.incident.onset() - AGE_AT_ONSET_SECONDS;
        start - start.rem_euclid(SCRAPE_INTERVAL_SECONDS)
    }

    /// The servers, by number.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// Every series: by server, then `level`, `up`, the histogram.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// A series' value at a second since the Unix epoch.
    ///
    /// Counters are 0 before [`Fleet::begins`].
    pub fn value(&self, series: &Series, at: i64) -> f64 {
        match series.measure {
            Measure::Level => self.level(series.server, at),
            Measure::Up => 1.0,
            Measure::Bucket(bound) => self.requests(series.server, at).buckets[bound] as f64,
            Measure::DurationSum => self.requests(series.server, at).sum_seconds(),
            Measure::RequestCount => self.requests(series.server, at).count() as f64,
        }
    }

    /// A server's `level`: its own normal plus a bounded swing, part wave and part noise, rounded
    /// to three decimals as an exporter would print it.
    ///
    /// The noise is bounded, not Gaussian, so that what the story needs holds in every window: the
    /// culprit's narrowest five ill minutes are wider than the widest five of [`NOISY`].
    pub fn level(&self, server: usize, at: i64) -> f64 {
        let habit = &self.servers[server];
        let ill = habit.which == CULPRIT && self.incident.is_ill(at);
        let (swing, wave_share) = if ill {
            (habit.swing * CULPRIT_SWING, 0.85)
        } else {
            (habit.swing, 0.6)
        };
        let key = noise::key(self.seed, server as u64);
        let phase = noise::unit(key, u64::MAX);
        let wave = (TAU * (at as f64 / habit.period_seconds + phase)).sin();
        let jitter = noise::signed(key, at as u64);
        let level = habit.level + swing * (wave_share * wave + (1.0 - wave_share) * jitter);
        (level * 1000.0).round() / 1000.0
    }

    /// A server's requests since [`Fleet::begins`], by duration.
    pub fn requests(&self, server: usize, at: i64) -> Requests {
        self.latencies[server].total(self.begins(), &self.incident, at)
    }
}

/// An id as EC2 gives: 17 hexadecimal digits, of which the first is 0.
fn instance_id(seed: u64, server: usize) -> String {
    const IDS: u64 = 1 << 32;
    format!("i-0{:016x}", noise::key(seed, IDS + server as u64))
}

fn series_of(index: usize, server: &Server) -> Vec<Series> {
    let one = |name: &str, bound: &str, measure: Measure| Series {
        labels: Labels::new([
            (METRIC_NAME, name),
            ("which", server.which),
            ("instance", server.instance),
            ("job", "fleet"),
            ("zone", server.zone),
            (BUCKET, bound),
        ]),
        server: index,
        measure,
    };
    let mut series = vec![
        one("level", "", Measure::Level),
        one("up", "", Measure::Up),
        one("request_duration_seconds_sum", "", Measure::DurationSum),
        one("request_duration_seconds_count", "", Measure::RequestCount),
    ];
    for (bound, (text, _)) in UPPER_BOUNDS.iter().enumerate() {
        series.push(one(
            "request_duration_seconds_bucket",
            text,
            Measure::Bucket(bound),
        ));
    }
    series
}
