//! Whose word is taken for a host's. If these failed, someone in between could answer in its name.

use crate::support::{Answer, Proxy, Session};
use casebook_lab::{Sshd, SshdSettings};
use serde_json::json;
use std::fs;
use std::net::TcpListener;
use std::process::Command;

const HOST: &str = "127.0.0.2";

fn start(keys: &str) -> (Sshd, Proxy) {
    let sshd = Sshd::start_blocking(&SshdSettings::default()).unwrap();
    let config = sshd.config("{ address = \"127.0.0.*\" }");
    let config = config.replacen("[ssh]\n", &format!("[ssh]\n{keys}\n"), 1);
    let proxy = Proxy::builder().tables(&config).start();
    (sshd, proxy)
}

fn ps(session: &Session<'_>) -> Answer {
    session.post_json("/api/v1/ssh/run", &json!({"host": HOST, "command": "ps"}))
}

/// A key of this type that is nobody's: type and base64.
fn other_key(sshd: &Sshd, kind: &str) -> String {
    let file = sshd.crash().join(format!("other-{kind}"));
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-N", "", "-f"])
        .arg(&file)
        .status();
    assert!(made.unwrap().success());
    let text = fs::read_to_string(file.with_extension("pub")).unwrap();
    text.split_whitespace()
        .take(2)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The fingerprint of a public key, as ssh-keygen tells it.
fn fingerprint(sshd: &Sshd, key: &str) -> String {
    let file = sshd.crash().join("asked.pub");
    fs::write(&file, key).unwrap();
    let output = Command::new("ssh-keygen")
        .arg("-lf")
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn only_the_known_key_is_trusted_and_the_refusal_says_what_was_seen_and_expected() {
    let (sshd, proxy) = start("");
    let session = proxy.sign_in();
    let name = format!("[{HOST}]:{}", sshd.port());
    let ours = sshd.host_key();
    let other = other_key(&sshd, "ed25519");
    let ecdsa = other_key(&sshd, "ecdsa");
    let rsa = other_key(&sshd, "rsa");
    let seen = fingerprint(&sshd, &ours);

    assert_eq!(ps(&session).status, 200);
    for (known_hosts, wants) in [
        (String::new(), vec![&seen, "holds no key"]),
        (format!("{HOST} {ours}\n"), vec![&seen, "holds no key"]),
        (
            format!("{name} {other}\n"),
            vec![&seen, "expects ssh-ed25519", &fingerprint(&sshd, &other)],
        ),
        // The host has no key of the known type: the one that it has is told all the same.
        (
            format!("{name} {ecdsa}\n"),
            vec![&seen, "expects ecdsa", &fingerprint(&sshd, &ecdsa)],
        ),
        (
            format!("{name} {rsa}\n"),
            vec![&seen, "expects ssh-rsa", &fingerprint(&sshd, &rsa)],
        ),
        (
            format!("{name} {ours}\n@revoked * {ours}\n"),
            vec![&seen, "revoked"],
        ),
        (
            format!("@cert-authority * {ours}\n"),
            vec![&seen, "@cert-authority", "not supported yet"],
        ),
        (
            format!("{name} {ours}\n@revoked * ssh-ed25519 AAAAgarbage\n"),
            vec!["Line 2 of known_hosts", &seen],
        ),
    ] {
        sshd.trust(&known_hosts).unwrap();
        let refused = ps(&session);
        assert_eq!(
            (refused.status, refused.error_type().as_str()),
            (502, "ssh_host_key"),
            "{known_hosts}"
        );
        for want in wants {
            assert!(
                refused.text().contains(want),
                "{want} in {}",
                refused.text()
            );
        }
        assert!(refused.text().contains("Nothing was run."));
    }
    proxy.result("holds no key");

    // The rules are read anew each time: no restart after the file was mended.
    sshd.trust(&format!(
        "# ours\n{name},web1 {ours} a comment\n{name} {rsa}\n"
    ))
    .unwrap();
    assert_eq!(ps(&session).status, 200);
}

#[test]
fn hashed_names_are_those_of_ssh_keygen() {
    let (sshd, proxy) = start("");
    let hashed = Command::new("ssh-keygen")
        .args(["-q", "-H", "-f"])
        .arg(sshd.known_hosts())
        .output()
        .unwrap();
    assert!(hashed.status.success());
    let text = fs::read_to_string(sshd.known_hosts()).unwrap();
    assert!(text.starts_with("|1|") && !text.contains(HOST), "{text}");
    assert_eq!(ps(&proxy.sign_in()).status, 200);
}

#[test]
fn known_hosts_that_cannot_be_read_close_every_door() {
    let (sshd, proxy) = start("");
    let session = proxy.sign_in();
    fs::remove_file(sshd.known_hosts()).unwrap();
    let refused = ps(&session);
    assert_eq!(
        (refused.status, refused.error_type().as_str()),
        (500, "ssh_configuration")
    );
    assert!(
        refused.text().contains("ssh.known_hosts"),
        "{}",
        refused.text()
    );
}

#[test]
fn a_login_that_the_host_refuses_is_told() {
    let (sshd, proxy) = start("");
    let session = proxy.sign_in();
    let other = other_key(&sshd, "ed25519");
    assert!(other.starts_with("ssh-ed25519"));
    fs::copy(sshd.crash().join("other-ed25519"), sshd.identity_file()).unwrap();
    let refused = ps(&session);
    assert_eq!(
        (refused.status, refused.error_type().as_str()),
        (502, "ssh_login")
    );
    assert!(
        refused.text().contains("authorized_keys"),
        "{}",
        refused.text()
    );

    fs::write(sshd.identity_file(), "no key").unwrap();
    let broken = ps(&session);
    assert_eq!(
        (broken.status, broken.error_type().as_str()),
        (500, "ssh_configuration")
    );
    assert!(
        broken.text().contains("ssh.identity_file"),
        "{}",
        broken.text()
    );
}

#[test]
fn a_host_that_is_down_or_silent_is_told_in_time() {
    let (sshd, proxy) = start("connect_timeout = \"1s\"");
    let session = proxy.sign_in();
    let asked = json!({"host": "127.0.0.77", "command": "ps"});
    let down = session.post_json("/api/v1/ssh/run", &asked);
    assert_eq!(
        (down.status, down.error_type().as_str()),
        (502, "ssh_unreachable")
    );
    assert!(down.text().contains("127.0.0.77"), "{}", down.text());

    // It takes the connection and says nothing.
    let silent = TcpListener::bind(("127.0.0.78", sshd.port())).unwrap();
    let asked = json!({"host": "127.0.0.78", "command": "ps"});
    let slow = session.post_json("/api/v1/ssh/run", &asked);
    assert_eq!(
        (slow.status, slow.error_type().as_str()),
        (504, "ssh_timeout")
    );
    drop(silent);
}
