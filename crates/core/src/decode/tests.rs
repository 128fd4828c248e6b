use super::*;
use crate::matrix::is_gap;

mod ways;

const HEAD: &str = r#"{"status":"success","data":{"resultType":"matrix","result":["#;

fn grid() -> Grid {
    Grid::new(1_000_000, 1_030_000, 10_000).unwrap()
}

fn decode_with(expect: Expect, limits: Limits, body: &str) -> Result<Body, DecodeError> {
    let mut decoder = Decoder::new(expect, limits);
    decoder.feed(body.as_bytes())?;
    decoder.finish()
}

fn decode(body: &str) -> Result<Body, DecodeError> {
    decode_with(Expect::Grid(grid()), Limits::default(), body)
}

fn matrix(body: &str) -> Matrix {
    match decode(body).unwrap() {
        Body::Matrix(matrix) => matrix,
        other => panic!("not a matrix: {other:?}"),
    }
}

fn series(which: &str, values: &str) -> String {
    format!(r#"{{"metric":{{"__name__":"level","which":"{which}"}},"values":[{values}]}}"#)
}

fn range(series: &[String]) -> String {
    format!("{HEAD}{}]}}}}", series.join(","))
}

#[test]
fn each_series_is_a_row_and_each_step_without_sample_a_gap() {
    let body = range(&[
        series("a", r#"[1000,"1.5"],[1010,"-2"],[1020,"1e-7"],[1030,"3"]"#),
        series("b", r#"[1010.000,"NaN"],[1030,"+Inf"]"#),
    ]);
    let found = matrix(&body);
    assert_eq!(found.values(0), [1.5, -2.0, 1e-7, 3.0]);
    let b = found.values(1);
    assert!(
        is_gap(b[0]) && b[1].is_nan() && !is_gap(b[1]) && is_gap(b[2]) && b[3] == f64::INFINITY
    );
    assert_eq!(found.name(1), r#"level{which="b"}"#);
    let meta = found.meta();
    assert_eq!(
        (meta.samples, meta.nan, meta.inf, meta.off_grid),
        (6, 1, 1, 0)
    );
    assert_eq!(meta.bytes, body.len() as u64);
}

#[test]
fn notices_are_kept_wherever_they_stand_and_unknown_keys_are_skipped() {
    let body = r#" {"isPartial":true,"infos":["i"],"status":"success","new":{"a":[1,{"b":null}]},
        "data":{"warnings":["inside"],"stats":{"x":1},"result":[],"resultType":"matrix"},
        "warnings":["results truncated due to limit","inside"],"infos":["i","j"],"z":17} "#;
    let found = matrix(body);
    assert_eq!(found.rows(), 0);
    assert_eq!(
        found.meta().warnings,
        ["inside", "results truncated due to limit"]
    );
    assert_eq!(found.meta().infos, ["i", "j"]);
    assert_eq!(found.meta().partial, Some(true));
}

#[test]
fn values_may_be_numbers_and_keys_in_any_order() {
    let body = r#"{"data":{"result":[{"values":[[1000,1.25],[1010,7],[1020,-7]],"metric":{"größe":"ü\"\u00e9"}}],
        "resultType":"matrix"},"status":"success"}"#;
    let found = matrix(body);
    assert_eq!(found.values(0)[..3], [1.25, 7.0, -7.0]);
    assert_eq!(found.labels(0).get("größe"), Some("ü\"é"));
}

#[test]
fn native_histograms_are_counted_and_skipped() {
    let histogram = r#"[1000,{"count":"2","sum":"3","buckets":[[0,"0.5","1","2"]]}]"#;
    let only = format!(r#"{{"metric":{{"a":"1"}},"histograms":[{histogram},{histogram}]}}"#);
    let both =
        format!(r#"{{"metric":{{"a":"2"}},"values":[[1000,"1"]],"histograms":[{histogram}]}}"#);
    let found = matrix(&range(&[only, both, series("a", r#"[1000,"1"]"#)]));
    assert_eq!(found.rows(), 2);
    assert_eq!(
        (
            found.meta().histograms_skipped,
            found.meta().histogram_samples
        ),
        (2, 3)
    );
    let instant = format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"histogram":{histogram}}}]}}}}"#
    );
    let Body::Vector(vector) = decode(&instant).unwrap() else {
        panic!("not a vector")
    };
    assert!(vector.samples.is_empty());
    assert_eq!(vector.meta.histograms_skipped, 1);
}

