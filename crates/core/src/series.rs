//! The labels of all series of an answer, which are taken apart only when somebody asks for them.
//!
//! Ten labels of a series are twenty texts; making them all costs more than decoding its samples.

use std::sync::OnceLock;

use crate::labels::Labels;

/// The labels of one series, as the decoder found them.
#[derive(Debug)]
pub(crate) enum RowLabels {
    /// The inside of a JSON object of texts without an escape, `"a":"b","c":"d"`: a part of [`Series::text`].
    Text {
        /// Where it begins.
        from: usize,
        /// Where it ends.
        to: usize,
    },
    /// Taken apart already.
    Known(Labels),
}

impl From<Labels> for RowLabels {
    fn from(labels: Labels) -> Self {
        Self::Known(labels)
    }
}

/// The labels of each row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series {
    text: String,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Default)]
struct Row {
    from: usize,
    to: usize,
    labels: OnceLock<Labels>,
    name: OnceLock<String>,
}

impl Series {
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Keeps the inside of a metric's object, for a row that may be pushed later.
    pub(crate) fn keep(&mut self, text: &str) -> RowLabels {
        let from = self.text.len();
        self.text.push_str(text);
        RowLabels::Text {
            from,
            to: self.text.len(),
        }
    }

    /// Another row.
    pub(crate) fn push(&mut self, labels: RowLabels) {
        let mut row = Row::default();
        match labels {
            RowLabels::Text { from, to } => (row.from, row.to) = (from, to),
            RowLabels::Known(labels) => row.labels = labels.into(),
        }
        self.rows.push(row);
    }

    /// The labels that [`Series::keep`] or another reader has left.
    pub(crate) fn known(&self, labels: RowLabels) -> Labels {
        match labels {
            RowLabels::Text { from, to } => self.take_apart(from, to),
            RowLabels::Known(labels) => labels,
        }
    }

    /// The labels of a row.
    pub(crate) fn labels(&self, row: usize) -> Option<&Labels> {
        let row = self.rows.get(row)?;
        let labels = row.labels.get_or_init(|| self.take_apart(row.from, row.to));
        Some(labels)
    }

    /// The PromQL text of a row; empty when there is no such row.
    pub(crate) fn name(&self, row: usize) -> &str {
        let (Some(kept), Some(labels)) = (self.rows.get(row), self.labels(row)) else {
            return "";
        };
        kept.name.get_or_init(|| labels.promql())
    }

    /// Without escapes, every second piece between quotes is a name or a value.
    fn take_apart(&self, from: usize, to: usize) -> Labels {
        let text = self.text.get(from..to).unwrap_or_default();
        let mut texts = text.split('"').skip(1).step_by(2);
        let mut labels = Vec::new();
        while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
            labels.push((name.to_owned(), value.to_owned()));
        }
        Labels::of(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_taken_out_of_their_text() {
        let mut series = Series::default();
        for text in [r#""b":"{,}:","__name__":"up","a":"""#, ""] {
            let kept = series.keep(text);
            series.push(kept);
        }
        series.push(Labels::from([("q", "\"")]).into());
        let first = Labels::from([("__name__", "up"), ("a", ""), ("b", "{,}:")]);
        assert_eq!(series.labels(0), Some(&first));
        assert_eq!(series.name(0), r#"up{a="", b="{,}:"}"#);
        assert_eq!(series.labels(1), Some(&Labels::new()));
        assert_eq!((series.name(1), series.name(2)), ("{}", r#"{q="\""}"#));
        assert_eq!((series.labels(3), series.name(3)), (None, ""));
        assert_eq!(series.clone().name(0), series.name(0));
    }
}
