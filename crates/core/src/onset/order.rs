//! The order of the onsets over the series of an answer: the earliest is the best cheap hint at a cause.

use std::borrow::Cow;

use serde::Serialize;

use super::points::scrape_steps;
use super::{Changed, Onset, onset_among};
use crate::amplitude::signal;
use crate::grid::Grid;
use crate::labels::Labels;
use crate::matrix::{GAP, Matrix, is_gap};
use crate::sorted::sort;
use crate::text::{ShortNames, clock, count, number};

/// The onsets of the series of an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Onsets {
    /// Series with an onset, earliest first; those of one place by their text.
    pub order: Vec<SeriesOnset>,
    /// Rows without an onset.
    pub without: Vec<usize>,
    /// Steps that show the same sample, in the fastest of the series; 1 when the step is not shorter than the scrape
    /// interval.
    pub scrape_steps: f64,
    /// Who was first, in one or two sentences.
    pub sentence: String,
}

/// The onset of one series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeriesOnset {
    /// Row in the matrix.
    pub row: usize,
    /// The series as PromQL text.
    pub name: String,
    /// The labels of the series.
    pub labels: Labels,
    /// 1 for the earliest. Series whose intervals have no whole step between them share a place, and the next place
    /// counts them all.
    pub place: usize,
    /// The change came after this instant, milliseconds since the Unix epoch…
    pub after_ms: i64,
    /// …and had come by this one.
    pub by_ms: i64,
    /// The change went back after and by these instants, when it was a burst.
    pub ended_ms: Option<(i64, i64)>,
    /// Whether it lies before the window, in the baseline.
    pub before_window: bool,
    /// The change itself. Its steps are those of the window; of the baseline followed by the window, when it lies before.
    pub onset: Onset,
    /// When and how it changed, as a sentence.
    pub sentence: String,
}

/// When each series of `current` changed inside of the window, earliest first. Of counters, the increase is looked at.
///
/// For the rows of `look_back` that did not change inside of the window, the time before is looked at too: `baseline`, of
/// the same query and step. Alerts fire minutes after an onset. Only a change that lasts into the window counts there.
#[must_use]
pub fn onsets(current: &Matrix, baseline: Option<&Matrix>, look_back: &[usize]) -> Onsets {
    let names = ShortNames::of(current);
    let scrapes = scrape_steps(current);
    let mut order = Vec::new();
    let mut without = Vec::new();
    for (row, &scrape) in scrapes.iter().enumerate() {
        let before = baseline.filter(|_| look_back.contains(&row));
        match one(current, before, row, scrape, &names) {
            Some(found) => order.push(found),
            None => without.push(row),
        }
    }
    sort(&mut order, |a, b| {
        (a.by_ms, a.after_ms, &a.name).cmp(&(b.by_ms, b.after_ms, &b.name))
    });
    let step = current.grid().step_ms;
    let mut first: Option<(usize, i64)> = None;
    for (index, series) in order.iter_mut().enumerate() {
        let (place, _) = *first.insert(
            first
                .filter(|(_, by)| series.after_ms < by + step)
                .unwrap_or((index + 1, series.by_ms)),
        );
        series.place = place;
    }
    Onsets {
        sentence: sentence(&order, &names, current.rows()),
        order,
        without,
        scrape_steps: scrapes.into_iter().min_by(f64::total_cmp).unwrap_or(1.0),
    }
}

/// When one series of `current` changed; looks into the baseline when it did not inside of the window.
pub(crate) fn onset_of_row(
    current: &Matrix,
    baseline: Option<&Matrix>,
    row: usize,
) -> Option<SeriesOnset> {
    let scrape = *scrape_steps(current).get(row)?;
    one(current, baseline, row, scrape, &ShortNames::of(current))
}

fn one(
    current: &Matrix,
    baseline: Option<&Matrix>,
    row: usize,
    scrape: f64,
    names: &ShortNames,
) -> Option<SeriesOnset> {
    let inside = onset_among(&signal(current, row), scrape, current.rows())
        .map(|found| (found, *current.grid()));
    let earlier = || {
        let (values, grid) = joined(baseline?, current, row)?;
        let found = onset_among(&values, scrape, current.rows())?;
        let lasts = found
            .ended
            .is_none_or(|(_, end)| grid.time_ms(end) > current.grid().start_ms);
        lasts.then_some((found, grid))
    };
    let (found, grid) = inside.or_else(earlier)?;
    Some(placed(current, row, found, &grid, names))
}

