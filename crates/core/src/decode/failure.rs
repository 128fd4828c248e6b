//! An error of the decoder on its way out: the text around its place may not have arrived yet.

use super::DecodeError;

/// Bytes of a body that is not JSON which are kept for the error.
const HEAD_BYTES: usize = 2048;
/// Bytes shown on both sides of a place that has the wrong shape.
const NEAR_BYTES: usize = 48;

/// The bytes that an error may want to show: the first ones, and those before the next chunk.
#[derive(Debug, Default)]
pub(super) struct Margin {
    head: Vec<u8>,
    before: Vec<u8>,
}

impl Margin {
    /// A chunk has been read.
    pub(super) fn pass(&mut self, chunk: &[u8]) {
        let missing = HEAD_BYTES - self.head.len();
        self.head
            .extend_from_slice(&chunk[..missing.min(chunk.len())]);
        let last = &chunk[chunk.len().saturating_sub(NEAR_BYTES)..];
        let kept = NEAR_BYTES - last.len();
        self.before.drain(..self.before.len().saturating_sub(kept));
        self.before.extend_from_slice(last);
    }

    /// The beginning of the body, as text.
    pub(super) fn beginning(&self) -> String {
        shown(&self.head[..self.head.len().min(NEAR_BYTES)])
    }
}

/// An error that waits for the bytes which it shows.
#[derive(Debug)]
pub(super) enum Failure {
    /// The body is not JSON; its first bytes are in the margin.
    NotJson,
    /// The body has another shape.
    Shape {
        at: u64,
        want: &'static str,
        near: Vec<u8>,
        missing: usize,
    },
    /// Nothing is missing.
    Ready(DecodeError),
}

impl Failure {
    /// A wrong shape at `at` bytes of `chunk`, which is not yet part of the margin.
    pub(super) fn shape(
        want: &'static str,
        seen: u64,
        chunk: &[u8],
        at: usize,
        margin: &Margin,
    ) -> Self {
        let in_chunk = &chunk[at.saturating_sub(NEAR_BYTES)..at];
        let before = &margin.before;
        let in_margin = NEAR_BYTES.saturating_sub(in_chunk.len()).min(before.len());
        let mut near = before[before.len() - in_margin..].to_vec();
        near.extend_from_slice(in_chunk);
        let mut failure = Self::Shape {
            at: seen + at as u64,
            want,
            near,
            missing: NEAR_BYTES,
        };
        failure.pass(&chunk[at..]);
        failure
    }

    /// More of the body.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        if let Self::Shape { near, missing, .. } = self {
            let more = &bytes[..bytes.len().min(*missing)];
            near.extend_from_slice(more);
            *missing -= more.len();
        }
    }

    /// The error, once it has all that it shows.
    pub(super) fn ready(&self, margin: &Margin) -> Option<DecodeError> {
        let waits = match self {
            Self::NotJson => margin.head.len() < HEAD_BYTES,
            Self::Shape { missing, .. } => *missing > 0,
            Self::Ready(_) => false,
        };
        (!waits).then(|| self.error(margin))
    }

    /// The error, with what has come.
    pub(super) fn error(&self, margin: &Margin) -> DecodeError {
        match self {
            Self::NotJson => DecodeError::NotJson {
                head: String::from_utf8_lossy(&margin.head).into_owned(),
            },
            Self::Shape { at, want, near, .. } => DecodeError::Shape {
                at: *at,
                want,
                near: shown(near),
            },
            Self::Ready(error) => error.clone(),
        }
    }
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace(char::is_control, " ")
}
