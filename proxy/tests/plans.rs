//! Plans by the real binary against the real OpenSSH: whatever is killed and whoever asks twice, a
//! file is moved at most once, only after an approval, and never lost.

use crate::plan_bench::{Bench, HOST, id, target};
use crate::support::{signal, wait_for};
use serde_json::json;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[test]
fn a_core_is_moved_after_approval_and_moved_back_after_another() {
    let bench = Bench::new();
    let core = bench.sshd.core();
    let inode = fs::metadata(&core).unwrap().ino();
    let plan = bench.plan();
    assert_eq!(plan["state"], "waiting");
    assert_eq!(
        (&plan["host"], &plan["port"]),
        (&json!(HOST), &json!(bench.sshd.port()))
    );
    assert_eq!(plan["facts"]["size"], 65_536);
    assert_eq!(
        plan["facts"]["sha256"],
        casebook_wire::sha256_hex(&[0x7f; 64 << 10])
    );
    assert!(plan["line"].as_str().unwrap().starts_with("sh -c '"));
    assert_eq!(
        plan["approve_url"],
        format!("http://{}/plans/{}", bench.approvals(), id(&plan))
    );

    let early = bench.post(&plan, "apply");
    assert_eq!(
        (early.status, early.error_type()),
        (409, "plan_state".to_owned())
    );
    assert!(core.exists() && bench.moves() == 0);

    bench.approve(&plan);
    assert_eq!(bench.get(&plan)["decided_by"], "ada with the code");
    assert!(core.exists(), "an approval alone moves nothing");
    let done = bench.apply(&plan);
    assert_eq!(done["state"], "applied", "{done}");
    assert!(!core.exists());
    assert_eq!(fs::metadata(target(&plan)).unwrap().ino(), inode);

    let again = bench.post(&plan, "apply");
    assert_eq!(
        (again.status, again.error_type()),
        (409, "plan_state".to_owned())
    );

    let answer = bench.post(&plan, "undo");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let undo = answer.json();
    assert_eq!(
        (&undo["kind"], &undo["undoes"]),
        (&json!("undo"), &plan["id"])
    );
    let second = bench.post(&plan, "undo");
    assert_eq!(
        (second.status, second.error_type()),
        (409, "plan_state".to_owned())
    );
    assert_eq!(
        bench.post(&undo, "apply").status,
        409,
        "an undo needs its own approval"
    );
    bench.approve(&undo);
    assert_eq!(bench.apply(&undo)["state"], "applied");
    assert_eq!(fs::metadata(&core).unwrap().ino(), inode);
    let undone = bench.get(&plan);
    assert_eq!(
        (&undone["state"], &undone["undone_by"]),
        (&json!("undone"), &undo["id"])
    );
    assert_eq!(bench.moves(), 2);

    let ops: Vec<(String, String)> = bench
        .proxy
        .records()
        .iter()
        .map(|record| {
            let text = |key: &str| record[key].as_str().unwrap().to_owned();
            (text("op"), text("phase"))
        })
        .filter(|(op, _)| op.starts_with("plan."))
        .collect();
    let one_plan = [
        ("plan.preview", "intent"),
        ("plan.preview", "result"),
        ("plan.approve", "result"),
        ("plan.apply", "intent"),
        ("plan.apply", "result"),
    ];
    let want: Vec<(String, String)> = one_plan
        .iter()
        .chain(&one_plan)
        .map(|(op, phase)| ((*op).to_owned(), (*phase).to_owned()))
        .collect();
    assert_eq!(ops, want);
}

#[test]
fn of_many_requests_to_apply_one_moves() {
    let bench = Bench::new();
    let plan = bench.approved();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| bench.post(&plan, "apply").status))
            .collect();
        asking
            .into_iter()
            .map(|asked| asked.join().unwrap())
            .collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 409).count(),
        7,
        "{statuses:?}"
    );
    assert_eq!(bench.moves(), 1);
}

#[test]
fn what_changed_since_the_preview_stays_where_it_is() {
    let bench = Bench::new();
    let plan = bench.approved();
    fs::write(bench.sshd.core(), "another core").unwrap();
    let failed = bench.apply(&plan);
    assert_eq!(
        (&failed["state"], &failed["exit"]),
        (&json!("failed"), &json!("changed"))
    );
    assert!(
        failed["next"].as_str().unwrap().contains("new plan"),
        "{failed}"
    );
    assert_eq!(
        fs::read_to_string(bench.sshd.core()).unwrap(),
        "another core"
    );

    let plan = bench.approved();
    fs::write(target(&plan), "older").unwrap();
    let failed = bench.apply(&plan);
    assert_eq!(failed["exit"], "target_exists");
    assert!(
        failed["outcome"]
            .as_str()
            .unwrap()
            .contains("nothing was moved"),
        "{failed}"
    );
    assert!(
        failed["next"].as_str().unwrap().contains("new plan"),
        "{failed}"
    );
    assert_eq!(fs::read_to_string(target(&plan)).unwrap(), "older");
    assert!(bench.sshd.core().exists());
    assert_eq!(bench.post(&plan, "undo").status, 409);
}

