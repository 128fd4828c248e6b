//! PromQL over the fleet's samples, with the semantics of Prometheus 2.42.
//!
//! An expression is evaluated point by point: a range query is the instant query at each step.
//! Prometheus evaluates whole ranges for speed; the answers are the same, which the lab's tests
//! check construct by construct.

mod aggregate;
mod binary;
mod call;
mod histogram;
mod labels;
mod over_time;
mod rate;
mod support;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::{Instant, UNIX_EPOCH};

use promql_parser::parser::{AtModifier, Expr, Offset, SubqueryExpr, VectorSelector};

use crate::failure::{Failure, Kind};
use crate::labels::Labels;
use crate::samples::{Point, Samples};
pub(crate) use support::parse;

/// Step of a subquery that names none: Prometheus's default evaluation interval.
const DEFAULT_SUBQUERY_STEP_MS: i64 = 60_000;

/// Samples one query may read: more would keep a core busy for longer than anyone waits.
const MAX_SAMPLES: u64 = 100_000_000;

/// Samples one query may hold at a time, as the results of its subqueries: some 100 MB.
const MAX_HELD_SAMPLES: u64 = 2_000_000;

/// One element of an instant vector.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) labels: Labels,
    pub(crate) value: f64,
}

/// One element of a range vector: points in order of time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) labels: Labels,
    pub(crate) points: Vec<Point>,
}

/// What an expression evaluates to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Scalar(f64),
    Vector(Vec<Sample>),
    Matrix(Vec<Row>),
    Text(String),
}

type Answer<T> = Result<T, Failure>;

/// A subquery of the expression at hand and one of its times.
type SubqueryStep = (*const SubqueryExpr, i64);

/// A range vector with the range it was selected for, in milliseconds since the Unix epoch.
struct Window {
    rows: Vec<Row>,
    start_ms: i64,
    end_ms: i64,
}

/// Evaluates one query.
pub(crate) struct Evaluator<'a> {
    samples: &'a Samples,
    start_ms: i64,
    end_ms: i64,
    deadline: Instant,
    read: Cell<u64>,
    held: Cell<u64>,
    selected: RefCell<HashMap<*const VectorSelector, Rc<[usize]>>>,
    inner: RefCell<HashMap<SubqueryStep, Rc<[Sample]>>>,
}

impl<'a> Evaluator<'a> {
    /// An evaluator for a query over `[start_ms, end_ms]`, which `@ start()` and `@ end()` mean.
    pub(crate) fn new(samples: &'a Samples, start_ms: i64, end_ms: i64, deadline: Instant) -> Self {
        Self {
            samples,
            start_ms,
            end_ms,
            deadline,
            read: Cell::new(0),
            held: Cell::new(0),
            selected: RefCell::default(),
            inner: RefCell::default(),
        }
    }

    /// The value at the query's start.
    pub(crate) fn instant(&self, expr: &Expr) -> Answer<Value> {
        let value = self.eval(expr, self.start_ms)?;
        Ok(match value {
            Value::Matrix(mut rows) => {
                rows.sort_by(|a, b| a.labels.cmp(&b.labels));
                Value::Matrix(rows)
            }
            other => other,
        })
    }

    /// The values at each step, one row per series, sorted by labels.
    pub(crate) fn range(&self, expr: &Expr, step_ms: i64) -> Answer<Vec<Row>> {
        let mut rows: HashMap<Labels, Vec<Point>> = HashMap::new();
        let mut time = self.start_ms;
        while time <= self.end_ms {
            match self.eval(expr, time)? {
                Value::Scalar(value) => rows
                    .entry(Labels::default())
                    .or_default()
                    .push((time, value)),
                Value::Vector(vector) => {
                    for sample in vector {
                        let points = rows.entry(sample.labels).or_default();
                        points.push((time, sample.value));
                    }
                }
                Value::Matrix(_) | Value::Text(_) => {
                    return Err(internal("a range query of a range vector or a string"));
                }
            }
            time += step_ms;
        }
        let mut rows: Vec<Row> = rows
            .into_iter()
            .map(|(labels, points)| Row { labels, points })
            .collect();
        rows.sort_by(|a, b| a.labels.cmp(&b.labels));
        Ok(rows)
    }

