//! Binary operators between scalars and vectors.

use std::collections::{HashMap, HashSet};

use promql_parser::parser::{BinModifier, BinaryExpr, LabelModifier, VectorMatchCardinality};

use super::{Answer, Evaluator, Sample, Value, internal, unique};
use crate::failure::Failure;
use crate::labels::{Labels, METRIC_NAME};

impl Evaluator<'_> {
    pub(super) fn binary(&self, binary: &BinaryExpr, at_ms: i64) -> Answer<Value> {
        let operator = binary.op.to_string();
        let modifier = binary.modifier.clone().unwrap_or_default();
        let left = self.eval(&binary.lhs, at_ms)?;
        let right = self.eval(&binary.rhs, at_ms)?;
        match (left, right) {
            (Value::Scalar(left), Value::Scalar(right)) => {
                Ok(Value::Scalar(match compare(&operator, left, right) {
                    Some(holds) => f64::from(u8::from(holds)),
                    None => arithmetic(&operator, left, right),
                }))
            }
            (Value::Vector(vector), Value::Scalar(scalar)) => {
                with_scalar(&operator, modifier.return_bool, vector, |value| {
                    (value, scalar)
                })
            }
            (Value::Scalar(scalar), Value::Vector(vector)) => {
                with_scalar(&operator, modifier.return_bool, vector, |value| {
                    (scalar, value)
                })
            }
            (Value::Vector(left), Value::Vector(right)) => match operator.as_str() {
                "and" | "or" | "unless" => Ok(set(&operator, &modifier, left, right)),
                _ => between_vectors(&operator, &modifier, left, right),
            }
            .map(Value::Vector),
            _ => Err(internal("an operator beside a range vector or a string")),
        }
    }
}

/// Whether a comparison holds; `None` when the operator is none.
fn compare(operator: &str, left: f64, right: f64) -> Option<bool> {
    Some(match operator {
        "==" => left == right,
        "!=" => left != right,
        ">" => left > right,
        "<" => left < right,
        ">=" => left >= right,
        "<=" => left <= right,
        _ => return None,
    })
}

fn arithmetic(operator: &str, left: f64, right: f64) -> f64 {
    match operator {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        "%" => left % right,
        "^" => left.powf(right),
        // `atan2`, the only other operator of the grammar
        _ => left.atan2(right),
    }
}

/// Arithmetic makes another metric of it; that `atan2` keeps the name is 2.42's own oversight.
fn drops_name(operator: &str) -> bool {
    matches!(operator, "+" | "-" | "*" | "/" | "%" | "^")
}

/// The vector's element stays the value that a comparison keeps, on whichever side it stands.
fn with_scalar(
    operator: &str,
    return_bool: bool,
    vector: Vec<Sample>,
    sides: impl Fn(f64) -> (f64, f64),
) -> Answer<Value> {
    let samples = vector.into_iter().filter_map(|sample| {
        let (left, right) = sides(sample.value);
        match compare(operator, left, right) {
            None => Some(Sample {
                labels: if drops_name(operator) {
                    sample.labels.without_name()
                } else {
                    sample.labels
                },
                value: arithmetic(operator, left, right),
            }),
            Some(holds) if return_bool => Some(Sample {
                labels: sample.labels.without_name(),
                value: f64::from(u8::from(holds)),
            }),
            Some(holds) => holds.then_some(sample),
        }
    });
    unique(samples.collect()).map(Value::Vector)
}

/// The labels by which two vectors' elements meet.
fn match_group(labels: &Labels, modifier: &BinModifier) -> Labels {
    match &modifier.matching {
        Some(LabelModifier::Include(on)) => labels.filter(|name| has(&on.labels, name)),
        Some(LabelModifier::Exclude(ignoring)) => {
            labels.filter(|name| name != METRIC_NAME && !has(&ignoring.labels, name))
        }
        None => labels.without_name(),
    }
}

