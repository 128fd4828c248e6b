//! The lab itself: what it starts is real, alive, and gone afterwards.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may end where its helper finds nothing"
)]

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use casebook_drill::fleet::{Fleet, Incident};
use casebook_lab::{Backfill, Exporter, Lab, LabSettings, Prometheus, VictoriaMetrics, http, now};
use serde_json::Value as Json;

const ONSET: i64 = 1_795_000_000;

fn ask(base: &str, query: &str) -> Json {
    let encoded = form_urlencoded::Serializer::new(String::new())
        .append_pair("query", query)
        .finish();
    let answer = http::get(base, &format!("/api/v1/query?{encoded}")).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str::<Json>(&answer.body).unwrap()["data"]["result"].clone()
}

/// Asks until the answer satisfies, for at most forty seconds.
fn wait_for(base: &str, query: &str, satisfies: impl Fn(&Json) -> bool) -> Json {
    let started = Instant::now();
    loop {
        let result = ask(base, query);
        if satisfies(&result) {
            return result;
        }
        assert!(
            started.elapsed() < Duration::from_secs(40),
            "{query}: {result}"
        );
        thread::sleep(Duration::from_millis(200));
    }
}

fn number(result: &Json) -> f64 {
    let text = result[0]["value"][1].as_str().unwrap_or("NaN");
    text.parse().unwrap()
}

#[test]
fn history_goes_on_as_live_samples_of_the_same_series() {
    let lab = Lab::start_blocking(&LabSettings::burning_now()).unwrap();
    let url = lab.prometheus().url();
    assert_eq!(
        lab.config(),
        format!("[prometheus.main]\nurl = \"{url}\"\n")
    );

    let past = ask(url, "count(level offset 2h)");
    assert_eq!(number(&past), 8.0);
    let scraped = "count(timestamp(level) > bool 0) + count(scrape_duration_seconds)";
    wait_for(url, scraped, |result| number(result) == 16.0);
    // one series per server, not a back-filled one beside a live one
    assert_eq!(number(&ask(url, "count(level)")), 8.0);
    assert_eq!(
        number(&ask(url, "count(request_duration_seconds_bucket)")),
        80.0
    );
    // the counters went on without a reset
    wait_for(url, "min(count_over_time(level[10s]))", |result| {
        number(result) >= 5.0
    });
    assert_eq!(
        number(&ask(
            url,
            "sum(resets(request_duration_seconds_bucket[10m]))"
        )),
        0.0
    );
    let burns = "histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[2m])))";
    assert!(number(&ask(url, burns)) > 0.3);
    wait_for(
        url,
        "ALERTS{alertname=\"RequestDurationP90High\"}",
        |result| !result.as_array().unwrap().is_empty(),
    );
}

#[test]
fn the_live_exporter_follows_the_incident() {
    let settings = LabSettings::burning_now();
    let lab = Lab::start_blocking(&settings).unwrap();
    let url = lab.prometheus().url();
    let slow_per_second = |range: &str| {
        let rate = |le: &str| {
            let labels = format!("le=\"{le}\",which=\"object4\"");
            format!("sum(rate(request_duration_seconds_bucket{{{labels}}}[{range}]))")
        };
        format!("{} - {}", rate("+Inf"), rate("0.3"))
    };
    assert!(number(&ask(url, &slow_per_second("1m"))) > 20.0);

    lab.exporter().switch().recover(now());
    // the counters change course with the next ten seconds; then a window of six must fit
    wait_for(url, &slow_per_second("6s"), |result| number(result) < 4.0);
}

#[tokio::test]
async fn the_admin_api_is_open_only_when_asked_for() {
    for (open, status) in [(false, 500), (true, 204)] {
        let server = Prometheus::builder().admin_api(open).start().await.unwrap();
        let path = "/api/v1/admin/tsdb/delete_series?match[]=nothing";
        let answer = http::post_form(server.url(), path, "").unwrap();
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[tokio::test]
async fn what_was_started_is_gone_when_its_handle_is() {
    let server = Prometheus::builder().start().await.unwrap();
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    TcpStream::connect(&address).unwrap();
    let process = format!("/proc/{}", server.id());
    assert!(std::path::Path::new(&process).exists());
    drop(server);
    assert!(TcpStream::connect(&address).is_err());
    assert!(!std::path::Path::new(&process).exists());

    let exporter = Exporter::start(Fleet::new(1, Incident::beginning(ONSET)))
        .await
        .unwrap();
    let address = exporter.address();
    TcpStream::connect(address).unwrap();
    drop(exporter);
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test]
async fn both_engines_hold_the_same_history_of_the_fleet() {
    let to = now() / 10 * 10 - 60;
    let backfill = Backfill {
        fleet: Fleet::new(3, Incident::beginning(to - 600)),
        from: to - 3600,
        to,
    };
    let prometheus = Prometheus::builder().backfill(backfill.clone());
    let victoria = VictoriaMetrics::builder().backfill(backfill);
    let (prometheus, victoria) = (
        prometheus.start().await.unwrap(),
        victoria.start().await.unwrap(),
    );
    for query in [
        format!("count(level @ {to})"),
        format!("sum(count_over_time(level[10m] @ {}))", to - 5),
    ] {
        let [ours, theirs] =
            [prometheus.url(), victoria.url()].map(|url| number(&ask(url, &query)));
        assert_eq!(ours, theirs, "{query}");
        assert!(ours >= 8.0);
    }
    let address = victoria.url().strip_prefix("http://").unwrap().to_owned();
    let process = format!("/proc/{}", victoria.id());
    assert!(std::path::Path::new(&process).exists());
    drop(victoria);
    assert!(TcpStream::connect(&address).is_err());
    assert!(!std::path::Path::new(&process).exists());
}

#[test]
fn a_taken_port_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let failure = Prometheus::builder()
        .port(port)
        .start_blocking()
        .unwrap_err();
    let text = failure.to_string();
    let start = format!("port {port} of 127.0.0.1 cannot be used: ");
    assert!(text.starts_with(&start), "{text}");
}

#[test]
fn an_empty_back_fill_is_told() {
    let fleet = Fleet::new(1, Incident::beginning(ONSET));
    let backfill = Backfill {
        from: fleet.begins() + 3600,
        to: fleet.begins(),
        fleet,
    };
    let failure = Prometheus::builder()
        .backfill(backfill)
        .start_blocking()
        .unwrap_err();
    let text = failure.to_string();
    assert!(text.ends_with("holds no sample"), "{text}");
}

#[test]
fn the_culprit_is_ill_exactly_while_the_blamed_file_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (core, moved) = (folder.path().join("core"), folder.path().join("moved"));
    std::fs::write(&core, "core").unwrap();
    let fleet = Fleet::new(1, Incident::beginning(now() - 180));
    let exporter = Exporter::start_blocking(fleet).unwrap();
    exporter.blame(core.clone());
    let base = format!("http://{}", exporter.address());
    let ill_after_a_scrape = || {
        http::get(&base, "/metrics/object4").unwrap();
        let fleet = exporter.switch().fleet();
        fleet.incident().is_ill(now() + 1)
    };
    assert!(ill_after_a_scrape());
    std::fs::rename(&core, &moved).unwrap();
    assert!(!ill_after_a_scrape());
    std::fs::rename(&moved, &core).unwrap();
    assert!(ill_after_a_scrape());
    assert_eq!(exporter.switch().fleet().incident().illnesses().len(), 2);
}
