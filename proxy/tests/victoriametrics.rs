//! The real VictoriaMetrics behind the real proxy. If these failed, a chart would show other instants than those that were
//! asked for, or nothing at all.

use crate::support::{Proxy, Session};
use casebook_lab::{Prometheus, Series, VictoriaMetrics, now};
use serde_json::Value as Json;

/// A proxy's answer to a range query.
fn range(session: &Session<'_>, source: &str, query: &str, start: i64, end: i64) -> Json {
    let path = format!("/api/prom/{source}/api/v1/query_range");
    let form = format!("query={query}&start={start}&end={end}&step=10");
    let answer = session.post(&path, &form);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["data"]["result"].clone()
}

fn times(series: &Json) -> Vec<i64> {
    let values = series["values"].as_array().unwrap().iter();
    values.map(|sample| sample[0].as_i64().unwrap()).collect()
}

/// Series by their label `which`, and the numbers of each.
fn numbers(result: &Json) -> Vec<(String, Vec<f64>)> {
    let series = result.as_array().unwrap().iter();
    let mut numbers: Vec<_> = series
        .map(|series| {
            let values = series["values"].as_array().unwrap().iter();
            let number = |sample: &Json| sample[1].as_str().unwrap().parse().unwrap();
            let which = series["metric"]["which"].as_str().unwrap();
            (which.to_owned(), values.map(number).collect())
        })
        .collect();
    numbers.sort_by(|(a, _), (b, _)| a.cmp(b));
    numbers
}

/// Eight gauges with a sample each ten seconds of an hour and a half.
fn fleet(end: i64) -> Vec<Series> {
    let gauge = |index: i64| {
        let which = format!("object{index}");
        let samples = (0..=540).map(|step| {
            (
                end - 10 * step,
                (step * step % 97 * (index + 1)) as f64 / 8.0,
            )
        });
        let mut samples: Vec<_> = samples.collect();
        samples.reverse();
        Series::new([("__name__", "level"), ("which", which.as_str())], samples)
    };
    (0..8).map(gauge).collect()
}

#[test]
fn victoriametrics_answers_for_the_instants_that_were_asked_for() {
    let end = now() / 10 * 10 - 600;
    let series = fleet(end);
    let prometheus = Prometheus::builder().samples(series.clone());
    let prometheus = prometheus.start_blocking().unwrap();
    let victoria = VictoriaMetrics::builder().samples(series);
    let victoria = victoria.start_blocking().unwrap();
    let proxy = Proxy::builder()
        .source("plain", victoria.url())
        .source_with("victoria", victoria.url(), "dialect = \"victoriametrics\"")
        .source("main", prometheus.url())
        .start();
    let session = proxy.sign_in();

    // Three seconds beside the steps on which its cache keeps answers.
    let (start, end) = (end - 3603, end - 3);
    let wanted: Vec<i64> = (0..361).map(|step| start + 10 * step).collect();
    let told = range(&session, "victoria", "level", start, end);
    assert_eq!(told.as_array().unwrap().len(), 8);
    for series in told.as_array().unwrap() {
        assert_eq!(times(series), wanted);
    }
    let cached = range(&session, "plain", "level", start, end);
    assert_ne!(
        times(&cached[0])[0],
        start,
        "without the dialect it moves the start: is the key of use at all?"
    );

    let ours = numbers(&range(&session, "main", "level", start, end));
    for ((which, theirs), (_, ours)) in numbers(&told).iter().zip(&ours) {
        assert_eq!(theirs, ours, "{which}");
    }

    let record = proxy.result("complete");
    assert_eq!(
        (&record["target"], &record["params"]["nocache"]),
        (&"victoria".into(), &"1".into())
    );
    let sources = session.get("/api/v1/catalog").json()["prometheus"].clone();
    let dialects: Vec<_> = sources
        .as_array()
        .unwrap()
        .iter()
        .map(|source| source["dialect"].clone())
        .collect();
    assert_eq!(dialects, ["prometheus", "prometheus", "victoriametrics"]);
    assert!(
        sources
            .as_array()
            .unwrap()
            .iter()
            .all(|source| source["health"]["state"] == "up")
    );
}
