//! What a source, a browser or a user may not take too much of: time, bytes, connections, points. If
//! these failed, one cell could take the proxy, or the Prometheus behind it, from everyone.

use crate::support::{Proxy, Stub, ask_stub, json, query, read_answer, wait_for};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const RANGE: &str = "/api/prom/main/api/v1/query_range";
const QUERY: &str = "/api/prom/main/api/v1/query";

#[test]
fn a_slow_source_is_given_up_in_time() {
    let stub = Stub::silent_after("");
    let (proxy, cookie) = ask_stub(&stub, "timeout = \"1s\"");
    let begun = Instant::now();
    let answer = query(&proxy.resume(&cookie));
    assert_eq!(
        (answer.status, answer.error_type().as_str()),
        (504, "upstream_timeout")
    );
    assert!(begun.elapsed() < Duration::from_secs(4));
    wait_for("the source to be let go", || {
        (stub.open() == 0).then_some(())
    });
}

#[test]
fn a_source_that_falls_silent_in_mid_answer_breaks_the_answer() {
    let stub =
        Stub::silent_after("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"sta\r\n");
    let (proxy, cookie) = ask_stub(&stub, "timeout = \"1s\"");
    let answer = query(&proxy.resume(&cookie));
    assert_eq!(answer.status, 200);
    assert!(!answer.whole, "a cut answer must not look like a short one");
    assert!(
        answer.text().contains("{\"sta"),
        "what came is passed on at once"
    );
    let record = proxy.result("fell silent");
    assert_eq!((&record["bytes"], record.get("digest")), (&5.into(), None));
}

#[test]
fn a_body_that_is_cut_in_half_is_cut_for_the_browser_too() {
    let stub = Stub::fixed("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
    let (proxy, cookie) = ask_stub(&stub, "");
    let answer = query(&proxy.resume(&cookie));
    assert!(!answer.whole && answer.text() == "half", "{answer:?}");
    proxy.result("broke off");
}

#[test]
fn an_endless_answer_is_cut_at_the_cap_and_costs_no_memory() {
    let stub = Stub::start(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        while stream.write_all(chunk.as_bytes()).is_ok() {}
    });
    let (proxy, cookie) = ask_stub(&stub, "max_bytes = \"48MiB\"");
    let before = resident_kib(&proxy);
    let answer = query(&proxy.resume(&cookie));
    assert!(
        !answer.whole && answer.body.len() > 40 << 20,
        "{}",
        answer.body.len()
    );
    let grown = resident_kib(&proxy).saturating_sub(before);
    assert!(grown < 16 << 10, "grew by {grown} KiB");
    proxy.result("longer than max_bytes");
    wait_for("the source to be let go", || {
        (stub.open() == 0).then_some(())
    });
}

fn resident_kib(proxy: &Proxy) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", proxy.pid())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Sends a query by hand and leaves the connection open.
fn begin(proxy: &Proxy, cookie: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
    write!(
        stream,
        "GET {QUERY}?query=up HTTP/1.1\r\nhost: localhost:{}\r\ncookie: {cookie}\r\n\r\n",
        proxy.port
    )
    .unwrap();
    stream
}

#[test]
fn when_the_browser_goes_away_the_source_is_let_go_within_a_second() {
    for first in [
        "",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"sta\r\n",
    ] {
        let stub = Stub::silent_after(first);
        let (proxy, cookie) = ask_stub(&stub, "");
        let mut stream = begin(&proxy, &cookie);
        if first.is_empty() {
            wait_for("the query to arrive", || {
                (!stub.requests().is_empty()).then_some(())
            });
        } else {
            let mut some = [0_u8; 64];
            assert!(stream.read(&mut some).unwrap() > 0);
        }
        assert_eq!(stub.open(), 1);
        drop(stream);
        let gone = Instant::now();
        wait_for("the source to be let go", || {
            (stub.open() == 0).then_some(())
        });
        assert!(
            gone.elapsed() < Duration::from_secs(1),
            "{:?} after {first:?}",
            gone.elapsed()
        );
        proxy.result("the browser went away");
    }
}

#[test]
fn a_browser_that_does_not_read_is_cut_off_in_time() {
    let stub = Stub::start(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        while stream.write_all(chunk.as_bytes()).is_ok() {}
    });
    let proxy = Proxy::builder()
        .limits("stream = \"1s\"")
        .source("main", &stub.url)
        .start();
    let cookie = proxy.sign_in().cookie;
    let stream = begin(&proxy, &cookie);
    wait_for("the query to arrive", || {
        (!stub.requests().is_empty()).then_some(())
    });
    let begun = Instant::now();
    wait_for("the source to be let go", || {
        (stub.open() == 0).then_some(())
    });
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "{:?}",
        begun.elapsed()
    );
    drop(stream);
}

