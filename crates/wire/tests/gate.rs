//! The gate, run by the real `/bin/sh`, against somebody who owns a folder in there and exchanges it
//! for a link at the worst moment. If these failed, root could be led out of the allowed folders.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

use casebook_wire::command::{CATALOGUE, check};
use casebook_wire::gate::{self, Gate};
use casebook_wire::quarantine::{Call, Exit, Facts, Place, moved, place};
use casebook_wire::run::Value;
use casebook_wire::sha256_hex;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

const SECRET: &str = "the secret";
const TIME: Duration = Duration::from_secs(20);

/// A host with `crash/own/core`, an empty `quarantine`, and `outside/core`, which nobody may see.
struct Host {
    _folder: TempDir,
    root: PathBuf,
}

impl Host {
    fn new() -> Host {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let host = Host {
            _folder: folder,
            root,
        };
        for name in ["crash", "crash/own", "quarantine", "outside", "bin"] {
            fs::create_dir(host.path(name)).unwrap();
        }
        fs::write(host.path("crash/own/core"), "the core").unwrap();
        fs::write(host.path("outside/core"), SECRET).unwrap();
        let folders = [host.text("crash")];
        let to = host.text("quarantine");
        let text = Gate::new("casebook", &folders, &folders, Some(&to))
            .unwrap()
            .program();
        let path = format!("PATH={}:/usr/bin:/bin", host.text("bin"));
        let text = text.replace("PATH=/usr/sbin:/usr/bin:/sbin:/bin", &path);
        assert!(text.contains(&path));
        host.program("gate", &text);
        host
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn program(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Has the program `name` exchange `crash/own` for a link to `outside`, once, before or after
    /// its own work.
    fn exchange(&self, name: &str, before: bool) {
        let root = self.root.display();
        let act = format!(
            "if mkdir {root}/done 2>/dev/null; then /bin/mv {root}/crash/own {root}/crash/kept; \
             /bin/ln -s {root}/outside {root}/crash/own; fi"
        );
        let work = format!("/usr/bin/{name} \"$@\"");
        let (first, last) = if before {
            (act, work)
        } else {
            (format!("{work}; status=$?"), format!("{act}; exit $status"))
        };
        self.program(
            &format!("bin/{name}"),
            &format!("#!/bin/sh\n{first}\n{last}\n"),
        );
    }

    fn was_exchanged(&self) -> bool {
        self.path("crash/own").is_symlink()
    }

    /// What root would run for this line.
    fn command(&self, line: &str) -> Command {
        let words = line
            .strip_prefix(&format!("sudo -n -- {} ", gate::PATH))
            .unwrap();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("{} {words}", self.text("gate"))]);
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    fn preview(&self, path: &str, target: &str) -> Output {
        self.run(&gate::call(
            &Call::Preview {
                path: self.text(path),
                target: self.text(target),
                roots: vec![],
            },
            TIME,
        ))
    }

    fn facts(&self, path: &str, target: &str) -> Facts {
        let output = self.preview(path, target);
        Facts::parse(&stdout(&output)).unwrap_or_else(|| panic!("{output:?}"))
    }

    fn outside(&self) -> Vec<String> {
        let names = fs::read_dir(self.path("outside")).unwrap();
        names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn exit(output: &Output) -> Exit {
    let status = output.status.code().unwrap();
    Exit::of(u32::try_from(status).unwrap()).unwrap_or_else(|| panic!("{output:?}"))
}

fn line(command: &str, path: &Path) -> String {
    let path = Value::Text(path.to_str().unwrap().to_owned());
    let params = BTreeMap::from([("path".to_owned(), path)]);
    gate::command(&check(command, &params).unwrap(), TIME).unwrap()
}

fn plan(facts: &Facts) -> String {
    sha256_hex(facts.real.as_bytes())
}

fn move_line(facts: &Facts) -> String {
    gate::call(
        &Call::Move {
            plan: plan(facts),
            from: facts.real.clone(),
            to: facts.target.clone(),
            fingerprint: facts.fingerprint.clone(),
        },
        TIME,
    )
}

fn look(host: &Host, facts: &Facts) -> Option<Place> {
    let line = gate::call(
        &Call::Look {
            plan: plan(facts),
            from: facts.real.clone(),
            to: facts.target.clone(),
            fingerprint: facts.fingerprint.clone(),
        },
        TIME,
    );
    place(&stdout(&host.run(&line)))
}

#[test]
fn each_command_works_on_a_file_in_the_folder() {
    for known in CATALOGUE {
        if known.params.iter().all(|param| param.name != "path") {
            continue;
        }
        let host = Host::new();
        let output = host.run(&line(known.name, &host.path("crash/own/core")));
        assert!(output.status.success(), "{output:?}");
        let refused = host.run(&line(known.name, &host.path("outside/core")));
        assert_eq!(exit(&refused), Exit::Outside, "{refused:?}");
        assert!(refused.stdout.is_empty(), "{refused:?}");
    }
}

#[test]
fn a_folder_exchanged_after_the_check_shows_nothing() {
    for known in ["ls", "stat", "df", "tail", "sha256sum"] {
        let host = Host::new();
        host.exchange("realpath", false);
        let output = host.run(&line(known, &host.path("crash/own/core")));
        assert!(host.was_exchanged(), "{known}");
        assert_eq!(exit(&output), Exit::Outside, "{known}: {output:?}");
        assert!(output.stdout.is_empty(), "{known}: {output:?}");
    }
    let host = Host::new();
    host.exchange("realpath", false);
    let output = host.run(&line("ls", &host.path("crash/own")));
    assert_eq!(exit(&output), Exit::Outside, "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn a_folder_exchanged_during_the_preview_gives_no_sum_of_another_file() {
    let host = Host::new();
    host.exchange("find", true);
    let output = host.preview("crash/own/core", "quarantine/core.1");
    assert!(host.was_exchanged());
    let text = stdout(&output);
    assert!(!text.contains(&sha256_hex(SECRET.as_bytes())), "{output:?}");
    assert!(!text.contains("sha256="), "{output:?}");
}

#[test]
fn what_is_not_there_and_what_is_outside_look_alike() {
    let host = Host::new();
    let there = host.run(&line("stat", &host.path("outside/core")));
    let gone = host.run(&line("stat", &host.path("outside/gone")));
    assert_eq!(there.status, gone.status);
    let of = |output: &Output| {
        let text = String::from_utf8(output.stderr.clone()).unwrap();
        text.replace("/core", "/gone")
    };
    assert_eq!(of(&there), of(&gone));
}

#[test]
fn a_file_with_a_second_name_is_not_read() {
    let host = Host::new();
    fs::hard_link(host.path("outside/core"), host.path("crash/own/hard")).unwrap();
    for known in ["tail", "sha256sum"] {
        let output = host.run(&line(known, &host.path("crash/own/hard")));
        assert_eq!(exit(&output), Exit::Outside, "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
}

#[test]
fn a_move_goes_there_and_back_and_is_found() {
    let host = Host::new();
    let facts = host.facts("crash/own/core", "quarantine/core.1");
    assert_eq!(look(&host, &facts), Some(Place::Source));
    let output = host.run(&move_line(&facts));
    assert!(moved(&stdout(&output)).is_some(), "{output:?}");
    assert_eq!(look(&host, &facts), Some(Place::Target));
    let back = host.facts("quarantine/core.1", "crash/own/core");
    let output = host.run(&move_line(&back));
    assert!(moved(&stdout(&output)).is_some(), "{output:?}");
    assert_eq!(look(&host, &facts), Some(Place::Source));
}

#[test]
fn a_folder_exchanged_before_the_rename_stops_it() {
    let host = Host::new();
    let facts = host.facts("crash/own/core", "quarantine/core.1");
    host.exchange("grep", true);
    let output = host.run(&move_line(&facts));
    assert!(host.was_exchanged());
    assert_eq!(exit(&output), Exit::Unclear, "{output:?}");
    assert_eq!(host.outside(), ["core"]);
    assert!(host.path("crash/kept/core").exists());
    assert!(!host.path("quarantine/core.1").exists());
}

#[test]
fn a_folder_exchanged_at_the_rename_does_not_lead_the_file_away() {
    let host = Host::new();
    let there = host.facts("crash/own/core", "quarantine/core.1");
    assert!(host.run(&move_line(&there)).status.success());
    fs::remove_file(host.path("outside/core")).unwrap();
    let back = host.facts("quarantine/core.1", "crash/own/core");
    host.exchange("mv", true);
    let output = host.run(&move_line(&back));
    assert!(host.was_exchanged());
    assert_eq!(exit(&output), Exit::Unclear, "{output:?}");
    assert!(host.outside().is_empty());
    assert!(
        host.path("crash/kept/core").exists(),
        "it went to the folder that was checked"
    );
}

#[test]
fn a_link_that_becomes_a_folder_outside_is_not_moved_to() {
    let host = Host::new();
    let there = host.facts("crash/own/core", "quarantine/core.1");
    assert!(host.run(&move_line(&there)).status.success());
    let mut back = host.facts("quarantine/core.1", "crash/own/core");
    symlink(host.path("crash/own"), host.path("outside/link")).unwrap();
    back.target = host.text("outside/link/core");
    let output = host.run(&move_line(&back));
    assert_eq!(exit(&output), Exit::Symlink, "{output:?}");
    assert!(host.path("quarantine/core.1").exists());
}

/// A move that waits, and goes on when it is dropped.
struct Held<'a>(&'a Host, Child);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        fs::remove_dir(self.0.path("hold")).unwrap();
        self.1.wait().unwrap();
    }
}

#[test]
fn a_move_that_is_still_running_is_seen() {
    let host = Host::new();
    let facts = host.facts("crash/own/core", "quarantine/core.1");
    let root = host.root.display();
    fs::create_dir(host.path("hold")).unwrap();
    host.program(
        "bin/mv",
        &format!("#!/bin/sh\nmkdir {root}/begun\nwhile [ -e {root}/hold ]; do sleep 0.05; done\nexec /bin/mv \"$@\"\n"),
    );
    let mut command = host.command(&move_line(&facts));
    let child = command.stdout(Stdio::null()).spawn().unwrap();
    let held = Held(&host, child);
    for _ in 0..200 {
        if host.path("begun").exists() {
            break;
        }
        sleep(Duration::from_millis(50));
    }
    assert_eq!(look(&host, &facts), Some(Place::Moving));
    drop(held);
    assert_eq!(look(&host, &facts), Some(Place::Target));
}
