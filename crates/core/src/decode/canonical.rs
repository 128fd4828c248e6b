//! The quick way: series and samples exactly as Prometheus writes them, as far as a chunk holds them whole.
//!
//! It never decides that a body is wrong. It stops in front of whatever it does not know, and the
//! general tokenizer goes on from there.

use super::Expect;
use super::columns::Columns;
use super::number::{WINDOW, Window, any, byte, plain};
use super::stamp::{Stamp, read_time};
use crate::matrix::{NAN, is_gap};

const METRIC: &[u8] = br#"{"metric":{"#;
const VALUES: &[u8] = br#","values":["#;

/// The beginning of a series, up to and with the `[` of its samples.
#[derive(Debug)]
pub(super) struct Head<'a> {
    /// The inside of the metric's object, without an escape.
    pub(super) labels: &'a str,
    /// Bytes of the names and values in it.
    pub(super) label_bytes: usize,
    /// Bytes of all.
    pub(super) length: usize,
}

/// Reads `{"metric":{"a":"b",…},"values":[`.
pub(super) fn head(bytes: &[u8]) -> Option<Head<'_>> {
    let inside = bytes.strip_prefix(METRIC)?;
    let mut at = 0;
    let mut label_bytes = 0;
    if *inside.first()? != b'}' {
        loop {
            let name_end = text_end(inside, at)?;
            if *inside.get(name_end + 1)? != b':' {
                return None;
            }
            let value_end = text_end(inside, name_end + 2)?;
            label_bytes += value_end - at - 4;
            at = value_end + 1;
            match *inside.get(at)? {
                b',' => at += 1,
                b'}' => break,
                _ => return None,
            }
        }
    }
    inside[at + 1..].starts_with(VALUES).then_some(())?;
    Some(Head {
        labels: std::str::from_utf8(&inside[..at]).ok()?,
        label_bytes,
        length: METRIC.len() + at + 1 + VALUES.len(),
    })
}

/// Where the text that begins with a quote at `at` has its other quote, if nothing in between is special.
fn text_end(bytes: &[u8], at: usize) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    if *bytes.get(at)? != b'"' {
        return None;
    }
    let mut at = at + 1;
    loop {
        let word = u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let escape = zero(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let special = (quote | escape | control) & HIGHS;
        if special != 0 {
            let found = at + (special.trailing_zeros() / 8) as usize;
            return (bytes[found] == b'"').then_some(found);
        }
        at += 8;
    }
}

/// What [`Columns::read_samples`] has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// Bytes, whole samples only.
    pub(super) bytes: usize,
    /// Whether the last of them is a comma.
    pub(super) comma: bool,
}

impl Columns {
    /// Takes the samples at the beginning of `bytes` into the open row, up to the first one that is unusual.
    pub(super) fn read_samples(&mut self, bytes: &[u8]) -> Run {
        let Expect::Grid(grid) = self.expect else {
            return self.read_loose_samples(bytes);
        };
        let row_start = self.open_cells(grid);
        let row = &mut self.values[row_start..];
        let mut step = self.next_step;
        let mut unusual = false;
        let mut repeated = 0;
        let mut run = Run {
            bytes: 0,
            comma: false,
        };
        let mut left = self.limits.samples.saturating_sub(self.meta.samples);
        let before = left;
        while left > 0
            && let Some(sample) = window(bytes, run.bytes)
        {
            let known = self
                .stamps
                .get(step)
                .and_then(|stamp| stamp.matches(sample));
            let value_at = match known {
                Some(value_at) => value_at,
                None => {
                    let Some((time_ms, value_at)) = read_time(sample) else {
                        break;
                    };
                    let Some(found) = grid.step_at(time_ms) else {
                        break;
                    };
                    step = found as usize;
                    if step == self.stamps.len()
                        && let Some(stamp) = Stamp::of(sample, value_at)
                    {
                        self.stamps.push(stamp);
                    }
                    value_at
                }
            };
            let Some((value, end)) = value(sample, value_at, &mut unusual) else {
                break;
            };
            let Some(cell) = row.get_mut(step) else {
                break;
            };
            repeated += u64::from(!is_gap(*cell));
            *cell = value;
            step += 1;
            left -= 1;
            run.comma = byte(sample, end) == b',';
            run.bytes += end + usize::from(run.comma);
            if !run.comma {
                break;
            }
        }
        self.next_step = step;
        self.unusual |= unusual;
        self.meta.repeated += repeated;
        self.meta.samples += before - left;
        run
    }

    /// As [`Columns::read_samples`], without a grid.
    fn read_loose_samples(&mut self, bytes: &[u8]) -> Run {
        let mut run = Run {
            bytes: 0,
            comma: false,
        };
        while self.meta.samples < self.limits.samples
            && let Some(sample) = window(bytes, run.bytes)
            && let Some((time_ms, value_at)) = read_time(sample)
            && let Some((value, end)) = value(sample, value_at, &mut false)
        {
            self.meta.samples += 1;
            self.loose.push((time_ms, value));
            run.comma = byte(sample, end) == b',';
            run.bytes += end + usize::from(run.comma);
            if !run.comma {
                break;
            }
        }
        run
    }
}

#[inline(always)]
fn window(bytes: &[u8], at: usize) -> Option<&Window> {
    bytes.get(at..)?.first_chunk::<WINDOW>()
}

/// The value, and where its `"]` ends.
#[inline(always)]
fn value(sample: &Window, at: usize, unusual: &mut bool) -> Option<(f64, usize)> {
    let (value, quote) = match plain(sample, at) {
        Some(found) => found,
        None => {
            let (value, quote) = any(sample, at)?;
            *unusual |= !value.is_finite();
            (if value.is_nan() { NAN } else { value }, quote)
        }
    };
    (byte(sample, quote + 1) == b']').then_some((value, quote + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_taken_whole_or_not_at_all() {
        let text = r#"{"metric":{"__name__":"up","größe":"a,b:c}"},"values":[[1,"2"]"#;
        let found = head(text.as_bytes()).unwrap();
        assert_eq!(found.labels, r#""__name__":"up","größe":"a,b:c}""#);
        assert_eq!(found.label_bytes, "__name__upgrößea,b:c}".len());
        assert_eq!(&text[found.length..], r#"[1,"2"]"#);
        let none = head(br#"{"metric":{},"values":["#).unwrap();
        assert_eq!((none.labels, none.label_bytes, none.length), ("", 0, 23));
        for at in 0..found.length {
            assert!(head(&text.as_bytes()[..at]).is_none(), "cut at {at}");
        }
        for other in [
            r#"{"metric": {"a":"b"},"values":[              "#,
            r#"{"metric":{"a":"b" },"values":[              "#,
            r#"{"metric":{"a":1},"values":[                 "#,
            r#"{"metric":{"a":"\n"},"values":[              "#,
            r#"{"metric":{"a":"b",},"values":[              "#,
            r#"{"metric":{"a","b"},"values":[               "#,
            r#"{"metric":{"a":"b"},"value":[                "#,
            "{\"metric\":{\"a\":\"b\tc\"},\"values\":[       ",
        ] {
            assert!(head(other.as_bytes()).is_none(), "{other}");
        }
        let invalid = b"{\"metric\":{\"a\":\"\xff\"},\"values\":[             ";
        assert!(head(invalid).is_none());
    }
}
