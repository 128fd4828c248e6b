//! What the tokens of an answer mean: the envelope, `data`, and the list in it.
//!
//! Nothing relies on the order of keys: `warnings` follow `data` in Prometheus, stand inside of it
//! in Thanos, and `isPartial` precedes it in VictoriaMetrics. `result` is read by its own shape, and
//! only compared with `resultType` at the end.

use casebook_samples::{Head, Run};

use super::columns::Columns;
use super::object::{Object, Place};
use super::tokenizer::{Token, Tokenizer};
use super::{Body, DecodeError};

/// Times beyond this (year 2262 and its mirror) are not times: milliseconds, where seconds are expected.
const MAX_SECONDS: f64 = casebook_samples::MAX_SECONDS as f64;

/// Why reading stops.
#[derive(Debug)]
pub(super) enum Fault {
    /// What should have been here.
    Want(&'static str),
    /// A limit.
    Refused(DecodeError),
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        Self::Refused(error)
    }
}

/// Where in the answer the next token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// In front of the answer, or behind it.
    Outside,
    Envelope,
    Data,
    Result,
    /// In an object of `result`.
    Series,
    /// In a list of texts, of the envelope or of `data`.
    Notices {
        infos: bool,
        in_data: bool,
    },
}

/// The value that the last key announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Ignored,
    Status,
    ErrorType,
    Error,
    Next,
    Data,
    Warnings,
    Infos,
    Partial,
    ResultType,
    Result,
}

/// What has been read of an answer.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) columns: Columns,
    at: At,
    slot: Slot,
    /// Containers in a value that nobody wants.
    ignored_above: Option<u32>,
    object: Object,
    /// Of a `result` that is one `[time, value]`.
    pair_time: Option<i64>,
    status: Option<String>,
    error_type: Option<String>,
    error: Option<String>,
    next: Option<String>,
    result_type: Option<String>,
    result_seen: bool,
}

impl Reader {
    pub(super) fn new(columns: Columns) -> Self {
        Self {
            columns,
            at: At::Outside,
            slot: Slot::Ignored,
            ignored_above: None,
            object: Object::default(),
            pair_time: None,
            status: None,
            error_type: None,
            error: None,
            next: None,
            result_type: None,
            result_seen: false,
        }
    }

    /// Whether a series may begin in front of the next token.
    pub(super) fn at_series(&self) -> bool {
        self.at == At::Result && self.ignored_above.is_none()
    }

    /// Whether a sample of a range may begin in front of the next token.
    pub(super) fn at_sample(&self) -> bool {
        self.at == At::Series && self.object.place == Place::Values && self.ignored_above.is_none()
    }

    /// The beginning of a series was read elsewhere, up to its samples.
    pub(super) fn open_series(
        &mut self,
        head: &Head<'_>,
        tokens: &mut Tokenizer,
    ) -> Result<(), Fault> {
        tokens.unusual = false;
        self.columns.open_row()?;
        self.columns.count_labels(head.label_bytes)?;
        self.object
            .open_canonically(self.columns.series.keep(head.labels));
        self.at = At::Series;
        tokens.list_in_object_was_opened();
        Ok(())
    }

    /// Samples were read elsewhere.
    pub(super) fn samples_were_read(&mut self, run: Run, tokens: &mut Tokenizer) {
        self.object.has_floats = true;
        tokens.elements_were_read(run.comma);
    }

    /// The end of a series and the comma behind it were read elsewhere, after samples that were.
    pub(super) fn close_series(&mut self, tokens: &mut Tokenizer) -> Result<(), Fault> {
        tokens.list_in_object_was_closed();
        self.close_object(tokens.unusual)
    }

    fn close_object(&mut self, unusual: bool) -> Result<(), Fault> {
        self.at = At::Result;
        self.object.close(&mut self.columns, unusual)
    }

    /// The next token.
    pub(super) fn token(&mut self, token: Token, tokens: &mut Tokenizer) -> Result<(), Fault> {
        if let Some(depth) = self.ignored_above {
            if tokens.depth() == depth {
                self.ignored_above = None;
            }
        } else if self.at == At::Series {
            self.in_series(token, tokens)?;
        } else if token == Token::Key {
            self.key(tokens.text());
        } else {
            self.outside_series(token, tokens)?;
        }
        let ignored = self.ignored_above.is_some()
            || match self.at {
                At::Envelope | At::Data => token == Token::Key && self.slot == Slot::Ignored,
                At::Series => self.object.ignores_next(),
                _ => false,
            };
        tokens.collect = !ignored;
        Ok(())
    }

