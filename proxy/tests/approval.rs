//! The approval listener: what a notebook can send, knowing everything but the person's browser,
//! approves nothing; what a person types approves exactly what was shown.

use crate::plan_bench::{Bench, id};
use crate::support::exchange;
use serde_json::json;
use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn notebook_code_cannot_approve_even_when_it_knows_the_code() {
    let bench = Bench::new();
    let plan = bench.plan();
    let code = bench.code(&plan);
    assert!(!plan.to_string().contains(&code));
    let form = format!("digest={}&code={code}", plan["digest"].as_str().unwrap());
    let path = format!("/plans/{}/approve", id(&plan));
    let site = format!("http://localhost:{}", bench.proxy.port);
    let own = format!("http://{}", bench.approvals());
    let urlencoded = "content-type: application/x-www-form-urlencoded\r\n";
    for headers in [
        // fetch() of a cell, with and without CORS, and a form that a cell submits
        format!(
            "origin: {site}\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: cors\r\n{urlencoded}"
        ),
        format!(
            "origin: {site}\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors\r\n{urlencoded}"
        ),
        format!(
            "origin: {site}\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\nsec-fetch-user: ?1\r\n{urlencoded}"
        ),
        // a sandboxed frame, an old browser, and one without any hint
        format!("origin: null\r\nsec-fetch-site: cross-site\r\n{urlencoded}"),
        format!("origin: {site}\r\n{urlencoded}"),
        urlencoded.to_owned(),
        format!("origin: {own}\r\nsec-fetch-site: cross-site\r\n{urlencoded}"),
        format!("origin: {own}\r\nsec-fetch-site: same-origin\r\ncontent-type: text/plain\r\n"),
        format!("origin: {site}\r\nx-casebook: 1\r\ncontent-type: application/json\r\n"),
    ] {
        let answer = bench.post_form(&path, &headers, &form);
        assert_eq!(answer.status, 403, "{headers}: {}", answer.text());
        assert!(answer.header("access-control-allow-origin").is_none());
    }
    let (port, host) = (bench.proxy.port, bench.approvals());
    let approval_port: u16 = host.rsplit(':').next().unwrap().parse().unwrap();
    // under the site's name, or a name of the attacker's
    for name in [
        format!("localhost:{approval_port}"),
        format!("localhost:{port}"),
        "evil.example".into(),
    ] {
        let request = format!("GET /plans/{} HTTP/1.1\r\nhost: {name}\r\n\r\n", id(&plan));
        assert_eq!(
            exchange(approval_port, request.as_bytes()).status,
            421,
            "{name}"
        );
    }
    let preflight = format!(
        "OPTIONS {path} HTTP/1.1\r\nhost: {host}\r\norigin: {site}\r\naccess-control-request-method: POST\r\n\r\n"
    );
    let preflight = exchange(approval_port, preflight.as_bytes());
    assert!(preflight.status >= 400 && preflight.header("access-control-allow-origin").is_none());
    // and the site's own API has no such thing
    for path in [path.clone(), format!("/api/v1{path}")] {
        let answer = bench.session().post(&path, &form);
        assert!(
            (400..500).contains(&answer.status),
            "{path}: {}",
            answer.status
        );
    }
    let now = bench.get(&plan);
    assert_eq!(
        (&now["state"], &now["tries_left"]),
        (&json!("waiting"), &json!(5))
    );
}

#[test]
fn the_page_shows_the_proxys_view_and_runs_nothing() {
    let bench = Bench::new();
    let plan = bench.plan();
    let page = bench.page(&plan);
    let html = page.text();
    assert_eq!(page.status, 200, "{html}");
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(policy.contains("form-action 'self'") && !policy.contains("script-src"));
    assert!(page.header("set-cookie").is_none());
    assert!(!html.contains("<script") && !html.contains(&bench.code(&plan)));
    for text in [
        "web1",
        "127.0.0.2",
        "core",
        "64.0 KiB (65,536 bytes)",
        "UTC",
        "The notebook says",
        "&lt;b&gt;it fills the disk&lt;/b&gt;",
        "mv -nTv",
    ] {
        assert!(html.contains(text), "{text} is not in {html}");
    }
    assert!(html.contains(plan["facts"]["sha256"].as_str().unwrap()));
    let rows = plan["rows"].as_array().unwrap();
    assert!(rows.len() > 9, "{rows:?}");
    for row in rows {
        let (name, value) = (
            row["name"].as_str().unwrap(),
            row["value"].as_str().unwrap(),
        );
        let shown = format!("<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>");
        assert!(
            html.contains(&shown),
            "the notebook says {shown}, the page not"
        );
    }
    let nothing = bench.page(&json!({"id": "%3Cscript%3E"}));
    assert_eq!(nothing.status, 404);
    assert!(!nothing.text().contains("<script"));
    // a link in a notebook leads here
    let host = bench.approvals();
    let port = host.rsplit(':').next().unwrap().parse().unwrap();
    for (how, status) in [("document", 200), ("iframe", 403)] {
        let request = format!(
            "GET /plans/{} HTTP/1.1\r\nhost: {host}\r\nsec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: {how}\r\n\r\n",
            id(&plan)
        );
        assert_eq!(exchange(port, request.as_bytes()).status, status, "{how}");
    }
}

