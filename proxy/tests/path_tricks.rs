//! Paths that must not reach a Prometheus whose admin API and lifecycle are on. If these failed, a
//! cell could delete the metrics of everyone, or stop the server.

use crate::support::{Answer, Proxy, exchange};
use casebook_lab::{Lab, LabSettings};

/// Under `/api/prom/main/`.
const PATHS: [&str; 44] = [
    "api/v1/admin/tsdb/delete_series",
    "api/v1/admin/tsdb/clean_tombstones",
    "api/v1/admin/tsdb/snapshot",
    "api/v1/query/../admin/tsdb/delete_series",
    "api/v1/query/%2e%2e/admin/tsdb/delete_series",
    "api/v1/query/%2E%2E/admin/tsdb/delete_series",
    "api/v1/query/.%2e/admin/tsdb/delete_series",
    "api/v1/query%2f..%2fadmin%2ftsdb%2fdelete_series",
    "api/v1/query%252f..%252fadmin/tsdb/delete_series",
    "api/v1/query/..;/admin/tsdb/delete_series",
    "api/v1/query/..%5cadmin%5ctsdb%5cdelete_series",
    "api/v1/query/..\\admin\\tsdb\\delete_series",
    "api/v1//admin/tsdb/delete_series",
    "/api/v1/admin/tsdb/delete_series",
    "api/v1/./admin/tsdb/delete_series",
    "api/v1/query%00/../admin/tsdb/delete_series",
    "api/v1/query%0d%0aX:%201/../admin/tsdb/delete_series",
    "api/v1/query;/admin/tsdb/delete_series",
    "api/v1/QUERY",
    "api/v1/query/",
    "api/v1/query//",
    "api/v1/query%20",
    "api/v1/query.json",
    "api/v1/label/../admin/tsdb/delete_series/values",
    "api/v1/label/which%2f..%2f..%2fadmin/values",
    "api/v1/label/..%2f..%2fadmin%2ftsdb%2fdelete_series%3fmatch[]=level%23/values",
    "api/v1/label/which/values/../../../admin/tsdb/delete_series",
    "api/v2/query",
    "../admin/tsdb/delete_series",
    "../../-/quit",
    "-/quit",
    "-/reload",
    "-/healthy",
    "api/v1/../../-/quit",
    "api/v1/query/../../../-/quit",
    "federate?match[]=level",
    "metrics",
    "debug/pprof/",
    "debug/pprof/cmdline",
    "api/v1/status/config",
    "api/v1/status/flags",
    "api/v1/status/tsdb",
    "api/v1/targets",
    "api/v1/write",
];

fn ask(proxy: &Proxy, cookie: &str, method: &str, path: &str) -> Answer {
    let port = proxy.port;
    let query = if path.contains('?') {
        ""
    } else {
        "?match[]=level"
    };
    let request = format!(
        "{method} {path}{query} HTTP/1.1\r\nhost: localhost:{port}\r\ncookie: {cookie}\r\nx-casebook: 1\r\ncontent-length: 0\r\n\r\n"
    );
    exchange(port, request.as_bytes())
}

#[test]
fn no_spelling_reaches_more_than_the_table_allows() {
    let lab = Lab::start_blocking(&LabSettings::burning_now()).unwrap();
    let proxy = Proxy::builder()
        .source("main", lab.prometheus().url())
        .start();
    let cookie = proxy.sign_in().cookie;
    for path in PATHS {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let full = format!("/api/prom/main/{path}");
            let answer = ask(&proxy, &cookie, method, &full);
            assert!(
                matches!(answer.status, 400 | 404 | 405),
                "{method} {full}: {}",
                answer.status
            );
        }
    }
    for path in [
        "/api/prom/main%2fapi/v1/query",
        "/api/prom//api/v1/query",
        "/api/prom/../prom/main/api/v1/query",
        "/api/prom/./main/api/v1/query",
        "//api/prom/main/api/v1/query",
        "/api//prom/main/api/v1/query",
        "/%61pi/prom/main/api/v1/query",
        "/API/prom/main/api/v1/query",
        "/lab/../api/prom/main/api/v1/query",
        "/api/contents/../prom/main/api/v1/query",
        "/api/v1/admin/tsdb/delete_series",
        "/-/quit",
        "/federate",
    ] {
        let answer = ask(&proxy, &cookie, "GET", path);
        assert!(
            matches!(answer.status, 400 | 404),
            "{path}: {}",
            answer.status
        );
    }
    // Still there, all of it: the series, and the server.
    let session = proxy.resume(&cookie);
    let answer = session.get("/api/prom/main/api/v1/query?query=count(level)");
    assert_eq!(
        answer.json()["data"]["result"][0]["value"][1],
        "8",
        "{}",
        answer.text()
    );
    // The same server does delete when it is asked directly: the admin API is on.
    let base = lab.prometheus().url();
    let direct =
        casebook_lab::http::post_form(base, "/api/v1/admin/tsdb/delete_series?match[]=nothing", "")
            .unwrap();
    assert_eq!(direct.status, 204, "the test would prove nothing");
}

#[test]
fn methods_other_than_the_tables_are_refused() {
    let proxy = Proxy::builder()
        .source("main", "http://127.0.0.1:1")
        .start();
    let cookie = proxy.sign_in().cookie;
    for (method, path) in [
        ("PUT", "query"),
        ("DELETE", "query"),
        ("PATCH", "query_range"),
        ("HEAD", "query"),
        ("DELETE", "series"),
        ("OPTIONS", "query"),
        ("POST", "metadata"),
        ("POST", "rules"),
        ("POST", "label/which/values"),
        ("POST", "status/buildinfo"),
        ("BREW", "query"),
    ] {
        let answer = ask(
            &proxy,
            &cookie,
            method,
            &format!("/api/prom/main/api/v1/{path}"),
        );
        assert_eq!(answer.status, 405, "{method} {path}");
    }
    let connect = exchange(
        proxy.port,
        b"CONNECT 127.0.0.1:9090 HTTP/1.1\r\nhost: 127.0.0.1:9090\r\n\r\n",
    );
    assert_eq!(connect.status, 421);
}
