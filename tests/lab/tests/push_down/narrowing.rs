//! The same query for some of its series only.

use casebook_core::labels::Labels;
use casebook_lab::Series;

use crate::assert_narrowed;
use crate::engine::{Asked, Engines, nameless};
use crate::fleet::{Noise, end, grid, times};

#[test]
fn a_query_of_any_form_is_narrowed_to_the_same_samples() {
    let end = end();
    let mut noise = Noise::new(5);
    let mut series = Vec::new();
    for (index, trouble) in TROUBLE.iter().enumerate() {
        for zone in ["a", "b"] {
            let samples: Vec<_> = times(end - 5400..=end)
                .map(|time| (time, noise.even()))
                .collect();
            let number = index.to_string();
            let mut labels = vec![
                ("__name__", "nasty_total"),
                ("which", *trouble),
                ("zone", zone),
            ];
            if index % 3 == 0 {
                labels.push(("number", number.as_str()));
            }
            series.push(Series::new(labels, samples));
        }
    }
    let engines = Engines::holding(&series);
    for engine in &engines.both {
        for query in [
            "nasty_total",
            r#"nasty_total{zone=~"a|b", } offset 10m"#,
            r#"{__name__="nasty_total"} # "all" of it"#,
            "rate(nasty_total[2m])",
            "max_over_time(nasty_total[2m:20s])",
            "sum by (which) (rate(nasty_total[2m]))",
            "nasty_total / on (which) group_left sum by (which) (nasty_total)",
            "nasty_total > 0.01 or nasty_total < 0.001",
        ] {
            let asked = Asked::new(query, grid(end, 600, 10));
            let whole = engine.range(query, asked.grid);
            let labels: Vec<_> = (0..whole.rows())
                .map(|row| nameless(whole.labels(row)))
                .collect();
            assert!(labels.len() >= TROUBLE.len(), "{}: {query}", engine.name);
            for kept in labels.chunks(5) {
                assert_narrowed(engine, &asked, kept);
            }
        }
        let total = Asked::new("sum(nasty_total)", grid(end, 600, 10));
        assert_narrowed(engine, &total, &[Labels::new()]);
    }
}

/// Values of a label with what means something to a string, a pattern, a replacement or a selector.
const TROUBLE: [&str; 16] = [
    "a.b",
    "a|b",
    "x\"y",
    "it's `so`",
    "back\\slash",
    "new\nline",
    "tab\tand\rreturn",
    "$1 ${1} $$ $name",
    "^[a-z]*$",
    "{a=\"b\"}",
    "(?i)x{2}",
    "ü€😀",
    "% # @ ! ~",
    "control\u{7}\u{1f}\u{7f}\u{85}",
    "\u{2028}\u{feff}",
    " ",
];
