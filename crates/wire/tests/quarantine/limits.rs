//! What the host itself does not let the scripts do: other file systems, full disks, missing rights.

use crate::host::{Host, exit, move_call, stdout, text};
use casebook_wire::quarantine::{Call, Exit, Facts};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Command, Output};

fn is_root() -> bool {
    let own = fs::metadata("/proc/self").unwrap().uid();
    own == 0
}

/// Runs the line where `folder` is mounted anew by `mount`, in a namespace of our own; a user who
/// is not root gets one in which they are.
fn mounted(mount: &str, line: &str) -> Output {
    let namespaces: &[&str] = if is_root() { &["-m"] } else { &["-m", "-r"] };
    let output = Command::new("unshare")
        .args(namespaces)
        .args(["/bin/sh", "-c", &format!("{mount} || exit 99; {line}")])
        .output()
        .expect("unshare, of util-linux");
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() != Some(99) && !trouble.starts_with("unshare:"),
        "this test mounts in a namespace of its own: run it as root, or where user namespaces are \
         allowed (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone): {trouble}"
    );
    output
}

#[test]
fn another_file_system_is_refused_before_anything_moves() {
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
fn a_user_without_the_right_gets_a_sentence_and_changes_nothing() {
    let host = Host::new();
    let facts = host.preview();
    // Root may do all, so it becomes somebody else; anybody else is without the right already.
    let become_nobody: &[&str] = if is_root() {
        &[
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
        ]
    } else {
        &["env"]
    };
    let nobody = |call: &Call| {
        Command::new(become_nobody[0])
            .args(&become_nobody[1..])
            .args(["/bin/sh", "-c", &call.line()])
            .output()
            .unwrap()
    };
    let rights = |name: &str, mode: u32| {
        fs::set_permissions(host.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    rights("crash", 0o555);
    rights("quarantine", 0o555);
    let preview = Call::Preview {
        path: facts.real.clone(),
        target: facts.target.clone(),
        roots: vec![text(&host.path("crash"))],
    };
    assert_eq!(exit(&nobody(&preview)), Exit::NoFolder);
    assert_eq!(exit(&nobody(&move_call(&facts))), Exit::NotMoved);
    rights("crash", 0o777);
    rights("quarantine", 0o777);
    rights("crash/core", 0o000);
    let seen = Facts::parse(&stdout(&nobody(&preview))).unwrap();
    assert_eq!(seen.sha256, None, "an unreadable core has no sum");
    assert!(seen.blind > 0, "{seen:?}");
    assert_eq!(exit(&nobody(&move_call(&seen))), Exit::Done);
}