fn has(labels: &[String], name: &str) -> bool {
    labels.iter().any(|label| label == name)
}

fn set(
    operator: &str,
    modifier: &BinModifier,
    left: Vec<Sample>,
    right: Vec<Sample>,
) -> Vec<Sample> {
    let groups = |side: &[Sample]| -> HashSet<Labels> {
        side.iter()
            .map(|sample| match_group(&sample.labels, modifier))
            .collect()
    };
    let (of, keep_found, keep_from) = match operator {
        "and" => (groups(&right), true, left),
        "unless" => (groups(&right), false, left),
        _ => {
            let found = groups(&left);
            let missing = right
                .into_iter()
                .filter(|sample| !found.contains(&match_group(&sample.labels, modifier)));
            return left.into_iter().chain(missing).collect();
        }
    };
    keep_from
        .into_iter()
        .filter(|sample| of.contains(&match_group(&sample.labels, modifier)) == keep_found)
        .collect()
}

fn between_vectors(
    operator: &str,
    modifier: &BinModifier,
    left: Vec<Sample>,
    right: Vec<Sample>,
) -> Answer<Vec<Sample>> {
    if left.is_empty() || right.is_empty() {
        return Ok(Vec::new());
    }
    let swapped = matches!(modifier.card, VectorMatchCardinality::OneToMany(_));
    let one_to_one = matches!(modifier.card, VectorMatchCardinality::OneToOne);
    let (many, ones, one_side) = if swapped {
        (right, left, "left")
    } else {
        (left, right, "right")
    };

    let mut one_of: HashMap<Labels, Sample> = HashMap::new();
    for one in ones {
        let group = match_group(&one.labels, modifier);
        if let Some(other) = one_of.get(&group) {
            return Err(Failure::execution(format!(
                "found duplicate series for the match group {group} on the {one_side} hand-side \
                 of the operation: [{}, {}];many-to-many matching not allowed: matching labels \
                 must be unique on one side",
                one.labels, other.labels
            )));
        }
        one_of.insert(group, one);
    }

    let mut results = Vec::new();
    let mut seen: HashSet<Labels> = HashSet::new();
    for sample in many {
        let group = match_group(&sample.labels, modifier);
        let Some(one) = one_of.get(&group) else {
            continue;
        };
        let (a, b) = if swapped {
            (one.value, sample.value)
        } else {
            (sample.value, one.value)
        };
        let comparison = compare(operator, a, b);
        let value = match comparison {
            None => arithmetic(operator, a, b),
            Some(holds) if modifier.return_bool => f64::from(u8::from(holds)),
            Some(true) => a,
            Some(false) => continue,
        };
        let drop_name = drops_name(operator) || modifier.return_bool;
        let labels = result_labels(&sample.labels, &one.labels, modifier, drop_name);
        let identity = if one_to_one { group } else { labels.clone() };
        if !seen.insert(identity) {
            return Err(Failure::execution(if one_to_one {
                "multiple matches for labels: many-to-one matching must be explicit \
                 (group_left/group_right)"
            } else {
                "multiple matches for labels: grouping labels must ensure unique matches"
            }));
        }
        results.push(Sample { labels, value });
    }
    Ok(results)
}

fn result_labels(many: &Labels, one: &Labels, modifier: &BinModifier, drop_name: bool) -> Labels {
    let mut labels = if drop_name {
        many.without_name()
    } else {
        many.clone()
    };
    if matches!(modifier.card, VectorMatchCardinality::OneToOne) {
        labels = match &modifier.matching {
            Some(LabelModifier::Include(on)) => labels.filter(|name| has(&on.labels, name)),
            Some(LabelModifier::Exclude(ignoring)) => {
                labels.filter(|name| !has(&ignoring.labels, name))
            }
            None => labels,
        };
    }
    if let Some(include) = modifier.card.labels() {
        for name in &include.labels {
            labels = labels.with(name, one.get(name));
        }
    }
    labels
}
