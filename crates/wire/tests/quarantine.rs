//! The quarantine scripts, run by the real `/bin/sh` on real files: whatever happens, nothing is
//! lost, nothing is replaced, and the exit status tells the truth.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

use casebook_wire::quarantine::{Call, Exit, Facts, Place, moved, place, same_file};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// An id for the plan of one host: the tests share one table of processes.
fn plan(facts: &Facts) -> String {
    casebook_wire::sha256_hex(facts.real.as_bytes())
}

/// A host with `crash/core` and an empty `quarantine`.
struct Host {
    _folder: TempDir,
    root: PathBuf,
}

impl Host {
    fn new() -> Host {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(root.join("crash")).unwrap();
        fs::create_dir(root.join("quarantine")).unwrap();
        let host = Host {
            _folder: folder,
            root,
        };
        fs::write(host.core(), "the core").unwrap();
        host
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn core(&self) -> PathBuf {
        self.path("crash/core")
    }

    fn preview_of(&self, path: &Path, target: &Path) -> Output {
        run(&Call::Preview {
            path: text(path),
            target: text(target),
            roots: vec!["/no/such/folder".into(), text(&self.path("crash"))],
        })
    }

    fn preview(&self) -> Facts {
        let output = self.preview_of(&self.core(), &self.path("quarantine/core.1"));
        Facts::parse(&stdout(&output)).unwrap_or_else(|| panic!("{output:?}"))
    }

    fn refused(&self, path: &Path, target: &str) -> Exit {
        exit(&self.preview_of(path, &self.path(target)))
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn run(call: &Call) -> Output {
    run_line(&call.line(), "")
}

/// Runs the line as sshd does: by the login shell's `-c`.
fn run_line(line: &str, before: &str) -> Output {
    Command::new("/bin/sh")
        .args(["-c", &format!("{before}{line}")])
        .output()
        .unwrap()
}

fn exit(output: &Output) -> Exit {
    let status = output.status.code().unwrap();
    Exit::of(u32::try_from(status).unwrap()).unwrap_or_else(|| panic!("{output:?}"))
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn move_call(facts: &Facts) -> Call {
    Call::Move {
        plan: plan(facts),
        from: facts.real.clone(),
        to: facts.target.clone(),
        fingerprint: facts.fingerprint.clone(),
    }
}

fn apply(facts: &Facts) -> Output {
    run(&move_call(facts))
}

fn look(facts: &Facts) -> Place {
    let output = run(&Call::Look {
        plan: plan(facts),
        from: facts.real.clone(),
        to: facts.target.clone(),
        fingerprint: facts.fingerprint.clone(),
    });
    place(&stdout(&output)).unwrap_or_else(|| panic!("{output:?}"))
}

#[test]
fn the_preview_tells_what_the_file_is() {
    let host = Host::new();
    let facts = host.preview();
    let metadata = fs::metadata(host.core()).unwrap();
    assert_eq!(facts.real, text(&host.core()));
    assert_eq!(facts.target, text(&host.path("quarantine/core.1")));
    assert_eq!(facts.size, 8);
    assert_eq!(facts.mtime, metadata.mtime());
    assert_eq!(facts.links, 1);
    assert_eq!(
        facts.sha256.as_deref(),
        Some(casebook_wire::sha256_hex(b"the core").as_str())
    );
    assert!(
        facts
            .fingerprint
            .starts_with(&format!("{}:{}:8:", metadata.dev(), metadata.ino()))
    );
    assert!(facts.free.unwrap() > 0);
    assert!(!facts.growing && facts.handles.is_empty(), "{facts:?}");
    assert!(host.core().exists(), "a preview changes nothing");
}

#[test]
fn a_move_is_verified_and_can_be_undone() {
    let host = Host::new();
    let facts = host.preview();
    let inode = fs::metadata(host.core()).unwrap().ino();
    let output = apply(&facts);
    assert_eq!(exit(&output), Exit::Done, "{output:?}");
    assert!(!host.core().exists());
    assert_eq!(fs::metadata(&facts.target).unwrap().ino(), inode);
    assert_eq!(fs::read_to_string(&facts.target).unwrap(), "the core");
    let now = moved(&stdout(&output)).unwrap();
    assert_eq!(same_file(&now), same_file(&facts.fingerprint));
    assert_eq!(look(&facts), Place::Target);

    let back = run(&Call::Preview {
        path: facts.target.clone(),
        target: facts.real.clone(),
        roots: vec![text(&host.path("quarantine"))],
    });
    let back = Facts::parse(&stdout(&back)).unwrap_or_else(|| panic!("{back:?}"));
    assert_eq!((back.sha256.clone(), back.size), (facts.sha256.clone(), 8));
    assert_eq!(exit(&apply(&back)), Exit::Done);
    assert_eq!(fs::metadata(host.core()).unwrap().ino(), inode);
    assert!(!Path::new(&facts.target).exists());
}

#[test]
fn names_that_a_shell_would_read_are_only_names() {
    let host = Host::new();
    for name in [
        "it's",
        "$(touch boom)",
        "a b",
        "-n",
        "*",
        "\"",
        "`id`",
        "back\\slash",
        "ü",
        ";",
        "%s",
    ] {
        let path = host.path("crash").join(name);
        fs::write(&path, name).unwrap();
        let output = host.preview_of(&path, &host.path("quarantine").join(name));
        let facts = Facts::parse(&stdout(&output)).unwrap_or_else(|| panic!("{output:?}"));
        assert_eq!(exit(&apply(&facts)), Exit::Done, "{name}");
        assert_eq!(fs::read_to_string(&facts.target).unwrap(), name);
    }
    assert!(host.core().exists(), "the star moved only the star");
}

#[test]
fn a_second_run_finds_nothing_to_do() {
    let host = Host::new();
    let facts = host.preview();
    assert_eq!(exit(&apply(&facts)), Exit::Done);
    assert_eq!(exit(&apply(&facts)), Exit::Missing);
    fs::write(host.core(), "the next core").unwrap();
    assert_eq!(exit(&apply(&facts)), Exit::Changed);
    assert_eq!(fs::read_to_string(&facts.target).unwrap(), "the core");
    assert_eq!(fs::read_to_string(host.core()).unwrap(), "the next core");
}

#[test]
fn a_changed_file_is_left_alone() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 5] = [
        ("rewritten", |core| fs::write(core, "THE CORE").unwrap()),
        ("longer", |core| {
            let mut file = OpenOptions::new().append(true).open(core).unwrap();
            file.write_all(b"!").unwrap();
        }),
        ("another file", |core| {
            fs::write(core.with_extension("new"), "the core").unwrap();
            fs::rename(core.with_extension("new"), core).unwrap();
        }),
        ("other rights", |core| {
            fs::set_permissions(core, fs::Permissions::from_mode(0o600)).unwrap();
        }),
        ("an old date", |core| {
            fs::write(core, "the c0re").unwrap();
            let file = OpenOptions::new().write(true).open(core).unwrap();
            file.set_modified(std::time::UNIX_EPOCH).unwrap();
        }),
    ];
    for (what, change) in changes {
        let host = Host::new();
        let facts = host.preview();
        change(&host.core());
        let before = fs::read(host.core()).unwrap();
        assert_eq!(exit(&apply(&facts)), Exit::Changed, "{what}");
        assert_eq!(fs::read(host.core()).unwrap(), before);
        assert!(!Path::new(&facts.target).exists());
    }
}

#[test]
fn a_target_that_exists_is_never_replaced() {
    let host = Host::new();
    let facts = host.preview();
    for make in [
        (|to| fs::write(to, "older").unwrap()) as fn(&str),
        |to| fs::create_dir(to).unwrap(),
        |to| symlink("/nowhere", to).unwrap(),
    ] {
        make(&facts.target);
        assert_eq!(exit(&apply(&facts)), Exit::TargetExists);
        assert_eq!(
            host.refused(&host.core(), "quarantine/core.1"),
            Exit::TargetExists
        );
        assert!(host.core().exists());
        let _ = fs::remove_file(&facts.target).or_else(|_| fs::remove_dir(&facts.target));
    }
    assert_eq!(exit(&apply(&facts)), Exit::Done);
}

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
fn a_file_that_is_written_to_is_seen_and_not_moved() {
    let host = Host::new();
    let quiet = host.preview();
    let reader = fs::File::open(host.core()).unwrap();
    let writer = OpenOptions::new().append(true).open(host.core()).unwrap();
    let facts = host.preview();
    let ours = |writing| {
        let mine = facts
            .handles
            .iter()
            .filter(|handle| handle.pid == std::process::id());
        mine.filter(|handle| handle.writing == writing).count()
    };
    assert_eq!((ours(true), ours(false)), (1, 1), "{facts:?}");
    assert!(!facts.handles[0].name.is_empty());
    assert_eq!(exit(&apply(&quiet)), Exit::OpenForWriting);
    drop(writer);
    assert_eq!(
        exit(&apply(&quiet)),
        Exit::Done,
        "a reader keeps what it reads"
    );
    drop(reader);
}

#[test]
fn a_growing_file_is_seen() {
    let host = Host::new();
    let core = host.core();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = std::sync::Arc::clone(&stop);
    let grow = std::thread::spawn(move || {
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            let mut file = OpenOptions::new().append(true).open(&core).unwrap();
            file.write_all(b"x").unwrap();
            drop(file);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    });
    let facts = host.preview();
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    grow.join().unwrap();
    assert!(facts.growing);
}

#[test]
fn links_do_not_lead_out_of_the_folder() {
    let host = Host::new();
    fs::write(host.path("secret"), "s").unwrap();
    symlink(host.path("secret"), host.path("crash/link")).unwrap();
    assert_eq!(
        host.refused(&host.path("crash/link"), "quarantine/x"),
        Exit::Symlink
    );
    fs::create_dir(host.path("private")).unwrap();
    fs::write(host.path("private/key"), "k").unwrap();
    symlink(host.path("private"), host.path("crash/door")).unwrap();
    assert_eq!(
        host.refused(&host.path("crash/door/key"), "quarantine/x"),
        Exit::Outside
    );
    assert_eq!(
        host.refused(&host.path("crash/../secret"), "quarantine/x"),
        Exit::Outside
    );
    assert_eq!(
        host.refused(&host.path("crash2"), "quarantine/x"),
        Exit::Missing
    );
    assert_eq!(
        host.refused(&host.path("crash"), "quarantine/x"),
        Exit::NotRegular
    );
    assert_eq!(
        host.refused(&host.path("crash/none"), "quarantine/x"),
        Exit::Missing
    );
    assert_eq!(host.refused(&host.core(), "nowhere/x"), Exit::NoFolder);
    symlink(host.path("crash"), host.path("crash/self")).unwrap();
    let output = host.preview_of(&host.path("crash/self/core"), &host.path("quarantine/x"));
    assert_eq!(
        Facts::parse(&stdout(&output)).unwrap().real,
        text(&host.core())
    );
}

#[test]
fn a_folder_that_became_a_link_is_not_followed() {
    let host = Host::new();
    let facts = host.preview();
    fs::rename(host.path("crash"), host.path("crash.real")).unwrap();
    symlink(host.path("crash.real"), host.path("crash")).unwrap();
    assert_eq!(exit(&apply(&facts)), Exit::Symlink);
    let host = Host::new();
    let facts = host.preview();
    fs::rename(host.path("quarantine"), host.path("q.real")).unwrap();
    symlink(host.path("q.real"), host.path("quarantine")).unwrap();
    assert_eq!(exit(&apply(&facts)), Exit::NoFolder);
    assert!(host.core().exists());
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
fn the_place_of_a_lost_file_is_unclear() {
    let host = Host::new();
    let facts = host.preview();
    assert_eq!(look(&facts), Place::Source);
    fs::remove_file(host.core()).unwrap();
    assert_eq!(look(&facts), Place::Unclear);
}

/// Whether this machine lets us mount, in a namespace of our own.
fn may_mount() -> bool {
    let tried = Command::new("unshare")
        .args(["-m", "mount", "-t", "tmpfs", "none", "/mnt"])
        .output();
    tried.is_ok_and(|output| output.status.success())
}

/// Runs the line where `folder` is mounted anew by `mount`.
fn mounted(mount: &str, line: &str) -> Output {
    Command::new("unshare")
        .args([
            "-m",
            "/bin/sh",
            "-c",
            &format!("{mount} || exit 99; {line}"),
        ])
        .output()
        .unwrap()
}

#[test]
fn another_file_system_is_refused_before_anything_moves() {
    if !may_mount() {
        eprintln!("not tested: this user may not mount");
        return;
    }
    let host = Host::new();
    let facts = host.preview();
    let quarantine = text(&host.path("quarantine"));
    // A bind mount has the same device number, and yet a rename into it fails.
    for mount in [
        format!("mount -t tmpfs none {quarantine}"),
        format!("mount --bind {quarantine} {quarantine}"),
    ] {
        let output = mounted(&mount, &move_call(&facts).line());
        assert_eq!(exit(&output), Exit::OtherFileSystem, "{output:?}");
        let call = Call::Preview {
            path: facts.real.clone(),
            target: facts.target.clone(),
            roots: vec![text(&host.path("crash"))],
        };
        assert_eq!(exit(&mounted(&mount, &call.line())), Exit::OtherFileSystem);
        assert_eq!(fs::read_to_string(host.core()).unwrap(), "the core");
    }
}

#[test]
fn a_full_disk_loses_nothing() {
    if !may_mount() {
        eprintln!("not tested: this user may not mount");
        return;
    }
    let host = Host::new();
    let root = host.root.display();
    let call = Call::Preview {
        path: format!("{root}/crash/d/core"),
        target: format!("{root}/crash/q/core"),
        roots: vec![format!("{root}/crash")],
    };
    // A disk of one page, which the core fills, and with no inode left.
    let fill = format!(
        "mount -t tmpfs -o size=4k,nr_inodes=4 none {root}/crash && cd {root}/crash && mkdir d q && printf 'the core' >d/core && ! cp d/core d/more 2>/dev/null"
    );
    let preview = mounted(&fill, &call.line());
    let facts = Facts::parse(&stdout(&preview)).unwrap_or_else(|| panic!("{preview:?}"));
    assert_eq!(facts.free, Some(0));
    let both = format!(
        "fp=$({} | sed -n 's/^fingerprint=//p'); {}; echo status=$?; cat q/core d/core",
        call.line(),
        move_call(&Facts {
            fingerprint: "FP".into(),
            ..facts
        })
        .line()
        .replace("'FP'", "\"$fp\"")
    );
    let output = stdout(&mounted(&fill, &both));
    assert!(output.contains("status=0\nthe core"), "{output}");
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

#[test]
fn a_user_without_the_right_gets_a_sentence_and_changes_nothing() {
    let host = Host::new();
    let facts = host.preview();
    let own = fs::metadata(&host.root).unwrap().uid();
    if own != 0 {
        eprintln!("not tested: only root can become somebody else");
        return;
    }
    let nobody = |call: &Call| {
        let line = call.line();
        Command::new("setpriv")
            .args([
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "/bin/sh",
                "-c",
                &line,
            ])
            .output()
            .unwrap()
    };
    let preview = Call::Preview {
        path: facts.real.clone(),
        target: facts.target.clone(),
        roots: vec![text(&host.path("crash"))],
    };
    assert_eq!(exit(&nobody(&preview)), Exit::NoFolder);
    assert_eq!(exit(&nobody(&move_call(&facts))), Exit::NotMoved);
    fs::set_permissions(host.path("crash"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(host.path("quarantine"), fs::Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(host.core(), fs::Permissions::from_mode(0o600)).unwrap();
    let seen = Facts::parse(&stdout(&nobody(&preview))).unwrap();
    assert_eq!(seen.sha256, None, "an unreadable core has no sum");
    assert!(seen.blind > 0, "{seen:?}");
    assert_eq!(exit(&nobody(&move_call(&seen))), Exit::Done);
}
