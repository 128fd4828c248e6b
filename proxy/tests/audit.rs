//! The record. If these failed, a report could claim what was never asked, or miss what was.

use crate::support::{self, Proxy, Stub, wait_for};
use casebook_wire::{Head, Verdict, verify, verify_log};
use std::io::Write;
use std::process::Command;

const QUERY: &str = "/api/prom/main/api/v1/query";

fn source() -> Stub {
    Stub::fixed(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
    )
}

fn log(proxy: &Proxy) -> String {
    std::fs::read_to_string(proxy.state("audit.jsonl")).unwrap()
}

#[test]
fn each_read_leaves_its_intent_and_its_result_in_the_chain_of_its_case() {
    let stub = source();
    let proxy = Proxy::builder().source("main", &stub.url).start();
    let session = proxy.sign_in();
    let answer = session.ask(
        &format!("GET {QUERY}?query=up"),
        "x-casebook-case: P90 burns\r\n",
    );
    assert_eq!(
        (answer.status, answer.header("x-casebook-seq")),
        (200, Some("1"))
    );
    proxy.result("complete");

    let own = session.get("/api/v1/audit?case=P90%20burns").text();
    let records: Vec<serde_json::Value> = own
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [intent, result] = &records[..] else {
        panic!("{own}")
    };
    assert_eq!(
        (&intent["phase"], &intent["op"], &intent["target"]),
        (&"intent".into(), &"prometheus.query".into(), &"main".into())
    );
    assert_eq!(
        (&intent["params"]["query"], &intent["actor"]),
        (&"up".into(), &"ada".into())
    );
    assert_eq!(
        Some(intent["request_id"].as_str().unwrap()),
        answer.header("x-request-id")
    );
    assert_eq!(
        Some(intent["hash"].as_str().unwrap()),
        answer.header("x-casebook-hash")
    );
    assert_eq!(
        (
            &result["phase"],
            &result["intent"],
            &result["status"],
            &result["bytes"]
        ),
        (&"result".into(), &1.into(), &200.into(), &2.into())
    );
    assert_eq!(
        result["digest"],
        casebook_wire::sha256_hex(b"{}"),
        "the digest is of what the browser decodes"
    );

    let anchor = Head {
        seq: 1,
        hash: answer.header("x-casebook-hash").unwrap().to_owned(),
    };
    assert!(matches!(
        verify("P90 burns", &own, Some(&anchor)),
        Verdict::Intact { records: 2, .. }
    ));
    assert_eq!(
        session
            .get("/api/v1/audit?case=P90%20burns&from=2")
            .text()
            .lines()
            .count(),
        1
    );
    assert_eq!(session.get("/api/v1/audit?form=2").status, 400);
    assert!(
        verify_log(&log(&proxy), [])
            .iter()
            .all(|(_, verdict)| verdict.is_intact())
    );
}

#[test]
fn a_refusal_is_recorded_with_its_reason() {
    let proxy = Proxy::builder().start();
    proxy.sign_in().get("/api/prom/other/api/v1/query?query=up");
    let record = proxy.result("has no source");
    assert_eq!(
        (&record["decision"], &record["target"]),
        (&"deny".into(), &"other".into())
    );
}

#[test]
fn a_cases_name_cannot_break_the_record() {
    let proxy = Proxy::builder()
        .source("main", "http://127.0.0.1:1")
        .start();
    let session = proxy.sign_in();
    for name in ["", "\u{e9}", &"x".repeat(129), "a\tb"] {
        let headers = format!("x-casebook-case: {name}\r\n");
        assert_eq!(
            session
                .ask(&format!("GET {QUERY}?query=up"), &headers)
                .status,
            400,
            "{name:?}"
        );
    }
}

