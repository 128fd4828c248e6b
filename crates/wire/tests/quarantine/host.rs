//! A host of real files, and the scripts as sshd would run them there.

use casebook_wire::quarantine::{Call, Exit, Facts, Place, place};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A host with `crash/core` and an empty `quarantine`.
pub(crate) struct Host {
    _folder: TempDir,
    pub(crate) root: PathBuf,
}

impl Host {
    pub(crate) fn new() -> Host {
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn core(&self) -> PathBuf {
        self.path("crash/core")
    }

    pub(crate) fn preview_of(&self, path: &Path, target: &Path) -> Output {
        run(&Call::Preview {
            path: text(path),
            target: text(target),
            roots: vec!["/no/such/folder".into(), text(&self.path("crash"))],
        })
    }

    pub(crate) fn preview(&self) -> Facts {
        let output = self.preview_of(&self.core(), &self.path("quarantine/core.1"));
        Facts::parse(&stdout(&output)).unwrap_or_else(|| panic!("{output:?}"))
    }

    pub(crate) fn refused(&self, path: &Path, target: &str) -> Exit {
        exit(&self.preview_of(path, &self.path(target)))
    }
}

/// An id for the plan of one host: the tests share one table of processes.
pub(crate) fn plan(facts: &Facts) -> String {
    casebook_wire::sha256_hex(facts.real.as_bytes())
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

pub(crate) fn run(call: &Call) -> Output {
    run_line(&call.line(), "")
}

/// Runs the line as sshd does: by the login shell's `-c`.
pub(crate) fn run_line(line: &str, before: &str) -> Output {
    Command::new("/bin/sh")
        .args(["-c", &format!("{before}{line}")])
        .output()
        .unwrap()
}

pub(crate) fn exit(output: &Output) -> Exit {
    let status = output.status.code().unwrap();
    Exit::of(u32::try_from(status).unwrap()).unwrap_or_else(|| panic!("{output:?}"))
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn move_call(facts: &Facts) -> Call {
    Call::Move {
        plan: plan(facts),
        from: facts.real.clone(),
        to: facts.target.clone(),
        fingerprint: facts.fingerprint.clone(),
    }
}

pub(crate) fn apply(facts: &Facts) -> Output {
    run(&move_call(facts))
}

pub(crate) fn look(facts: &Facts) -> Place {
    let output = run(&Call::Look {
        plan: plan(facts),
        from: facts.real.clone(),
        to: facts.target.clone(),
        fingerprint: facts.fingerprint.clone(),
    });
    place(&stdout(&output)).unwrap_or_else(|| panic!("{output:?}"))
}
