//! Labels that a query makes: `label_replace`, and the label of `count_values`.

use promql_parser::parser::Expr;
use regex::Regex;

use super::{Answer, Sample, internal, unique};
use crate::failure::Failure;

/// The series, where the value of a label matches, with another label set to what a template makes of the match.
pub(super) fn replace(vector: Vec<Sample>, texts: &[Box<Expr>]) -> Answer<Vec<Sample>> {
    let [destination, template, source, pattern] = texts else {
        return Err(internal("label_replace() with other arguments"));
    };
    let (destination, template) = (text(destination)?, text(template)?);
    check_name(destination, "label_replace()")?;
    let pattern = Regex::new(&format!("^(?s:{})$", text(pattern)?)).map_err(|_| {
        Failure::execution("invalid regular expression in label_replace()".to_owned())
    })?;
    let source = text(source)?;
    let replaced = vector.into_iter().map(|sample| {
        let Some(found) = pattern.captures(sample.labels.get(source)) else {
            return sample;
        };
        let mut value = String::new();
        found.expand(template, &mut value);
        Sample {
            labels: sample.labels.with(destination, &value),
            ..sample
        }
    });
    unique(replaced.collect())
}

/// The text of a string argument.
pub(super) fn text(expr: &Expr) -> Answer<&str> {
    match expr {
        Expr::StringLiteral(text) => Ok(&text.val),
        Expr::Paren(paren) => text(&paren.expr),
        _ => Err(internal("a text that is none")),
    }
}

/// Fails unless a label can have this name.
pub(super) fn check_name(name: &str, by: &str) -> Answer<()> {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let good = name.starts_with(first) && name.chars().all(|c| first(c) || c.is_ascii_digit());
    if good {
        Ok(())
    } else {
        Err(Failure::execution(format!(
            "invalid label name in {by}: {name}"
        )))
    }
}

/// A value as a label: the shortest digits, never an exponent.
pub(super) fn shown(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        _ => value.to_string(),
    }
}
