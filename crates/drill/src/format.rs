//! Numbers as Prometheus's JSON prints them.

/// A sample's value: the shortest text that reads back as the same number, in plain decimals
/// between 1e-6 and 1e21 and with an exponent outside (`util/jsonutil/marshal.go`).
pub(crate) fn value(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let magnitude = number.abs();
    if magnitude == 0.0 || (1e-6..1e21).contains(&magnitude) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// A sample's time, given in milliseconds: seconds, with exactly three decimals unless whole.
pub(crate) fn time(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "-" } else { "" };
    let magnitude = milliseconds.unsigned_abs();
    let (seconds, rest) = (magnitude / 1000, magnitude % 1000);
    if rest == 0 {
        format!("{sign}{seconds}")
    } else {
        format!("{sign}{seconds}.{rest:03}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_look_as_go_prints_them() {
        let table = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.1, "0.1"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-07"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-2.5e-300, "-2.5e-300"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (number, text) in table {
            assert_eq!(value(number), text);
        }
    }

    #[test]
    fn fractions_of_a_second_have_three_digits() {
        assert_eq!(time(1_700_000_000_000), "1700000000");
        assert_eq!(time(1_700_000_000_100), "1700000000.100");
        assert_eq!(time(-500), "-0.500");
    }

    proptest! {
        #[test]
        fn a_printed_value_reads_back_as_the_same_number(bits: u64) {
            let number = f64::from_bits(bits);
            let back: f64 = value(number).parse().unwrap();
            prop_assert!(back.to_bits() == bits || number.is_nan() && back.is_nan());
        }
    }
}
