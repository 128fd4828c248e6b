//! The drill's API beside Prometheus's: metadata, errors, and what only the drill refuses.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may end where its helper finds nothing"
)]

mod pair;

use std::collections::BTreeSet;

use casebook_lab::http;
use pair::{ONSET, Pair, assert_none, encode, json};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_are_refused_in_the_same_words() {
    let pair = Pair::holding(ONSET - 600..=ONSET).await;
    let range = |changed: &'static [(&str, &str)]| {
        let mut params = vec![
            ("query", "level"),
            ("start", "1795000000"),
            ("end", "1795000300"),
            ("step", "10"),
        ];
        params.retain(|(name, _)| changed.iter().all(|(other, _)| name != other));
        params.extend(changed);
        ("query_range", params)
    };
    let mut unlike = Vec::new();
    for (path, params) in [
        range(&[("start", "")]),
        range(&[("start", "yesterday")]),
        range(&[("end", "1794999999")]),
        range(&[("end", "2026-13-01T00:00:00Z")]),
        range(&[("step", "0")]),
        range(&[("step", "-10")]),
        range(&[("step", "ten")]),
        range(&[("step", "")]),
        range(&[("step", "0.02")]),
        range(&[("end", "1795110010")]),
        range(&[("timeout", "soon")]),
        range(&[("query", "level[1m]")]),
        range(&[("query", "\"text\"")]),
        ("query", vec![("query", "level"), ("time", "now")]),
        ("query", vec![("query", "level"), ("timeout", "x")]),
        ("series", vec![]),
        ("series", vec![("match[]", "level"), ("start", "x")]),
        ("label/a-b/values", vec![]),
        ("metadata", vec![("limit", "few")]),
    ] {
        let (drill, prometheus) = pair.ask(path, &params);
        if (drill.status, json(&drill)) != (prometheus.status, json(&prometheus)) {
            unlike.push(format!("{path} {params:?}:\n  {drill:?}\n  {prometheus:?}"));
        }
    }
    assert_none(&unlike);
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_eleven_thousand_steps_pass_in_both() {
    let pair = Pair::holding(ONSET - 600..=ONSET).await;
    let unlike = pair.compare_range("level", "1794999500", "1795109500", "10");
    assert_none(&unlike);
}

