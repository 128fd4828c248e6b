//! What a user would lose: an answer that means something else because of how it is written.
//!
//! Whole bodies in every dialect, whole, cut and damaged, against a plain reading of `serde_json::Value`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test should stop"
)]

use casebook_core::decode::{Body, DecodeError, Decoder, Expect, Limits};
use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::matrix::{GAP, NAN, is_gap};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

const GRID: Grid = Grid {
    start_ms: 1_795_000_000_000,
    step_ms: 500,
    points: 12,
};

/// JSON as text with holes for white space.
#[derive(Debug, Clone)]
enum Json {
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn write(&self, spaces: &mut impl Iterator<Item = &'static str>, text: &mut String) {
        let mut space = |text: &mut String| text.push_str(spaces.next().unwrap_or(""));
        space(text);
        match self {
            Self::Text(raw) => text.push_str(raw),
            Self::List(all) => {
                text.push('[');
                for (at, element) in all.iter().enumerate() {
                    text.push_str(if at > 0 { "," } else { "" });
                    element.write(spaces, text);
                }
                text.push(']');
            }
            Self::Object(all) => {
                text.push('{');
                for (at, (key, value)) in all.iter().enumerate() {
                    text.push_str(if at > 0 { "," } else { "" });
                    text.push_str(key);
                    text.push(':');
                    value.write(spaces, text);
                }
                text.push('}');
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A text as JSON, now and then with every character escaped.
fn strings() -> impl Strategy<Value = String> {
    let text = prop_oneof![3 => "[a-z_]{0,9}", 1 => any::<String>(), 1 => "\\PC{0,5}"];
    (text, prop::bool::weighted(0.1)).prop_map(|(text, all)| {
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        if all {
            format!("\"{}\"", units.collect::<String>())
        } else {
            quoted(&text)
        }
    })
}

fn numbers() -> impl Strategy<Value = String> {
    let float = prop_oneof![
        any::<f64>().prop_filter("finite", |f| f.is_finite()),
        -1e6_f64..1e6
    ];
    prop_oneof![
        3 => float.clone().prop_map(|value| value.to_string()),
        1 => float.prop_map(|value| format!("{value:e}")),
        1 => any::<i64>().prop_map(|value| value.to_string()),
        1 => "(0|-?[1-9][0-9]{0,25})(\\.[0-9]{1,25})?",
        1 => Just("-0".to_owned()),
    ]
}

fn values() -> impl Strategy<Value = Json> {
    let special = prop::sample::select(vec!["NaN", "+Inf", "-Inf", "1e300", "-0", "5.", ".5"]);
    prop_oneof![
        6 => numbers().prop_map(|number| quoted(&number)),
        1 => special.prop_map(quoted),
        1 => numbers(),
        1 => Just(quoted("1").replace('1', "\\u0031")),
    ]
    .prop_map(Json::Text)
}

fn times() -> impl Strategy<Value = Json> {
    (0..GRID.points, 0..12_u8).prop_map(|(step, kind)| {
        let ms = GRID.time_ms(step);
        Json::Text(match kind {
            0 => format!("{}.{:03}", ms / 1000, ms % 1000 + 1),
            1 => format!("\"{}.{:03}\"", ms / 1000, ms % 1000),
            2 => format!("{}.{:06}", ms / 1000, ms % 1000 * 1000),
            3..6 => format!("{}.{:03}", ms / 1000, ms % 1000),
            _ if ms % 1000 == 0 => (ms / 1000).to_string(),
            _ => format!("{}.5", ms / 1000),
        })
    })
}

fn samples() -> impl Strategy<Value = Json> {
    vec(
        (times(), values()).prop_map(|(time, value)| Json::List(vec![time, value])),
        0..30,
    )
    .prop_map(Json::List)
}

/// Values of keys that mean nothing here.
fn others() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["null", "true", "false", "{}", "[]"]).prop_map(str::to_owned),
        numbers(),
        strings(),
    ];
    leaf.prop_map(Json::Text).prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::List),
            vec(inner, 0..4).prop_map(|all| {
                let named = all.into_iter().enumerate();
                Json::Object(
                    named
                        .map(|(at, value)| (format!("\"k{at}\""), value))
                        .collect(),
                )
            }),
        ]
    })
}

