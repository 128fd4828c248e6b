//! One text for one value: JSON with sorted keys, no white space, and integers and strings only.
//!
//! Floats are refused, because no two languages print them alike. A check outside Rust is one line
//! of Python: `json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`.

use serde_json::Value;
use std::fmt;

/// A value that has no canonical text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCanonical(&'static str);

impl NotCanonical {
    pub(crate) fn new(what: &'static str) -> NotCanonical {
        NotCanonical(what)
    }
}

impl fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no canonical text", self.0)
    }
}

impl std::error::Error for NotCanonical {}

/// The canonical text of `value`. Floats, and integers beyond 64 bits, are errors.
pub fn to_string(value: &Value) -> Result<String, NotCanonical> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, out: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            out.push_str(&number.to_string());
        }
        Value::Number(_) => return Err(NotCanonical("a float")),
        Value::String(text) => write_string(text, out)?,
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(fields) => {
            // serde_json keeps insertion order when any crate of the build asks for it.
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            out.push('{');
            for (index, name) in names.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(name, out)?;
                out.push(':');
                write(&fields[name], out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_string(text: &str, out: &mut String) -> Result<(), NotCanonical> {
    let quoted = serde_json::to_string(text).map_err(|_| NotCanonical("this string"))?;
    out.push_str(&quoted);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sorts_keys_at_every_depth() {
        let value = json!({"b": {"d": 1, "c": [true, null, "é\n"]}, "a": -2});
        assert_eq!(
            to_string(&value).unwrap(),
            "{\"a\":-2,\"b\":{\"c\":[true,null,\"é\\n\"],\"d\":1}}"
        );
    }

    #[test]
    fn refuses_floats() {
        assert!(to_string(&json!({"a": 1.5})).is_err());
    }
}
