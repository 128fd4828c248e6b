//! What the preview sees, and what it refuses to look at.

use crate::host::{Host, apply, exit, stdout, text};
use casebook_wire::quarantine::{Exit, Facts};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, symlink};

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
