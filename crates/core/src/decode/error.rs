//! Why a body is not an answer.

use std::fmt::{self, Write as _};

/// Why a body is not an answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// An error in Prometheus' own words, whatever the HTTP status.
    Prometheus {
        /// `errorType`: bad_data, execution, timeout, …
        kind: String,
        /// `error`.
        message: String,
        /// `next`, when a relay in between says what to do.
        next: Option<String>,
        /// `warnings`.
        warnings: Vec<String>,
    },
    /// Not a JSON object: an HTML page, plain text.
    NotJson {
        /// The first 2048 bytes as text.
        head: String,
    },
    /// JSON, but not of the shape of an answer.
    Shape {
        /// Byte at which it was noticed.
        at: u64,
        /// What should have been there.
        want: &'static str,
        /// The text around that byte.
        near: String,
    },
    /// The body ends too early, or is empty.
    Truncated {
        /// Bytes seen.
        at: u64,
    },
    /// More than [`Limits`] allow.
    Limit {
        /// What there was too much of: bytes, series, samples, cells, label bytes.
        what: &'static str,
        /// The bound.
        cap: u64,
    },
    /// No sample falls on the grid, or no grid can be found for the samples.
    OffGrid {
        /// Samples beside the grid.
        samples: u64,
        /// Time of the first of them, milliseconds since the Unix epoch.
        first_ms: i64,
        /// Step asked for, or found, in milliseconds.
        step_ms: i64,
    },
}

impl DecodeError {
    /// A word for programs: prometheus, not_json, shape, truncated, limit.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Prometheus { .. } => "prometheus",
            Self::NotJson { .. } => "not_json",
            Self::Shape { .. } | Self::OffGrid { .. } => "shape",
            Self::Truncated { .. } => "truncated",
            Self::Limit { .. } => "limit",
        }
    }

    /// What the person who asked can do next, as a sentence.
    #[must_use]
    pub fn next_step(&self) -> String {
        match self {
            Self::Prometheus { kind, next, .. } => match next {
                Some(next) => next.clone(),
                None => by_error_type(kind).to_owned(),
            },
            Self::NotJson { .. } => {
                "Check that the source's address is that of a Prometheus API: a sign-in page or a load balancer may have answered instead.".to_owned()
            }
            Self::Shape { .. } => {
                "Check that the source is a Prometheus API and that the endpoint is query or query_range.".to_owned()
            }
            Self::Truncated { .. } => {
                "Ask again; if it happens again, ask for fewer series or a longer step: something on the way cuts long answers.".to_owned()
            }
            Self::Limit { what: "bytes" | "samples" | "cells", .. } => {
                "Ask for a shorter window, a longer step or fewer series.".to_owned()
            }
            Self::Limit { .. } => "Ask for fewer series: add a matcher, or aggregate with sum by (…) or topk(…).".to_owned(),
            Self::OffGrid { .. } => {
                "Ask with start and end on multiples of the step; for VictoriaMetrics add nocache=1, which keeps it from moving them.".to_owned()
            }
        }
    }
}

/// The `errorType`s of Prometheus' API, and what helps.
fn by_error_type(kind: &str) -> &'static str {
    match kind {
        "bad_data" => "Correct the query or its parameters and run the cell again.",
        "execution" => "Correct the query: it can be read, but not evaluated on these series.",
        "timeout" | "canceled" => "Ask for a shorter window, a longer step or fewer series.",
        "unavailable" => "Wait until the source is ready, then run the cell again.",
        _ => "Run the cell again; if it happens again, look at the log of the source.",
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prometheus { kind, message, .. } => write!(f, "{kind}: {message}"),
            Self::NotJson { head } => {
                f.write_str("the answer is not JSON, it begins with: ")?;
                begin(f, head, 120)
            }
            Self::Shape { at, want, near } => {
                write!(
                    f,
                    "the answer is not of the expected shape: {want} expected at byte {at}, near: {near}"
                )
            }
            Self::Truncated { at: 0 } => write!(f, "the answer is empty"),
            Self::Truncated { at } => write!(f, "the answer ends too early, after {at} bytes"),
            Self::Limit { what, cap } => write!(f, "the answer has more than {cap} {what}"),
            Self::OffGrid {
                samples,
                first_ms,
                step_ms,
            } => write!(
                f,
                "none of the {samples} samples falls on the grid of {step_ms} ms steps, the first is at {}.{:03}",
                first_ms.div_euclid(1000),
                first_ms.rem_euclid(1000),
            ),
        }
    }
}

/// Writes a text on one line, as far as `most` characters.
fn begin(f: &mut fmt::Formatter<'_>, text: &str, most: usize) -> fmt::Result {
    let mut written = 0;
    for word in text.split_whitespace() {
        for part in [if written == 0 { "" } else { " " }, word] {
            for character in part.chars() {
                if written == most {
                    return f.write_char('…');
                }
                f.write_char(character)?;
                written += 1;
            }
        }
    }
    Ok(())
}

impl std::error::Error for DecodeError {}
