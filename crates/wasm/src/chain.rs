//! The check of the proxy's record chains, for the notebook and for a report that is opened years later.

use std::collections::BTreeMap;

use casebook_wire::{Head, verify_log};
use wasm_bindgen::prelude::*;

use crate::handle::json;

/// Checks the proxy's records, one JSON record a line (`casebook_wire::verify_log`): for each case intact, broken or
/// missing, as JSON.
///
/// `anchors` are the last records that are known from elsewhere, `{case: {"seq", "hash"}}`: without them a chain
/// cannot see that its tail was cut.
///
/// # Errors
/// When the anchors are not of that shape. A record that cannot be read is a finding, not an error.
#[wasm_bindgen]
pub fn verify_chain(jsonl: &str, anchors: Option<String>) -> Result<String, JsError> {
    let anchors: BTreeMap<String, Head> = match anchors {
        Some(text) => casebook_json::from_str(&text)?,
        None => BTreeMap::new(),
    };
    json(&verify_log(jsonl, &anchors))
}
