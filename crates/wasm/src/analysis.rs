//! The questions that the kernel asks of a [`MatrixHandle`]; the answers are the core's own structs as JSON.

use casebook_core::amplitude::{Kind, rank_by};
use casebook_core::contrast::contrast;
use casebook_core::labels::Labels;
use casebook_core::onset::onsets;
use casebook_core::recheck::{RecheckSettings, recheck};
use casebook_core::slo::{Objective, Over, breach};
use casebook_core::suspects::{SuspectSettings, suspects};
use casebook_core::svg::{ChartOptions, chart};
use casebook_core::{envelope, matrix::Matrix};
use js_sys::Float64Array;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use crate::handle::{MatrixHandle, json};

/// Whose recovery is asked for, and what counts as one.
#[derive(Deserialize)]
struct RecheckOptions {
    suspect: Labels,
    #[serde(default)]
    settings: RecheckSettings,
}

#[wasm_bindgen]
impl MatrixHandle {
    /// The series by amplitude (`casebook_core::amplitude::Ranking`); `kind` is the name of a
    /// `casebook_core::amplitude::Kind`, peak-to-peak without it.
    ///
    /// # Errors
    /// When there is no such kind.
    pub fn amplitude(&self, kind: Option<String>) -> Result<String, JsError> {
        let kind = match kind {
            Some(name) => Kind::named(&name).ok_or_else(|| JsError::new("no such kind"))?,
            None => Kind::default(),
        };
        json(&rank_by(&self.matrix, kind, None))
    }

    /// The series by swing ratio: amplitude over their own in `baseline`, the answer to the same query over the time
    /// before.
    ///
    /// # Errors
    /// Never for answers that were decoded.
    pub fn swing_ratio(&self, baseline: &MatrixHandle) -> Result<String, JsError> {
        json(&rank_by(
            &self.matrix,
            Kind::SwingRatio,
            Some(&baseline.matrix),
        ))
    }

    /// Who is odd among the series of this answer alone (`casebook_core::suspects::Verdict`); `options` are
    /// `SuspectSettings`.
    ///
    /// # Errors
    /// When the options are not of that shape.
    pub fn suspects(&self, options: Option<String>) -> Result<String, JsError> {
        self.verdict(None, options)
    }

    /// Who is odd against `baseline`, the answer to the same query over the time before.
    ///
    /// A method of its own, because wasm-bindgen would take an optional handle away from its owner.
    ///
    /// # Errors
    /// As for `suspects`.
    pub fn suspects_against(
        &self,
        baseline: &MatrixHandle,
        options: Option<String>,
    ) -> Result<String, JsError> {
        self.verdict(Some(&baseline.matrix), options)
    }

    /// When each series changed inside of the window, earliest first (`casebook_core::onset::Onsets`).
    ///
    /// # Errors
    /// Never for an answer that was decoded.
    pub fn onsets(&self) -> Result<String, JsError> {
        json(&onsets(&self.matrix, None, &[]))
    }

    /// As `onsets`, with the time before looked at for some rows, a JSON list, that did not change inside.
    ///
    /// # Errors
    /// When the rows are not a list of numbers.
    pub fn onsets_since(&self, baseline: &MatrixHandle, rows: &str) -> Result<String, JsError> {
        let rows: Vec<usize> = casebook_json::from_str(rows)?;
        json(&onsets(&self.matrix, Some(&baseline.matrix), &rows))
    }

    /// Which label value separates some rows, a JSON list, from the others (`casebook_core::contrast::Contrast`).
    ///
    /// # Errors
    /// When the rows are not a list of numbers.
    pub fn contrast(&self, rows: &str) -> Result<String, JsError> {
        let rows: Vec<usize> = casebook_json::from_str(rows)?;
        json(&contrast(&self.matrix, &rows))
    }

    /// How an objective was kept (`casebook_core::slo::Breach`): values, or a quantile of them, `below` a threshold or
    /// above it. `over` is the name of a `casebook_core::slo::Over`.
    ///
    /// # Errors
    /// When there is nothing of that name.
    pub fn slo(
        &self,
        threshold: f64,
        below: bool,
        quantile: Option<f64>,
        over: &str,
    ) -> Result<String, JsError> {
        let over = Over::named(over).ok_or_else(|| JsError::new("over what?"))?;
        let objective = Objective {
            threshold,
            below,
            quantile,
            over,
        };
        json(&breach(&self.matrix, &objective))
    }

    /// Whether a series has recovered in `after`, a later answer to the same query
    /// (`casebook_core::recheck::Recheck`). `options`: `{"suspect": {label: value}, "settings"?: RecheckSettings}`.
    ///
    /// # Errors
    /// When the options are not of that shape.
    pub fn recheck(&self, after: &MatrixHandle, options: &str) -> Result<String, JsError> {
        self.recovery(after, None, options)
    }

    /// As `recheck`, with the habit of the series known from `baseline`.
    ///
    /// # Errors
    /// As for `recheck`.
    pub fn recheck_against(
        &self,
        after: &MatrixHandle,
        baseline: &MatrixHandle,
        options: &str,
    ) -> Result<String, JsError> {
        self.recovery(after, Some(&baseline.matrix), options)
    }

    /// The chart as one SVG document; `options` are `casebook_core::svg::ChartOptions`.
    ///
    /// # Errors
    /// When the options are not of that shape.
    pub fn svg(&self, options: Option<String>) -> Result<String, JsError> {
        let options: ChartOptions = parsed(options)?;
        Ok(chart(&self.matrix, &options))
    }

    /// Least and greatest value of each of `buckets` parts of a series: min, max, min, max, …; NaN where there is none.
    ///
    /// # Errors
    /// When there is no such row.
    pub fn envelope(&self, row: usize, buckets: usize) -> Result<Float64Array, JsError> {
        let values = self.matrix.values(self.row(row)?);
        let pairs = envelope::envelope(values, buckets);
        let flat: Vec<f64> = pairs
            .into_iter()
            .flat_map(|(min, max)| [min, max])
            .collect();
        Ok(Float64Array::from(flat.as_slice()))
    }

    fn verdict(
        &self,
        baseline: Option<&Matrix>,
        options: Option<String>,
    ) -> Result<String, JsError> {
        let settings: SuspectSettings = parsed(options)?;
        json(&suspects(&self.matrix, baseline, &settings))
    }

    fn recovery(
        &self,
        after: &MatrixHandle,
        baseline: Option<&Matrix>,
        options: &str,
    ) -> Result<String, JsError> {
        let RecheckOptions { suspect, settings } = casebook_json::from_str(options)?;
        json(&recheck(
            &self.matrix,
            &after.matrix,
            baseline,
            &suspect,
            &settings,
        ))
    }
}

fn parsed<T: DeserializeOwned + Default>(options: Option<String>) -> Result<T, JsError> {
    match options {
        Some(text) => Ok(casebook_json::from_str(&text)?),
        None => Ok(T::default()),
    }
}
