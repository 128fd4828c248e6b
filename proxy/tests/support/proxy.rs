//! The real binary, with a small site, on free ports.

use super::answer::{Answer, exchange};
use super::wait_for;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// What to start.
pub struct ProxyBuilder {
    folder: TempDir,
    tables: String,
    limits: String,
    auth: String,
    before: String,
}

/// The running binary; killed when dropped.
pub struct Proxy {
    pub port: u16,
    pub ops_port: u16,
    pub link: String,
    pub folder: Arc<TempDir>,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
}

/// A signed-in user.
pub struct Session<'a> {
    proxy: &'a Proxy,
    pub cookie: String,
}

impl ProxyBuilder {
    /// A source at this url.
    pub fn source(self, name: &str, url: &str) -> ProxyBuilder {
        self.source_with(name, url, "")
    }

    /// A source with further keys.
    pub fn source_with(mut self, name: &str, url: &str, keys: &str) -> ProxyBuilder {
        writeln!(self.tables, "[prometheus.{name}]\nurl = {url:?}\n{keys}").unwrap();
        self
    }

    /// Further tables, in TOML.
    pub fn tables(mut self, toml: &str) -> ProxyBuilder {
        self.tables.push_str(toml);
        self
    }

    /// Keys of `[limits]`.
    pub fn limits(mut self, keys: &str) -> ProxyBuilder {
        self.limits = keys.to_owned();
        self
    }

    /// Keys of `[auth]`.
    pub fn auth(mut self, keys: &str) -> ProxyBuilder {
        self.auth = keys.to_owned();
        self
    }

    /// A shell command that runs before the proxy, in its process.
    pub fn before(mut self, command: &str) -> ProxyBuilder {
        self.before = format!("{command}; ");
        self
    }

    /// A file of the site.
    pub fn file(self, path: &str, content: &str) -> ProxyBuilder {
        let path = self.folder.path().join("site").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// A file beside the configuration.
    pub fn secret_file(self, path: &str, content: &str) -> ProxyBuilder {
        fs::write(self.folder.path().join(path), content).unwrap();
        self
    }

    pub fn start(self) -> Proxy {
        let config = format!(
            "[server]\nlisten_port = 0\napproval_port = 0\nops_port = 0\nsite = \"site\"\nstate_dir = \"state\"\n\
             [auth]\n{}\n[limits]\n{}\n{}",
            self.auth, self.limits, self.tables
        );
        fs::write(self.folder.path().join("casebook.toml"), config).unwrap();
        Proxy::run(Arc::new(self.folder), &self.before)
    }
}

impl Proxy {
    pub fn builder() -> ProxyBuilder {
        let folder = tempfile::tempdir().unwrap();
        let builder = ProxyBuilder {
            folder,
            tables: String::new(),
            limits: String::new(),
            auth: String::new(),
            before: String::new(),
        };
        builder.file(
            "index.html",
            "<!doctype html><title>site</title><script>go()</script>",
        )
    }

    /// Starts the binary in `folder`, which has its configuration.
    pub fn run(folder: Arc<TempDir>, before: &str) -> Proxy {
        let line = format!("{before}exec \"$0\" serve --config \"$1\"");
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(line)
            .arg(env!("CARGO_BIN_EXE_casebook-proxy"))
            .arg(folder.path().join("casebook.toml"))
            .env("USER", "ada")
            .env("CASEBOOK_LOG", "debug")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = gather(child.stdout.take().unwrap());
        let stderr = gather(child.stderr.take().unwrap());
        let link = wait_for("the login link", || {
            if let Ok(Some(status)) = child.try_wait() {
                panic!("the proxy ended with {status}: {}", stderr.lock().unwrap());
            }
            find_link(&stdout.lock().unwrap())
        });
        let text = stdout.lock().unwrap().clone();
        let ops = text
            .lines()
            .find_map(|line| line.strip_prefix("health and metrics: http://127.0.0.1:"))
            .unwrap();
        let port = link
            .strip_prefix("http://localhost:")
            .unwrap()
            .split('/')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        Proxy {
            port,
            ops_port: ops.parse().unwrap(),
            link,
            folder,
            child,
            stdin,
            stdout,
            stderr,
        }
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("casebook.toml")
    }

