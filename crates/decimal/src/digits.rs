//! The shortest digits that read back as the same number, and what can be told from them.

use std::fmt::{self, Write as _};

/// Most digits that a float needs.
const MOST: usize = 17;

/// `0.d1d2d3… · 10^(exponent + 1)`.
struct Digits {
    digits: [u8; MOST],
    count: usize,
    exponent: i32,
}

impl Digits {
    fn of(value: f64) -> Self {
        let mut buffer = zmij::Buffer::new();
        let mut found = Self {
            digits: [0; MOST],
            count: 0,
            exponent: -1,
        };
        let mut bytes = buffer.format_finite(value.abs()).bytes();
        let mut behind_point = false;
        for byte in &mut bytes {
            match byte {
                b'.' => behind_point = true,
                b'0'..=b'9' => {
                    let leading = found.count == 0 && byte == b'0';
                    if !leading && found.count < MOST {
                        found.digits[found.count] = byte - b'0';
                        found.count += 1;
                    }
                    found.exponent += match (behind_point, leading) {
                        (false, false) => 1,
                        (true, true) => -1,
                        _ => 0,
                    };
                }
                _ => break,
            }
        }
        let mut written = 0;
        let mut negative = false;
        for byte in bytes {
            match byte {
                b'-' => negative = true,
                b'+' => {}
                digit => written = written * 10 + i32::from(digit - b'0'),
            }
        }
        found.exponent += if negative { -written } else { written };
        found
    }

    /// Keeps `count` digits, rounded, ties to even.
    fn round(&mut self, count: usize) {
        let Some(next) = self
            .digits
            .get(count)
            .copied()
            .filter(|_| count < self.count)
        else {
            return;
        };
        let more = self.digits[count + 1..].iter().any(|digit| *digit != 0);
        let odd = count > 0 && self.digits[count - 1] % 2 == 1;
        self.digits[count..].fill(0);
        self.count = count;
        if next < 5 || next == 5 && !more && !odd {
            return;
        }
        for digit in self.digits[..count].iter_mut().rev() {
            *digit += 1;
            if *digit < 10 {
                return;
            }
            *digit = 0;
        }
        self.digits[0] = 1;
        self.exponent += 1;
    }
}

/// The power of ten of a number's first digit, `floor(log10(|value|))`, the same on every machine; 0 of zero, NaN and infinities.
#[must_use]
pub fn exponent(value: f64) -> i32 {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    Digits::of(value).exponent
}

/// Writes one digit, so many behind a point, and the power of ten: `1.50e12`.
///
/// As `{:.*e}`, but by the shortest text of the number: half way between two it takes the even one, and behind the last
/// digit of that text stand zeros.
#[derive(Clone, Copy, Debug)]
pub struct Scientific(pub f64, pub usize);

impl fmt::Display for Scientific {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, decimals) = *self;
        if !value.is_finite() {
            return fmt::Display::fmt(&crate::Fixed(value, 0), f);
        }
        let mut found = Digits::of(value);
        found.round(decimals + 1);
        if value.is_sign_negative() {
            f.write_char('-')?;
        }
        for place in 0..=decimals {
            if place == 1 {
                f.write_char('.')?;
            }
            let digit = found.digits.get(place).copied().unwrap_or(0);
            f.write_char(char::from(b'0' + digit))?;
        }
        let exponent = if found.count == 0 { 0 } else { found.exponent };
        write!(f, "e{exponent}")
    }
}
