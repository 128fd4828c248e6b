//! Ports for back ends that cannot be told to take any.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

use crate::LabError;

/// Below the ports that Linux gives to clients and to whoever asks for port 0 (32768 and up, ip(7)): there a stranger
/// may get ours between our look and our start, and be taken for the server that we wait for.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// Tests run in many processes at once; each begins with a few ports of its own.
const OF_A_PROCESS: u16 = 16;

/// A port of 127.0.0.1 that was free a moment ago, another one at each call.
///
/// # Errors
///
/// When none is free.
pub fn free_port() -> Result<u16, LabError> {
    static ASKED: AtomicU16 = AtomicU16::new(0);
    let [low, high, ..] = std::process::id().to_le_bytes();
    let own = u16::from_le_bytes([low, high]) % (COUNT / OF_A_PROCESS) * OF_A_PROCESS;
    let mut tried = 0;
    loop {
        let next = ASKED.fetch_add(1, Ordering::Relaxed) % COUNT;
        tried += 1;
        match free(FIRST + (own + next) % COUNT) {
            Err(_) if tried < COUNT => {}
            result => return result,
        }
    }
}

/// The port, if nobody listens on it: else a stranger's answers would be taken for ours.
pub(crate) fn free(port: u16) -> Result<u16, LabError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map(|_| port)
        .map_err(|source| LabError::Port { port, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_once_and_never_one_that_is_taken() {
        let first = free_port().unwrap();
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first + 1)).unwrap();
        let second = free_port().unwrap();
        assert_eq!(second, first + 2);
        assert!((FIRST..FIRST + COUNT).contains(&second));
        drop(taken);
    }
}
