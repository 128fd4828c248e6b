//! A login that is not root, by the real sshd and the real sudo. If these failed, the line that we
//! ask people to put into sudoers would permit more than it says, or would not be enough.

use crate::plan_bench::target;
use crate::sudo_host::SudoHost;
use crate::support::wait_for;
use casebook_wire::gate;
use serde_json::json;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::process::Command;

#[test]
fn a_core_of_root_is_moved_and_moved_back_with_its_owner_and_mode() {
    let host = SudoHost::ready();
    let bench = &host.bench;
    let core = bench.sshd.core();
    let before = fs::metadata(&core).unwrap();
    let own = |meta: &fs::Metadata| {
        (
            meta.ino(),
            meta.uid(),
            meta.gid(),
            meta.mode(),
            meta.mtime(),
        )
    };
    assert_ne!(before.uid(), 0);
    let plain = host.ssh(&format!("cat {}", core.display()));
    assert!(
        !plain.status.success(),
        "the login itself may not: {plain:?}"
    );

    let plan = bench.plan();
    let line = plan["line"].as_str().unwrap();
    let start = format!("sudo -n -- {} move casebook-move-", gate::PATH);
    assert!(line.starts_with(&start), "{line}");
    assert_eq!(plan["facts"]["blind"], 0, "root sees who has it open");
    assert_eq!(
        plan["facts"]["sha256"],
        casebook_wire::sha256_hex(&[0x7f; 64 << 10])
    );
    bench.approve(&plan);
    let done = bench.apply(&plan);
    assert_eq!(done["state"], "applied", "{done}");
    assert!(!core.exists());
    assert_eq!(own(&fs::metadata(target(&plan)).unwrap()), own(&before));

    let undo = bench.post(&plan, "undo").json();
    bench.approve(&undo);
    let undone = bench.apply(&undo);
    assert_eq!(undone["state"], "applied", "{undone}");
    assert_eq!(own(&fs::metadata(&core).unwrap()), own(&before));
}

#[test]
fn what_only_root_may_see_is_looked_at() {
    let host = SudoHost::ready();
    let crash = host.bench.sshd.crash();
    fs::write(crash.join("log"), "one\ntwo\nthree\n").unwrap();
    let log = crash.join("log");
    for (command, params, want) in [
        ("ls", json!({"path": crash}), " core\n".to_owned()),
        ("ls", json!({"path": log}), " ./log\n".to_owned()),
        (
            "stat",
            json!({"path": host.bench.sshd.core()}),
            "Size: 65536".to_owned(),
        ),
        ("df", json!({"path": crash}), "Filesystem".to_owned()),
        (
            "tail",
            json!({"path": log, "lines": 2}),
            "two\nthree\n".to_owned(),
        ),
        (
            "sha256sum",
            json!({"path": log}),
            format!(
                "{}  {}\n",
                casebook_wire::sha256_hex(b"one\ntwo\nthree\n"),
                log.display()
            ),
        ),
    ] {
        let answer = host.run(command, &params);
        let text = answer.text();
        assert_eq!(answer.status, 200, "{text}");
        let want = serde_json::to_string(&want).unwrap();
        assert!(text.contains(want.trim_matches('"')), "{command}: {text}");
        assert!(text.contains("\"status\":0"), "{command}: {text}");
    }
    let gone = host.run("stat", &json!({"path": crash.join("gone")}));
    assert!(gone.text().contains("No such file"), "{}", gone.text());
}

#[test]
fn a_link_out_of_the_folders_is_denied_and_recorded() {
    let host = SudoHost::ready();
    let link = host.bench.sshd.crash().join("link");
    symlink("/etc/shadow", &link).unwrap();
    let answer = host.run("tail", &json!({"path": link}));
    assert_eq!(
        (answer.status, answer.error_type()),
        (403, "denied".to_owned())
    );
    let denied = host.bench.proxy.result("does not let anyone look at");
    assert_eq!(denied["decision"], "deny");
    let plan = host.bench.ask_plan(link.to_str().unwrap());
    assert_eq!(
        (plan.status, plan.error_type()),
        (409, "plan_refused".to_owned())
    );
}

#[test]
fn a_sum_that_takes_too_long_does_not_go_on_as_root() {
    let host = SudoHost::with("[ssh.limits]\ntime = \"1s\"\n");
    let large = host.bench.sshd.crash().join("large");
    fs::File::create(&large).unwrap().set_len(1 << 40).unwrap();
    let told = host.run("sha256sum", &json!({"path": large})).text();
    assert!(
        told.contains("\"timed_out\":true") || told.contains("\"status\":1,"),
        "{told}"
    );
    wait_for("the end of the sum", || {
        let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let mut lines = processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
        let name = large.to_str().unwrap();
        let runs = lines.any(|line| String::from_utf8_lossy(&line).contains(name));
        (!runs).then_some(())
    });
}

