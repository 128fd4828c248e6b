//! Signing in. If these failed, someone without the link could read, or someone with it could not.

use crate::support::{Proxy, find_link, run_to_end, token_of, wait_for};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_link_signs_in_once() {
    let proxy = Proxy::builder().start();
    let token = token_of(&proxy.link);
    let answer = proxy.post_token(&token);
    assert_eq!(answer.status, 200);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with(&format!("casebook_session_{}=", proxy.port)),
        "{cookie}"
    );
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=28800"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_eq!(answer.json()["user"], "ada");

    let again = proxy.post_token(&token);
    assert_eq!(
        (again.status, again.error_type().as_str()),
        (401, "session")
    );
    assert!(again.header("set-cookie").is_none());
}

#[test]
fn no_session_no_answer() {
    let proxy = Proxy::builder()
        .source("main", "http://127.0.0.1:1")
        .start();
    for path in [
        "/api/v1/session",
        "/api/v1/catalog",
        "/api/v1/audit",
        "/api/prom/main/api/v1/query?query=1",
        "/api/nothing",
    ] {
        let answer = proxy.get(path);
        assert_eq!(
            (answer.status, answer.error_type().as_str()),
            (401, "session"),
            "{path}"
        );
        let forged = proxy.ask(
            &format!("GET {path}"),
            &format!(
                "cookie: casebook_session_{}={}\r\n",
                proxy.port,
                "0".repeat(64)
            ),
            "",
        );
        assert_eq!(forged.status, 401, "{path}");
    }
}

#[test]
fn session_and_catalog_say_who_and_what() {
    let proxy = Proxy::builder()
        .source_with(
            "main",
            "http://127.0.0.1:1",
            "max_points = 500\ntimeout = \"7s\"",
        )
        .start();
    let session = proxy.sign_in();
    let who = session.get("/api/v1/session").json();
    assert_eq!(
        (&who["user"], &who["api"], &who["version"]),
        (&"ada".into(), &1.into(), &"0.1.0".into())
    );
    assert!(who["expires_at"].as_str().unwrap().ends_with('Z'));
    let catalog = session.get("/api/v1/catalog").json();
    let main = &catalog["prometheus"][0];
    assert_eq!(
        (&main["name"], &main["max_points"], &main["timeout_ms"]),
        (&"main".into(), &500.into(), &7000.into())
    );
    assert_eq!(main["health"]["state"], "down", "{main}");
    assert_eq!(
        (&main["dialect"], &main["max_bytes"]),
        (&"prometheus".into(), &(256 << 20).into())
    );
    assert_eq!(catalog["banner"], serde_json::Value::Null);
}

#[test]
fn a_session_survives_a_restart_and_ends_by_logout() {
    let mut proxy = Proxy::builder().start();
    let cookie = proxy.sign_in().cookie;
    proxy.kill();
    let file = proxy.state("sessions.json");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // The cookie's name holds the port, so the restarted proxy needs the same one.
    let config = std::fs::read_to_string(proxy.config()).unwrap();
    std::fs::write(
        proxy.config(),
        config.replace("listen_port = 0", &format!("listen_port = {}", proxy.port)),
    )
    .unwrap();
    let again = Proxy::run(proxy.folder.clone(), "");
    let session = again.resume(&cookie);
    assert_eq!(session.get("/api/v1/session").status, 200);
    assert_eq!(session.post("/auth/logout", "").status, 204);
    assert_eq!(session.get("/api/v1/session").status, 401);
}

#[test]
fn a_session_and_a_link_end_in_time() {
    let proxy = Proxy::builder()
        .auth("session_ttl = \"1s\"\nlink_ttl = \"1s\"")
        .start();
    let link = proxy.link.clone();
    let cookie = {
        let (good, fresh, error) =
            run_to_end(&["link", "--config", "casebook.toml"], proxy.folder.path());
        assert!(good, "{error}");
        let answer = proxy.post_token(&token_of(&fresh));
        assert_eq!(answer.status, 200);
        answer
            .header("set-cookie")
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned()
    };
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(proxy.resume(&cookie).get("/api/v1/session").status, 401);
    assert_eq!(proxy.post_token(&token_of(&link)).status, 401);
}

