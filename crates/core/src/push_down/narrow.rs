//! The same query for some of its series only.

use super::mask::{mask, place};
use super::wrapped;
use crate::labels::{Labels, METRIC_NAME, matcher, matcher_by, quoted};

/// The query, for the series with exactly these labels, whatever their metric is called: the samples are those that the
/// whole query would have given.
///
/// What the engine reads is narrowed by matchers, too, where that changes nothing; see [`place`].
pub(super) fn narrowed(query: &str, series: &[Labels]) -> String {
    let place = place(&mask(query)).and_then(|(at, before, after)| {
        let matchers = matchers(series);
        let (head, tail) = query.split_at_checked(at)?;
        (!matchers.is_empty()).then(|| [head, before, &matchers, after, tail].concat())
    });
    let matched = wrapped(place.as_deref().unwrap_or(query));
    [&matched, " and ", &vector(series)].concat()
}

/// An instant vector of these series, whose values mean nothing: PromQL has no way to write one down, but to give labels
/// to a number one by one.
pub(super) fn vector(series: &[Labels]) -> String {
    let mut vectors: Vec<String> = Vec::new();
    for labels in series {
        let own = labels.iter().filter(|pair| !is_shared(*pair, series));
        let text = labelled("vector(1)".to_owned(), own);
        // Those that differ by the metric's name alone are one.
        if !vectors.contains(&text) {
            vectors.push(text);
        }
    }
    let common = series.first().map(Labels::iter).into_iter().flatten();
    let common = common.filter(|pair| is_shared(*pair, series));
    let mut all = String::new();
    for vector in &vectors {
        all.push_str(if all.is_empty() { "" } else { " or " });
        all.push_str(vector);
    }
    ["(", &labelled(all, common), ")"].concat()
}

/// Whether all of the series have this label with this value.
fn is_shared((label, value): (&str, &str), series: &[Labels]) -> bool {
    series.iter().all(|labels| labels.get(label) == Some(value))
}

/// The vector with these labels added to all of its series.
fn labelled<'a>(vector: String, labels: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    labels
        .filter(|(label, _)| *label != METRIC_NAME)
        .fold(vector, |inner, (label, value)| {
            // In what replaces, a dollar begins the number of a group.
            let value = quoted(&value.replace('$', "$$"));
            let label = quoted(label);
            [
                "label_replace(",
                &inner,
                ", ",
                &label,
                ", ",
                &value,
                r#", "", "")"#,
            ]
            .concat()
        })
}

/// Matchers that these series pass, and as few others as can be said label by label.
fn matchers(series: &[Labels]) -> String {
    let mut text = String::new();
    for (label, first) in series.first().map(Labels::iter).into_iter().flatten() {
        let mut values = vec![first];
        for labels in series {
            // The empty value of a label that one of them lacks is optimised by each engine in its own way.
            match labels.get(label).unwrap_or_default() {
                "" => values.clear(),
                value if values.is_empty() || values.contains(&value) => {}
                value => values.push(value),
            }
        }
        if values.is_empty() || label == METRIC_NAME {
            continue;
        }
        if !text.is_empty() {
            text.push(',');
        }
        if let [only] = values[..] {
            text.push_str(&matcher(label, only));
            continue;
        }
        let mut pattern = String::new();
        for value in values {
            if !pattern.is_empty() {
                pattern.push('|');
            }
            push_literally(&mut pattern, value);
        }
        text.push_str(&matcher_by(label, "=~", &pattern));
    }
    text
}

/// A pattern of RE2 that matches this text and nothing else, however it goes on.
fn push_literally(pattern: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$'
        ) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
}
