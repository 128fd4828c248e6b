//! The quick way and the general one: which is taken, and that it does not matter.

use super::*;

/// The general tokenizer is for what is unusual: without this test, a slip would only cost speed.
#[test]
fn a_body_as_prometheus_writes_it_goes_the_quick_way() {
    let samples = r#"[1000,"1.5"],[1010,"-2"],[1020,"1e-7"],[1030,"NaN"]"#;
    let many: Vec<String> = (0..50).map(|at| series(&at.to_string(), samples)).collect();
    let spaced = |space: &str| format!("{}{}", range(&many), space.repeat(200));
    let mut decoder = Decoder::new(Expect::Grid(grid()), Limits::default());
    decoder.feed(spaced("").as_bytes()).unwrap();
    // The envelope alone, and the end of the last series.
    let given = decoder.tokens.given;
    assert!((10..30).contains(&given), "{given} tokens");
    let Body::Matrix(found) = decoder.finish().unwrap() else {
        panic!("not a matrix")
    };
    assert_eq!(
        (
            found.meta().samples,
            found.meta().nan,
            found.meta().irregular
        ),
        (200, 50, 0)
    );
}

#[test]
fn what_is_written_otherwise_is_counted_by_series_and_means_the_same() {
    let plain = series("a", r#"[1000,"1.5"],[1010,"2"]"#);
    let others = [
        plain.replace(':', ": "),
        plain.replace("],", "],\n"),
        plain
            .replace('"', "")
            .replace("metric", "\"metric\"")
            .replace("values", "\"values\"")
            .replace(
                "__name__:level,which:a",
                r#""__name__":"level","which":"a""#,
            ),
        plain.replace("level", "\\u006cevel"),
        r#"{"values":[[1000,"1.5"],[1010,"2"]],"metric":{"which":"a","__name__":"level"}}"#
            .to_owned(),
        plain.replace("\"values\"", "\"new\":[{}],\"values\""),
        plain.replace("1000", "\"1000\""),
    ];
    for other in others {
        let found = matrix(&range(&[plain.clone(), other.clone(), plain.clone()]));
        assert_eq!(found.meta().irregular, 1, "{other}");
        assert_eq!(found.values(1)[..2], [1.5, 2.0], "{other}");
        assert_eq!(found.name(1), r#"level{which="a"}"#, "{other}");
    }
}

#[test]
fn names_shorter_and_longer_than_what_is_held_mean_the_same_in_chunks_of_any_size() {
    let samples = r#"[1000,"1.25"],[1010,"-2.1234567890123456"],[1020,"3"],[1030,"4"]"#;
    let lengths = [1, 60, 300, 450, 500, 900, 1700];
    let all: Vec<String> = lengths
        .iter()
        .map(|length| series(&"x".repeat(*length), samples))
        .collect();
    let body = range(&all);
    for size in (1..200).chain([511, 512, 513, 1023, 1024, 1025, 4096]) {
        let mut decoder = Decoder::new(Expect::Grid(grid()), Limits::default());
        let mut fed = 0;
        for chunk in body.as_bytes().chunks(size) {
            decoder.feed(chunk).unwrap();
            fed += chunk.len() as u64;
            assert_eq!(decoder.bytes_seen(), fed);
        }
        let Body::Matrix(found) = decoder.finish().unwrap() else {
            panic!("not a matrix")
        };
        assert_eq!(
            (found.rows(), found.meta().irregular),
            (lengths.len(), 0),
            "{size}"
        );
        for (row, length) in lengths.iter().enumerate() {
            assert_eq!(
                found.values(row),
                [1.25, -2.123_456_789_012_345_6, 3.0, 4.0],
                "{size}"
            );
            assert_eq!(
                found.labels(row).get("which").map(str::len),
                Some(*length),
                "{size}"
            );
        }
    }
}

#[test]
fn a_number_of_three_hundred_digits_is_exact() {
    let text = 1e300.to_string();
    let body = range(&[series("a", &format!(r#"[1000,"{text}"],[1010,"-{text}"]"#))]);
    assert_eq!(matrix(&body).values(0)[..2], [1e300, -1e300]);
}

#[test]
fn a_label_longer_than_allowed_is_refused_before_it_has_all_arrived() {
    let limits = Limits {
        label_bytes: 1000,
        ..Limits::default()
    };
    let mut decoder = Decoder::new(Expect::Grid(grid()), limits);
    decoder
        .feed(format!("{HEAD}{{\"metric\":{{\"a\":\"").as_bytes())
        .unwrap();
    decoder.feed(&[b'x'; 999]).unwrap();
    let refused = DecodeError::Limit {
        what: "label bytes",
        cap: 1000,
    };
    assert_eq!(decoder.feed(b"xx").unwrap_err(), refused);
    assert_eq!(decoder.feed(b"x").unwrap_err(), refused);
    assert_eq!(decoder.finish().unwrap_err(), refused);
}

#[test]
fn an_error_is_the_same_however_the_body_is_cut() {
    let wrong = range(&[series("a", r#"[1000,"1"],[1010,true],[1020,"1"]"#)]);
    let bodies = [
        wrong.clone(),
        range(&[series("a", r#"[01000,"1"],[1010,"1"]"#)]) + &" ".repeat(200),
        format!("<html>{}", "x".repeat(3000)),
        format!("{}]", range(&[])),
        format!("\u{feff}{wrong}"),
    ];
    for body in bodies {
        let whole = decode(&body).unwrap_err();
        let mut decoder = Decoder::new(Expect::Grid(grid()), Limits::default());
        let fed = body
            .as_bytes()
            .iter()
            .try_for_each(|byte| decoder.feed(&[*byte]));
        assert_eq!(
            fed.and_then(|()| decoder.finish().map(drop)).unwrap_err(),
            whole
        );
    }
}
