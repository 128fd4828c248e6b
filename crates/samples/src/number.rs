//! A number as Prometheus writes it, read eight digits at a time, and exact: the same bits as `str::parse`.
//!
//! Digits are read out of a machine word (SWAR). What has at most 53 bits is divided by a power of
//! ten, which rounds once; 16 to 19 digits go through one step of D. Lemire, "Number Parsing at a
//! Gigabyte per Second" (2021). Whatever is not certain then is left to casebook-decimal.

/// Bytes that must follow the start of a sample for the quick way to be taken.
///
/// An index below 128 and a word of 8 bytes are inside of it, which the compiler sees: no load is checked.
pub const WINDOW: usize = 136;

/// A sample and what follows it.
pub(crate) type Window = [u8; WINDOW];

const INDEX: usize = WINDOW - 9;

/// Most digits behind the point that [`FIVES`] serves.
const MAX_FRACTION: usize = 27;
/// More digits may not fit into 64 bits.
const MAX_DIGITS: usize = 19;

static TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

static WHOLE_TENS: [u64; 17] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
    10_000_000_000,
    100_000_000_000,
    1_000_000_000_000,
    10_000_000_000_000,
    100_000_000_000_000,
    1_000_000_000_000_000,
    10_000_000_000_000_000,
];

/// A byte of the window.
#[inline(always)]
pub(crate) fn byte(window: &Window, at: usize) -> u8 {
    window[at & INDEX]
}

/// Eight bytes of the window.
#[inline(always)]
fn near(window: &Window, at: usize) -> [u8; 8] {
    let at = at & INDEX;
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&window[at..at + 8]);
    bytes
}

/// Eight bytes of the window, the first one lowest.
#[inline(always)]
pub(crate) fn word(window: &Window, at: usize) -> u64 {
    u64::from_le_bytes(near(window, at))
}

/// Eight characters as digits: each byte is 0 to 9 where it is one.
#[inline(always)]
fn flipped(word: u64) -> u64 {
    word ^ 0x3030_3030_3030_3030
}

/// The highest bit of each byte that is no digit; what stands above the first one may be wrong.
#[inline(always)]
fn others(flipped: u64) -> u64 {
    (flipped.wrapping_add(0x7676_7676_7676_7676) | flipped) & 0x8080_8080_8080_8080
}

/// The number that eight digits stand for, the first one lowest.
#[inline(always)]
fn eight(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let left = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let right = (pairs >> 16 & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    left.wrapping_add(right) >> 32
}

/// The digits from `at` on, at most 16 of them: their number and how many there are.
#[inline(always)]
pub(crate) fn digits(window: &Window, at: usize) -> (u64, usize) {
    let first = flipped(word(window, at));
    let ended = others(first);
    if ended != 0 {
        return fewer(first, ended, 0, 0);
    }
    let second = flipped(word(window, at + 8));
    let ended = others(second);
    if ended != 0 {
        return fewer(second, ended, eight(first), 8);
    }
    (eight(first) * 100_000_000 + eight(second), 16)
}

/// Fewer than eight digits, behind `count` others that stand for `number`.
#[inline(always)]
fn fewer(digits: u64, ended: u64, number: u64, count: usize) -> (u64, usize) {
    let bits = ended.trailing_zeros() & 0x38;
    if bits == 0 {
        return (number, count);
    }
    let more = (bits / 8) as usize;
    (
        number * WHOLE_TENS[more] + eight(digits << (64 - bits)),
        count + more,
    )
}

/// As [`digits`], for numbers that mostly have few: before the point.
#[inline(always)]
fn leading(window: &Window, at: usize) -> (u64, usize) {
    let mut number = 0;
    for (count, byte) in near(window, at).into_iter().take(4).enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (number, count);
        }
        number = number * 10 + u64::from(digit);
    }
    let (rest, more) = digits(window, at + 4);
    if more > 11 {
        return (0, 0);
    }
    (number * WHOLE_TENS[more] + rest, 4 + more)
}

/// A number that ends with a quote: its value and where the quote is.
///
/// `None` for everything that is not `-?digits(.digits)?` of at most 19 digits, such as `NaN` and `1e-7`.
#[inline(always)]
pub(crate) fn plain(window: &Window, from: usize) -> Option<(f64, usize)> {
    let negative = byte(window, from) == b'-';
    let mut at = from + usize::from(negative);
    let (whole, count) = leading(window, at);
    if count == 0 {
        return None;
    }
    at += count;
    let magnitude = match byte(window, at) {
        b'"' => exact(whole),
        b'.' => {
            let (number, fraction, end) = behind_point(window, at + 1, whole, count)?;
            at = end;
            // Of numbers with 16 digits some have 53 bits, at random: they go the way of those with 17.
            if number < 1 << 53 && fraction < TENS.len() {
                exact(number) / TENS[fraction]
            } else {
                scaled(number, fraction)?
            }
        }
        _ => return None,
    };
    Some((if negative { -magnitude } else { magnitude }, at))
}

