//! Why the lab could not start something.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why the lab could not start something.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A program is not on the PATH.
    #[error(
        "{program} is not on the PATH; install it: apt-get install -y --no-install-recommends {package}"
    )]
    Missing {
        /// The program that was looked for.
        program: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// The lab's Python environment is not there.
    #[error("{python} is missing; `cargo xtask lab` makes it from tests/lab/requirements.txt")]
    Environment {
        /// The interpreter that was looked for.
        python: PathBuf,
    },
    /// Only root can make it.
    #[error("{what} needs a mount namespace, which root can make: run this as root")]
    NotRoot {
        /// What was to be made.
        what: &'static str,
    },
    /// The operating system refused.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// A back-fill without samples, which promtool would take for success.
    #[error("the back-fill from {from} to {to} holds no sample")]
    NoSamples {
        /// The first second asked for.
        from: i64,
        /// The last second asked for.
        to: i64,
    },
    /// A port of 127.0.0.1 cannot be listened on.
    #[error("port {port} of 127.0.0.1 cannot be used: {source}")]
    Port {
        /// The port; 0 for any free one.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// A program ended with an error, or ended where it should have gone on.
    #[error("{program} ended with {status}; the end of its output:\n{output}")]
    Ended {
        /// The program.
        program: &'static str,
        /// Its exit status.
        status: String,
        /// The end of its output.
        output: String,
    },
    /// A program runs but does not answer.
    #[error("{program} was not ready after {waited:?}; the end of its output:\n{output}")]
    NotReady {
        /// The program.
        program: &'static str,
        /// How long it was waited for.
        waited: Duration,
        /// The end of its output.
        output: String,
    },
}
