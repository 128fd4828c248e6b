//! Answers of a small fleet, as Prometheus writes them; by whole numbers only, so that every machine makes the same bytes.

/// Start of the window, milliseconds since the Unix epoch; the baseline is the hour before.
pub(crate) const START_MS: i64 = 1_700_003_600_000;
/// End of the window.
pub(crate) const END_MS: i64 = START_MS + 300_000;
/// Distance of two steps.
pub(crate) const STEP_MS: i64 = 10_000;
/// Start of the baseline.
pub(crate) const BASELINE_MS: i64 = START_MS - 3_600_000;

const SERVERS: u64 = 12;

/// The body of the baseline, and that of the window, in which server 7 swings three times as wide and server 3
/// stands elsewhere.
pub(crate) fn bodies() -> (String, String) {
    (
        body(BASELINE_MS, START_MS, false),
        body(START_MS, END_MS, true),
    )
}

fn body(from_ms: i64, to_ms: i64, ill: bool) -> String {
    let series: Vec<String> = (0..SERVERS)
        .map(|server| {
            let values: Vec<String> = (from_ms / STEP_MS..=to_ms / STEP_MS)
                .map(|step| {
                    let value = thousandths(server, step, ill && step * STEP_MS > START_MS);
                    let (whole, rest) = (value / 1000, value % 1000);
                    format!("[{},\"{whole}.{rest:03}\"]", step * STEP_MS / 1000)
                })
                .collect();
            format!(
                r#"{{"metric":{{"__name__":"level","which":"s{server:02}"}},"values":[{}]}}"#,
                values.join(",")
            )
        })
        .collect();
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}]}}}}"#,
        series.join(",")
    )
}

fn thousandths(server: u64, step: i64, ill: bool) -> u64 {
    let scale = 10 + server * server * 7;
    let noise: u64 = (0..6)
        .map(|part| hash(server, step, part) % (2 * scale))
        .sum();
    let level = 40 * scale;
    match (ill, server) {
        (true, 7) => level + 3 * noise,
        (true, 3) => 2 * level + noise,
        _ => level + noise,
    }
}

/// SplitMix64.
fn hash(server: u64, step: i64, part: u64) -> u64 {
    let mut z = (server << 48) ^ (step as u64) ^ (part << 56);
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
