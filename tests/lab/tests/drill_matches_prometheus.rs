//! Every construct that the drill accepts, asked of the drill and of the real Prometheus on the
//! same samples. If these fail, a notebook that works in practice fails in an incident.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may end where its helper finds nothing"
)]

mod pair;

use pair::{ONSET, Pair, assert_none, differences, fleet, json};

/// Queries whose answers must be alike, at an instant and over a range.
const QUERIES: &[&str] = &[
    // selectors
    "level",
    r#"level{which="object4"}"#,
    r#"level{which!="object4",zone="a"}"#,
    r#"level{which=~"object[0-3]"}"#,
    r#"level{which!~"object[0-3]|object7"}"#,
    r#"{__name__=~"up|level",which=~".*6"}"#,
    r#"{job="fleet",__name__="up"}"#,
    r#"level{nothing=""}"#,
    r#"level{which=""}"#,
    r#"level{which=~"object"}"#,
    "no_such_metric",
    // offset and @
    "level offset 1m",
    "level offset 7s",
    "level offset -5m",
    "level @ 1795000000",
    "level @ 1795000000.5 offset 30s",
    "level @ start()",
    "level @ end() offset 1m",
    "rate(request_duration_seconds_count[2m] @ 1795000100)",
    "max_over_time(level[1m] @ end())",
    // counters
    "rate(request_duration_seconds_count[1m])",
    "rate(request_duration_seconds_count[1m] offset 90s)",
    "rate(request_duration_seconds_count[37s])",
    "rate(request_duration_seconds_count[10s])",
    "rate(request_duration_seconds_count[5s])",
    "increase(request_duration_seconds_sum[5m])",
    "increase(request_duration_seconds_bucket[65s])",
    "irate(request_duration_seconds_count[1m])",
    // a gauge taken for a counter falls often: each fall is a reset
    "rate(level[2m])",
    "increase(level[45s])",
    "irate(level[45s])",
    "resets(level[5m])",
    "changes(level[5m])",
    "changes(up[5m])",
    "delta(level[3m])",
    // over time
    "avg_over_time(level[5m])",
    "min_over_time(level[1m])",
    "max_over_time(level[5m])",
    "sum_over_time(level[2m])",
    "count_over_time(level[2m])",
    "count_over_time(level[9s])",
    "last_over_time(level[1m])",
    "stddev_over_time(level[5m])",
    "stdvar_over_time(level[5m])",
    "present_over_time(level[1m])",
    "quantile_over_time(0.9, level[5m])",
    "quantile_over_time(0, level[5m])",
    "quantile_over_time(1, level[5m])",
    "quantile_over_time(-1, level[5m])",
    "quantile_over_time(2, level[5m])",
    "quantile_over_time(NaN, level[5m])",
    "max_over_time(level[5m]) - min_over_time(level[5m])",
    // subqueries
    "max_over_time(level[5m:10s])",
    "avg_over_time(level[5m:])",
    "sum_over_time(level[5m:7s])",
    "count_over_time(level[61s:20s])",
    "max_over_time(rate(request_duration_seconds_count[1m])[5m:30s])",
    "rate(request_duration_seconds_count[5m:30s])",
    "increase(request_duration_seconds_count[5m:] offset 1m)",
    "max_over_time(level[2m:15s] offset 45s)",
    "max_over_time(level[2m:15s] @ 1795000050)",
    "avg_over_time((level - level offset 1m)[3m:20s])",
    "quantile_over_time(0.5, (max_over_time(level[5m]) - min_over_time(level[5m]))[30m:5m])",
    "max_over_time(max_over_time(level[1m:10s])[2m:30s])",
    "last_over_time(level[2m:30s])",
    "sum_over_time(vector(1)[1m:10s])",
    // histograms
    "histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[1m])))",
    "histogram_quantile(0.9, sum by (which, le) (rate(request_duration_seconds_bucket[5m])))",
    "histogram_quantile(0.5, rate(request_duration_seconds_bucket[2m]))",
    "histogram_quantile(0, rate(request_duration_seconds_bucket[2m]))",
    "histogram_quantile(1, rate(request_duration_seconds_bucket[2m]))",
    "histogram_quantile(0.99999, sum by (le) (rate(request_duration_seconds_bucket[2m])))",
    "histogram_quantile(-0.5, sum by (le) (rate(request_duration_seconds_bucket[2m])))",
    "histogram_quantile(1.5, sum by (le) (rate(request_duration_seconds_bucket[2m])))",
    "histogram_quantile(NaN, sum by (le) (rate(request_duration_seconds_bucket[2m])))",
    r#"histogram_quantile(0.9, rate(request_duration_seconds_bucket{le!="+Inf"}[2m]))"#,
    r#"histogram_quantile(0.9, rate(request_duration_seconds_bucket{le="+Inf"}[2m]))"#,
    r#"histogram_quantile(0.9, rate(request_duration_seconds_bucket{le=~"0.3|.Inf"}[2m]))"#,
    "histogram_quantile(0.9, request_duration_seconds_bucket * 0)",
    "histogram_quantile(0.9, -request_duration_seconds_bucket)",
    "histogram_quantile(0.9, level)",
    "histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[1m]))) > 0.3",
    // aggregations
    "sum(level)",
    "sum by (zone) (level)",
    "sum without (which, instance) (level)",
    "avg by (zone, job) (level)",
    "avg(level) by (nothing)",
    "min(level)",
    "max by (zone) (level)",
    "count by (__name__) ({job=\"fleet\"})",
    "count(no_such_metric)",
    "group by (zone) (level)",
    "stddev by (zone) (level)",
    "stdvar(level)",
    "quantile(0.9, level)",
    "quantile by (zone) (0.25, level)",
    "topk(3, level)",
    "topk(1, max_over_time(level[5m]) - min_over_time(level[5m]))",
    "topk by (zone) (1, level)",
    "topk(0, level)",
    "topk(100, level)",
    "bottomk(2, level)",
    "bottomk without (which, instance) (1, level)",
    "topk(scalar(count(level)) - 6, level)",
    "topk(NaN, level)",
    // scalars, arithmetic, comparison
    "1",
    "-1",
    "1e3 / 7",
    "2 ^ 3 ^ 2",
    "-2 ^ 2",
    "7 % 3",
    "-7 % 3",
    "1 / 0",
    "0 / 0",
    "1 > bool 2",
    "3 == bool 3",
    "1 + 2 * 3 - 4 / 5",
    "time()",
    "time() - 1795000000",
    "vector(3)",
    "vector(time())",
    "scalar(level{which=\"object4\"})",
    "scalar(level)",
    "level + 1",
    "1 - level",
    "level * 2 / 3 % 4",
    "level ^ 0.5",
    "level atan2 2",
    "level atan2 up",
    "-level",
    "-(level + 1)",
    "+level",
    "-1 * level",
    "level > 20",
    "20 < level",
    "level >= bool 20",
    "20 != bool level",
    "level == level",
    "level != level",
    "level <= bool level",
    "level - level offset 5m",
    "rate(request_duration_seconds_sum[1m]) / rate(request_duration_seconds_count[1m])",
    "level > on (which) up",
    "level * on (which, instance) up",
    "level - ignoring (zone) level",
    "level + on (zone) group_left () max by (zone) (level)",
    "max by (zone) (level) * on (zone) group_right (job) level",
    "level * on (which) group_left (le) request_duration_seconds_bucket{le=\"0.3\"}",
    "level > bool on (which) group_left () up",
    "level and level > 20",
    "level unless level > 20",
    "level > 20 or level < 10",
    "level and on (zone) level{which=\"object1\"}",
    "level unless ignoring (which, instance) level{which=\"object1\"}",
    "sum(level) / count(level)",
    "level > scalar(avg(level))",
    "level / on () group_left () sum(level)",
    // functions of a value
    "abs(level - 20)",
    "ceil(level)",
    "floor(-level)",
    "round(level)",
    "round(level, 0.25)",
    "clamp_min(level, 20)",
    "clamp_max(level, 20)",
    "clamp_max(level, NaN)",
    "sort(level)",
    "sort_desc(level)",
    "sqrt(level - 15)",
    // labels
    "count_values(\"level\", round(level))",
    "count_values by (zone) (\"high\", level > bool 20)",
    "count_values without (which, instance) (\"zone\", up / 3)",
    "label_replace(level, \"kind\", \"$1-${2}$$\", \"which\", \"(object)([0-3])\")",
    "label_replace(level, \"zone\", \"\", \"which\", \"object.*\")",
    "label_replace(vector(1), \"which\", \"object4\", \"\", \"\")",
    "level and on (which) (label_replace(vector(1), \"which\", \"object4\", \"\", \"\"))",
    // refused alike
    "label_replace(level, \"which\", \"one\", \"\", \"\") and on () sum without (instance) (level)",
    "level + on (zone) level",
    "level + on (zone) group_left () level",
    "up * on (zone) max by (zone) (level)",
    "rate({__name__=~\"request_duration_seconds_(sum|count)\"}[1m])",
    "-{__name__=~\"level|up\"}",
    "topk(1e30, level)",
];

