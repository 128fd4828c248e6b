//! Parsing, and what of PromQL the drill evaluates.

use promql_parser::parser::{self, Expr, VectorSelector};

use crate::failure::Failure;

/// Longest query in bytes; real ones have hundreds.
const MAX_QUERY_BYTES: usize = 16 * 1024;

/// Deepest nesting: evaluation recurses.
const MAX_DEPTH: usize = 100;

const FUNCTIONS: [&str; 28] = [
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
    "stddev_over_time",
    "stdvar_over_time",
    "sum_over_time",
    "time",
    "vector",
];

const AGGREGATIONS: [&str; 11] = [
    "sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "quantile", "topk", "bottomk",
];

/// Parses an expression and checks that the drill evaluates all of it.
pub(crate) fn parse(parameter: &str, query: &str) -> Result<Expr, Failure> {
    if query.len() > MAX_QUERY_BYTES {
        let problem = format!("the drill reads queries of up to {MAX_QUERY_BYTES} bytes");
        return Err(Failure::parameter(parameter, problem));
    }
    let expr = parser::parse(query)
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
