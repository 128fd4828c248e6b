//! The drill's hosts as OpenSSH's own client meets them; if these fail, no one can look at a host
//! or cure the culprit in the practice incident.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where its helper finds nothing"
)]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use casebook_drill::fleet::CULPRIT;
use casebook_drill::{CORE, Drill, LOGIN, Settings, SshSettings, Switch};
use casebook_wire::command;
use casebook_wire::quarantine::{Call, Facts, moved};
use casebook_wire::run::Value;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const ONSET: i64 = 1_795_000_000;

struct Served {
    folder: TempDir,
    ssh: Vec<SocketAddr>,
    switch: Switch,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

fn settings(keys: &Path) -> Settings {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    Settings {
        listen: any,
        ec2: Some(any),
        ssh: Some(SshSettings {
            listen: any,
            keys: keys.to_owned(),
        }),
        onset: ONSET,
        seed: 1,
    }
}

async fn serve() -> Served {
    let folder = tempfile::tempdir().unwrap();
    let drill = Drill::bind(&settings(folder.path())).await.unwrap();
    let (ssh, switch) = (drill.ssh().unwrap(), drill.switch().clone());
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(drill.serve(async {
        stopped.await.ok();
    }));
    Served {
        folder,
        ssh,
        switch,
        stop,
        serving,
    }
}

impl Served {
    fn number_of(&self, which: &str) -> usize {
        let fleet = self.switch.fleet();
        let is_it = |server: &casebook_drill::fleet::Server| server.which == which;
        fleet.servers().iter().position(is_it).unwrap()
    }

    /// What OpenSSH's client says when it runs a line on a server.
    async fn run(&self, which: &str, line: &str) -> Output {
        self.run_as(LOGIN, "client_ed25519", which, &[line]).await
    }

    async fn run_as(&self, user: &str, key: &str, which: &str, rest: &[&str]) -> Output {
        let address = self.ssh[self.number_of(which)];
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        let known = format!("UserKnownHostsFile={}", file("known_hosts"));
        Command::new("ssh")
            .args(["-F", "none", "-T", "-p", &address.port().to_string()])
            .args(["-i", &file(key), "-o", &known])
            .args(["-o", "GlobalKnownHostsFile=none"])
            .args(["-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes"])
            .args(["-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"])
            .arg(format!("{user}@{}", address.ip()))
            .args(rest)
            .output()
            .await
            .unwrap()
    }