/// One series over the baseline and the window, with its grid; `None` when their steps do not meet.
fn joined(before: &Matrix, current: &Matrix, row: usize) -> Option<(Vec<f64>, Grid)> {
    let (early, late) = (before.grid(), current.grid());
    let distance = late.start_ms - early.start_ms;
    if early.step_ms != late.step_ms || distance % late.step_ms != 0 {
        return None;
    }
    let grid = Grid::new(early.start_ms, late.end_ms(), late.step_ms).ok()?;
    let mut values = vec![GAP; grid.points as usize];
    let before_row = before.find(current.labels(row))?;
    let parts: [(Cow<'_, [f64]>, &Grid); 2] = [
        (signal(before, before_row), early),
        (signal(current, row), late),
    ];
    for (part, of) in parts {
        for (step, value) in part.iter().enumerate().filter(|(_, v)| !is_gap(**v)) {
            if let Some(at) = grid.step_at(of.time_ms(step as u32)) {
                values[at as usize] = *value;
            }
        }
    }
    Some((values, grid))
}

fn placed(
    current: &Matrix,
    row: usize,
    onset: Onset,
    grid: &Grid,
    names: &ShortNames,
) -> SeriesOnset {
    let mut series = SeriesOnset {
        row,
        name: current.name(row).to_owned(),
        labels: current.labels(row).clone(),
        place: 0,
        after_ms: grid.time_ms(onset.last_before),
        by_ms: grid.time_ms(onset.first_after),
        ended_ms: onset
            .ended
            .map(|(last, first)| (grid.time_ms(last), grid.time_ms(first))),
        before_window: grid.time_ms(onset.first_after) < current.grid().start_ms,
        onset,
        sentence: String::new(),
    };
    series.sentence = format!("{} {}.", names.matcher(row), series.words());
    series
}

impl SeriesOnset {
    /// What it did and when, without its name.
    fn words(&self) -> String {
        let verb = match (self.onset.changed, self.onset.size > 0.0) {
            (Changed::Level, true) => "rose",
            (Changed::Level, false) => "fell",
            (Changed::Swing, true) => "began to swing wider,",
            (Changed::Swing, false) => "began to swing less,",
        };
        let ended = self.ended_ms.map_or_else(String::new, |(last, first)| {
            format!(
                ", and went back between {} and {}",
                clock(last),
                clock(first)
            )
        });
        format!(
            "{verb} from {} to {} between {} and {} UTC{ended}",
            number(self.onset.before),
            number(self.onset.after),
            clock(self.after_ms),
            clock(self.by_ms),
        )
    }
}

fn sentence(order: &[SeriesOnset], names: &ShortNames, series: usize) -> String {
    let Some(first) = order.first() else {
        return format!(
            "None of the {} changes its level or its swing by more than its noise.",
            count(series, "series"),
        );
    };
    let shared: Vec<usize> = order
        .iter()
        .filter(|one| one.place == 1)
        .map(|one| one.row)
        .collect();
    let rest = match order.len() - shared.len() {
        0 => format!("No other of the {series} series changed."),
        later => format!("{later} of {series} series changed later."),
    };
    if shared.len() == 1 {
        return format!(
            "{} was first: it {}. {rest}",
            names.matcher(first.row),
            first.words()
        );
    }
    format!(
        "{} changed first, between {} and {} UTC; they cannot be told apart. {rest}",
        names.list(&shared),
        clock(
            order
                .iter()
                .filter(|one| one.place == 1)
                .map(|one| one.after_ms)
                .min()
                .unwrap_or(first.after_ms)
        ),
        clock(
            order
                .iter()
                .filter(|one| one.place == 1)
                .map(|one| one.by_ms)
                .max()
                .unwrap_or(first.by_ms)
        ),
    )
}
