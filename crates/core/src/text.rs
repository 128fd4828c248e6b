//! Numbers, times and series as words in a sentence.

use casebook_decimal::{Fixed, Scientific, exponent};

use crate::labels::{Labels, METRIC_NAME, matcher};
use crate::matrix::Matrix;
use crate::sorted::distinct;

/// Three significant digits: `0.00123`, `12.3`, `4560`, `1.2e9`.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN".to_owned()
        } else if value > 0.0 {
            "+Inf".to_owned()
        } else {
            "-Inf".to_owned()
        };
    }
    let magnitude = exponent(value);
    if !(-5..9).contains(&magnitude) {
        return Scientific(value, 2).to_string();
    }
    let decimals = usize::try_from(2 - magnitude).unwrap_or(0);
    let text = Fixed(value, decimals).to_string();
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A ratio with its sign: `3.1×`; large ones without decimals, and none that rounds to nothing.
pub(crate) fn times(ratio: f64) -> String {
    if ratio == 0.0 {
        "0×".to_owned()
    } else if ratio > 0.0 && ratio < 0.05 {
        "less than 0.1×".to_owned()
    } else if ratio >= 9999.5 {
        "more than 9999×".to_owned()
    } else if ratio >= 99.95 {
        format!("{}×", Fixed(ratio, 0))
    } else {
        format!("{}×", Fixed(ratio, 1))
    }
}

/// `1 series`, `2 windows`: a count and its noun, whose plural adds an s unless it ends in one.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 || noun.ends_with('s') {
        ""
    } else {
        "s"
    };
    format!("{number} {noun}{plural}")
}

/// Adds a part to a list, behind a comma unless it is the first.
pub(crate) fn joined(list: &mut String, part: &str) {
    if !list.is_empty() {
        list.push_str(", ");
    }
    list.push_str(part);
}

/// UTC time of day, `07:02:10`.
pub(crate) fn clock(time_ms: i64) -> String {
    let second = time_ms.div_euclid(1000).rem_euclid(86_400);
    format!(
        "{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// UTC date, `2026-11-22`, by Howard Hinnant's days-from-civil algorithm run backwards.
pub(crate) fn date(time_ms: i64) -> String {
    let days = time_ms.div_euclid(86_400_000) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The shortest text by which each series is told from the others of the same answer.
pub(crate) struct ShortNames {
    label: Option<String>,
    texts: Vec<String>,
}

impl ShortNames {
    /// One label that differs in all series if there is one (`instance` only when no other does), else all that differ.
    pub(crate) fn of(matrix: &Matrix) -> Self {
        let rows = matrix.rows();
        let mut names = Vec::new();
        for row in 0..rows {
            names.extend(matrix.labels(row).iter().map(|(name, _)| name));
        }
        let mut varying = Vec::new();
        let mut single: Option<&str> = None;
        for name in distinct(names) {
            let mut values = Vec::new();
            for row in 0..rows {
                values.extend(matrix.labels(row).get(name));
            }
            let missing = values.len() < rows;
            let values = distinct(values).len();
            if values + usize::from(missing) > 1 {
                varying.push(name);
                let better = single.is_none_or(|known| known == "instance");
                if values == rows && better {
                    single = Some(name);
                }
            }
        }
        let label = single.filter(|name| *name != METRIC_NAME);
        let mut texts = Vec::new();
        for row in 0..rows {
            let labels = matrix.labels(row);
            texts.push(match label {
                Some(label) => labels.get(label).unwrap_or_default().to_owned(),
                None => matchers(labels, &varying),
            });
        }
        if label.is_none() && !(rows > 1 && are_unique(&texts)) {
            for (row, text) in texts.iter_mut().enumerate() {
                *text = matrix.name(row).to_owned();
            }
        }
        Self {
            label: label.map(str::to_owned),
            texts,
        }
    }

    /// For a sentence: `which="object4"`.
    pub(crate) fn matcher(&self, row: usize) -> String {
        match &self.label {
            Some(label) => matcher(label, self.value(row)),
            None => self.value(row).to_owned(),
        }
    }

    /// For a legend: `object4`.
    pub(crate) fn value(&self, row: usize) -> &str {
        self.texts.get(row).map_or("", String::as_str)
    }

    /// Up to four series for a sentence.
    pub(crate) fn list(&self, rows: &[usize]) -> String {
        let mut shown = String::new();
        for row in rows.iter().take(4) {
            joined(&mut shown, &self.matcher(*row));
        }
        match rows.len().saturating_sub(4) {
            0 => shown,
            more => format!("{shown} and {more} more"),
        }
    }
}

/// The labels of these names that a series has.
fn matchers(labels: &Labels, names: &[&str]) -> String {
    let mut parts = String::new();
    for name in names {
        if let Some(value) = labels.get(name) {
            joined(&mut parts, &matcher(name, value));
        }
    }
    parts
}

fn are_unique(texts: &[String]) -> bool {
    let mut different = Vec::new();
    for text in texts.iter().filter(|text| !text.is_empty()) {
        different.push(text.as_str());
    }
    distinct(different).len() == texts.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Grid;

    fn names(rows: &[Labels]) -> ShortNames {
        let grid = Grid::new(0, 0, 1).unwrap();
        ShortNames::of(&Matrix::from_rows(
            grid,
            rows.iter().map(|labels| (labels.clone(), vec![1.0])),
        ))
    }

    #[test]
    fn numbers_have_three_significant_digits() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (12.345, "12.3"),
            (0.001234, "0.00123"),
            (45_678.0, "45678"),
            (-0.5, "-0.5"),
            (1.5e12, "1.50e12"),
            (1e-9, "1.00e-9"),
            (f64::NAN, "NaN"),
            (999.9, "1000"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn no_ratio_rounds_to_nothing() {
        let cases = [
            (0.0, "0×"),
            (0.001, "less than 0.1×"),
            (0.05, "0.1×"),
            (3.12, "3.1×"),
            (123.4, "123×"),
            (f64::INFINITY, "more than 9999×"),
        ];
        for (ratio, text) in cases {
            assert_eq!(times(ratio), text);
        }
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(
            (clock(1_795_330_930_500), date(1_795_330_930_500)),
            ("07:02:10".into(), "2026-11-22".into())
        );
        assert_eq!(
            (clock(-1), date(-1)),
            ("23:59:59".into(), "1969-12-31".into())
        );
        assert_eq!(date(951_782_400_000), "2000-02-29");
    }

    #[test]
    fn a_series_is_called_by_the_label_that_tells_it_apart() {
        let row = |which: &str, instance: &str| {
            Labels::from([
                ("__name__", "level"),
                ("which", which),
                ("instance", instance),
                ("job", "fleet"),
            ])
        };
        let both = names(&[row("a", "h1"), row("b", "h2")]);
        assert_eq!(
            (both.value(1), both.matcher(1)),
            ("b", r#"which="b""#.to_owned())
        );
        let instance = names(&[row("a", "h1"), row("a", "h2")]);
        assert_eq!(instance.matcher(0), r#"instance="h1""#);
        let pairs = names(&[row("a", "h1"), row("a", "h2"), row("b", "h1")]);
        assert_eq!(pairs.matcher(2), r#"instance="h1", which="b""#);
        assert_eq!(names(&[Labels::from([("a", "b")])]).value(0), r#"{a="b"}"#);
        assert_eq!(both.list(&[0, 1]), r#"which="a", which="b""#);
    }
}
