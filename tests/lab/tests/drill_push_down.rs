//! The queries by which a source ranks a fleet, asked of the drill and of the real Prometheus. If these fail, what is tried
//! on the practice incident says nothing about a real one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may end where its helper finds nothing"
)]
#![allow(dead_code, reason = "this test uses a part of the pair")]

mod pair;

use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::push_down::{By, PushDown, count};
use pair::{ONSET, Pair, assert_none, differences, json};

#[tokio::test(flavor = "multi_thread")]
async fn the_drill_ranks_its_fleet_as_prometheus_does() {
    let pair = Pair::holding(ONSET - 2 * 3600..=ONSET + 600).await;
    // On multiples of the step, across the onset.
    let start_ms = (ONSET - 153) / 10 * 10_000;
    let mut unlike = Vec::new();
    for (query, counts, span_ms) in [
        ("level", false, 300_000),
        ("level", false, 1_500_000),
        ("request_duration_seconds_count", true, 300_000),
    ] {
        let grid = Grid::new(start_ms, start_ms + span_ms, 10_000).unwrap();
        let asked = PushDown::new(query, counts, grid, 3_600_000).unwrap();
        let labels = |which| Labels::from([("which", which), ("zone", "a")]);
        let kept = [labels("object4"), labels("object1")];
        let at = (asked.at_ms() / 1000).to_string();
        for written in [
            count(query),
            asked.amplitude(8),
            asked.coverage(),
            asked.typical().unwrap(),
            asked.habit().unwrap(),
            asked.furthest(By::Swing, 8, 0.1).unwrap(),
            asked.furthest(By::Shift, 8, 0.1).unwrap(),
            asked.narrowed(&kept),
        ] {
            let (drill, prometheus) = pair.ask("query", &[("query", &written), ("time", &at)]);
            let found = &json(&prometheus)["data"]["result"];
            assert!(found.is_array(), "{found} to {written}");
            // All eight are asked for: those that tie may come in any order.
            unlike.extend(differences(
                &format!("ranking: {written}"),
                &drill,
                &prometheus,
            ));
        }
        // Its order means nothing, and hangs on the last bits.
        let others = [("query", asked.others(8, 0.5)), ("time", at)];
        let others = others
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        assert_eq!(pair.ask("query", &others).0.status, 200);
        let steps = asked.quiet_grid().unwrap();
        let [start, end, step] =
            [steps.start_ms, steps.end_ms(), steps.step_ms].map(|ms| (ms / 1000).to_string());
        for by in [By::Swing, By::Shift] {
            let quiet = asked.quiet(by, 0.1, &kept[0]).unwrap();
            unlike.extend(pair.compare_range(&quiet, &start, &end, &step));
        }
    }
    assert_none(&unlike);
}
