//! The labels of a series, and how they are written in PromQL.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// The label that holds the metric's name.
pub const METRIC_NAME: &str = "__name__";

/// Label names and values of one series, sorted by name; `__name__` is one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// No labels.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The value of a label.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The metric's name, when the query kept it (functions such as `rate` drop it).
    #[must_use]
    pub fn metric(&self) -> Option<&str> {
        self.get(METRIC_NAME)
    }

    /// Names and values in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Number of labels, the metric's name included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no label at all, as in `sum(x)`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes of all names and values.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum()
    }

    /// The selector that finds this series: `level{which="a"}`.
    ///
    /// Names outside the classic character set are quoted as Prometheus 3 does: `{"my.metric", "a.b"="c"}`.
    #[must_use]
    pub fn promql(&self) -> String {
        let mut text = String::new();
        let mut parts = Vec::new();
        match self.metric() {
            Some(metric) if is_classic(metric, true) => text.push_str(metric),
            Some(metric) => parts.push(quoted(metric)),
            None => {}
        }
        for (name, value) in self.iter().filter(|(name, _)| *name != METRIC_NAME) {
            parts.push(matcher(name, value));
        }
        if !parts.is_empty() || text.is_empty() {
            let _ = write!(text, "{{{}}}", parts.join(", "));
        }
        text
    }
}

impl FromIterator<(String, String)> for Labels {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut labels = BTreeMap::new();
        // `collect` would sort first, by a sort of its own for each type: 4 KB of wasm each time.
        labels.extend(pairs);
        Self(labels)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Labels {
    fn from(pairs: [(&str, &str); N]) -> Self {
        pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

/// One label as a PromQL matcher, `which="a"`.
pub(crate) fn matcher(name: &str, value: &str) -> String {
    if is_classic(name, false) {
        format!("{name}={}", quoted(value))
    } else {
        format!("{}={}", quoted(name), quoted(value))
    }
}

fn is_classic(name: &str, metric: bool) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || (metric && c == ':');
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit())
}

/// A string literal of PromQL.
pub(crate) fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_named_by_its_selector() {
        let labels = Labels::from([("which", "a"), (METRIC_NAME, "level"), ("job", "fleet")]);
        assert_eq!(labels.promql(), r#"level{job="fleet", which="a"}"#);
        assert_eq!(Labels::from([(METRIC_NAME, "up")]).promql(), "up");
        assert_eq!(Labels::from([("a", "b")]).promql(), r#"{a="b"}"#);
        assert_eq!(Labels::default().promql(), "{}");
    }

    #[test]
    fn values_are_escaped_so_that_the_selector_can_be_pasted() {
        let labels = Labels::from([("path", "C:\\a \"b\"\nc\u{7}")]);
        assert_eq!(labels.promql(), r#"{path="C:\\a \"b\"\nc\u0007"}"#);
    }

    #[test]
    fn utf8_names_are_quoted() {
        let labels = Labels::from([(METRIC_NAME, "my.metric"), ("größe", "1"), ("9a", "x")]);
        assert_eq!(labels.promql(), r#"{"my.metric", "9a"="x", "größe"="1"}"#);
        assert_eq!(Labels::from([(METRIC_NAME, "a:b")]).promql(), "a:b");
    }
}