/// A number of at most 53 bits. What has a sign is converted by one instruction, what has none by several.
#[inline(always)]
fn exact(number: u64) -> f64 {
    number as i64 as f64
}

/// All digits as one number, how many stand behind the point, and where the quote is.
#[inline(always)]
fn behind_point(
    window: &Window,
    from: usize,
    whole: u64,
    count: usize,
) -> Option<(u64, usize, usize)> {
    let (part, mut fraction) = digits(window, from);
    let significant = if whole == 0 { 0 } else { count };
    if significant + fraction > MAX_DIGITS {
        return None;
    }
    let mut number = whole * WHOLE_TENS[fraction] + part;
    let mut at = from + fraction;
    while byte(window, at) != b'"' {
        let digit = byte(window, at).wrapping_sub(b'0');
        if digit > 9 || number >= 1_000_000_000_000_000_000 {
            return None;
        }
        number = number * 10 + u64::from(digit);
        fraction += 1;
        at += 1;
    }
    Some((number, fraction, at))
}

/// `number / 10^fraction`, rounded to nearest, ties to even; `None` when one step does not settle it.
#[inline(always)]
fn scaled(number: u64, fraction: usize) -> Option<f64> {
    if number == 0 {
        return Some(0.0);
    }
    if fraction > MAX_FRACTION {
        return None;
    }
    let zeros = number.leading_zeros();
    let high = nearly_high(number << zeros, FIVES[fraction].0);
    // What is missing of it must not reach the bits that count; nor may this be half way between two numbers, which few
    // places allow.
    if high & 0x1ff >= 0x1fd || fraction <= MAX_TIED {
        return scaled_exactly(number, fraction);
    }
    Some(rounded(high, zeros, fraction, 0))
}

/// Most places behind the point of a number half way between two others.
const MAX_TIED: usize = 4;

/// As [`scaled`], from the whole product.
#[cold]
#[inline(never)]
fn scaled_exactly(number: u64, fraction: usize) -> Option<f64> {
    let zeros = number.leading_zeros();
    let number = number << zeros;
    let (five, five_low) = FIVES[fraction];
    let (mut high, mut low) = product(number, five);
    // The bits below those that are kept are all ones: the next word of the power may carry.
    if high & 0x1ff == 0x1ff {
        let (more, _) = product(number, five_low);
        let (sum, carries) = low.overflowing_add(more);
        low = sum;
        high += u64::from(carries);
        if low == u64::MAX {
            return None;
        }
    }
    let shift = (high >> 63) as u32 + 9;
    let kept = high >> shift;
    // Exactly half way: to even.
    let tied = low <= 1 && fraction <= MAX_TIED && kept & 3 == 1 && kept << shift == high;
    Some(rounded(high, zeros, fraction, u64::from(tied)))
}

/// The number whose bits begin with those of `high`; one less before it is rounded up, when it is `tied`.
#[inline(always)]
fn rounded(high: u64, zeros: u32, fraction: usize, tied: u64) -> f64 {
    let upper = (high >> 63) as u32;
    let kept = (high >> (upper + 9)) - tied;
    let exponent = ((-(fraction as i32) * 217_706) >> 16) + 63 + upper as i32 - zeros as i32 + 1023;
    // The leading one of the mantissa, and a carry out of it, add to the exponent.
    f64::from_bits(((exponent as u64 - 1) << 52) + ((kept + (kept & 1)) >> 1))
}

/// The high 64 bits of a product, or up to two less: three multiplications where all of it would take four.
#[inline(always)]
fn nearly_high(a: u64, b: u64) -> u64 {
    let (a_low, a_high) = (a & 0xffff_ffff, a >> 32);
    let (b_low, b_high) = (b & 0xffff_ffff, b >> 32);
    a_high * b_high + ((a_high * b_low) >> 32) + ((a_low * b_high) >> 32)
}

/// The 128 bits of a product, high and low.
fn product(a: u64, b: u64) -> (u64, u64) {
    let product = u128::from(a) * u128::from(b);
    ((product >> 64) as u64, product as u64)
}

/// A number that [`plain`] does not know and that ends with a quote: its value and where the quote is.
///
/// `None` when the quote is not in sight, or when it is no number at all.
#[cold]
#[inline(never)]
pub(crate) fn any(window: &Window, from: usize) -> Option<(f64, usize)> {
    let text = window.get(from..INDEX)?;
    let length = text.iter().position(|byte| *byte == b'"')?;
    let number = casebook_decimal::read(std::str::from_utf8(&text[..length]).ok()?)?;
    Some((number, from + length))
}

