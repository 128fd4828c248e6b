//! The labels of a series, and how they are written in PromQL.

use std::fmt::{self, Write as _};

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::sorted;
use crate::text::joined;

/// The label that holds the metric's name.
pub const METRIC_NAME: &str = "__name__";

/// Label names and values of one series, sorted by name; `__name__` is one of them. Of a name that is given twice, the
/// last value counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// No labels.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of a label.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self
            .0
            .binary_search_by(|(known, _)| known.as_str().cmp(name));
        Some(&self.0[at.ok()?].1)
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
        let (mut before, mut parts) = ("", String::new());
        match self.metric() {
            Some(metric) if is_classic(metric, true) => before = metric,
            Some(metric) => parts = quoted(metric),
            None => {}
        }
        for (name, value) in self.iter().filter(|(name, _)| *name != METRIC_NAME) {
            joined(&mut parts, &matcher(name, value));
        }
        if parts.is_empty() && !before.is_empty() {
            return before.to_owned();
        }
        format!("{before}{{{parts}}}")
    }
}

impl FromIterator<(String, String)> for Labels {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self::of(pairs.into_iter().collect())
    }
}

impl Labels {
    /// Of names and values in any order; of one name, the last value counts.
    pub(crate) fn of(mut labels: Vec<(String, String)>) -> Self {
        // Prometheus writes them in order.
        if !labels.is_sorted_by(|one, next| one.0 < next.0) {
            sorted::sort(&mut labels, |(one, _), (other, _)| one.cmp(other));
            labels.dedup_by(|later, last| {
                let same = later.0 == last.0;
                if same {
                    std::mem::swap(later, last);
                }
                same
            });
        }
        Self(labels)
    }
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LabelsVisitor)
    }
}

struct LabelsVisitor;

impl<'de> Visitor<'de> for LabelsVisitor {
    type Value = Labels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of label names and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry::<String, String>()? {
            pairs.push(pair);
        }
        Ok(Labels::of(pairs))
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
    matcher_by(name, "=", value)
}

/// As [`matcher`], by any operator.
pub(crate) fn matcher_by(name: &str, operator: &str, value: &str) -> String {
    let value = quoted(value);
    if is_classic(name, false) {
        [name, operator, &value].concat()
    } else {
        [&quoted(name), operator, &value].concat()
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
    fn labels_are_in_order_and_the_last_value_of_a_name_counts() {
        let labels = Labels::from([("b", "1"), ("a", "2"), ("b", "3"), ("c", ""), ("b", "4")]);
        let pairs: Vec<_> = labels.iter().collect();
        assert_eq!(pairs, [("a", "2"), ("b", "4"), ("c", "")]);
        assert_eq!((labels.get("b"), labels.get("d")), (Some("4"), None));
        let json = serde_json::to_string(&labels).unwrap();
        assert_eq!(json, r#"{"a":"2","b":"4","c":""}"#);
        let read: Labels = serde_json::from_str(r#"{"b":"1","c":"","a":"2","b":"4"}"#).unwrap();
        assert_eq!(read, labels);
        assert!(serde_json::from_str::<Labels>(r#"{"a":1}"#).is_err());
    }

    #[test]
    fn utf8_names_are_quoted() {
        let labels = Labels::from([(METRIC_NAME, "my.metric"), ("größe", "1"), ("9a", "x")]);
        assert_eq!(labels.promql(), r#"{"my.metric", "9a"="x", "größe"="1"}"#);
        assert_eq!(Labels::from([(METRIC_NAME, "a:b")]).promql(), "a:b");
    }
}