#[test]
fn after_a_kill_in_mid_write_the_chain_goes_on_and_says_so() {
    let stub = source();
    let mut proxy = Proxy::builder().source("main", &stub.url).start();
    {
        let session = proxy.sign_in();
        for _ in 0..5 {
            session.get(&format!("{QUERY}?query=up"));
        }
    }
    wait_for("all records", || {
        (proxy.records().len() == 11).then_some(())
    });
    proxy.kill();
    let text = log(&proxy);
    assert_eq!(
        text.lines().count(),
        11,
        "a killed process loses no record that was written"
    );
    std::fs::write(proxy.state("audit.jsonl"), &text[..text.len() - 30]).unwrap();

    let again = Proxy::run(proxy.folder.clone(), "");
    again.sign_in();
    assert!(
        again.stderr().contains("torn last line"),
        "{}",
        again.stderr()
    );
    let records = again.records();
    assert_eq!(records[10]["op"], "audit.torn_tail", "{records:#?}");
    assert!(matches!(
        verify_log(&log(&again), []).get("unfiled").unwrap(),
        Verdict::Intact { records: 12, .. }
    ));
    let kept = std::fs::read_dir(again.folder.path().join("state"))
        .unwrap()
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with("audit.torn-")
        });
    assert_eq!(kept.count(), 1);
}

#[test]
fn a_log_that_was_edited_is_shown_to_everyone() {
    let mut proxy = Proxy::builder().start();
    proxy.sign_in();
    proxy.terminate();
    let text = log(&proxy);
    assert!(text.contains("\"actor\":\"ada\""));
    std::fs::write(
        proxy.state("audit.jsonl"),
        text.replace("\"actor\":\"ada\"", "\"actor\":\"eve\""),
    )
    .unwrap();
    let again = Proxy::run(proxy.folder.clone(), "");
    let banner = again.sign_in().get("/api/v1/catalog").json()["banner"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(banner.contains("line 1"), "{banner}");
}

#[test]
fn when_the_disk_is_full_reads_go_on_under_a_banner_and_the_gap_is_told() {
    let stub = source();
    // A limit on file size stands for the full disk: 8 blocks of 512 bytes.
    let proxy = Proxy::builder()
        .source("main", &stub.url)
        .before("trap '' XFSZ; ulimit -S -f 8")
        .start();
    let session = proxy.sign_in();
    let read = || session.get(&format!("{QUERY}?query=up"));
    for _ in 0..20 {
        read();
    }
    let last = read();
    assert_eq!((last.status, last.text().as_str()), (200, "{}"));
    assert_eq!(
        last.header("x-casebook-seq"),
        None,
        "what is not recorded has no place in the record"
    );
    let banner = session.get("/api/v1/catalog").json()["banner"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(banner.contains("cannot write its audit log"), "{banner}");
    assert!(log(&proxy).ends_with("}\n"), "no half line stays behind");

    let pid = proxy.pid().to_string();
    let freed = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited"])
        .status()
        .unwrap();
    assert!(freed.success());
    assert!(read().header("x-casebook-seq").is_some());
    assert_eq!(
        session.get("/api/v1/catalog").json()["banner"],
        serde_json::Value::Null
    );
    let gap = wait_for("the gap to be told", || {
        proxy
            .records()
            .into_iter()
            .find(|record| record["op"] == "audit.gap")
    });
    assert!(
        gap["reason"]
            .as_str()
            .unwrap()
            .ends_with("records could not be written"),
        "{gap}"
    );
    assert!(
        verify_log(&log(&proxy), [])
            .iter()
            .all(|(_, verdict)| verdict.is_intact())
    );
}

#[test]
fn many_at_once_stay_linked() {
    let stub = source();
    let proxy = Proxy::builder().source("main", &stub.url).start();
    let cookie = proxy.sign_in().cookie;
    let all: Vec<_> = (0..40)
        .map(|number| {
            let mut stream = std::net::TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
            write!(stream, "GET {QUERY}?query=up HTTP/1.1\r\nhost: localhost:{}\r\ncookie: {cookie}\r\nx-casebook-case: case{}\r\n\r\n", proxy.port, number % 4).unwrap();
            stream
        })
        .collect();
    for mut stream in all {
        assert_eq!(support::read_answer(&mut stream, false).status, 200);
    }
    wait_for("all records", || {
        (proxy.records().len() == 81).then_some(())
    });
    let verdicts = verify_log(&log(&proxy), []);
    assert_eq!(verdicts.iter().len(), 5);
    assert!(
        verdicts.iter().all(|(_, verdict)| verdict.is_intact()),
        "{verdicts:?}"
    );
}
