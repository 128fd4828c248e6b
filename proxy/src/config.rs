//! The one TOML file that configures all. Unknown keys are errors; secrets are only ever named by
//! the file that holds them.

pub mod aws;
mod problem;
mod ssh;
pub mod units;

pub use aws::Aws;
pub use problem::Problem;
pub use ssh::{HostRule, Ssh, SshLimits, SshPaths};

use casebook_wire::Dialect;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the proxy listens and what it serves.
    #[serde(default)]
    pub server: Server,
    /// How long sessions and login links live.
    #[serde(default)]
    pub auth: Auth,
    /// What one user may take.
    #[serde(default)]
    pub limits: Limits,
    /// Prometheus sources by name.
    #[serde(default)]
    pub prometheus: BTreeMap<String, Prometheus>,
    /// AWS accounts by name.
    #[serde(default)]
    pub aws: BTreeMap<String, Aws>,
    /// Hosts by SSH.
    pub ssh: Option<Ssh>,
    /// Changes of hosts.
    #[serde(default)]
    pub plans: Plans,
}

/// Where the proxy listens and what it serves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Port of site and API, on 127.0.0.1 and ::1. A new port is a new origin: notebooks that were
    /// saved in the browser belong to the old one. 0 takes a free port.
    pub listen_port: u16,
    /// Port of `/healthz`, `/readyz` and `/metrics`, on 127.0.0.1.
    pub ops_port: u16,
    /// Port of the pages that approve changes of hosts, on 127.0.0.1; used when `[ssh.paths]` says
    /// from where and to where files may be moved.
    pub approval_port: u16,
    /// Folder of the JupyterLite site; relative to this file.
    pub site: PathBuf,
    /// Folder of sessions, audit log and link socket; relative to this file; made when missing.
    pub state_dir: PathBuf,
    /// The exact `Host` values that are answered; `localhost:<listen_port>` when empty.
    pub public_hosts: Vec<String>,
}

impl Default for Server {
    fn default() -> Server {
        Server {
            listen_port: 8787,
            ops_port: 8789,
            approval_port: 8788,
            site: PathBuf::from("target/site"),
            state_dir: PathBuf::from("casebook-state"),
            public_hosts: Vec::new(),
        }
    }
}

/// How long changes of hosts wait.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Plans {
    /// Time from the end of a plan's preview in which it may be approved and begun.
    #[serde(deserialize_with = "units::duration")]
    pub ttl: Duration,
    /// Time that a preview may take; it reads the whole file for its SHA-256.
    #[serde(deserialize_with = "units::duration")]
    pub preview_time: Duration,
}

impl Default for Plans {
    fn default() -> Plans {
        Plans {
            ttl: Duration::from_secs(10 * 60),
            preview_time: Duration::from_secs(15 * 60),
        }
    }
}

/// How long sessions and login links live.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// Life of a session from sign-in.
    #[serde(deserialize_with = "units::duration")]
    pub session_ttl: Duration,
    /// Life of an unused login link.
    #[serde(deserialize_with = "units::duration")]
    pub link_ttl: Duration,
}

impl Default for Auth {
    fn default() -> Auth {
        Auth {
            session_ttl: Duration::from_secs(8 * 3600),
            link_ttl: Duration::from_secs(15 * 60),
        }
    }
}

/// What one user, and all together, may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// API requests that one user may make in a minute, all at once if need be.
    pub requests_per_minute: u32,
    /// Upstream requests of one user at the same time.
    pub concurrent: u32,
    /// Upstream requests of all users at the same time.
    pub concurrent_total: u32,
    /// How long a request waits for its turn before it is refused.
    #[serde(deserialize_with = "units::duration")]
    pub queue: Duration,
    /// Open connections to the site and API.
    pub connections: u32,
    /// Longest request body, in bytes.
    #[serde(deserialize_with = "units::bytes")]
    pub body: u64,
    /// How long a client may take to send a request's head, and how long an idle connection stays.
    #[serde(deserialize_with = "units::duration")]
    pub header_timeout: Duration,
    /// How long one answer may take from its first byte to its last.
    #[serde(deserialize_with = "units::duration")]
    pub stream: Duration,
    /// How long open answers may go on after the signal to stop.
    #[serde(deserialize_with = "units::duration")]
    pub shutdown_grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            requests_per_minute: 600,
            concurrent: 8,
            concurrent_total: 64,
            queue: Duration::from_secs(2),
            connections: 512,
            body: 64 << 10,
            header_timeout: Duration::from_secs(30),
            stream: Duration::from_secs(300),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

