//! From the cloud to the host. If this failed, a cell could look at another machine than the one
//! whose core it found.

use crate::support::{Answer, Proxy, Session};
use casebook_lab::{Moto, MotoSettings, Sshd, SshdSettings};
use serde_json::{Value, json};

fn stat(session: &Session<'_>, host: &str, sshd: &Sshd) -> Answer {
    let asked = json!({"host": host, "command": "stat", "params": {"path": sshd.core()}});
    session.post_json("/api/v1/ssh/run", &asked)
}

#[test]
fn an_instance_id_leads_to_the_address_that_aws_gives() {
    let moto = Moto::start_blocking(&MotoSettings::default()).unwrap();
    let sshd = Sshd::start_blocking(&SshdSettings::default()).unwrap();
    let config = sshd.config("{ aws = \"main\" }");
    let proxy = Proxy::builder()
        .tables(&moto.config("main"))
        .tables(&config)
        .start();
    let session = proxy.sign_in();
    let tags = json!({"tags": {"kind": "object4"}});
    let found = session.post_json("/api/v1/aws/main/instance", &tags).json();
    let address = found["instance"]["private_ip"].as_str().unwrap();
    let id = found["instance"]["instance_id"].as_str().unwrap();

    let seen = stat(&session, id, &sshd);
    assert_eq!(seen.status, 200, "{}", seen.text());
    let text = seen.text();
    let start: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(start["host"], id);
    assert_eq!(start["address"], format!("{address}:{}", sshd.port()));

    for (stranger, want) in [
        ("i-0000000000000000f", "No instance of the account main"),
        (address, "may reach no host"),
        ("i-*", "may reach no host"),
    ] {
        let refused = stat(&session, stranger, &sshd);
        assert_eq!(refused.status, 404, "{}", refused.text());
        refused.error_type();
        assert!(refused.text().contains(want), "{}", refused.text());
    }
}