    fn in_series(&mut self, token: Token, tokens: &mut Tokenizer) -> Result<(), Fault> {
        if self.object.place == Place::Keys && token == Token::ObjectEnd {
            return self.close_object(tokens.unusual);
        }
        let ignored = self.object.token(token, tokens, &mut self.columns)?;
        if ignored {
            self.ignored_above = Some(tokens.depth() - 1);
        }
        Ok(())
    }

    fn key(&mut self, key: &str) {
        self.slot = match (self.at, key) {
            (At::Envelope, "status") => Slot::Status,
            (At::Envelope, "errorType") => Slot::ErrorType,
            (At::Envelope, "error") => Slot::Error,
            (At::Envelope, "next") => Slot::Next,
            (At::Envelope, "data") => Slot::Data,
            (At::Data, "resultType") => Slot::ResultType,
            (At::Data, "result") => Slot::Result,
            (_, "warnings") => Slot::Warnings,
            (_, "infos") => Slot::Infos,
            (_, "isPartial") => Slot::Partial,
            _ => Slot::Ignored,
        };
    }

    fn outside_series(&mut self, token: Token, tokens: &mut Tokenizer) -> Result<(), Fault> {
        match (self.at, token) {
            (At::Outside, Token::ObjectStart) => self.at = At::Envelope,
            (At::Envelope, Token::ObjectEnd) => self.at = At::Outside,
            (At::Data, Token::ObjectEnd) => self.at = At::Envelope,
            (At::Result, Token::ArrayEnd) => self.at = At::Data,
            (At::Notices { in_data, .. }, Token::ArrayEnd) => {
                self.at = if in_data { At::Data } else { At::Envelope };
            }
            (At::Notices { infos, .. }, Token::Text) => self.notice(infos, tokens.text()),
            (At::Notices { .. }, _) => return Err(Fault::Want("a list of texts")),
            (At::Result, _) => return self.element(token, tokens),
            _ => return self.value(token, tokens),
        }
        Ok(())
    }

    /// The value of a key of the envelope or of `data`.
    fn value(&mut self, token: Token, tokens: &Tokenizer) -> Result<(), Fault> {
        let text = |slot: &mut Option<String>| {
            *slot = match token {
                Token::Text => Some(tokens.text().to_owned()),
                Token::Null => None,
                _ => return Err(Fault::Want("text")),
            };
            Ok(())
        };
        match (self.slot, token) {
            (Slot::Status, _) => return text(&mut self.status),
            (Slot::ErrorType, _) => return text(&mut self.error_type),
            (Slot::Error, _) => return text(&mut self.error),
            (Slot::Next, _) => return text(&mut self.next),
            (Slot::ResultType, _) => return text(&mut self.result_type),
            (Slot::Data, Token::ObjectStart) => self.at = At::Data,
            (Slot::Data, Token::Number | Token::True | Token::False) => {
                return Err(Fault::Want("\"data\" with a \"result\""));
            }
            (Slot::Result, Token::ArrayStart) => {
                self.result_seen = true;
                self.pair_time = None;
                self.at = At::Result;
            }
            // Go writes an empty list that was never made as `null`.
            (Slot::Result, Token::Null) => self.result_seen = true,
            (Slot::Result, _) => {
                return Err(Fault::Want("a list of series, or a time and a value"));
            }
            (Slot::Warnings | Slot::Infos, Token::ArrayStart) => {
                self.at = At::Notices {
                    infos: self.slot == Slot::Infos,
                    in_data: self.at == At::Data,
                };
            }
            (Slot::Warnings | Slot::Infos, Token::Null) => {}
            (Slot::Warnings | Slot::Infos, _) => return Err(Fault::Want("a list of texts")),
            (Slot::Partial, Token::True | Token::False) => {
                self.columns.meta.partial = Some(token == Token::True);
            }
            (Slot::Partial, Token::Null) => self.columns.meta.partial = None,
            (Slot::Partial, _) => return Err(Fault::Want("true or false")),
            (_, Token::ObjectStart | Token::ArrayStart) => {
                self.ignored_above = Some(tokens.depth() - 1);
            }
            _ => {}
        }
        Ok(())
    }

