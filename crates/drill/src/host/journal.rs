//! The journal of a host, `journalctl` and `coredumpctl`: what the worker did, told from the
//! incident's course, so that it never contradicts the metrics.

use chrono::{DateTime, NaiveDateTime};

use super::output::Output;
use super::{CORE, Moment, WORKER};

/// The unit that serves the requests.
const UNIT: &str = "worker.service";

/// Process ids of the worker: one that crashed, and the one that serves now.
pub(super) const CRASHED_PID: u32 = 2211;
pub(super) const WORKER_PID: u32 = 4312;

/// How far back the journal reaches, in seconds, and how often the worker says that it is alive.
const KEPT_SECONDS: i64 = 6 * 3600;
const REPORT_SECONDS: i64 = 300;

struct Entry {
    at: i64,
    /// In whose journal the entry is.
    unit: &'static str,
    /// Who wrote it, with process id.
    writer: String,
    message: String,
}

/// `journalctl --no-pager --utc --output=short-iso --lines=N [--unit=…] [--since=…]`.
pub(super) fn journalctl(
    moment: &Moment<'_>,
    lines: usize,
    unit: Option<&str>,
    since: Option<&str>,
) -> Output {
    let from = match since.map(|since| beginning(since, moment.now())) {
        None => i64::MIN,
        Some(Some(from)) => from,
        Some(None) => {
            let message = format!("Failed to parse timestamp: {}", since.unwrap_or_default());
            return Output::failed(1, message);
        }
    };
    let unit = unit.map(|name| match name.contains('.') {
        true => name.to_owned(),
        false => format!("{name}.service"),
    });
    let entries: Vec<Entry> = entries(moment)
        .into_iter()
        .filter(|entry| entry.at >= from)
        .filter(|entry| unit.as_ref().is_none_or(|unit| entry.unit == unit))
        .collect();
    if entries.is_empty() {
        return Output::done("-- No entries --\n");
    }
    let skipped = entries.len().saturating_sub(lines);
    let text: String = entries[skipped..]
        .iter()
        .map(|entry| {
            let time = DateTime::from_timestamp(entry.at, 0).unwrap_or_default();
            let time = time.format("%Y-%m-%dT%H:%M:%S+0000");
            let host = moment.host_name();
            format!("{time} {host} {}: {}\n", entry.writer, entry.message)
        })
        .collect();
    Output::done(text)
}

/// The first second of `-900s` or `2026-11-22 07:00:00 UTC`.
fn beginning(since: &str, now: i64) -> Option<i64> {
    if let Some(ago) = since.strip_prefix('-') {
        return now.checked_sub(ago.strip_suffix('s')?.parse().ok()?);
    }
    let time = NaiveDateTime::parse_from_str(since, "%Y-%m-%d %H:%M:%S UTC").ok()?;
    Some(time.and_utc().timestamp())
}

fn entries(moment: &Moment<'_>) -> Vec<Entry> {
    let now = moment.now();
    let onset = moment.fleet.incident().onset();
    let worker = |at: i64, message: String| Entry {
        at,
        unit: UNIT,
        writer: format!("worker[{}]", moment.worker_pid(at)),
        message,
    };
    let first = (now - KEPT_SECONDS).max(moment.fleet.begins());
    let first = first + (-first).rem_euclid(REPORT_SECONDS);
    let mut entries: Vec<Entry> = (first..=now)
        .step_by(REPORT_SECONDS.unsigned_abs() as usize)
        .map(|at| {
            let total = |at: i64| moment.fleet.requests(moment.server, at).count();
            let served = total(at) - total(at - REPORT_SECONDS);
            worker(at, format!("served {served} requests in five minutes"))
        })
        .collect();
    if moment.is_culprit() {
        let systemd = |writer: &str, unit: &'static str, message: &str| Entry {
            at: onset - 1,
            unit,
            writer: writer.to_owned(),
            message: message.to_owned(),
        };
        let exit = format!("{UNIT}: Main process exited, code=dumped, status=6/ABRT");
        let dumped = format!("Process {CRASHED_PID} (worker) of user 998 dumped core.");
        entries.extend([
            systemd(
                "systemd-coredump[4290]",
                "systemd-coredump@0.service",
                &dumped,
            ),
            systemd("systemd[1]", UNIT, &exit),
            systemd(
                "systemd[1]",
                UNIT,
                &format!("Started {UNIT} - Fleet worker."),
            ),
        ]);
        for illness in moment.fleet.incident().illnesses() {
            let there = format!("{CORE} is there: every request is checked against it");
            entries.push(worker(illness.from, there));
            let gone = format!("{CORE} is gone: requests are served as usual");
            entries.extend(illness.until.map(|until| worker(until, gone)));
        }
        entries.retain(|entry| (first..=now).contains(&entry.at));
        entries.sort_by_key(|entry| entry.at);
    }
    entries
}

/// `coredumpctl --no-pager info PID`.
pub(super) fn coredumpctl_info(moment: &Moment<'_>, pid: &str) -> Output {
    if !moment.is_culprit() || pid.parse() != Ok(CRASHED_PID) {
        return Output::failed(1, "No match found.");
    }
    let crashed = moment.fleet.incident().onset() - 1;
    let time = DateTime::from_timestamp(crashed, 0).unwrap_or_default();
    let time = time.format("%a %Y-%m-%d %H:%M:%S UTC");
    let ago = (moment.now() - crashed) / 60;
    let host = moment.host_name();
    let (state, size) = match moment.files.at(CORE) {
        Ok(node) => {
            let mebibytes = node.size() as f64 / f64::from(1 << 20);
            ("present", format!("\n  Size on Disk: {mebibytes:.1}M"))
        }
        Err(_) => ("missing", String::new()),
    };
    Output::done(format!(
        "           PID: {CRASHED_PID} (worker)
           UID: 998 ({WORKER})
           GID: 998 ({WORKER})
        Signal: 6 (ABRT)
     Timestamp: {time} ({ago}min ago)
  Command Line: /usr/lib/fleet/worker --serve
    Executable: /usr/lib/fleet/worker
 Control Group: /system.slice/{UNIT}
          Unit: {UNIT}
         Slice: system.slice
      Hostname: {host}
       Storage: {CORE} ({state}){size}
       Message: Process {CRASHED_PID} (worker) of user 998 dumped core.
                
                Stack trace of thread {CRASHED_PID}:
                #0  0x0000ffff8a5c2e30 __pthread_kill_implementation (libc.so.6 + 0x82e30)
                #1  0x0000ffff8a57c79c raise (libc.so.6 + 0x3c79c)
                #2  0x0000ffff8a569c2c abort (libc.so.6 + 0x29c2c)
                #3  0x0000aaaac1f42d18 check_level (worker + 0x12d18)
                #4  0x0000aaaac1f38a60 serve (worker + 0x8a60)
                #5  0x0000aaaac1f34410 main (worker + 0x4410)
"
    ))
}
