//! The quick way through an answer: series and samples exactly as Prometheus writes them, as far as a chunk holds them whole.
//!
//! It never decides that a body is wrong. It stops in front of whatever it does not know, and the
//! tokenizer of casebook-core goes on from there. A crate of its own, so that it alone is compiled for speed in the browser.

mod number;
mod stamp;

pub use number::WINDOW;
use number::{Window, any, byte, plain};
use stamp::read_time;
pub use stamp::{MAX_SECONDS, Stamp};

const METRIC: &[u8] = br#"{"metric":{"#;
const VALUES: &[u8] = br#","values":["#;

/// The beginning of a series, up to and with the `[` of its samples.
#[derive(Debug)]
pub struct Head<'a> {
    /// The inside of the metric's object, without an escape.
    pub labels: &'a str,
    /// Bytes of the names and values in it.
    pub label_bytes: usize,
    /// Bytes of all.
    pub length: usize,
}

/// Reads `{"metric":{"a":"b",…},"values":[`.
#[inline(never)]
#[must_use]
pub fn head(bytes: &[u8]) -> Option<Head<'_>> {
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

/// How far samples were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run {
    /// Bytes, whole samples only.
    pub bytes: usize,
    /// Samples.
    pub samples: u64,
    /// Whether the last byte is a comma.
    pub comma: bool,
    /// Samples at a step that had one.
    pub repeated: u64,
    /// Whether a value is NaN or Inf.
    pub unusual: bool,
}

/// The time axis of a row: its first instant and the distance of two, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    /// Milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// Greater than zero.
    pub step_ms: i64,
}

impl Axis {
    fn step_at(self, time_ms: i64) -> Option<usize> {
        let offset = time_ms.checked_sub(self.start_ms)?;
        let on_grid = offset >= 0 && offset % self.step_ms == 0;
        on_grid.then(|| usize::try_from(offset / self.step_ms).ok())?
    }
}

/// One row that samples are put into.
#[derive(Debug)]
pub struct Row<'a> {
    /// When its steps are.
    pub axis: Axis,
    /// A value for each step; `gap` where there is none yet.
    pub cells: &'a mut [f64],
    /// What a step without a sample holds.
    pub gap: f64,
    /// What stands for every NaN of a sample.
    pub nan: f64,
    /// The step at which the next sample is expected; moved behind the last one.
    pub step: &'a mut usize,
    /// How the times of the first steps are written; grows.
    pub stamps: &'a mut Vec<Stamp>,
}

impl Row<'_> {
    /// Takes at most `most` samples at the beginning of `bytes`, up to the first one that is unusual.
    #[inline(never)]
    pub fn read(self, bytes: &[u8], most: u64) -> Run {
        let Self {
            axis,
            cells,
            gap,
            nan,
            stamps,
            ..
        } = self;
        let mut step = *self.step;
        let mut run = Run::default();
        while run.samples < most
            && let Some(sample) = window(bytes, run.bytes)
        {
            let known = stamps.get(step).and_then(|stamp| stamp.matches(sample));
            let value_at = match known {
                Some(value_at) => value_at,
                None => {
                    let Some((time_ms, value_at)) = read_time(sample) else {
                        break;
                    };
                    let Some(found) = axis.step_at(time_ms) else {
                        break;
                    };
                    step = found;
                    if step == stamps.len()
                        && step < cells.len()
                        && let Some(stamp) = Stamp::of(sample, value_at)
                    {
                        stamps.push(stamp);
                    }
                    value_at
                }
            };
            let Some((value, end)) = value(sample, value_at, nan, &mut run.unusual) else {
                break;
            };
            let Some(cell) = cells.get_mut(step) else {
                break;
            };
            run.repeated += u64::from(cell.to_bits() != gap.to_bits());
            *cell = value;
            step += 1;
            if run.ends_with(sample, end) {
                break;
            }
        }
        *self.step = step;
        run
    }
}

/// As [`Row::read`], for an axis that is not known: each sample with its time in milliseconds.
pub fn read_loose(bytes: &[u8], most: u64, nan: f64, samples: &mut Vec<(i64, f64)>) -> Run {
    let mut run = Run::default();
    while run.samples < most
        && let Some(sample) = window(bytes, run.bytes)
        && let Some((time_ms, value_at)) = read_time(sample)
        && let Some((value, end)) = value(sample, value_at, nan, &mut run.unusual)
    {
        samples.push((time_ms, value));
        if run.ends_with(sample, end) {
            break;
        }
    }
    run
}

/// How far a row swings: `max - min` of its finite values, NaN when there are none.
#[inline(never)]
#[must_use]
pub fn swing(values: &[f64]) -> f64 {
    let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
    // A comparison with NaN is false; infinite values are rare enough to look for them afterwards.
    for value in values {
        if *value < min {
            min = *value;
        }
        if *value > max {
            max = *value;
        }
    }
    if (max - min).is_finite() {
        return max - min;
    }
    swing_of_finite(values)
}

#[cold]
fn swing_of_finite(values: &[f64]) -> f64 {
    let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.iter().filter(|value| value.is_finite()) {
        min = if *value < min { *value } else { min };
        max = if *value > max { *value } else { max };
    }
    if max < min { f64::NAN } else { max - min }
}

impl Run {
    /// Another sample, of `end` bytes; whether no other one follows it.
    #[inline(always)]
    fn ends_with(&mut self, sample: &Window, end: usize) -> bool {
        self.samples += 1;
        self.comma = byte(sample, end) == b',';
        self.bytes += end + usize::from(self.comma);
        !self.comma
    }
}

#[inline(always)]
fn window(bytes: &[u8], at: usize) -> Option<&Window> {
    bytes.get(at..)?.first_chunk::<WINDOW>()
}

/// The value, and where its `"]` ends.
#[inline(always)]
fn value(sample: &Window, at: usize, nan: f64, unusual: &mut bool) -> Option<(f64, usize)> {
    let (value, quote) = match plain(sample, at) {
        Some(found) => found,
        None => {
            let (value, quote) = any(sample, at)?;
            *unusual |= !value.is_finite();
            (if value.is_nan() { nan } else { value }, quote)
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
