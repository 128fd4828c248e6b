//! The incident against the real servers, solved through the proxy. If this failed, what cures the
//! drill would not cure anything real.

use crate::support::{Proxy, carry_out, run, wait_for};
use casebook_lab::{Lab, LabSettings, now};
use serde_json::json;

#[test]
fn the_culprit_is_ill_until_its_real_core_is_moved() {
    let settings = LabSettings {
        hosts: true,
        ..LabSettings::burning_now()
    };
    let lab = Lab::start_blocking(&settings).unwrap();
    let sshd = lab.sshd().unwrap();
    let proxy = Proxy::builder().tables(&lab.config()).start();
    let session = proxy.sign_in();
    let ill = || lab.exporter().switch().fleet().incident().is_ill(now() + 1);

    let labels = json!({"labels": {"which": "object4", "instance": "10.0.0.5:9100"}});
    let found = session.post_json("/api/v1/aws/main/instance", &labels);
    assert_eq!(found.status, 200, "{}", found.text());
    let instance = &found.json()["instance"];
    let host = instance["instance_id"].as_str().unwrap();
    assert_eq!(Some(host), lab.moto().map(|moto| moto.instance("object4")));
    let listing = run(&session, host, "ls", &json!({"path": sshd.crash()}));
    assert!(listing.contains(" core\n"), "{listing}");

    let asked = json!({"kind": "quarantine", "host": host, "path": sshd.core()});
    let plan = session.post_json("/api/v1/plans", &asked).json();
    assert!(ill(), "before the move");
    carry_out(&proxy, &session, &plan, host);
    assert!(!sshd.core().exists());
    wait_for("a scrape without the core", || (!ill()).then_some(()));

    let undo = format!("/api/v1/plans/{}/undo", plan["id"].as_str().unwrap());
    let undo = session.post_json(&undo, &json!({})).json();
    carry_out(&proxy, &session, &undo, host);
    assert!(sshd.core().exists());
    wait_for("a scrape with the core", || ill().then_some(()));
}
