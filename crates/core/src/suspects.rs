//! Who is odd: amplitude against the series' own habit.

mod checks;
mod decide;
pub(crate) mod habit;
mod score;
mod warnings;
mod words;

use serde::{Deserialize, Serialize};

use self::score::Scored;
use crate::amplitude::{descending, metrics, rank};
use crate::labels::Labels;
use crate::matrix::Matrix;
use crate::sorted::sort;

/// When a swing counts as odd. The defaults are what the tests measure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SuspectSettings {
    /// The suspect's score must be this many times the next one's; 1.3.
    pub margin: f64,
    /// A swing of less than this many times the habit is never odd; 1.5.
    pub min_ratio: f64,
    /// Chance of an accusation in a quiet fleet that the limit is set for; 0.005.
    pub chance: f64,
    /// Fewer baseline windows than this say nothing about habit; 3.
    pub min_windows: usize,
}

impl Default for SuspectSettings {
    fn default() -> Self {
        Self {
            margin: 1.3,
            min_ratio: 1.5,
            chance: 0.005,
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
    /// What the order is by: the swing ratio, with a habit near zero held above a floor; or the
    /// amplitude over that of the median series.
    pub score: Option<f64>,
    /// The score above which chance does not explain it for this series.
    pub limit: Option<f64>,
    /// Whether the score is beyond the limit.
    pub odd: bool,
}

/// Who is odd in `current`, against `baseline`: the time before, same query, same step.
///
/// With a baseline, the score is the swing ratio: amplitude divided by the median amplitude of the
/// baseline's windows of the same length. Without one, or with fewer than
/// [`SuspectSettings::min_windows`] windows in it, the score is the amplitude divided by that of the
/// median series, which is only right for servers that are alike; `method` and `warnings` say so.
#[must_use]
pub fn suspects(
    current: &Matrix,
    baseline: Option<&Matrix>,
    settings: &SuspectSettings,
) -> Verdict {
    let ranking = rank(current);
    let own =
        baseline.and_then(|before| score::by_own_baseline(current, before, &ranking, settings));
    let mut scores = own.unwrap_or_else(|| score::by_peers(&ranking, settings));
    sort(&mut scores.rows, |a, b| {
        descending(a.score, b.score)
            .then_with(|| descending(a.amplitude, b.amplitude))
            .then_with(|| current.name(a.row).cmp(current.name(b.row)))
    });
    let decision = decide::decide(&scores, metrics(current).len(), settings);
    let words = words::Words::new(current, baseline, &ranking, &scores, &decision, settings);
    let row_of = |index: usize| scores.rows[index].row;
    let top = decision.top.filter(|_| decision.kind == VerdictKind::Clear);
    Verdict {
        kind: decision.kind,
        method: scores.method,
        reason: words.reason(),
        top: top.map(row_of),
        tied: decision.tied.iter().map(|index| row_of(*index)).collect(),
        limit: decision
            .top
            .or(Some(0))
            .and_then(|index| scores.rows.get(index)?.limit),
        windows: scores.windows.len(),
        checks: words.checks(),
        warnings: words.warnings(),
        ranking: scores
            .rows
            .iter()
            .map(|series| suspect_row(current, series))
            .collect(),
    }
}

fn suspect_row(current: &Matrix, series: &Scored) -> SuspectRow {
    let usual = series.habit.as_ref().map(|habit| habit.median);
    SuspectRow {
        row: series.row,
        name: current.name(series.row).to_owned(),
        labels: current.labels(series.row).clone(),
        amplitude: series.amplitude,
        baseline_amplitude: usual,
        baseline_max: series.habit.as_ref().map(|habit| habit.max),
        swing_ratio: usual
            .filter(|usual| *usual > 0.0)
            .and_then(|usual| Some((series.amplitude? / usual).min(f64::MAX))),
        score: series.score,
        limit: series.limit,
        odd: series.is_odd(),
    }
}

#[cfg(test)]
mod tests;