#[test]
fn the_login_can_do_nothing_else_by_sudo() {
    let host = SudoHost::ready();
    let sshd = &host.bench.sshd;
    let (crash, to) = (sshd.crash(), sshd.quarantine());
    let (crash, to) = (crash.display(), to.display());
    symlink("/etc/shadow", sshd.crash().join("link")).unwrap();
    symlink("/etc", sshd.crash().join("folder")).unwrap();
    fs::hard_link(sshd.seen_as("/etc/shadow"), sshd.crash().join("hard")).unwrap();
    let gate = gate::PATH;
    // It works, so what is refused below is refused for its words.
    let good = host.ssh(&format!("sudo -n {gate} ls {crash}"));
    assert!(good.status.success(), "{good:?}");
    for line in [
        "sudo -n cat /etc/shadow".to_owned(),
        "sudo -n sh -c id".to_owned(),
        "sudo -n -s".to_owned(),
        "sudo -n -i".to_owned(),
        "sudo -n -e /etc/shadow".to_owned(),
        format!("sudo -n sh {gate} ls {crash}"),
        format!("sudo -n -u nobody {gate} ls {crash}"),
        format!("sudo -n -g nogroup {gate} ls {crash}"),
        format!("sudo -n -D /etc {gate} ls {crash}"),
        format!("sudo -n -R / {gate} ls {crash}"),
        format!("sudo -n PATH=/tmp {gate} ls {crash}"),
        format!("sudo -n -E {gate} ls {crash}"),
        format!("sudo -n {gate}"),
        format!("sudo -n {gate} sh -c id"),
        format!("sudo -n {gate} ls"),
        format!("sudo -n {gate} ls /etc"),
        format!("sudo -n {gate} ls /"),
        format!("sudo -n {gate} ls {crash} /etc"),
        format!("sudo -n {gate} ls -R {crash}"),
        format!("sudo -n {gate} ls {crash}/../../../etc"),
        format!("sudo -n {gate} ls {crash}/folder"),
        format!("sudo -n {gate} ls {crash}ed"),
        format!("sudo -n {gate} stat {crash}/folder/shadow"),
        format!("sudo -n {gate} tail 5 /etc/shadow"),
        format!("sudo -n {gate} tail 5 {crash}/link"),
        format!("sudo -n {gate} tail 5 {crash}/hard"),
        format!("sudo -n {gate} tail 5 {crash}/../etc/shadow"),
        format!("sudo -n {gate} tail '5 --follow' {crash}/core"),
        format!("sudo -n {gate} tail '' {crash}/core"),
        format!("sudo -n {gate} sha256sum 9 {crash}/link"),
        format!("sudo -n {gate} sha256sum 9 '{crash}/core\n/etc/shadow'"),
        format!("sudo -n {gate} sha256sum '9 -v' {crash}/core"),
        format!("sudo -n {gate} preview 9 /etc/passwd {to}/passwd"),
        format!("sudo -n {gate} preview 9 {crash}/core /etc/cron.d/core"),
        format!("sudo -n {gate} preview 9 {crash}/core {to}/../core"),
        format!("sudo -n {gate} preview 9 {crash}/link {to}/shadow"),
        format!("sudo -n {gate} look /etc/shadow {to}/shadow 1:2:3:4:5 ab"),
        format!("sudo -n {gate} look {crash}/core {to}/core 1:2:3:4:5 '.*'"),
    ] {
        let output = host.ssh(&line);
        assert!(!output.status.success(), "{line}: {output:?}");
        assert!(output.stdout.is_empty(), "{line}: {output:?}");
    }
}

