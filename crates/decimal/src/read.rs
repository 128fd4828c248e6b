//! From text to the nearest float.

use crate::big::Big;

/// Digits beyond these only say that something follows: no two floats are so near each other.
const MOST_DIGITS: usize = 800;
/// Powers of ten that a float holds exactly.
const EXACT_TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The float nearest to a number, ties to even: the same bits that `str::parse` gives, of the same texts.
///
/// `None` when the text is no number: `-?digits(.digits)?(e-?digits)?`, `inf`, `infinity` or `nan`, in any case, with a
/// plus perhaps.
#[must_use]
pub fn read(text: &str) -> Option<f64> {
    let (negative, bare) = match text.as_bytes() {
        [b'-', bare @ ..] => (true, bare),
        [b'+', bare @ ..] => (false, bare),
        bare => (false, bare),
    };
    let magnitude = match Decimal::of(bare) {
        Some(decimal) => decimal.nearest(),
        None => named(bare)?,
    };
    Some(if negative { -magnitude } else { magnitude })
}

fn named(text: &[u8]) -> Option<f64> {
    let is = |name: &str| text.eq_ignore_ascii_case(name.as_bytes());
    if is("inf") || is("infinity") {
        return Some(f64::INFINITY);
    }
    is("nan").then_some(f64::NAN)
}

/// `digits · 10^exponent`.
struct Decimal<'a> {
    /// Digits, and a point perhaps, from the first digit that is not zero.
    digits: &'a [u8],
    count: usize,
    exponent: i64,
}

impl<'a> Decimal<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        let is_end = |byte: &u8| !byte.is_ascii_digit() && *byte != b'.';
        let end = text.iter().position(is_end).unwrap_or(text.len());
        let (mantissa, rest) = text.split_at(end);
        let point = mantissa.iter().position(|byte| *byte == b'.');
        let behind = point.map_or(0, |at| mantissa.len() - at - 1);
        let digits = mantissa.len() - usize::from(point.is_some());
        let second_point = point.is_some_and(|at| mantissa[at + 1..].contains(&b'.'));
        if digits == 0 || second_point {
            return None;
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', digits @ ..] => written_exponent(digits)?,
            _ => return None,
        };
        let zeros = mantissa
            .iter()
            .take_while(|byte| matches!(byte, b'0' | b'.'));
        let significant = &mantissa[zeros.count()..];
        let points = significant.iter().filter(|byte| **byte == b'.');
        Some(Self {
            digits: significant,
            count: significant.len() - points.count(),
            exponent: exponent - behind as i64,
        })
    }

    fn nearest(&self) -> f64 {
        let magnitude = self.count as i64 + self.exponent;
        if self.count == 0 || magnitude < -330 {
            return 0.0;
        }
        if magnitude > 310 {
            return f64::INFINITY;
        }
        self.exact().unwrap_or_else(|| self.by_long_division())
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        let digits = self.digits.iter().filter(|byte| **byte != b'.');
        digits.map(|byte| byte - b'0')
    }

    /// One operation on two floats that are exact rounds once.
    fn exact(&self) -> Option<f64> {
        if self.count > 16 {
            return None;
        }
        let number = self
            .digits()
            .fold(0, |number, digit| number * 10 + u64::from(digit));
        let ten = *EXACT_TENS.get(usize::try_from(self.exponent.unsigned_abs()).ok()?)?;
        if number > 1 << 53 {
            return None;
        }
        let number = number as f64;
        Some(if self.exponent < 0 {
            number / ten
        } else {
            number * ten
        })
    }

    /// `number · 2^exponent` for a `number` of more bits than a float has, rounded once.
    fn by_long_division(&self) -> f64 {
        let cut = self.count.saturating_sub(MOST_DIGITS);
        let mut number = Big::of_digits(self.digits().take(MOST_DIGITS));
        let mut more = self.digits().skip(MOST_DIGITS).any(|digit| digit != 0);
        let ten = (self.exponent + cut as i64) as i32;
        let mut two = ten;
        if ten >= 0 {
            number.multiply_by_fives(ten.unsigned_abs());
        } else {
            // 66 bits are left of the quotient: a divisor of n fives has fewer than 7/3 n bits.
            let wanted = 66 + ten.abs() * 7 / 3;
            let words = (wanted - number.bits()).max(0).unsigned_abs().div_ceil(32);
            number.shift_words(words as usize);
            two -= 32 * words as i32;
            more |= number.divide_by_fives(ten.unsigned_abs());
        }
        rounded(&number, more, two)
    }
}

fn written_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = digits.iter().map(|byte| i64::from(byte - b'0'));
    let exponent = digits.fold(0, |number, digit| (number * 10 + digit).min(1 << 40));
    Some(if negative { -exponent } else { exponent })
}

/// The float nearest to `number · 2^exponent`, or a little more than that.
fn rounded(number: &Big, more: bool, exponent: i32) -> f64 {
    if number.is_zero() {
        return 0.0;
    }
    let (top, below) = number.top();
    // The exponent of the highest bit, as a float stores it; 1 is the least, and subnormal numbers share it.
    let stored = number.bits() + exponent - 1 + 1023;
    let kept = 53 + (stored - 1).min(0);
    if kept < 0 {
        return 0.0;
    }
    let mantissa = top.checked_shr(64 - kept.unsigned_abs()).unwrap_or(0);
    let rest = top << kept;
    let half = 1 << 63;
    let up = rest > half || rest == half && (below || more || mantissa & 1 == 1);
    // A mantissa that overflows carries into the exponent, as it should: of subnormal numbers too.
    let base = (stored.max(1) as u64 - 1) << 52;
    f64::from_bits((base + mantissa + u64::from(up)).min(f64::INFINITY.to_bits()))
}
