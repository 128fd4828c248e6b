//! A number must have the same bits and the same text as with the standard library: the verdict must not depend on where it runs.

use casebook_decimal::{Fixed, Scientific, exponent, read};
use proptest::prelude::*;

fn read_alike(text: &str) {
    let (ours, known) = (read(text), text.parse::<f64>().ok());
    let bits = |number: Option<f64>| number.map(|number| (number.is_nan(), number.to_bits()));
    assert!(
        bits(ours) == bits(known)
            || ours.is_some_and(f64::is_nan) && known.is_some_and(f64::is_nan),
        "{text}: {ours:?}, {known:?}"
    );
}

/// A float of any bits: most have exponents that no metric has.
fn any_float() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(f64::from_bits)
}

/// A float as metrics have them.
fn usual_float() -> impl Strategy<Value = f64> {
    (any::<i64>(), 0..80_u32).prop_map(|(number, shift)| number as f64 / 2_f64.powi(shift as i32))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8_000))]

    #[test]
    fn the_text_of_any_float_is_read_alike(value in any_float()) {
        read_alike(&value.to_string());
        read_alike(&format!("{value:e}"));
        read_alike(&format!("{value:.17e}"));
    }

    #[test]
    fn digits_of_any_number_are_read_alike(digits in "[0-9]{1,40}", point in 0..40_usize, power in -360..360_i32) {
        let at = point.min(digits.len());
        read_alike(&format!("{}.{}", &digits[..at], &digits[at..]));
        read_alike(&format!("{digits}e{power}"));
    }

    #[test]
    fn every_text_is_read_alike_or_refused_alike(text in "[-+]?[0-9.]{0,5}([eE][-+]?[0-9]{0,3})?|[-+]?(inf|nan|NaN|Inf|INFINITY|infinite)|.{0,4}") {
        read_alike(&text);
    }

    #[test]
    fn numbers_are_written_alike(value in prop_oneof![any_float(), usual_float()], decimals in 0..=22_usize) {
        if value.abs() < 2_f64.powi(64) {
            prop_assert_eq!(Fixed(value, decimals).to_string(), format!("{value:.decimals$}"));
        }
    }

    #[test]
    fn numbers_half_way_are_written_alike(whole in -100_000..100_000_i64, shift in 1..12_u32) {
        let value = whole as f64 / f64::from(1 << shift);
        for decimals in 0..shift as usize {
            prop_assert_eq!(Fixed(value, decimals).to_string(), format!("{value:.decimals$}"));
        }
    }

    #[test]
    fn numbers_with_their_power_of_ten_are_written_alike(value in any_float(), decimals in 0..16_usize) {
        let shortest = format!("{:e}", value.abs());
        let (digits, _) = shortest.split_once('e').unwrap_or_default();
        // The point is one of the bytes.
        let rest = digits.get(decimals + 2..).unwrap_or_default();
        if !rest.is_empty() && rest != "5" {
            prop_assert_eq!(Scientific(value, decimals).to_string(), format!("{value:.decimals$e}"));
        }
    }

    #[test]
    fn the_power_of_ten_is_that_of_the_first_digit(value in prop_oneof![any_float(), usual_float()]) {
        if value.is_normal() {
            let text = format!("{value:e}");
            let (_, power) = text.split_once('e').unwrap();
            prop_assert_eq!(exponent(value), power.parse::<i32>().unwrap());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn digits_beside_the_middle_of_two_floats_are_read_alike(value in any_float(), more in "[0-9]{0,3}") {
        let next = f64::from_bits(value.to_bits() + 1);
        if value.is_finite() && next.is_finite() {
            // Of two floats and of their middle, the whole decimal text is known: at most 1076 digits.
            let exact = |value: f64| format!("{value:.1075}");
            read_alike(&exact(value));
            read_alike(&format!("{}{more}", exact(value)));
            let middle = value / 2.0 + next / 2.0;
            read_alike(&format!("{}{more}", exact(middle)));
        }
    }
}

#[test]
fn hard_numbers_are_read_alike() {
    let long = "1".repeat(5_000);
    for text in [
        "0",
        "-0",
        "0.0",
        "-0e999999999999",
        "1e999999999999999999999999",
        "1e-99999999999999999999",
        "9007199254740993",
        "9007199254740992.999999999999999999999999",
        "9007199254740993.000000000000000000001",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.47032822920623272088e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "2.2250738585072012e-308",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1.797693134862315807e308",
        "179769313486231580793728971405301e276",
        "8.5e-324",
        "1e23",
        "8.41e21",
        "9e-265",
        "6.631236846766476e-316",
        "3.2378839133029012895883524125015321748630094513645e-11",
        "1e400",
        "1e-400",
        "5e-324",
        "3e-324",
        "2e-324",
        &long,
        &format!("0.{long}"),
        &format!("{long}e-5000"),
        &format!("0.{}1e5000", "0".repeat(4_999)),
        &format!("1{}", "0".repeat(308)),
        &format!("1{}", "0".repeat(309)),
        &format!("1{}.5e-400", "0".repeat(400)),
        &format!("9007199254740993.{}1", "0".repeat(900)),
    ] {
        read_alike(text);
    }
}

#[test]
fn what_is_no_usual_number_is_written_too() {
    assert_eq!(Fixed(1.5e300, 2).to_string(), "1.5e+300");
    assert_eq!(
        Fixed(-f64::INFINITY, 2).to_string(),
        format!("{:.2}", -f64::INFINITY)
    );
    assert_eq!(Fixed(f64::NAN, 2).to_string(), "NaN");
    assert_eq!(Scientific(1.125e12, 2).to_string(), "1.12e12");
    assert_eq!(Scientific(-9.996e-7, 2).to_string(), "-1.00e-6");
    assert_eq!(Scientific(0.0, 2).to_string(), "0.00e0");
    assert_eq!(exponent(0.0), 0);
    assert_eq!(exponent(f64::INFINITY), 0);
}