    fn notice(&mut self, infos: bool, text: &str) {
        let meta = &mut self.columns.meta;
        let all = if infos {
            &mut meta.infos
        } else {
            &mut meta.warnings
        };
        if !all.iter().any(|known| known == text) {
            all.push(text.to_owned());
        }
    }

    /// An element of `result`: a series, the time of a pair, or its value.
    fn element(&mut self, token: Token, tokens: &mut Tokenizer) -> Result<(), Fault> {
        match (token, self.pair_time) {
            (Token::ObjectStart, _) => {
                tokens.unusual = false;
                self.columns.open_row()?;
                self.object.open();
                self.at = At::Series;
            }
            (Token::Number, None) => self.pair_time = Some(milliseconds(number(token, tokens)?)?),
            (Token::Number | Token::Text, Some(time_ms)) => {
                self.columns.pair = Some((time_ms, tokens.text().to_owned()));
            }
            _ => return Err(Fault::Want("a list of series, or a time and a value")),
        }
        Ok(())
    }

    /// The answer; `beginning` is shown when there is none.
    pub(super) fn into_body(self, beginning: &str) -> Result<Body, DecodeError> {
        let shape = |want| {
            Err(DecodeError::Shape {
                at: 0,
                want,
                near: beginning.to_owned(),
            })
        };
        match self.status.as_deref() {
            Some("success") => {}
            Some("error") => return Err(self.into_error()),
            _ => return shape("a \"status\" of \"success\" or \"error\""),
        }
        if !self.result_seen {
            return shape("\"data\" with a \"result\"");
        }
        let (range, instant) = self.columns.kinds_seen();
        let pair = self.columns.pair.is_some();
        match self.result_type.as_deref() {
            Some("matrix") if !instant && !pair => self.columns.into_matrix(),
            Some("vector") if !range && !pair => Ok(self.columns.into_vector()),
            Some("scalar" | "string") if !range && !instant && pair => self
                .into_pair()
                .map_or_else(|| shape("a number as the value of a scalar"), Ok),
            Some("matrix" | "vector" | "scalar" | "string") => {
                shape("a \"result\" that fits its \"resultType\"")
            }
            _ => shape("a \"resultType\" of matrix, vector, scalar or string"),
        }
    }

    fn into_error(self) -> DecodeError {
        let known =
            |text: Option<String>, otherwise: &str| text.unwrap_or_else(|| otherwise.to_owned());
        DecodeError::Prometheus {
            kind: known(self.error_type, "unknown"),
            message: known(self.error, "the server gave no reason"),
            next: self.next,
            warnings: self.columns.meta.warnings,
        }
    }

    fn into_pair(mut self) -> Option<Body> {
        let (time_ms, value) = self.columns.pair.take()?;
        let mut meta = self.columns.meta;
        if self.result_type.as_deref() == Some("string") {
            return Some(Body::Text {
                time_ms,
                value,
                meta,
            });
        }
        let value = casebook_decimal::read(&value)?;
        meta.samples = 1;
        meta.nan = u64::from(value.is_nan());
        meta.inf = u64::from(value.is_infinite());
        Some(Body::Scalar {
            time_ms,
            value,
            meta,
        })
    }
}

/// A number, or a text that is one: `1.5`, `"1.5"`, `"NaN"`, `"+Inf"`.
pub(super) fn number(token: Token, tokens: &Tokenizer) -> Result<f64, Fault> {
    let number = match token {
        Token::Number | Token::Text => casebook_decimal::read(tokens.text()),
        _ => None,
    };
    match number {
        // JSON has no infinity: a number that overflows is not one.
        Some(number) if token == Token::Number && number.is_infinite() => {
            Err(Fault::Want("valid JSON"))
        }
        Some(number) => Ok(number),
        None => Err(Fault::Want("[time, value]")),
    }
}

/// Milliseconds of a time in seconds, as the API writes it.
pub(super) fn milliseconds(seconds: f64) -> Result<i64, Fault> {
    if seconds.abs() <= MAX_SECONDS {
        Ok((seconds * 1000.0).round() as i64)
    } else {
        Err(Fault::Want("[time, value]"))
    }
}