#[test]
fn guessing_is_slowed_down() {
    let proxy = Proxy::builder().start();
    let refused = (0..60)
        .map(|_| proxy.post_token("guess"))
        .find(|answer| answer.status == 429)
        .unwrap();
    assert!(refused.header("retry-after").is_some());
    assert_eq!(refused.error_type(), "too_many_requests");
}

#[test]
fn a_body_that_is_no_sign_in_is_refused() {
    let proxy = Proxy::builder().start();
    for body in [
        "",
        "{}",
        "[]",
        "{\"token\":1}",
        "{\"token\":\"x\",\"user\":\"root\"}",
        "\u{0}",
    ] {
        let answer = proxy.ask(
            "POST /auth/login",
            "content-type: application/json\r\n",
            body,
        );
        assert_eq!(answer.status, 401, "{body:?}");
    }
    let long = "x".repeat(70_000);
    assert_eq!(proxy.post_token(&long).status, 413);
    assert_eq!(proxy.get("/auth/login").status, 405);
    assert_eq!(proxy.get("/auth/other").status, 404);
}

#[test]
fn the_login_page_asks_nobody_else() {
    let proxy = Proxy::builder().start();
    let page = proxy.get("/auth/");
    assert_eq!(page.status, 200);
    let csp = page.header("content-security-policy").unwrap();
    assert!(
        csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'"),
        "{csp}"
    );
    assert!(!csp.contains("unsafe"), "{csp}");
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    for (path, kind) in [
        ("/auth/login.js", "text/javascript; charset=utf-8"),
        ("/auth/login.css", "text/css; charset=utf-8"),
    ] {
        assert!(page.text().contains(path));
        assert_eq!(proxy.get(path).header("content-type"), Some(kind));
    }
}

#[test]
fn enter_prints_another_link_and_a_closed_terminal_stops_nothing() {
    let mut proxy = Proxy::builder().start();
    let first = proxy.link.clone();
    writeln!(proxy.stdin().as_mut().unwrap()).unwrap();
    let second = wait_for("another link", || {
        find_link(&proxy.stdout()).filter(|link| *link != first)
    });
    assert_eq!(proxy.post_token(&token_of(&second)).status, 200);
    *proxy.stdin() = None;
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(proxy.is_running());
    assert_eq!(proxy.post_token(&token_of(&first)).status, 200);
}

#[test]
fn link_asks_the_running_proxy_by_a_socket_for_its_owner_alone() {
    let mut proxy = Proxy::builder().start();
    let socket = proxy.state("run/link.sock");
    assert_eq!(
        socket.metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        socket
            .parent()
            .unwrap()
            .metadata()
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o700
    );
    let arguments = [
        "link",
        "--config",
        "casebook.toml",
        "--link-path",
        "/lab/index.html?incident=P90 burns",
    ];
    let (good, link, error) = run_to_end(&arguments, proxy.folder.path());
    assert!(good, "{error}");
    assert!(
        link.trim()
            .ends_with("&next=/lab/index.html%3Fincident%3DP90%20burns"),
        "{link}"
    );
    assert_eq!(proxy.post_token(&token_of(&link)).status, 200);

    proxy.terminate();
    let (good, _, error) = run_to_end(&arguments, proxy.folder.path());
    assert!(
        !good && error.contains("is `casebook-proxy serve` running"),
        "{error}"
    );
}

#[test]
fn neither_token_nor_cookie_is_ever_logged() {
    let proxy = Proxy::builder().start();
    let session = proxy.sign_in();
    session.get("/api/v1/session");
    proxy.post_token("wrong-token-of-a-stranger");
    let token = token_of(&proxy.link);
    let cookie = session.cookie.split('=').nth(1).unwrap().to_owned();
    let everything = format!(
        "{}{:?}{:?}",
        proxy.stderr(),
        proxy.records(),
        std::fs::read_to_string(proxy.state("sessions.json"))
    );
    assert!(everything.contains("signed in"), "{everything}");
    for secret in [token.as_str(), cookie.as_str(), "wrong-token-of-a-stranger"] {
        assert!(!everything.contains(secret));
    }
}