#[test]
fn vectors_scalars_and_strings_are_told_apart() {
    let wrap = |kind: &str, result: &str| {
        format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#)
    };
    let vector = wrap(
        "vector",
        r#"[{"metric":{"__name__":"up"},"value":[1.5,"1"]},{"metric":{},"value":[2,"NaN"]}]"#,
    );
    let Body::Vector(vector) = decode(&vector).unwrap() else {
        panic!("not a vector")
    };
    assert_eq!(
        (vector.samples[0].time_ms, vector.samples[0].value),
        (1500, 1.0)
    );
    assert_eq!(
        (
            vector.samples[0].name.as_str(),
            vector.samples[1].name.as_str()
        ),
        ("up", "{}")
    );
    assert_eq!((vector.meta.samples, vector.meta.nan), (2, 1));
    let scalar = decode(&wrap("scalar", r#"[1435781451.781,"1"]"#)).unwrap();
    assert!(matches!(
        scalar,
        Body::Scalar {
            time_ms: 1_435_781_451_781,
            value: 1.0,
            ..
        }
    ));
    let text = decode(&wrap("string", r#"[7,"a\nb"]"#)).unwrap();
    assert!(matches!(text, Body::Text { time_ms: 7000, value, .. } if value == "a\nb"));
    assert!(
        matches!(decode(&wrap("vector", "[]")).unwrap(), Body::Vector(v) if v.samples.is_empty())
    );
    assert!(matches!(decode(&wrap("matrix", "null")).unwrap(), Body::Matrix(m) if m.rows() == 0));
}

#[test]
fn an_error_of_prometheus_keeps_its_words() {
    let body = r#"{"status":"error","errorType":"bad_data","error":"parse error: \"x\"","data":null,"warnings":["w"]}"#;
    let error = decode(body).unwrap_err();
    assert_eq!(error.to_string(), "bad_data: parse error: \"x\"");
    assert!(
        matches!(error, DecodeError::Prometheus { kind, warnings, .. } if kind == "bad_data" && warnings == ["w"])
    );
    let relayed = r#"{"status":"error","errorType":"session","error":"no session","next":"Sign in again.","data":[1]}"#;
    assert_eq!(decode(relayed).unwrap_err().next_step(), "Sign in again.");
}

#[test]
fn a_page_is_not_json_and_its_beginning_is_shown() {
    let page = format!(
        "<html>\n<title>502 Bad   Gateway</title>{}",
        "x".repeat(5000)
    );
    let error = decode(&page).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("begins with: <html> <title>502 Bad Gateway</title>xxx")
    );
    let DecodeError::NotJson { head } = error else {
        panic!("not NotJson")
    };
    assert_eq!(head.len(), 2048);
    for text in [
        "404 page not found",
        "null",
        "[]",
        "upstream connect error",
        "\u{1f}\u{8b}",
    ] {
        assert!(
            matches!(decode(text), Err(DecodeError::NotJson { .. })),
            "{text}"
        );
    }
}

#[test]
fn a_cut_or_empty_body_is_truncated_wherever_the_cut_is() {
    let body = range(&[series("ä", r#"[1000.5,"-1.5e3"],[1010,-2.5e-3],[1020,7]"#)]);
    assert!(decode(&body).is_ok());
    for at in 0..body.len() {
        let mut decoder = Decoder::new(Expect::Grid(grid()), Limits::default());
        decoder.feed(&body.as_bytes()[..at]).unwrap();
        let error = decoder.finish().unwrap_err();
        assert_eq!(
            error,
            DecodeError::Truncated { at: at as u64 },
            "cut at {at}"
        );
    }
    assert_eq!(decode(" \n").unwrap_err(), DecodeError::Truncated { at: 2 });
}

#[test]
fn a_wrong_shape_says_what_was_wanted_and_where() {
    let cases = [
        (
            r#"{"message":"Unauthorized"}"#,
            "a \"status\" of \"success\" or \"error\"",
        ),
        (r#"{"status":"success"}"#, "\"data\" with a \"result\""),
        (
            r#"{"status":"success","data":["a"]}"#,
            "\"data\" with a \"result\"",
        ),
        (
            r#"{"status":"success","data":{"result":[]}}"#,
            "a \"resultType\" of matrix, vector, scalar or string",
        ),
        (
            r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"values":[]}]}}"#,
            "a \"result\" that fits its \"resultType\"",
        ),
        (
            r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1000,"1"],[2]]}]}}"#,
            "a list of [time, value]",
        ),
        (
            r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1000,"one"]]}]}}"#,
            "a list of [time, value]",
        ),
        (
            r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":1}}]}}"#,
            "an object of label names and values",
        ),
        (
            r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1e300,"1"]]}]}}"#,
            "a list of [time, value]",
        ),
        (
            r#"{"status":"success","data":{"resultType":"matrix","result":[{"value":[1,"1"],"values":[]}]}}"#,
            "a series with either \"value\" or \"values\"",
        ),
        (
            r#"{"status":"success","data":{"resultType":"matrix","result":[]}} {}"#,
            "the end of the body",
        ),
        (
            r#"{"status":"success","data":{"resultType":"matrix","result":[<html>"#,
            "valid JSON",
        ),
    ];
    for (body, wanted) in cases {
        match decode(body) {
            Err(DecodeError::Shape { want, near, .. }) => {
                assert_eq!(want, wanted, "{body}");
                assert!(!near.is_empty());
            }
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn the_place_of_a_wrong_shape_is_counted_over_lines() {
    let body = format!("{}\n\n[1000,\"x\"]", range(&[]).trim_end_matches("]}}"));
    let Err(DecodeError::Shape { at, near, .. }) = decode(&body) else {
        panic!("not a shape")
    };
    assert!(
        (HEAD.len() as u64..=body.len() as u64).contains(&at),
        "{at}"
    );
    assert!(near.contains("[1000"), "{near}");
}

#[test]
fn samples_beside_the_grid_are_counted_and_left_out() {
    let found = matrix(&range(&[series(
        "a",
        r#"[999,"1"],[1000,"2"],[1000.001,"3"],[1000,"4"],[1040,"5"]"#,
    )]));
    assert_eq!(found.values(0)[0], 4.0);
    assert_eq!(
        (
            found.meta().off_grid,
            found.meta().repeated,
            found.meta().samples
        ),
        (3, 1, 5)
    );
    let shifted = range(&[series("a", r#"[1005,"1"],[1015,"2"]"#)]);
    let error = decode(&shifted).unwrap_err();
    assert_eq!(
        error,
        DecodeError::OffGrid {
            samples: 2,
            first_ms: 1_005_000,
            step_ms: 10_000
        }
    );
    assert!(error.next_step().contains("nocache=1"));
}

#[test]
fn each_limit_has_its_own_error() {
    let three = |which: &str| series(which, r#"[1000,"1"],[1010,"1"],[1020,"1"]"#);
    let body = range(&[three("a"), three("b")]);
    let limits = Limits::default();
    let cases = [
        (
            Limits {
                bytes: 99,
                ..limits
            },
            "bytes",
            99,
        ),
        (
            Limits {
                series: 1,
                ..limits
            },
            "series",
            1,
        ),
        (
            Limits {
                samples: 5,
                ..limits
            },
            "samples",
            5,
        ),
        (Limits { cells: 7, ..limits }, "cells", 7),
        (
            Limits {
                label_bytes: 27,
                ..limits
            },
            "label bytes",
            27,
        ),
    ];
    for (limits, what, cap) in cases {
        let error = decode_with(Expect::Grid(grid()), limits, &body).unwrap_err();
        assert_eq!(error, DecodeError::Limit { what, cap });
    }
    let exact = Limits {
        bytes: body.len() as u64,
        series: 2,
        samples: 6,
        cells: 8,
        label_bytes: 38,
    };
    assert!(decode_with(Expect::Grid(grid()), exact, &body).is_ok());
}

#[test]
fn an_unknown_grid_is_found_from_the_samples() {
    let body = range(&[
        series("a", r#"[1000,"1"],[1030,"2"]"#),
        series("b", r#"[1045,"3"]"#),
    ]);
    let Body::Matrix(found) = decode_with(Expect::Discover, Limits::default(), &body).unwrap()
    else {
        panic!("not a matrix")
    };
    assert_eq!(
        *found.grid(),
        Grid {
            start_ms: 1_000_000,
            step_ms: 15_000,
            points: 4
        }
    );
    assert_eq!(
        (found.values(0)[0], found.values(0)[2], found.values(1)[3]),
        (1.0, 2.0, 3.0)
    );
    assert!(is_gap(found.values(1)[0]));
    let single = range(&[series("a", r#"[1000,"1"],[1000,"2"]"#)]);
    let Body::Matrix(found) = decode_with(Expect::Discover, Limits::default(), &single).unwrap()
    else {
        panic!("not a matrix")
    };
    assert_eq!(
        (found.grid().points, found.values(0), found.meta().repeated),
        (1, &[2.0][..], 1)
    );
    let ragged = range(&[series(
        "a",
        r#"[1000.001,"1"],[1015.002,"2"],[1900.004,"2"]"#,
    )]);
    let error = decode_with(Expect::Discover, Limits::default(), &ragged).unwrap_err();
    assert!(matches!(
        error,
        DecodeError::OffGrid {
            step_ms: 1,
            samples: 3,
            ..
        }
    ));
}

#[test]
fn a_long_range_of_a_sparse_series_does_not_ask_for_all_memory() {
    let wide = Grid::new(0, i64::from(u32::MAX - 1), 1).unwrap();
    let body = range(&[series("a", r#"[0,"1"]"#)]);
    let error = decode_with(Expect::Grid(wide), Limits::default(), &body).unwrap_err();
    assert!(matches!(error, DecodeError::Limit { what: "cells", .. }));
}
