//! A line that values should stay on one side of, and how it stands in JSON.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

/// A horizontal line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Threshold {
    /// In the unit of the values.
    pub value: f64,
    /// Beside the line; the value itself when empty.
    pub label: String,
}

/// Not `untagged`, which keeps what it reads in a table of its own: 6 KB of the browser's core.
impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ThresholdVisitor)
    }
}

struct ThresholdVisitor;

impl<'de> Visitor<'de> for ThresholdVisitor {
    type Value = Threshold;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or an object with `value` and `label`")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Threshold, E> {
        let label = String::new();
        Ok(Threshold { value, label })
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Threshold, E> {
        self.visit_f64(value as f64)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Threshold, E> {
        self.visit_f64(value as f64)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Threshold, A::Error> {
        #[derive(Deserialize)]
        struct Labelled {
            value: f64,
            #[serde(default)]
            label: String,
        }
        let Labelled { value, label } = Labelled::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Threshold { value, label })
    }
}
