//! The JSON bodies of Prometheus's API, written as it writes them.

use serde_json::json;

use crate::eval::{Row, Sample, Value};
use crate::failure::Failure;
use crate::format;
use crate::labels::Labels;

/// `{"status":"success","data":…}` around a body that is JSON already.
pub(crate) fn success(data: &str) -> String {
    format!(r#"{{"status":"success","data":{data}}}"#)
}

/// `{"status":"error",…}`.
pub(crate) fn error(failure: &Failure) -> String {
    // by hand: Prometheus's order of keys
    format!(
        r#"{{"status":"error","errorType":{},"error":{}}}"#,
        json!(failure.kind.name()),
        json!(failure.message)
    )
}

/// The data of an instant query evaluated at `at_ms`.
pub(crate) fn instant(value: &Value, at_ms: i64) -> String {
    match value {
        Value::Scalar(number) => result("scalar", &pair(at_ms, *number)),
        Value::Text(text) => {
            let at = format::time(at_ms);
            result("string", &format!("[{at},{}]", json!(text)))
        }
        Value::Vector(vector) => {
            let element = |sample: &Sample| {
                let metric = labels(&sample.labels);
                let value = pair(at_ms, sample.value);
                format!(r#"{{"metric":{metric},"value":{value}}}"#)
            };
            result("vector", &list(vector.iter().map(element)))
        }
        Value::Matrix(rows) => matrix(rows),
    }
}

/// The data of a range query.
pub(crate) fn matrix(rows: &[Row]) -> String {
    let element = |row: &Row| {
        let metric = labels(&row.labels);
        let points = list(row.points.iter().map(|&(time, value)| pair(time, value)));
        format!(r#"{{"metric":{metric},"values":{points}}}"#)
    };
    result("matrix", &list(rows.iter().map(element)))
}

/// A JSON list of series.
pub(crate) fn series<'a>(all: impl Iterator<Item = &'a Labels>) -> String {
    list(all.map(labels))
}

/// One series' labels as a JSON object.
pub(crate) fn labels(labels: &Labels) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{}:{}", json!(name), json!(value)))
        .collect();
    format!("{{{}}}", pairs.join(","))
}

fn result(kind: &str, result: &str) -> String {
    format!(r#"{{"resultType":"{kind}","result":{result}}}"#)
}

fn pair(time_ms: i64, value: f64) -> String {
    format!(r#"[{},"{}"]"#, format::time(time_ms), format::value(value))
}

fn list(elements: impl Iterator<Item = String>) -> String {
    format!("[{}]", elements.collect::<Vec<_>>().join(","))
}
