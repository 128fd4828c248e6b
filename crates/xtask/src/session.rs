//! One run of a verb: the workspace, the progress line, and a log file for each step.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

use crate::progress::Progress;
use crate::workspace::Workspace;

/// Enough lines to see a compiler's or a test runner's last error.
const TAIL_LINES: usize = 40;

/// What every step needs.
#[derive(Debug)]
pub(crate) struct Session {
    /// Where things are.
    pub(crate) workspace: Workspace,
    /// What is shown.
    pub(crate) progress: Progress,
}

impl Session {
    /// Opens a session in the repository that holds this program.
    pub(crate) fn open() -> Result<Self> {
        Ok(Self {
            workspace: Workspace::find()?,
            progress: Progress::start(),
        })
    }

    /// Runs one named step, shown with its seconds; its output goes to `target/logs/<name>.log`.
    ///
    /// # Errors
    /// The step's own error, with the tail of its log and the log's path.
    pub(crate) fn step<T>(&self, name: &str, work: impl FnOnce(&Log) -> Result<T>) -> Result<T> {
        let log = Log::create(&self.workspace, name)?;
        self.progress.begin(name);
        let result = work(&log);
        self.progress.end(name, result.is_ok());
        result.map_err(|error| {
            let tail = log.tail();
            anyhow!(
                "{name}: {error:#}\n{tail}the whole output is in {}",
                self.workspace.shown(&log.path)
            )
        })
    }
}

/// The output of one step.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
}

impl Log {
    fn create(workspace: &Workspace, name: &str) -> Result<Self> {
        let dir = workspace.target("logs");
        std::fs::create_dir_all(&dir)
            .with_context(|| format!("{} cannot be made", dir.display()))?;
        let file: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let path = dir.join(format!("{file}.log"));
        File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self { path })
    }

    /// The file, for a child that writes to it directly.
    pub(crate) fn open(&self) -> Result<File> {
        OpenOptions::new()
            .append(true)
            .open(&self.path)
            .with_context(|| format!("{} cannot be written", self.path.display()))
    }

    /// Adds a line of our own.
    pub(crate) fn note(&self, text: &str) -> Result<()> {
        writeln!(self.open()?, "{text}").context("the log cannot be written")
    }

    /// Runs a command to its end, its output in the log.
    ///
    /// # Errors
    /// When it cannot be started, or exits other than 0.
    pub(crate) fn run(&self, command: &mut Command) -> Result<()> {
        self.note(&format!("$ {}", shown(command)))?;
        command
            .stdin(Stdio::null())
            .stdout(self.open()?)
            .stderr(self.open()?);
        let status = command
            .status()
            .with_context(|| format!("`{}` cannot be started", shown(command)))?;
        if !status.success() {
            bail!("`{}` ended with {status}", shown(command));
        }
        Ok(())
    }

    /// Everything logged so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.path).unwrap_or_default()).into_owned()
    }

    fn tail(&self) -> String {
        let text = self.text();
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(TAIL_LINES);
        lines
            .iter()
            .skip(from)
            .map(|line| format!("    | {line}\n"))
            .collect()
    }
}

/// The command as a person would type it, without its environment.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
