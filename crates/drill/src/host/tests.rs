use std::collections::BTreeMap;

use casebook_wire::quarantine::{Exit, Facts, Place, moved, place};
use casebook_wire::run::Value;

use super::*;
use crate::fleet::Incident;

const ONSET: i64 = 1_795_000_000;
const NOW: i64 = ONSET + 200;

fn host(which: &str) -> (Host, Switch) {
    let switch = Switch::from(Fleet::new(1, Incident::beginning(ONSET)));
    let fleet = switch.fleet();
    let is_it = |server: &crate::fleet::Server| server.which == which;
    let server = fleet.servers().iter().position(is_it).unwrap();
    (Host::new(&switch, server, Clock::Fixed(NOW * 1000)), switch)
}

/// The answer to a command of the catalogue.
fn ask(host: &Host, name: &str, params: &[(&str, &str)]) -> Output {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), Value::Text((*value).to_owned()));
    let params: BTreeMap<String, Value> = params.iter().map(own).collect();
    host.run(&command::line(name, &params).unwrap())
}

fn text(output: &Output) -> String {
    assert_eq!((output.status, output.stderr.as_str()), (0, ""));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn preview(host: &Host, path: &str, target: &str) -> Output {
    let call = Call::Preview {
        path: path.to_owned(),
        target: target.to_owned(),
        roots: vec!["/var/crash".to_owned()],
    };
    host.run(&call.line())
}

fn relocate(host: &Host, from: &str, to: &str, fingerprint: &str) -> Output {
    let call = Call::Move {
        plan: "p1".to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
        fingerprint: fingerprint.to_owned(),
    };
    host.run(&call.line())
}

#[test]
fn every_command_of_the_catalogue_is_answered() {
    let (host, _) = host(CULPRIT);
    for command in command::CATALOGUE {
        let params: Vec<(&str, &str)> = command
            .params
            .iter()
            .filter(|param| param.required)
            .map(|param| match param.name {
                "pid" => ("pid", "2211"),
                _ => ("path", CORE),
            })
            .collect();
        let output = ask(&host, command.name, &params);
        assert_eq!(output.status, 0, "{}: {}", command.name, output.stderr);
        assert!(!output.stdout.is_empty(), "{}", command.name);
    }
}

#[test]
fn only_the_culprit_has_a_core() {
    let (culprit, _) = host(CULPRIT);
    let listing = text(&ask(&culprit, "ls", &[("path", "/var/crash")]));
    assert_eq!(
        listing,
        "total 4108
drwxrwx--- 2 root   casebook    4096 2026-11-04 11:06:40.000000000 +0000 .
drwxr-xr-x 5 root   root        4096 2026-11-04 11:06:40.000000000 +0000 ..
-rw-r--r-- 1 root   root          89 2026-11-04 11:06:40.000000000 +0000 README
-rw-r----- 1 worker casebook 4194304 2026-11-18 11:06:39.000000000 +0000 core
lrwxrwxrwx 1 root   root          23 2026-11-04 11:06:40.000000000 +0000 worker.log -> ../log/fleet/worker.log
"
    );
    let (well, _) = host("object6");
    let listing = text(&ask(&well, "ls", &[("path", "/var/crash")]));
    assert!(!listing.contains("core"), "{listing}");
    let refused = ask(&well, "ls", &[("path", CORE)]);
    assert_eq!(refused.status, 2);
    let said = "ls: cannot access '/var/crash/core': No such file or directory\n";
    assert_eq!(refused.stderr, said);
}

#[test]
fn the_tools_write_as_the_real_ones_do() {
    let (host, _) = host(CULPRIT);
    let stat = text(&ask(&host, "stat", &[("path", CORE)]));
    assert!(
        stat.starts_with(
            "  File: /var/crash/core
  Size: 4194304   \tBlocks: 8192       IO Block: 4096   regular file
Device: 259,1\tInode: "
        ),
        "{stat}"
    );
    let access = "Access: (0640/-rw-r-----)  Uid: (  998/  worker)   Gid: ( 1001/casebook)\n";
    assert!(stat.contains(access), "{stat}");
    let df = text(&ask(&host, "df", &[("path", CORE)]));
    assert_eq!(
        df,
        "Filesystem     Type  Size  Used Avail Use% Mounted on
/dev/nvme0n1p1 ext4   20G  7.1G   12G  38% /
"
    );
    let sum = text(&ask(&host, "sha256sum", &[("path", CORE)]));
    assert!(
        sum.ends_with("  /var/crash/core\n") && sum.len() == 64 + 18,
        "{sum}"
    );
    let params = [("path", "/var/log/fleet/worker.log"), ("lines", "2")];
    let tail = text(&ask(&host, "tail", &params));
    assert_eq!(tail, "worker of object4 starts\n/var/crash/core is there\n");
    let ps = text(&ask(&host, "ps", &[]));
    let head = "    PID    PPID USER     %CPU %MEM    RSS     ELAPSED STAT COMMAND\n";
    assert!(ps.starts_with(head), "{ps}");
    assert!(ps.lines().nth(1).unwrap().ends_with("worker"), "{ps}");
    let info = text(&ask(&host, "coredumpctl_info", &[("pid", "2211")]));
    assert!(
        info.contains("       Storage: /var/crash/core (present)\n"),
        "{info}"
    );
    let none = ask(&host, "coredumpctl_info", &[("pid", "1")]);
    assert_eq!(
        (none.status, none.stderr.as_str()),
        (1, "No match found.\n")
    );
    let real = host.run(&command::realpath("/var/crash/../crash/core"));
    assert_eq!(text(&real), "/var/crash/core\n");
    let real = host.run(&command::realpath("/var/crash/worker.log"));
    assert_eq!(text(&real), "/var/log/fleet/worker.log\n");
}

#[test]
fn the_journal_can_be_narrowed() {
    let (host, _) = host(CULPRIT);
    let whole = text(&ask(&host, "journalctl", &[]));
    assert!(whole.contains(" ip-10-0-0-5 systemd-coredump[4290]: Process 2211 (worker) "));
    let params = [("since", "4m"), ("unit", "worker")];
    let recent = text(&ask(&host, "journalctl", &params));
    let starts = "2026-11-18T11:06:39+0000 ip-10-0-0-5 systemd[1]: worker.service: Main process \
                  exited, code=dumped, status=6/ABRT\n";
    assert!(recent.starts_with(starts), "{recent}");
    let one = text(&ask(&host, "journalctl", &[("lines", "1")]));
    assert_eq!(whole.lines().last(), one.lines().last());
    let none = text(&ask(&host, "journalctl", &[("unit", "nginx.service")]));
    assert_eq!(none, "-- No entries --\n");
}

#[test]
fn moving_the_core_away_cures_and_moving_it_back_makes_ill() {
    let (host, switch) = host(CULPRIT);
    let target = "/var/quarantine/core.1";
    let facts = Facts::parse(&text(&preview(&host, CORE, target))).unwrap();
    assert_eq!((facts.size, facts.real.as_str()), (CORE_BYTES as u64, CORE));
    let ill = || switch.fleet().incident().is_ill(NOW + 1);
    assert!(ill(), "a preview changes nothing");

    let output = relocate(&host, CORE, target, &facts.fingerprint);
    let arrived = moved(&text(&output)).unwrap();
    assert!(!ill());
    let look = Call::Look {
        plan: "p1".to_owned(),
        from: CORE.to_owned(),
        to: target.to_owned(),
        fingerprint: facts.fingerprint.clone(),
    };
    assert_eq!(place(&text(&host.run(&look.line()))), Some(Place::Target));
    let gone = relocate(&host, CORE, target, &facts.fingerprint);
    assert_eq!(Exit::of(gone.status), Some(Exit::Missing));

    text(&relocate(&host, target, CORE, &arrived));
    assert!(switch.fleet().incident().is_ill(NOW + 1));
    assert_eq!(switch.fleet().incident().illnesses().len(), 2);
    let old = relocate(&host, CORE, target, &facts.fingerprint);
    assert_eq!(Exit::of(old.status), Some(Exit::Changed));
}

#[test]
fn a_move_that_the_scripts_refuse_is_refused_with_their_status() {
    let (host, switch) = host(CULPRIT);
    let fingerprint = "1:2:3:4:5";
    for (from, to, exit) in [
        ("/var/crash/none", "/var/quarantine/a", Exit::Missing),
        (CORE, "/var/none/a", Exit::NoFolder),
        (CORE, "/var/quarantine/a", Exit::Changed),
    ] {
        let output = relocate(&host, from, to, fingerprint);
        assert_eq!(Exit::of(output.status), Some(exit), "{}", output.stderr);
        assert!(output.stderr.starts_with("casebook: "), "{}", output.stderr);
    }
    for (path, target, exit) in [
        ("/var/crash/none", "/var/quarantine/a", Exit::Missing),
        ("/var/crash", "/var/quarantine/a", Exit::NotRegular),
        ("/var/crash/worker.log", "/var/quarantine/a", Exit::Symlink),
        ("/etc/hostname", "/var/quarantine/a", Exit::Outside),
        (CORE, "/var/none/a", Exit::NoFolder),
        (CORE, "/var/crash/README", Exit::TargetExists),
        (CORE, "/srv/cores/a", Exit::OtherFileSystem),
    ] {
        let output = preview(&host, path, target);
        assert_eq!(Exit::of(output.status), Some(exit), "{}", output.stderr);
    }
    assert!(switch.fleet().incident().is_ill(NOW + 1));
}

#[test]
fn any_other_line_is_a_command_that_the_shell_does_not_know() {
    let (host, switch) = host(CULPRIT);
    for line in [
        "",
        "id",
        "rm -rf /var/crash/core",
        "mv /var/crash/core /tmp",
        "ls /var/crash",
        "ls -lab --time-style=full-iso -- /var/crash; id",
        "sh -c id",
    ] {
        let output = host.run(line);
        let word = line.split(' ').next().unwrap();
        let said = format!("sh: {word}: command not found\n");
        assert_eq!((output.status, output.stderr), (127, said));
    }
    assert!(switch.fleet().incident().is_ill(NOW + 1));
}
