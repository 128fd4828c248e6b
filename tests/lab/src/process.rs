//! A back end's process: its output goes to a file, and it ends with its handle.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::{LabError, http};

/// How much of a process's output an error shows, in bytes.
const SHOWN_OUTPUT: usize = 4000;

/// A running program. Dropping it kills it and waits for its end.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    pub(crate) fn start(command: &mut Command, log: PathBuf) -> Result<Self, LabError> {
        let mut started = || -> io::Result<Child> {
            let output = File::create(&log)?;
            command
                .stdin(Stdio::null())
                .stdout(output.try_clone()?)
                .stderr(output)
                .spawn()
        };
        let child = started().map_err(|source| LabError::Io {
            doing: "starting a back end",
            source,
        })?;
        Ok(Self { child, log })
    }

    /// Waits until a `GET` of `path` is answered with 200; `program` is its name for errors.
    pub(crate) fn answers(
        &mut self,
        program: &'static str,
        url: &str,
        path: &str,
        within: Duration,
    ) -> Result<(), LabError> {
        let started = Instant::now();
        while started.elapsed() < within {
            if let Some(status) = self.ended() {
                return Err(LabError::Ended {
                    program,
                    status,
                    output: self.output(),
                });
            }
            let answer = http::get_within(url, path, Duration::from_secs(2));
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(LabError::NotReady {
            program,
            waited: within,
            output: self.output(),
        })
    }

    /// The exit status, when the process has ended by itself.
    pub(crate) fn ended(&mut self) -> Option<String> {
        match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(status.to_string()),
            Err(unknown) => Some(unknown.to_string()),
        }
    }

    /// The end of what it wrote so far.
    pub(crate) fn output(&self) -> String {
        let written = fs::read(&self.log).unwrap_or_default();
        let from = written.len().saturating_sub(SHOWN_OUTPUT);
        String::from_utf8_lossy(&written[from..]).into_owned()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // an error here means that it has ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
