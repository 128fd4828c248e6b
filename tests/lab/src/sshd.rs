//! The real OpenSSH server of Debian's package, with strict keys, on addresses of 127.0.0.0/8: each
//! address plays one host. They share one file system, that of this machine.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::apart::Apart;
use crate::ports::{free, free_port};
use crate::process::Process;
use crate::{LabError, in_background, program};

/// Time from start to readiness; a tenth of a second is usual.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// Another process may take the free port between our look and sshd's start.
const ATTEMPTS: u32 = 3;

/// What an sshd is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshdSettings {
    /// The addresses that it listens on; sshd takes 16 at most.
    pub addresses: Vec<Ipv4Addr>,
    /// Its port; `None` for a free one.
    pub port: Option<u16>,
}

impl Default for SshdSettings {
    /// Eight hosts, 127.0.0.2 to 127.0.0.9, on a free port.
    fn default() -> Self {
        Self {
            addresses: (2..=9).map(|last| Ipv4Addr::new(127, 0, 0, last)).collect(),
            port: None,
        }
    }
}

/// A running sshd. Dropping it kills it and removes its folder.
#[derive(Debug)]
pub struct Sshd {
    port: u16,
    user: String,
    addresses: Vec<Ipv4Addr>,
    // before the folder, so that it has ended when the folder goes
    process: Process,
    apart: Option<Apart>,
    folder: TempDir,
}

impl Sshd {
    /// Starts it and waits until it answers.
    ///
    /// # Errors
    ///
    /// When `sshd` or `ssh-keygen` is missing, ends early, or is not ready in time.
    pub fn start_blocking(settings: &SshdSettings) -> Result<Self, LabError> {
        Self::start_as(settings, None)
    }

    /// Starts one that lets in `login`, which is not root, on a host with sudoers of its own: the
    /// crash and quarantine folders are root's alone, and [`Sshd::seen_as`] tells where sudo's
    /// files are. Nothing of this machine is changed.
    ///
    /// # Errors
    ///
    /// As [`Sshd::start_blocking`]; also when this is not run by root, or sudo is missing.
    pub fn start_apart_blocking(settings: &SshdSettings, login: &str) -> Result<Self, LabError> {
        Self::start_as(settings, Some(login))
    }

    fn start_as(settings: &SshdSettings, login: Option<&str>) -> Result<Self, LabError> {
        // sshd runs itself again for each connection, for which it must know its full path
        let sshd = program::find("sshd", "openssh-server")?;
        let keygen = program::find("ssh-keygen", "openssh-client")?;
        let folder = TempDir::with_prefix("casebook-lab-").map_err(|source| LabError::Io {
            doing: "making a temporary folder",
            source,
        })?;
        let runner = files(folder.path(), &keygen).map_err(|source| LabError::Io {
            doing: "writing sshd's keys",
            source,
        })?;
        let user = login.map_or(runner, str::to_owned);
        let apart = login
            .map(|login| Apart::prepare(folder.path(), login))
            .transpose()?;
        let mut attempt = 1;
        loop {
            let port = match settings.port {
                Some(port) => free(port)?,
                None => free_port()?,
            };
            let config = folder.path().join("sshd_config");
            let text = configuration(folder.path(), settings, port);
            fs::write(&config, text).map_err(|source| LabError::Io {
                doing: "writing sshd's configuration",
                source,
            })?;
            let mut command = match &apart {
                Some(apart) => apart.command(&sshd)?,
                None => Command::new(&sshd),
            };
            command.arg("-D").arg("-e").arg("-f").arg(&config);
            let log = folder.path().join("sshd.log");
            let mut process = Process::start(&mut command, log)?;
            match wait_until_ready(&mut process, settings, port) {
                Ok(()) => {
                    let started = Self {
                        port,
                        user,
                        addresses: settings.addresses.clone(),
                        process,
                        apart,
                        folder,
                    };
                    started.trust(&started.known_hosts_line())?;
                    return Ok(started);
                }
                Err(LabError::Ended { output, .. })
                    if settings.port.is_none()
                        && attempt < ATTEMPTS
                        && output.contains("Address already in use") =>
                {
                    attempt += 1;
                }
                Err(other) => return Err(other),
            }
        }
    }

    /// As [`Sshd::start_blocking`], from within a tokio runtime.
    ///
    /// # Errors
    ///
    /// As [`Sshd::start_blocking`].
    pub async fn start(settings: SshdSettings) -> Result<Self, LabError> {
        in_background(move || Self::start_blocking(&settings)).await
    }

    /// Its port, the same on all addresses.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The login that its key opens: that of whoever runs the lab, or the one of
    /// [`Sshd::start_apart_blocking`].
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The addresses that it listens on.
    pub fn addresses(&self) -> &[Ipv4Addr] {
        &self.addresses
    }

    /// The folder in which cores lie, free of symbolic links.
    pub fn crash(&self) -> PathBuf {
        self.file("crash")
    }

    /// The core file that is there from the start.
    pub fn core(&self) -> PathBuf {
        self.crash().join("core")
    }

