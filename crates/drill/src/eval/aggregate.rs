//! Aggregation operators: `sum`, `avg`, `topk` and their kin, with `by` and `without`.

use std::collections::HashMap;

use promql_parser::parser::{AggregateExpr, LabelModifier};

use super::{Answer, Evaluator, Sample, labels, over_time};
use crate::failure::Failure;
use crate::labels::{Labels, METRIC_NAME};
use crate::samples::Point;

impl Evaluator<'_> {
    pub(super) fn aggregate(&self, aggregate: &AggregateExpr, at_ms: i64) -> Answer<Vec<Sample>> {
        let operator = aggregate.op.to_string();
        if operator == "count_values" {
            return self.count_values(aggregate, at_ms);
        }
        let parameter = match &aggregate.param {
            Some(param) => self.scalar(param, at_ms)?,
            None => 0.0,
        };
        let vector = self.vector(&aggregate.expr, at_ms)?;
        let groups = groups(vector, aggregate.modifier.as_ref());
        if matches!(operator.as_str(), "topk" | "bottomk") {
            let most = count_of(parameter)?;
            let top = operator == "topk";
            return Ok(groups
                .into_iter()
                .flat_map(|(_, members)| first(most, top, members))
                .collect());
        }
        Ok(groups
            .into_iter()
            .map(|(labels, members)| Sample {
                labels,
                value: combine(&operator, parameter, &members),
            })
            .collect())
    }

    /// How many series of each group have a value, for each value; the value becomes a label.
    fn count_values(&self, aggregate: &AggregateExpr, at_ms: i64) -> Answer<Vec<Sample>> {
        let param = aggregate.param.as_ref();
        let label = param.map_or(Ok(""), |param| labels::text(param))?;
        labels::check_name(label, "count_values")?;
        let mut vector = self.vector(&aggregate.expr, at_ms)?;
        let groups = groups_with(&mut vector, label, aggregate.modifier.as_ref());
        let counted = groups.into_iter().map(|(labels, members)| Sample {
            labels,
            value: members.len() as f64,
        });
        Ok(counted.collect())
    }
}

/// As [`groups`], where the value of each member is a label of its group.
fn groups_with(
    vector: &mut Vec<Sample>,
    label: &str,
    modifier: Option<&LabelModifier>,
) -> Vec<(Labels, Vec<Sample>)> {
    let mut found: Vec<(Labels, Vec<Sample>)> = Vec::new();
    for (key, members) in groups(std::mem::take(vector), modifier) {
        for member in members {
            let labels = key.with(label, &labels::shown(member.value));
            match found.iter_mut().find(|(known, _)| *known == labels) {
                Some((_, members)) => members.push(member),
                None => found.push((labels, vec![member])),
            }
        }
    }
    found
}

/// Members by their group's labels, groups in order of their first member.
fn groups(vector: Vec<Sample>, modifier: Option<&LabelModifier>) -> Vec<(Labels, Vec<Sample>)> {
    let mut groups: Vec<(Labels, Vec<Sample>)> = Vec::new();
    let mut index: HashMap<Labels, usize> = HashMap::new();
    for sample in vector {
        let key = match modifier {
            None => Labels::default(),
            Some(LabelModifier::Include(by)) => sample.labels.filter(|name| has(&by.labels, name)),
            Some(LabelModifier::Exclude(without)) => sample
                .labels
                .filter(|name| name != METRIC_NAME && !has(&without.labels, name)),
        };
        let group = *index.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        groups[group].1.push(sample);
    }
    groups
}

fn has(labels: &[String], name: &str) -> bool {
    labels.iter().any(|label| label == name)
}

fn count_of(parameter: f64) -> Answer<usize> {
    // Go's conversion to int64 is defined within these bounds only
    if !(-9.223_372_036_854_776e18..9.223_372_036_854_776e18).contains(&parameter) {
        let shown = crate::format::value(parameter);
        return Err(Failure::execution(format!(
            "Scalar value {shown} overflows int64"
        )));
    }
    Ok(parameter.max(0.0) as usize)
}

/// The greatest or least, best first; NaN only when nothing else is left.
fn first(most: usize, top: bool, mut members: Vec<Sample>) -> Vec<Sample> {
    members.sort_by(|a, b| {
        let by_value = if top {
            b.value.total_cmp(&a.value)
        } else {
            a.value.total_cmp(&b.value)
        };
        a.value.is_nan().cmp(&b.value.is_nan()).then(by_value)
    });
    members.truncate(most);
    members
}

fn combine(operator: &str, parameter: f64, members: &[Sample]) -> f64 {
    let values = || members.iter().map(|sample| sample.value);
    let points = || -> Vec<Point> { values().map(|value| (0, value)).collect() };
    match operator {
        "sum" => values().sum(),
        "avg" => over_time::average(&points()),
        "min" => over_time::minimum(&points()),
        "max" => over_time::maximum(&points()),
        "stdvar" => over_time::variance(&points()),
        "stddev" => over_time::variance(&points()).sqrt(),
        "quantile" => over_time::quantile(parameter, values().collect()),
        "count" => members.len() as f64,
        // `group`, the only other operator that `support` lets through
        _ => 1.0,
    }
}
