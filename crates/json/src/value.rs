//! What a JSON text holds.

use serde::{Serialize, Serializer, ser::SerializeMap};

/// A JSON value. Objects keep the order of their keys, and keys that stand twice.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object.
    Object(Vec<(String, Value)>),
}

/// A number: an integer if it is written as one and has at most 64 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Zero or more.
    Natural(u64),
    /// Less than zero.
    Negative(i64),
    /// Any other one, `-0` among them.
    Float(f64),
}

impl Value {
    /// What an object holds under a key; the last one, when the key stands twice.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        let Value::Object(fields) = self else {
            return None;
        };
        let last = fields.iter().rev().find(|(name, _)| name == key);
        last.map(|(_, value)| value)
    }

    /// The text, of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The nearest float, of a number.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(number.to_f64()),
            _ => None,
        }
    }

    /// The integer, of a number that is zero or more and written as an integer.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::Number(Number::Natural(number)) => Some(*number),
            _ => None,
        }
    }
}

impl Number {
    /// The nearest float.
    #[must_use]
    #[allow(
        clippy::cast_precision_loss,
        reason = "the nearest one is what is asked for"
    )]
    pub fn to_f64(self) -> f64 {
        match self {
            Number::Natural(number) => number as f64,
            Number::Negative(number) => number as f64,
            Number::Float(number) => number,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(Number::Natural(number)) => serializer.serialize_u64(*number),
            Value::Number(Number::Negative(number)) => serializer.serialize_i64(*number),
            Value::Number(Number::Float(number)) => serializer.serialize_f64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => serializer.collect_seq(items),
            Value::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}
