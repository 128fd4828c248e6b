//! The JSON of the Prometheus API, read by serde visitors straight into [`Columns`].
//!
//! Nothing relies on the order of keys: `warnings` follow `data` in Prometheus, stand inside of it
//! in Thanos, and `isPartial` precedes it in VictoriaMetrics. `result` is read by its own shape, and
//! only compared with `resultType` at the end.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::columns::Columns;
use super::series::{milliseconds, read_series};
use super::{Body, DecodeError};

/// Bytes of a body that is not JSON which are kept for the error.
const HEAD_BYTES: usize = 2048;
/// Bytes shown on both sides of a place that has the wrong shape.
const NEAR_BYTES: usize = 48;

/// Reads a whole body.
pub(super) fn read(body: &[u8], columns: Columns) -> Result<Body, DecodeError> {
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let at = body.len() as u64;
    match json.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err(DecodeError::Truncated { at }),
        Some(b'{') => {}
        Some(_) => {
            let head = String::from_utf8_lossy(&body[..body.len().min(HEAD_BYTES)]).into_owned();
            return Err(DecodeError::NotJson { head });
        }
    }
    let mut reader = Reader::new(columns);
    let mut json_reader = serde_json::Deserializer::from_slice(json);
    let outcome = EnvelopeSeed(&mut reader)
        .deserialize(&mut json_reader)
        .and_then(|()| {
            reader.want = "the end of the body";
            json_reader.end()
        });
    if let Some(fault) = reader.fault {
        return Err(fault);
    }
    if let Err(error) = outcome {
        return Err(place(&error, json, reader.want));
    }
    reader.columns.meta.bytes = at;
    reader.into_body(json)
}

/// The body's error at its byte: a cut body where the bytes ran out, a wrong shape elsewhere.
fn place(error: &serde_json::Error, json: &[u8], want: &'static str) -> DecodeError {
    let line_start = json
        .split_inclusive(|byte| *byte == b'\n')
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum::<usize>();
    let at = (line_start + error.column()).min(json.len());
    if error.is_eof() {
        return DecodeError::Truncated {
            at: json.len() as u64,
        };
    }
    let want = if error.is_syntax() && want != "the end of the body" {
        "valid JSON"
    } else {
        want
    };
    shape(json, at, want)
}

fn shape(json: &[u8], at: usize, want: &'static str) -> DecodeError {
    let from = at.saturating_sub(NEAR_BYTES);
    let to = (at + NEAR_BYTES).min(json.len());
    let near = String::from_utf8_lossy(&json[from..to]).replace(char::is_control, " ");
    DecodeError::Shape {
        at: at as u64,
        want,
        near,
    }
}

/// What the visitors fill in.
pub(super) struct Reader {
    pub(super) columns: Columns,
    status: Option<String>,
    error_type: Option<String>,
    error: Option<String>,
    next: Option<String>,
    result_type: Option<String>,
    result_seen: bool,
    /// What the visitor at work expects, for the error when it finds something else.
    pub(super) want: &'static str,
    /// An error of ours on its way through serde, which only carries text.
    fault: Option<DecodeError>,
}

impl Reader {
    fn new(columns: Columns) -> Self {
        Self {
            columns,
            status: None,
            error_type: None,
            error: None,
            next: None,
            result_type: None,
            result_seen: false,
            want: "an object",
            fault: None,
        }
    }

    pub(super) fn check<E: serde::de::Error>(
        &mut self,
        outcome: Result<(), DecodeError>,
    ) -> Result<(), E> {
        outcome.map_err(|fault| {
            self.fault = Some(fault);
            E::custom("refused")
        })
    }

