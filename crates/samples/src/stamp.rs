//! How the time of a step is written: the bytes `[1795000000,"` that the samples of all series share.
//!
//! A server writes the same instant in the same way for each series, so a comparison of two or three
//! words stands for the reading of a number.

use crate::number::{Window, byte, digits, word};

/// Longest `[time,"` that is remembered: milliseconds of this millennium take 17 bytes.
const LONGEST: usize = 24;
/// Shortest one: the last word of it must not begin before it.
const SHORTEST: usize = 8;
/// Seconds beyond this (year 2262) are no time.
pub const MAX_SECONDS: u64 = 9_223_372_036;

/// The first bytes of a sample at one step.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    first: u64,
    middle: u64,
    last: u64,
    length: usize,
}

impl Stamp {
    /// The first `length` bytes of a sample, when they can be compared by words.
    pub(crate) fn of(sample: &Window, length: usize) -> Option<Self> {
        (SHORTEST..=LONGEST).contains(&length).then(|| Self {
            first: word(sample, 0),
            middle: word(sample, 8),
            last: word(sample, length - 8),
            length,
        })
    }

    /// Where the value of a sample begins, when it is one of this step.
    #[inline(always)]
    pub(crate) fn matches(&self, sample: &Window) -> Option<usize> {
        let ends = word(sample, 0) ^ self.first | word(sample, self.length - 8) ^ self.last;
        let same = if self.length > 16 {
            ends | word(sample, 8) ^ self.middle == 0
        } else {
            ends == 0
        };
        same.then_some(self.length)
    }
}

/// Reads `[seconds,"` with at most three digits behind the point: milliseconds, and where the value begins.
pub(crate) fn read_time(sample: &Window) -> Option<(i64, usize)> {
    if byte(sample, 0) != b'[' {
        return None;
    }
    let (seconds, count) = digits(sample, 1);
    // JSON has no leading zeros.
    let padded = count > 1 && byte(sample, 1) == b'0';
    if count == 0 || padded || seconds >= MAX_SECONDS {
        return None;
    }
    let mut at = 1 + count;
    let mut ms = 0;
    if byte(sample, at) == b'.' {
        let (part, places) = digits(sample, at + 1);
        ms = part
            * match places {
                1 => 100,
                2 => 10,
                3 => 1,
                _ => return None,
            };
        at += 1 + places;
    }
    let time = i64::try_from(seconds * 1000 + ms).ok()?;
    (byte(sample, at) == b',' && byte(sample, at + 1) == b'"').then_some((time, at + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(text: &str) -> Window {
        let mut window = [0; 136];
        window[..text.len()].copy_from_slice(text.as_bytes());
        window
    }

    #[test]
    fn times_are_whole_seconds_or_have_up_to_three_places() {
        for (text, time, value_at) in [
            (r#"[1795000000,"1"#, 1_795_000_000_000, 13),
            (r#"[1795000000.1,"1"#, 1_795_000_000_100, 15),
            (r#"[1795000000.078,"1"#, 1_795_000_000_078, 17),
            (r#"[0.50,"1"#, 500, 7),
            (r#"[9223372035.999,"1"#, 9_223_372_035_999, 17),
        ] {
            assert_eq!(read_time(&window(text)), Some((time, value_at)), "{text}");
        }
        for text in [
            r#"["1795000000","#,
            r#"[-1,""#,
            r#"[1e3,""#,
            r#"[1, ""#,
            r#"[1,1"#,
            r#"[1.2345,""#,
            r#"[,""#,
            r#"[0500,"1"#,
            r#"[9223372036,""#,
            r#" [1,""#,
        ] {
            assert_eq!(read_time(&window(text)), None, "{text}");
        }
    }

    #[test]
    fn a_stamp_knows_its_own_step_only() {
        for text in [
            r#"[100000,""#,
            r#"[1795000000,""#,
            r#"[1795000000.120,""#,
            r#"[17950000001234567890,""#,
        ] {
            let stamp = Stamp::of(&window(text), text.len()).unwrap();
            assert_eq!(
                stamp.matches(&window(&format!("{text}77"))),
                Some(text.len())
            );
            for at in 0..text.len() {
                let mut other = window(text);
                other[at] ^= 1;
                assert_eq!(stamp.matches(&other), None, "{text} at {at}");
            }
        }
        assert!(Stamp::of(&window(r#"[1,""#), 4).is_none());
        assert!(Stamp::of(&window("x"), 25).is_none());
    }
}
