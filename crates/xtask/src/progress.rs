//! One line per long step, with the seconds it has taken.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A terminal line is redrawn every second; a log file gets a sign of life every minute.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// How long one step took.
#[derive(Debug, Clone)]
pub(crate) struct Timing {
    /// What the step does, as shown.
    pub(crate) name: String,
    /// Wall-clock time.
    pub(crate) took: Duration,
}

#[derive(Debug, Default)]
struct State {
    running: Vec<(String, Instant)>,
    finished: Vec<Timing>,
    closed: bool,
}

/// Shows the steps that run now, several at a time when lanes run side by side.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: bool,
    state: Arc<Mutex<State>>,
}

impl Progress {
    /// Starts the ticking line on standard error.
    pub(crate) fn start() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || tick(&shared, terminal));
        Self { terminal, state }
    }

    /// Notes that a step begins.
    pub(crate) fn begin(&self, name: &str) {
        let mut state = lock(&self.state);
        state.running.push((name.to_owned(), Instant::now()));
        if !self.terminal {
            say(&format!("  …        {name}"));
        }
    }

    /// Notes that a step ended, and prints its line.
    pub(crate) fn end(&self, name: &str, ok: bool) -> Duration {
        let mut state = lock(&self.state);
        let started = state
            .running
            .iter()
            .position(|(running, _)| running == name);
        let took = started.map_or(Duration::ZERO, |at| state.running.remove(at).1.elapsed());
        let mark = if ok { "ok" } else { "FAILED" };
        if self.terminal {
            say(&format!(
                "\r\x1b[K  {mark:<6} {:>6.1} s  {name}",
                took.as_secs_f64()
            ));
        } else {
            say(&format!(
                "  {mark:<6} {:>6.1} s  {name}",
                took.as_secs_f64()
            ));
        }
        state.finished.push(Timing {
            name: name.to_owned(),
            took,
        });
        took
    }

    /// The steps that ended so far.
    pub(crate) fn finished(&self) -> Vec<Timing> {
        lock(&self.state).finished.clone()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        lock(&self.state).closed = true;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn say(line: &str) {
    // Progress is a courtesy: a closed standard error must not stop a build.
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn tick(state: &Mutex<State>, terminal: bool) {
    let mut last_sign = Instant::now();
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let state = lock(state);
        if state.closed {
            return;
        }
        if state.running.is_empty() {
            last_sign = Instant::now();
            continue;
        }
        let now: Vec<String> = state
            .running
            .iter()
            .map(|(name, since)| format!("{name} ({} s)", since.elapsed().as_secs()))
            .collect();
        let line = now.join(", ");
        if terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K  …        {line}");
            let _ = std::io::stderr().flush();
        } else if last_sign.elapsed() >= LOG_INTERVAL {
            last_sign = Instant::now();
            say(&format!("  …        {line}"));
        }
    }
}
