//! A logarithm that has the same bits on every machine; those of the standard library differ in their last ones.

use std::f64::consts::{LN_2, SQRT_2};

/// The natural logarithm of a number that is normal and above 0, to a few units in the last place.
///
/// `2 · artanh((m - 1) / (m + 1))` by its series, for the mantissa `m` between √½ and √2: additions,
/// multiplications and divisions only, which IEEE 754 rounds in one way.
pub(crate) fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023;
    let mut mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if mantissa > SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let (mut power, mut sum) = (ratio, 0.0);
    for odd in (1..=23).step_by(2) {
        sum += power / f64::from(odd);
        power *= ratio * ratio;
    }
    2.0 * sum + exponent as f64 * LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_logarithm() {
        for x in (1..20_000)
            .map(f64::from)
            .chain([1e-300, 0.1, 0.7, 1.41, 1e300])
        {
            let (ours, theirs) = (ln(x), x.ln());
            assert!(
                (ours - theirs).abs() <= 4.0 * f64::EPSILON * theirs.abs(),
                "{x}: {ours}, {theirs}"
            );
        }
        assert_eq!(
            ln(31.0).to_bits(),
            0x400b_78ce_4891_2b5a,
            "{:x}",
            ln(31.0).to_bits()
        );
    }
}
