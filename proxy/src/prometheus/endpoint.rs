//! The table of what may be asked. A path is matched byte for byte, undecoded, and what is sent
//! upstream is built from this table, never from the client's bytes: Prometheus answers an unclean
//! path by a redirect to the cleaned one, which is how an admin path can hide in an allowed one.

use http::Method;

/// One thing that a Prometheus may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The path behind `api/v1/`, as it is sent upstream.
    pub path: String,
    /// The operation's name in audit records.
    pub op: &'static str,
    /// Whether POST is known besides GET.
    pub post: bool,
    /// Whether it evaluates PromQL, so that `timeout=` applies.
    pub evaluates: bool,
}

struct Row {
    path: &'static str,
    op: &'static str,
    post: bool,
    evaluates: bool,
}

const fn row(path: &'static str, op: &'static str, post: bool, evaluates: bool) -> Row {
    Row {
        path,
        op,
        post,
        evaluates,
    }
}

const TABLE: [Row; 10] = [
    row("query", "prometheus.query", true, true),
    row("query_range", "prometheus.query_range", true, true),
    row("query_exemplars", "prometheus.query_exemplars", true, false),
    row("format_query", "prometheus.format_query", true, false),
    row("series", "prometheus.series", true, false),
    row("labels", "prometheus.labels", true, false),
    row("metadata", "prometheus.metadata", false, false),
    row("rules", "prometheus.rules", false, false),
    row("alerts", "prometheus.alerts", false, false),
    row("status/buildinfo", "prometheus.buildinfo", false, false),
];

/// The source's name and the endpoint of an undecoded path `/api/prom/{source}/api/v1/…`; None for
/// every path that is not exactly one of the table's.
pub fn route(path: &str) -> Option<(&str, Endpoint)> {
    let (source, rest) = path.strip_prefix("/api/prom/")?.split_once('/')?;
    let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    if source.is_empty() || !source.bytes().all(plain) {
        return None;
    }
    let rest = rest.strip_prefix("api/v1/")?;
    if let Some(row) = TABLE.iter().find(|row| row.path == rest) {
        let endpoint = Endpoint {
            path: row.path.to_owned(),
            op: row.op,
            post: row.post,
            evaluates: row.evaluates,
        };
        return Some((source, endpoint));
    }
    let label = rest.strip_prefix("label/")?.strip_suffix("/values")?;
    if !is_label_name(label) {
        return None;
    }
    let endpoint = Endpoint {
        path: format!("label/{label}/values"),
        op: "prometheus.label_values",
        post: false,
        evaluates: false,
    };
    Some((source, endpoint))
}

impl Endpoint {
    /// Whether `method` is known here.
    pub fn knows(&self, method: &Method) -> bool {
        *method == Method::GET || (self.post && *method == Method::POST)
    }
}

fn is_label_name(name: &str) -> bool {
    let first = |c: u8| c.is_ascii_alphabetic() || c == b'_';
    name.bytes().next().is_some_and(first) && name.bytes().all(|c| first(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_what_the_table_holds() {
        assert_eq!(
            route("/api/prom/main/api/v1/query_range").unwrap().1.op,
            "prometheus.query_range"
        );
        assert_eq!(
            route("/api/prom/main/api/v1/label/__name__/values")
                .unwrap()
                .1
                .path,
            "label/__name__/values"
        );
        assert_eq!(
            route("/api/prom/eu-1/api/v1/status/buildinfo").unwrap().0,
            "eu-1"
        );
    }

    #[test]
    fn refuses_every_other_spelling() {
        for rest in [
            "query/",
            "/query",
            "Query",
            "query;x",
            "query%20",
            "query%00",
            "query/../admin/tsdb/delete_series",
            "query/%2e%2e/admin/tsdb/delete_series",
            "query%2f..%2fadmin/tsdb/delete_series",
            "query%252f..",
            "admin/tsdb/delete_series",
            "admin/tsdb/snapshot",
            "status/config",
            "status/flags",
            "targets",
            "write",
            "label//values",
            "label/a/b/values",
            "label/a%2fb/values",
            "label/../values",
            "label/1a/values",
            "",
        ] {
            assert_eq!(
                route(&format!("/api/prom/main/api/v1/{rest}")),
                None,
                "{rest}"
            );
        }
        for path in [
            "/api/prom//api/v1/query",
            "/api/prom/../api/v1/query",
            "/api/prom/main/api/v2/query",
            "//api/prom/main/api/v1/query",
        ] {
            assert_eq!(route(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn only_listed_paths_ever_come_out(rest in "[a-z_/.%;0-9]{0,40}") {
            if let Some((source, endpoint)) = route(&format!("/api/prom/main/{rest}")) {
                prop_assert_eq!(source, "main");
                let listed = TABLE.iter().any(|row| row.path == endpoint.path);
                let label = endpoint.path.starts_with("label/") && endpoint.path.matches('/').count() == 2;
                prop_assert!(listed || label);
                prop_assert!(!endpoint.path.contains(['.', '%', ';']));
            }
        }
    }
}
