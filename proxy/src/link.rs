//! Login links: 256 random bits in the fragment of an address, good once and for a short time.

use crate::random::hex_token;
use casebook_wire::sha256_hex;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq;

/// Links that are good at the same time; the oldest goes first.
const MOST: usize = 32;

const IN_FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// All unused links.
#[derive(Debug)]
pub struct Links {
    host: String,
    ttl: Duration,
    unused: Mutex<Vec<(String, Instant)>>,
}

impl Links {
    /// No links yet; they will lead to `http://{host}/`.
    pub fn new(host: &str, ttl: Duration) -> Links {
        Links {
            host: host.to_owned(),
            ttl,
            unused: Mutex::default(),
        }
    }

    /// A fresh link, which opens `next` (a path of the site) after the sign-in.
    pub fn issue(&self, next: &str) -> io::Result<String> {
        let token = hex_token(32)?;
        let mut unused = self.unused.lock().unwrap_or_else(PoisonError::into_inner);
        unused.retain(|(_, until)| *until > Instant::now());
        unused.push((sha256_hex(token.as_bytes()), Instant::now() + self.ttl));
        let surplus = unused.len().saturating_sub(MOST);
        unused.drain(..surplus);
        let next = utf8_percent_encode(next, IN_FRAGMENT);
        Ok(format!(
            "http://{}/auth/#token={token}&next={next}",
            self.host
        ))
    }

    /// Uses up the link of this token; false when there is none, or no more.
    pub fn redeem(&self, token: &str) -> bool {
        let hash = sha256_hex(token.as_bytes());
        let now = Instant::now();
        let mut unused = self.unused.lock().unwrap_or_else(PoisonError::into_inner);
        let mut good = false;
        unused.retain(|(known, until)| {
            let same = bool::from(known.as_bytes().ct_eq(hash.as_bytes()));
            good |= same && *until > now;
            !same && *until > now
        });
        good
    }

    /// How long a link is good, in minutes, rounded up.
    pub fn minutes(&self) -> u64 {
        self.ttl.as_secs().div_ceil(60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(link: &str) -> String {
        link.split("#token=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn a_link_is_good_once() {
        let links = Links::new("localhost:8787", Duration::from_secs(60));
        let link = links
            .issue("/lab/index.html?incident=P90 burns&x=1")
            .unwrap();
        assert!(
            link.ends_with("&next=/lab/index.html%3Fincident%3DP90%20burns%26x%3D1"),
            "{link}"
        );
        assert_eq!(token(&link).len(), 64);
        assert!(!links.redeem("") && !links.redeem(&token(&link)[1..]));
        assert!(links.redeem(&token(&link)));
        assert!(!links.redeem(&token(&link)));
    }

    #[test]
    fn a_link_ends_in_time_and_in_number() {
        let late = Links::new("h", Duration::ZERO);
        assert!(!late.redeem(&token(&late.issue("/").unwrap())));

        let many = Links::new("h", Duration::from_secs(60));
        let first = token(&many.issue("/").unwrap());
        for _ in 0..MOST {
            many.issue("/").unwrap();
        }
        assert!(!many.redeem(&first));
    }
}
