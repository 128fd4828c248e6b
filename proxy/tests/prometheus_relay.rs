//! The relay against sources that are good, slow, hostile or gone. If these failed, a cell would
//! wait for ever, take a cut answer for a whole one, or see what it must not.

use crate::support::{Proxy, Stub, ask_stub, json, query, wait_for_close};
use casebook_lab::{Lab, LabSettings};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

const RANGE: &str = "/api/prom/main/api/v1/query_range";
const QUERY: &str = "/api/prom/main/api/v1/query";

#[test]
fn a_real_prometheus_answers_through_the_proxy() {
    let lab = Lab::start_blocking(&LabSettings::burning_now()).unwrap();
    let proxy = Proxy::builder()
        .source("main", lab.prometheus().url())
        .start();
    let session = proxy.sign_in();
    let end = casebook_lab::now() - 20;
    let range = format!("query=level&start={}&end={end}&step=10s", end - 300);

    let posted = session.post(RANGE, &range);
    assert_eq!(posted.status, 200, "{}", posted.text());
    assert!(posted.whole);
    let series = posted.json()["data"]["result"].as_array().unwrap().clone();
    assert_eq!(series.len(), 8);
    assert!(
        series
            .iter()
            .all(|one| one["values"].as_array().unwrap().len() == 31)
    );
    assert_eq!(
        session.get(&format!("{RANGE}?{range}")).json()["data"],
        posted.json()["data"]
    );
    assert_eq!(posted.header("content-type"), Some("application/json"));
    assert!(
        posted
            .headers
            .iter()
            .all(|(name, _)| !name.starts_with("access-control")),
        "{posted:?}"
    );

    for (path, holds) in [
        ("labels", "which"),
        ("label/which/values", "object4"),
        ("series?match[]=level", "object4"),
        ("status/buildinfo", "version"),
        ("rules", "groups"),
        ("alerts", "alerts"),
        ("metadata", "status"),
        ("query?query=vector(1)", "vector"),
        ("query_exemplars?query=level&start=1&end=2", "success"),
    ] {
        let answer = session.get(&format!("/api/prom/main/api/v1/{path}"));
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert!(answer.text().contains(holds), "{path}: {}", answer.text());
    }

    let bad = session.post(QUERY, "query=rate(");
    assert_eq!(
        (bad.status, &bad.json()["errorType"]),
        (400, &"bad_data".into())
    );
    assert!(bad.text().contains("parse error"));
    let long = format!(
        "query=sum_over_time(level[2h:1s])&start={}&end={end}&step=10s&timeout=1ms",
        end - 300
    );
    let hurried = session.post(RANGE, &long);
    assert_eq!(hurried.status, 503, "{}", hurried.text());
    assert_eq!(hurried.json()["errorType"], "timeout");

    let catalog = session.get("/api/v1/catalog").json();
    assert_eq!(
        catalog["prometheus"][0]["health"]["state"], "up",
        "{catalog}"
    );
}

#[test]
fn only_what_the_table_says_goes_upstream() {
    let stub = Stub::fixed(json("{}"));
    let proxy = Proxy::builder()
        .secret_file("token", "s3cr3t-bearer\n")
        .source_with(
            "main",
            &format!("{}/base", stub.url),
            "bearer_file = \"token\"",
        )
        .start();
    let session = proxy.sign_in();
    let headers = "authorization: Basic mine\r\nx-forwarded-for: 1.2.3.4\r\nx_evil: 1\r\naccept-encoding: gzip, br\r\nuser-agent: cell\r\nx-prometheus-scrape: 1\r\n";
    let answer = session.ask(&format!("GET {QUERY}?query=up%2Bup"), headers);
    assert_eq!(answer.status, 200);
    let request = stub.requests().pop().unwrap();
    assert!(
        request.starts_with("GET /base/api/v1/query?query=up%2Bup&timeout=30000ms HTTP/1.1\r\n"),
        "{request}"
    );
    let mut names: Vec<&str> = request
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "accept-encoding",
            "authorization",
            "host",
            "user-agent"
        ]
    );
    assert!(
        request.contains("accept-encoding: identity\r\n")
            && request.contains("authorization: Bearer s3cr3t-bearer\r\n"),
        "{request}"
    );
    let seen = format!("{answer:?}{}{:?}", proxy.stderr(), proxy.records());
    assert!(!seen.contains("s3cr3t-bearer"), "the token shows");
    assert!(!seen.contains("Basic mine"));
}

