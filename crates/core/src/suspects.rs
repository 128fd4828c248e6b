//! Who is odd: each series against its own past, and its peers.

mod checks;
mod decide;
mod group;
pub(crate) mod habit;
mod level;
mod past;
mod peers;
mod score;
mod usual;
mod warnings;
mod words;

use serde::{Deserialize, Serialize};

use self::past::{Excess, rounded};
use self::score::Scored;
pub use self::usual::Usual;
use crate::amplitude::{descending, metrics, rank};
use crate::labels::Labels;
use crate::matrix::Matrix;
use crate::sorted::sort;

/// When a swing counts as odd. The defaults are what the tests measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SuspectSettings {
    /// The suspect must be this many times as far from its usual as the next, and a unit of usual variation
    /// ahead; 1.3.
    pub margin: f64,
    /// A swing of less than this many times the habit is never odd; 1.5.
    pub min_ratio: f64,
    /// Chance of an accusation in a quiet fleet that the limit is set for; 0.005.
    pub chance: f64,
    /// Fewer baseline windows than this say nothing about habit; 3.
    pub min_windows: usize,
    /// Accuse not single series but what has the same value of this label, such as a service with
    /// several metrics; `None`.
    pub by: Option<String>,
}

impl Default for SuspectSettings {
    fn default() -> Self {
        Self {
            margin: 1.3,
            min_ratio: 1.5,
            chance: 0.005,
            min_windows: 3,
            by: None,
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
    /// Swing and level of the series against its own windows before.
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
    /// Baseline windows that were compared with.
    pub windows: usize,
    /// Independent looks at the data, each with its own sentence.
    pub checks: Vec<Check>,
    /// Series by score, greatest first; series that could not be scored last.
    pub ranking: Vec<SuspectRow>,
    /// What the series were grouped by, greatest score first; empty without [`SuspectSettings::by`].
    pub groups: Vec<Group>,
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

/// What was accused or not: all series with the same value of the label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// The value of the label.
    pub name: String,
    /// Rows in the current matrix, the oddest first.
    pub rows: Vec<usize>,
    /// Mean score of its two oddest series, what is beyond six units hardly counted.
    pub score: Option<f64>,
    /// Whether one of its series is odd.
    pub odd: bool,
}

/// One number of a series against the same number in the windows before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Distance {
    /// Now, divided by the median of the windows before.
    pub ratio: f64,
    /// Logarithm of the ratio, in units of the series' usual variation.
    pub units: f64,
    /// What chance explains at most, in the same units.
    pub limit: f64,
    /// Whether it is beyond.
    pub odd: bool,
}

/// One series in a verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SuspectRow {
    /// Row in the current matrix.
    pub row: usize,
    /// Row of the same series in the baseline; `None` without one.
    pub baseline_row: Option<usize>,
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
    /// Median of the current window.
    pub level: Option<f64>,
    /// Median of the medians of the baseline windows.
    pub baseline_level: Option<f64>,
    /// The swing against the swings before (or, without a baseline, against those of the other series).
    pub swing: Option<Distance>,
    /// The distance from the usual level against those before.
    pub shift: Option<Distance>,
    /// What the order is by: units of the swing, and a third of those of the shift.
    pub score: Option<f64>,
    /// Whether swing or level is beyond what chance explains.
    pub odd: bool,
    /// Where its samples lay before: of the suspect, or of those that cannot be told apart.
    pub usual: Option<Usual>,
}

/// Who is odd in `current`, against `baseline`: the time before, same query, same step.
///
/// With a baseline, each series is compared with its own windows before: how far it swings, and where it
/// stands. Without one, or with fewer than [`SuspectSettings::min_windows`] windows in it, the score is the
/// amplitude divided by that of the median series, which is only right for servers that are alike; `method`
/// and `warnings` say so.
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
    let entries = group::entries(&scores, current, settings.by.as_deref());
    let silent = checks::silent(&ranking, &scores);
    let metrics = metrics(current).len();
    let decision = decide::decide(&scores, &entries, &silent, metrics, settings);
    let words = words::Words::new(
        current, baseline, &ranking, &scores, &entries, &decision, settings,
    );
    let row_of = |index: &usize| scores.rows[*index].row;
    let top = decision.top.filter(|_| decision.kind == VerdictKind::Clear);
    let accused = |index: usize| top == Some(index) || decision.tied.contains(&index);
    Verdict {
        kind: decision.kind,
        method: scores.method,
        reason: words.reason(),
        top: top.as_ref().map(row_of),
        tied: decision.tied.iter().map(row_of).collect(),
        windows: scores.windows.len(),
        checks: words.checks(),
        warnings: words.warnings(),
        ranking: scores
            .rows
            .iter()
            .enumerate()
            .map(|(index, series)| SuspectRow {
                usual: baseline
                    .filter(|_| accused(index))
                    .and_then(|before| Usual::of(before, &scores, index)),
                ..suspect_row(current, series)
            })
            .collect(),
        groups: entries
            .iter()
            .filter(|_| settings.by.is_some())
            .map(|entry| Group {
                name: entry.name.clone(),
                rows: entry.members.iter().map(row_of).collect(),
                score: entry.score,
                odd: entry.odd,
            })
            .collect(),
    }
}

fn suspect_row(current: &Matrix, series: &Scored) -> SuspectRow {
    let usual = series.habit.as_ref().map(|habit| habit.median);
    let distance = |excess: &Excess, odd: bool| Distance {
        ratio: rounded(excess.ratio),
        units: excess.units,
        limit: excess.limit,
        odd,
    };
    let swing = series.swing.as_ref();
    let shift = series.shift.as_ref();
    SuspectRow {
        row: series.row,
        baseline_row: series.before,
        name: current.name(series.row).to_owned(),
        labels: current.labels(series.row).clone(),
        amplitude: series.amplitude,
        baseline_amplitude: usual,
        baseline_max: series.habit.as_ref().map(|habit| habit.max),
        swing_ratio: usual
            .filter(|usual| *usual > 0.0)
            .and_then(|usual| Some((series.amplitude? / usual).min(f64::MAX))),
        level: series.level.as_ref().map(|level| level.now),
        baseline_level: series.level.as_ref().map(|level| level.usual),
        swing: swing.map(|swing| distance(swing, series.swings())),
        shift: shift.map(|shift| distance(shift, series.shifted())),
        score: series.score,
        odd: series.is_odd(),
        usual: None,
    }
}

#[cfg(test)]
mod tests;
