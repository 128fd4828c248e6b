//! Bodies as a Prometheus sends them: the same ones in each run, natively and in a browser.

use std::fmt::Write as _;

/// Start of every body, seconds since the Unix epoch; the step is ten seconds.
const START: u64 = 1_795_000_000;

/// A small generator of even bits (xorshift64*): the same numbers everywhere.
pub(crate) struct Random(u64);

impl Random {
    /// Another sequence for another seed; 0 is no seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// From 0 to less than 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A number as Go's `strconv` writes it for Prometheus: shortest digits, an exponent only for the extremes.
pub(crate) fn written(value: f64) -> String {
    match value {
        v if v.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        v if v != 0.0 && !(1e-6..1e21).contains(&v.abs()) => {
            let text = format!("{v:e}");
            match text
                .split_once('e')
                .map(|(digits, power)| (digits, power.parse::<i32>()))
            {
                Some((digits, Ok(power))) => {
                    let sign = if power < 0 { '-' } else { '+' };
                    format!("{digits}e{sign}{:02}", power.abs())
                }
                _ => text,
            }
        }
        v => v.to_string(),
    }
}

/// A matrix of `series` times `points`: eight labels a series; rates of 16 and 17 digits, ratios, byte
/// counts and short gauges; gaps in one series of a hundred, a NaN now and then.
pub(crate) fn body(series: usize, points: usize, seed: u64) -> String {
    let mut random = Random::new(0x9e37_79b9_7f4a_7c15 ^ seed);
    let mut text = String::from(r#"{"status":"success","data":{"resultType":"matrix","result":["#);
    for row in 0..series {
        if row > 0 {
            text.push(',');
        }
        let (node, zone) = (
            row / 8,
            ["eu-west-1", "us-east-1", "ap-southeast-2"][row / 8 % 3],
        );
        let (b, c) = (node / 250 % 250, node % 250);
        let namespace = [
            "payments", "checkout", "search", "identity", "ingress", "platform", "ml", "edge",
        ][row % 8];
        let _ = write!(
            text,
            r#"{{"metric":{{"__name__":"level","cluster":"prod-{zone}","container":"app","instance":"10.42.{b}.{c}:9100","job":"node-exporter","namespace":"{namespace}","node":"ip-10-42-{b}-{c}.{zone}.compute.internal","pod":"{namespace}-{:08x}-{row}"}},"values":["#,
            random.bits() >> 32,
        );
        samples(&mut text, &mut random, row, points);
        text.push_str("]}");
    }
    text.push_str("]}}");
    text
}

fn samples(text: &mut String, random: &mut Random, row: usize, points: usize) {
    let kind = row % 20;
    let base = random.unit();
    let mut swing = 0.0;
    let mut first = true;
    for step in 0..points {
        swing = 0.9 * swing + 0.1 * (random.unit() + random.unit() - 1.0);
        if row % 100 == 37 && step % 11 == 5 {
            continue;
        }
        let value = match (kind, random.bits() % 5000) {
            (_, 0) => f64::NAN,
            (0..=7, _) => (0.05 + 3.0 * base) * (1.0 + 0.3 * swing),
            (8..=12, _) => (0.8 * base + 0.05 * swing).abs(),
            (13..=16, _) => (3.0e10 * base * (1.0 + 0.02 * swing) / 4096.0).floor() * 4096.0,
            _ => (400.0 * base + 20.0 * swing).floor() * 0.25,
        };
        let comma = if first { "" } else { "," };
        first = false;
        let _ = write!(
            text,
            r#"{comma}[{},"{}"]"#,
            START + 10 * step as u64,
            written(value)
        );
    }
}

/// The times of a body of so many points, in milliseconds: first, last, step.
pub(crate) fn window(points: usize) -> (i64, i64, i64) {
    let start = START as i64 * 1000;
    (start, start + 10_000 * (points as i64 - 1), 10_000)
}