    fn is_ill(&self) -> bool {
        self.switch.fleet().incident().is_ill(now() + 2)
    }
}

fn now() -> i64 {
    casebook_drill::Clock::System.now_ms() / 1000
}

fn ls(path: &str) -> String {
    let params = BTreeMap::from([("path".to_owned(), Value::Text(path.to_owned()))]);
    command::line("ls", &params).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn openssh_sees_the_core_on_the_culprit_and_on_no_other_host() {
    let served = serve().await;
    for server in served.switch.fleet().servers() {
        let output = served.run(server.which, &ls("/var/crash")).await;
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let listing = text(&output.stdout);
        let cores = listing.lines().filter(|line| line.ends_with(" core"));
        let expected = usize::from(server.which == CULPRIT);
        assert_eq!(cores.count(), expected, "{}: {listing}", server.which);
    }
    let missing = served.run("object6", &ls(CORE)).await;
    assert_eq!(missing.status.code(), Some(2));
    let said = "ls: cannot access '/var/crash/core': No such file or directory\n";
    assert_eq!(
        (
            text(&missing.stdout).as_str(),
            text(&missing.stderr).as_str()
        ),
        ("", said)
    );
    let unknown = served.run(CULPRIT, "rm /var/crash/core").await;
    assert_eq!(unknown.status.code(), Some(127));
    assert_eq!(text(&unknown.stderr), "sh: rm: command not found\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_output_arrives_whole() {
    let served = serve().await;
    let params = BTreeMap::from([("path".to_owned(), Value::Text(CORE.to_owned()))]);
    let line = command::line("tail", &params).unwrap();
    let output = served.run(CULPRIT, &line).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    // lines of random bytes are some 256 bytes long, and two thirds of the core are zeros
    assert!(output.stdout.len() > 10_000, "{}", output.stdout.len());
    let newlines = output.stdout.iter().filter(|byte| **byte == b'\n').count();
    assert!((99..=100).contains(&newlines), "{newlines}");
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_the_core_over_ssh_cures_the_fleet_and_moving_it_back_makes_it_ill() {
    let served = serve().await;
    let target = "/var/quarantine/core.1";
    let preview = Call::Preview {
        path: CORE.to_owned(),
        target: target.to_owned(),
        roots: vec!["/var/crash".to_owned()],
    };
    let output = served.run(CULPRIT, &preview.line()).await;
    let facts = Facts::parse(&text(&output.stdout)).unwrap();
    assert!(served.is_ill());
    let relocate = |from: &str, to: &str, fingerprint: &str| Call::Move {
        plan: "p1".to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
        fingerprint: fingerprint.to_owned(),
    };
    let away = relocate(CORE, target, &facts.fingerprint).line();
    let output = served.run(CULPRIT, &away).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let arrived = moved(&text(&output.stdout)).unwrap();
    assert!(!served.is_ill());

    let back = relocate(target, CORE, &arrived).line();
    let output = served.run(CULPRIT, &back).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(served.is_ill());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_login_with_the_key_gets_in_and_gets_no_shell() {
    let served = serve().await;
    let stranger = served.folder.path().join("stranger");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&stranger)
        .status()
        .await
        .unwrap();
    assert!(made.success());
    for (user, key) in [("root", "client_ed25519"), (LOGIN, "stranger")] {
        let output = served.run_as(user, key, CULPRIT, &[&ls("/")]).await;
        assert_eq!(output.status.code(), Some(255));
        let said = text(&output.stderr);
        assert!(said.contains("Permission denied (publickey)"), "{said}");
    }
    for rest in [&[][..], &["-s", "sftp"]] {
        let output = served.run_as(LOGIN, "client_ed25519", CULPRIT, rest).await;
        assert_eq!(output.status.code(), Some(255), "{rest:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_stay_when_the_drill_is_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("not/there/yet");
    let first = Drill::bind(&settings(&keys)).await.unwrap();
    let read = |name: &str| std::fs::read(keys.join(name)).unwrap();
    let names = [
        "host_object4_ed25519",
        "client_ed25519",
        "client_ed25519.pub",
    ];
    let before = names.map(read);
    let again = Drill::bind(&settings(&keys)).await.unwrap();
    assert_eq!(names.map(read), before);
    for name in ["host_object4_ed25519", "client_ed25519"] {
        let mode = keys.join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    // each host by its own key, at the address of the latest start
    let known = text(&read("known_hosts"));
    let lines: Vec<&str> = known.lines().collect();
    assert_eq!(lines.len(), 8);
    let port = again.ssh().unwrap()[4].port();
    assert!(
        lines[4].starts_with(&format!("[127.0.0.1]:{port} ssh-ed25519 ")),
        "{known}"
    );
    let config = again.config().unwrap();
    let fleet = again.switch().fleet();
    let instance = &fleet.servers()[4].instance_id;
    let host = format!("{{ name = \"{instance}\", address = \"127.0.0.1\", port = {port} }}");
    assert!(config.contains(&host), "{config}");
    drop(first);

    std::fs::write(keys.join("client_ed25519"), "no key").unwrap();
    let failure = Drill::bind(&settings(&keys)).await.unwrap_err();
    assert!(
        failure
            .to_string()
            .contains("client_ed25519 is no private key"),
        "{failure}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_listens_any_more_when_the_drill_has_ended() {
    let served = serve().await;
    let address = served.ssh[0];
    std::net::TcpStream::connect(address).unwrap();
    served.stop.send(()).unwrap();
    served.serving.await.unwrap().unwrap();
    assert!(std::net::TcpStream::connect(address).is_err());
}
