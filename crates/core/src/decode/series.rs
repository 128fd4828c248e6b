//! One series of an answer: labels, samples, histograms.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::answer::Reader;
use crate::labels::Labels;

/// Times beyond this (year 2262 and its mirror) are not times: milliseconds, where seconds are expected.
const MAX_SECONDS: f64 = 9_223_372_036.0;

/// One object of `result`.
pub(super) fn read_series<'de, A: MapAccess<'de>>(
    reader: &mut Reader,
    mut map: A,
) -> Result<(), A::Error> {
    let mut labels = Labels::default();
    let mut instant = None;
    let (mut has_floats, mut histograms) = (false, 0);
    let (mut is_range, mut is_instant) = (false, false);
    let opened = reader.columns.open_row();
    reader.check(opened)?;
    while let Some(key) = map.next_key::<String>()? {
        match key.as_str() {
            "metric" => {
                reader.want = "an object of label names and values";
                labels = map.next_value_seed(MetricSeed(reader))?;
            }
            "values" => {
                reader.want = "a list of [time, value]";
                is_range = true;
                has_floats |= map.next_value_seed(ValuesSeed(reader))? > 0;
            }
            "value" => {
                reader.want = "[time, value]";
                is_instant = true;
                instant = Some(map.next_value_seed(SampleSeed)?);
            }
            "histograms" => {
                reader.want = "a list of histograms";
                is_range = true;
                histograms += map
                    .next_value::<Option<Vec<IgnoredAny>>>()?
                    .map_or(0, |list| list.len());
            }
            "histogram" => {
                is_instant = true;
                histograms += map.next_value::<Option<IgnoredAny>>()?.map_or(0, |_| 1);
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
    }
    reader.columns.meta.histograms_skipped += u64::from(histograms > 0);
    reader.columns.meta.histogram_samples += histograms as u64;
    if is_range && is_instant {
        reader.want = "a series with either \"value\" or \"values\"";
        return Err(A::Error::custom("both"));
    }
    if let Some((time_ms, value)) = instant {
        let taken = reader.columns.instant(labels, time_ms, value);
        return reader.check(taken);
    }
    if has_floats || (histograms == 0 && !is_instant) {
        reader.columns.close_row(labels);
    }
    Ok(())
}

struct MetricSeed<'r>(&'r mut Reader);

impl<'de> DeserializeSeed<'de> for MetricSeed<'_> {
    type Value = Labels;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Labels, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MetricSeed<'_> {
    type Value = Labels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("label names and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
        let mut pairs = Vec::with_capacity(8);
        while let Some((name, value)) = map.next_entry::<String, String>()? {
            let counted = self.0.columns.count_label(&name, &value);
            self.0.check(counted)?;
            pairs.push((name, value));
        }
        Ok(pairs.into_iter().collect())
    }
}

/// `values` of one series; gives their number.
struct ValuesSeed<'r>(&'r mut Reader);

impl<'de> DeserializeSeed<'de> for ValuesSeed<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<usize, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValuesSeed<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of [time, value]")
    }

    fn visit_unit<E>(self) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
        let mut count = 0;
        while let Some((time_ms, value)) = list.next_element_seed(SampleSeed)? {
            let taken = self.0.columns.sample(time_ms, value);
            self.0.check(taken)?;
            count += 1;
        }
        Ok(count)
    }
}

/// `[seconds, "value"]`; gives milliseconds and the number.
struct SampleSeed;

impl<'de> DeserializeSeed<'de> for SampleSeed {
    type Value = (i64, f64);

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(i64, f64), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for SampleSeed {
    type Value = (i64, f64);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[time, value]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(i64, f64), A::Error> {
        let missing = || A::Error::custom("a time and a value");
        let seconds = list.next_element_seed(NumberSeed)?.ok_or_else(missing)?;
        let value = list.next_element_seed(NumberSeed)?.ok_or_else(missing)?;
        if list.next_element::<IgnoredAny>()?.is_some() {
            return Err(missing());
        }
        Ok((milliseconds(seconds)?, value))
    }
}

/// Milliseconds of a time in seconds, as the API writes it.
pub(super) fn milliseconds<E: serde::de::Error>(seconds: f64) -> Result<i64, E> {
    if seconds.abs() <= MAX_SECONDS {
        Ok((seconds * 1000.0).round() as i64)
    } else {
        Err(E::custom("a time in seconds"))
    }
}

/// A number, or a text that is one: `1.5`, `"1.5"`, `"NaN"`, `"+Inf"`.
struct NumberSeed;

impl<'de> DeserializeSeed<'de> for NumberSeed {
    type Value = f64;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<f64, D::Error> {
        json.deserialize_any(self)
    }
}

impl Visitor<'_> for NumberSeed {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_f64<E>(self, number: f64) -> Result<f64, E> {
        Ok(number)
    }

    fn visit_u64<E>(self, number: u64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_i64<E>(self, number: i64) -> Result<f64, E> {
        Ok(number as f64)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<f64, E> {
        text.parse().map_err(|_| E::custom("a number"))
    }
}