#[test]
fn a_kept_connection_that_the_source_closes_is_no_error() {
    let connections = AtomicUsize::new(0);
    let stub = Stub::start(move |stream| {
        stream.write_all(json("{}").as_bytes()).unwrap();
        if connections.fetch_add(1, Ordering::SeqCst) == 0 {
            // Takes the next request on this connection, and closes instead of answering.
            assert_ne!(stream.read(&mut [0; 4096]).unwrap(), 0);
        } else {
            wait_for_close(stream);
        }
    });
    let (proxy, cookie) = ask_stub(&stub, "");
    let session = proxy.resume(&cookie);
    for _ in 0..2 {
        assert_eq!(query(&session).status, 200);
    }
    assert_eq!(stub.requests().len(), 2, "the first of each connection");
}

#[test]
fn headers_of_the_source_stay_there() {
    let stub = Stub::fixed(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\naccess-control-allow-origin: *\r\nset-cookie: a=b\r\nserver: x\r\ncontent-security-policy: default-src *\r\ncontent-length: 2\r\n\r\n{}",
    );
    let (proxy, cookie) = ask_stub(&stub, "");
    let answer = query(&proxy.resume(&cookie));
    assert_eq!(answer.text(), "{}");
    for name in ["access-control-allow-origin", "set-cookie", "server"] {
        assert_eq!(answer.header(name), None, "{answer:?}");
    }
    assert!(
        answer
            .header("content-security-policy")
            .unwrap()
            .starts_with("sandbox")
    );
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(
        answer.header("x-casebook-seq"),
        Some("2"),
        "the sign-in is record 1"
    );
    assert_eq!(answer.header("x-casebook-hash").unwrap().len(), 64);
}

#[test]
fn a_page_instead_of_an_answer_arrives_as_text() {
    let page = "<html><script>evil()</script></html>";
    let stub = Stub::fixed(format!(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{page}",
        page.len()
    ));
    let (proxy, cookie) = ask_stub(&stub, "");
    let answer = query(&proxy.resume(&cookie));
    assert_eq!((answer.status, answer.text().as_str()), (502, page));
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
}

#[test]
fn answers_that_are_not_passed_on_say_why() {
    for (answer, error_type, word) in [
        (
            "HTTP/1.1 301 Moved\r\nlocation: /api/v1/admin/tsdb/delete_series\r\ncontent-length: 0\r\n\r\n",
            "upstream_redirect",
            "url",
        ),
        (
            "HTTP/1.1 307 Temporary\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
            "upstream_redirect",
            "url",
        ),
        (
            "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic\r\ncontent-length: 0\r\n\r\n",
            "upstream_auth",
            "bearer_file",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            "upstream_auth",
            "bearer_file",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n",
            "upstream_encoding",
            "compresses",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n",
            "upstream_too_large",
            "shorter",
        ),
        (
            "SSH-2.0-OpenSSH_9.2\r\n",
            "upstream_unreachable",
            "prometheus.main.url",
        ),
        ("", "upstream_unreachable", "prometheus.main.url"),
    ] {
        let stub = Stub::fixed(answer);
        let (proxy, cookie) = ask_stub(&stub, "");
        let got = query(&proxy.resume(&cookie));
        assert_eq!(
            (got.status, got.error_type().as_str()),
            (502, error_type),
            "{answer:?}"
        );
        assert!(
            got.json()["next"].as_str().unwrap().contains(word),
            "{}",
            got.text()
        );
        assert_eq!(got.json()["source"], "main");
        assert_eq!(
            stub.requests().len(),
            if answer.is_empty() { 2 } else { 1 },
            "only what was closed without a word is asked again; no redirect is followed"
        );
    }
}

#[test]
fn a_source_that_is_down_is_named_with_its_address() {
    let proxy = Proxy::builder()
        .source("main", "http://127.0.0.1:1")
        .start();
    let answer = query(&proxy.sign_in());
    assert_eq!(
        (answer.status, answer.error_type().as_str()),
        (502, "upstream_unreachable")
    );
    assert!(
        answer.text().contains("refused") && answer.text().contains("http://127.0.0.1:1"),
        "{}",
        answer.text()
    );
}
