use super::*;
use crate::grid::Grid;
use crate::labels::Labels;
use crate::matrix::GAP;

fn fleet(servers: usize, points: usize) -> Matrix {
    let grid = Grid::new(
        1_795_330_800_000,
        1_795_330_800_000 + (points as i64 - 1) * 10_000,
        10_000,
    )
    .unwrap();
    let rows = (0..servers).map(|server| {
        let labels = Labels::from([
            ("__name__", "level"),
            ("which", format!("object{server}").as_str()),
        ]);
        let wave = move |i: usize| {
            server as f64 * 3.0 + ((i * (server + 3)) as f64).sin() * (1.0 + server as f64 / 4.0)
        };
        (labels, (0..points).map(wave).collect())
    });
    Matrix::from_rows(grid, rows)
}

fn count_of(svg: &str, text: &str) -> usize {
    svg.matches(text).count()
}

#[test]
fn the_theme_is_one_text_and_nothing_is_loaded_or_run() {
    let options = ChartOptions {
        title: "level".into(),
        highlight: vec![2],
        threshold: Some(Threshold {
            value: 9.0,
            label: "SLO".into(),
        }),
        ..ChartOptions::default()
    };
    let svg = chart(&fleet(5, 31), &options);
    assert_eq!(count_of(&svg, "data-theme=\"light\""), 1);
    assert!(svg.starts_with("<svg ") && svg.contains("[data-theme=\"dark\"]"));
    for forbidden in [
        "<script",
        "foreignObject",
        "href",
        "url(",
        "@import",
        "onload",
    ] {
        assert!(!svg.contains(forbidden), "{forbidden}");
    }
    assert!(svg.contains("aria-label=\"level: 5 series, 2026-11-22 07:00:00 to 07:05:00 UTC; highlighted: which=&quot;object2&quot;; line at SLO: 9\""));
    assert!(
        svg.contains(">07:01:00</text>")
            && svg.contains(">SLO: 9</text>")
            && svg.contains(">object2</text>")
    );
}

#[test]
fn the_highlighted_series_is_on_top_and_the_others_are_muted() {
    let options = ChartOptions {
        highlight: vec![1, 1, 99],
        ..ChartOptions::default()
    };
    let svg = chart(&fleet(12, 31), &options);
    assert_eq!(count_of(&svg, "class=\"cb-series cb-muted\""), 11);
    assert_eq!(count_of(&svg, "class=\"cb-series cb-top\""), 1);
    assert!(svg.rfind("cb-series cb-muted\"") < svg.find("class=\"cb-series cb-top\""));
    let few = chart(&fleet(8, 31), &ChartOptions::default());
    assert_eq!(
        (
            count_of(&few, "class=\"cb-series\""),
            count_of(&few, "class=\"cb-label\"")
        ),
        (8, 8)
    );
}

fn marked(after: i64, by: i64) -> String {
    let start = 1_795_330_800_000;
    let options = ChartOptions {
        highlight: vec![2],
        onset: Some(OnsetMark {
            after_ms: start + after,
            by_ms: start + by,
            label: "changed after 07:01:10 & by 07:01:20 UTC".into(),
        }),
        usual: Some(UsualMark {
            low: -40.0,
            high: 2.0,
            label: "usual".into(),
        }),
        ..ChartOptions::default()
    };
    chart(&fleet(5, 31), &options)
}

/// `x`, `y`, `width`, `height` of the rectangle of a class.
fn rectangle(svg: &str, class: &str) -> Option<[f64; 4]> {
    let rest = svg.split(&format!("<rect class=\"{class}\"")).nth(1)?;
    let number = |name: &str| rest.split(&format!(" {name}=\"")).nth(1)?.split('"').next();
    let [x, y, width, height] =
        ["x", "y", "width", "height"].map(|name| number(name)?.parse().ok());
    Some([x?, y?, width?, height?])
}

#[test]
fn the_onset_is_a_band_of_time_that_says_when_in_words() {
    let svg = marked(70_000, 80_000);
    let [x, y, width, height] = rectangle(&svg, "cb-onset").unwrap();
    let right = x + width;
    // Of 31 steps, from the eighth to the ninth.
    let plot = rectangle(&svg, "cb-usual").unwrap();
    assert!((x - (plot[0] + plot[2] * 7.0 / 30.0)).abs() < 0.2, "{x}");
    assert!((right - (plot[0] + plot[2] * 8.0 / 30.0)).abs() < 0.2);
    assert_eq!((y, height), (48.0, 232.0));
    assert!(svg.contains(">changed after 07:01:10 &amp; by 07:01:20 UTC</text>"));
    assert!(svg.contains("; changed after 07:01:10 &amp; by 07:01:20 UTC; usual: -40 to 2\""));
    let behind = svg.find("cb-onset\"").unwrap();
    assert!(
        behind < svg.find("class=\"cb-series").unwrap(),
        "bands are behind the lines"
    );
}