/// The 128 leading bits of `5^-n`, rounded up, high and low word: the table of Lemire's algorithm for `n` up to 27.
static FIVES: [(u64, u64); MAX_FRACTION + 1] = [
    (0x8000_0000_0000_0000, 0x0000_0000_0000_0000),
    (0xcccc_cccc_cccc_cccc, 0xcccc_cccc_cccc_cccd),
    (0xa3d7_0a3d_70a3_d70a, 0x3d70_a3d7_0a3d_70a4),
    (0x8312_6e97_8d4f_df3b, 0x645a_1cac_0831_26ea),
    (0xd1b7_1758_e219_652b, 0xd3c3_6113_404e_a4a9),
    (0xa7c5_ac47_1b47_8423, 0x0fcf_80dc_3372_1d54),
    (0x8637_bd05_af6c_69b5, 0xa63f_9a49_c2c1_b110),
    (0xd6bf_94d5_e57a_42bc, 0x3d32_9076_0469_1b4d),
    (0xabcc_7711_8461_cefc, 0xfdc2_0d2b_36ba_7c3e),
    (0x8970_5f41_36b4_a597, 0x3168_0a88_f895_3031),
    (0xdbe6_fece_bded_d5be, 0xb573_440e_5a88_4d1c),
    (0xafeb_ff0b_cb24_aafe, 0xf78f_69a5_1539_d749),
    (0x8cbc_cc09_6f50_88cb, 0xf93f_87b7_442e_45d4),
    (0xe12e_1342_4bb4_0e13, 0x2865_a5f2_06b0_6fba),
    (0xb424_dc35_095c_d80f, 0x5384_84c1_9ef3_8c95),
    (0x901d_7cf7_3ab0_acd9, 0x0f9d_3701_4bf6_0a11),
    (0xe695_94be_c44d_e15b, 0x4c2e_be68_7989_a9b4),
    (0xb877_aa32_36a4_b449, 0x09be_feb9_fad4_87c3),
    (0x9392_ee8e_921d_5d07, 0x3aff_322e_6243_9fd0),
    (0xec1e_4a7d_b695_61a5, 0x2b31_e9e3_d06c_32e6),
    (0xbce5_0864_9211_1aea, 0x88f4_bb1c_a6bc_f585),
    (0x971d_a050_74da_7bee, 0xd3f6_fc16_ebca_5e04),
    (0xf1c9_0080_baf7_2cb1, 0x5324_c68b_12dd_6339),
    (0xc16d_9a00_9592_8a27, 0x75b7_053c_0f17_8294),
    (0x9abe_14cd_4475_3b52, 0xc492_6a96_7279_3543),
    (0xf796_87ae_d3ee_c551, 0x3a83_ddbd_83f5_2205),
    (0xc612_0625_7658_9dda, 0x9536_4afe_032a_819e),
    (0x9e74_d1b7_91e0_7e48, 0x775e_a264_cf55_347e),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn window(text: &str) -> Window {
        let mut window = [b'"'; WINDOW];
        window[..text.len()].copy_from_slice(text.as_bytes());
        window
    }

    #[test]
    fn numbers_of_prometheus_are_plain_and_others_are_left_to_long_division() {
        for text in [
            "0",
            "-0",
            "1",
            "-1",
            "12345678",
            "999999999999999",
            "0.1",
            "-0.30000000000000004",
            "2.6308025749868214",
            "0.000001234567890123456",
            "9007199254740993.5",
            "17179869184",
            "1.",
            "5e-324",
            "123456.7890123456789",
            "0.00000000000000000000000",
            "4503599627370497.5",
            "0.6000000000000001",
            "9.5367431640625",
        ] {
            let wanted: f64 = text.parse().unwrap();
            let found = plain(&window(text), 0)
                .or_else(|| any(&window(text), 0))
                .unwrap();
            assert_eq!(
                (found.0.to_bits(), found.1),
                (wanted.to_bits(), text.len()),
                "{text}"
            );
        }
        for text in [
            "NaN",
            "+Inf",
            "1e-7",
            "",
            "-",
            ".5",
            "1x",
            "1234567890123456",
            "1.5,",
        ] {
            assert_eq!(plain(&window(text), 0), None, "{text}");
        }
        assert_eq!(any(&window("1x"), 0), None);
        assert_eq!(any(&[b'1'; WINDOW], 0), None);
    }

    #[test]
    fn what_is_nearly_the_high_half_of_a_product_misses_two_at_most() {
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..10_000 {
            random = random.wrapping_mul(0x2545_f491_4f6c_dd1d).rotate_left(29) ^ 0x55;
            for (five, _) in FIVES {
                let missing = product(random, five).0 - nearly_high(random, five);
                assert!(missing <= 2, "{random} {five}");
            }
        }
        assert_eq!(product(u64::MAX, u64::MAX), (u64::MAX - 1, 1));
    }

    /// By long division: `2^b / 5^n` for the `b` that fills 128 bits, rounded up.
    #[test]
    fn the_table_of_fives_is_what_it_says() {
        for (n, (high, low)) in FIVES.iter().enumerate().skip(1) {
            let five = 5_u128.pow(n as u32);
            let (mut quotient, mut rest) = (0_u128, 1_u128);
            while quotient >> 127 == 0 {
                rest *= 2;
                quotient = quotient << 1 | u128::from(rest >= five);
                rest -= if rest >= five { five } else { 0 };
            }
            let found = u128::from(*high) << 64 | u128::from(*low);
            assert_eq!(found, quotient + 1, "5^-{n}");
        }
    }
}
