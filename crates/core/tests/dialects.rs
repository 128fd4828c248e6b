//! Answers of Thanos and Mimir. The bodies are made after their documentation, not captured: of Thanos,
//! <https://thanos.io/tip/components/query.md/> ("Custom Response Fields", "Partial Response", "Deduplication"); of Mimir,
//! <https://grafana.com/docs/mimir/latest/references/http-api/>, which promises Prometheus's own format. Of Prometheus and
//! VictoriaMetrics, the tests ask the real ones.
//!
//! What a user would lose: the answer, or the warning that a part of it is missing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test should stop"
)]

use casebook_core::decode::{Body, DecodeError, Decoder, Expect, Limits};
use casebook_core::grid::Grid;
use casebook_core::matrix::{Matrix, is_gap};

fn decode(body: &str, chunk: usize) -> Result<Body, DecodeError> {
    let grid = Grid::new(1_795_629_300_000, 1_795_629_330_000, 10_000).unwrap();
    let mut decoder = Decoder::new(Expect::Grid(grid), Limits::default());
    for part in body.as_bytes().chunks(chunk) {
        decoder.feed(part)?;
    }
    decoder.finish()
}

fn matrix(body: &str, chunk: usize) -> Matrix {
    match decode(body, chunk) {
        Ok(Body::Matrix(matrix)) => matrix,
        other => panic!("{other:?} of {body}"),
    }
}

const SERIES: &str = r#"{"metric":{"__name__":"level","cluster":"eu-1","which":"a"},"values":[[1795629300,"1"],[1795629310,"2.5"],[1795629330,"4"]]},{"metric":{"__name__":"level","cluster":"eu-2","which":"a"},"values":[[1795629300,"7"]]}"#;

/// Who answers, how, and what is to come of it beside the two series.
struct Case {
    what: &'static str,
    body: String,
    warnings: &'static [&'static str],
    infos: &'static [&'static str],
}

fn cases() -> Vec<Case> {
    let case = |what, before: &str, after: &str, warnings, infos| Case {
        what,
        body: format!("{before}{SERIES}{after}"),
        warnings,
        infos,
    };
    let plain = r#"{"status":"success","data":{"resultType":"matrix","result":["#;
    vec![
        case(
            "thanos, all stores answered, replicas deduplicated",
            plain,
            "]}}",
            &[],
            &[],
        ),
        case(
            "thanos with partial_response=true and a store that is gone: the warning is a field of data",
            plain,
            r#"],"warnings":["No StoreAPIs matched for this query","receive series from Addr: store-eu:10901: rpc error: code = Unavailable desc = connection refused"]}}"#,
            &[
                "No StoreAPIs matched for this query",
                "receive series from Addr: store-eu:10901: rpc error: code = Unavailable desc = connection refused",
            ],
            &[],
        ),
        case(
            "thanos that says it in both places, as its own page and as Prometheus's clients read it",
            plain,
            r#"],"warnings":["store-eu is gone"]},"warnings":["store-eu is gone"]}"#,
            &["store-eu is gone"],
            &[],
        ),
        case(
            "thanos with the fields of its own engine, which are of no use here",
            plain,
            r#"],"analysis":{"name":"[vectorSelector]","executionTime":"1.2ms","children":[{"name":"x","children":null}]},"stats":{"timings":{"evalTotalTime":0.1}}}}"#,
            &[],
            &[],
        ),
        case("mimir, one JSON from a stream", plain, "]}}\n", &[], &[]),
        case(
            "mimir with annotations, which come last",
            plain,
            r#"]},"warnings":["PromQL warning: encountered a mix of histograms and floats for metric name \"level\" (1:6)"],"infos":["PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"level\" (1:6)"]}"#,
            &[
                "PromQL warning: encountered a mix of histograms and floats for metric name \"level\" (1:6)",
            ],
            &[
                "PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"level\" (1:6)",
            ],
        ),
        case(
            "mimir with the optional fields of an answer written out",
            r#"{"status":"success","errorType":"","error":"","infos":null,"data":{"resultType":"matrix","result":["#,
            r#"]},"warnings":[]}"#,
            &[],
            &[],
        ),
    ]
}

#[test]
fn the_answers_of_thanos_and_mimir_mean_what_prometheus_would_mean() {
    for case in cases() {
        for chunk in [1, 7, 64, usize::MAX] {
            let found = matrix(&case.body, chunk.min(case.body.len()));
            assert_eq!(found.rows(), 2, "{}", case.what);
            assert_eq!(found.values(0)[..2], [1.0, 2.5], "{}", case.what);
            assert!(
                is_gap(found.values(0)[2]) && found.values(0)[3] == 4.0,
                "{}",
                case.what
            );
            assert_eq!(
                found.name(1),
                r#"level{cluster="eu-2", which="a"}"#,
                "{}",
                case.what
            );
            assert_eq!(found.meta().warnings, case.warnings, "{}", case.what);
            assert_eq!(found.meta().infos, case.infos, "{}", case.what);
            assert_eq!(found.meta().off_grid, 0, "{}", case.what);
        }
    }
}

#[test]
fn times_with_as_many_decimals_as_each_needs_lie_on_the_steps() {
    let grid = Grid::new(1_795_629_300_500, 1_795_629_303_500, 1_500).unwrap();
    let body = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1795629300.5,"1"],[1795629302,"2"],[1795629303.5,"3"]]}]}}"#;
    let mut decoder = Decoder::new(Expect::Grid(grid), Limits::default());
    decoder.feed(body.as_bytes()).unwrap();
    let Ok(Body::Matrix(found)) = decoder.finish() else {
        panic!("no matrix")
    };
    assert_eq!(found.values(0), [1.0, 2.0, 3.0]);
}

#[test]
fn their_refusals_are_told_in_their_own_words() {
    for (body, kind, message) in [
        (
            r#"{"status":"error","errorType":"execution","error":"expanding series: proxy Series(): rpc error: code = Aborted desc = fetch series for block"}"#,
            "execution",
            "fetch series for block",
        ),
        (
            r#"{"status":"error","errorType":"execution","error":"the query hit the max number of series limit (limit: 100000 series) (err-mimir-max-series-per-query). Consider reducing the time range and/or number of series selected by the query."}"#,
            "execution",
            "err-mimir-max-series-per-query",
        ),
        (
            r#"{"status":"error","errorType":"too_many_requests","error":"too many outstanding requests"}"#,
            "too_many_requests",
            "too many outstanding requests",
        ),
    ] {
        match decode(body, body.len()) {
            Err(DecodeError::Prometheus {
                kind: found,
                message: said,
                ..
            }) => {
                assert_eq!(found, kind);
                assert!(said.contains(message), "{said}");
            }
            other => panic!("{other:?} of {body}"),
        }
    }
}
