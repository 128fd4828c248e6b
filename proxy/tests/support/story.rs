//! The steps of an incident's story that a test takes in one go.

use super::proxy::{Proxy, Session};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

/// Standard output of a command on a host.
pub fn run(session: &Session<'_>, host: &str, command: &str, params: &Value) -> String {
    let asked = json!({"host": host, "command": command, "params": params});
    let answer = session.post_json("/api/v1/ssh/run", &asked);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut stdout = String::new();
    let mut status = None;
    for line in answer.text().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        match event["event"].as_str().unwrap() {
            "stdout" => stdout += event["text"].as_str().unwrap(),
            "exit" => status = event["status"].as_u64(),
            _ => {}
        }
    }
    assert_eq!(status, Some(0), "{}", answer.text());
    stdout
}

/// Approves a plan at the terminal, and applies it.
pub fn carry_out(proxy: &Proxy, session: &Session<'_>, plan: &Value, host: &str) {
    let id = plan["id"].as_str().unwrap();
    let mut approve = Command::new(env!("CARGO_BIN_EXE_casebook-proxy"))
        .args(["approve", id, "--config"])
        .arg(proxy.config())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = approve.stdin.take().unwrap();
    writeln!(stdin, "{host}").unwrap();
    assert!(approve.wait().unwrap().success());
    let applied = session.post_json(&format!("/api/v1/plans/{id}/apply"), &json!({}));
    assert_eq!(applied.json()["state"], "applied", "{}", applied.text());
}
