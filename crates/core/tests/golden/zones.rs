//! Answers of servers in zones, as Prometheus writes them; by whole numbers only, so that every machine makes the same bytes.

/// Start of the window, milliseconds since the Unix epoch.
pub(crate) const START_MS: i64 = 1_700_003_600_000;
/// End of the window.
pub(crate) const END_MS: i64 = START_MS + 300_000;
/// Distance of two steps.
pub(crate) const STEP_MS: i64 = 10_000;
/// Start of the time before.
pub(crate) const BEFORE_MS: i64 = START_MS - 1_800_000;
/// The rows of the servers in the zone that is ill.
pub(crate) const ILL: [usize; 3] = [4, 5, 6];
/// A threshold that the ill ones pass.
pub(crate) const THRESHOLD: f64 = 25.25;

const SERVERS: usize = 16;

/// The metric of all servers between two instants: two minutes into the window, those of zone b rise.
pub(crate) fn level(from_ms: i64, to_ms: i64) -> String {
    let server = |server: usize| {
        let zone = ["a", "b", "c", "d"][server / 4];
        let ill = ILL.contains(&server);
        series(
            &format!("\"__name__\":\"level\",\"which\":\"s{server:02}\",\"zone\":\"{zone}\""),
            server as u64,
            from_ms,
            to_ms,
            ill,
        )
    };
    answer(&(0..SERVERS).map(server).collect::<Vec<_>>())
}

/// Another metric of the server in row 4: the queue moves with it, the fan does not.
pub(crate) fn others() -> String {
    let one = |metric: &str, seed: u64, ill: bool| {
        series(
            &format!("\"__name__\":\"{metric}\",\"which\":\"s04\",\"zone\":\"b\""),
            seed,
            BEFORE_MS,
            END_MS,
            ill,
        )
    };
    answer(&[one("queue", 4, true), one("fan", 31, false)])
}

fn series(labels: &str, seed: u64, from_ms: i64, to_ms: i64, ill: bool) -> String {
    let values: Vec<String> = (from_ms / STEP_MS..=to_ms / STEP_MS)
        .map(|step| {
            let risen = ill && step * STEP_MS >= START_MS + 120_000;
            let value = 20_000 + noise(seed, step) + if risen { 7_500 } else { 0 };
            format!(
                "[{},\"{}.{:03}\"]",
                step * STEP_MS / 1000,
                value / 1000,
                value % 1000
            )
        })
        .collect();
    format!(
        "{{\"metric\":{{{labels}}},\"values\":[{}]}}",
        values.join(",")
    )
}

fn answer(series: &[String]) -> String {
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}]}}}}"#,
        series.join(",")
    )
}

/// From 0 to 1999, by the finaliser of SplitMix64.
fn noise(seed: u64, step: i64) -> u64 {
    let mut bits = (seed << 40) ^ step.unsigned_abs();
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        bits = (bits ^ (bits >> 30)).wrapping_mul(factor);
    }
    (bits >> 33) % 2000
}
