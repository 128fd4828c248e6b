//! What the browser says and understands must not depend on which of the two crates is linked.

use std::collections::BTreeMap;

use casebook_json::{Number, Value, from_str, parse, to_string};
use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

/// The same value, as serde_json has it.
fn theirs(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => json!(null),
        Value::Bool(flag) => json!(flag),
        Value::Number(Number::Natural(number)) => json!(number),
        Value::Number(Number::Negative(number)) => json!(number),
        Value::Number(Number::Float(number)) => json!(number),
        Value::Text(text) => json!(text),
        Value::List(items) => items.iter().map(theirs).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            fields
                .map(|(name, value)| (name.clone(), theirs(value)))
                .collect()
        }
    }
}

/// Whether both crates say the same of a text; the answer itself.
fn understood_alike(text: &str) -> bool {
    let (ours, known) = (parse(text), serde_json::from_str::<serde_json::Value>(text));
    assert_eq!(ours.is_ok(), known.is_ok(), "{text:?}: {ours:?}, {known:?}");
    if let (Ok(ours), Ok(known)) = (&ours, &known) {
        assert_eq!(&theirs(ours), known, "{text:?}");
    }
    known.is_ok()
}

fn any_value() -> impl Strategy<Value = serde_json::Value> {
    let scalar = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|flag| json!(flag)),
        any::<u64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(|text| json!(text)),
        "[\\x00-\\x20\"\\\\/é𝄞]{0,8}".prop_map(|text| json!(text)),
    ];
    scalar.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| json!(items)),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|fields| json!(fields)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_value_is_written_alike(value in any_value()) {
        prop_assert_eq!(to_string(&value).unwrap(), serde_json::to_string(&value).unwrap());
    }

    #[test]
    fn every_float_is_written_alike(bits in any::<u64>()) {
        let float = f64::from_bits(bits);
        prop_assert_eq!(to_string(&float).unwrap(), serde_json::to_string(&float).unwrap());
    }

    #[test]
    fn every_text_is_understood_alike(value in any_value(), pretty in any::<bool>()) {
        let text = match pretty {
            true => serde_json::to_string_pretty(&value).unwrap(),
            false => serde_json::to_string(&value).unwrap(),
        };
        prop_assert!(understood_alike(&text));
        prop_assert_eq!(to_string(&parse(&text).unwrap()).unwrap(), value.to_string());
    }

    #[test]
    fn every_damaged_text_is_understood_alike(
        value in any_value(),
        at in any::<prop::sample::Index>(),
        other in "[\\x00-\\x7fé]|\\\\u[dD][89abcdef][0-9a-f]{2}|[0-9eE.+-]{1,6}",
        removed in 0..3_usize,
    ) {
        let text: Vec<char> = value.to_string().chars().collect();
        let at = at.index(text.len());
        let behind = (at + removed).min(text.len());
        let damaged: String = text[..at].iter().copied().chain(other.chars()).chain(text[behind..].iter().copied()).collect();
        understood_alike(&damaged);
    }
}

#[test]
fn the_edges_of_the_grammar_are_the_same() {
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for (text, good) in [
        ("", false),
        (" \t\r\n1 \t\r\n", true),
        ("\u{a0}1", false),
        ("1 2", false),
        ("nul", false),
        ("nulll", false),
        ("01", false),
        ("-", false),
        ("-01", false),
        ("-0", true),
        ("1.", false),
        (".5", false),
        ("+1", false),
        ("1e", false),
        ("1e+", false),
        ("1E-7", true),
        ("1e400", false),
        ("1e-400", true),
        ("18446744073709551615", true),
        ("18446744073709551616", true),
        ("-9223372036854775808", true),
        ("-9223372036854775809", true),
        ("[1,]", false),
        ("[,1]", false),
        ("{\"a\":1,}", false),
        ("{\"a\" : 1 , \"a\" : 2}", true),
        ("{a:1}", false),
        ("{1:1}", false),
        ("\"\u{7f}\"", true),
        ("\"\u{1f}\"", false),
        ("\"\\u00e9\\/\\b\\f\"", true),
        ("\"\\ud834\\udd1e\"", true),
        ("\"\\ud834\"", false),
        ("\"\\ud834\\n\"", false),
        ("\"\\ud834\\ud834\"", false),
        ("\"\\udd1e\"", false),
        ("\"\\u12\"", false),
        ("\"\\x\"", false),
        ("\"", false),
        (&deep(127), true),
        (&deep(128), false),
        (&deep(100_000), false),
    ] {
        assert_eq!(understood_alike(text), good, "{text:.60?}");
    }
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    margin: f64,
    windows: usize,
    offset: i64,
    small: u8,
    on: bool,
    title: String,
    unit: Option<String>,
    rows: Vec<usize>,
    kind: Kind,
    labels: BTreeMap<String, String>,
    inner: Option<Box<Settings>>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    PeakToPeak,
    Relative,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Required {
    #[serde(rename = "errorType")]
    error_type: String,
    #[serde(default)]
    next: String,
}

fn read_alike<T: DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) -> Option<T> {
    let (ours, known) = (from_str::<T>(text), serde_json::from_str::<T>(text));
    assert_eq!(ours.is_ok(), known.is_ok(), "{text}: {ours:?}, {known:?}");
    let ours = ours.ok();
    assert_eq!(ours, known.ok(), "{text}");
    ours
}