    fn eval(&self, expr: &Expr, at_ms: i64) -> Answer<Value> {
        match expr {
            Expr::NumberLiteral(literal) => Ok(Value::Scalar(literal.val)),
            Expr::StringLiteral(literal) => Ok(Value::Text(literal.val.clone())),
            Expr::Paren(paren) => self.eval(&paren.expr, at_ms),
            Expr::Unary(unary) => match self.eval(&unary.expr, at_ms)? {
                Value::Scalar(value) => Ok(Value::Scalar(-value)),
                Value::Vector(vector) => map_values(vector, |value| -value).map(Value::Vector),
                Value::Matrix(_) | Value::Text(_) => Err(internal("a minus before a range vector")),
            },
            Expr::VectorSelector(selector) => self.latest(selector, at_ms).map(Value::Vector),
            Expr::MatrixSelector(_) | Expr::Subquery(_) => self
                .window(expr, at_ms)
                .map(|window| Value::Matrix(window.rows)),
            Expr::Call(call) => self.call(call, at_ms),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate, at_ms).map(Value::Vector),
            Expr::Binary(binary) => self.binary(binary, at_ms),
            Expr::Extension(_) => Err(internal("an extension")),
        }
    }

    fn vector(&self, expr: &Expr, at_ms: i64) -> Answer<Vec<Sample>> {
        match self.eval(expr, at_ms)? {
            Value::Vector(vector) => Ok(vector),
            _ => Err(internal("something else where an instant vector is needed")),
        }
    }

    fn scalar(&self, expr: &Expr, at_ms: i64) -> Answer<f64> {
        match self.eval(expr, at_ms)? {
            Value::Scalar(value) => Ok(value),
            _ => Err(internal("something else where a scalar is needed")),
        }
    }

    fn latest(&self, selector: &VectorSelector, at_ms: i64) -> Answer<Vec<Sample>> {
        let selected = self.select(selector);
        self.spend(selected.len())?;
        let time = self.shifted(at_ms, selector.at.as_ref(), selector.offset.as_ref());
        Ok(selected
            .iter()
            .filter_map(|&index| {
                let series = &self.samples.series()[index];
                let value = self.samples.latest(series, time)?;
                Some(Sample {
                    labels: series.labels.clone(),
                    value,
                })
            })
            .collect())
    }

    /// A range vector: a matrix selector's samples or a subquery's results. Rows without a point
    /// are left out, as no function sees them.
    fn window(&self, expr: &Expr, at_ms: i64) -> Answer<Window> {
        match expr {
            Expr::Paren(paren) => self.window(&paren.expr, at_ms),
            Expr::MatrixSelector(matrix) => {
                let selector = &matrix.vs;
                let end_ms = self.shifted(at_ms, selector.at.as_ref(), selector.offset.as_ref());
                let start_ms = end_ms.saturating_sub(milliseconds(matrix.range));
                let mut rows = Vec::new();
                for &index in self.select(selector).iter() {
                    let series = &self.samples.series()[index];
                    let points = self.samples.range(series, start_ms, end_ms);
                    self.spend(points.len())?;
                    if !points.is_empty() {
                        let labels = series.labels.clone();
                        rows.push(Row { labels, points });
                    }
                }
                Ok(Window {
                    rows,
                    start_ms,
                    end_ms,
                })
            }
            Expr::Subquery(subquery) => self.subquery(subquery, at_ms),
            _ => Err(internal("something else where a range vector is needed")),
        }
    }

    /// Steps of a subquery stand on multiples of its step, whatever the query's own times are.
    fn subquery(&self, subquery: &SubqueryExpr, at_ms: i64) -> Answer<Window> {
        let end_ms = self.shifted(at_ms, subquery.at.as_ref(), subquery.offset.as_ref());
        let start_ms = end_ms.saturating_sub(milliseconds(subquery.range));
        let step_ms = subquery
            .step
            .map_or(DEFAULT_SUBQUERY_STEP_MS, milliseconds)
            .max(1);
        let mut rows: Vec<Row> = Vec::new();
        let mut row_of: HashMap<Labels, usize> = HashMap::new();
        let mut time = start_ms.div_euclid(step_ms) * step_ms;
        if time < start_ms {
            time += step_ms;
        }
        while time <= end_ms {
            let vector = self.subquery_step(subquery, time)?;
            self.spend(vector.len() + 1)?;
            for sample in vector.iter() {
                let row = *row_of.entry(sample.labels.clone()).or_insert_with(|| {
                    rows.push(Row {
                        labels: sample.labels.clone(),
                        points: Vec::new(),
                    });
                    rows.len() - 1
                });
                rows[row].points.push((time, sample.value));
            }
            time += step_ms;
        }
        Ok(Window {
            rows,
            start_ms,
            end_ms,
        })
    }

    /// Neighbouring steps of a range query share most of their subquery's steps.
    fn subquery_step(&self, subquery: &SubqueryExpr, time: i64) -> Answer<Rc<[Sample]>> {
        let key = (std::ptr::from_ref(subquery), time);
        let known = self.inner.borrow().get(&key).cloned();
        if let Some(vector) = known {
            return Ok(vector);
        }
        let vector: Rc<[Sample]> = self.vector(&subquery.expr, time)?.into();
        let held = self.held.get() + vector.len() as u64 + 1;
        self.held.set(held);
        if held > MAX_HELD_SAMPLES {
            return Err(too_many_samples());
        }
        self.inner.borrow_mut().insert(key, Rc::clone(&vector));
        Ok(vector)
    }

    fn select(&self, selector: &VectorSelector) -> Rc<[usize]> {
        let mut selected = self.selected.borrow_mut();
        let series = selected
            .entry(std::ptr::from_ref(selector))
            .or_insert_with(|| self.samples.select(selector).into());
        Rc::clone(series)
    }

    fn shifted(&self, at_ms: i64, at: Option<&AtModifier>, offset: Option<&Offset>) -> i64 {
        let base = match at {
            None => at_ms,
            Some(AtModifier::Start) => self.start_ms,
            Some(AtModifier::End) => self.end_ms,
            Some(AtModifier::At(time)) => match time.duration_since(UNIX_EPOCH) {
                Ok(since) => milliseconds(since),
                Err(before) => -milliseconds(before.duration()),
            },
        };
        match offset {
            None => base,
            Some(Offset::Pos(back)) => base.saturating_sub(milliseconds(*back)),
            Some(Offset::Neg(ahead)) => base.saturating_add(milliseconds(*ahead)),
        }
    }

    fn spend(&self, samples: usize) -> Answer<()> {
        let read = self.read.get() + samples as u64;
        self.read.set(read);
        if read > MAX_SAMPLES {
            return Err(too_many_samples());
        }
        if Instant::now() > self.deadline {
            return Err(Failure {
                kind: Kind::Timeout,
                message: "query timed out in expression evaluation".to_owned(),
            });
        }
        Ok(())
    }
}

