//! Axes: from values and times to pixels and ticks.

use casebook_decimal::{Fixed, Scientific, exponent, read};

use crate::sorted::within;
use crate::text::{clock, number};

/// Values beyond this are drawn at it: their difference must stay a number.
const FURTHEST: f64 = 1e300;
/// An axis is at least this wide, so that the smallest numbers can be divided by its width.
const LEAST_PAD: f64 = 1e-300;

/// The value axis.
#[derive(Debug)]
pub(super) struct ValueScale {
    low: f64,
    high: f64,
    /// Values of the ticks and their texts.
    pub(super) ticks: Vec<(f64, String)>,
    /// Unit of the texts: the given one, or its scaled form.
    pub(super) unit: String,
    /// How many of the given unit one of the shown unit is.
    factor: f64,
}

impl ValueScale {
    /// An axis that holds all `values`; about `wanted` ticks.
    pub(super) fn new(
        values: impl Iterator<Item = f64>,
        zero_based: bool,
        unit: &str,
        wanted: usize,
    ) -> Self {
        let extent = values.filter(|v| v.is_finite()).map(limited);
        let (low, high) = extent.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        let (low, high) = if zero_based {
            (low.min(0.0), high.max(0.0))
        } else {
            (low, high)
        };
        let range = high - low;
        let least = low.abs().max(high.abs()) * 1e-9;
        let pad = if range > least {
            range * 0.06
        } else {
            high.abs() * 0.1
        };
        let pad = if low == 0.0 && high == 0.0 {
            1.0
        } else {
            pad.max(LEAST_PAD)
        };
        let base = if zero_based && low == 0.0 {
            0.0
        } else {
            low - pad
        };
        let top = if zero_based && high == 0.0 && range > least {
            0.0
        } else {
            high + pad
        };
        let (factor, unit) = scaled_unit(unit, base.abs().max(top.abs()));
        Self {
            low: base,
            high: top,
            ticks: value_ticks(base, top, factor, wanted),
            unit,
            factor,
        }
    }

    /// A value with its unit, as on the axis: `300 ms`.
    pub(super) fn text(&self, value: f64) -> String {
        let text = number(value / self.factor);
        if self.unit.is_empty() {
            text
        } else {
            format!("{text} {}", self.unit)
        }
    }

    /// 0 at the bottom, 1 at the top.
    pub(super) fn part(&self, value: f64) -> f64 {
        (limited(value) - self.low) / (self.high - self.low)
    }
}

fn limited(value: f64) -> f64 {
    within(value, -FURTHEST, FURTHEST)
}

