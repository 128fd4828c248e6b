//! What happens to the file while the move is under way.

use crate::host::{Host, exit, look, move_call, run_line};
use casebook_wire::quarantine::{Exit, Facts, Place};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// A stand-in for `mv` that does something else first, as a race would. The script's own checks
/// are over by then.
fn with_race(host: &Host, facts: &Facts, race: &str) -> Output {
    let bin = host.path("bin");
    fs::create_dir(&bin).unwrap();
    let mv = format!(
        "#!/bin/sh\nif [ ! -e {0}/raced ]; then touch {0}/raced; {race}; fi\nexec /bin/mv \"$@\"\n",
        bin.display()
    );
    fs::write(bin.join("mv"), mv).unwrap();
    fs::set_permissions(bin.join("mv"), fs::Permissions::from_mode(0o755)).unwrap();
    let before = format!("PATH={}:$PATH; export PATH; ", bin.display());
    run_line(&move_call(facts).line(), &before)
}

#[test]
fn a_target_that_appears_in_the_last_moment_is_not_replaced() {
    let host = Host::new();
    let facts = host.preview();
    let output = with_race(&host, &facts, &format!("echo other >'{}'", facts.target));
    assert_eq!(exit(&output), Exit::TargetExists, "{output:?}");
    assert_eq!(fs::read_to_string(&facts.target).unwrap(), "other\n");
    assert_eq!(fs::read_to_string(host.core()).unwrap(), "the core");
}

#[test]
fn what_changed_in_the_last_moment_is_put_back() {
    let replaced = "echo other >'{core}.new'; /bin/mv '{core}.new' '{core}'";
    for (race, left) in [
        ("echo more >>'{core}'", "the coremore\n"),
        (replaced, "other\n"),
    ] {
        let host = Host::new();
        let facts = host.preview();
        let output = with_race(&host, &facts, &race.replace("{core}", &facts.real));
        assert_eq!(exit(&output), Exit::PutBack, "{output:?}");
        assert_eq!(fs::read_to_string(host.core()).unwrap(), left);
        assert!(!Path::new(&facts.target).exists());
    }
}

#[test]
fn a_file_that_went_away_in_the_last_moment_is_said_to_be_unclear() {
    let host = Host::new();
    let facts = host.preview();
    let race = format!("/bin/mv '{0}' '{0}.gone'", facts.real);
    let output = with_race(&host, &facts, &race);
    assert_eq!(exit(&output), Exit::Unclear, "{output:?}");
    assert!(host.path("crash/core.gone").exists());
}

#[test]
fn a_hang_up_does_not_stop_a_move_in_the_middle() {
    let host = Host::new();
    let facts = host.preview();
    let race = "kill -HUP $PPID; kill -TERM $PPID; kill -PIPE $PPID";
    let output = with_race(&host, &facts, race);
    assert_eq!(exit(&output), Exit::Done, "{output:?}");
    assert_eq!(look(&facts), Place::Target);
}

#[test]
fn a_move_that_is_still_running_is_seen() {
    let host = Host::new();
    let facts = host.preview();
    let gate = host.path("gate");
    let (call, race) = (
        facts.clone(),
        format!("while [ ! -e '{}' ]; do sleep 0.05; done", gate.display()),
    );
    std::thread::scope(|scope| {
        let moving = scope.spawn(|| with_race(&host, &call, &race));
        let begun = std::time::Instant::now();
        while !host.path("bin/raced").exists() && begun.elapsed().as_secs() < 10 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        // Processes that end while the host looks for this one must not hide it.
        let mut seen = Vec::new();
        for _ in 0..20 {
            let mut passing: Vec<_> = (0..20)
                .map(|_| Command::new("/bin/true").spawn().unwrap())
                .collect();
            seen.push(look(&facts));
            passing.iter_mut().for_each(|child| drop(child.wait()));
        }
        fs::write(&gate, "").unwrap();
        let output = moving.join().unwrap();
        assert_eq!((seen, exit(&output)), (vec![Place::Moving; 20], Exit::Done));
    });
    assert_eq!(look(&facts), Place::Target);
}

#[test]
fn a_move_that_the_host_refuses_leaves_the_file() {
    let host = Host::new();
    let facts = host.preview();
    // A disk that refuses the rename; `mv` is what reports it.
    let output = with_race(
        &host,
        &facts,
        "echo 'mv: cannot move: No space left on device' >&2; exit 1",
    );
    assert_eq!(exit(&output), Exit::NotMoved, "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("No space left"));
    assert_eq!(fs::read_to_string(host.core()).unwrap(), "the core");
    assert_eq!(look(&facts), Place::Source);

    let silent = Host::new();
    let facts = silent.preview();
    assert_eq!(exit(&with_race(&silent, &facts, "exit 0")), Exit::NotMoved);
}
