//! The move and its undo, on a host where nothing else happens meanwhile.

use crate::host::{Host, apply, exit, look, run, stdout, text};
use casebook_wire::quarantine::{Call, Exit, Facts, Place, moved, same_file};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

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
fn the_place_of_a_lost_file_is_unclear() {
    let host = Host::new();
    let facts = host.preview();
    assert_eq!(look(&facts), Place::Source);
    fs::remove_file(host.core()).unwrap();
    assert_eq!(look(&facts), Place::Unclear);
}