/// The wording of a parse error is the parser's own; status and type are Prometheus's.
#[tokio::test(flavor = "multi_thread")]
async fn bad_promql_is_bad_data_in_both() {
    let pair = Pair::holding(ONSET - 600..=ONSET).await;
    for query in [
        "",
        "level{",
        "sum by (",
        "rate(level)",
        "level[5m] + 1",
        "level > > 1",
        "{}",
        "nosuchfunction(level)",
        "1 > 2",
        "topk(level)",
        "level offset",
        "level{which=~\"(\"}",
        "sum(level[5m])",
        "-\"text\"",
    ] {
        for path in ["query", "format_query"] {
            let (drill, prometheus) = pair.ask(path, &[("query", query)]);
            let outcome =
                |answer: &http::Answer| (answer.status, json(answer)["errorType"].clone());
            assert_eq!(outcome(&prometheus), (400, "bad_data".into()), "{query}");
            assert_eq!(outcome(&drill), (400, "bad_data".into()), "{query}");
            let text = json(&drill)["error"].as_str().unwrap().to_owned();
            let start = "invalid parameter \"query\": parse error: ";
            assert!(text.starts_with(start), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_drill_does_not_evaluate_is_refused_with_what_it_does() {
    let pair = Pair::holding(ONSET - 600..=ONSET).await;
    for (query, named) in [
        ("deriv(level[5m])", "the function deriv()"),
        ("absent(level)", "the function absent()"),
        (
            "label_join(level, \"a\", \",\", \"which\")",
            "the function label_join()",
        ),
        (
            "sum(predict_linear(level[5m], 60))",
            "the function predict_linear()",
        ),
    ] {
        let (drill, prometheus) = pair.ask("query", &[("query", query)]);
        assert_eq!(prometheus.status, 200, "{query}");
        assert_eq!(drill.status, 422, "{query}");
        let body = json(&drill);
        assert_eq!(body["status"], "error");
        assert_eq!(body["errorType"], "execution");
        let text = body["error"].as_str().unwrap();
        let start = format!("the drill does not evaluate {named}; it knows ");
        assert!(text.starts_with(&start), "{text}");
        assert!(text.contains("histogram_quantile"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_queries_get_an_answer_and_the_drill_lives_on() {
    let pair = Pair::holding(ONSET - 600..=ONSET).await;
    let deep = format!("{}level{}", "(".repeat(3000), ")".repeat(3000));
    let long = vec!["level"; 2500].join("+");
    let minus = format!("{}level", "-".repeat(5000));
    let huge = "x".repeat(100_000);
    let endless = "max_over_time(level[100y:1ms])";
    for query in [
        &deep,
        &long,
        &minus,
        &huge,
        endless,
        "level @ 1e18",
        "level offset 290y",
    ] {
        let form = encode(&[("query", query), ("timeout", "2s")]);
        let answer = http::post_form(&pair.drill, "/api/v1/query", &form).unwrap();
        assert!([200, 400, 422, 503].contains(&answer.status), "{answer:?}");
    }
    let greedy = encode(&[("query", "count_over_time(vector(1)[10y:1s])")]);
    let answer = http::post_form(&pair.drill, "/api/v1/query", &greedy).unwrap();
    assert!(answer.body.contains("too many samples"), "{answer:?}");
    let slow = encode(&[("query", endless), ("timeout", "1ms")]);
    let answer = http::post_form(&pair.drill, "/api/v1/query", &slow).unwrap();
    assert_eq!(answer.status, 503);
    assert_eq!(json(&answer)["errorType"], "timeout");
    let alive = http::get(&pair.drill, "/-/healthy").unwrap();
    assert_eq!(alive.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_and_an_address_ask_the_same() {
    let pair = Pair::holding(ONSET - 600..=ONSET).await;
    let form = encode(&[
        ("query", "level"),
        ("start", "2026-11-18T11:06:40Z"),
        ("end", "1795000000"),
        ("step", "10s"),
    ]);
    for base in [&pair.drill, &pair.prometheus] {
        let posted = http::post_form(base, "/api/v1/query_range", &form).unwrap();
        let got = http::get(base, &format!("/api/v1/query_range?{form}")).unwrap();
        assert_eq!(posted.status, 200, "{}", posted.body);
        assert_eq!(json(&posted), json(&got));
        assert_ne!(json(&posted)["data"]["result"], serde_json::json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn series_and_labels_are_listed_alike() {
    let pair = Pair::holding(ONSET - 600..=ONSET).await;
    let set = |answer: &http::Answer| -> BTreeSet<String> {
        let data = json(answer)["data"].clone();
        let elements = data
            .as_array()
            .unwrap_or_else(|| panic!("{answer:?}"))
            .iter();
        elements.map(ToString::to_string).collect()
    };
    for (path, params) in [
        ("series", vec![("match[]", "level")]),
        (
            "series",
            vec![("match[]", "up"), ("match[]", "{le=\"0.3\"}")],
        ),
        ("series", vec![("match[]", "level{which=~\"object[12]\"}")]),
        ("series", vec![("match[]", "level"), ("end", "1700000000")]),
        ("labels", vec![]),
        ("labels", vec![("match[]", "level")]),
        ("label/which/values", vec![]),
        ("label/le/values", vec![]),
        ("label/__name__/values", vec![]),
        ("label/__name__/values", vec![("match[]", "{le!=\"\"}")]),
        ("label/nothing/values", vec![]),
    ] {
        let (drill, prometheus) = pair.ask(path, &params);
        assert_eq!(set(&drill), set(&prometheus), "{path} {params:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_are_formatted_alike_and_mean_the_same_afterwards() {
    let pair = Pair::holding(ONSET - 600..=ONSET).await;
    for query in [
        "level{which='object4',zone!=\"b\"}",
        "sum by(le)(rate(request_duration_seconds_bucket[5m]))",
        "1+2*3",
        "level offset 5m>20",
        "histogram_quantile(0.9,sum by(le)(rate(request_duration_seconds_bucket[300s])))>0.3",
        "max_over_time(level[5m:10s])-min_over_time(level[5m:10s] offset 1h)",
        "topk(3,level)",
        "level>bool on(which)group_left(zone)up",
        "sum(level)without(which)",
    ] {
        let (drill, prometheus) = pair.ask("format_query", &[("query", query)]);
        assert_eq!(drill.status, 200, "{query}: {drill:?}");
        assert_eq!(json(&drill), json(&prometheus), "{query}");
        let formatted = json(&drill)["data"].as_str().unwrap().to_owned();
        let (again, _) = pair.ask("format_query", &[("query", &formatted)]);
        assert_eq!(json(&again)["data"], formatted.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_alert_fires_while_the_objective_burns() {
    for (end, state) in [(ONSET - 10, None), (ONSET + 600, Some("firing"))] {
        let pair = Pair::holding(end - 300..=end).await;
        let (alerts, _) = pair.ask("alerts", &[]);
        let (rules, _) = pair.ask("rules", &[]);
        let alert = json(&alerts)["data"]["alerts"][0].clone();
        assert_eq!(alert["state"].as_str(), state);
        let rule = json(&rules)["data"]["groups"][0]["rules"][0].clone();
        assert_eq!(rule["state"], state.unwrap_or("inactive"));
        assert_eq!(rule["type"], "alerting");
        if state.is_some() {
            assert!(alert["value"].as_str().unwrap().parse::<f64>().unwrap() > 0.3);
            // the first evaluations after the onset see too few slow requests
            let since = alert["activeAt"].as_str().unwrap();
            assert!(since.starts_with("2026-11-18T11:07:"), "{since}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_paths_are_not_found() {
    let pair = Pair::holding(ONSET - 600..=ONSET).await;
    for path in [
        "/api/v1/admin/tsdb/delete_series",
        "/api/v1/targets",
        "/",
        "/metrics",
    ] {
        let answer = http::get(&pair.drill, path).unwrap();
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(json(&answer)["errorType"], "not_found");
    }
    let (build, _) = pair.ask("status/buildinfo", &[]);
    assert_eq!(json(&build)["data"]["version"], "2.42.0");
    let (metadata, _) = pair.ask("metadata", &[("metric", "level")]);
    assert_eq!(json(&metadata)["data"]["level"][0]["type"], "gauge");
}