fn too_many_samples() -> Failure {
    Failure::execution(
        "query processing would load too many samples into memory in query execution",
    )
}

fn milliseconds(duration: std::time::Duration) -> i64 {
    // a quarter of the range: sums of two or three of them stay far from overflow
    i64::try_from(duration.as_millis()).map_or(i64::MAX / 4, |known| known.min(i64::MAX / 4))
}

/// Applies a function to each value; the metric's name goes, for the numbers are no longer it.
fn map_values(vector: Vec<Sample>, map: impl Fn(f64) -> f64) -> Answer<Vec<Sample>> {
    unique(
        vector
            .into_iter()
            .map(|sample| Sample {
                labels: sample.labels.without_name(),
                value: map(sample.value),
            })
            .collect(),
    )
}

/// Dropping names may leave two series with the same labels, which PromQL refuses.
fn unique(vector: Vec<Sample>) -> Answer<Vec<Sample>> {
    let labels: HashSet<&Labels> = vector.iter().map(|sample| &sample.labels).collect();
    if labels.len() < vector.len() {
        return Err(Failure::execution(
            "vector cannot contain metrics with the same labelset",
        ));
    }
    Ok(vector)
}

/// The parser checks types; this answers when it let something through.
fn internal(found: &str) -> Failure {
    Failure::execution(format!("the drill met {found}; please simplify the query"))
}
