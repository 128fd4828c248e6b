//! A real host whose login is not root, set up by what `casebook-proxy sudoers` prints, and the
//! proxy in front of it.

use crate::plan_bench::{Bench, HOST};
use crate::support::{Answer, Proxy, wait_for};
use casebook_lab::{Sshd, SshdSettings};
use casebook_wire::gate;
use serde_json::{Value, json};
use std::cell::OnceCell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

/// The login; it is nobody on this machine.
const LOGIN: &str = "casebook-lab";

pub struct SudoHost {
    pub bench: Bench,
    /// The connection of the login, made when it is first used.
    connection: OnceCell<Connection>,
}

/// An ssh that only keeps its connection open, for other ones to use.
struct Connection(Child);

impl Drop for Connection {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl SudoHost {
    /// With the gate and the line in sudoers.
    pub fn ready() -> SudoHost {
        SudoHost::with("")
    }

    /// The same, with further tables of the proxy's configuration.
    pub fn with(tables: &str) -> SudoHost {
        let settings = SshdSettings {
            addresses: vec![[127, 0, 0, 2].into()],
            port: None,
        };
        let sshd = Sshd::start_apart_blocking(&settings, LOGIN).unwrap();
        let config = sshd.config("{ name = \"web1\", address = \"127.0.0.2\" }");
        let proxy = Proxy::builder()
            .tables(&config.replace("[ssh]\n", "[ssh]\nsudo = true\n"))
            .tables(tables)
            .start();
        let cookie = proxy.sign_in().cookie;
        let host = SudoHost {
            bench: Bench {
                sshd,
                proxy,
                cookie,
            },
            connection: OnceCell::new(),
        };
        host.write(gate::PATH, &host.printed(&["--gate"]), 0o755);
        host.write(gate::SUDOERS, &host.printed(&[]), 0o440);
        host
    }

    /// Writes a file of the host.
    pub fn write(&self, path: &str, text: &str, mode: u32) {
        let path = self.bench.sshd.seen_as(path);
        if path.exists() {
            fs::remove_file(&path).unwrap();
        }
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The proxy's configuration.
    pub fn config(&self) -> PathBuf {
        self.bench.proxy.folder.path().join("casebook.toml")
    }

    /// Runs `casebook-proxy sudoers`.
    pub fn print(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_casebook-proxy"))
            .args(["sudoers", "--config"])
            .arg(self.config())
            .args(arguments)
            .output()
            .unwrap()
    }

    /// What `casebook-proxy sudoers` prints.
    pub fn printed(&self, arguments: &[&str]) -> String {
        let output = self.print(arguments);
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a line as the login, without the proxy: what a thief of its key could do.
    pub fn ssh(&self, line: &str) -> Output {
        self.connection.get_or_init(|| self.connect());
        self.client().arg(line).output().unwrap()
    }

    /// Signs in once for all lines.
    fn connect(&self) -> Connection {
        let mut master = self.client();
        master.args(["-M", "-N"]).stdin(Stdio::null());
        let connection = Connection(master.spawn().unwrap());
        wait_for("the login's connection", || {
            self.socket().exists().then_some(())
        });
        connection
    }

    fn client(&self) -> Command {
        let sshd = &self.bench.sshd;
        let mut client = Command::new("ssh");
        client
            .args(["-F", "none", "-o", "BatchMode=yes", "-o"])
            .arg(format!(
                "UserKnownHostsFile={}",
                sshd.known_hosts().display()
            ))
            .arg("-S")
            .arg(self.socket())
            .arg("-i")
            .arg(sshd.identity_file())
            .args(["-p", &sshd.port().to_string()])
            .arg(format!("{LOGIN}@127.0.0.2"));
        client
    }

    fn socket(&self) -> PathBuf {
        self.bench.proxy.folder.path().join("login")
    }

    /// Has the proxy run a command of the catalogue.
    pub fn run(&self, command: &str, params: &Value) -> Answer {
        let asked = json!({"host": HOST, "command": command, "params": params});
        self.bench.session().post_json("/api/v1/ssh/run", &asked)
    }
}
