//! A number with so many digits behind the point.

use std::fmt::{self, Write as _};

/// More digits than this are not written: `10^22 · 2^53` still fits into 128 bits.
const MOST_DECIMALS: usize = 22;

/// Writes what `{:.*}` writes, for numbers below `2^64` and up to 22 digits; greater numbers in their shortest form.
#[derive(Clone, Copy, Debug)]
pub struct Fixed(pub f64, pub usize);

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, decimals) = *self;
        let magnitude = value.abs();
        let sign = if value.is_sign_negative() { "-" } else { "" };
        if magnitude >= 18_446_744_073_709_551_616.0 || value.is_nan() {
            let mut buffer = zmij::Buffer::new();
            return f.write_str(buffer.format(value));
        }
        let decimals = decimals.min(MOST_DECIMALS);
        let (whole, part) = split(magnitude, decimals);
        write!(f, "{sign}{whole}")?;
        if decimals > 0 {
            f.write_str(".")?;
        }
        let mut digits = [b'0'; MOST_DECIMALS];
        let mut rest = part;
        for digit in digits[..decimals].iter_mut().rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        digits[..decimals]
            .iter()
            .try_for_each(|digit| f.write_char(char::from(*digit)))
    }
}

/// The whole part of a number below `2^64`, and its part behind the point times `10^decimals`: rounded, ties to even.
fn split(magnitude: f64, decimals: usize) -> (u64, u128) {
    let bits = magnitude.to_bits();
    let stored = bits >> 52;
    let mantissa = bits & ((1 << 52) - 1) | u64::from(stored > 0) << 52;
    let exponent = stored.max(1) as i32 - 1075;
    if exponent >= 0 {
        return (mantissa << exponent, 0);
    }
    let shift = exponent.unsigned_abs();
    let whole = mantissa.checked_shr(shift).unwrap_or(0);
    // So small that it rounds to nothing, whatever the digits.
    if shift > 127 {
        return (whole, 0);
    }
    let ten = 10_u128.pow(decimals as u32);
    let scaled = (u128::from(mantissa) - (u128::from(whole) << shift)) * ten;
    let (part, rest, half) = (
        scaled >> shift,
        scaled & ((1 << shift) - 1),
        1 << (shift - 1),
    );
    let odd = if decimals == 0 {
        whole & 1 == 1
    } else {
        part & 1 == 1
    };
    let part = part + u128::from(rest > half || rest == half && odd);
    if part == ten {
        (whole + 1, 0)
    } else {
        (whole, part)
    }
}
