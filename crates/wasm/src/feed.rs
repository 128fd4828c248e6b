//! A body that somebody else fetches, or that is at hand such as frozen evidence, decoded while it comes.

use casebook_core::decode::{Decoder, Expect, Limits};
use wasm_bindgen::prelude::*;

use crate::fetch::{Receipt, matrix_of};
use crate::handle::MatrixHandle;
use crate::request::Request;
use crate::thrown;

/// Takes the chunks of a body, gives back what they say. There is no digest of them: the receipt holds their number alone.
#[wasm_bindgen]
pub struct Feed {
    request: Request,
    decoder: Decoder,
}

#[wasm_bindgen]
impl Feed {
    /// For the answer to `request_json`, as if that had been sent.
    ///
    /// # Errors
    /// When the request is not one.
    #[wasm_bindgen(constructor)]
    pub fn new(request_json: &str) -> Result<Self, JsValue> {
        let request = Request::parse(request_json).map_err(|error| thrown(&error))?;
        let grid = request.grid().map_err(|error| thrown(&error))?;
        Ok(Self {
            request,
            decoder: Decoder::new(Expect::Grid(grid), Limits::default()),
        })
    }

    /// The next bytes, however the body is cut.
    ///
    /// # Errors
    /// As for `query_range`, as soon as it is certain.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), JsValue> {
        let fed = self.decoder.feed(chunk);
        fed.map_err(|error| {
            let bytes = self.decoder.bytes_seen();
            thrown(&crate::error::QueryError::decode(
                &self.request,
                200,
                bytes,
                &error,
            ))
        })
    }

    /// The body has ended.
    ///
    /// # Errors
    /// As for `query_range`.
    pub fn finish(self) -> Result<MatrixHandle, JsValue> {
        let receipt = Receipt {
            bytes: self.decoder.bytes_seen(),
            ..Receipt::default()
        };
        let matrix = matrix_of(self.decoder, &self.request, 200);
        let matrix = matrix.map_err(|error| thrown(&error))?;
        Ok(MatrixHandle::new(self.request, (matrix, receipt)))
    }
}
