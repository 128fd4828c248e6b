//! Skips a step whose inputs have not changed: one digest per step under `target/stamps`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::workspace::Workspace;

/// Products and caches inside source folders, which are never inputs.
const SKIPPED_DIRS: [&str; 12] = [
    "node_modules",
    "target",
    "dist",
    "build",
    "lib",
    "__pycache__",
    "labextension",
    "pyodide",
    ".pytest_cache",
    ".ruff_cache",
    "test-results",
    "wheels",
];

/// Collects what a step depends on.
pub(crate) struct Inputs<'a> {
    workspace: &'a Workspace,
    hasher: Sha256,
}

impl<'a> Inputs<'a> {
    /// Starts with the step's own recipe: change the text to force a rebuild everywhere.
    pub(crate) fn new(workspace: &'a Workspace, recipe: &str) -> Self {
        let mut inputs = Self {
            workspace,
            hasher: Sha256::new(),
        };
        inputs.feed(recipe.as_bytes());
        inputs
    }

    /// Adds a file or a whole folder, below the root.
    ///
    /// # Errors
    /// When something there cannot be read.
    pub(crate) fn path(mut self, relative: impl AsRef<Path>) -> Result<Self> {
        for file in files_below(&self.workspace.path(relative))? {
            self.feed(self.workspace.shown(&file).as_bytes());
            let content = std::fs::read(&file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            self.feed(&content);
        }
        Ok(self)
    }

    /// The stamp of these inputs under this name.
    pub(crate) fn stamp(self, name: &str) -> Stamp {
        let digest = self
            .hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Stamp {
            path: self.workspace.target("stamps").join(name),
            digest,
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        // The length keeps two neighbours from being read as one.
        self.hasher.update((bytes.len() as u64).to_le_bytes());
        self.hasher.update(bytes);
    }
}

/// The digest of a step's inputs, and where the last one is kept.
#[derive(Debug)]
pub(crate) struct Stamp {
    path: PathBuf,
    digest: String,
}

impl Stamp {
    /// Runs `work` unless the same inputs made the same outputs before; tells whether it ran.
    ///
    /// # Errors
    /// Those of `work`; the stamp is then not written.
    pub(crate) fn unless_current(
        &self,
        outputs: &[PathBuf],
        work: impl FnOnce() -> Result<()>,
    ) -> Result<bool> {
        let last = std::fs::read_to_string(&self.path).unwrap_or_default();
        if last == self.digest && outputs.iter().all(|output| output.exists()) {
            return Ok(false);
        }
        // A step that fails half-way has spoilt the outputs of the last one.
        let _ = std::fs::remove_file(&self.path);
        work()?;
        if let Some(dir) = self.path.parent() {
            std::fs::create_dir_all(dir)
                .with_context(|| format!("{} cannot be made", dir.display()))?;
        }
        std::fs::write(&self.path, &self.digest)
            .with_context(|| format!("{} cannot be written", self.path.display()))?;
        Ok(true)
    }
}

/// Every file below a path in a fixed order, without products and caches; a file stands for itself, nothing for nothing.
///
/// # Errors
/// When a folder cannot be listed.
pub(crate) fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("{} cannot be listed", folder.display()))?;
        for entry in entries {
            let child = entry
                .with_context(|| format!("{} cannot be listed", folder.display()))?
                .path();
            let name = child
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            if !child.is_dir() {
                found.push(child);
            } else if !SKIPPED_DIRS.contains(&name.as_str()) {
                folders.push(child);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_tells_two_short_inputs_from_one_long_one() {
        let workspace = Workspace::find().unwrap();
        let digest = |recipe: &str, more: &str| {
            let mut inputs = Inputs::new(&workspace, recipe);
            inputs.feed(more.as_bytes());
            inputs.stamp("x").digest
        };
        assert_ne!(digest("ab", "c"), digest("a", "bc"));
        assert_eq!(digest("ab", "c"), digest("ab", "c"));
    }

    #[test]
    fn a_step_runs_again_when_its_output_is_gone_or_its_input_changed() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("out");
        let stamp = |digest: &str| Stamp {
            path: dir.path().join("stamp"),
            digest: digest.to_owned(),
        };
        let make = || Ok(std::fs::write(&output, "x")?);
        let outputs = [output.clone()];
        assert!(stamp("1").unless_current(&outputs, make).unwrap());
        assert!(!stamp("1").unless_current(&outputs, make).unwrap());
        assert!(stamp("2").unless_current(&outputs, make).unwrap());
        std::fs::remove_file(&output).unwrap();
        assert!(stamp("2").unless_current(&outputs, make).unwrap());
    }

    #[test]
    fn a_step_that_failed_is_not_taken_for_done() {
        let dir = tempfile::tempdir().unwrap();
        let stamp = Stamp {
            path: dir.path().join("stamp"),
            digest: "1".to_owned(),
        };
        assert!(stamp.unless_current(&[], || anyhow::bail!("no")).is_err());
        assert!(stamp.unless_current(&[], || Ok(())).unwrap());
    }
}
