//! Parsing, and what of PromQL the drill evaluates.

use std::panic::catch_unwind;

use promql_parser::parser::{self, Expr, VectorSelector};

use crate::failure::Failure;

/// Longest query in bytes; real ones have hundreds.
const MAX_QUERY_BYTES: usize = 16 * 1024;

/// Deepest nesting: evaluation recurses.
const MAX_DEPTH: usize = 100;

const FUNCTIONS: [&str; 30] = [
    "abs",
    "avg_over_time",
    "ceil",
    "changes",
    "clamp_max",
    "clamp_min",
    "count_over_time",
    "delta",
    "floor",
    "histogram_quantile",
    "increase",
    "irate",
    "label_replace",
    "last_over_time",
    "max_over_time",
    "min_over_time",
    "present_over_time",
    "quantile_over_time",
    "rate",
    "resets",
    "round",
    "scalar",
    "sort",
    "sort_desc",
    "sqrt",
    "stddev_over_time",
    "stdvar_over_time",
    "sum_over_time",
    "time",
    "vector",
];

const AGGREGATIONS: [&str; 12] = [
    "sum",
    "avg",
    "min",
    "max",
    "count",
    "count_values",
    "group",
    "stddev",
    "stdvar",
    "quantile",
    "topk",
    "bottomk",
];

/// Parses an expression and checks that the drill evaluates all of it.
pub(crate) fn parse(parameter: &str, query: &str) -> Result<Expr, Failure> {
    if query.len() > MAX_QUERY_BYTES {
        let problem = format!("the drill reads queries of up to {MAX_QUERY_BYTES} bytes");
        return Err(Failure::parameter(parameter, problem));
    }
    // the parser panics on durations that are no numbers, such as `offset NaN`
    let expr = catch_unwind(|| parser::parse(query))
        .unwrap_or_else(|_| Err("not a valid expression".to_owned()))
        .map_err(|problem| Failure::parameter(parameter, format!("parse error: {problem}")))?;
    check(&expr, 0)?;
    Ok(expr)
}

fn check(expr: &Expr, depth: usize) -> Result<(), Failure> {
    if depth > MAX_DEPTH {
        return Err(Failure::execution(format!(
            "the drill evaluates expressions nested up to {MAX_DEPTH} deep"
        )));
    }
    let deeper = depth + 1;
    match expr {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(()),
        Expr::VectorSelector(selector) => check_selector(selector),
        Expr::MatrixSelector(matrix) => check_selector(&matrix.vs),
        Expr::Paren(paren) => check(&paren.expr, deeper),
        Expr::Unary(unary) => check(&unary.expr, deeper),
        Expr::Subquery(subquery) => check(&subquery.expr, deeper),
        Expr::Binary(binary) => {
            let fill = binary
                .modifier
                .as_ref()
                .map(|modifier| &modifier.fill_values);
            if fill.is_some_and(|fill| fill.lhs.is_some() || fill.rhs.is_some()) {
                return Err(unsupported("fill modifiers"));
            }
            check(&binary.lhs, deeper)?;
            check(&binary.rhs, deeper)
        }
        Expr::Aggregate(aggregate) => {
            let operator = aggregate.op.to_string();
            if !AGGREGATIONS.contains(&operator.as_str()) {
                return Err(unsupported(&format!("the aggregation {operator}")));
            }
            if let Some(param) = &aggregate.param {
                check(param, deeper)?;
            }
            check(&aggregate.expr, deeper)
        }
        Expr::Call(call) => {
            if !FUNCTIONS.contains(&call.func.name) {
                return Err(unsupported(&format!("the function {}()", call.func.name)));
            }
            call.args.args.iter().try_for_each(|arg| check(arg, deeper))
        }
        Expr::Extension(_) => Err(unsupported("extensions of PromQL")),
    }
}

fn check_selector(selector: &VectorSelector) -> Result<(), Failure> {
    if selector.matchers.or_matchers.is_empty() {
        Ok(())
    } else {
        Err(unsupported("matchers joined by \"or\""))
    }
}

fn unsupported(what: &str) -> Failure {
    Failure::execution(format!(
        "the drill does not evaluate {what}; it knows selectors with offset and @, subqueries, \
         arithmetic, comparison and set operators with on, ignoring and group modifiers, \
         the aggregations {} and the functions {}",
        AGGREGATIONS.join(", "),
        FUNCTIONS.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;
    use crate::eval::Evaluator;
    use crate::fleet::{Fleet, Incident};
    use crate::samples::Samples;

    const ONSET: i64 = 1_795_000_000;

    const TOKENS: [&str; 43] = [
        "level",
        "up",
        "{",
        "}",
        "which",
        "=",
        "=~",
        "\"object4\"",
        "(",
        ")",
        "[",
        "]",
        "5m",
        "1m:10s",
        ":",
        ",",
        "+",
        "-",
        "*",
        "/",
        "^",
        "%",
        ">",
        "==",
        "bool",
        "on",
        "ignoring",
        "group_left",
        "sum",
        "by",
        "topk",
        "rate",
        "max_over_time",
        "histogram_quantile",
        "label_replace",
        "count_values",
        "\"$1\"",
        "offset",
        "@",
        "3",
        "0.5",
        "and",
        "NaN",
    ];

    fn samples() -> Samples {
        Samples::new(Fleet::new(1, Incident::beginning(ONSET)), ONSET * 1000)
    }

    #[test]
    fn a_name_that_prometheus_knows_but_the_drill_does_not_is_an_execution_error() {
        let failure = parse("query", "absent(level)").unwrap_err();
        assert_eq!(failure.kind, crate::failure::Kind::Execution);
    }

    #[test]
    fn what_the_parser_panics_on_is_bad_data() {
        for query in ["level offset NaN", "level[NaN]"] {
            let failure = parse("query", query).unwrap_err();
            assert_eq!(failure.kind, crate::failure::Kind::BadData);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_evaluated_or_refused(query in ".{0,200}") {
            let _ = parse("query", &query);
        }

        #[test]
        fn any_row_of_tokens_is_evaluated_or_refused(
            tokens in prop::collection::vec(prop::sample::select(&TOKENS[..]), 1..24),
        ) {
            if let Ok(expr) = parse("query", &tokens.join(" ")) {
                let samples = samples();
                let deadline = Instant::now() + Duration::from_secs(1);
                let at = ONSET * 1000;
                let _ = Evaluator::new(&samples, at, at, deadline).instant(&expr);
            }
        }
    }
}