#[test]
fn a_full_disk_is_told_in_the_hosts_words_and_the_file_stays() {
    let bench = Bench::new();
    let plan = bench.approved();
    bench.fill_the_disk();
    let failed = bench.apply(&plan);
    assert_eq!(
        (&failed["state"], &failed["exit"]),
        (&json!("failed"), &json!("not_moved"))
    );
    let outcome = failed["outcome"].as_str().unwrap();
    assert!(
        outcome.contains("No space left on device") && outcome.contains("it is where it was"),
        "{failed}"
    );
    assert!(
        failed["next"]
            .as_str()
            .unwrap()
            .contains("disk may be full"),
        "{failed}"
    );
    assert!(bench.sshd.core().exists() && !target(&plan).exists());
    assert_eq!(bench.post(&plan, "undo").status, 409, "nothing to undo");
}

#[test]
fn a_folder_on_another_file_system_gets_no_plan() {
    // On Linux, a file system of its own in memory.
    let elsewhere = tempfile::tempdir_in("/dev/shm").unwrap();
    let bench = Bench::moving_to(elsewhere.path());
    let core = bench.sshd.core();
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    assert_ne!(device(&core), device(elsewhere.path()), "{elsewhere:?}");
    let refused = bench.ask_plan(core.to_str().unwrap());
    assert_eq!(
        (refused.status, refused.error_type()),
        (409, "plan_refused".to_owned())
    );
    let text = refused.text();
    for want in [
        HOST,
        core.to_str().unwrap(),
        "different file systems",
        "nothing was moved",
        "ssh.paths.quarantine_to",
    ] {
        assert!(text.contains(want), "{want} in {text}");
    }
    assert!(core.exists() && bench.moves() == 0);
}

#[test]
fn a_plan_that_is_too_old_does_nothing() {
    let mut bench = Bench::with("ttl = \"2s\"");
    let plan = bench.approved();
    std::thread::sleep(Duration::from_millis(2100));
    assert_eq!(bench.post(&plan, "apply").status, 409);
    assert_eq!(bench.get(&plan)["state"], "expired");
    let waiting = bench.plan();
    bench.kill_and_restart();
    std::thread::sleep(Duration::from_millis(2000));
    assert_eq!(bench.get(&plan)["state"], "expired");
    assert_eq!(bench.get(&waiting)["state"], "expired");
    assert!(bench.sshd.core().exists() && bench.moves() == 0);
}

#[test]
fn a_cancelled_plan_does_nothing() {
    let bench = Bench::new();
    let plan = bench.approved();
    assert_eq!(bench.post(&plan, "cancel").json()["state"], "cancelled");
    assert_eq!(bench.post(&plan, "apply").status, 409);
    assert_eq!(bench.post(&plan, "cancel").status, 409);
    assert_eq!(bench.moves(), 0);
}

#[test]
fn a_killed_proxy_forgets_no_plan_and_begins_none_twice() {
    let mut bench = Bench::new();
    let plan = bench.plan();
    let old = bench.code(&plan);
    bench.kill_and_restart();
    assert_eq!(bench.get(&plan)["state"], "waiting");
    assert_ne!(bench.code(&plan), old, "a code is never on the disk");
    assert_eq!(bench.try_code(&plan, &old).status, 403);
    bench.approve(&plan);
    bench.kill_and_restart();
    assert_eq!(bench.get(&plan)["state"], "approved");
    assert_eq!(bench.apply(&plan)["state"], "applied");
    bench.kill_and_restart();
    assert_eq!(bench.get(&plan)["state"], "applied");
    assert_eq!(bench.post(&plan, "apply").status, 409);
    assert_eq!(bench.moves(), 1);
}

/// Asks to apply the plan and does not wait for the answer; returns when the host is at it.
fn begin(bench: &Bench, plan: &serde_json::Value) {
    use std::io::Write;
    bench.hold();
    let port = bench.proxy.port;
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "POST /api/v1/plans/{}/apply HTTP/1.1\r\nhost: localhost:{port}\r\ncookie: {}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/json\r\ncontent-length: 0\r\n\r\n",
        id(plan),
        bench.cookie
    );
    stream.write_all(request.as_bytes()).unwrap();
    wait_for("the move to begin", || (bench.moves() == 1).then_some(()));
}

#[test]
fn a_proxy_that_is_killed_in_the_move_finds_out_what_became_of_it() {
    let mut bench = Bench::new();
    let plan = bench.approved();
    begin(&bench, &plan);
    assert_eq!(bench.get(&plan)["state"], "applying");
    bench.kill_and_restart();
    let unknown = bench.get(&plan);
    assert_eq!(unknown["state"], "unknown", "{unknown}");
    assert_eq!(bench.post(&plan, "apply").status, 409, "never begun again");
    let looked = bench.post(&plan, "look").json();
    assert_eq!(looked["state"], "unknown");
    assert!(
        looked["outcome"]
            .as_str()
            .unwrap()
            .contains("still running"),
        "{looked}"
    );
    bench.release();
    let settled = bench.wait_for_state(&plan, "applied");
    assert!(
        settled["outcome"].as_str().unwrap().contains("verified"),
        "{settled}"
    );
    assert!(target(&plan).exists() && !bench.sshd.core().exists());
    assert_eq!(bench.moves(), 1);
}

