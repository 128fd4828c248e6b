//! What the tests of the real binary share: starting it, signing in, asking byte by byte.

mod answer;
mod aws_relay;
mod proxy;
mod story;
mod stub;

pub use answer::{Answer, exchange, read_answer};
pub use aws_relay::{DESCRIBE, EC2, code, fault, in_front_of};
pub use proxy::{Proxy, ProxyBuilder, Session, find_link, run_to_end, signal, token_of};
pub use story::{carry_out, run};
pub use stub::{Stub, ask_stub, json, query, wait_for_close};

use std::time::{Duration, Instant};

/// Longer than a start takes on a machine that compiles and runs browsers at the same time.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `ready` gives something, for as long as [`PATIENCE`].
pub fn wait_for<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