/// How many of the given unit one of the shown unit is.
fn scaled_unit(unit: &str, greatest: f64) -> (f64, String) {
    let steps: &[(f64, &str)] = match unit {
        "s" | "seconds" => &[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")],
        "B" | "bytes" => &[
            (1_099_511_627_776.0, "TiB"),
            (1_073_741_824.0, "GiB"),
            (1_048_576.0, "MiB"),
            (1024.0, "KiB"),
            (1.0, "B"),
        ],
        _ => return (1.0, unit.to_owned()),
    };
    let fitting = steps
        .iter()
        .find(|(factor, _)| greatest >= *factor)
        .or(steps.last());
    fitting.map_or((1.0, unit.to_owned()), |(factor, name)| {
        (*factor, (*name).to_owned())
    })
}

/// Ticks at 1, 2 or 5 times a power of ten, in the shown unit.
fn value_ticks(low: f64, high: f64, factor: f64, wanted: usize) -> Vec<(f64, String)> {
    let (low, high) = (low / factor, high / factor);
    let rough = (high - low) / wanted.max(1) as f64;
    let power = exponent(rough);
    let Some(unit) = read(&format!("1e{power}")) else {
        return Vec::new();
    };
    let factors = [1.0, 2.0, 5.0, 10.0];
    let Some(step) = factors.iter().find(|factor| *factor * unit >= rough) else {
        return Vec::new();
    };
    let step = step * unit;
    let first = (low / step).ceil();
    let count = within((high / step).floor() - first, -1.0, 100.0) as i32;
    let mut ticks = Vec::new();
    for index in 0..=count {
        let value = (first + f64::from(index)) * step;
        ticks.push((value * factor, tick_text(value, step)));
    }
    ticks
}

fn tick_text(value: f64, step: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let greatest = exponent(value).max(exponent(step));
    if !(-6..15).contains(&greatest) {
        let digits = usize::try_from(exponent(value) - exponent(step))
            .unwrap_or(0)
            .min(6);
        return Scientific(value, digits).to_string();
    }
    let (value, step, suffix) = match greatest {
        12..15 => (value / 1e12, step / 1e12, "T"),
        9..12 => (value / 1e9, step / 1e9, "G"),
        6..9 => (value / 1e6, step / 1e6, "M"),
        4..6 => (value / 1e3, step / 1e3, "k"),
        _ => (value, step, ""),
    };
    let decimals = usize::try_from(-exponent(step)).unwrap_or(0).min(12);
    format!("{}{suffix}", Fixed(value, decimals))
}

/// Ticks on round times of the UTC day, at most `most` of them.
pub(super) fn time_ticks(start_ms: i64, end_ms: i64, most: usize) -> Vec<(i64, String)> {
    const SECOND: i64 = 1000;
    const MINUTE: i64 = 60 * SECOND;
    const HOUR: i64 = 60 * MINUTE;
    const STEPS: [i64; 22] = [
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        15 * SECOND,
        30 * SECOND,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        24 * HOUR,
        48 * HOUR,
        168 * HOUR,
        720 * HOUR,
        8760 * HOUR,
    ];
    let span = end_ms.saturating_sub(start_ms).max(0);
    let most = i64::try_from(most).unwrap_or(1).max(1);
    let step = STEPS.into_iter().find(|step| span / step < most);
    let step = step.unwrap_or_else(|| (span / most).max(1));
    let first = start_ms.div_euclid(step).saturating_mul(step);
    (0..=most + 1)
        .map(|index| first.saturating_add(step.saturating_mul(index)))
        .filter(|time_ms| (start_ms..=end_ms).contains(time_ms))
        .map(|time_ms| (time_ms, clock(time_ms)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(scale: &ValueScale) -> Vec<&str> {
        scale.ticks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_and_in_a_fitting_unit() {
        let plain = ValueScale::new([3.0, 17.0].into_iter(), false, "", 5);
        assert_eq!(texts(&plain), ["5", "10", "15"]);
        let seconds = ValueScale::new([0.1, 0.34].into_iter(), true, "s", 4);
        assert_eq!(
            (texts(&seconds), seconds.unit.as_str()),
            (vec!["0", "100", "200", "300"], "ms")
        );
        let bytes = ValueScale::new([0.0, 3.0 * 1_048_576.0].into_iter(), true, "bytes", 3);
        assert_eq!(
            (texts(&bytes), bytes.unit.as_str()),
            (vec!["0", "2"], "MiB")
        );
        let large = ValueScale::new([0.0, 45_000.0].into_iter(), true, "", 5);
        assert_eq!(texts(&large), ["0", "10k", "20k", "30k", "40k"]);
        let tiny = ValueScale::new([1e-12, 2e-12].into_iter(), false, "", 2);
        assert_eq!(texts(&tiny), ["1e-12", "2e-12"]);
    }

    #[test]
    fn a_flat_or_absurd_range_still_has_a_scale() {
        for values in [
            vec![],
            vec![0.0],
            vec![5.0, 5.0],
            vec![f64::MAX, f64::MIN],
            vec![1e17, 1e17 + 64.0],
            vec![-3.0],
            vec![5e-324],
        ] {
            let scale = ValueScale::new(values.iter().copied(), false, "s", 5);
            for value in values {
                let part = scale.part(value);
                assert!((-0.01..=1.01).contains(&part), "{value}: {part}");
            }
            assert!(scale.ticks.len() <= 20);
        }
    }

    #[test]
    fn times_are_round_and_few() {
        let ticks = time_ticks(1_795_330_803_000, 1_795_331_103_000, 6);
        let texts: Vec<&str> = ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(
            texts,
            ["07:01:00", "07:02:00", "07:03:00", "07:04:00", "07:05:00"]
        );
        assert_eq!(time_ticks(0, 0, 5).len(), 1);
        assert!(time_ticks(i64::MIN, i64::MAX, 5).len() <= 7);
        assert!(time_ticks(0, 400 * 86_400_000, 6).len() <= 6);
    }
}
