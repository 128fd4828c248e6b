//! `ls`, `stat`, `df`, `sha256sum`, `tail` and `realpath`, in the words of GNU coreutils 9.1.

use std::fmt::Write as _;

use casebook_wire::sha256_hex;
use chrono::DateTime;

use super::files::{Files, Kind, Mount, Node, Trouble, child, parent};
use super::output::{Output, table};

/// `ls -lab --time-style=full-iso -- path`.
pub(super) fn ls(files: &Files, path: &str) -> Output {
    let cannot = |trouble: Trouble| {
        let problem = trouble.text();
        Output::failed(2, format!("ls: cannot access '{path}': {problem}"))
    };
    let resolved = match files.resolve_but_last(path) {
        Ok(resolved) => resolved,
        Err(trouble) => return cannot(trouble),
    };
    let Some(node) = files.node(&resolved) else {
        return cannot(Trouble::Missing);
    };
    if node.kind != Kind::Folder {
        return Output::done(rows(files, vec![(resolved, path.to_owned())]));
    }
    let mut entries = vec![
        (resolved.clone(), ".".to_owned()),
        (parent(&resolved).to_owned(), "..".to_owned()),
    ];
    for name in files.names(&resolved) {
        entries.push((child(&resolved, name), name.to_owned()));
    }
    let total: u64 = entries
        .iter()
        .filter_map(|(path, _)| files.node(path))
        .map(|node| blocks(node) / 2)
        .sum();
    Output::done(format!("total {total}\n{}", rows(files, entries)))
}

/// Lines of `ls -l`; entries are resolved paths and the names to print.
fn rows(files: &Files, entries: Vec<(String, String)>) -> String {
    let rows: Vec<[String; 7]> = entries
        .into_iter()
        .filter_map(|(path, name)| {
            let node = files.node(&path)?;
            let shown = match &node.kind {
                Kind::Link(target) => format!("{name} -> {target}"),
                _ => name,
            };
            Some([
                node.permissions(),
                files.links(&path).to_string(),
                node.owner.to_owned(),
                node.group.to_owned(),
                node.size().to_string(),
                full_time(node.modified),
                shown,
            ])
        })
        .collect();
    let right = [false, true, false, false, true, false, false];
    table(&rows, [0; 7], right)
}

/// `stat -- path`.
pub(super) fn stat(files: &Files, path: &str) -> Output {
    let node = match files.at_itself(path) {
        Ok(node) => node,
        Err(trouble) => {
            let problem = trouble.text();
            return Output::failed(1, format!("stat: cannot statx '{path}': {problem}"));
        }
    };
    let resolved = files.resolve_but_last(path).unwrap_or_default();
    let device = files.mount(&resolved).device;
    let (shown, kind) = match &node.kind {
        Kind::Folder => (path.to_owned(), "directory"),
        Kind::File(content) if content.is_empty() => (path.to_owned(), "regular empty file"),
        Kind::File(_) => (path.to_owned(), "regular file"),
        Kind::Link(target) => (format!("{path} -> {target}"), "symbolic link"),
    };
    let mut text = String::new();
    // writing to a String cannot fail
    let _ = writeln!(text, "  File: {shown}");
    let _ = writeln!(
        text,
        "  Size: {:<10}\tBlocks: {:<10} IO Block: 4096   {kind}",
        node.size(),
        blocks(node)
    );
    let _ = writeln!(
        text,
        "Device: {},{}\tInode: {:<10}  Links: {}",
        device >> 8,
        device & 0xff,
        node.inode,
        files.links(&resolved)
    );
    let _ = writeln!(
        text,
        "Access: ({:04o}/{})  Uid: ({:>5}/{:>8})   Gid: ({:>5}/{:>8})",
        node.mode,
        node.permissions(),
        number_of(node.owner),
        node.owner,
        number_of(node.group),
        node.group
    );
    for (name, time) in [
        ("Access", node.modified),
        ("Modify", node.modified),
        ("Change", node.changed),
        (" Birth", node.modified),
    ] {
        let _ = writeln!(text, "{name}: {}", full_time(time));
    }
    Output::done(text)
}