fn object(known: Vec<(&str, Json)>, other: Option<Json>, order: &[Index]) -> Json {
    let mut all: Vec<(String, Json)> = known
        .into_iter()
        .map(|(key, value)| (quoted(key), value))
        .collect();
    all.extend(other.map(|value| ("\"other\"".to_owned(), value)));
    for at in order {
        let moved = all.remove(at.index(all.len()));
        all.push(moved);
    }
    Json::Object(all)
}

fn orders() -> impl Strategy<Value = Vec<Index>> {
    prop_oneof![2 => Just(Vec::new()), 1 => vec(any::<Index>(), 1..4)]
}

fn series() -> impl Strategy<Value = Json> {
    let labels = vec((strings(), strings()), 0..5).prop_map(|pairs| {
        Json::Object(pairs.into_iter().map(|(k, v)| (k, Json::Text(v))).collect())
    });
    let histograms = prop::option::weighted(0.1, vec(others(), 0..3));
    let other = prop::option::weighted(0.1, others());
    (labels, samples(), histograms, other, orders()).prop_map(
        |(labels, samples, histograms, other, order)| {
            let mut known = vec![("metric", labels), ("values", samples)];
            known.extend(histograms.map(|all| ("histograms", Json::List(all))));
            object(known, other, &order)
        },
    )
}

fn notices() -> impl Strategy<Value = Option<Json>> {
    let texts = vec(strings().prop_map(Json::Text), 0..3).prop_map(Json::List);
    prop::option::weighted(
        0.3,
        prop_oneof![4 => texts, 1 => Just(Json::Text("null".to_owned()))],
    )
}

fn bodies() -> impl Strategy<Value = String> {
    let data = (
        vec(series(), 0..5),
        notices(),
        notices(),
        prop::option::weighted(0.2, others()),
        orders(),
    );
    let data = data.prop_map(|(series, warnings, infos, other, order)| {
        let kind = Json::Text(quoted("matrix"));
        let mut known = vec![("resultType", kind), ("result", Json::List(series))];
        known.extend(warnings.map(|all| ("warnings", all)));
        known.extend(infos.map(|all| ("infos", all)));
        object(known, other, &order)
    });
    let partial = prop::option::weighted(0.2, any::<bool>());
    let spaces = prop_oneof![
        2 => Just(vec![""]),
        1 => vec(prop::sample::select(vec!["", "", " ", "\n", "\t ", "\r\n"]), 1..40),
    ];
    (
        data,
        notices(),
        partial,
        prop::option::weighted(0.2, others()),
        orders(),
        spaces,
    )
        .prop_map(|(data, warnings, partial, other, order, spaces)| {
            let mut known = vec![("status", Json::Text(quoted("success"))), ("data", data)];
            known.extend(warnings.map(|all| ("warnings", all)));
            known.extend(partial.map(|is| ("isPartial", Json::Text(is.to_string()))));
            let mut text = String::new();
            object(known, other, &order).write(&mut spaces.into_iter().cycle(), &mut text);
            text
        })
}

/// What an answer means.
#[derive(Debug, Default, PartialEq)]
struct Meaning {
    rows: Vec<(Labels, Vec<u64>)>,
    samples: u64,
    off_grid: u64,
    repeated: u64,
    unusual: u64,
    histograms: (u64, u64),
    warnings: Vec<String>,
    infos: Vec<String>,
    partial: Option<bool>,
}

/// The plain reading; `None` when there is something that the decoder must refuse.
fn reference(answer: &Value) -> Option<Meaning> {
    let mut meaning = Meaning::default();
    let data = answer.get("data")?;
    (answer["status"] == "success" && data["resultType"] == "matrix").then_some(())?;
    for (place, key) in [(answer, "isPartial"), (data, "isPartial")] {
        match place.get(key) {
            None => {}
            Some(Value::Null) => meaning.partial = None,
            Some(other) => meaning.partial = Some(other.as_bool()?),
        }
    }
    for place in [answer, data] {
        for (key, all) in [
            ("warnings", &mut meaning.warnings),
            ("infos", &mut meaning.infos),
        ] {
            for text in list(place.get(key))? {
                all.push(text.as_str()?.to_owned());
            }
            all.sort();
            all.dedup();
        }
    }
    data.get("result")?;
    for object in list(data.get("result"))? {
        series_of(object, &mut meaning)?;
    }
    (meaning.samples == 0 || meaning.off_grid < meaning.samples).then_some(meaning)
}

fn list(value: Option<&Value>) -> Option<&[Value]> {
    match value {
        None | Some(Value::Null) => Some(&[]),
        Some(value) => value.as_array().map(Vec::as_slice),
    }
}