    fn into_body(self, json: &[u8]) -> Result<Body, DecodeError> {
        match self.status.as_deref() {
            Some("success") => {}
            Some("error") => return Err(self.into_error()),
            _ => return Err(shape(json, 0, "a \"status\" of \"success\" or \"error\"")),
        }
        if !self.result_seen {
            return Err(shape(json, 0, "\"data\" with a \"result\""));
        }
        let (range, instant) = self.columns.kinds_seen();
        let pair = self.columns.pair.is_some();
        match self.result_type.as_deref() {
            Some("matrix") if !instant && !pair => self.columns.into_matrix(),
            Some("vector") if !range && !pair => Ok(self.columns.into_vector()),
            Some("scalar" | "string") if !range && !instant && pair => self.into_pair(json),
            Some("matrix" | "vector" | "scalar" | "string") => {
                Err(shape(json, 0, "a \"result\" that fits its \"resultType\""))
            }
            _ => Err(shape(
                json,
                0,
                "a \"resultType\" of matrix, vector, scalar or string",
            )),
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

    fn into_pair(mut self, json: &[u8]) -> Result<Body, DecodeError> {
        let (time_ms, value) = self.columns.pair.take().unwrap_or_default();
        let mut meta = self.columns.meta;
        if self.result_type.as_deref() == Some("string") {
            return Ok(Body::Text {
                time_ms,
                value,
                meta,
            });
        }
        let Ok(value) = value.parse::<f64>() else {
            return Err(shape(json, 0, "a number as the value of a scalar"));
        };
        meta.samples = 1;
        meta.nan = u64::from(value.is_nan());
        meta.inf = u64::from(value.is_infinite());
        Ok(Body::Scalar {
            time_ms,
            value,
            meta,
        })
    }
}

struct EnvelopeSeed<'r>(&'r mut Reader);

impl<'de> DeserializeSeed<'de> for EnvelopeSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for EnvelopeSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the envelope of an answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reader = self.0;
        while let Some(key) = map.next_key::<String>()? {
            reader.want = "text";
            match key.as_str() {
                "status" => reader.status = map.next_value()?,
                "errorType" => reader.error_type = map.next_value()?,
                "error" => reader.error = map.next_value()?,
                "next" => reader.next = map.next_value()?,
                "data" => map.next_value_seed(DataSeed(reader))?,
                _ => read_notices(reader, &key, &mut map)?,
            }
        }
        Ok(())
    }
}

/// Keys that stand in the envelope or inside `data`, depending on the server.
fn read_notices<'de, A: MapAccess<'de>>(
    reader: &mut Reader,
    key: &str,
    map: &mut A,
) -> Result<(), A::Error> {
    let meta = &mut reader.columns.meta;
    match key {
        "warnings" | "infos" => {
            reader.want = "a list of texts";
            let list = map.next_value::<Option<Vec<String>>>()?.unwrap_or_default();
            let all = if key == "warnings" {
                &mut meta.warnings
            } else {
                &mut meta.infos
            };
            for text in list {
                if !all.contains(&text) {
                    all.push(text);
                }
            }
        }
        "isPartial" => {
            reader.want = "true or false";
            meta.partial = map.next_value()?;
        }
        _ => {
            map.next_value::<IgnoredAny>()?;
        }
    }
    Ok(())
}

/// `data`: an object of interest, or `null` and others beside an error.
struct DataSeed<'r>(&'r mut Reader);

impl<'de> DeserializeSeed<'de> for DataSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DataSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("data")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reader = self.0;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "resultType" => {
                    reader.want = "text";
                    reader.result_type = map.next_value()?;
                }
                "result" => {
                    reader.want = "a list of series, or a time and a value";
                    reader.result_seen = true;
                    map.next_value_seed(ResultSeed(reader))?;
                }
                _ => read_notices(reader, &key, &mut map)?,
            }
        }
        Ok(())
    }
}

/// `result`: a list of series, or one `[time, value]`.
struct ResultSeed<'r>(&'r mut Reader);

impl<'de> DeserializeSeed<'de> for ResultSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ResultSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of series, or a time and a value")
    }

    /// Go writes an empty list that was never made as `null`.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let reader = self.0;
        let mut time_ms = None;
        while let Some(element) = list.next_element_seed(ElementSeed {
            reader,
            paired: time_ms.is_some(),
        })? {
            match element {
                Element::Series => {}
                Element::Time(found) => time_ms = Some(found),
                Element::Value(value) => {
                    reader.columns.pair = time_ms.map(|time_ms| (time_ms, value))
                }
            }
        }
        Ok(())
    }
}

enum Element {
    Series,
    Time(i64),
    Value(String),
}

/// An element of `result`: a series, the time of a pair, or its value.
struct ElementSeed<'r> {
    reader: &'r mut Reader,
    paired: bool,
}

impl<'de> DeserializeSeed<'de> for ElementSeed<'_> {
    type Value = Element;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Element, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ElementSeed<'_> {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series, a time or a value")
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Element, E> {
        if self.paired {
            return Ok(Element::Value(number.to_string()));
        }
        milliseconds(number).map(Element::Time)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Element, E> {
        self.visit_f64(number as f64)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Element, E> {
        self.visit_f64(number as f64)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Element, E> {
        if self.paired {
            return Ok(Element::Value(text.to_owned()));
        }
        Err(E::custom("text where a time or a series is expected"))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Element, A::Error> {
        read_series(self.reader, map)?;
        Ok(Element::Series)
    }
}