#[test]
fn five_wrong_codes_end_a_plan_even_across_a_restart() {
    let mut bench = Bench::new();
    let plan = bench.plan();
    for left in [4, 3] {
        let wrong = bench.try_code(&plan, "AAAA-AAAA");
        assert_eq!(wrong.status, 403);
        assert!(
            wrong.text().contains(&format!("{left} tries are left")),
            "{}",
            wrong.text()
        );
    }
    bench.kill_and_restart();
    for _ in 0..3 {
        assert_eq!(bench.try_code(&plan, "AAAA-AAAA").status, 403);
    }
    let code = bench.code(&plan);
    assert_eq!(bench.try_code(&plan, &code).status, 409);
    assert_eq!(bench.get(&plan)["state"], "refused");
    assert_eq!(bench.post(&plan, "apply").status, 409);
    assert_eq!(bench.moves(), 0);
}

#[test]
fn an_approval_is_for_what_was_shown() {
    let bench = Bench::new();
    let plan = bench.plan();
    let code = bench.code(&plan);
    let path = format!("/plans/{}/approve", id(&plan));
    for digest in ["", "0000"] {
        let form = format!("digest={digest}&code={code}");
        assert_eq!(bench.post_form(&path, &bench.own_form(), &form).status, 409);
    }
    assert_eq!(bench.get(&plan)["state"], "waiting");
    let loosely = bench.try_code(&plan, &code.to_lowercase().replace('-', "+"));
    assert_eq!(loosely.status, 303, "{}", loosely.text());
    assert_eq!(
        loosely.header("location"),
        Some(format!("/plans/{}", id(&plan)).as_str())
    );
    assert_eq!(bench.get(&plan)["state"], "approved");
    assert!(!bench.page(&plan).text().contains("<form"));
}

#[test]
fn a_refusal_ends_a_plan() {
    let bench = Bench::new();
    let plan = bench.plan();
    let form = format!(
        "digest={}&code={}",
        plan["digest"].as_str().unwrap(),
        bench.code(&plan)
    );
    let path = format!("/plans/{}/refuse", id(&plan));
    assert_eq!(bench.post_form(&path, &bench.own_form(), &form).status, 303);
    let refused = bench.get(&plan);
    assert_eq!(refused["state"], "refused");
    assert_eq!(bench.post(&plan, "apply").status, 409);
}

/// Runs `casebook-proxy approve` and types this.
fn approve_by_hand(bench: &Bench, plan: &str, typed: &str) -> (bool, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_casebook-proxy"))
        .args(["approve", plan, "--config"])
        .arg(bench.proxy.config())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have ended without reading.
    let _ = writeln!(child.stdin.take().unwrap(), "{typed}");
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn the_terminal_approves_when_the_hosts_name_is_typed() {
    let bench = Bench::new();
    let plan = bench.plan();
    let (good, shown, said) = approve_by_hand(&bench, id(&plan), "web2");
    assert!(!good && said.contains("not the name of the host"), "{said}");
    for text in [
        "web1",
        "127.0.0.2",
        "The notebook says",
        "mv -nTv",
        "SHA-256",
    ] {
        assert!(shown.contains(text), "{text} is not in {shown}");
    }
    let (good, _, said) = approve_by_hand(&bench, id(&plan), "");
    assert!(!good && said.contains("nothing was approved"), "{said}");
    assert_eq!(bench.get(&plan)["tries_left"], 4);
    let (good, shown, said) = approve_by_hand(&bench, id(&plan), "web1");
    assert!(good, "{said}");
    assert!(shown.contains("approved: "), "{shown}");
    assert_eq!(bench.get(&plan)["decided_by"], "ada at the terminal");
    assert_eq!(bench.apply(&plan)["state"], "applied");
    let (good, _, said) = approve_by_hand(&bench, id(&plan), "web1");
    assert!(!good && said.contains("does not wait"), "{said}");
    let (good, _, said) = approve_by_hand(&bench, "none", "web1");
    assert!(!good && said.contains("no plan of this id"), "{said}");
}
