//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The root of the repository; every other path is relative to it.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the root: from cargo's own variable under `cargo xtask`, else upwards from the current folder.
    pub(crate) fn find() -> Result<Self> {
        let start = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(dir) => PathBuf::from(dir),
            None => std::env::current_dir().context("the current folder cannot be read")?,
        };
        for dir in start.ancestors() {
            if dir.join("crates/xtask").is_dir() && dir.join("Cargo.lock").is_file() {
                return Ok(Self {
                    root: dir.to_path_buf(),
                });
            }
        }
        bail!("not inside the Casebook repository: {}", start.display())
    }

    /// A path below the root.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// A path below `target`, where every product goes.
    pub(crate) fn target(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join("target").join(relative)
    }

    /// The same path as text relative to the root, for messages.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}
