//! What a user would lose: the suspect, because of a character in its name.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test should stop"
)]

use std::collections::{BTreeMap, BTreeSet};

use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::push_down::PushDown;
use promql_parser::label::MatchOp;
use promql_parser::parser::{self, Expr};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use regex::Regex;

fn narrowed(query: &str, kept: &[Labels]) -> String {
    let grid = Grid::new(0, 300_000, 10_000).unwrap();
    PushDown::new(query, false, grid, 0).unwrap().narrowed(kept)
}

/// The series that an expression of `vector(1)`, `label_replace` and `or` gives.
fn series(expr: &Expr) -> Vec<BTreeMap<String, String>> {
    match expr {
        Expr::Paren(paren) => series(&paren.expr),
        Expr::Binary(binary) => {
            assert_eq!(binary.op.to_string(), "or");
            [series(&binary.lhs), series(&binary.rhs)].concat()
        }
        Expr::Call(call) if call.func.name == "vector" => vec![BTreeMap::new()],
        Expr::Call(call) => {
            assert_eq!(call.func.name, "label_replace");
            let text = |index: usize| match &*call.args.args[index] {
                Expr::StringLiteral(text) => text.val.clone(),
                other => panic!("not a text: {other:?}"),
            };
            assert_eq!((text(3), text(4)), (String::new(), String::new()));
            let mut inner = series(&call.args.args[0]);
            for labels in &mut inner {
                let before = labels.insert(text(1), expanded(&text(2)));
                assert_eq!(before, None, "a label is set once");
            }
            inner
        }
        other => panic!("not of this kind: {other:?}"),
    }
}

/// What Go's `Regexp.Expand` makes of a template, by the rules that its documentation gives, where nothing matched.
fn expanded(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((plain, after)) = rest.split_once('$') {
        text.push_str(plain);
        rest = after
            .strip_prefix('$')
            .unwrap_or_else(|| panic!("a group in {template:?}"));
        text.push('$');
    }
    text + rest
}

fn parts(text: &str) -> (Expr, Expr) {
    match parser::parse(text) {
        Ok(Expr::Binary(binary)) if binary.op.to_string() == "and" => {
            let on = binary.modifier.and_then(|modifier| modifier.matching);
            assert!(on.is_none(), "{on:?}");
            (*binary.lhs, *binary.rhs)
        }
        other => panic!("{text}: {other:?}"),
    }
}

/// Values with what means something to a string, a pattern, a replacement or a selector.
fn value() -> impl Strategy<Value = String> {
    let trouble =
        r#"[\\."'`$|(){}\[\]^*+?,=~!#@:;%&<>/\n\r\t\u{0}\u{7}\u{7f}\u{85}\u{2028}€😀a0 -]{1,12}"#;
    prop_oneof![trouble, ".{1,12}", "[a-z0-9.]{1,8}"]
}

fn label() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,5}".prop_filter("a name", |name| !name.starts_with("__"))
}

fn fleet() -> impl Strategy<Value = Vec<Labels>> {
    let labels = btree_map(label(), value(), 0..4);
    let fleet = vec(labels, 1..6);
    fleet.prop_map(|fleet| {
        let different: BTreeSet<_> = fleet.into_iter().collect();
        different
            .into_iter()
            .map(|labels| labels.into_iter().collect())
            .collect()
    })
}

/// Series that all have the same labels, as a metric's usually do.
fn alike() -> impl Strategy<Value = Vec<Labels>> {
    vec((value(), value()), 1..6).prop_map(|pairs| {
        let different: BTreeSet<_> = pairs.into_iter().collect();
        let labels = |(host, path): &(String, String)| {
            Labels::from([("host", host.as_str()), ("path", path.as_str())])
        };
        different.iter().map(labels).collect()
    })
}

fn as_map(labels: &Labels) -> BTreeMap<String, String> {
    labels
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

proptest! {
    #[test]
    fn any_labels_come_through_as_they_are(fleet in fleet()) {
        let (_, vector) = parts(&narrowed("sum by (host) (level)", &fleet));
        let found: BTreeSet<_> = series(&vector).into_iter().collect();
        let wanted: BTreeSet<_> = fleet.iter().map(as_map).collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn matchers_let_the_kept_series_through_and_no_value_of_another(
        fleet in alike(),
        other in value(),
    ) {
        let (selector, _) = parts(&narrowed(r#"level{zone="a"}"#, &fleet));
        let Expr::Paren(paren) = selector else { panic!("{selector:?}") };
        let Expr::VectorSelector(selector) = *paren.expr else { panic!("{:?}", paren.expr) };
        for name in ["host", "path"] {
            let values: BTreeSet<&str> = fleet.iter().filter_map(|labels| labels.get(name)).collect();
            let found = selector.matchers.matchers.iter().find(|matcher| matcher.name == name);
            let found = found.unwrap();
            if found.op == MatchOp::Equal {
                prop_assert_eq!(values, BTreeSet::from([found.value.as_str()]));
                continue;
            }
            // As Prometheus anchors a pattern.
            let pattern = Regex::new(&format!("^(?s:{})$", found.value)).unwrap();
            for value in &values {
                prop_assert!(pattern.is_match(value), "{:?} by {}", value, pattern);
            }
            prop_assert_eq!(pattern.is_match(&other), values.contains(other.as_str()));
        }
    }

    #[test]
    fn no_query_breaks_out_of_its_parentheses(inside in value()) {
        let query = format!("level # {}", inside.replace(['\n', '\r'], " "));
        let (selector, _) = parts(&narrowed(&query, &[Labels::from([("a", "b")])]));
        prop_assert_eq!(selector.to_string(), r#"(level{a="b"})"#);
    }
}
