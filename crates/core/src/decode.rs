//! From the bytes of an HTTP body to columns.

mod columns;
mod error;
mod failure;
mod object;
mod reader;
mod tokenizer;

use serde::Serialize;

use self::columns::Columns;
pub use self::error::DecodeError;
use self::failure::{Failure, Margin};
use self::reader::{Fault, Reader};
use self::tokenizer::{NoToken, Token, Tokenizer};
use crate::grid::Grid;
use crate::labels::Labels;
use crate::matrix::{Matrix, Meta};

/// What the caller knows about the time axis of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// The grid of the request; samples beside it are counted and left out.
    Grid(Grid),
    /// The grid is found from the samples: from the first to the last, at their greatest common step.
    Discover,
}

/// How much of an answer is taken before the decoder refuses it. All are upper bounds, included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the body.
    pub bytes: u64,
    /// Series.
    pub series: u64,
    /// Samples.
    pub samples: u64,
    /// Cells of the matrix, series times steps; each takes 8 bytes, sample or not.
    pub cells: u64,
    /// Bytes of label names and values, over all series.
    pub label_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            series: 100_000,
            samples: 20_000_000,
            cells: 20_000_000,
            label_bytes: 64 << 20,
        }
    }
}

/// A decoded answer of `query` or `query_range`.
#[derive(Debug, Clone)]
pub enum Body {
    /// Of `query_range`, or of `query` with a range selector.
    Matrix(Matrix),
    /// Of `query`.
    Vector(Vector),
    /// A number without labels.
    Scalar {
        /// Milliseconds since the Unix epoch.
        time_ms: i64,
        /// The number; NaN and Inf are possible.
        value: f64,
        /// What came beside it.
        meta: Meta,
    },
    /// A string literal.
    Text {
        /// Milliseconds since the Unix epoch.
        time_ms: i64,
        /// The text.
        value: String,
        /// What came beside it.
        meta: Meta,
    },
}

/// One sample per series.
#[derive(Debug, Clone, Serialize)]
pub struct Vector {
    /// In the order of the answer.
    pub samples: Vec<VectorSample>,
    /// What came beside the samples.
    pub meta: Meta,
}

/// One series of a [`Vector`].
#[derive(Debug, Clone, Serialize)]
pub struct VectorSample {
    /// The series as PromQL text.
    pub name: String,
    /// The labels of the series.
    pub labels: Labels,
    /// Milliseconds since the Unix epoch.
    pub time_ms: i64,
    /// The value; NaN and Inf are possible, and are `null` in JSON.
    pub value: f64,
}

/// Takes a body in chunks, gives back a [`Body`].
///
/// Each chunk is read when it comes, once, and not kept, but for a sample or a name that its end cuts in two. What is
/// written as Prometheus writes it goes a quick way; the rest is read by a general tokenizer, to the same effect.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    seen: u64,
    beginning: Beginning,
    tokens: Tokenizer,
    reader: Reader,
    /// The end of the last chunk, when it may be the beginning of something whole.
    held: Vec<u8>,
    margin: Margin,
    failure: Option<Failure>,
}

const SERIES_END: &[u8] = b"]},";

/// Bytes that the quick way must see of a series before its end counts as unusual.
const MOST_HELD: usize = 512;

