//! What the kernel needs for a query that is too big to fetch whole: the queries by which its source ranks the series, and
//! one answer made of the parts of a long window.

use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::push_down::{By, PushDown, count, limit};
use serde::Serialize;
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

/// The queries that can be written with what is known, as JSON. One function for all: each that is exported costs.
///
/// `numbers` are start, end, step and length of the baseline in milliseconds, how many series to keep, whether they count up
/// (1 or 0), and, when they are known (not NaN), the least amplitude of those kept, the typical habit, and what one of the
/// `quiet` queries found. `series` is a JSON array of labels: those to be fetched, the suspect first.
///
/// # Errors
/// When the arguments are not of that shape, or the source cannot rank the query; the message says why.
#[wasm_bindgen]
pub fn push_down(query: &str, numbers: &[f64], series: &str) -> Result<String, JsError> {
    let [
        start,
        end,
        step,
        baseline,
        keep,
        counts,
        least,
        typical,
        quiet @ ..,
    ] = numbers
    else {
        return Err(JsError::new("eight numbers are needed"));
    };
    let grid = Grid::new(*start as i64, *end as i64, *step as i64)?;
    let asked = PushDown::new(query, *counts > 0.0, grid, *baseline as i64)?;
    let series: Vec<Labels> = casebook_json::from_str(series)?;
    let keep = *keep as u32;
    let known = |number: &f64| Some(*number).filter(|number| *number > 0.0);
    let typical = known(typical);
    let furthest = |by| asked.furthest(by, keep, typical?);
    let quiet_of = |by| asked.quiet(by, typical?, series.first()?);
    let steps = asked.quiet_grid();
    json(&Written {
        at_ms: asked.at_ms(),
        windows: asked.windows(),
        count: count(query),
        amplitude: asked.amplitude(keep),
        coverage: asked.coverage(),
        others: known(least).map(|least| asked.others(keep, least)),
        typical: asked.typical(),
        swing: furthest(By::Swing),
        shift: furthest(By::Shift),
        quiet_swing: quiet_of(By::Swing),
        quiet_shift: quiet_of(By::Shift),
        quiet_start_ms: steps.map(|grid| grid.start_ms),
        quiet_step_ms: steps.map(|grid| grid.step_ms),
        limit: limit(quiet),
        narrowed: (!series.is_empty()).then(|| asked.narrowed(&series)),
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
