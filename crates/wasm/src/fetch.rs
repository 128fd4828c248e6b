//! The query itself: POST to the proxy, and the body fed to the decoder chunk by chunk, as it comes.

use casebook_core::decode::{Body, Decoder, Expect, Limits};
use casebook_core::matrix::Matrix;
use js_sys::{Error, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReadableStreamDefaultReader, RequestCache, RequestCredentials,
    RequestInit, Response,
};

use crate::abort::Abort;
use crate::answer;
use crate::digest::Digest;
use crate::error::{Kind, QueryError};
use crate::request::Request;

/// Most bytes of an error's body that are read; the sentences in it are near its beginning.
const MOST_ERROR_BYTES: usize = 64 * 1024;

/// What came with the answer, beside its samples.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Receipt {
    /// Decoded bytes of the body.
    pub bytes: u64,
    /// SHA-256 of the decoded body, in hexadecimal.
    pub sha256: String,
    /// Sequence number of the proxy's record of the query (`x-casebook-seq`).
    pub seq: Option<u64>,
    /// Hash of that record (`x-casebook-hash`).
    pub hash: Option<String>,
    /// The proxy's name for the request in its log (`x-request-id`).
    pub request_id: Option<String>,
    /// From sending to the last byte decoded, in milliseconds.
    pub elapsed_ms: f64,
}

/// Asks, and decodes the answer.
///
/// `progress` is called with the bytes so far after each chunk; what it returns or throws is ignored.
///
/// # Errors
/// A [`QueryError`] of any kind; the connection is closed by then.
pub async fn query_range(
    request: &Request,
    signal: Option<AbortSignal>,
    progress: Option<&Function>,
) -> Result<(Matrix, Receipt), QueryError> {
    let grid = request.grid()?;
    let abort = Abort::following(request, signal)?;
    let started = js_sys::Date::now();
    let response = send(request, &abort).await?;
    let status = response.status();
    let chunks = Chunks::of(&response, &abort);
    if !(200..300).contains(&status) {
        return Err(read_refusal(request, status, chunks).await);
    }
    let mut receipt = Receipt::from_headers(&response);
    let mut intake = Intake::new(Decoder::new(Expect::Grid(grid), Limits::default()));
    let fed = intake.drain(request, status, chunks, progress).await;
    if fed.is_err() {
        abort.abort();
    }
    fed?;
    receipt.bytes = intake.bytes;
    let matrix = matrix_of(intake.decoder, request, status)?;
    receipt.sha256 = intake.digest.finish().await;
    receipt.elapsed_ms = js_sys::Date::now() - started;
    Ok((matrix, receipt))
}

#[wasm_bindgen]
extern "C" {
    /// The `fetch` of the page or of the worker, whichever this runs in.
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

async fn send(request: &Request, abort: &Abort) -> Result<Response, QueryError> {
    match answer_of(request, abort).await {
        Ok(response) => Ok(response),
        Err(_) if abort.is_aborted() => Err(QueryError::aborted(request, 0)),
        Err(thrown) => {
            let why = thrown.dyn_ref::<Error>().map(Error::to_string);
            let why = why.map_or_else(|| "no reason given".to_owned(), String::from);
            Err(QueryError::unreachable(request, &why))
        }
    }
}

/// # Errors
/// Whatever the browser throws.
async fn answer_of(request: &Request, abort: &Abort) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("content-type", "application/x-www-form-urlencoded")?;
    headers.set("accept", "application/json")?;
    if let Some(case) = &request.case {
        headers.set("x-casebook-case", case)?;
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&abort.signal()));
    init.set_headers(&headers);
    init.set_body(&request.form().into());
    let answer = JsFuture::from(global_fetch(&request.url(), &init)?).await?;
    Ok(answer.unchecked_into())
}

async fn read_refusal(request: &Request, status: u16, mut chunks: Chunks<'_>) -> QueryError {
    let mut body = Vec::new();
    loop {
        match chunks.next().await {
            Ok(Some(chunk)) if body.len() < MOST_ERROR_BYTES => body.extend_from_slice(chunk.bytes),
            Ok(None) => break,
            Ok(Some(_)) | Err(_) => {
                chunks.abort.abort();
                break;
            }
        }
    }
    answer::refused(request, status, &body)
}

