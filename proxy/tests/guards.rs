//! Requests that were not meant for this proxy, or that another site's page made. If these failed,
//! a page in another tab could read the metrics of whoever has Casebook open.

use crate::support::{self, Answer, Proxy, exchange};
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

const PATHS: [&str; 3] = ["/api/v1/session", "/index.html", "/auth/"];

fn raw(proxy: &Proxy, request: &str) -> Answer {
    exchange(
        proxy.port,
        request.replace("PORT", &proxy.port.to_string()).as_bytes(),
    )
}

#[test]
fn a_foreign_missing_or_second_host_gets_nothing() {
    let proxy = Proxy::builder().start();
    for path in PATHS {
        for (request, status) in [
            ("GET PATH HTTP/1.1\r\nhost: evil.example\r\n\r\n", 421),
            ("GET PATH HTTP/1.1\r\nhost: localhost\r\n\r\n", 421),
            ("GET PATH HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\n\r\n", 421),
            (
                "GET PATH HTTP/1.1\r\nhost: localhost:PORT.evil.example\r\n\r\n",
                421,
            ),
            ("GET PATH HTTP/1.1\r\n\r\n", 421),
            (
                "GET PATH HTTP/1.1\r\nhost: localhost:PORT\r\nhost: localhost:PORT\r\n\r\n",
                421,
            ),
            (
                "GET PATH HTTP/1.1\r\nhost: localhost:PORT\r\nhost: evil.example\r\n\r\n",
                421,
            ),
            (
                "GET http://evil.examplePATH HTTP/1.1\r\nhost: localhost:PORT\r\n\r\n",
                421,
            ),
            (
                "GET http://localhost:PORTPATH HTTP/1.1\r\nhost: evil.example\r\n\r\n",
                421,
            ),
            ("GET PATH HTTP/1.0\r\nhost: localhost:PORT\r\n\r\n", 400),
            ("GET PATH HTTP/1.0\r\n\r\n", 400),
            ("GET PATH HTTP/1.1\r\nhost : localhost:PORT\r\n\r\n", 400),
            (
                "GET PATH HTTP/1.1\r\nhost: localhost:PORT\r\n x: folded\r\n\r\n",
                400,
            ),
        ] {
            let answer = raw(&proxy, &request.replace("PATH", path));
            assert_eq!(answer.status, status, "{path}: {request:?}");
        }
    }
    let fits = raw(
        &proxy,
        "GET http://localhost:PORT/index.html HTTP/1.1\r\nhost: localhost:PORT\r\n\r\n",
    );
    assert_eq!(fits.status, 200);
}

#[test]
fn the_host_guard_says_which_address_to_open() {
    let proxy = Proxy::builder().start();
    let answer = raw(&proxy, "GET / HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\n\r\n");
    assert_eq!(answer.error_type(), "host");
    let next = format!("Open http://localhost:{}/", proxy.port);
    assert!(answer.json()["next"].as_str().unwrap().starts_with(&next));
}

#[test]
fn two_lengths_in_one_request_are_refused() {
    let proxy = Proxy::builder().start();
    for lengths in [
        "content-length: 4\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 4\r\n",
        "transfer-encoding: chunked\r\n",
        "content-length: 4\r\ncontent-length: 5\r\n",
        "transfer-encoding: gzip, chunked\r\n",
    ] {
        let request = format!(
            "POST /auth/login HTTP/1.1\r\nhost: localhost:PORT\r\ncontent-type: application/json\r\n{lengths}\r\n0\r\n\r\n"
        );
        assert_eq!(raw(&proxy, &request).status, 400, "{lengths:?}");
    }
}

#[test]
fn another_origin_gets_nothing_even_with_the_users_cookie() {
    let proxy = Proxy::builder().start();
    let session = proxy.sign_in();
    for headers in [
        "origin: http://evil.example\r\n",
        "origin: null\r\n",
        "origin: http://localhost:1\r\n",
        "sec-fetch-site: cross-site\r\n",
        "sec-fetch-site: same-site\r\n",
        "sec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\n",
    ] {
        let answer = session.ask("GET /api/v1/session", headers);
        assert_eq!(
            (answer.status, answer.error_type().as_str()),
            (403, "origin"),
            "{headers}"
        );
        assert!(
            answer
                .headers
                .iter()
                .all(|(name, _)| !name.starts_with("access-control")),
            "{answer:?}"
        );
    }
    let ours = format!(
        "origin: http://localhost:{}\r\nsec-fetch-site: same-origin\r\n",
        proxy.port
    );
    assert_eq!(session.ask("GET /api/v1/session", &ours).status, 200);
}

