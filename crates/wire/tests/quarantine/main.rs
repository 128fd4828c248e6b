//! The quarantine scripts, run by the real `/bin/sh` on real files: whatever happens, nothing is
//! lost, nothing is replaced, and the exit status tells the truth.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail"
)]

mod host;
mod limits;
mod moving;
mod preview;
mod races;
