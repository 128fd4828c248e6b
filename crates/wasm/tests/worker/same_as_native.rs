//! The core says the same in the browser as natively, byte for byte.

#[path = "../../../core/tests/golden/fleet.rs"]
mod fleet;
#[path = "../../../core/tests/golden/zones.rs"]
mod zones;

use super::*;

#[wasm_bindgen_test]
fn a_verdict_is_the_same_text_in_the_browser_as_natively() {
    let held =
        |body: &str, start_ms: i64, end_ms: i64| held(body, start_ms, end_ms, fleet::STEP_MS);
    let (before, now) = fleet::bodies();
    let before = held(&before, fleet::BASELINE_MS, fleet::START_MS);
    let now = held(&now, fleet::START_MS, fleet::END_MS);
    let text = now.suspects_against(&before, None).unwrap_or_default();
    let native = include_str!("../../../core/tests/golden/verdict.json");
    assert_eq!(text, native.trim_end());
}

#[wasm_bindgen_test]
fn answers_are_the_same_text_in_the_browser_as_natively() {
    let held =
        |body: &str, start_ms: i64, end_ms: i64| held(body, start_ms, end_ms, zones::STEP_MS);
    let (start, end) = (zones::START_MS, zones::END_MS);
    let now = held(&zones::level(start, end), start, end);
    let before = zones::level(zones::BEFORE_MS, start);
    let before = held(&before, zones::BEFORE_MS, start);
    let mut companions = now
        .companions(zones::ILL[0])
        .map_err(JsValue::from)
        .unwrap();
    let others = held(&zones::others(), zones::BEFORE_MS, end);
    assert_eq!(companions.look_at(&others, "others"), 1);
    let slo = |quantile, over| now.slo(zones::THRESHOLD, true, quantile, over);
    let answers = [
        now.amplitude(Some("p95_p5".into())),
        now.amplitude(Some("mad".into())),
        now.amplitude(Some("relative".into())),
        now.swing_ratio(&before),
        now.onsets(),
        now.onsets_since(&before, "[0,4]"),
        now.contrast("[4,5,6]"),
        companions.found(),
        slo(Some(0.9), "series"),
        slo(Some(0.9), "time"),
        slo(None, "time"),
    ];
    let told = include_str!("../../../core/tests/golden/questions.txt");
    assert_eq!(told.lines().count(), answers.len());
    for (answer, told) in answers.into_iter().zip(told.lines()) {
        assert_eq!(answer.map_err(JsValue::from).unwrap(), told);
    }
    assert!(now.contrast("[4,").is_err() && now.companions(99).is_err());
    assert!(slo(None, "servers").is_err());
}
