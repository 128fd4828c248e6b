//! What else moved: answers that are looked at one after the other, so that none of them need be kept.

use casebook_core::moved_with::Companions;
use wasm_bindgen::prelude::*;

use crate::handle::{MatrixHandle, json};

/// Remembers what moved with one series. `free()` it when it is no longer needed.
#[wasm_bindgen]
pub struct CompanionsHandle {
    companions: Companions,
}

#[wasm_bindgen]
impl MatrixHandle {
    /// For the series of a row.
    ///
    /// # Errors
    /// When there is no such row.
    pub fn companions(&self, row: usize) -> Result<CompanionsHandle, JsError> {
        let companions = Companions::new(&self.matrix, self.row(row)?);
        let companions = companions.ok_or_else(|| JsError::new("no such row"))?;
        Ok(CompanionsHandle { companions })
    }
}

#[wasm_bindgen]
impl CompanionsHandle {
    /// Looks at all series of an answer to `metric` over the same steps, the time before included; how many moved.
    pub fn look_at(&mut self, other: &MatrixHandle, metric: &str) -> usize {
        self.companions.look_at(&other.matrix, metric)
    }

    /// What moved so far (`casebook_core::moved_with::MovedWith`).
    ///
    /// # Errors
    /// Never for answers that were decoded.
    pub fn found(&self) -> Result<String, JsError> {
        json(&self.companions.found())
    }
}