    /// The folder to which a core may be moved; on the same file system.
    pub fn quarantine(&self) -> PathBuf {
        self.file("quarantine")
    }

    /// Where the file is that a host of [`Sshd::start_apart_blocking`] has at `path`, which is in
    /// `/etc/sudoers.d` or in `/usr/local`. Of another sshd, it is `path` itself.
    pub fn seen_as(&self, path: &str) -> PathBuf {
        self.apart
            .as_ref()
            .map_or_else(|| PathBuf::from(path), |apart| apart.seen_as(path))
    }

    /// The client's private key.
    pub fn identity_file(&self) -> PathBuf {
        self.file("client_key")
    }

    /// The file of trusted host keys, which holds this server's from the start.
    pub fn known_hosts(&self) -> PathBuf {
        self.file("known_hosts")
    }

    /// The host's public key: type and base64.
    pub fn host_key(&self) -> String {
        let text = fs::read_to_string(self.file("host_key.pub")).unwrap_or_default();
        text.split_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The line of `known_hosts` that trusts this server on all its addresses.
    pub fn known_hosts_line(&self) -> String {
        let names: Vec<String> = self
            .addresses
            .iter()
            .map(|address| format!("[{address}]:{}", self.port))
            .collect();
        format!("{} {}\n", names.join(","), self.host_key())
    }

    /// Replaces the content of [`Sshd::known_hosts`].
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn trust(&self, known_hosts: &str) -> Result<(), LabError> {
        fs::write(self.known_hosts(), known_hosts).map_err(|source| LabError::Io {
            doing: "writing known_hosts",
            source,
        })
    }

    /// The `[ssh]` section by which a proxy reaches all addresses and reads [`Sshd::crash`].
    /// `hosts` are its rules, in TOML.
    pub fn config(&self, hosts: &str) -> String {
        format!(
            "[ssh]\nuser = {:?}\nidentity_file = {:?}\nknown_hosts = {:?}\nport = {}\nhosts = [{hosts}]\n\
             [ssh.paths]\nread = [{:?}]\nquarantine_from = [{:?}]\nquarantine_to = {:?}\n",
            self.user,
            self.identity_file(),
            self.known_hosts(),
            self.port,
            self.crash(),
            self.crash(),
            self.quarantine(),
        )
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        self.process.output()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Makes keys and folders; returns the login of whoever runs this.
fn files(folder: &Path, keygen: &Path) -> io::Result<String> {
    for name in ["host_key", "client_key"] {
        let status = Command::new(keygen)
            .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
            .arg(folder.join(name))
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!("ssh-keygen ended with {status}")));
        }
    }
    fs::copy(
        folder.join("client_key.pub"),
        folder.join("authorized_keys"),
    )?;
    fs::create_dir(folder.join("crash"))?;
    fs::create_dir(folder.join("quarantine"))?;
    fs::write(folder.join("crash/core"), vec![0x7f; 64 << 10])?;
    let output = |argument: &str| -> io::Result<String> {
        let output = Command::new("id").arg(argument).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if output("-u")? == "0" {
        // where sshd locks itself up before a login; the package's start script makes it
        fs::create_dir_all("/run/sshd")?;
    }
    output("-un")
}

fn configuration(folder: &Path, settings: &SshdSettings, port: u16) -> String {
    let mut text = format!(
        "Port {port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\n",
        folder.join("host_key").display(),
        folder.join("authorized_keys").display(),
    );
    for address in &settings.addresses {
        // writing to a String cannot fail
        let _ = writeln!(text, "ListenAddress {address}");
    }
    // SHLVL: a bash that sshd starts would else read .bashrc, and whatever that prints
    text.push_str(
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\n\
         PermitRootLogin prohibit-password\nAllowTcpForwarding no\nAllowAgentForwarding no\n\
         X11Forwarding no\nPermitTTY no\nSetEnv SHLVL=2\nMaxStartups 200\nLogLevel VERBOSE\n",
    );
    text
}

fn wait_until_ready(
    process: &mut Process,
    settings: &SshdSettings,
    port: u16,
) -> Result<(), LabError> {
    let started = Instant::now();
    while started.elapsed() < READY_WITHIN {
        if let Some(status) = process.ended() {
            return Err(LabError::Ended {
                program: "sshd",
                status,
                output: process.output(),
            });
        }
        // listening on the last address means listening on all
        let last = settings.addresses.last();
        if last.is_some_and(|address| greets(*address, port)) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(LabError::NotReady {
        program: "sshd",
        waited: READY_WITHIN,
        output: process.output(),
    })
}

fn greets(address: Ipv4Addr, port: u16) -> bool {
    let address = SocketAddr::new(IpAddr::V4(address), port);
    let mut greeting = [0_u8; 8];
    TcpStream::connect_timeout(&address, Duration::from_secs(1))
        .and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(2)))?;
            stream.read_exact(&mut greeting)
        })
        .is_ok_and(|()| greeting == *b"SSH-2.0-")
}