/// One Prometheus, or an engine with the same API (Thanos, Mimir, VictoriaMetrics).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prometheus {
    /// Base URL, to which `api/v1/…` is added: `http://` or `https://`, with a path prefix if need be.
    pub url: Url,
    /// What is asked in a way of its own: `"victoriametrics"`; any other engine is a `"prometheus"`.
    #[serde(default)]
    pub dialect: Dialect,
    /// File that holds a bearer token; read anew for each request, so that it may be rotated.
    pub bearer_file: Option<PathBuf>,
    /// File with further certificate authorities to trust, PEM.
    pub ca_file: Option<PathBuf>,
    /// Time that a query may take; also sent upstream as `timeout=`.
    #[serde(default = "default_timeout", deserialize_with = "units::duration")]
    pub timeout: Duration,
    /// Most points of one range query for each series.
    #[serde(default = "default_max_points")]
    pub max_points: u64,
    /// Longest answer, decoded, in bytes.
    #[serde(default = "default_max_bytes", deserialize_with = "units::bytes")]
    pub max_bytes: u64,
}

fn default_timeout() -> Duration {
    Duration::from_secs(30)
}

fn default_max_points() -> u64 {
    11_000
}

fn default_max_bytes() -> u64 {
    256 << 20
}

impl Config {
    /// Reads and checks the file at `path`. Relative paths in it are taken from its folder.
    pub fn load(path: &Path) -> Result<Config, Problem> {
        let text = std::fs::read_to_string(path).map_err(|error| Problem {
            file: path.to_owned(),
            line: 0,
            key: String::new(),
            message: format!("cannot be read: {error}"),
        })?;
        let mut config = Config::parse(path, &text)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.server.site = folder.join(&config.server.site);
        config.server.state_dir = folder.join(&config.server.state_dir);
        for (name, source) in &mut config.prometheus {
            for (key, file) in [
                ("bearer_file", &mut source.bearer_file),
                ("ca_file", &mut source.ca_file),
            ] {
                let Some(file) = file else { continue };
                *file = folder.join(&*file);
                if let Err(error) = std::fs::read_to_string(&*file) {
                    let message = format!("cannot read {}: {error}", file.display());
                    return Err(Problem::at_key(
                        path,
                        &text,
                        &format!("prometheus.{name}"),
                        key,
                        message,
                    ));
                }
            }
        }
        for (name, account) in &mut config.aws {
            account.anchor(name, folder, path, &text)?;
        }
        if let Some(ssh) = &mut config.ssh {
            ssh.anchor(folder, path, &text)?;
        }
        Ok(config)
    }

    /// Checks `text` as the content of the file at `path`, without touching any file.
    pub fn parse(path: &Path, text: &str) -> Result<Config, Problem> {
        let config: Config = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            Problem::at_offset(path, text, offset, error.message())
        })?;
        config.check(path, text)?;
        Ok(config)
    }

    fn check(&self, path: &Path, text: &str) -> Result<(), Problem> {
        let problem = |table: &str, key: &str, message: String| {
            Err(Problem::at_key(path, text, table, key, message))
        };
        let ports = [
            ("listen_port", self.server.listen_port),
            ("approval_port", self.server.approval_port),
            ("ops_port", self.server.ops_port),
        ];
        for (index, (key, port)) in ports.iter().enumerate() {
            let taken = ports.iter().take(index).find(|(_, other)| other == port);
            if let Some((other, _)) = taken.filter(|_| *port != 0) {
                return problem("server", key, format!("{port} is {other} already"));
            }
        }
        for host in &self.server.public_hosts {
            if host.is_empty() || host.contains(['/', '@', '*', ' ']) {
                let message = format!(
                    "{host:?} is no host name with port; write one like \"localhost:8787\""
                );
                return problem("server", "public_hosts", message);
            }
            if self.ssh.is_some() && host.starts_with("127.0.0.1") {
                let message = format!(
                    "{host:?} has the name of the pages that approve changes, which notebook code must not share; use \"localhost:…\""
                );
                return problem("server", "public_hosts", message);
            }
        }
        let limits = [
            ("requests_per_minute", self.limits.requests_per_minute),
            ("concurrent", self.limits.concurrent),
            ("concurrent_total", self.limits.concurrent_total),
            ("connections", self.limits.connections),
        ];
        if let Some((key, _)) = limits.iter().find(|(_, value)| *value == 0) {
            return problem("limits", key, "0 would let nothing through".to_owned());
        }
        for (name, source) in &self.prometheus {
            let table = format!("prometheus.{name}");
            if !is_plain_name(name) {
                let message = "a source's name is 1 to 64 letters, digits, - and _".to_owned();
                return problem(&table, "", message);
            }
            if let Err(message) = check_url(&source.url) {
                return problem(&table, "url", message);
            }
            if source.max_points == 0 {
                return problem(
                    &table,
                    "max_points",
                    "0 would let nothing through".to_owned(),
                );
            }
        }
        for (name, account) in &self.aws {
            let table = format!("aws.{name}");
            if !is_plain_name(name) {
                let message = "an account's name is 1 to 64 letters, digits, - and _".to_owned();
                return problem(&table, "", message);
            }
            if let Err((key, message)) = account.check() {
                return problem(&table, key, message);
            }
        }
        if let Some(ssh) = &self.ssh {
            let accounts: Vec<&str> = self.aws.keys().map(String::as_str).collect();
            if let Some((table, key, message)) = ssh.fault(&accounts) {
                return problem(table, key, message);
            }
        }
        Ok(())
    }
}