fn series_of(object: &Value, meaning: &mut Meaning) -> Option<()> {
    let object = object.as_object()?;
    (!object.contains_key("value") && !object.contains_key("histogram")).then_some(())?;
    let mut labels = Vec::new();
    if let Some(metric) = object.get("metric") {
        for (name, value) in metric.as_object()? {
            labels.push((name.clone(), value.as_str()?.to_owned()));
        }
    }
    let mut row = vec![GAP; GRID.points as usize];
    let samples = list(object.get("values"))?;
    for sample in samples {
        let [time, value] = sample.as_array()?.as_slice() else {
            return None;
        };
        let (seconds, value) = (number(time)?, number(value)?);
        (seconds.abs() <= 9_223_372_036.0).then_some(())?;
        meaning.samples += 1;
        match GRID.step_at((seconds * 1000.0).round() as i64) {
            None => meaning.off_grid += 1,
            Some(step) => {
                let cell = &mut row[step as usize];
                meaning.repeated += u64::from(!is_gap(*cell));
                *cell = if value.is_nan() { NAN } else { value };
            }
        }
    }
    let histograms = list(object.get("histograms"))?.len() as u64;
    meaning.histograms.0 += u64::from(histograms > 0);
    meaning.histograms.1 += histograms;
    if samples.is_empty() && histograms > 0 {
        return Some(());
    }
    meaning.unusual += row
        .iter()
        .filter(|v| !v.is_finite() && !is_gap(**v))
        .count() as u64;
    let bits = row.iter().map(|value| value.to_bits()).collect();
    meaning.rows.push((labels.into_iter().collect(), bits));
    Some(())
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn decoded(body: &[u8], cuts: &[Index]) -> Result<Meaning, DecodeError> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
    cuts.push(body.len());
    cuts.sort_unstable();
    let mut decoder = Decoder::new(Expect::Grid(GRID), Limits::default());
    let mut from = 0;
    for to in cuts {
        decoder.feed(&body[from..to])?;
        from = to;
    }
    let Body::Matrix(found) = decoder.finish()? else {
        panic!("not a matrix")
    };
    let rows = (0..found.rows()).map(|row| {
        let bits = found
            .values(row)
            .iter()
            .map(|value| value.to_bits())
            .collect();
        (found.labels(row).clone(), bits)
    });
    let meta = found.meta();
    let sorted = |all: &[String]| {
        let mut all = all.to_vec();
        all.sort();
        all
    };
    Ok(Meaning {
        rows: rows.collect(),
        samples: meta.samples,
        off_grid: meta.off_grid,
        repeated: meta.repeated,
        unusual: meta.nan + meta.inf,
        histograms: (meta.histograms_skipped, meta.histogram_samples),
        warnings: sorted(&meta.warnings),
        infos: sorted(&meta.infos),
        partial: meta.partial,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_dialect_means_what_serde_json_reads(body in bodies(), cuts in vec(any::<Index>(), 0..20)) {
        let wanted = reference(&serde_json::from_str(&body).unwrap());
        let whole = decoded(body.as_bytes(), &[]);
        prop_assert_eq!(&whole, &decoded(body.as_bytes(), &cuts), "cut");
        prop_assert_eq!(whole.ok(), wanted, "{}", body);
    }

    #[test]
    fn a_damaged_body_is_refused_whenever_serde_json_refuses_it(
        body in bodies(),
        damage in vec((any::<Index>(), any::<u8>()), 1..3),
        cuts in vec(any::<Index>(), 0..20),
    ) {
        let mut bytes = body.into_bytes();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            // Mostly what may keep it JSON.
            let often = b"0123456789\",:[]{}\\u \n-+.eENaf";
            bytes[at] = if byte < 160 { often[usize::from(byte) % often.len()] } else { byte };
        }
        let whole = decoded(&bytes, &[]);
        prop_assert_eq!(&whole, &decoded(&bytes, &cuts), "cut");
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(answer) => prop_assert_eq!(whole.ok(), reference(&answer), "{}", String::from_utf8_lossy(&bytes)),
            // What nobody looks at may be more than serde_json takes: a number beyond f64, half a surrogate pair.
            Err(_) if whole.is_ok() => {
                let ignored = serde_json::from_slice::<serde::de::IgnoredAny>(&bytes);
                prop_assert!(ignored.is_ok(), "{}", String::from_utf8_lossy(&bytes));
            }
            Err(_) => {}
        }
    }
}