#[test]
fn a_connection_lost_in_the_move_is_no_success_and_no_failure() {
    let bench = Bench::new();
    let plan = bench.approved();
    begin(&bench, &plan);
    let sessions = Command::new("ps")
        .args(["-o", "pid=", "--ppid", &bench.sshd.id().to_string()])
        .output()
        .unwrap();
    for session in String::from_utf8(sessions.stdout)
        .unwrap()
        .split_whitespace()
    {
        signal(session.parse().unwrap(), "KILL");
    }
    let unknown = bench.wait_for_state(&plan, "unknown");
    assert!(
        unknown["outcome"]
            .as_str()
            .unwrap()
            .contains("Nobody saw how the move ended"),
        "{unknown}"
    );
    assert!(
        unknown["next"]
            .as_str()
            .is_some_and(|next| !next.is_empty()),
        "{unknown}"
    );
    bench.release();
    bench.wait_for_state(&plan, "applied");
    assert!(target(&plan).exists() && !bench.sshd.core().exists());
    assert_eq!(bench.moves(), 1);
}

#[test]
fn a_cell_that_goes_away_does_not_stop_the_move_and_a_stop_waits_for_it() {
    let mut bench = Bench::new();
    let plan = bench.approved();
    begin(&bench, &plan);
    signal(bench.proxy.pid(), "TERM");
    std::thread::sleep(Duration::from_millis(300));
    assert!(bench.proxy.is_running());
    bench.release();
    wait_for("the end", || (!bench.proxy.is_running()).then_some(()));
    bench.kill_and_restart();
    assert_eq!(bench.get(&plan)["state"], "applied");
}

#[test]
fn without_an_audit_log_nothing_is_done() {
    let bench = Bench::new();
    let plan = bench.approved();
    let log = bench.proxy.state("audit.jsonl");
    fs::rename(&log, log.with_extension("away")).unwrap();
    fs::create_dir(&log).unwrap();
    let failed = bench.apply(&plan);
    assert_eq!(failed["state"], "failed", "{failed}");
    assert!(
        failed["outcome"].as_str().unwrap().contains("audit log"),
        "{failed}"
    );
    assert!(bench.sshd.core().exists() && bench.moves() == 0);
    let refused = bench.ask_plan(bench.sshd.core().to_str().unwrap());
    assert_eq!(
        (refused.status, refused.error_type()),
        (503, "audit".to_owned())
    );
}

#[test]
fn what_cannot_be_moved_gets_no_plan_and_a_sentence() {
    let bench = Bench::new();
    let crash = bench.sshd.crash();
    let outside = crash.parent().unwrap().join("secret");
    fs::write(&outside, "s").unwrap();
    symlink(&outside, crash.join("link")).unwrap();
    symlink(crash.parent().unwrap(), crash.join("up")).unwrap();
    fs::write(crash.join("busy"), "b").unwrap();
    let writer = OpenOptions::new()
        .append(true)
        .open(crash.join("busy"))
        .unwrap();
    let at = crash.display();
    for (path, status, error_type) in [
        (format!("{at}/link"), 409, "plan_refused"),
        (format!("{at}/up/secret"), 409, "plan_refused"),
        (format!("{at}/none"), 409, "plan_refused"),
        (format!("{at}/busy"), 409, "plan_busy"),
        (format!("{at}/../secret"), 400, "bad_data"),
        (format!("{at}/a\nb"), 400, "bad_data"),
        ("core".to_owned(), 400, "bad_data"),
        ("-core".to_owned(), 400, "bad_data"),
        (format!("{at}/"), 400, "bad_data"),
        (outside.display().to_string(), 403, "denied"),
        ("/etc/passwd".to_owned(), 403, "denied"),
        (at.to_string(), 403, "denied"),
        (format!("{at}/$(touch {at}/boom)"), 409, "plan_refused"),
    ] {
        let answer = bench.ask_plan(&path);
        assert_eq!(
            (answer.status, answer.error_type().as_str()),
            (status, error_type),
            "{path}: {}",
            answer.text()
        );
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        let asked = path.escape_debug().to_string();
        assert!(error.contains(&path) || error.contains(&asked), "{error}");
        assert!(status != 409 || error.contains(HOST), "{error}");
    }
    drop(writer);
    assert!(!crash.join("boom").exists());
    let session = bench.session();
    for (wish, status) in [
        (json!({"host": "db9", "path": bench.sshd.core()}), 404),
        (
            json!({"host": HOST, "path": bench.sshd.core(), "target": "/etc/cron.d/x"}),
            400,
        ),
        (
            json!({"host": HOST, "path": bench.sshd.core(), "kind": "delete"}),
            400,
        ),
    ] {
        let answer = session.post_json("/api/v1/plans", &wish);
        assert_eq!(answer.status, status, "{}", answer.text());
        answer.error_type();
    }
    assert_eq!(session.get("/api/v1/plans").json()["plans"], json!([]));
    assert!(bench.sshd.core().exists());
}
