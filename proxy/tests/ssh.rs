//! Hosts by SSH, against the real OpenSSH server. If these failed, a cell could read or run what
//! nobody allowed, or take a command that was killed for one that found nothing.

use crate::support::{Answer, Proxy, Session, signal, wait_for};
use casebook_lab::{Sshd, SshdSettings};
use serde_json::{Value, json};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const HOST: &str = "127.0.0.2";

fn lab() -> Sshd {
    Sshd::start_blocking(&SshdSettings::default()).unwrap()
}

/// A proxy that reaches the lab's hosts, with further keys of `[ssh]`.
fn proxy_of(sshd: &Sshd, limits: &str) -> Proxy {
    let config = sshd.config("{ address = \"127.0.0.*\" }");
    let limits = format!("[ssh.limits]\n{limits}\n");
    Proxy::builder().tables(&config).tables(&limits).start()
}

fn run(session: &Session<'_>, command: &str, params: &Value) -> Answer {
    let asked = json!({"host": HOST, "command": command, "params": params});
    session.post_json("/api/v1/ssh/run", &asked)
}

/// The answer's lines, put together.
#[derive(Debug, Default, PartialEq)]
struct Told {
    line: String,
    stdout: String,
    stderr: String,
    exit: Value,
}

fn told(answer: &Answer) -> Told {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    assert!(answer.whole);
    let mut told = Told::default();
    for line in answer.text().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert!(told.exit.is_null(), "{line} after the end");
        let text = || event["text"].as_str().unwrap();
        match event["event"].as_str().unwrap() {
            "start" => told.line = event["line"].as_str().unwrap().to_owned(),
            "stdout" => told.stdout += text(),
            "stderr" => told.stderr += text(),
            "exit" => told.exit = event.clone(),
            other => panic!("{other}"),
        }
    }
    assert!(!told.line.is_empty() && !told.exit.is_null());
    told
}

fn path(path: &Path) -> Value {
    json!({"path": path})
}

fn flags(told: &Told) -> [&Value; 3] {
    ["lost", "truncated", "timed_out"].map(|flag| &told.exit[flag])
}

#[test]
fn a_folder_and_its_core_are_seen() {
    let sshd = lab();
    let proxy = proxy_of(&sshd, "");
    let session = proxy.sign_in();

    let listed = told(&run(&session, "ls", &path(&sshd.crash())));
    assert!(listed.stdout.contains(" core\n"), "{listed:?}");
    assert_eq!(
        listed.line,
        format!(
            "ls -lab --time-style=full-iso -- {}",
            sshd.crash().display()
        )
    );
    assert_eq!(
        (&listed.exit["status"], &listed.stderr),
        (&json!(0), &String::new())
    );
    assert_eq!(flags(&listed), [&json!(false); 3]);

    let seen = told(&run(&session, "stat", &path(&sshd.core())));
    assert!(seen.stdout.contains("Size: 65536"), "{seen:?}");

    let sum = told(&run(&session, "sha256sum", &path(&sshd.core())));
    let digest = casebook_wire::sha256_hex(&[0x7f; 64 << 10]);
    assert_eq!(sum.stdout.split(' ').next(), Some(digest.as_str()));

    fs::write(sshd.crash().join("log"), "one\ntwo\nthree\n").unwrap();
    let log = sshd.crash().join("log");
    let last = told(&run(&session, "tail", &json!({"path": log, "lines": 2})));
    assert_eq!(last.stdout, "two\nthree\n");

    let space = told(&run(&session, "df", &path(&sshd.crash())));
    assert!(space.stdout.starts_with("Filesystem"), "{space:?}");
    let processes = told(&run(&session, "ps", &json!({})));
    assert!(processes.stdout.contains("sshd"), "{processes:?}");
}

#[test]
fn what_is_not_there_is_told_by_the_host_itself() {
    let sshd = lab();
    let proxy = proxy_of(&sshd, "");
    let session = proxy.sign_in();
    let missing = told(&run(&session, "stat", &path(&sshd.crash().join("gone"))));
    assert!(
        missing.stderr.contains("No such file or directory"),
        "{missing:?}"
    );
    assert_eq!(
        (&missing.exit["status"], &missing.stdout),
        (&json!(1), &String::new())
    );
}

#[test]
fn each_command_is_recorded_before_the_host_is_asked_and_after() {
    let sshd = lab();
    let proxy = proxy_of(&sshd, "");
    let session = proxy.sign_in();
    let answer = run(&session, "stat", &path(&sshd.core()));
    let seen = told(&answer);
    let result = proxy.result("ended with status 0");
    let records = proxy.records();
    let intent = records
        .iter()
        .find(|record| record["op"] == "ssh.stat" && record["phase"] == "intent")
        .unwrap();
    assert_eq!(result["intent"], intent["seq"]);
    assert_eq!(answer.header("x-casebook-hash"), intent["hash"].as_str());
    assert_eq!(
        (&intent["target"], &intent["actor"]),
        (&json!(HOST), &json!("ada"))
    );
    assert_eq!(intent["params"]["path"], json!(sshd.core()));
    assert_eq!(result["params"]["line"], json!(seen.line));
    assert_eq!(
        result["digest"],
        json!(casebook_wire::sha256_hex(&answer.body))
    );

    let refused = run(&session, "rm", &json!({}));
    assert_eq!(refused.status, 400);
    let denied = proxy.result("There is no command \"rm\"");
    assert_eq!(
        (&denied["decision"], &denied["op"]),
        (&json!("deny"), &json!("ssh.rm"))
    );
}

