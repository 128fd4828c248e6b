//! What a user would lose: a sample changed, moved or dropped on its way from the server to the ranking.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test should stop"
)]

use casebook_core::decode::{Body, DecodeError, Decoder, Expect, Limits};
use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::matrix::{Matrix, is_gap};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// A generated answer: what was put in, and the bytes that a server would send.
#[derive(Debug, Clone)]
struct Answer {
    grid: Grid,
    series: Vec<(Labels, Vec<Option<f64>>)>,
    body: String,
}

/// How servers write the same thing.
#[derive(Debug, Clone, Copy)]
struct Dialect {
    /// VictoriaMetrics writes `.5` where Prometheus writes `.500`.
    shortest_times: bool,
    exponents: bool,
    bare_numbers: bool,
    spaces: bool,
    result_first: bool,
}

fn dialects() -> impl Strategy<Value = Dialect> {
    any::<[bool; 5]>().prop_map(
        |[
            shortest_times,
            exponents,
            bare_numbers,
            spaces,
            result_first,
        ]| Dialect {
            shortest_times,
            exponents,
            bare_numbers,
            spaces,
            result_first,
        },
    )
}

fn grids() -> impl Strategy<Value = Grid> {
    let steps = prop_oneof![
        Just(1),
        Just(250),
        Just(1000),
        Just(10_000),
        Just(3_600_000)
    ];
    (-1_000_000_i64..4_000_000_000_000, steps, 1_u32..40).prop_map(|(start_ms, step_ms, points)| {
        Grid {
            start_ms,
            step_ms,
            points,
        }
    })
}

fn labels() -> impl Strategy<Value = Labels> {
    let name = prop_oneof!["[a-z_]{1,8}", Just("__name__".to_owned()), "\\PC{1,6}"];
    btree_map(name, any::<String>(), 0..5).prop_map(|map| map.into_iter().collect())
}

fn values() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        1 => Just(None),
        4 => any::<f64>().prop_map(Some),
        4 => (-1e6_f64..1e6).prop_map(Some),
        1 => Just(Some(f64::NAN)),
        1 => prop_oneof![Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(-0.0)].prop_map(Some),
    ]
}

fn answers() -> impl Strategy<Value = Answer> {
    (grids(), dialects()).prop_flat_map(|(grid, dialect)| {
        let row = (labels(), vec(values(), grid.points as usize));
        vec(row, 0..6).prop_map(move |series| Answer {
            grid,
            body: written(grid, &series, dialect),
            series,
        })
    })
}

