//! What a user would lose: a chart that a browser refuses, or one that runs what a label says.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test should stop"
)]

use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::matrix::{GAP, Matrix};
use casebook_core::svg::{ChartOptions, OnsetMark, Threshold, UsualMark, chart};
use proptest::collection::vec;
use proptest::prelude::*;

/// Checks the XML that a chart uses: tags in pairs, attributes in double quotes and once, no bare `<` or `&`.
fn well_formed(svg: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg.trim_end();
    while let Some(start) = rest.find('<') {
        text_is_escaped(&rest[..start])?;
        let end = rest.find('>').ok_or("a tag without an end")?;
        let tag = &rest[start + 1..end];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes nothing"));
            }
        } else {
            let (name, attributes) = tag
                .trim_end_matches('/')
                .split_once(' ')
                .unwrap_or((tag.trim_end_matches('/'), ""));
            attributes_are_quoted(attributes)?;
            if !["svg", "style", "rect", "g", "path", "text"].contains(&name) {
                return Err(format!("<{name}> in a chart"));
            }
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
        rest = &rest[end + 1..];
    }
    if open.is_empty() && rest.is_empty() {
        Ok(())
    } else {
        Err(format!("left over: {open:?} {rest:?}"))
    }
}

fn text_is_escaped(text: &str) -> Result<(), String> {
    for (at, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"]
            .iter()
            .any(|entity| text[at..].starts_with(entity));
        if !known {
            return Err(format!("a bare & in {text:?}"));
        }
    }
    match text
        .chars()
        .find(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}' | '>'))
    {
        Some(c) => Err(format!("{c:?} in {text:?}")),
        None => Ok(()),
    }
}

fn attributes_are_quoted(mut rest: &str) -> Result<(), String> {
    let mut seen = Vec::new();
    while !rest.trim().is_empty() {
        let (name, after) = rest
            .split_once("=\"")
            .ok_or_else(|| format!("no quotes in {rest:?}"))?;
        let name = name.trim();
        if name.is_empty()
            || !name.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
            || seen.contains(&name)
        {
            return Err(format!("attribute {name:?}"));
        }
        if name.starts_with("on") || name.contains("href") {
            return Err(format!("{name} runs or loads"));
        }
        seen.push(name);
        let (value, after) = after.split_once('"').ok_or("an attribute without an end")?;
        text_is_escaped(value)?;
        rest = after;
    }
    Ok(())
}

fn values() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(GAP),
        Just(f64::NAN),
        any::<f64>(),
        Just(f64::INFINITY),
        -1e3_f64..1e3,
        Just(0.0)
    ]
}

fn matrices() -> impl Strategy<Value = Matrix> {
    (any::<i32>(), 1_i64..100_000_000, 0_usize..40).prop_flat_map(|(start, step_ms, points)| {
        let start_ms = i64::from(start) * 1000;
        let grid = Grid {
            start_ms,
            step_ms,
            points: points as u32,
        };
        let row = (any::<String>(), any::<String>(), vec(values(), points));
        let labelled = |(name, value, row): (String, String, Vec<f64>)| {
            (Labels::from([(name.as_str(), value.as_str())]), row)
        };
        vec(row, 0..12)
            .prop_map(move |rows| Matrix::from_rows(grid, rows.into_iter().map(labelled)))
    })
}

fn marks() -> impl Strategy<Value = (Option<OnsetMark>, Option<UsualMark>)> {
    let onset = (any::<i64>(), any::<i64>(), any::<String>());
    let usual = (values(), values(), any::<String>());
    (proptest::option::of(onset), proptest::option::of(usual)).prop_map(|(onset, usual)| {
        (
            onset.map(|(after_ms, by_ms, label)| OnsetMark {
                after_ms,
                by_ms,
                label,
            }),
            usual.map(|(low, high, label)| UsualMark { low, high, label }),
        )
    })
}

fn options() -> impl Strategy<Value = ChartOptions> {
    let threshold = proptest::option::of((values(), any::<String>()));
    let units = prop_oneof![
        any::<String>(),
        Just("s".to_owned()),
        Just("bytes".to_owned())
    ];
    let sizes = (any::<u32>(), any::<u32>(), 0_usize..12);
    (
        any::<String>(),
        units,
        threshold,
        vec(0_usize..14, 0..5),
        sizes,
        any::<bool>(),
        marks(),
    )
        .prop_map(
            |(
                title,
                unit,
                threshold,
                highlight,
                (width, height, max_series),
                zero_based,
                marks,
            )| {
                ChartOptions {
                    onset: marks.0,
                    usual: marks.1,
                    title,
                    unit,
                    threshold: threshold.map(|(value, label)| Threshold { value, label }),
                    highlight,
                    width,
                    height,
                    zero_based,
                    max_series,
                }
            },
        )
}

proptest! {
    #[test]
    fn every_chart_is_well_formed_and_escaped(matrix in matrices(), options in options()) {
        let svg = chart(&matrix, &options);
        prop_assert_eq!(well_formed(&svg), Ok(()));
        prop_assert_eq!(svg.matches("data-theme=\"light\"").count(), 1);
        for path in svg.split(" d=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            prop_assert!(!path.contains("NaN") && !path.contains("inf"), "{}", path);
        }
        prop_assert!(!svg.contains("=\"NaN\"") && !svg.contains("=\"inf\""), "{}", svg);
    }
}

#[test]
fn the_check_itself_finds_what_is_wrong() {
    for bad in [
        "<svg><text>a</svg>",
        "<svg>a & b</svg>",
        "<svg a=\"1\" a=\"2\"/>",
        "<svg a='1'/>",
        "<svg onload=\"x\"/>",
        "<svg><script/></svg>",
        "<svg>\u{1}</svg>",
        "<svg>",
    ] {
        assert!(well_formed(bad).is_err(), "{bad}");
    }
    assert_eq!(
        well_formed("<svg a=\"1&amp;\"><g/><text>x</text></svg>\n"),
        Ok(())
    );
}
