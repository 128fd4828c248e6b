//! One object of `result`, read token by token: labels, samples, histograms.

use super::columns::Columns;
use super::reader::{Fault, milliseconds, number};
use super::tokenizer::{Token, Tokenizer};
use crate::labels::Labels;
use crate::series::RowLabels;

/// Where in the object the next token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A key of the object, or its end.
    Keys,
    /// The value of the key.
    Value(Key),
    /// A label's name, or the end of `metric`.
    Names,
    /// A label's value.
    LabelValue,
    /// A sample of `values`, or their end.
    Values,
    /// Inside of `[time, value]`.
    Sample,
    /// An element of `histograms`, or their end.
    Histograms,
}

/// The keys of a series, in the order in which Prometheus writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Key {
    Metric,
    Value,
    Values,
    Histogram,
    Histograms,
    Other,
}

/// What has been read of the object.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) place: Place,
    last_key: Option<Key>,
    labels: RowLabels,
    label_name: String,
    pairs: Vec<(String, String)>,
    fields: u8,
    time_ms: i64,
    value: f64,
    instant: Option<(i64, f64)>,
    pub(super) has_floats: bool,
    histograms: u64,
    is_range: bool,
    is_instant: bool,
    irregular: bool,
}

impl Default for Object {
    fn default() -> Self {
        Self {
            place: Place::Keys,
            last_key: None,
            labels: Labels::new().into(),
            label_name: String::new(),
            pairs: Vec::new(),
            fields: 0,
            time_ms: 0,
            value: 0.0,
            instant: None,
            has_floats: false,
            histograms: 0,
            is_range: false,
            is_instant: false,
            irregular: false,
        }
    }
}

impl Object {
    /// The next object begins; what this one has allocated stays for it.
    pub(super) fn open(&mut self) {
        self.place = Place::Keys;
        self.last_key = None;
        self.instant = None;
        self.has_floats = false;
        self.histograms = 0;
        self.is_range = false;
        self.is_instant = false;
        self.irregular = false;
    }

    /// The next object begins, and `"metric"` and the `[` of `"values"` of it have been read.
    pub(super) fn open_canonically(&mut self, labels: RowLabels) {
        self.open();
        self.place = Place::Values;
        self.last_key = Some(Key::Values);
        self.labels = labels;
        self.is_range = true;
    }

    /// Whether the text of the next token is wanted by nobody.
    pub(super) fn ignores_next(&self) -> bool {
        matches!(
            self.place,
            Place::Value(Key::Other | Key::Histogram) | Place::Histograms
        )
    }

    /// The next token; `true` when it opens a value that nobody wants.
    pub(super) fn token(
        &mut self,
        token: Token,
        tokens: &mut Tokenizer,
        columns: &mut Columns,
    ) -> Result<bool, Fault> {
        match self.place {
            Place::Keys => self.key(tokens.text()),
            Place::Value(key) => return self.value(key, token, tokens, columns),
            Place::Names => self.label_name(token, tokens, columns)?,
            Place::LabelValue => self.label_value(token, tokens, columns)?,
            Place::Values => match token {
                Token::ArrayStart => self.open_sample(),
                Token::ArrayEnd => self.place = Place::Keys,
                _ => return Err(self.want_samples()),
            },
            Place::Sample => self.field(token, tokens, columns)?,
            Place::Histograms => match token {
                Token::ArrayEnd => self.place = Place::Keys,
                Token::ArrayStart | Token::ObjectStart => {
                    self.histograms += 1;
                    return Ok(true);
                }
                _ => self.histograms += 1,
            },
        }
        Ok(false)
    }

    fn key(&mut self, name: &str) {
        let key = match name {
            "metric" => Key::Metric,
            "value" => Key::Value,
            "values" => Key::Values,
            "histogram" => Key::Histogram,
            "histograms" => Key::Histograms,
            _ => Key::Other,
        };
        self.irregular |= key == Key::Other
            || match self.last_key {
                None => key != Key::Metric,
                Some(last) => key <= last,
            };
        self.last_key = Some(key);
        self.place = Place::Value(key);
    }

