//! The check of the proxy's record chains, for the notebook and for a report that is opened years later.

use casebook_json::Value;
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
    let anchors = match anchors {
        Some(text) => heads(&text)?,
        None => Vec::new(),
    };
    json(&verify_log(jsonl, anchors))
}

fn heads(anchors: &str) -> Result<Vec<(String, Head)>, JsError> {
    let Value::Object(fields) = casebook_json::parse(anchors)? else {
        return Err(JsError::new("the anchors are not an object"));
    };
    let mut heads = Vec::new();
    for (case, head) in fields {
        heads.push((case, head.to()?));
    }
    Ok(heads)
}