    pub fn state(&self, file: &str) -> PathBuf {
        self.folder.path().join("state").join(file)
    }

    /// Asks without a session. `head` is the request line without version and further headers.
    pub fn ask(&self, line: &str, headers: &str, body: &str) -> Answer {
        let port = self.port;
        let length = if body.is_empty() {
            String::new()
        } else {
            format!("content-length: {}\r\n", body.len())
        };
        exchange(
            port,
            format!("{line} HTTP/1.1\r\nhost: localhost:{port}\r\n{headers}{length}\r\n{body}")
                .as_bytes(),
        )
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), "", "")
    }

    /// Signs in with the printed link.
    pub fn sign_in(&self) -> Session<'_> {
        let answer = self.post_token(&token_of(&self.link));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cookie = answer
            .header("set-cookie")
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        Session {
            proxy: self,
            cookie,
        }
    }

    /// Goes on with a session of before.
    pub fn resume(&self, cookie: &str) -> Session<'_> {
        Session {
            proxy: self,
            cookie: cookie.to_owned(),
        }
    }

    pub fn post_token(&self, token: &str) -> Answer {
        let body = format!("{{\"token\":\"{token}\"}}");
        self.ask(
            "POST /auth/login",
            "content-type: application/json\r\n",
            &body,
        )
    }

    pub fn stdout(&self) -> String {
        self.stdout.lock().unwrap().clone()
    }

    pub fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    pub fn stdin(&mut self) -> &mut Option<ChildStdin> {
        &mut self.stdin
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends SIGTERM and waits for the end; returns whether it ended well.
    pub fn terminate(&mut self) -> bool {
        signal(self.pid(), "TERM");
        self.child.wait().unwrap().success()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The audit log's records, as values.
    pub fn records(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.state("audit.jsonl")).unwrap_or_default();
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Waits for the result record whose reason holds `reason`.
    pub fn result(&self, reason: &str) -> serde_json::Value {
        wait_for(
            &format!("a result because of {reason:?} in {:#?}", self.records()),
            || {
                self.records().into_iter().find(|record| {
                    record["phase"] == "result"
                        && record["reason"].as_str().unwrap().contains(reason)
                })
            },
        )
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Session<'_> {
    pub fn get(&self, path: &str) -> Answer {
        self.proxy
            .ask(&format!("GET {path}"), &self.headers(""), "")
    }

    /// Posts a form, as the page does.
    pub fn post(&self, path: &str, form: &str) -> Answer {
        let headers = self.headers(
            "sec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n",
        );
        let length = if form.is_empty() {
            "content-length: 0\r\n"
        } else {
            ""
        };
        self.proxy
            .ask(&format!("POST {path}"), &format!("{headers}{length}"), form)
    }

    pub fn ask(&self, line: &str, headers: &str) -> Answer {
        self.proxy.ask(line, &self.headers(headers), "")
    }

    /// Posts JSON, as the kernel does.
    pub fn post_json(&self, path: &str, json: &serde_json::Value) -> Answer {
        let headers =
            self.headers("sec-fetch-site: same-origin\r\ncontent-type: application/json\r\n");
        self.proxy
            .ask(&format!("POST {path}"), &headers, &json.to_string())
    }

    pub fn headers(&self, more: &str) -> String {
        format!("cookie: {}\r\n{more}", self.cookie)
    }
}

pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(pid.to_string())
        .status()
        .unwrap();
    assert!(sent.success());
}

pub fn find_link(text: &str) -> Option<String> {
    text.lines()
        .map(str::trim)
        .rfind(|line| line.starts_with("http://localhost:") && line.contains("/auth/#token="))
        .map(str::to_owned)
}

pub fn token_of(link: &str) -> String {
    link.split("#token=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned()
}

/// Runs the binary to its end; its success, standard output and standard error.
pub fn run_to_end(arguments: &[&str], folder: &Path) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_casebook-proxy"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn gather(stream: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let all = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&all);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut sink = sink.lock().unwrap();
            sink.push_str(&line);
            sink.push('\n');
        }
    });
    all
}