#[test]
fn settings_are_read_alike() {
    let whole = r#"{"margin":1,"windows":3,"offset":-5,"small":255,"on":true,"title":"é","unit":null,"rows":[0,1],
        "kind":"relative","labels":{"b":"1","a":"2","b":"3"},"inner":{"margin":0.1,"unit":"s"}}"#;
    let settings: Settings = read_alike(whole).unwrap();
    assert_eq!(settings.inner.as_ref().unwrap().unit.as_deref(), Some("s"));
    assert_eq!(
        to_string(&settings).unwrap(),
        serde_json::to_string(&settings).unwrap()
    );
    assert!(read_alike::<Settings>("{}").is_some());
    for wrong in [
        r#"{"margin":"1"}"#,
        r#"{"margin":null}"#,
        r#"{"windows":1.5}"#,
        r#"{"windows":-1}"#,
        r#"{"offset":9223372036854775808}"#,
        r#"{"small":256}"#,
        r#"{"on":1}"#,
        r#"{"title":1}"#,
        r#"{"rows":1}"#,
        r#"{"rows":["1"]}"#,
        r#"{"kind":"loud"}"#,
        r#"{"kind":1}"#,
        r#"{"labels":{"a":1}}"#,
        r#"{"margin":1,"margin":2}"#,
        r#"{"margins":1}"#,
        "7",
    ] {
        assert!(read_alike::<Settings>(wrong).is_none(), "{wrong}");
    }
    assert!(read_alike::<Required>(r#"{"errorType":"a","more":[{}]}"#).is_some());
    assert!(read_alike::<Required>(r#"{"next":"a"}"#).is_none());
}

#[test]
fn an_error_says_what_is_wrong() {
    let said = |text| from_str::<Settings>(text).unwrap_err().to_string();
    assert_eq!(said("{\"margin\" 1}"), "no JSON: ':' should be at byte 10");
    assert_eq!(
        said("{\"margin\":\"1\"}"),
        "a string stands where a number should"
    );
    assert!(
        said("{\"margins\":1}").starts_with("unknown field `margins`, expected one of `margin`")
    );
    assert!(said("{\"small\":256}").contains("256"));
}

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Pair(u8, f32);

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Tagged {
    Intact { records: u64 },
}

#[derive(Serialize)]
enum Shapes {
    Plain,
    One(u8),
    Two(u8, char),
    Named { a: Option<u8>, b: () },
    Empty {},
}

#[test]
fn every_shape_that_serde_knows_is_written_alike() {
    #[derive(Serialize)]
    struct All {
        unit: Unit,
        pair: Pair,
        tuple: (i8, i16, i32, u16, u32),
        floats: [f64; 4],
        shapes: Vec<Shapes>,
        tagged: Tagged,
        #[serde(flatten)]
        more: BTreeMap<u16, &'static str>,
        none: [u8; 0],
        #[serde(skip_serializing_if = "Option::is_none")]
        skipped: Option<u8>,
        bracket: (&'static str, &'static str),
    }
    let all = All {
        unit: Unit,
        pair: Pair(1, 0.1),
        tuple: (-1, -2, -3, 4, 5),
        floats: [f64::NAN, f64::INFINITY, -0.0, 1e21],
        shapes: vec![
            Shapes::Plain,
            Shapes::One(1),
            Shapes::Two(2, '"'),
            Shapes::Named { a: None, b: () },
            Shapes::Empty {},
        ],
        tagged: Tagged::Intact { records: 3 },
        more: [(7, "seven"), (8, "eight")].into(),
        none: [],
        skipped: None,
        bracket: ("[", "{"),
    };
    assert_eq!(
        to_string(&all).unwrap(),
        serde_json::to_string(&all).unwrap()
    );
}
