//! One text for one value: JSON with sorted keys, no white space, and integers and strings only.
//!
//! Floats are refused, because no two languages print them alike. A check outside Rust is one line
//! of Python: `json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`.

use casebook_json::{Number, Value};
use serde::Serialize;
use std::fmt;

/// A value that has no canonical text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCanonical(&'static str);

impl fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no canonical text", self.0)
    }
}

impl std::error::Error for NotCanonical {}

/// The canonical text of `value`. Floats, and integers beyond 64 bits, are errors.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, NotCanonical> {
    let text = casebook_json::to_string(value).map_err(|_| NotCanonical("this value"))?;
    let mut value = casebook_json::parse(&text).map_err(|_| NotCanonical("this value"))?;
    sort(&mut value)?;
    casebook_json::to_string(&value).map_err(|_| NotCanonical("this value"))
}

fn sort(value: &mut Value) -> Result<(), NotCanonical> {
    match value {
        Value::Number(Number::Float(_)) => Err(NotCanonical("a float")),
        Value::List(items) => items.iter_mut().try_for_each(sort),
        Value::Object(fields) => {
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            fields.iter_mut().try_for_each(|(_, value)| sort(value))
        }
        _ => Ok(()),
    }
}

/// Whether `text`, which holds `value`, is its canonical text: byte for byte, no key twice.
pub fn is_canonical(text: &str, value: &Value) -> bool {
    is_sorted(value) && casebook_json::to_string(value).as_deref() == Ok(text)
}

fn is_sorted(value: &Value) -> bool {
    match value {
        Value::Number(number) => !matches!(number, Number::Float(_)),
        Value::List(items) => items.iter().all(is_sorted),
        Value::Object(fields) => {
            fields.is_sorted_by(|(one, _), (next, _)| one < next)
                && fields.iter().all(|(_, value)| is_sorted(value))
        }
        _ => true,
    }
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

    #[test]
    fn knows_the_one_text_from_all_others() {
        for (text, canonical) in [
            (r#"{"a":[{"b":"é","c":-1}],"d":18446744073709551615}"#, true),
            (r#"{"b":1,"a":1}"#, false),
            (r#"{"a":1,"a":1}"#, false),
            (r#"[{"b":1,"a":1}]"#, false),
            (r#"{"a": 1}"#, false),
            (
                r#"{"a":1}
"#,
                false,
            ),
            (r#"{"a":"\u00e9"}"#, false),
            (r#"{"a":"\/"}"#, false),
            (r#"{"a":1.5}"#, false),
            (r#"{"a":-0}"#, false),
            (r#"{"a":18446744073709551616}"#, false),
        ] {
            let value = casebook_json::parse(text).unwrap();
            assert_eq!(is_canonical(text, &value), canonical, "{text}");
        }
    }
}
