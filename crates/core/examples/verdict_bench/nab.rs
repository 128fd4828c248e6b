//! NAB (numenta/NAB): series with labelled windows of trouble; the onset is asked as an alarm would ask it.

use std::error::Error;
use std::fs;
use std::path::Path;

use casebook_core::onset::onset;

use crate::case::moments;
use crate::csv;

/// Points that are looked at together, two days of most of the series, so that their daily rhythm is inside; a new look
/// every [`HOP`].
const WINDOW: usize = 576;
const HOP: usize = 10;

/// One series: its values, and the steps of each labelled window.
struct Series {
    values: Vec<f64>,
    labelled: Vec<std::ops::Range<usize>>,
}

/// Alarms of one method over all series.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Alarms {
    /// Labelled windows with an alarm inside.
    pub(crate) hit: usize,
    /// Labelled windows.
    pub(crate) windows: usize,
    /// Alarms outside of every labelled window.
    pub(crate) wrong: usize,
    /// Alarms.
    pub(crate) all: usize,
    /// Points of all series.
    pub(crate) points: usize,
    /// Labelled windows that as many alarms at random steps of the same series would hit.
    pub(crate) hit_by_chance: f64,
}

impl Alarms {
    pub(crate) fn hit_rate(&self) -> f64 {
        self.hit as f64 / self.windows.max(1) as f64
    }

    pub(crate) fn chance_rate(&self) -> f64 {
        self.hit_by_chance / self.windows.max(1) as f64
    }

    pub(crate) fn wrong_per_1000(&self) -> f64 {
        1e3 * self.wrong as f64 / self.points.max(1) as f64
    }

    fn count(&mut self, series: &Series, alarms: &[usize]) {
        let inside = |range: &std::ops::Range<usize>| alarms.iter().any(|at| range.contains(at));
        let labelled = |at: &&usize| series.labelled.iter().any(|range| range.contains(*at));
        self.hit += series.labelled.iter().filter(|range| inside(range)).count();
        self.windows += series.labelled.len();
        self.all += alarms.len();
        self.wrong += alarms.len() - alarms.iter().filter(labelled).count();
        self.points += series.values.len();
        for range in &series.labelled {
            let missed = 1.0 - range.len() as f64 / series.values.len() as f64;
            self.hit_by_chance += 1.0 - missed.powi(alarms.len() as i32);
        }
    }
}

/// The onsets, and what is beyond three standard deviations of the window before.
pub(crate) fn alarms(nab: &Path) -> Result<(Alarms, Alarms), Box<dyn Error>> {
    let labels = fs::read_to_string(nab.join("labels/combined_windows.json"))?;
    let labels: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&labels)?;
    let (mut by_onset, mut by_sigma) = (Alarms::default(), Alarms::default());
    for (file, windows) in &labels {
        let series = series(&nab.join("data").join(file), windows)?;
        by_onset.count(&series, &onsets(&series.values));
        by_sigma.count(&series, &beyond_three_sigma(&series.values));
    }
    Ok((by_onset, by_sigma))
}

/// Steps at which an onset is found that no look before has found: of the second half of each window, so that
/// there is enough before it to differ from.
fn onsets(values: &[f64]) -> Vec<usize> {
    let mut alarms: Vec<usize> = Vec::new();
    for end in (WINDOW..=values.len()).step_by(HOP) {
        let from = end - WINDOW;
        if let Some(found) = onset(&values[from..end], 1.0) {
            let at = from + found.first_after as usize;
            let late = found.first_after as usize >= WINDOW / 2;
            if late && alarms.last().is_none_or(|last| at > last + WINDOW / 2) {
                alarms.push(at);
            }
        }
    }
    alarms
}

fn beyond_three_sigma(values: &[f64]) -> Vec<usize> {
    let mut alarms: Vec<usize> = Vec::new();
    for at in WINDOW..values.len() {
        let Some((mean, deviation)) = moments(&values[at - WINDOW..at]) else {
            continue;
        };
        let far = (values[at] - mean).abs() > 3.0 * deviation;
        if far && alarms.last().is_none_or(|last| at > last + WINDOW / 2) {
            alarms.push(at);
        }
    }
    alarms
}

fn series(path: &Path, windows: &serde_json::Value) -> Result<Series, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let rows: Vec<Vec<String>> = text.lines().skip(1).map(csv::cells).collect();
    let values = rows
        .iter()
        .filter_map(|row| row.get(1))
        .map(|cell| csv::number(cell))
        .collect();
    // Times are written `2014-04-10 00:04:00`, in order, so that their texts compare as they do.
    let at = |text: &str| rows.partition_point(|row| row[0].as_str() < &text[..text.len().min(19)]);
    let labelled = windows
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|window| Some(at(window[0].as_str()?)..at(window[1].as_str()?) + 1))
        .collect();
    Ok(Series { values, labelled })
}
