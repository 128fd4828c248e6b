//! The practice incident, solved through the proxy. If this failed, `drill --state` would lead a
//! newcomer into a story that does not end.

use crate::support::{Proxy, carry_out, run, signal, wait_for};
use serde_json::json;
use std::fs;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const CORE: &str = "/var/crash/core";

/// The real binary's drill on free ports.
struct Drill {
    child: Child,
    folder: TempDir,
}

impl Drop for Drill {
    fn drop(&mut self) {
        signal(self.child.id(), "TERM");
        self.child.wait().unwrap();
    }
}

impl Drill {
    fn start() -> Drill {
        let folder = tempfile::tempdir().unwrap();
        let any = "127.0.0.1:0";
        let child = Command::new(env!("CARGO_BIN_EXE_casebook-proxy"))
            .args(["drill", "--listen", any, "--ec2", any, "--ssh", any])
            .arg("--state")
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Drill { child, folder }
    }

    /// The tables that lead a proxy to it.
    fn tables(&self) -> String {
        let path = self.folder.path().join("drill.toml");
        wait_for("the drill's tables", || fs::read_to_string(&path).ok())
    }
}

#[test]
fn the_label_leads_to_the_core_whose_move_cures_and_whose_return_makes_ill_again() {
    let drill = Drill::start();
    let proxy = Proxy::builder().tables(&drill.tables()).start();
    let session = proxy.sign_in();

    let labels = json!({"labels": {"which": "object4", "instance": "10.0.0.5:9100"}});
    let found = session.post_json("/api/v1/aws/main/instance", &labels);
    assert_eq!(found.status, 200, "{}", found.text());
    let host = found.json()["instance"]["instance_id"]
        .as_str()
        .unwrap()
        .to_owned();

    let listing = run(&session, &host, "ls", &json!({"path": "/var/crash"}));
    assert!(listing.contains(" core\n"), "{listing}");
    let last_words = || {
        let params = json!({"unit": "worker", "lines": 1});
        run(&session, &host, "journalctl", &params)
    };

    let asked = json!({"kind": "quarantine", "host": host, "path": CORE});
    let plan = session.post_json("/api/v1/plans", &asked).json();
    assert_eq!(plan["facts"]["size"], 4 << 20, "{plan}");
    carry_out(&proxy, &session, &plan, &host);
    let moved = run(&session, &host, "ls", &json!({"path": "/var/quarantine"}));
    assert!(moved.contains(" core."), "{moved}");
    wait_for("the worker to notice", || {
        last_words()
            .ends_with("/var/crash/core is gone: requests are served as usual\n")
            .then_some(())
    });

    let undo = format!("/api/v1/plans/{}/undo", plan["id"].as_str().unwrap());
    let undo = session.post_json(&undo, &json!({})).json();
    carry_out(&proxy, &session, &undo, &host);
    wait_for("the worker to notice", || {
        last_words()
            .contains("/var/crash/core is there")
            .then_some(())
    });
}
