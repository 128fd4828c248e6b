//! Casebook's core for the browser kernel: the query, its decoding and its analysis, in the kernel's worker.
//!
//! The kernel gets a [`MatrixHandle`] and asks it questions; small answers are JSON text, numbers are typed arrays.

pub mod abort;
mod analysis;
pub mod answer;
mod chain;
mod companions;
mod digest;
pub mod error;
mod feed;
pub mod fetch;
mod handle;
mod push_down;
pub mod request;
mod warm_up;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

use js_sys::{Error, Function, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

pub use chain::verify_chain;
pub use companions::CompanionsHandle;
pub use feed::Feed;
pub use handle::MatrixHandle;
pub use push_down::push_down;
pub use warm_up::warm_up;

use crate::error::QueryError;
use crate::request::Request;

/// Asks a source for a range of samples and decodes the answer while it comes.
///
/// `request_json` is a [`Request`] as JSON. `signal` cancels the query and closes its connection. `progress` is called
/// with the decoded bytes so far.
///
/// # Errors
/// A JavaScript `Error` whose `message` is sentences for a person and whose `detail` is a [`QueryError`] as JSON.
#[wasm_bindgen]
pub async fn query_range(
    request_json: String,
    signal: Option<AbortSignal>,
    progress: Option<Function>,
) -> Result<MatrixHandle, JsValue> {
    let request = Request::parse(&request_json).map_err(|error| thrown(&error))?;
    let answer = fetch::query_range(&request, signal, progress.as_ref()).await;
    let answer = answer.map_err(|error| thrown(&error))?;
    Ok(MatrixHandle::new(request, answer))
}

/// The version of the product that this module was built from.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    casebook_wire::VERSION.to_owned()
}

fn thrown(error: &QueryError) -> JsValue {
    let thrown = Error::new(&error.text());
    thrown.set_name("CasebookError");
    let detail = casebook_json::to_string(error).unwrap_or_default();
    // A plain object takes any property; without it the message alone still says all.
    let _ = Reflect::set(&thrown, &"detail".into(), &detail.into());
    thrown.into()
}
