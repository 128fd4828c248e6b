//! Function calls.

use promql_parser::parser::{Call, Expr};

use super::rate::{Change, extrapolated, instantaneous};
use super::{
    Answer, Evaluator, Sample, Value, Window, histogram, internal, labels, map_values, over_time,
    unique,
};
use crate::labels::Labels;

impl Evaluator<'_> {
    pub(super) fn call(&self, call: &Call, at_ms: i64) -> Answer<Value> {
        let args = &call.args.args;
        let vector = match (call.func.name, args.as_slice()) {
            ("time", []) => return Ok(Value::Scalar(at_ms as f64 / 1000.0)),
            ("scalar", [vector]) => {
                return Ok(Value::Scalar(match self.vector(vector, at_ms)?[..] {
                    [ref only] => only.value,
                    _ => f64::NAN,
                }));
            }
            ("vector", [scalar]) => vec![Sample {
                labels: Labels::default(),
                value: self.scalar(scalar, at_ms)?,
            }],
            ("histogram_quantile", [phi, vector]) => {
                let phi = self.scalar(phi, at_ms)?;
                histogram::quantiles(phi, &self.vector(vector, at_ms)?)
            }
            ("quantile_over_time", [phi, range]) => {
                let phi = self.scalar(phi, at_ms)?;
                over_window(&self.window(range, at_ms)?, |points| {
                    let values = points.iter().map(|&(_, value)| value).collect();
                    Some(over_time::quantile(phi, values))
                })?
            }
            ("last_over_time", [range]) => self
                .window(range, at_ms)?
                .rows
                .into_iter()
                .filter_map(|row| {
                    let &(_, value) = row.points.last()?;
                    Some(Sample {
                        labels: row.labels,
                        value,
                    })
                })
                .collect(),
            ("sort" | "sort_desc", [vector]) => {
                let mut vector = self.vector(vector, at_ms)?;
                let descending = call.func.name == "sort_desc";
                sort(&mut vector, descending);
                vector
            }
            ("label_replace", [vector, texts @ ..]) => {
                labels::replace(self.vector(vector, at_ms)?, texts)?
            }
            ("sqrt", [vector]) => self.map(vector, at_ms, f64::sqrt)?,
            ("abs", [vector]) => self.map(vector, at_ms, f64::abs)?,
            ("ceil", [vector]) => self.map(vector, at_ms, f64::ceil)?,
            ("floor", [vector]) => self.map(vector, at_ms, f64::floor)?,
            ("round", [vector]) => self.map(vector, at_ms, |value| round(value, 1.0))?,
            ("round", [vector, nearest]) => {
                let nearest = self.scalar(nearest, at_ms)?;
                self.map(vector, at_ms, |value| round(value, nearest))?
            }
            ("clamp_min", [vector, least]) => {
                let least = self.scalar(least, at_ms)?;
                self.map(vector, at_ms, |value| maximum(value, least))?
            }
            ("clamp_max", [vector, most]) => {
                let most = self.scalar(most, at_ms)?;
                self.map(vector, at_ms, |value| -maximum(-value, -most))?
            }
            (name, [range]) => self.over_range(name, range, at_ms)?,
            (name, _) => return Err(internal(&format!("{name}() with other arguments"))),
        };
        Ok(Value::Vector(vector))
    }

    /// The functions that turn each series of a range vector into one number.
    fn over_range(&self, name: &str, range: &Expr, at_ms: i64) -> Answer<Vec<Sample>> {
        let window = self.window(range, at_ms)?;
        let (start, end) = (window.start_ms, window.end_ms);
        over_window(&window, |points| match name {
            "rate" => extrapolated(Change::Rate, points, start, end),
            "increase" => extrapolated(Change::Increase, points, start, end),
            "delta" => extrapolated(Change::Delta, points, start, end),
            "irate" => instantaneous(points),
            "avg_over_time" => Some(over_time::average(points)),
            "sum_over_time" => Some(over_time::sum(points)),
            "min_over_time" => Some(over_time::minimum(points)),
            "max_over_time" => Some(over_time::maximum(points)),
            "stdvar_over_time" => Some(over_time::variance(points)),
            "stddev_over_time" => Some(over_time::variance(points).sqrt()),
            "changes" => Some(over_time::changes(points)),
            "resets" => Some(over_time::resets(points)),
            "count_over_time" => Some(points.len() as f64),
            "present_over_time" => Some(1.0),
            _ => None,
        })
    }

    fn map(&self, vector: &Expr, at_ms: i64, map: impl Fn(f64) -> f64) -> Answer<Vec<Sample>> {
        map_values(self.vector(vector, at_ms)?, map)
    }
}

fn over_window(
    window: &Window,
    number: impl Fn(&[crate::samples::Point]) -> Option<f64>,
) -> Answer<Vec<Sample>> {
    let samples = window.rows.iter().filter_map(|row| {
        Some(Sample {
            value: number(&row.points)?,
            labels: row.labels.without_name(),
        })
    });
    unique(samples.collect())
}

/// By value, NaN last in either direction.
fn sort(vector: &mut [Sample], descending: bool) {
    vector.sort_by(|a, b| {
        let by_value = a.value.total_cmp(&b.value);
        let ordered = if descending {
            by_value.reverse()
        } else {
            by_value
        };
        a.value.is_nan().cmp(&b.value.is_nan()).then(ordered)
    });
}

/// Half goes up, also below zero.
fn round(value: f64, nearest: f64) -> f64 {
    let inverse = 1.0 / nearest;
    (value * inverse + 0.5).floor() / inverse
}

/// Unlike `f64::max`, NaN wins, as in Go.
fn maximum(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}