/// `df -hT -- path`.
pub(super) fn df(files: &Files, path: &str) -> Output {
    let resolved = match files.resolve(path) {
        Ok(resolved) => resolved,
        Err(trouble) => return Output::failed(1, format!("df: {path}: {}", trouble.text())),
    };
    let mount = files.mount(&resolved);
    let used = files.used_kib(mount);
    let free = free_kib(files, mount);
    let share = (100 * used).div_ceil((used + free).max(1));
    let head = [
        "Filesystem",
        "Type",
        "Size",
        "Used",
        "Avail",
        "Use%",
        "Mounted on",
    ];
    let rows = [
        head.map(str::to_owned),
        [
            mount.source.to_owned(),
            mount.kind.to_owned(),
            human(mount.size_kib),
            human(used),
            human(free),
            format!("{share}%"),
            mount.point.to_owned(),
        ],
    ];
    let right = [false, false, true, true, true, true, false];
    Output::done(table(&rows, [14, 4, 5, 5, 5, 4, 0], right))
}

/// Blocks of 1024 bytes that a user may still fill.
pub(super) fn free_kib(files: &Files, mount: &Mount) -> u64 {
    // ext4 keeps a twentieth for root
    (mount.size_kib - mount.size_kib / 20).saturating_sub(files.used_kib(mount))
}

/// `nice -n 19 sha256sum -- path`.
pub(super) fn sha256sum(files: &Files, path: &str) -> Output {
    match content(files, path) {
        Ok(content) => Output::done(format!("{}  {path}\n", sha256_hex(content))),
        Err(problem) => Output::failed(1, format!("sha256sum: {path}: {problem}")),
    }
}

/// `tail --lines=N -- path`.
pub(super) fn tail(files: &Files, path: &str, lines: usize) -> Output {
    let content = match content(files, path) {
        Ok(content) => content,
        Err(problem) if files.at(path).is_ok() => {
            return Output::failed(1, format!("tail: error reading '{path}': {problem}"));
        }
        Err(problem) => {
            let message = format!("tail: cannot open '{path}' for reading: {problem}");
            return Output::failed(1, message);
        }
    };
    let body = content.strip_suffix(b"\n").unwrap_or(content);
    let from = body
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, byte)| **byte == b'\n')
        .nth(lines.saturating_sub(1))
        .map_or(0, |(newline, _)| newline + 1);
    Output::done(&content[from..])
}

/// `realpath -e -- path`.
pub(super) fn realpath(files: &Files, path: &str) -> Output {
    match files.resolve(path) {
        Ok(resolved) => Output::done(format!("{resolved}\n")),
        Err(trouble) => Output::failed(1, format!("realpath: {path}: {}", trouble.text())),
    }
}

fn content<'a>(files: &'a Files, path: &str) -> Result<&'a [u8], &'static str> {
    match &files.at(path).map_err(Trouble::text)?.kind {
        Kind::File(content) => Ok(content),
        _ => Err("Is a directory"),
    }
}

/// Blocks of 512 bytes that a node takes.
fn blocks(node: &Node) -> u64 {
    match node.kind {
        Kind::Link(_) => 0,
        _ => node.size().div_ceil(4096) * 8,
    }
}

/// `2026-11-22 07:12:03.000000000 +0000`.
fn full_time(nanoseconds: i64) -> String {
    DateTime::from_timestamp_nanos(nanoseconds)
        .format("%Y-%m-%d %H:%M:%S%.9f +0000")
        .to_string()
}

/// A user's or group's number, by its name.
pub(super) fn number_of(name: &str) -> u32 {
    match name {
        "root" => 0,
        super::WORKER => 998,
        _ => 1001,
    }
}

/// Blocks of 1024 bytes as `df -h` rounds them: up, one decimal below ten.
fn human(kib: u64) -> String {
    if kib == 0 {
        return "0".to_owned();
    }
    let mut size = kib as f64;
    for unit in ['K', 'M', 'G'] {
        let tenths = (size * 10.0).ceil() / 10.0;
        if tenths < 10.0 {
            return format!("{tenths:.1}{unit}");
        }
        if size.ceil() < 1024.0 {
            return format!("{:.0}{unit}", size.ceil());
        }
        size /= 1024.0;
    }
    format!("{:.1}T", (size * 10.0).ceil() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn sizes_look_as_df_prints_them() {
        for (kib, text) in [
            (0, "0"),
            (4, "4.0K"),
            (1023, "1023K"),
            (1024, "1.0M"),
            (20_460_000, "20G"),
            (1_900_000, "1.9G"),
        ] {
            assert_eq!(human(kib), text);
        }
    }
}
