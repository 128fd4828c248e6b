//! A drill and a real Prometheus that hold the same samples, and the comparison of their answers.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::slice;

use casebook_drill::fleet::{Fleet, Incident};
use casebook_drill::{Clock, router};
use casebook_lab::{Backfill, Prometheus, http};
use serde_json::Value as Json;

/// Off the grid of ten seconds on purpose.
pub(crate) const ONSET: i64 = 1_795_000_003;

/// The fleet of every comparison: ill for 25 minutes.
pub(crate) fn fleet() -> Fleet {
    let incident = Incident::beginning(ONSET).recovering(ONSET + 1500);
    Fleet::new(11, incident)
}

/// Both servers; each stops when the pair is dropped.
pub(crate) struct Pair {
    pub(crate) drill: String,
    pub(crate) prometheus: String,
    _server: Prometheus,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Pair {
    /// A pair with the samples of some seconds; for the drill, the last of them is now.
    pub(crate) async fn holding(seconds: RangeInclusive<i64>) -> Self {
        let (from, to) = seconds.into_inner();
        let fleet = fleet();
        let backfill = Backfill {
            fleet: fleet.clone(),
            from,
            to,
        };
        let server = Prometheus::builder()
            .admin_api(true)
            .backfill(backfill)
            .start()
            .await
            .unwrap();
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let drill = format!("http://{}", listener.local_addr().unwrap());
        let app = router(fleet, Clock::Fixed(to * 1000));
        let serving = tokio::spawn(async move {
            axum::serve(listener, app).await.unwrap();
        });
        Self {
            drill,
            prometheus: server.url().to_owned(),
            _server: server,
            serving,
        }
    }

    /// The answers of the drill and of Prometheus to one GET.
    pub(crate) fn ask(&self, path: &str, params: &[(&str, &str)]) -> (http::Answer, http::Answer) {
        let query = encode(params);
        let ask = |base: &str| http::get(base, &format!("/api/v1/{path}?{query}")).unwrap();
        (ask(&self.drill), ask(&self.prometheus))
    }

    /// What is unlike in the answers to a range query.
    pub(crate) fn compare_range(
        &self,
        query: &str,
        start: &str,
        end: &str,
        step: &str,
    ) -> Vec<String> {
        let params = [
            ("query", query),
            ("start", start),
            ("end", end),
            ("step", step),
        ];
        let (drill, prometheus) = self.ask("query_range", &params);
        let what = format!("{query} over {start}..{end} by {step}");
        differences(&what, &drill, &prometheus)
    }
}

pub(crate) fn encode(params: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params)
        .finish()
}

pub(crate) fn json(answer: &http::Answer) -> Json {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{} is JSON", answer.body))
}

/// Fails with every difference, not the first only.
pub(crate) fn assert_none(differences: &[String]) {
    assert!(
        differences.is_empty(),
        "{} unlike answers:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// What is unlike in two answers to the same query.
pub(crate) fn differences(
    what: &str,
    drill: &http::Answer,
    prometheus: &http::Answer,
) -> Vec<String> {
    let (ours, theirs) = (json(drill), json(prometheus));
    if drill.status != 200 || prometheus.status != 200 {
        let same = drill.status == prometheus.status && ours == theirs;
        let shown = || format!("{what}:\n  drill {ours}\n  prometheus {theirs}");
        return if same { Vec::new() } else { vec![shown()] };
    }
    let kind = &theirs["data"]["resultType"];
    if ours["data"]["resultType"] != *kind {
        return vec![format!("{what}: drill {} prometheus {kind}", ours["data"])];
    }
    let result = |answer: &Json| answer["data"]["result"].clone();
    let (ours, theirs) = (result(&ours), result(&theirs));
    if kind == "scalar" || kind == "string" {
        return match same_points(slice::from_ref(&ours), slice::from_ref(&theirs)) {
            true => Vec::new(),
            false => vec![format!("{what}: drill {ours} prometheus {theirs}")],
        };
    }
    let ordered = kind == "matrix"
        || ["topk", "bottomk", "sort"]
            .iter()
            .any(|name| what.starts_with(name));
    if ordered && names(&ours) != names(&theirs) {
        return vec![format!(
            "{what}: drill has {:?}, prometheus {:?}",
            names(&ours),
            names(&theirs)
        )];
    }
    let (ours, theirs) = (by_labels(&ours), by_labels(&theirs));
    if ours.keys().ne(theirs.keys()) {
        return vec![format!(
            "{what}: drill has {:?}, prometheus {:?}",
            ours.keys(),
            theirs.keys()
        )];
    }
    theirs
        .iter()
        .filter(|(labels, points)| !same_points(&ours[*labels], points))
        .map(|(labels, points)| {
            format!(
                "{what} {labels}:\n  drill {:?}\n  prometheus {points:?}",
                ours[labels]
            )
        })
        .collect()
}

fn names(result: &Json) -> Vec<String> {
    let series = result.as_array().unwrap().iter();
    series.map(|series| series["metric"].to_string()).collect()
}

fn by_labels(result: &Json) -> BTreeMap<String, Vec<Json>> {
    let series = result.as_array().unwrap().iter();
    series
        .map(|series| {
            let points = match series.get("values") {
                Some(values) => values.as_array().unwrap().clone(),
                None => vec![series["value"].clone()],
            };
            (series["metric"].to_string(), points)
        })
        .collect()
}

/// Equal times, and values within a billionth.
fn same_points(ours: &[Json], theirs: &[Json]) -> bool {
    ours.len() == theirs.len()
        && ours.iter().zip(theirs).all(|(ours, theirs)| {
            ours[0] == theirs[0]
                && same_value(ours[1].as_str().unwrap(), theirs[1].as_str().unwrap())
        })
}

fn same_value(ours: &str, theirs: &str) -> bool {
    let (Ok(a), Ok(b)) = (ours.parse::<f64>(), theirs.parse::<f64>()) else {
        return ours == theirs;
    };
    ours == theirs || a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}
