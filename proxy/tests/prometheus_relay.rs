//! The relay against sources that are good, slow, hostile or gone. If these failed, a cell would
//! wait for ever, take a cut answer for a whole one, or see what it must not.

mod support;

use casebook_lab::{Lab, LabSettings};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use support::{Proxy, Session, Stub, read_answer, wait_for};

const RANGE: &str = "/api/prom/main/api/v1/query_range";
const QUERY: &str = "/api/prom/main/api/v1/query";

fn json(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn ask_stub(stub: &Stub, keys: &str) -> (Proxy, String) {
    let proxy = Proxy::builder()
        .source_with("main", &stub.url, keys)
        .start();
    let cookie = proxy.sign_in().cookie;
    (proxy, cookie)
}

fn query(session: &Session<'_>) -> support::Answer {
    session.post(QUERY, "query=up")
}

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
            1,
            "nothing is asked twice, no redirect is followed"
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
