//! From the bytes of an HTTP body to columns.

mod answer;
mod columns;
mod error;
mod series;

use serde::Serialize;

use self::columns::Columns;
pub use self::error::DecodeError;
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
#[derive(Debug)]
pub struct Decoder {
    expect: Expect,
    limits: Limits,
    body: Vec<u8>,
}

impl Decoder {
    /// A decoder for one body.
    #[must_use]
    pub fn new(expect: Expect, limits: Limits) -> Self {
        Self {
            expect,
            limits,
            body: Vec::new(),
        }
    }

    /// Takes the next bytes of the body, however it is cut.
    ///
    /// # Errors
    /// [`DecodeError::Limit`] when the body is longer than allowed: stop the download.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), DecodeError> {
        let cap = self.limits.bytes;
        if self.bytes_seen() + chunk.len() as u64 > cap {
            return Err(DecodeError::Limit { what: "bytes", cap });
        }
        self.body.extend_from_slice(chunk);
        Ok(())
    }

    /// Bytes taken so far.
    #[must_use]
    pub fn bytes_seen(&self) -> u64 {
        self.body.len() as u64
    }

    /// The whole body has been fed: the answer, or why there is none.
    ///
    /// # Errors
    /// Each variant of [`DecodeError`].
    pub fn finish(self) -> Result<Body, DecodeError> {
        let columns = Columns::new(self.expect, self.limits);
        answer::read(&self.body, columns)
    }
}

#[cfg(test)]
mod tests;