fn seconds(time: i64) -> String {
    time.to_string()
}

fn compare_instant(pair: &Pair, query: &str, time: &str) -> Vec<String> {
    let (drill, prometheus) = pair.ask("query", &[("query", query), ("time", time)]);
    differences(&format!("{query} @ {time}"), &drill, &prometheus)
}

#[tokio::test(flavor = "multi_thread")]
async fn instant_queries_are_answered_alike() {
    let pair = Pair::holding(ONSET - 2 * 3600..=ONSET + 2400).await;
    let mut unlike = Vec::new();
    let empty = |query: &&&str| {
        let (_, answer) = pair.ask("query", &[("query", query), ("time", "1795000003")]);
        json(&answer)["data"]["result"]
            .as_array()
            .is_some_and(Vec::is_empty)
    };
    // two empty answers are alike, too, but say nothing
    assert!(QUERIES.iter().filter(empty).count() <= 12);
    for query in QUERIES {
        for time in [
            seconds(ONSET - 3),
            seconds(ONSET + 400),
            "1795000141.25".to_owned(),
            // past the last sample: the look-back still finds it, then no more
            seconds(ONSET + 2400 + 120),
            seconds(ONSET + 2400 + 293),
            seconds(ONSET + 2400 + 1000),
        ] {
            unlike.extend(compare_instant(&pair, query, &time));
        }
    }
    assert_none(&unlike);
}

