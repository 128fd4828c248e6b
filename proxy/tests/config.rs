//! The command line and its configuration. If these failed, a typing error would cost an evening.

use crate::support::{self, Proxy, run_to_end};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};

fn check(text: &str) -> (bool, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("casebook.toml"), text).unwrap();
    run_to_end(&["check-config", "casebook.toml"], folder.path())
}

#[test]
fn the_example_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/casebook.example.toml");
    let (good, out, error) = run_to_end(&["check-config", example], folder.path());
    assert!(
        good && out.contains("good; Prometheus sources: main"),
        "{out}{error}"
    );
}

/// A newcomer takes the `# ` away from the lines that they want; here, from all of them.
#[test]
fn the_example_is_good_with_all_that_it_offers() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["prometheus.token", "ca.pem", "casebook_key", "known_hosts"] {
        std::fs::write(folder.path().join(file), "").unwrap();
    }
    let example = include_str!("../casebook.example.toml");
    let offered = |line: &str| {
        let rest = line.strip_prefix("# ")?;
        let key = rest.split(" = ").next()?;
        let is_key = key != rest && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        (is_key || rest.starts_with('[')).then(|| rest.to_owned())
    };
    let lines: Vec<String> = example
        .lines()
        .map(|line| offered(line).unwrap_or_else(|| line.to_owned()))
        .collect();
    std::fs::write(folder.path().join("casebook.toml"), lines.join("\n")).unwrap();
    let (good, out, error) = run_to_end(&["check-config", "casebook.toml"], folder.path());
    let offers = "Prometheus sources: main; AWS accounts: main; hosts by SSH: instance ids of main, the addresses 10.20.*, web1";
    assert!(good && out.contains(offers), "{out}{error}");
}

#[test]
fn what_the_readme_says_to_write_is_good() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["casebook_key", "known_hosts"] {
        std::fs::write(folder.path().join(file), "").unwrap();
    }
    let readme = include_str!("../../README.md");
    let blocks = readme.split("```toml").skip(1);
    let text: String = blocks.filter_map(|rest| rest.split("```").next()).collect();
    std::fs::write(folder.path().join("casebook.toml"), text).unwrap();
    let (good, out, error) = run_to_end(&["check-config", "casebook.toml"], folder.path());
    let says = "Prometheus sources: main; AWS accounts: main; hosts by SSH: instance ids of main";
    assert!(good && out.contains(says), "{out}{error}");
}

#[test]
fn what_is_wrong_is_named_by_line_and_key() {
    for (text, wants) in [
        (
            "[server]\nlisten_prot = 1\n",
            "casebook.toml:2: server.listen_prot: unknown field `listen_prot`, expected one of",
        ),
        ("[sever]\n", "casebook.toml:1: sever: unknown field `sever`"),
        (
            "\n\n[prometheus.main]\nurl = \"http://h\"\ntimeout = \"soon\"\n",
            "casebook.toml:5: prometheus.main.timeout: \"soon\" is no duration; write one like",
        ),
        (
            "[prometheus.main]\nurl = 5\n",
            "casebook.toml:2: prometheus.main.url: ",
        ),
        (
            "[prometheus.main]\nurl = \"http://h\"\nbearer_token = \"x\"\n",
            "casebook.toml:3: prometheus.main.bearer_token: unknown field",
        ),
        (
            "[prometheus.main]\nurl = \"http://h\"\nbearer_file = \"none\"\n",
            "casebook.toml:3: prometheus.main.bearer_file: cannot read none",
        ),
        (
            "[prometheus.main]\nurl = \"http://169.254.169.254/latest\"\n",
            "casebook.toml:2: prometheus.main.url: this is an address of cloud metadata",
        ),
        (
            "[server]\npublic_hosts = [\"*\"]\n",
            "casebook.toml:2: server.public_hosts: \"*\" is no host name",
        ),
        (
            "[aws.main]\nregions = [\"useast1\"]\n",
            "casebook.toml:2: aws.main.regions: \"useast1\" is no region; write one like",
        ),
        (
            "[aws.main]\nregions = [\"us-east-1\"]\ncredentials = { access_key_file = \"none\", secret_key_file = \"none\" }\n",
            "casebook.toml:3: aws.main.credentials: cannot read none",
        ),
        ("x", "casebook.toml:1: "),
    ] {
        let (good, _, error) = check(text);
        assert!(!good, "{text}");
        assert!(
            error.starts_with(&format!("error: {wants}")),
            "{text}\ngave {error}\nwanted {wants}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let (good, _, error) = run_to_end(&["check-config", "none.toml"], folder.path());
    assert!(
        !good && error.contains("none.toml: cannot be read"),
        "{error}"
    );
}

#[test]
fn help_names_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let (good, out, _) = run_to_end(&["--help"], folder.path());
    assert!(good);
    for command in ["serve", "drill", "link", "check-config"] {
        assert!(out.contains(command), "{out}");
    }
    let (good, out, _) = run_to_end(&["--version"], folder.path());
    assert!(good && out.trim() == "casebook-proxy 0.1.0");
}

#[test]
fn a_taken_port_is_named_on_either_address() {
    for ip in [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ] {
        // Not any port: another program may have the same one on the other address.
        let port = casebook_lab::free_port().unwrap();
        let Ok(_other) = TcpListener::bind((ip, port)) else {
            continue;
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("site")).unwrap();
        std::fs::write(folder.path().join("site/index.html"), "x").unwrap();
        let config = format!("[server]\nlisten_port = {port}\nops_port = 0\nsite = \"site\"\n");
        std::fs::write(folder.path().join("casebook.toml"), config).unwrap();
        let (good, _, error) = run_to_end(&["serve"], folder.path());
        assert!(
            !good && error.contains(&format!("port {port} of {ip} is taken")),
            "{error}"
        );
        assert!(error.contains("server.listen_port"), "{error}");
    }
}

#[test]
fn both_loopback_addresses_answer_and_no_other() {
    let proxy = Proxy::builder().start();
    assert!(std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port)).is_ok());
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        assert!(std::net::TcpStream::connect((Ipv6Addr::LOCALHOST, proxy.port)).is_ok());
    }
    assert!(std::net::TcpStream::connect(("127.0.0.2", proxy.port)).is_err());
}

#[test]
fn two_proxies_cannot_share_a_state_dir() {
    let proxy = Proxy::builder().start();
    let (good, _, error) = run_to_end(&["serve"], proxy.folder.path());
    assert!(
        !good && error.contains("belongs to another casebook-proxy"),
        "{error}"
    );
}

#[cfg(feature = "drill")]
#[test]
fn the_drill_is_a_source_like_any_other_and_stays_on_loopback() {
    let address = format!("127.0.0.1:{}", casebook_lab::free_port().unwrap());
    let mut drill = std::process::Command::new(env!("CARGO_BIN_EXE_casebook-proxy"))
        .args(["drill", "--listen", &address])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let proxy = Proxy::builder()
        .source("main", &format!("http://{address}"))
        .start();
    let session = proxy.sign_in();
    let answer = support::wait_for("the drill", || {
        let answer = session.get("/api/prom/main/api/v1/query?query=count(level)");
        (answer.status == 200).then_some(answer)
    });
    assert_eq!(
        answer.json()["data"]["result"][0]["value"][1],
        "8",
        "{}",
        answer.text()
    );
    support::signal(drill.id(), "TERM");
    assert!(drill.wait().unwrap().success());

    let (good, _, error) = run_to_end(&["drill", "--listen", "0.0.0.0:0"], proxy.folder.path());
    assert!(!good && error.contains("loopback"), "{error}");
}
