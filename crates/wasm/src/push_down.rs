//! What the kernel needs for a query that is too big to fetch whole: the queries by which its source ranks the series, and
//! one answer made of the parts of a long window.

use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::push_down::{By, PushDown, count, limit};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::fetch::Receipt;
use crate::handle::{MatrixHandle, json};

/// See `casebook_core::push_down`; null is what cannot be written yet, or at all.
#[derive(Serialize)]
struct Written {
    at_ms: i64,
    windows: i64,
    count: String,
    amplitude: String,
    coverage: String,
    others: Option<String>,
    typical: Option<String>,
    swing: Option<String>,
    shift: Option<String>,
    quiet_swing: Option<String>,
    quiet_shift: Option<String>,
    quiet_start_ms: Option<i64>,
    quiet_step_ms: Option<i64>,
    limit: Option<f64>,
    narrowed: Option<String>,
}

/// What is asked, and what is known by now.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    query: String,
    start_ms: i64,
    end_ms: i64,
    step_ms: i64,
    /// Length of the baseline before the window; 0 for none.
    baseline_ms: i64,
    /// How many series to keep.
    keep: u32,
    /// Whether the series count up.
    counts: bool,
    /// The least amplitude of those kept.
    least: Option<f64>,
    /// The fleet's typical habit.
    typical: Option<f64>,
    /// What one of the `quiet` queries found.
    quiet: Vec<f64>,
    /// The series to be fetched, the suspect first.
    series: Vec<Labels>,
}

/// The queries that can be written with what is known. One function for all: each that is exported costs.
///
/// `asked_json` is the query, its window, step and baseline, how many series to keep, and what is known by now; the answer is JSON, too.
///
/// # Errors
/// When the argument is not of that shape, or the source cannot rank the query; the message says why.
#[wasm_bindgen]
pub fn push_down(asked_json: &str) -> Result<String, JsError> {
    let known: Asked = casebook_json::from_str(asked_json)?;
    let grid = Grid::new(known.start_ms, known.end_ms, known.step_ms)?;
    let asked = PushDown::new(&known.query, known.counts, grid, known.baseline_ms)?;
    let furthest = |by| asked.furthest(by, known.keep, known.typical?);
    let quiet_of = |by| asked.quiet(by, known.typical?, known.series.first()?);
    let steps = asked.quiet_grid();
    json(&Written {
        at_ms: asked.at_ms(),
        windows: asked.windows(),
        count: count(&known.query),
        amplitude: asked.amplitude(known.keep),
        coverage: asked.coverage(),
        others: known.least.map(|least| asked.others(known.keep, least)),
        typical: asked.typical(),
        swing: furthest(By::Swing),
        shift: furthest(By::Shift),
        quiet_swing: quiet_of(By::Swing),
        quiet_shift: quiet_of(By::Shift),
        quiet_start_ms: steps.map(|grid| grid.start_ms),
        quiet_step_ms: steps.map(|grid| grid.step_ms),
        limit: limit(&known.quiet),
        narrowed: (!known.series.is_empty()).then(|| asked.narrowed(&known.series)),
    })
}

#[wasm_bindgen]
impl MatrixHandle {
    /// This answer and `later`, the answer to the same query from the next step on. Its receipt counts the bytes of both,
    /// and has no digest: that of each is in the receipts of the parts.
    ///
    /// # Errors
    /// When `later` does not begin at the next step.
    pub fn followed_by(&self, later: &MatrixHandle) -> Result<MatrixHandle, JsError> {
        let joined = self.matrix.followed_by(&later.matrix);
        let joined = joined.ok_or_else(|| JsError::new("the windows are no neighbours"))?;
        let mut request = self.request.clone();
        request.end_ms = later.request.end_ms;
        let receipt = Receipt {
            bytes: self.receipt.bytes + later.receipt.bytes,
            elapsed_ms: self.receipt.elapsed_ms + later.receipt.elapsed_ms,
            ..Receipt::default()
        };
        Ok(MatrixHandle::new(request, (joined, receipt)))
    }
}
