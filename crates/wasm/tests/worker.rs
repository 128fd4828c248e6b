//! The query in a real worker of a real browser, against a server that answers badly on purpose (`tests/stub.mjs`).
//!
//! `CASEBOOK_STUB` is that server's origin, as it prints it at its start.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy knows #[test], but not #[wasm_bindgen_test]"
)]

#[path = "worker/same_as_native.rs"]
mod same_as_native;

use std::cell::RefCell;
use std::rc::Rc;

use casebook_wasm::{Feed, MatrixHandle, query_range, verify_chain};
use gloo_net::http::Request;
use js_sys::{Function, Promise, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::AbortController;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const START_MS: i64 = 1_700_000_000_000;

fn stub() -> &'static str {
    // Not env!: the tests must compile for clippy without a server.
    match option_env!("CASEBOOK_STUB") {
        Some(origin) => origin,
        None => panic!("CASEBOOK_STUB must be the origin that tests/stub.mjs prints"),
    }
}

fn request(source: &str) -> Value {
    json!({
        "base": stub(), "source": source, "query": "level",
        "start_ms": START_MS, "end_ms": START_MS + 300_000, "step_ms": 10_000,
    })
}

async fn ask(source: &str) -> Result<MatrixHandle, Value> {
    let answer = query_range(request(source).to_string(), None, None).await;
    answer.map_err(|error| detail(&error))
}

async fn refusal(source: &str) -> Value {
    match ask(source).await {
        Ok(_) => panic!("source {source} must not give an answer"),
        Err(detail) => detail,
    }
}

fn detail(error: &JsValue) -> Value {
    assert!(error.is_instance_of::<js_sys::Error>());
    let detail = Reflect::get(error, &"detail".into()).unwrap();
    let detail: Value = serde_json::from_str(&detail.as_string().unwrap()).unwrap();
    let message = Reflect::get(error, &"message".into())
        .unwrap()
        .as_string()
        .unwrap();
    assert!(message.contains(detail["message"].as_str().unwrap()));
    assert!(!detail["next"].as_str().unwrap().is_empty(), "{detail}");
    detail
}

fn parsed(json: Result<String, JsError>) -> Value {
    serde_json::from_str(&json.map_err(JsValue::from).unwrap()).unwrap()
}

/// A body at hand, as the answer to a request.
fn decode(body: &[u8], request: &str) -> Result<MatrixHandle, JsValue> {
    let mut feed = Feed::new(request)?;
    feed.push(body)?;
    feed.finish()
}

/// A body at hand, as the answer to the query `level` over a window.
fn held(body: &str, start_ms: i64, end_ms: i64, step_ms: i64) -> MatrixHandle {
    let request = json!({
        "base": "http://localhost", "source": "main", "query": "level",
        "start_ms": start_ms, "end_ms": end_ms, "step_ms": step_ms,
    });
    decode(body.as_bytes(), &request.to_string()).unwrap()
}

async fn pause(ms: i32) {
    let timer: Function = Reflect::get(&js_sys::global(), &"setTimeout".into())
        .unwrap()
        .unchecked_into();
    let wait = Promise::new(&mut |resolve, _| {
        timer.call2(&JsValue::NULL, &resolve, &ms.into()).unwrap();
    });
    JsFuture::from(wait).await.unwrap();
}

