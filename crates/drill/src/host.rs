//! The hosts of the fleet: what lies on their disks and what they answer to a command line.
//!
//! A host knows exactly the lines that the proxy sends: those of the catalogue and the scripts of
//! the quarantine, both from `casebook-wire`. To any other line it answers as a shell that has no
//! such command.

mod files;
mod journal;
mod listing;
mod output;
mod processes;
mod quarantine;

use std::sync::{Arc, Mutex, PoisonError};

use casebook_wire::command;
use casebook_wire::quarantine::Call;

use crate::fleet::{CULPRIT, Fleet};
use crate::samples::Clock;
use crate::switch::Switch;
use files::{Files, Kind, Mount};
pub(crate) use output::Output;

/// The file that ails the culprit's host for as long as it has this name.
pub const CORE: &str = "/var/crash/core";

/// The folder to put the core into.
pub const QUARANTINE: &str = "/var/quarantine";

/// The login on every host.
pub const LOGIN: &str = "casebook";

/// The user that the worker runs as.
const WORKER: &str = "worker";

const CORE_BYTES: usize = 4 << 20;

const NANOSECONDS: i64 = 1_000_000_000;

const MOUNTS: [Mount; 2] = [
    Mount {
        point: "/",
        source: "/dev/nvme0n1p1",
        device: 259 << 8 | 1,
        kind: "ext4",
        size_kib: 20_460_000,
        used_kib: 7_340_000,
    },
    Mount {
        point: "/srv",
        source: "/dev/nvme1n1",
        device: 259 << 8 | 5,
        kind: "ext4",
        size_kib: 102_680_000,
        used_kib: 61_220_000,
    },
];

/// One host of the fleet.
#[derive(Debug)]
pub(crate) struct Host {
    /// Index into the fleet's servers.
    server: usize,
    switch: Switch,
    clock: Clock,
    files: Mutex<Files>,
}

/// A host at one point of time.
struct Moment<'a> {
    fleet: Fleet,
    server: usize,
    files: &'a Files,
    now_ms: i64,
}

impl Moment<'_> {
    fn now(&self) -> i64 {
        self.now_ms.div_euclid(1000)
    }

    fn is_culprit(&self) -> bool {
        self.fleet.servers()[self.server].which == CULPRIT
    }

    /// `ip-10-0-0-5`.
    fn host_name(&self) -> String {
        let address = self.fleet.servers()[self.server].address();
        format!("ip-{}", address.replace('.', "-"))
    }

    /// Process id of the worker at a second: the culprit's crashed at the onset.
    fn worker_pid(&self, at: i64) -> u32 {
        if self.is_culprit() && at < self.fleet.incident().onset() - 1 {
            journal::CRASHED_PID
        } else {
            journal::WORKER_PID
        }
    }

    /// When the present worker was started.
    fn worker_started(&self) -> i64 {
        if self.is_culprit() && self.now() >= self.fleet.incident().onset() {
            self.fleet.incident().onset() - 1
        } else {
            self.fleet.begins()
        }
    }
}

impl Host {
    /// The host of a server.
    pub(crate) fn new(switch: &Switch, server: usize, clock: Clock) -> Self {
        Self {
            server,
            switch: switch.clone(),
            clock,
            files: Mutex::new(disk(&switch.fleet(), server)),
        }
    }