#[test]
fn the_gate_moves_nothing_in_or_out_of_other_folders() {
    let host = SudoHost::ready();
    let sshd = &host.bench.sshd;
    let (crash, to) = (sshd.crash(), sshd.quarantine());
    let outside = tempfile::tempdir().unwrap();
    let own = outside.path().join("own");
    fs::write(&own, "own").unwrap();
    symlink(outside.path(), sshd.crash().join("link")).unwrap();
    fs::create_dir(crash.join("folder")).unwrap();
    let (inside, core) = (to.join("x"), sshd.core());
    for (from, to) in [
        (&own, &inside),
        (&crash.join("link/own"), &inside),
        (&core, &outside.path().join("x")),
        (&core, &crash.join("link/x")),
        (&core, &crash.join("x")),
        (&core, &to.join("folder/x")),
        (&core, &to.join("../x")),
        (&core, &to),
        (&crash, &inside),
        (&crash.join("folder"), &inside),
        (&crash.join("link"), &inside),
    ] {
        let seen = Command::new("stat")
            .args(["-c", "%d:%i:%s:%.9Y:%.9Z"])
            .arg(from)
            .output()
            .unwrap();
        let fingerprint = String::from_utf8(seen.stdout).unwrap();
        let line = format!(
            "sudo -n {} move casebook-move-ab {} {} {}",
            gate::PATH,
            from.display(),
            to.display(),
            fingerprint.trim()
        );
        let output = host.ssh(&line);
        let status = output.status.code().unwrap();
        assert!((10..=18).contains(&status), "{line}: {output:?}");
        assert!(from.exists(), "{line}: {output:?}");
    }
    assert_eq!(fs::read_dir(&to).unwrap().count(), 0);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[test]
fn a_refusal_names_the_host_and_the_command_that_prints_the_line() {
    let host = SudoHost::ready();
    let sshd = &host.bench.sshd;
    let (line, program) = (sshd.seen_as(gate::SUDOERS), sshd.seen_as(gate::PATH));
    let good = fs::read_to_string(&line).unwrap();
    let refused = |why: &str, said: &str| {
        let asked = json!({"path": sshd.crash()});
        for answer in [
            host.run("ls", &asked),
            host.bench.ask_plan(sshd.core().to_str().unwrap()),
        ] {
            let text = answer.text();
            assert_eq!(
                (answer.status, answer.error_type()),
                (502, "ssh_sudo".to_owned()),
                "{why}: {text}"
            );
            for word in [
                "web1 (127.0.0.2:",
                said,
                "casebook-proxy sudoers",
                "Nothing was run",
            ] {
                assert!(text.contains(word), "{why}: {word} is not in {text}");
            }
        }
    };
    fs::remove_file(&line).unwrap();
    refused("not in sudoers", "sudo: ");
    host.write(
        gate::SUDOERS,
        &good.replace("!requiretty", "requiretty"),
        0o440,
    );
    refused("requiretty", "tty");
    host.write(gate::SUDOERS, &good.replace("NOPASSWD", "PASSWD"), 0o440);
    refused("a password", "password is required");
    host.write(gate::SUDOERS, &good, 0o440);
    let text = fs::read_to_string(&program).unwrap();
    host.write(gate::PATH, &text.replace("umask 077", "umask 022"), 0o755);
    refused("another digest", "sudo: ");
    fs::remove_file(&program).unwrap();
    refused("no gate", "casebook-gate");
}

#[test]
fn a_plan_that_sudo_refuses_fails_with_the_file_in_its_place() {
    let host = SudoHost::ready();
    let plan = host.bench.approved();
    fs::remove_file(host.bench.sshd.seen_as(gate::SUDOERS)).unwrap();
    let failed = host.bench.apply(&plan);
    assert_eq!(failed["state"], "failed", "{failed}");
    let outcome = failed["outcome"].as_str().unwrap();
    assert!(outcome.contains("by sudo"), "{failed}");
    assert!(host.bench.sshd.core().exists());
}

#[test]
fn what_is_printed_passes_visudo_and_is_refused_where_it_makes_no_sense() {
    let host = SudoHost::ready();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), host.printed(&[])).unwrap();
    let checked = Command::new("visudo")
        .args(["--strict", "-cf"])
        .arg(file.path())
        .output()
        .unwrap();
    assert!(checked.status.success(), "{checked:?}");
    let syntax = Command::new("sh")
        .args(["-n", host.bench.sshd.seen_as(gate::PATH).to_str().unwrap()])
        .output()
        .unwrap();
    assert!(
        syntax.status.success() && syntax.stderr.is_empty(),
        "{syntax:?}"
    );
    let good = fs::read_to_string(host.config()).unwrap();
    for (config, want) in [
        (
            good.replace("user = \"casebook-lab\"", "user = \"ALL\""),
            "small letters",
        ),
        (
            good.replace("user = \"casebook-lab\"", "user = \"root\""),
            "root needs no sudo",
        ),
        (String::new(), "no [ssh] section"),
    ] {
        fs::write(host.config(), config).unwrap();
        let refused = host.print(&[]);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && error.contains(want), "{error}");
    }
}