async fn get(path: &str) -> String {
    Request::get(&format!("{}{path}", stub()))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

/// When the stub saw the connection of this source closed by the client, in milliseconds since the epoch.
async fn closed_at(source: &str) -> f64 {
    for _ in 0..60 {
        let text = get(&format!("/closed/{source}")).await;
        if let Ok(time) = text.parse() {
            return time;
        }
        pause(50).await;
    }
    panic!("the connection of source {source} was not closed within 3 s");
}

#[wasm_bindgen_test]
async fn an_answer_becomes_columns_with_the_proxys_record_beside_them() {
    let handle = ask("fleet").await.unwrap();
    let summary = parsed(handle.summary());
    assert_eq!(summary["series"], 3);
    assert_eq!(summary["points"], 31);
    assert_eq!(summary["receipt"]["seq"], 7);
    assert_eq!(summary["receipt"]["hash"], "ab12");
    assert_eq!(summary["receipt"]["request_id"], "r-9");
    assert_eq!(summary["receipt"]["bytes"], summary["meta"]["bytes"]);
    assert_eq!(
        parsed(handle.labels(1)),
        json!({"__name__": "level", "which": "b"})
    );
    assert_eq!(
        handle.values(1).map_err(JsValue::from).unwrap().to_vec()[..3],
        [0.0, 5.0, 0.0]
    );
    assert_eq!(
        handle.times().to_vec()[..2],
        [1_700_000_000.0, 1_700_000_010.0]
    );
    assert!(handle.values(3).is_err());
}

#[wasm_bindgen_test]
async fn the_digest_is_of_every_byte_of_a_short_body_and_of_a_long_one() {
    for source in ["fleet", "long"] {
        let handle = ask(source).await.unwrap();
        let receipt = &parsed(handle.summary())["receipt"];
        let sent = get(&format!("/digest/{source}")).await;
        assert_eq!(receipt["sha256"], sent, "{source}");
    }
}

#[wasm_bindgen_test]
async fn what_is_sent_is_a_form_to_a_path_of_the_proxy() {
    let mut asked = request("fleet");
    asked["query"] = "a{b=\"é+&\"}".into();
    asked["case"] = "burn 7".into();
    query_range(asked.to_string(), None, None).await.unwrap();
    let seen: Value = serde_json::from_str(&get("/seen/fleet").await).unwrap();
    assert_eq!(seen["method"], "POST");
    assert_eq!(seen["headers"]["x-casebook-case"], "burn 7");
    assert_eq!(
        seen["form"],
        json!({"query": "a{b=\"é+&\"}", "start": "1700000000", "end": "1700000300", "step": "10"})
    );
}

#[wasm_bindgen_test]
async fn bytes_are_taken_while_the_source_still_works() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    let progress = Closure::<dyn Fn(f64)>::new(move |bytes: f64| {
        log.borrow_mut().push(bytes);
        // The stub sends its second half only now.
        wasm_bindgen_futures::spawn_local(async { drop(get("/release/paused").await) });
    });
    let callback: Function = progress.as_ref().clone().unchecked_into();
    let handle = query_range(request("paused").to_string(), None, Some(callback))
        .await
        .unwrap();
    let seen = seen.borrow();
    let whole = parsed(handle.summary())["receipt"]["bytes"]
        .as_f64()
        .unwrap();
    assert!(
        seen.len() >= 2 && seen[0] > 0.0 && seen[0] < whole,
        "{seen:?} of {whole}"
    );
    assert_eq!(seen.last(), Some(&whole));
}

#[wasm_bindgen_test]
async fn cancelling_closes_the_connection_within_a_second() {
    let controller = AbortController::new().unwrap();
    let aborted_at = Rc::new(RefCell::new(0.0));
    let (own, at) = (controller.clone(), Rc::clone(&aborted_at));
    let progress = Closure::<dyn Fn()>::new(move || {
        *at.borrow_mut() = js_sys::Date::now();
        own.abort_with_reason(&"a reason that is no Error".into());
    });
    let callback: Function = progress.as_ref().clone().unchecked_into();
    let answer = query_range(
        request("endless").to_string(),
        Some(controller.signal()),
        Some(callback),
    )
    .await;
    let detail = detail(&answer.err().unwrap());
    assert_eq!(detail["kind"], "aborted");
    assert!(
        detail["message"].as_str().unwrap().contains("200 bytes"),
        "{detail}"
    );
    let late = closed_at("endless").await - *aborted_at.borrow();
    assert!(late < 1000.0, "closed {late} ms after the abort");
}

