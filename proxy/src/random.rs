//! Unguessable text from the operating system.

use casebook_wire::digest::hex;
use std::io;

/// `bytes` random bytes as twice as many hexadecimal digits.
pub fn hex_token(bytes: usize) -> io::Result<String> {
    let mut buffer = vec![0_u8; bytes];
    getrandom::fill(&mut buffer).map_err(io::Error::other)?;
    Ok(hex(&buffer))
}
