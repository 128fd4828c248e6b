//! Who is odd: amplitude against the series' own habit.

use serde::{Deserialize, Serialize};

use crate::labels::Labels;
use crate::matrix::Matrix;

/// When a swing counts as odd. The defaults are what the tests measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SuspectSettings {
    /// The suspect's score must be this many times the next one's; 1.3.
    pub margin: f64,
    /// A swing of less than this many times the habit is never odd; 1.5.
    pub min_ratio: f64,
    /// Chance of an accusation in a quiet fleet that the limit is set for; 0.01.
    pub chance: f64,
    /// Fewer baseline windows than this say nothing about habit; 3.
    pub min_windows: usize,
}

impl Default for SuspectSettings {
    fn default() -> Self {
        Self {
            margin: 1.3,
            min_ratio: 1.5,
            chance: 0.01,
            min_windows: 3,
        }
    }
}

/// Whether one series stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// One series is odd, by a margin.
    Clear,
    /// Some are odd and cannot be told apart.
    Tie,
    /// None is odd, or the data cannot say.
    None,
}

/// What the scores are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Swing ratio: amplitude divided by the series' own amplitude before.
    OwnBaseline,
    /// Amplitude divided by the median amplitude of all series.
    Peers,
}

/// The verdict, with all that it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// clear, tie or none.
    pub kind: VerdictKind,
    /// What the scores are made of.
    pub method: Method,
    /// The verdict in one or two sentences.
    pub reason: String,
    /// The suspect's row; only when `kind` is clear.
    pub top: Option<usize>,
    /// Rows that cannot be told apart; only when `kind` is tie.
    pub tied: Vec<usize>,
    /// The score above which a swing is beyond what chance explains, when one could be set.
    pub limit: Option<f64>,
    /// Baseline windows that were compared with.
    pub windows: usize,
    /// Independent looks at the data, each with its own sentence.
    pub checks: Vec<Check>,
    /// Series by score, greatest first; series that could not be scored last.
    pub ranking: Vec<SuspectRow>,
    /// Sentences about what makes the verdict doubtful.
    pub warnings: Vec<String>,
}

/// One look at the data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// A word for programs: amplitude, own_baseline, chance, margin, peers, missing, …
    pub name: &'static str,
    /// What was found.
    pub sentence: String,
    /// The number behind the sentence, when there is one.
    pub number: Option<f64>,
    /// Whether it speaks for an oddity.
    pub interesting: bool,
}

/// One series in a verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SuspectRow {
    /// Row in the current matrix.
    pub row: usize,
    /// The series as PromQL text.
    pub name: String,
    /// The labels of the series.
    pub labels: Labels,
    /// Peak-to-peak in the current window.
    pub amplitude: Option<f64>,
    /// Median peak-to-peak of the baseline windows.
    pub baseline_amplitude: Option<f64>,
    /// Greatest peak-to-peak among the baseline windows.
    pub baseline_max: Option<f64>,
    /// Amplitude divided by the baseline amplitude.
    pub swing_ratio: Option<f64>,
    /// What the order is by.
    pub score: Option<f64>,
    /// Whether the score is beyond the limit for this series.
    pub odd: bool,
}

/// Who is odd in `current`, against `baseline`: the time before, same query, same step.
#[must_use]
pub fn suspects(
    current: &Matrix,
    baseline: Option<&Matrix>,
    settings: &SuspectSettings,
) -> Verdict {
    let _ = (current, baseline, settings);
    Verdict {
        kind: VerdictKind::None,
        method: Method::Peers,
        reason: String::new(),
        top: None,
        tied: Vec::new(),
        limit: None,
        windows: 0,
        checks: Vec::new(),
        ranking: Vec::new(),
        warnings: Vec::new(),
    }
}