/// Decoder and digest, side by side over the same bytes.
struct Intake {
    decoder: Decoder,
    digest: Digest,
    bytes: u64,
}

impl Intake {
    fn new(decoder: Decoder) -> Self {
        Self {
            decoder,
            digest: Digest::default(),
            bytes: 0,
        }
    }

    fn feed(&mut self, request: &Request, status: u16, chunk: &Chunk) -> Result<(), QueryError> {
        self.bytes += chunk.bytes.len() as u64;
        self.digest.update(&chunk.whole, chunk.bytes);
        self.decoder
            .feed(chunk.bytes)
            .map_err(|error| QueryError::decode(request, status, self.bytes, &error))
    }

    async fn drain(
        &mut self,
        request: &Request,
        status: u16,
        mut chunks: Chunks<'_>,
        progress: Option<&Function>,
    ) -> Result<(), QueryError> {
        let abort = chunks.abort;
        loop {
            let step = chunks.next().await;
            if abort.is_aborted() {
                return Err(QueryError::aborted(request, self.bytes));
            }
            match step {
                Ok(Some(chunk)) => self.feed(request, status, &chunk)?,
                Ok(None) => return Ok(()),
                Err(_) => return Err(QueryError::truncated(request, status, self.bytes)),
            }
            if let Some(progress) = progress {
                #[allow(
                    clippy::cast_precision_loss,
                    reason = "a body has less than 2^53 bytes"
                )]
                let bytes = JsValue::from_f64(self.bytes as f64);
                // A display that fails must not cost the answer.
                let _ = progress.call1(&JsValue::UNDEFINED, &bytes);
            }
        }
    }
}

/// What has been decoded, if it is what a range query is answered with.
pub(crate) fn matrix_of(
    decoder: Decoder,
    request: &Request,
    status: u16,
) -> Result<Matrix, QueryError> {
    let bytes = decoder.bytes_seen();
    let body = decoder
        .finish()
        .map_err(|error| QueryError::decode(request, status, bytes, &error))?;
    let other = match body {
        Body::Matrix(matrix) => return Ok(matrix),
        Body::Vector(_) => "an instant vector",
        Body::Scalar { .. } => "a scalar",
        Body::Text { .. } => "a string",
    };
    Err(QueryError {
        status: Some(status),
        message: format!(
            "Source \"{}\" answered the range query with {other} instead of a matrix.",
            request.source
        ),
        next: "Check that the `url` of this source in casebook.toml is that of a Prometheus-compatible API.".into(),
        ..QueryError::of(Kind::Shape, request)
    })
}

/// The chunks of a body, through one buffer that is used again and again.
struct Chunks<'a> {
    reader: Option<ReadableStreamDefaultReader>,
    buffer: Vec<u8>,
    abort: &'a Abort,
}

/// A part of a body, and its copy in wasm memory.
struct Chunk<'a> {
    whole: Uint8Array,
    bytes: &'a [u8],
}

impl<'a> Chunks<'a> {
    fn of(response: &Response, abort: &'a Abort) -> Self {
        let stream = response.body();
        Self {
            reader: stream.and_then(|stream| ReadableStreamDefaultReader::new(&stream).ok()),
            buffer: Vec::new(),
            abort,
        }
    }

    async fn next(&mut self) -> Result<Option<Chunk<'_>>, JsValue> {
        let Some(reader) = &self.reader else {
            return Ok(None);
        };
        let step = JsFuture::from(reader.read()).await?;
        if Reflect::get(&step, &"done".into())?.is_truthy() {
            return Ok(None);
        }
        let whole: Uint8Array = Reflect::get(&step, &"value".into())?.unchecked_into();
        self.buffer.resize(whole.length() as usize, 0);
        whole.copy_to(&mut self.buffer);
        let bytes = &self.buffer;
        Ok(Some(Chunk { whole, bytes }))
    }
}

impl Receipt {
    fn from_headers(response: &Response) -> Self {
        let headers = response.headers();
        let text = |name| headers.get(name).ok().flatten();
        Self {
            seq: text("x-casebook-seq").and_then(|text| text.parse().ok()),
            hash: text("x-casebook-hash"),
            request_id: text("x-request-id"),
            ..Self::default()
        }
    }
}