#[wasm_bindgen_test]
async fn cancelling_before_any_answer_closes_the_connection_too() {
    let controller = AbortController::new().unwrap();
    let own = controller.clone();
    wasm_bindgen_futures::spawn_local(async move {
        pause(100).await;
        own.abort();
    });
    let started = js_sys::Date::now();
    let answer = query_range(
        request("silent").to_string(),
        Some(controller.signal()),
        None,
    )
    .await;
    assert_eq!(detail(&answer.err().unwrap())["kind"], "aborted");
    assert!(closed_at("silent").await - started < 1100.0);
    let again = query_range(
        request("fleet").to_string(),
        Some(controller.signal()),
        None,
    )
    .await;
    assert_eq!(
        detail(&again.err().unwrap())["kind"],
        "aborted",
        "a signal stays aborted"
    );
}

#[wasm_bindgen_test]
async fn a_page_in_place_of_json_is_named_as_one() {
    let page = refusal("html").await;
    assert_eq!(
        (&page["kind"], &page["status"]),
        (&json!("not_json"), &json!(200))
    );
    assert!(page["message"].as_str().unwrap().contains("web page"));
    let text = refusal("gateway").await;
    assert_eq!(
        (&text["kind"], &text["status"]),
        (&json!("not_json"), &json!(503))
    );
    assert!(
        text["message"]
            .as_str()
            .unwrap()
            .contains("no healthy upstream")
    );
}

#[wasm_bindgen_test]
async fn half_an_answer_is_never_taken_for_a_whole_one() {
    for source in ["cut", "short"] {
        let detail = refusal(source).await;
        assert_eq!(detail["kind"], "truncated", "{source}: {detail}");
        assert!(
            detail["message"].as_str().unwrap().contains(" bytes"),
            "{detail}"
        );
    }
}

#[wasm_bindgen_test]
async fn each_refusal_names_source_query_status_and_what_to_do() {
    for (source, kind, status, message, next) in [
        (
            "syntax",
            "prometheus",
            400,
            "1:7: parse error",
            "line and column",
        ),
        ("signedout", "session", 401, "no session", "status bar"),
        ("down", "proxy", 502, "could not reach", "Start Prometheus."),
        (
            "slow",
            "proxy",
            504,
            "no answer within 30s",
            "Ask for less.",
        ),
        ("scalar", "shape", 200, "scalar", "Prometheus-compatible"),
    ] {
        let detail = refusal(source).await;
        assert_eq!(detail["kind"], kind, "{detail}");
        assert_eq!(detail["status"], status);
        assert_eq!(detail["source"], source);
        assert_eq!(detail["query"], "level");
        assert!(
            detail["message"].as_str().unwrap().contains(message),
            "{detail}"
        );
        assert!(detail["next"].as_str().unwrap().contains(next), "{detail}");
    }
}

#[wasm_bindgen_test]
async fn one_point_too_many_is_answered_with_a_step_that_works() {
    let mut asked = request("toomany");
    asked["end_ms"] = (START_MS + 11_000_000).into();
    asked["step_ms"] = 1000.into();
    let answer = query_range(asked.to_string(), None, None).await;
    let detail = detail(&answer.err().unwrap());
    assert_eq!(detail["kind"], "limit");
    assert!(
        detail["message"]
            .as_str()
            .unwrap()
            .contains("11,001 points")
    );
    assert!(detail["next"].as_str().unwrap().contains("step=\"2s\""));
}

#[wasm_bindgen_test]
async fn a_proxy_that_is_not_there_is_told_from_one_that_refuses() {
    let mut asked = request("fleet");
    asked["base"] = "http://127.0.0.1:1".into();
    let answer = query_range(asked.to_string(), None, None).await;
    let detail = detail(&answer.err().unwrap());
    assert_eq!(
        (&detail["kind"], &detail["status"]),
        (&json!("unreachable"), &Value::Null)
    );
    assert!(
        detail["next"]
            .as_str()
            .unwrap()
            .contains("casebook-proxy serve")
    );
}

