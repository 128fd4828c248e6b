//! Label sets, sorted by label name and cheap to clone.

use std::fmt;
use std::sync::Arc;

/// The label that holds a metric's name.
pub const METRIC_NAME: &str = "__name__";

/// The label that holds a histogram bucket's inclusive upper bound.
pub const BUCKET: &str = "le";

/// One series' labels, the metric's name included, sorted by name; never an empty value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Labels(Arc<[(Arc<str>, Arc<str>)]>);

impl Labels {
    /// Labels from pairs in any order; a pair with an empty value is left out, as Prometheus does.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut sorted: Vec<(Arc<str>, Arc<str>)> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (Arc::from(name), Arc::from(value)))
            .collect();
        sorted.sort();
        Self(sorted.into())
    }

    /// The value of a label; empty when the series does not have it.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(own, _)| &**own == name)
            .map_or("", |(_, value)| value)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Only the labels for which `keep` says yes.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self(
            self.0
                .iter()
                .filter(|(name, _)| keep(name))
                .cloned()
                .collect(),
        )
    }

    /// Without the metric's name.
    #[must_use]
    pub fn without_name(&self) -> Self {
        self.filter(|name| name != METRIC_NAME)
    }

    /// With one label set, or removed when `value` is empty.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let others = self.iter().filter(|(own, _)| *own != name);
        Self::new(others.chain([(name, value)]))
    }
}

/// As Prometheus's messages print a series: `{__name__="level", which="object0"}`.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self
            .iter()
            .map(|(name, value)| format!("{name}={value:?}"))
            .collect();
        write!(f, "{{{}}}", pairs.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_sorted_and_empty_values_are_no_labels() {
        let labels = Labels::new([("which", "object0"), ("zone", ""), (METRIC_NAME, "level")]);
        assert_eq!(labels.to_string(), r#"{__name__="level", which="object0"}"#);
        assert_eq!(labels.get("zone"), "");
        assert_eq!(labels.without_name().to_string(), r#"{which="object0"}"#);
        assert_eq!(
            labels.with("which", "").to_string(),
            r#"{__name__="level"}"#
        );
    }
}