#[tokio::test(flavor = "multi_thread")]
async fn range_queries_are_answered_alike() {
    let pair = Pair::holding(ONSET - 2 * 3600..=ONSET + 2400).await;
    let mut unlike = Vec::new();
    for query in QUERIES {
        for (start, end, step) in [
            // the notebook's own: five minutes at ten seconds
            (seconds(ONSET - 123), seconds(ONSET + 177), "10"),
            // off the grid, a step that is no multiple of the interval
            ("1794999900.3".to_owned(), "1795000300.9".to_owned(), "37"),
            // over the last sample and out of the look-back
            (seconds(ONSET + 2000), seconds(ONSET + 3000), "1m"),
        ] {
            unlike.extend(pair.compare_range(query, &start, &end, step));
        }
    }
    assert_none(&unlike);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_samples_of_a_counter_are_extrapolated_alike() {
    let begins = fleet().begins();
    let pair = Pair::holding(begins..=begins + 1200).await;
    let mut unlike = Vec::new();
    for query in [
        "level",
        "level offset 2m",
        "rate(request_duration_seconds_count[1m])",
        "increase(request_duration_seconds_bucket[5m])",
        "increase(request_duration_seconds_count[5m:20s])",
        "count_over_time(level[5m])",
        "histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[5m])))",
        "avg_over_time(rate(request_duration_seconds_count[1m])[3m:10s])",
    ] {
        let (start, end) = (begins - 60, begins + 600);
        unlike.extend(pair.compare_range(query, &seconds(start), &seconds(end), "10"));
        unlike.extend(pair.compare_range(query, &seconds(start + 3), &seconds(end), "17"));
    }
    assert_none(&unlike);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_vector_at_an_instant_is_its_raw_samples() {
    let pair = Pair::holding(ONSET - 3600..=ONSET + 600).await;
    let mut unlike = Vec::new();
    for query in [
        "level[1m]",
        "level[1m] offset 5m",
        "level{which=\"object4\"}[35s]",
        "level[65s:20s]",
        "rate(request_duration_seconds_count[1m])[2m:30s]",
        "level[5s]",
        "\"a string\"",
    ] {
        for time in [ONSET, ONSET + 595] {
            unlike.extend(compare_instant(&pair, query, &seconds(time)));
        }
    }
    assert_none(&unlike);
}
