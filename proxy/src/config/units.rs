//! Durations and sizes as people write them: `8h`, `1m30s`, `256MiB`.

use serde::{Deserialize, Deserializer, de};
use std::time::Duration;

/// Milliseconds of a duration in Prometheus's notation: whole numbers of `d h m s ms`, largest unit
/// first.
pub fn parse_duration(text: &str) -> Option<Duration> {
    const UNITS: [(&str, u64); 7] = [
        ("y", 31_536_000_000),
        ("w", 604_800_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
        ("ms", 1),
    ];
    let mut rest = text;
    let mut next_unit = 0;
    let mut total_ms = 0_u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().ok()?;
        let after = &rest[digits..];
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = UNITS
            .iter()
            .position(|(name, _)| *name == &after[..letters])?;
        if unit < next_unit {
            return None;
        }
        next_unit = unit + 1;
        total_ms = total_ms.checked_add(number.checked_mul(UNITS[unit].1)?)?;
        rest = &after[letters..];
    }
    Some(Duration::from_millis(total_ms))
}

/// Bytes of a size: a whole number, alone or with `KiB`, `MiB` or `GiB`.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().ok()?;
    let factor = match text[digits..].trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(factor)
}

pub(crate) fn duration<'de, D: Deserializer<'de>>(input: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(input)?;
    parse_duration(&text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| {
            de::Error::custom(format!(
                "{text:?} is no duration; write one like \"30s\", \"15m\" or \"8h\""
            ))
        })
}

pub(crate) fn bytes<'de, D: Deserializer<'de>>(input: D) -> Result<u64, D::Error> {
    let text = String::deserialize(input)?;
    parse_bytes(&text).filter(|size| *size > 0).ok_or_else(|| {
        de::Error::custom(format!(
            "{text:?} is no size; write one like \"64KiB\" or \"256MiB\""
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations() {
        for (text, ms) in [
            ("8h", 28_800_000),
            ("1m30s", 90_000),
            ("250ms", 250),
            ("1d", 86_400_000),
            ("0s", 0),
        ] {
            assert_eq!(
                parse_duration(text),
                Some(Duration::from_millis(ms)),
                "{text}"
            );
        }
        for text in [
            "",
            "8",
            "h",
            "1s1m",
            "1s1s",
            "-1s",
            "1.5s",
            " 1s",
            "1 s",
            "99999999999999999999s",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn reads_sizes() {
        for (text, size) in [("1", 1), ("64KiB", 65_536), ("256 MiB", 268_435_456)] {
            assert_eq!(parse_bytes(text), Some(size), "{text}");
        }
        for text in ["", "MiB", "1MB", "-1", "1.5MiB", "99999999999GiB"] {
            assert_eq!(parse_bytes(text), None, "{text}");
        }
    }
}
