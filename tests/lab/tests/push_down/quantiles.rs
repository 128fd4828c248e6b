//! Quantiles, amplitudes and objectives, as PromQL says them and as the core does. If these fail, a cell and a dashboard
//! beside it show two P90s of the same minutes.

use casebook_core::amplitude::{Kind, rank_by};
use casebook_core::matrix::Matrix;
use casebook_core::slo::{Breach, Objective, Over, breach};

use crate::by_labels;
use crate::engine::{Engine, Engines, nameless};
use crate::fleet::{end, gauges, grid};

const SERVERS: usize = 40;

/// What PromQL says of each series over the same 31 steps: with the first one, whichever way a version takes the edge.
fn over_time(engine: &Engine, expression: &str) -> Vec<(casebook_core::labels::Labels, f64)> {
    let query = expression.replace("[]", "[5m1ms:10s]");
    engine.instant(&query, end() * 1000)
}

fn held(matrix: &Matrix, threshold: f64, quantile: Option<f64>, over: Over) -> Breach {
    let objective = Objective {
        threshold,
        below: true,
        quantile,
        over,
    };
    breach(matrix, &objective)
}

#[test]
fn promql_and_the_core_say_the_same_p90_over_time_and_over_servers() {
    let engines = Engines::holding(&gauges(SERVERS, 7, end()));
    let engine = &engines.both[0];
    let level = engine.range("level", grid(end(), 300, 10));
    assert_eq!((level.rows(), level.meta().samples), (SERVERS, 31 * 40));

    // Below any value, so that every series breaks it, and says its number.
    let ours = held(&level, 0.0, Some(0.9), Over::Time);
    let theirs = by_labels(&over_time(engine, "quantile_over_time(0.9, level[])"));
    assert_eq!(ours.lines.len(), SERVERS);
    for line in &ours.lines {
        assert_eq!(line.value, theirs[&nameless(&line.labels)], "{}", line.name);
    }

    let at_steps = engine.range("quantile(0.9, level)", grid(end(), 300, 10));
    let mut sorted = at_steps.values(0).to_vec();
    sorted.sort_by(f64::total_cmp);
    let ours = held(&level, sorted[15], Some(0.9), Over::Series);
    let theirs = held(&at_steps, sorted[15], None, Over::Requests);
    assert_eq!(ours.lines[0].runs, theirs.lines[0].runs);
    assert_eq!(ours.lines[0].worst, sorted[30]);
}

#[test]
fn each_kind_of_amplitude_is_the_promql_that_its_documentation_says() {
    let engines = Engines::holding(&gauges(SERVERS, 7, end()));
    let engine = &engines.both[0];
    let level = engine.range("level", grid(end(), 300, 10));
    let peak = "(max_over_time(level[]) - min_over_time(level[]))";
    for (kind, promql) in [
        (Kind::PeakToPeak, peak.to_owned()),
        (
            Kind::P95P5,
            "quantile_over_time(0.95, level[]) - quantile_over_time(0.05, level[])".to_owned(),
        ),
        (
            Kind::Relative,
            format!("{peak} / abs(quantile_over_time(0.5, level[]))"),
        ),
    ] {
        let theirs = by_labels(&over_time(engine, &promql));
        let ours = rank_by(&level, kind, None);
        assert_eq!(ours.ranked.len(), SERVERS);
        for found in ours.ranked {
            assert_eq!(
                found.value,
                Some(theirs[&nameless(&found.labels)]),
                "{kind:?} {}",
                found.name
            );
        }
    }
}
