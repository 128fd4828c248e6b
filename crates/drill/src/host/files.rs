//! A small file system in memory: folders, files and symbolic links, on a few devices.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Symbolic links that one path may lead through, as in Linux.
const MAX_LINKS: usize = 40;

/// Bytes of a folder, as ext4 gives them.
const FOLDER_SIZE: u64 = 4096;

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A folder.
    Folder,
    /// A regular file and its content.
    File(Arc<[u8]>),
    /// A symbolic link and the path that it leads to.
    Link(String),
}

/// A file, folder or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) inode: u64,
    /// Permission bits.
    pub(super) mode: u32,
    pub(super) owner: &'static str,
    pub(super) group: &'static str,
    /// Time of the last change of the content, in nanoseconds since the Unix epoch.
    pub(super) modified: i64,
    /// Time of the last change of the node, in nanoseconds since the Unix epoch.
    pub(super) changed: i64,
}

impl Node {
    /// Length in bytes, as `stat` gives it.
    pub(super) fn size(&self) -> u64 {
        match &self.kind {
            Kind::Folder => FOLDER_SIZE,
            Kind::File(content) => content.len() as u64,
            Kind::Link(target) => target.len() as u64,
        }
    }

    /// `-rw-r-----`.
    pub(super) fn permissions(&self) -> String {
        let mut text = String::from(match self.kind {
            Kind::Folder => "d",
            Kind::File(_) => "-",
            Kind::Link(_) => "l",
        });
        for shift in [6, 3, 0] {
            let bits = self.mode >> shift;
            text.push(if bits & 4 == 0 { '-' } else { 'r' });
            text.push(if bits & 2 == 0 { '-' } else { 'w' });
            text.push(if bits & 1 == 0 { '-' } else { 'x' });
        }
        text
    }
}

/// Why a path leads nowhere, in the words of `strerror`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Missing,
    NotFolder,
    TooManyLinks,
}

impl Trouble {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Missing => "No such file or directory",
            Self::NotFolder => "Not a directory",
            Self::TooManyLinks => "Too many levels of symbolic links",
        }
    }
}

/// A mounted device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// Where it is mounted.
    pub(super) point: &'static str,
    /// The device's name.
    pub(super) source: &'static str,
    /// The device's number, as `stat -c %d` gives it.
    pub(super) device: u64,
    /// The type of its file system.
    pub(super) kind: &'static str,
    /// Its size in blocks of 1024 bytes.
    pub(super) size_kib: u64,
    /// What is in use beside the files here, in blocks of 1024 bytes.
    pub(super) used_kib: u64,
}

/// The tree, by absolute path without links in it.
#[derive(Clone, Debug)]
pub(super) struct Files {
    nodes: BTreeMap<String, Node>,
    mounts: &'static [Mount],
}

impl Files {
    /// An empty tree: the root alone. The first of the mounts is that of the root.
    pub(super) fn new(mounts: &'static [Mount], at: i64) -> Self {
        let mut files = Self {
            nodes: BTreeMap::new(),
            mounts,
        };
        files.put("/", Kind::Folder, 0o755, ("root", "root"), at);
        files
    }

    /// Adds a node; its folder is there already.
    pub(super) fn put(
        &mut self,
        path: &str,
        kind: Kind,
        mode: u32,
        (owner, group): (&'static str, &'static str),
        at: i64,
    ) {
        let node = Node {
            kind,
            inode: 131_074 + self.nodes.len() as u64,
            mode,
            owner,
            group,
            modified: at,
            changed: at,
        };
        self.nodes.insert(path.to_owned(), node);
    }

    /// The path without links, `.` and `..`, which need not be followed any further.
    pub(super) fn resolve(&self, path: &str) -> Result<String, Trouble> {
        self.walk(path, true)
    }

    /// As [`Files::resolve`], but the last name may be a link, which is not followed.
    pub(super) fn resolve_but_last(&self, path: &str) -> Result<String, Trouble> {
        self.walk(path, false)
    }