    fn value(
        &mut self,
        key: Key,
        token: Token,
        tokens: &mut Tokenizer,
        columns: &Columns,
    ) -> Result<bool, Fault> {
        self.place = Place::Keys;
        self.is_range |= matches!(key, Key::Values | Key::Histograms);
        self.is_instant |= matches!(key, Key::Value | Key::Histogram);
        match (key, token) {
            (Key::Metric, Token::ObjectStart) => {
                self.pairs.clear();
                self.place = Place::Names;
                tokens.longest = columns.label_bytes_left();
            }
            (Key::Metric, _) => return Err(Fault::Want("an object of label names and values")),
            (Key::Values, Token::ArrayStart) => self.place = Place::Values,
            (Key::Value, Token::ArrayStart) => self.open_sample(),
            (Key::Values | Key::Histograms | Key::Histogram, Token::Null) => {}
            (Key::Values | Key::Value, _) => return Err(self.want_samples()),
            (Key::Histograms, Token::ArrayStart) => self.place = Place::Histograms,
            (Key::Histograms, _) => return Err(Fault::Want("a list of histograms")),
            (Key::Histogram, _) => {
                self.histograms += 1;
                return Ok(matches!(token, Token::ArrayStart | Token::ObjectStart));
            }
            (Key::Other, _) => return Ok(matches!(token, Token::ArrayStart | Token::ObjectStart)),
        }
        Ok(false)
    }

    fn label_name(
        &mut self,
        token: Token,
        tokens: &mut Tokenizer,
        columns: &mut Columns,
    ) -> Result<(), Fault> {
        if token == Token::ObjectEnd {
            tokens.longest = u64::MAX;
            self.labels = Labels::of(std::mem::take(&mut self.pairs)).into();
            self.place = Place::Keys;
            return Ok(());
        }
        self.label_name = tokens.text().to_owned();
        columns.count_labels(self.label_name.len())?;
        tokens.longest = columns.label_bytes_left();
        self.place = Place::LabelValue;
        Ok(())
    }

    fn label_value(
        &mut self,
        token: Token,
        tokens: &mut Tokenizer,
        columns: &mut Columns,
    ) -> Result<(), Fault> {
        if token != Token::Text {
            return Err(Fault::Want("an object of label names and values"));
        }
        let value = tokens.text().to_owned();
        columns.count_labels(value.len())?;
        tokens.longest = columns.label_bytes_left();
        self.pairs
            .push((std::mem::take(&mut self.label_name), value));
        self.place = Place::Names;
        Ok(())
    }

    fn open_sample(&mut self) {
        self.fields = 0;
        self.place = Place::Sample;
    }

    fn field(
        &mut self,
        token: Token,
        tokens: &Tokenizer,
        columns: &mut Columns,
    ) -> Result<(), Fault> {
        let single = self.last_key == Some(Key::Value);
        match (self.fields, token) {
            (0, Token::Number | Token::Text) => {
                self.irregular |= token == Token::Text;
                let time = number(token, tokens).and_then(milliseconds);
                self.time_ms = time.map_err(|fault| self.named(fault))?;
            }
            (1, Token::Number | Token::Text) => {
                self.irregular |= token == Token::Number;
                let value = number(token, tokens);
                self.value = value.map_err(|fault| self.named(fault))?;
            }
            (2, Token::ArrayEnd) if single => {
                self.instant = Some((self.time_ms, self.value));
                self.place = Place::Keys;
            }
            (2, Token::ArrayEnd) => {
                columns.sample(self.time_ms, self.value)?;
                self.has_floats = true;
                self.place = Place::Values;
            }
            _ => return Err(self.want_samples()),
        }
        self.fields += 1;
        Ok(())
    }

    fn want_samples(&self) -> Fault {
        Fault::Want(if self.last_key == Some(Key::Value) {
            "[time, value]"
        } else {
            "a list of [time, value]"
        })
    }

    fn named(&self, fault: Fault) -> Fault {
        match fault {
            Fault::Want("[time, value]") => self.want_samples(),
            other => other,
        }
    }

    /// The object ends: its row, its sample, or nothing but histograms.
    pub(super) fn close(&mut self, columns: &mut Columns, unusual: bool) -> Result<(), Fault> {
        let labels = std::mem::replace(&mut self.labels, Labels::new().into());
        if self.is_range && self.is_instant {
            return Err(Fault::Want("a series with either \"value\" or \"values\""));
        }
        self.irregular |= unusual || self.last_key.is_none();
        columns.meta.irregular += u64::from(self.irregular);
        columns.meta.histograms_skipped += u64::from(self.histograms > 0);
        columns.meta.histogram_samples += self.histograms;
        if let Some((time_ms, value)) = self.instant {
            let labels = columns.series.known(labels);
            columns.instant(labels, time_ms, value)?;
        } else if self.has_floats || (self.histograms == 0 && !self.is_instant) {
            columns.close_row(labels);
        }
        Ok(())
    }
}
