//! Servers that a verb starts, each stopped by its own handle.

use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

const POLL: Duration = Duration::from_millis(50);
/// The proxy drains open streams for up to 10 s.
const STOP_PATIENCE: Duration = Duration::from_secs(12);

/// A running child; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Server {
    name: String,
    child: Child,
}

impl Server {
    /// Starts a server.
    ///
    /// # Errors
    /// When its program cannot be started.
    pub(crate) fn start(name: &str, command: &mut Command) -> Result<Self> {
        let child = command
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self {
            name: name.to_owned(),
            child,
        })
    }

    /// Waits until it has written a file, and reads it.
    ///
    /// # Errors
    /// When it ends before that, or takes longer than `patience`.
    pub(crate) fn wait_for_file(&mut self, path: &Path, patience: Duration) -> Result<String> {
        let begun = Instant::now();
        while !path.is_file() {
            if let Some(status) = self.ended()? {
                bail!("{} ended at once with {status}", self.name);
            }
            if begun.elapsed() > patience {
                bail!(
                    "{} did not write {} within {} s",
                    self.name,
                    path.display(),
                    patience.as_secs()
                );
            }
            std::thread::sleep(POLL);
        }
        std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
    }

    /// Its status when it has ended.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .with_context(|| format!("{} cannot be waited for", self.name))
    }

    /// Its name, as given.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn stop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let asked = Instant::now();
        while asked.elapsed() < STOP_PATIENCE {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(POLL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Turns Ctrl-C and SIGTERM into a flag, so that servers are stopped on the way out.
///
/// # Errors
/// When the handler cannot be set.
pub(crate) fn interruption() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let shared = Arc::clone(&flag);
    ctrlc::set_handler(move || shared.store(true, Ordering::SeqCst))
        .context("Ctrl-C cannot be caught")?;
    Ok(flag)
}

/// Stays until Ctrl-C, or until a server ends by itself.
///
/// # Errors
/// When a server ended by itself.
pub(crate) fn stay(servers: &mut [Server], interrupted: &AtomicBool) -> Result<()> {
    while !interrupted.load(Ordering::SeqCst) {
        for server in servers.iter_mut() {
            let Some(status) = server.ended()? else {
                continue;
            };
            // A terminal's Ctrl-C reaches the children first.
            std::thread::sleep(POLL * 4);
            if interrupted.load(Ordering::SeqCst) {
                return Ok(());
            }
            bail!("{} ended by itself with {status}", server.name());
        }
        std::thread::sleep(POLL * 2);
    }
    Ok(())
}