#[wasm_bindgen_test]
async fn the_odd_series_is_ranked_first_and_drawn() {
    let handle = ask("fleet").await.unwrap();
    let ranking = parsed(handle.amplitude(None));
    assert_eq!(ranking["ranked"][0]["labels"]["which"], "b");
    assert_eq!(ranking["ranked"][0]["value"], 5.0);
    let ratio = parsed(handle.amplitude(Some("relative".into())));
    assert_eq!(ratio["kind"], "relative");
    assert!(handle.amplitude(Some("loudness".into())).is_err());
    let baseline = ask("fleet").await.unwrap();
    assert_eq!(parsed(handle.swing_ratio(&baseline))["kind"], "swing_ratio");
    assert!(parsed(handle.suspects(None))["kind"].is_string());
    assert!(parsed(handle.suspects_against(&baseline, None))["kind"].is_string());
    let options = json!({"suspect": {"__name__": "level", "which": "b"}}).to_string();
    assert!(parsed(handle.recheck_against(&baseline, &baseline, &options))["state"].is_string());
    let svg = handle.svg(Some(
        json!({"title": "<level>", "highlight": [1]}).to_string(),
    ));
    let svg = svg.map_err(JsValue::from).unwrap();
    assert!(
        svg.starts_with("<svg") && svg.contains("&lt;level&gt;"),
        "{svg}"
    );
    assert!(handle.svg(Some("{\"titel\":1}".into())).is_err());
    let pairs = handle
        .envelope(1, 4)
        .map_err(JsValue::from)
        .unwrap()
        .to_vec();
    assert_eq!(pairs, [0.0, 5.0, 0.0, 5.0, 0.0, 5.0, 0.0, 5.0]);
}

#[wasm_bindgen_test]
async fn a_body_that_is_pushed_in_chunks_means_what_it_means_whole() {
    let body = br#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[1700000000,"1"],[1700000010,"3.5"]]}]}}"#;
    let mut feed = Feed::new(&request("frozen").to_string()).unwrap();
    for chunk in body.chunks(7) {
        feed.push(chunk).unwrap();
    }
    let pushed = feed.finish().unwrap();
    let whole = decode(body, &request("frozen").to_string()).unwrap();
    assert_eq!(
        parsed(pushed.amplitude(None)),
        parsed(whole.amplitude(None))
    );
    assert_eq!(pushed.swings().to_vec(), [2.5]);
    let mut page = Feed::new(&request("frozen").to_string()).unwrap();
    page.push(b"<html>").unwrap();
    assert_eq!(detail(&page.finish().err().unwrap())["kind"], "not_json");
}

#[wasm_bindgen_test]
async fn a_body_at_hand_is_decoded_as_if_it_had_come() {
    let body = br#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1700000000,"1"]]}]}}"#;
    let handle = decode(body, &request("frozen").to_string()).unwrap();
    let summary = parsed(handle.summary());
    assert_eq!(summary["series"], 1);
    assert_eq!(summary["receipt"]["seq"], Value::Null);
    assert_eq!(summary["receipt"]["bytes"], body.len());
    assert_eq!(
        detail(
            &decode(b"<html>", &request("frozen").to_string())
                .err()
                .unwrap()
        )["kind"],
        "not_json"
    );
    assert!(parsed(verify_chain("", None)).is_object());
}

#[wasm_bindgen_test]
fn handles_that_are_freed_give_their_memory_back() {
    let grown = || {
        let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
        let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
        buffer.byte_length()
    };
    let samples: Vec<String> = (0..31)
        .map(|k| format!("[{},\"1.5\"]", 1_700_000_000 + k * 10))
        .collect();
    let series: Vec<String> = (0..400)
        .map(|row| {
            format!(
                "{{\"metric\":{{\"which\":\"{row}\"}},\"values\":[{}]}}",
                samples.join(",")
            )
        })
        .collect();
    let body = format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{}]}}}}",
        series.join(",")
    );
    let asked = request("frozen").to_string();
    drop(decode(body.as_bytes(), &asked).unwrap());
    let before = grown();
    for _ in 0..40 {
        drop(decode(body.as_bytes(), &asked).unwrap());
    }
    assert_eq!(grown(), before);
}