fn written(grid: Grid, series: &[(Labels, Vec<Option<f64>>)], dialect: Dialect) -> String {
    let space = if dialect.spaces { " \n" } else { "" };
    let samples = |row: &[Option<f64>]| {
        let present = row
            .iter()
            .enumerate()
            .filter_map(|(step, value)| Some((step, (*value)?)));
        let texts = present.map(|(step, value)| {
            format!(
                "[{},{space}{}]",
                time(grid.time_ms(step as u32), dialect),
                number(value, dialect)
            )
        });
        texts.collect::<Vec<_>>().join(",")
    };
    let objects = series.iter().map(|(labels, row)| {
        let metric = serde_json::to_string(labels).unwrap();
        format!(
            r#"{{"metric":{metric},{space}"values":[{}]}}"#,
            samples(row)
        )
    });
    let result = format!(r#""result":[{}]"#, objects.collect::<Vec<_>>().join(","));
    let kind = r#""resultType":"matrix""#;
    let data = if dialect.result_first {
        format!("{result},{kind}")
    } else {
        format!("{kind},{result}")
    };
    format!(r#"{{"status":"success",{space}"data":{{{data}}},"warnings":["w"]}}"#)
}

fn time(time_ms: i64, dialect: Dialect) -> String {
    let (sign, ms) = (if time_ms < 0 { "-" } else { "" }, time_ms.abs());
    if ms % 1000 == 0 {
        return format!("{sign}{}", ms / 1000);
    }
    let text = format!("{sign}{}.{:03}", ms / 1000, ms % 1000);
    if dialect.shortest_times {
        text.trim_end_matches('0').to_owned()
    } else {
        text
    }
}

fn number(value: f64, dialect: Dialect) -> String {
    let text = match value {
        v if v.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        v if dialect.exponents => format!("{v:e}"),
        v => format!("{v}"),
    };
    if dialect.bare_numbers && value.is_finite() {
        text
    } else {
        format!("\"{text}\"")
    }
}

fn decode(expect: Expect, body: &[u8], cuts: &[usize]) -> Result<Body, DecodeError> {
    let mut decoder = Decoder::new(expect, Limits::default());
    let mut from = 0;
    for cut in cuts.iter().map(|cut| cut % (body.len() + 1)) {
        if cut > from {
            decoder.feed(&body[from..cut])?;
            from = cut;
        }
    }
    decoder.feed(&body[from..])?;
    assert_eq!(decoder.bytes_seen(), body.len() as u64);
    decoder.finish()
}

fn matrix(outcome: Result<Body, DecodeError>) -> Matrix {
    match outcome {
        Ok(Body::Matrix(matrix)) => matrix,
        other => panic!("not a matrix: {other:?}"),
    }
}

fn bits(matrix: &Matrix) -> Vec<Vec<u64>> {
    (0..matrix.rows())
        .map(|row| matrix.values(row).iter().map(|v| v.to_bits()).collect())
        .collect()
}

proptest! {
    #[test]
    fn every_sample_comes_back_at_its_step_with_its_bits(answer in answers()) {
        let found = matrix(decode(Expect::Grid(answer.grid), answer.body.as_bytes(), &[]));
        prop_assert_eq!(found.rows(), answer.series.len());
        prop_assert_eq!(found.meta().off_grid, 0);
        prop_assert_eq!(&found.meta().warnings, &["w"]);
        let samples = answer.series.iter().flat_map(|(_, row)| row).flatten().count();
        prop_assert_eq!(found.meta().samples, samples as u64);
        for (row, (labels, values)) in answer.series.iter().enumerate() {
            prop_assert_eq!(found.labels(row), labels);
            for (value, put_in) in found.values(row).iter().zip(values) {
                match put_in {
                    None => prop_assert!(is_gap(*value)),
                    Some(put_in) if put_in.is_nan() => prop_assert!(value.is_nan() && !is_gap(*value)),
                    Some(put_in) => prop_assert_eq!(value.to_bits(), put_in.to_bits()),
                }
            }
        }
    }

    #[test]
    fn any_cut_into_chunks_gives_the_same_answer(answer in answers(), mut cuts in vec(any::<usize>(), 0..20)) {
        let whole = matrix(decode(Expect::Grid(answer.grid), answer.body.as_bytes(), &[]));
        cuts.iter_mut().for_each(|cut| *cut %= answer.body.len() + 1);
        cuts.sort_unstable();
        let cut = matrix(decode(Expect::Grid(answer.grid), answer.body.as_bytes(), &cuts));
        prop_assert_eq!(bits(&whole), bits(&cut));
        prop_assert_eq!(whole.meta(), cut.meta());
    }

    #[test]
    fn an_unknown_grid_holds_every_sample(answer in answers()) {
        let known = matrix(decode(Expect::Grid(answer.grid), answer.body.as_bytes(), &[]));
        let found = matrix(decode(Expect::Discover, answer.body.as_bytes(), &[]));
        prop_assert_eq!(found.meta(), known.meta());
        for row in 0..found.rows() {
            for (step, value) in known.values(row).iter().enumerate().filter(|(_, value)| !is_gap(**value)) {
                let there = found.grid().step_at(known.grid().time_ms(step as u32)).unwrap();
                prop_assert_eq!(found.values(row)[there as usize].to_bits(), value.to_bits());
            }
        }
    }

    #[test]
    fn a_cut_body_is_never_taken_for_a_whole_one(answer in answers(), at in any::<proptest::sample::Index>()) {
        let cut = &answer.body.as_bytes()[..at.index(answer.body.len())];
        let error = decode(Expect::Grid(answer.grid), cut, &[]).unwrap_err();
        prop_assert_eq!(error, DecodeError::Truncated { at: cut.len() as u64 });
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in vec(any::<u8>(), 0..400), grid in grids()) {
        let _ = decode(Expect::Grid(grid), &bytes, &[]);
        let mut object = b"{".to_vec();
        object.extend(bytes);
        let _ = decode(Expect::Discover, &object, &[]);
    }

    #[test]
    fn a_damaged_answer_is_an_error_with_words_or_another_answer(
        answer in answers(),
        damage in vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        discover in any::<bool>(),
    ) {
        let mut bytes = answer.body.clone().into_bytes();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let expect = if discover { Expect::Discover } else { Expect::Grid(answer.grid) };
        if let Err(error) = decode(expect, &bytes, &[]) {
            prop_assert!(!error.to_string().is_empty() && !error.next_step().is_empty());
        }
    }
}
