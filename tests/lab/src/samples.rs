//! Samples to put into a back end, and the text formats in which it takes them.

use std::borrow::Cow;
use std::io::{self, Write};

use casebook_drill::labels::{Labels, METRIC_NAME};

/// One series and its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its labels, the metric's name included.
    pub labels: Labels,
    /// Seconds since the Unix epoch, ascending, and values.
    pub samples: Vec<(i64, f64)>,
}

impl Series {
    /// A series of these labels, the metric's name (`__name__`) included.
    pub fn new<'a>(
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
        samples: impl IntoIterator<Item = (i64, f64)>,
    ) -> Self {
        Self {
            labels: Labels::new(labels),
            samples: samples.into_iter().collect(),
        }
    }

    /// As `OpenMetrics`, for promtool: times in seconds.
    pub(crate) fn write_openmetrics(&self, out: &mut impl Write) -> io::Result<()> {
        let name = sample_name(&self.labels);
        for (time, value) in &self.samples {
            writeln!(out, "{name} {} {time}", number(*value))?;
        }
        Ok(())
    }

    /// As Prometheus's text format, for VictoriaMetrics: times in milliseconds.
    pub(crate) fn write_exposition(&self, out: &mut impl Write) -> io::Result<()> {
        let name = sample_name(&self.labels);
        for (time, value) in &self.samples {
            writeln!(out, "{name} {} {time}000", number(*value))?;
        }
        Ok(())
    }
}

/// `name{label="value"}`, with the three escapes that both formats know.
fn sample_name(labels: &Labels) -> String {
    let escaped = |value: &str| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        value.replace('\n', "\\n")
    };
    let pairs: Vec<String> = labels
        .iter()
        .filter(|(name, _)| *name != METRIC_NAME)
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
        .collect();
    format!("{}{{{}}}", labels.get(METRIC_NAME), pairs.join(","))
}

/// As Go writes a number that is none.
fn number(value: f64) -> Cow<'static, str> {
    match value {
        f64::INFINITY => "+Inf".into(),
        f64::NEG_INFINITY => "-Inf".into(),
        _ => value.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_say_the_same_in_their_own_units_of_time() {
        let series = Series::new(
            [("__name__", "level"), ("which", "a\"\\\nb")],
            [(1000, 1.5), (1010, f64::INFINITY), (1020, f64::NAN)],
        );
        let mut text = Vec::new();
        series.write_openmetrics(&mut text).unwrap();
        let name = r#"level{which="a\"\\\nb"}"#;
        assert_eq!(
            String::from_utf8(text).unwrap(),
            format!("{name} 1.5 1000\n{name} +Inf 1010\n{name} NaN 1020\n")
        );
        let mut text = Vec::new();
        series.write_exposition(&mut text).unwrap();
        assert!(text.starts_with(format!("{name} 1.5 1000000\n").as_bytes()));
    }
}