#[test]
fn an_onset_before_the_chart_is_told_and_not_drawn_where_it_was_not() {
    let svg = marked(-600_000, -590_000);
    assert!(rectangle(&svg, "cb-onset").is_none());
    assert!(svg.contains(">changed after 07:01:10 &amp; by 07:01:20 UTC</text>"));
    let edge = marked(-10_000, 0);
    assert!(rectangle(&edge, "cb-onset").is_some_and(|[_, _, width, _]| width > 1.0));
}

#[test]
fn the_usual_band_is_inside_of_the_value_axis_even_when_no_line_is_there() {
    let [_, y, _, height] = rectangle(&marked(0, 0), "cb-usual").unwrap();
    assert!(y > 48.0 && y + height < 280.0, "{y} {height}");
}

#[test]
fn a_gap_is_a_gap_and_a_lone_sample_a_dot() {
    let grid = Grid::new(0, 60_000, 10_000).unwrap();
    let values = vec![1.0, 2.0, GAP, 3.0, f64::INFINITY, 4.0, 5.0];
    let svg = chart(
        &Matrix::from_rows(grid, [(Labels::new(), values)]),
        &ChartOptions::default(),
    );
    let line = svg.split("class=\"cb-series\"").nth(1).unwrap();
    let path = line
        .split("d=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!((count_of(path, "M"), count_of(path, "L")), (3, 2), "{path}");
}

#[test]
fn too_many_series_are_not_drawn_and_the_chart_says_so() {
    let options = ChartOptions {
        max_series: 10,
        highlight: vec![0],
        ..ChartOptions::default()
    };
    let svg = chart(&fleet(50, 31), &options);
    assert_eq!(count_of(&svg, "class=\"cb-series cb-muted\""), 9);
    assert!(svg.contains(">10 of 50 series drawn, those of greatest amplitude</text>"));
}

#[test]
fn more_steps_than_pixels_keep_their_extremes() {
    let grid = Grid::new(0, 9_999_000, 1000).unwrap();
    let mut values = vec![0.0; 10_000];
    values[7777] = 50.0;
    let svg = chart(
        &Matrix::from_rows(grid, [(Labels::new(), values)]),
        &ChartOptions::default(),
    );
    assert!(svg.len() < 60_000, "{}", svg.len());
    let line = svg.split("class=\"cb-series\"").nth(1).unwrap();
    assert!(line.contains("L"), "no line");
    let heights = line.split(['M', 'L']).filter_map(|point| {
        point
            .split(' ')
            .nth(1)?
            .trim_end_matches("h0")
            .parse::<f64>()
            .ok()
    });
    let highest = heights.fold(f64::INFINITY, f64::min);
    assert!(highest < 70.0, "{highest}");
}

#[test]
fn nothing_to_draw_is_said() {
    let empty = Matrix::from_rows(Grid::empty(), []);
    let svg = chart(&empty, &ChartOptions::default());
    assert!(svg.contains("No samples in this window") && !svg.contains("NaN"));
    let gaps = Matrix::from_rows(
        Grid::new(0, 10, 10).unwrap(),
        [(Labels::new(), vec![GAP, GAP])],
    );
    assert!(
        chart(
            &gaps,
            &ChartOptions {
                width: 0,
                height: 0,
                max_series: 0,
                ..ChartOptions::default()
            }
        )
        .contains("No samples")
    );
}

#[test]
fn text_from_labels_cannot_leave_its_place() {
    let grid = Grid::new(0, 10_000, 10_000).unwrap();
    let evil = "</text><script>alert(1)</script>\u{0}\"' data-theme=\"light\"";
    let rows = ["a", evil].map(|value| (Labels::from([("which", value)]), vec![1.0, 2.0]));
    let options = ChartOptions {
        title: evil.into(),
        unit: "<b>".into(),
        ..ChartOptions::default()
    };
    let svg = chart(&Matrix::from_rows(grid, rows), &options);
    assert!(!svg.contains("<script") && !svg.contains("<b>") && !svg.contains('\0'));
    assert_eq!(count_of(&svg, "data-theme=\"light\""), 1);
}

#[test]
fn options_come_from_json_with_a_threshold_as_a_number_or_an_object() {
    let number: ChartOptions = serde_json::from_str(r#"{"title":"t","threshold":0.3}"#).unwrap();
    assert_eq!(
        number.threshold,
        Some(Threshold {
            value: 0.3,
            label: String::new()
        })
    );
    let object: ChartOptions =
        serde_json::from_str(r#"{"threshold":{"value":1,"label":"SLO"}}"#).unwrap();
    assert_eq!(object.threshold.unwrap().label, "SLO");
    assert_eq!((number.width, number.max_series), (760, 200));
    assert!(serde_json::from_str::<ChartOptions>(r#"{"treshold":1}"#).is_err());
}