#[test]
fn no_record_no_command() {
    let sshd = lab();
    let proxy = proxy_of(&sshd, "");
    let session = proxy.sign_in();
    // A folder where the log should be: a disk that cannot be written.
    fs::rename(proxy.state("audit.jsonl"), proxy.state("audit.1")).unwrap();
    fs::create_dir(proxy.state("audit.jsonl")).unwrap();
    let before = sshd.log();
    let refused = run(&session, "stat", &path(&sshd.core()));
    assert_eq!(
        (refused.status, refused.error_type().as_str()),
        (503, "audit")
    );
    assert_eq!(sshd.log(), before);
}

#[test]
fn a_hostile_path_opens_nothing() {
    let sshd = lab();
    let proxy = proxy_of(&sshd, "");
    let session = proxy.sign_in();
    let crash = sshd.crash().display().to_string();
    for bad in [
        "-R",
        "--help",
        "core",
        "",
        "/",
        "/etc/shadow",
        &format!("{crash}/../../etc/shadow"),
        &format!("{crash}/.."),
        &format!("{crash}/./core"),
        &format!("{crash}//core"),
        &format!("{crash}/a\nb"),
        &format!("{crash}/a\0b"),
        &format!("{crash}ed/core"),
    ] {
        let refused = run(&session, "stat", &json!({"path": bad}));
        assert!(
            matches!(refused.status, 400 | 403),
            "{bad:?}: {}",
            refused.text()
        );
        refused.error_type();
    }
    let log = sshd.log();
    assert!(!log.contains("Accepted"), "a host was asked: {log}");

    // Names that a shell would read are only names.
    let proof = sshd.crash().join("proof");
    for name in [
        "a b",
        "it's",
        "$(touch proof)",
        "`touch proof`",
        ";touch proof;",
        "-la",
        "*",
        "\"",
        "\\",
        "é…",
    ] {
        let file = sshd.crash().join(name);
        fs::write(&file, name).unwrap();
        let seen = told(&run(&session, "tail", &path(&file)));
        assert_eq!(
            (seen.stdout.as_str(), &seen.exit["status"]),
            (name, &json!(0)),
            "{seen:?}"
        );
    }
    assert!(!proof.exists() && !Path::new("proof").exists());
}

#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let sshd = lab();
    let proxy = proxy_of(&sshd, "");
    let session = proxy.sign_in();
    let out = sshd.crash().join("out");
    symlink("/etc", &out).unwrap();
    for link in [out.clone(), out.join("passwd")] {
        let refused = run(&session, "tail", &path(&link));
        assert_eq!(
            (refused.status, refused.error_type().as_str()),
            (403, "denied")
        );
        assert!(
            refused.text().contains("leads to /etc"),
            "{}",
            refused.text()
        );
    }
    let denied = proxy.result("leads to /etc/passwd");
    assert_eq!(denied["decision"], "deny");

    let within = sshd.crash().join("within");
    symlink(sshd.core(), &within).unwrap();
    let seen = told(&run(&session, "stat", &path(&within)));
    assert!(seen.line.ends_with("/crash/core"), "{seen:?}");
}

/// The process that the lab's host runs on this file.
fn process_on(file: &Path) -> u32 {
    wait_for("the command on the host", || find_process(file))
}

fn find_process(file: &Path) -> Option<u32> {
    let wanted = file.to_str().unwrap();
    fs::read_dir("/proc").unwrap().find_map(|entry| {
        let folder = entry.unwrap().path();
        let words = fs::read(folder.join("cmdline")).unwrap_or_default();
        let words: Vec<String> = words
            .split(|byte| *byte == 0)
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        let ours = words.first().is_some_and(|word| word == "tail")
            && words.iter().any(|word| word == wanted);
        ours.then(|| folder.file_name()?.to_str()?.parse().ok())?
    })
}

/// A named pipe on the host, at which a command hangs until the test is over.
struct Pipe(PathBuf);

impl Pipe {
    fn new(sshd: &Sshd) -> Pipe {
        let pipe = sshd.crash().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        Pipe(pipe)
    }

    /// sshd passes a signal on to the commands of any login but root's (session.c of OpenSSH 9.2:
    /// "session signalling requires privilege separation", which it ends for root).
    fn ends_on_the_host(&self, sshd: &Sshd) {
        if sshd.user() == "root" {
            self.release();
        }
        wait_for("the end of the command on the host", || {
            find_process(&self.0).is_none().then_some(())
        });
    }

