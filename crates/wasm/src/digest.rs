//! SHA-256 of a body while it comes: by the browser when it is short, here when it is long.
//!
//! The browser's own is seven times as fast and works beside this worker, but takes a body whole. So its chunks are kept
//! until it is known to be long; what a long one costs here, the wait for its next bytes hides.

use casebook_wire::digest::{Running, hex};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::SubtleCrypto;

/// Bytes of the longest body that is kept: a thousand series of an hour at ten seconds.
const MOST_KEPT: u64 = 12 << 20;

/// The digest of the bytes so far.
#[derive(Default)]
pub(crate) struct Digest {
    /// The chunks of a body that is short so far.
    kept: Array,
    bytes: u64,
    running: Running,
}

impl Digest {
    /// Takes the next bytes: those of `chunk`.
    pub(crate) fn update(&mut self, chunk: &Uint8Array, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        if self.bytes <= MOST_KEPT {
            self.kept.push(chunk);
        } else {
            self.give_up_chunks();
            self.running.update(bytes);
        }
    }

    fn give_up_chunks(&mut self) {
        for chunk in self.kept.iter() {
            self.running.update(&Uint8Array::new(&chunk).to_vec());
        }
        self.kept.set_length(0);
    }

    /// The digest of all bytes, as hexadecimal.
    pub(crate) async fn finish(mut self) -> String {
        if self.bytes <= MOST_KEPT
            && let Ok(digest) = by_the_browser(&self.kept, self.bytes).await
        {
            return digest;
        }
        self.give_up_chunks();
        self.running.finish()
    }
}

/// # Errors
/// Where the browser has no cryptography: a page that is neither from this machine nor by https.
async fn by_the_browser(chunks: &Array, bytes: u64) -> Result<String, JsValue> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into())?;
    let subtle: SubtleCrypto = Reflect::get(&crypto, &"subtle".into())?.dyn_into()?;
    let whole = Uint8Array::new_with_length(bytes as u32);
    let mut at = 0;
    for chunk in chunks.iter() {
        let chunk = chunk.unchecked_into::<Uint8Array>();
        whole.set(&chunk, at);
        at += chunk.length();
    }
    let digest = subtle.digest_with_str_and_buffer_source("SHA-256", &whole)?;
    let digest = JsFuture::from(digest).await?;
    Ok(hex(&Uint8Array::new(&digest).to_vec()))
}