#[test]
fn a_preflight_is_never_answered_in_the_affirmative() {
    let proxy = Proxy::builder().start();
    let headers = "origin: http://evil.example\r\naccess-control-request-method: POST\r\n";
    let answer = proxy.ask("OPTIONS /api/v1/session", headers, "");
    assert_eq!(answer.status, 403);
    assert!(
        answer
            .headers
            .iter()
            .all(|(name, _)| !name.starts_with("access-control"))
    );
}

#[test]
fn a_foreign_form_cannot_post() {
    let proxy = Proxy::builder()
        .source("main", "http://127.0.0.1:1")
        .start();
    let session = proxy.sign_in();
    let form = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 0\r\n";
    let line = "POST /api/prom/main/api/v1/query";
    assert_eq!(session.ask(line, form).status, 403);
    assert_eq!(
        session
            .ask(
                line,
                &format!("{form}sec-fetch-site: cross-site\r\nx-casebook: 1\r\n")
            )
            .status,
        403
    );
    // It passes the guard and finds that the source is down.
    assert_eq!(
        session
            .ask(line, &format!("{form}x-casebook: 1\r\n"))
            .status,
        502
    );
}

#[test]
fn a_link_in_a_chat_leads_to_the_page_but_a_frame_does_not() {
    let proxy = Proxy::builder().start();
    let link =
        "sec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\n";
    assert_eq!(proxy.ask("GET /index.html", link, "").status, 200);
    assert_eq!(proxy.ask("GET /auth/", link, "").status, 200);
    let frame = link.replace("document", "iframe");
    assert_eq!(proxy.ask("GET /index.html", &frame, "").status, 403);
    assert_eq!(proxy.ask("GET /auth/", &frame, "").status, 403);
    let script =
        "sec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors\r\nsec-fetch-dest: script\r\n";
    assert_eq!(proxy.ask("GET /index.html", script, "").status, 403);
}

#[test]
fn the_operators_pages_have_a_host_guard_too() {
    let proxy = Proxy::builder().start();
    let ask = |host: &str, path: &str| {
        exchange(
            proxy.ops_port,
            format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes(),
        )
    };
    let host = format!("127.0.0.1:{}", proxy.ops_port);
    assert_eq!(ask(&host, "/healthz").status, 200);
    assert_eq!(ask(&host, "/readyz").status, 200);
    proxy.get("/index.html");
    assert!(
        ask(&host, "/metrics")
            .text()
            .contains("casebook_requests_total{part=\"site\",status=\"200\"}")
    );
    assert_eq!(ask("evil.example", "/metrics").status, 421);
    // Not on the port that browsers know.
    assert_eq!(proxy.get("/metrics").status, 404);
}

#[test]
fn two_hundred_slow_clients_do_not_keep_others_out() {
    let proxy = Proxy::builder()
        .limits("header_timeout = \"1s\"\nconnections = 150\n")
        .start();
    let mut slow: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
            // The ones over the cap are closed at once.
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: loc");
            stream
        })
        .collect();
    let host = format!("127.0.0.1:{}", proxy.ops_port);
    let health = exchange(
        proxy.ops_port,
        format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes(),
    );
    assert_eq!(health.status, 200);
    let late = support::wait_for("the slow ones to be closed", || {
        let answer = proxy.get("/index.html");
        (answer.status == 200).then_some(answer)
    });
    assert!(late.whole);
    for stream in &mut slow {
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        // Closed, by an answer or without one: never left hanging.
        let mut rest = Vec::new();
        let end = std::io::Read::read_to_end(stream, &mut rest);
        assert!(
            end.is_ok()
                || end.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
        );
    }
}

#[test]
fn an_idle_connection_is_closed_in_time() {
    let proxy = Proxy::builder().limits("header_timeout = \"1s\"").start();
    let mut stream = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
    let request = format!(
        "GET /index.html HTTP/1.1\r\nhost: localhost:{}\r\n\r\n",
        proxy.port
    );
    stream.write_all(request.as_bytes()).unwrap();
    assert_eq!(support::read_answer(&mut stream, false).status, 200);
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let mut rest = Vec::new();
    assert!(std::io::Read::read_to_end(&mut stream, &mut rest).is_ok());
}