    fn walk(&self, path: &str, follow_last: bool) -> Result<String, Trouble> {
        if path.is_empty() {
            return Err(Trouble::Missing);
        }
        let mut ahead: Vec<String> = parts(path).rev().collect();
        let folder_wanted = path.ends_with('/');
        // the login's home is the root: no path of the drill is relative
        let mut here = String::from("/");
        let mut links = 0;
        while let Some(part) = ahead.pop() {
            if !matches!(
                self.nodes.get(&here).map(|node| &node.kind),
                Some(Kind::Folder)
            ) {
                return Err(Trouble::NotFolder);
            }
            match part.as_str() {
                "." => continue,
                ".." => {
                    here.truncate(here.rfind('/').unwrap_or(0).max(1));
                    continue;
                }
                _ => {}
            }
            let next = child(&here, &part);
            match self.nodes.get(&next).map(|node| &node.kind) {
                None => return Err(Trouble::Missing),
                Some(Kind::Link(target)) if follow_last || folder_wanted || !ahead.is_empty() => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(Trouble::TooManyLinks);
                    }
                    if target.starts_with('/') {
                        "/".clone_into(&mut here);
                    }
                    ahead.extend(parts(target).rev());
                }
                Some(_) => here = next,
            }
        }
        if folder_wanted && !matches!(self.nodes.get(&here).map(|n| &n.kind), Some(Kind::Folder)) {
            return Err(Trouble::NotFolder);
        }
        Ok(here)
    }

    /// The node at a resolved path.
    pub(super) fn node(&self, resolved: &str) -> Option<&Node> {
        self.nodes.get(resolved)
    }

    /// The node that a path leads to, links followed.
    pub(super) fn at(&self, path: &str) -> Result<&Node, Trouble> {
        let resolved = self.resolve(path)?;
        self.node(&resolved).ok_or(Trouble::Missing)
    }

    /// The node of this name, a link itself.
    pub(super) fn at_itself(&self, path: &str) -> Result<&Node, Trouble> {
        let resolved = self.resolve_but_last(path)?;
        self.node(&resolved).ok_or(Trouble::Missing)
    }

    /// Names in a folder, sorted.
    pub(super) fn names(&self, folder: &str) -> BTreeSet<&str> {
        let prefix = child(folder, "");
        self.nodes
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix))
            .filter(|name| !name.is_empty() && !name.contains('/'))
            .collect()
    }

    /// Links to a node: a folder has those of its own folders, too.
    pub(super) fn links(&self, resolved: &str) -> u64 {
        let is_folder = |path: &str| {
            matches!(
                self.nodes.get(path).map(|node| &node.kind),
                Some(Kind::Folder)
            )
        };
        if !is_folder(resolved) {
            return 1;
        }
        let folders = self.names(resolved).into_iter();
        2 + folders
            .filter(|name| is_folder(&child(resolved, name)))
            .count() as u64
    }

    /// Gives a file another name on the same device. Both paths are resolved, the folders are there
    /// and the new name is free.
    pub(super) fn rename(&mut self, from: &str, to: &str, now: i64) {
        let Some(mut node) = self.nodes.remove(from) else {
            return;
        };
        node.changed = now;
        self.nodes.insert(to.to_owned(), node);
        for path in [from, to] {
            if let Some(folder) = self.nodes.get_mut(parent(path)) {
                folder.modified = now;
                folder.changed = now;
            }
        }
    }

    /// The mount that a resolved path lies on.
    pub(super) fn mount(&self, resolved: &str) -> &'static Mount {
        let below = |mount: &&Mount| {
            resolved
                .strip_prefix(mount.point.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.mounts
            .iter()
            .filter(below)
            .max_by_key(|mount| mount.point.len())
            .unwrap_or(&self.mounts[0])
    }

    /// Blocks of 1024 bytes in use on a mount.
    pub(super) fn used_kib(&self, mount: &Mount) -> u64 {
        let own = self
            .nodes
            .iter()
            .filter(|(path, _)| self.mount(path) == mount)
            .map(|(_, node)| node.size().div_ceil(4096) * 4);
        mount.used_kib + own.sum::<u64>()
    }
}

/// The folder that a resolved path lies in.
pub(super) fn parent(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(slash) => &path[..slash],
    }
}

/// A name in a resolved folder.
pub(super) fn child(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

fn parts(path: &str) -> impl DoubleEndedIterator<Item = String> + '_ {
    path.split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: [Mount; 2] = [mount("/", 1), mount("/srv", 2)];

    const fn mount(point: &'static str, device: u64) -> Mount {
        Mount {
            point,
            source: "/dev/x",
            device,
            kind: "ext4",
            size_kib: 1 << 20,
            used_kib: 0,
        }
    }

    fn files() -> Files {
        let mut files = Files::new(&MOUNTS, 0);
        let root = ("root", "root");
        for folder in ["/var", "/var/crash", "/srv"] {
            files.put(folder, Kind::Folder, 0o755, root, 0);
        }
        let core = Kind::File(Arc::from(&b"core"[..]));
        files.put("/var/crash/core", core, 0o640, root, 0);
        for (link, target) in [
            ("/var/crash/latest", "core"),
            ("/var/crash/out", "/srv"),
            ("/var/crash/loop", "loop"),
            ("/var/crash/up", "../crash/latest"),
        ] {
            files.put(link, Kind::Link(target.to_owned()), 0o777, root, 0);
        }
        files
    }

    #[test]
    fn paths_resolve_as_on_linux() {
        let files = files();
        for (path, real) in [
            ("/", "/"),
            ("/..", "/"),
            ("//var/./crash//core", "/var/crash/core"),
            ("/var/crash/latest", "/var/crash/core"),
            ("/var/crash/up", "/var/crash/core"),
            ("/var/crash/out/../var/crash/", "/var/crash"),
            ("/var/crash/out/", "/srv"),
        ] {
            assert_eq!(files.resolve(path).as_deref(), Ok(real), "{path}");
        }
        for (path, trouble) in [
            ("", Trouble::Missing),
            ("/var/none/..", Trouble::Missing),
            ("/var/crash/core/", Trouble::NotFolder),
            ("/var/crash/core/x", Trouble::NotFolder),
            ("/var/crash/loop", Trouble::TooManyLinks),
        ] {
            assert_eq!(files.resolve(path), Err(trouble), "{path}");
        }
        let link = files.resolve_but_last("/var/crash/latest");
        assert_eq!(link.as_deref(), Ok("/var/crash/latest"));
    }

    #[test]
    fn a_renamed_file_is_the_same_file() {
        let mut files = files();
        let before = files.at("/var/crash/core").unwrap().clone();
        files.rename("/var/crash/core", "/var/core", 9);
        assert_eq!(files.at("/var/crash/core"), Err(Trouble::Missing));
        let after = files.at("/var/core").unwrap();
        assert_eq!(
            (after.inode, after.modified),
            (before.inode, before.modified)
        );
        assert_eq!((before.changed, after.changed), (0, 9));
        assert_eq!(files.at("/var/crash").unwrap().modified, 9);
    }

    #[test]
    fn a_path_is_on_the_nearest_mount() {
        let files = files();
        assert_eq!(files.mount("/srv/a").device, 2);
        assert_eq!(files.mount("/srvx").device, 1);
        assert_eq!(files.mount("/").device, 1);
    }
}