    /// Runs a command line.
    pub(crate) fn run(&self, line: &str) -> Output {
        let now_ms = self.clock.now_ms();
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(call) = Call::parse(line) {
            let output = quarantine::run(&mut files, &call, now_ms * 1_000_000);
            self.feel(&files, now_ms / 1000);
            return output;
        }
        if let Some(path) = command::parse_realpath(line) {
            return listing::realpath(&files, &path);
        }
        let Some(checked) = command::parse(line) else {
            return not_found(line);
        };
        let value = |name: &str| checked.values().get(name).map_or("", String::as_str);
        let given = |name: &str| checked.values().get(name).map(String::as_str);
        let lines = || value("lines").parse().unwrap_or(usize::MAX);
        let moment = Moment {
            fleet: self.switch.fleet(),
            server: self.server,
            files: &files,
            now_ms,
        };
        match checked.command.name {
            "coredumpctl_info" => journal::coredumpctl_info(&moment, value("pid")),
            "df" => listing::df(&files, value("path")),
            "journalctl" => journal::journalctl(&moment, lines(), given("unit"), given("since")),
            "ls" => listing::ls(&files, value("path")),
            "ps" => processes::ps(&moment),
            "sha256sum" => listing::sha256sum(&files, value("path")),
            "stat" => listing::stat(&files, value("path")),
            "tail" => listing::tail(&files, value("path"), lines()),
            _ => not_found(line),
        }
    }

    /// The fleet is ill exactly while the culprit's host has its core.
    fn feel(&self, files: &Files, now: i64) {
        if self.switch.fleet().servers()[self.server].which != CULPRIT {
            return;
        }
        match files.at_itself(CORE) {
            Ok(_) => self.switch.relapse(now),
            Err(_) => self.switch.recover(now),
        }
    }
}

/// What a shell says about a line whose first word it cannot find.
fn not_found(line: &str) -> Output {
    let word = line.split_whitespace().next().unwrap_or_default();
    let word: String = word.chars().filter(|letter| !letter.is_control()).collect();
    Output::failed(127, format!("sh: {word}: command not found"))
}

/// A server's files when the drill begins.
fn disk(fleet: &Fleet, server: usize) -> Files {
    let begins = fleet.begins() * NANOSECONDS;
    let root = ("root", "root");
    let mut files = Files::new(&MOUNTS, begins);
    for folder in [
        "/etc",
        "/srv",
        "/srv/cores",
        "/tmp",
        "/var",
        "/var/log",
        "/var/log/fleet",
    ] {
        files.put(folder, Kind::Folder, 0o755, root, begins);
    }
    for folder in ["/var/crash", QUARANTINE] {
        files.put(folder, Kind::Folder, 0o770, ("root", LOGIN), begins);
    }
    let own = &fleet.servers()[server];
    let name = format!("ip-{}\n", own.address().replace('.', "-"));
    let text = |text: String| Kind::File(Arc::from(text.into_bytes()));
    files.put("/etc/hostname", text(name), 0o644, root, begins);
    let readme = "Cores of crashed workers. While one is here, the worker checks every request \
                  against it.\n";
    let readme = text(readme.to_owned());
    files.put("/var/crash/README", readme, 0o644, root, begins);
    let log_link = Kind::Link("../log/fleet/worker.log".to_owned());
    files.put("/var/crash/worker.log", log_link, 0o777, root, begins);
    let mut log = format!("worker of {} starts\n", own.which);
    if own.which == CULPRIT {
        let crashed = (fleet.incident().onset() - 1) * NANOSECONDS;
        let core = Kind::File(Arc::from(core()));
        files.put(CORE, core, 0o640, (WORKER, LOGIN), crashed);
        log.push_str("level check failed: abort\n");
        log.push_str(&format!(
            "worker of {} starts\n{CORE} is there\n",
            own.which
        ));
    }
    files.put(
        "/var/log/fleet/worker.log",
        text(log),
        0o644,
        (WORKER, WORKER),
        begins,
    );
    files
}

/// Four mebibytes that begin as an ELF core of a 64-bit ARM process does.
fn core() -> Vec<u8> {
    let mut core = vec![0; CORE_BYTES];
    let head = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x04\0\xb7\0\x01\0\0\0";
    core[..head.len()].copy_from_slice(head);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for page in core[4096..].chunks_mut(8).step_by(3) {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        for (byte, random) in page.iter_mut().zip(state.to_be_bytes()) {
            *byte = random;
        }
    }
    core
}

#[cfg(test)]
mod tests;