    /// Lets every reader see the end of the pipe. Opened for both, so as not to wait for a reader.
    fn release(&self) {
        drop(OpenOptions::new().read(true).write(true).open(&self.0));
    }
}

impl Drop for Pipe {
    /// However the test ended, nothing waits on the host for ever.
    fn drop(&mut self) {
        self.release();
    }
}

#[test]
fn a_command_that_is_killed_is_told_apart_from_one_that_ended() {
    let sshd = lab();
    let proxy = proxy_of(&sshd, "");
    let pipe = Pipe::new(&sshd);
    let answer = std::thread::scope(|scope| {
        let asked = scope.spawn(|| run(&proxy.sign_in(), "tail", &path(&pipe.0)));
        signal(process_on(&pipe.0), "KILL");
        asked.join().unwrap()
    });
    let killed = told(&answer);
    // A shell that became the command shows the signal; one that waits for it shows 128 + 9.
    let how = (&killed.exit["status"], &killed.exit["signal"]);
    let expected = [(&Value::Null, &json!("KILL")), (&json!(137), &Value::Null)];
    assert!(expected.contains(&how), "{killed:?}");
}

#[test]
fn a_command_that_hangs_is_told_to_end() {
    let sshd = lab();
    let proxy = proxy_of(&sshd, "time = \"1s\"");
    let pipe = Pipe::new(&sshd);
    let hung = told(&run(&proxy.sign_in(), "tail", &path(&pipe.0)));
    assert_eq!(flags(&hung), [&json!(false), &json!(false), &json!(true)]);
    assert_eq!(hung.exit["status"], Value::Null);
    let result = proxy.result("longer than ssh.limits.time");
    assert!(result.get("digest").is_none());
    pipe.ends_on_the_host(&sshd);
}

#[test]
fn a_command_that_floods_is_cut_at_the_cap() {
    let sshd = lab();
    let proxy = proxy_of(&sshd, "output = \"64KiB\"");
    let flood = sshd.crash().join("flood");
    fs::write(&flood, "x".repeat(99) + "\n").unwrap();
    fs::write(&flood, fs::read_to_string(&flood).unwrap().repeat(10_000)).unwrap();
    let asked = json!({"path": flood, "lines": 10_000});
    let cut = told(&run(&proxy.sign_in(), "tail", &asked));
    assert_eq!(flags(&cut), [&json!(false), &json!(true), &json!(false)]);
    assert_eq!(cut.stdout.len(), 64 << 10);
    proxy.result("more than ssh.limits.output");
}

#[test]
fn a_browser_that_goes_away_ends_the_command() {
    let sshd = lab();
    let proxy = proxy_of(&sshd, "");
    let pipe = Pipe::new(&sshd);
    let session = proxy.sign_in();
    {
        let body = json!({"host": HOST, "command": "tail", "params": {"path": pipe.0}}).to_string();
        let head = session.headers("content-type: application/json\r\n");
        let request = format!(
            "POST /api/v1/ssh/run HTTP/1.1\r\nhost: localhost:{}\r\n{head}content-length: {}\r\n\r\n{body}",
            proxy.port,
            body.len()
        );
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        process_on(&pipe.0);
    }
    proxy.result("the browser went away");
    pipe.ends_on_the_host(&sshd);
}

#[test]
fn a_host_that_no_rule_holds_is_never_reached() {
    let sshd = lab();
    let config = sshd.config("{ name = \"web1\", address = \"127.0.0.3\" }");
    let proxy = Proxy::builder().tables(&config).start();
    let session = proxy.sign_in();
    let ask = |host: &str| {
        let asked = json!({"host": host, "command": "ps"});
        session.post_json("/api/v1/ssh/run", &asked)
    };
    assert_eq!(told(&ask("web1")).exit["status"], 0);
    for host in [
        "127.0.0.3",
        "127.0.0.2",
        "localhost",
        "-oProxyCommand=id",
        "",
    ] {
        let refused = ask(host);
        assert_eq!(
            (refused.status, refused.error_type().as_str()),
            (404, "no_host")
        );
        assert!(refused.text().contains("Ask for one of: web1."));
    }
    let catalog = session.get("/api/v1/catalog").json();
    assert_eq!(catalog["ssh"]["hosts"], json!(["web1"]));
    assert_eq!(catalog["ssh"]["read"], json!([sshd.crash()]));
    let commands = catalog["ssh"]["commands"].as_array().unwrap();
    assert!(commands.iter().any(|command| command["name"] == "ls"));

    let none = Proxy::builder().start();
    let refused = none.sign_in().post_json("/api/v1/ssh/run", &json!({}));
    assert_eq!(refused.status, 404);
    assert!(refused.text().contains("[ssh]"));
}
