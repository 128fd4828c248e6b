//! What the kernel holds of an answer: a handle that is asked questions. The samples stay in wasm memory.

use casebook_core::matrix::Matrix;
use js_sys::Float64Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::fetch::Receipt;
use crate::request::Request;

/// A decoded range query. `free()` it when it is no longer needed; a handle that was freed throws.
#[wasm_bindgen]
pub struct MatrixHandle {
    pub(crate) matrix: Matrix,
    pub(crate) receipt: Receipt,
    pub(crate) request: Request,
}

#[derive(Serialize)]
struct Summary<'a> {
    source: &'a str,
    query: &'a str,
    start_ms: i64,
    end_ms: i64,
    step_ms: i64,
    points: u32,
    series: usize,
    meta: &'a casebook_core::matrix::Meta,
    receipt: &'a Receipt,
}

impl MatrixHandle {
    pub(crate) fn new(request: Request, (matrix, receipt): (Matrix, Receipt)) -> Self {
        Self {
            matrix,
            receipt,
            request,
        }
    }

    pub(crate) fn row(&self, row: usize) -> Result<usize, JsError> {
        let rows = self.matrix.rows();
        if row < rows {
            Ok(row)
        } else {
            Err(JsError::new(&format!("no row {row}: there are {rows}")))
        }
    }
}

#[wasm_bindgen]
impl MatrixHandle {
    /// What was asked and what came, as JSON: source, query, `start_ms`, `end_ms`, `step_ms`, `points`, `series`,
    /// `meta` (warnings, NaN, gaps), `receipt` (bytes, sha256, the proxy's record, `elapsed_ms`).
    ///
    /// # Errors
    /// Never for an answer that was decoded; JSON of it always exists.
    pub fn summary(&self) -> Result<String, JsError> {
        json(&Summary {
            source: &self.request.source,
            query: &self.request.query,
            start_ms: self.request.start_ms,
            end_ms: self.request.end_ms,
            step_ms: self.request.step_ms,
            points: self.matrix.grid().points,
            series: self.matrix.rows(),
            meta: self.matrix.meta(),
            receipt: &self.receipt,
        })
    }

    /// The labels of one series as a JSON object.
    ///
    /// # Errors
    /// When there is no such row.
    pub fn labels(&self, row: usize) -> Result<String, JsError> {
        json(self.matrix.labels(self.row(row)?))
    }

    /// The instants of the steps, in seconds since the Unix epoch.
    #[must_use]
    pub fn times(&self) -> Float64Array {
        let grid = self.matrix.grid();
        #[allow(
            clippy::cast_precision_loss,
            reason = "milliseconds since 1970 fit in 53 bits"
        )]
        let seconds: Vec<f64> = (0..grid.points)
            .map(|step| grid.time_ms(step) as f64 / 1000.0)
            .collect();
        Float64Array::from(seconds.as_slice())
    }

    /// A copy of one series, one value a step, NaN where a step has no sample.
    ///
    /// # Errors
    /// When there is no such row.
    pub fn values(&self, row: usize) -> Result<Float64Array, JsError> {
        Ok(Float64Array::from(self.matrix.values(self.row(row)?)))
    }

    /// How far each series swings, `max - min` of its finite samples; NaN where there are none.
    #[must_use]
    pub fn swings(&self) -> Float64Array {
        Float64Array::from(self.matrix.swings().as_slice())
    }
}

/// A small result as JSON.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, JsError> {
    Ok(casebook_json::to_string(value)?)
}