/// Names stand in paths, so that nothing in them may mean something there.
fn is_plain_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=64).contains(&name.len()) && name.chars().all(plain)
}

fn check_url(url: &Url) -> Result<(), String> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "{}:// is not supported; use http:// or https://",
            url.scheme()
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "a secret does not belong in the url; put a token in a file and name it by bearer_file"
                .to_owned(),
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("only scheme, host, port and path belong here".to_owned());
    }
    let literal = match url.host() {
        Some(url::Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(url::Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        _ => None,
    };
    if literal.is_some_and(crate::upstream::is_forbidden) {
        return Err(
            "this is an address of cloud metadata, which holds credentials; it is never asked"
                .to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        Config::parse(Path::new("c.toml"), text)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn says_file_line_and_key() {
        let text = "[server]\nlisten_port = 1\n\n[prometheus.main]\nurl = \"http://localhost:9090\"\nmax_poins = 3\n";
        let message = problem(text);
        assert!(
            message.starts_with("c.toml:6: prometheus.main.max_poins: unknown field"),
            "{message}"
        );
        assert!(message.contains("max_points"), "{message}");
    }

    #[test]
    fn refuses_what_cannot_work() {
        for (text, want) in [
            (
                "[limits]\nbody = \"big\"\n",
                "c.toml:2: limits.body: \"big\" is no size",
            ),
            (
                "[auth]\nlink_ttl = \"0s\"\n",
                "c.toml:2: auth.link_ttl: \"0s\" is no duration",
            ),
            (
                "[server]\nlisten_port = 70000\n",
                "c.toml:2: server.listen_port: ",
            ),
            (
                "[server]\nlisten_port = 8789\n\nops_port = 8789\n",
                "c.toml:4: server.ops_port: 8789 is listen_port already",
            ),
            (
                "[server]\napproval_port = 8787\n",
                "c.toml:2: server.approval_port: 8787 is listen_port already",
            ),
            (
                "[plans]\nttl = \"soon\"\n",
                "c.toml:2: plans.ttl: \"soon\" is no duration",
            ),
            (
                "[server]\npublic_hosts = [\"127.0.0.1:8787\"]\n[ssh]\nuser = \"ada\"\nidentity_file = \"k\"\nknown_hosts = \"h\"\n",
                "c.toml:2: server.public_hosts: \"127.0.0.1:8787\" has the name of the pages that approve",
            ),
            (
                "[limits]\nconcurrent = 0\n",
                "c.toml:2: limits.concurrent: 0 would",
            ),
            (
                "[prometheus.main]\n",
                "c.toml:1: prometheus.main: missing field `url`",
            ),
            (
                "[prometheus.main]\nurl = \"localhost\"\n",
                "c.toml:2: prometheus.main.url: ",
            ),
            (
                "[prometheus.main]\nurl = \"file:///etc/passwd\"\n",
                "c.toml:2: prometheus.main.url: file:// is not",
            ),
            (
                "[prometheus.main]\nurl = \"http://u:p@h/\"\n",
                "c.toml:2: prometheus.main.url: a secret",
            ),
            (
                "[prometheus.main]\nurl = \"http://169.254.169.254/\"\n",
                "c.toml:2: prometheus.main.url: this is an address of cloud",
            ),
            (
                "[prometheus.main]\nurl = \"http://[::ffff:169.254.169.254]/\"\n",
                "c.toml:2: prometheus.main.url: this is",
            ),
            (
                "[prometheus.main]\nurl = \"http://h/\"\ndialect = \"victoria\"\n",
                "c.toml:3: prometheus.main.dialect: unknown variant `victoria`",
            ),
            (
                "[prometheus.\"a b\"]\nurl = \"http://h/\"\n",
                "prometheus.a b: a source's name",
            ),
            ("[server\n", "c.toml:1: "),
        ] {
            let message = problem(text);
            assert!(
                message.contains(want),
                "{text}\ngave {message}\nwanted {want}"
            );
        }
    }

    #[test]
    fn an_empty_file_is_a_configuration() {
        let config = Config::parse(Path::new("c.toml"), "").unwrap();
        assert_eq!(config.server.listen_port, 8787);
        assert_eq!(config.limits.body, 65_536);
    }

    #[test]
    fn the_example_parses_and_sets_the_defaults() {
        let text = include_str!("../casebook.example.toml");
        let example = Config::parse(Path::new("casebook.example.toml"), text).unwrap();
        let empty = Config::parse(Path::new("c.toml"), "").unwrap();
        assert_eq!(format!("{:?}", example.auth), format!("{:?}", empty.auth));
        assert_eq!(
            format!("{:?}", example.limits),
            format!("{:?}", empty.limits)
        );
        assert_eq!(example.server.listen_port, empty.server.listen_port);
        assert_eq!(example.server.approval_port, empty.server.approval_port);
        assert_eq!(format!("{:?}", example.plans), format!("{:?}", empty.plans));
        let main = &example.prometheus["main"];
        assert_eq!(
            (main.timeout, main.max_points, main.max_bytes),
            (default_timeout(), default_max_points(), default_max_bytes())
        );
    }
}