/// What comes before the `{`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// Some bytes of a byte order mark, at most.
    Mark(usize),
    Space,
    Over,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Decoder {
    /// A decoder for one body.
    #[must_use]
    pub fn new(expect: Expect, limits: Limits) -> Self {
        Self {
            limits,
            seen: 0,
            beginning: Beginning::Mark(0),
            tokens: Tokenizer::new(),
            reader: Reader::new(Columns::new(expect, limits)),
            held: Vec::new(),
            margin: Margin::default(),
            failure: None,
        }
    }

    /// Takes the next bytes of the body, however it is cut.
    ///
    /// # Errors
    /// Each variant of [`DecodeError`] but `Truncated` and `OffGrid`, as soon as it is certain: stop the
    /// download. From then on the same error is given again.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), DecodeError> {
        let cap = self.limits.bytes;
        let room = usize::try_from(cap - self.bytes_seen()).unwrap_or(usize::MAX);
        let taken = &chunk[..chunk.len().min(room)];
        self.join(taken);
        if taken.len() < chunk.len() {
            self.flush();
            let limit = DecodeError::Limit { what: "bytes", cap };
            let known = self.failure.take().map(|known| known.error(&self.margin));
            self.failure = Some(Failure::Ready(known.unwrap_or(limit)));
        }
        match &self.failure {
            Some(failure) => failure.ready(&self.margin).map_or(Ok(()), Err),
            None => Ok(()),
        }
    }

    /// Bytes taken so far.
    #[must_use]
    pub fn bytes_seen(&self) -> u64 {
        self.seen + self.held.len() as u64
    }

    /// The whole body has been fed: the answer, or why there is none.
    ///
    /// # Errors
    /// Each variant of [`DecodeError`].
    pub fn finish(mut self) -> Result<Body, DecodeError> {
        self.flush();
        if let Some(failure) = self.failure {
            return Err(failure.error(&self.margin));
        }
        if !self.tokens.is_done() {
            return Err(DecodeError::Truncated { at: self.seen });
        }
        self.reader.columns.meta.bytes = self.seen;
        self.reader.into_body(&self.margin.beginning())
    }

    /// Reads what was held together with the beginning of a chunk, then the rest of the chunk.
    fn join(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        if !self.held.is_empty() {
            let mut both = std::mem::take(&mut self.held);
            let joined = chunk.len().min(2 * MOST_HELD);
            both.extend_from_slice(&chunk[..joined]);
            let read = self.take(&both, true);
            let unread = both.len() - read;
            if unread > joined {
                both.drain(..read);
                self.held = both;
                return;
            }
            rest = &chunk[joined - unread..];
        }
        let read = self.take(rest, true);
        self.held.extend_from_slice(&rest[read..]);
    }

    /// Reads what was held: nothing is there to wait for.
    fn flush(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.take(&held, false);
    }

    /// Reads bytes, and says how many: not the last of them, if they may be held.
    fn take(&mut self, bytes: &[u8], hold: bool) -> usize {
        let read = self.taken(bytes, hold);
        self.margin.pass(&bytes[..read]);
        self.seen += read as u64;
        read
    }

    fn taken(&mut self, chunk: &[u8], hold: bool) -> usize {
        if let Some(failure) = &mut self.failure {
            failure.pass(chunk);
            return chunk.len();
        }
        let mut at = 0;
        if self.begin(chunk, &mut at) {
            match self.read(chunk, &mut at, hold) {
                Ok(()) => return at,
                Err(Fault::Refused(error)) => self.failure = Some(Failure::Ready(error)),
                Err(Fault::Want(want)) => {
                    let failure = Failure::shape(want, self.seen, chunk, at, &self.margin);
                    self.failure = Some(failure);
                }
            }
        }
        chunk.len()
    }

    /// Moves `at` over what may stand before the `{`; whether that has been reached.
    fn begin(&mut self, chunk: &[u8], at: &mut usize) -> bool {
        while let Some(byte) = chunk.get(*at) {
            match self.beginning {
                Beginning::Over => return true,
                Beginning::Mark(known) if BYTE_ORDER_MARK.get(known) == Some(byte) => {
                    self.beginning = Beginning::Mark(known + 1);
                }
                Beginning::Mark(known) if known == 0 || known == BYTE_ORDER_MARK.len() => {
                    self.beginning = Beginning::Space;
                    continue;
                }
                Beginning::Space if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') => {}
                Beginning::Space if *byte == b'{' => {
                    self.beginning = Beginning::Over;
                    return true;
                }
                Beginning::Mark(_) | Beginning::Space => {
                    self.failure = Some(Failure::NotJson);
                    return false;
                }
            }
            *at += 1;
        }
        false
    }

    /// Moves `at` over what was read: all of the chunk, unless its end may be held.
    fn read(&mut self, chunk: &[u8], at: &mut usize, hold: bool) -> Result<(), Fault> {
        let Self { tokens, reader, .. } = self;
        loop {
            if tokens.at_element() {
                if reader.at_sample() {
                    let run = reader.columns.read_samples(&chunk[*at..]);
                    if run.bytes > 0 {
                        *at += run.bytes;
                        reader.samples_were_read(run, tokens);
                        if !run.comma && chunk[*at..].starts_with(SERIES_END) {
                            *at += SERIES_END.len();
                            reader.close_series(tokens)?;
                            continue;
                        }
                    }
                    if hold && tokens.at_element() && chunk.len() - *at < casebook_samples::WINDOW {
                        return Ok(());
                    }
                } else if reader.at_series() {
                    if let Some(head) = casebook_samples::head(&chunk[*at..]) {
                        *at += head.length;
                        reader.open_series(&head, tokens)?;
                        continue;
                    }
                    if hold && chunk.len() - *at < MOST_HELD {
                        return Ok(());
                    }
                }
            }
            match tokens.next(chunk, at) {
                Ok(Some(Token::Comma)) => {}
                Ok(Some(token)) => reader.token(token, tokens)?,
                Ok(None) => return Ok(()),
                Err(NoToken::Invalid) => return Err(Fault::Want("valid JSON")),
                Err(NoToken::Trailing) => return Err(Fault::Want("the end of the body")),
                Err(NoToken::TooLong) => {
                    let cap = self.limits.label_bytes;
                    let what = "label bytes";
                    return Err(DecodeError::Limit { what, cap }.into());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