#[test]
fn more_at_once_than_allowed_is_refused_and_the_rest_still_answered() {
    let stub = Stub::start(|stream| {
        std::thread::sleep(Duration::from_millis(1500));
        let _ = stream.write_all(json("{}").as_bytes());
    });
    let proxy = Proxy::builder()
        .limits("concurrent = 4\nqueue = \"200ms\"")
        .source("main", &stub.url)
        .start();
    let cookie = proxy.sign_in().cookie;
    let all: Vec<_> = (0..100).map(|_| begin(&proxy, &cookie)).collect();
    let statuses: Vec<u16> = all
        .into_iter()
        .map(|mut stream| read_answer(&mut stream, false).status)
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        4,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 429).count(),
        96,
        "{statuses:?}"
    );
    assert_eq!(stub.requests().len(), 4);
}

#[test]
fn too_many_requests_in_a_minute_are_refused() {
    let stub = Stub::fixed(json("{}").replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
    let proxy = Proxy::builder()
        .limits("requests_per_minute = 5")
        .source("main", &stub.url)
        .start();
    let session = proxy.sign_in();
    let statuses: Vec<u16> = (0..8).map(|_| query(&session).status).collect();
    assert_eq!(statuses[..5], [200; 5]);
    assert_eq!(statuses[6..], [429; 2]);
}

#[test]
fn what_would_be_too_much_never_reaches_the_source() {
    let stub = Stub::fixed(json("{}"));
    let (proxy, cookie) = ask_stub(&stub, "");
    let session = proxy.resume(&cookie);
    let points = session.post(RANGE, "query=up&start=0&end=110000&step=10");
    assert_eq!(
        (points.status, points.error_type().as_str()),
        (422, "bad_data")
    );
    for (form, status) in [
        ("query=a&query=b&start=0&end=1&step=1".to_owned(), 400),
        ("query=a&start=0&end=1&step=1&step=2".to_owned(), 400),
        ("query=a&start=0&end=nan&step=1".to_owned(), 400),
        (
            format!("query={}&start=0&end=1&step=1", "x".repeat(70_000)),
            413,
        ),
    ] {
        assert_eq!(session.post(RANGE, &form).status, status);
    }
    assert_eq!(
        session
            .post(&format!("{RANGE}?query=a"), "query=b&start=0&end=1&step=1")
            .status,
        400
    );
    let json_body = session.headers("content-type: application/json\r\n");
    assert_eq!(
        proxy
            .ask(&format!("POST {QUERY}"), &json_body, "{\"query\":\"up\"}")
            .status,
        415
    );
    let unknown = session.post("/api/prom/other/api/v1/query", "query=up");
    assert_eq!(
        (unknown.status, unknown.error_type().as_str()),
        (404, "not_found")
    );
    assert!(unknown.json()["next"].as_str().unwrap().contains("main"));
    assert!(stub.requests().is_empty(), "{:?}", stub.requests());
}

#[test]
fn a_browser_that_reads_slowly_still_gets_the_whole_answer() {
    const LENGTH: usize = 24 << 20;
    let stub = Stub::start(|stream| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {LENGTH}\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.write_all(&vec![b'x'; LENGTH]);
    });
    let (proxy, cookie) = ask_stub(&stub, "timeout = \"1s\"");
    let mut stream = begin(&proxy, &cookie);
    // Longer than the source may be silent.
    std::thread::sleep(Duration::from_millis(2500));
    let answer = read_answer(&mut stream, false);
    assert!(answer.whole, "{} bytes", answer.body.len());
    assert_eq!(proxy.result("complete")["bytes"], LENGTH);
}
