//! The scripts that preview, move and look for a file, as `sh` would run them on these files: the
//! same checks in the same order, the same facts and exit statuses.

use casebook_wire::quarantine::{Call, Exit, Facts, same_file};
use casebook_wire::sha256_hex;

use super::files::{Files, Kind, Node, parent};
use super::listing::free_kib;
use super::output::Output;

/// Processes that a login without privileges cannot look into.
const BLIND: u64 = 5;

/// Runs one script; a move changes the files.
pub(super) fn run(files: &mut Files, call: &Call, now_ns: i64) -> Output {
    match call {
        Call::Preview {
            path,
            target,
            roots,
        } => preview(files, path, target, roots),
        Call::Move {
            from,
            to,
            fingerprint,
            ..
        } => relocate(files, from, to, fingerprint, now_ns),
        Call::Look {
            from,
            to,
            fingerprint,
            ..
        } => {
            let seen = |path: &str| fingerprint_of(files, path).unwrap_or_default();
            let (source, target) = (seen(from), seen(to));
            Output::done(format!(
                "running=no\nsource={source}\ntarget={target}\nwant={fingerprint}\nend=look\n"
            ))
        }
    }
}

fn stop(exit: Exit, message: impl std::fmt::Display) -> Output {
    Output::failed(exit.status(), format!("casebook: {message}"))
}

fn missing(path: &str) -> Output {
    let message = format!("stat: cannot statx '{path}': No such file or directory");
    stop(Exit::Missing, message)
}

fn is_link(files: &Files, path: &str) -> bool {
    matches!(
        files.at_itself(path),
        Ok(Node {
            kind: Kind::Link(_),
            ..
        })
    )
}

fn is_folder(files: &Files, path: &str) -> bool {
    matches!(
        files.at(path),
        Ok(Node {
            kind: Kind::Folder,
            ..
        })
    )
}

/// `device:inode:size:mtime:ctime` of what has this name.
fn fingerprint_of(files: &Files, path: &str) -> Option<String> {
    let resolved = files.resolve_but_last(path).ok()?;
    let node = files.node(&resolved)?;
    let seconds = |time: i64| {
        let (whole, rest) = (
            time.div_euclid(1_000_000_000),
            time.rem_euclid(1_000_000_000),
        );
        format!("{whole}.{rest:09}")
    };
    Some(format!(
        "{}:{}:{}:{}:{}",
        files.mount(&resolved).device,
        node.inode,
        node.size(),
        seconds(node.modified),
        seconds(node.changed)
    ))
}

fn preview(files: &Files, path: &str, target: &str, roots: &[String]) -> Output {
    if is_link(files, path) {
        return stop(Exit::Symlink, format!("{path} is a symbolic link"));
    }
    let (Some(fingerprint), Ok(real)) = (fingerprint_of(files, path), files.resolve(path)) else {
        return missing(path);
    };
    let Some(node) = files.node(&real) else {
        return missing(path);
    };
    let Kind::File(content) = &node.kind else {
        return stop(Exit::NotRegular, format!("{path} is no regular file"));
    };
    let inside = |root: &String| {
        let root = files.resolve(root).unwrap_or_else(|_| "\n".to_owned());
        real.starts_with(&format!("{}/", root.trim_end_matches('/')))
    };
    if !roots.iter().any(inside) {
        let message = format!("{path} leads to {real}, which is outside of the allowed folders");
        return stop(Exit::Outside, message);
    }
    let (folder, name) = target.rsplit_once('/').unwrap_or(("", target));
    let Ok(folder) = files.resolve(&format!("{folder}/")) else {
        return stop(Exit::NoFolder, format!("there is no folder {folder}"));
    };
    let to = super::files::child(&folder, name);
    if files.at_itself(&to).is_ok() {
        return stop(Exit::TargetExists, format!("{to} is there already"));
    }
    let mount = files.mount(&folder);
    if files.mount(&real) != mount {
        let message = format!("{real} and {folder} are on different file systems");
        return stop(Exit::OtherFileSystem, message);
    }
    let facts = Facts {
        target: to,
        size: node.size(),
        mtime: node.modified.div_euclid(1_000_000_000),
        mode: node.permissions(),
        owner: format!("{}:{}", node.owner, node.group),
        links: files.links(&real),
        free: Some(free_kib(files, mount) * 1024),
        handles: Vec::new(),
        blind: BLIND,
        sha256: Some(sha256_hex(content)),
        growing: false,
        fingerprint,
        real,
    };
    Output::done(facts.to_text())
}

fn relocate(files: &mut Files, from: &str, to: &str, want: &str, now_ns: i64) -> Output {
    if is_link(files, from) {
        return stop(Exit::Symlink, format!("{from} is a symbolic link"));
    }
    let Some(seen) = fingerprint_of(files, from) else {
        return missing(from);
    };
    if files.resolve(from).as_deref() != Ok(from) {
        let message = format!("a folder of {from} is a symbolic link");
        return stop(Exit::Symlink, message);
    }
    let folder = parent(to);
    if files.resolve(folder).as_deref() != Ok(folder) || !is_folder(files, folder) {
        return stop(Exit::NoFolder, format!("there is no folder {folder}"));
    }
    if seen != want {
        let message = format!("{from} is not what it was: {seen}, not {want}");
        return stop(Exit::Changed, message);
    }
    if files.at_itself(to).is_ok() {
        return stop(Exit::TargetExists, format!("{to} is there already"));
    }
    if files.mount(from) != files.mount(folder) {
        let message = format!("{from} and {folder} are on different file systems");
        return stop(Exit::OtherFileSystem, message);
    }
    files.rename(from, to, now_ns);
    match fingerprint_of(files, to) {
        Some(now) if same_file(&now) == same_file(want) => {
            Output::done(format!("moved={now}\nend=move\n"))
        }
        _ => stop(
            Exit::Unclear,
            format!("what arrived at {to} is not the file"),
        ),
    }
}
