//! `ps`: the processes of a host; the ill worker keeps its processor busy.

use super::Moment;
use super::output::{Output, table};

/// `(pid, ppid, user, %cpu, %mem, rss, stat, command)`; the worker's own are put in.
type Row = (
    u32,
    u32,
    &'static str,
    f64,
    f64,
    u32,
    &'static str,
    &'static str,
);

const SYSTEM: [Row; 6] = [
    (1, 0, "root", 0.0, 0.1, 12_388, "Ss", "systemd"),
    (2, 0, "root", 0.0, 0.0, 0, "S", "kthreadd"),
    (311, 1, "root", 0.1, 0.2, 17_104, "Ss", "systemd-journal"),
    (604, 1, "root", 0.0, 0.1, 9_232, "Ss", "sshd"),
    (611, 1, "root", 0.0, 0.0, 2_780, "Ss", "cron"),
    (720, 1, "node-exp", 0.3, 0.3, 23_980, "Ssl", "node_exporter"),
];

/// `ps -eo pid,ppid,user,pcpu,pmem,rss,etime,stat,comm --sort=-pcpu`.
pub(super) fn ps(moment: &Moment<'_>) -> Output {
    let now = moment.now();
    let busy = if moment.is_culprit() && moment.fleet.incident().is_ill(now) {
        96.4
    } else {
        // half a per cent of a processor for each request a second
        let count = |at: i64| moment.fleet.requests(moment.server, at).count();
        (count(now) - count(now - 60)) as f64 / 60.0 * 0.5
    };
    let worker = moment.worker_pid(now);
    let mut rows = vec![(
        worker,
        1,
        super::WORKER,
        busy,
        4.1,
        334_816,
        "Ssl",
        "worker",
    )];
    rows.extend(SYSTEM);
    rows.sort_by(|one, other| other.3.total_cmp(&one.3));

    let head = [
        "PID", "PPID", "USER", "%CPU", "%MEM", "RSS", "ELAPSED", "STAT", "COMMAND",
    ];
    let mut cells = vec![head.map(str::to_owned)];
    for (pid, ppid, user, cpu, memory, rss, state, command) in rows {
        let started = if pid == worker {
            moment.worker_started()
        } else {
            moment.fleet.begins()
        };
        cells.push([
            pid.to_string(),
            ppid.to_string(),
            user.to_owned(),
            format!("{cpu:.1}"),
            format!("{memory:.1}"),
            rss.to_string(),
            elapsed(now - started),
            state.to_owned(),
            command.to_owned(),
        ]);
    }
    let right = [true, true, false, true, true, true, true, false, false];
    Output::done(table(&cells, [7, 7, 8, 4, 4, 5, 11, 4, 0], right))
}

/// `[[days-]hours:]minutes:seconds`.
fn elapsed(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (minutes, hours, days) = (seconds / 60 % 60, seconds / 3600 % 24, seconds / 86_400);
    let seconds = seconds % 60;
    match (days, hours) {
        (0, 0) => format!("{minutes:02}:{seconds:02}"),
        (0, _) => format!("{hours:02}:{minutes:02}:{seconds:02}"),
        _ => format!("{days}-{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::elapsed;

    #[test]
    fn times_look_as_ps_prints_them() {
        for (seconds, text) in [
            (-1, "00:00"),
            (61, "01:01"),
            (3661, "01:01:01"),
            (90_061, "1-01:01:01"),
        ] {
            assert_eq!(elapsed(seconds), text);
        }
    }
}
