//! One picture for each idea, with the sentences that the core has for it.

use casebook_core::amplitude::rank;
use casebook_core::grid::Grid;
use casebook_core::labels::Labels;
use casebook_core::matrix::{GAP, Matrix};
use casebook_core::onset::onsets;
use casebook_core::recheck::{RecheckSettings, recheck};
use casebook_core::suspects::{SuspectRow, Verdict, VerdictKind};
use casebook_core::svg::{ChartOptions, OnsetMark, Threshold, UsualMark, chart};

use crate::fleet::{HOUR, START_MS, STEP_MS, Server, WINDOW, answer, calm, judged, server};

/// A picture, and what the page must quote.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) svg: String,
    pub(crate) said: Vec<String>,
}

/// In the order of the page.
pub(crate) fn all() -> Vec<Scene> {
    vec![
        amplitude(),
        habit(),
        swing(),
        level(),
        limit(),
        peers(),
        onset(),
        silent(),
        clear(),
        tie(),
        common(),
        recovered(),
    ]
}

fn scene(name: &'static str, svg: &str, said: Vec<String>) -> Scene {
    Scene {
        name,
        svg: in_ascii(svg),
        said,
    }
}

/// The same drawing without a letter that the site's markdown preview could not read: it shows no SVG beyond Latin-1.
fn in_ascii(svg: &str) -> String {
    let escaped = |letter: char| match letter.is_ascii() {
        true => letter.to_string(),
        false => format!("&#{};", u32::from(letter)),
    };
    svg.chars().map(escaped).collect()
}

fn options(title: &str) -> ChartOptions {
    ChartOptions {
        title: title.to_owned(),
        width: 720,
        height: 260,
        ..ChartOptions::default()
    }
}

fn small(title: &str) -> ChartOptions {
    ChartOptions {
        width: 560,
        height: 220,
        ..options(title)
    }
}

fn band(from: i64, to: i64, label: &str) -> Option<OnsetMark> {
    Some(OnsetMark {
        after_ms: START_MS + from * STEP_MS,
        by_ms: START_MS + to * STEP_MS,
        label: label.to_owned(),
    })
}

/// What is usual for the suspect, as the notebook marks it.
fn usual(verdict: &Verdict) -> Option<UsualMark> {
    let found = verdict.ranking.iter().find_map(|row| row.usual)?;
    Some(UsualMark {
        low: found.low,
        high: found.high,
        label: "usual: P5 to P95 of the 1 h before".to_owned(),
    })
}

fn row_of<'a>(verdict: &'a Verdict, name: &str) -> &'a SuspectRow {
    let rows = verdict.ranking.iter();
    let mut found = rows.filter(|row| row.labels.get("which") == Some(name));
    found.next().unwrap()
}

/// Eight servers of unlike levels and swings; the fifth is the one that changed.
fn fleet(changed: Server) -> Vec<Server> {
    vec![
        calm("object0", 12.0, 0.3),
        calm("object1", 31.0, 0.5),
        calm("object2", 8.0, 0.25),
        calm("object3", 22.0, 0.7),
        changed,
        calm("object5", 27.0, 0.4),
        calm("object6", 24.0, 1.6),
        calm("object7", 14.0, 0.6),
    ]
}

/// Three times its noise from 07:01:20 on.
fn wider(name: &'static str, level: f64, scale: f64) -> Server {
    server(name, move |step, noise| {
        level + scale * noise * if step > 8 { 3.0 } else { 1.0 }
    })
}

fn amplitude() -> Scene {
    let now = answer(&fleet(wider("object4", 17.0, 0.5)), WINDOW);
    let ranking = rank(&now);
    let first = &ranking.ranked[0];
    let (low, high) = (first.min.unwrap(), first.max.unwrap());
    let options = ChartOptions {
        highlight: vec![first.row],
        usual: Some(UsualMark {
            low,
            high,
            label: format!("amplitude {:.1}: from {low:.1} to {high:.1}", high - low),
        }),
        ..options("Amplitude: the greatest value minus the least")
    };
    scene("amplitude", &chart(&now, &options), Vec::new())
}

fn habit() -> Scene {
    let servers = fleet(wider("object4", 17.0, 0.5));
    let verdict = judged(&servers);
    let whole = answer(&servers[4..5], *HOUR.start()..=*WINDOW.end());
    let options = ChartOptions {
        highlight: vec![0],
        onset: band(0, 30, "the window"),
        usual: usual(&verdict),
        ..options("Habit: twelve windows before, each as long as this one")
    };
    let said = verdict.checks.iter().find(|c| c.name == "own_baseline");
    let said = vec![said.unwrap().sentence.clone()];
    scene("habit", &chart(&whole, &options), said)
}

fn swing() -> Scene {
    let servers = vec![
        calm("loud", 30.0, 2.0),
        wider("quiet", 12.0, 0.4),
        calm("a", 21.0, 0.5),
        calm("b", 5.0, 0.5),
    ];
    let verdict = judged(&servers);
    let named = |name: &str| {
        let row = row_of(&verdict, name);
        let (now, habit) = (row.amplitude.unwrap(), row.baseline_amplitude.unwrap());
        format!("{name}: {now:.1} now, {habit:.1} before")
    };
    let names = [named("loud"), named("quiet")];
    let whole = answer(&servers, -120..=30);
    let rows = (0..2).map(|row| {
        let label = Labels::from([("which", names[row].as_str())]);
        (label, whole.values(row).to_vec())
    });
    let two = Matrix::from_rows(*whole.grid(), rows.collect::<Vec<_>>());
    let options = ChartOptions {
        onset: band(0, 30, "the window"),
        ..options("Swing ratio: the loud one is as always, the quiet one is not")
    };
    let warning = verdict.warnings.iter().find(|w| w.starts_with("Amplitude"));
    let said = vec![verdict.reason.clone(), warning.unwrap().clone()];
    scene("swing-ratio", &chart(&two, &options), said)
}

fn stuck() -> Server {
    server("object4", |step, noise| {
        17.0 + 0.5 * noise + if step > 8 { 3.0 } else { 0.0 }
    })
}

fn level() -> Scene {
    let servers = fleet(server("object4", |step, noise| {
        17.0 + 0.5 * noise + if step > -3 { 3.0 } else { 0.0 }
    }));
    let verdict = judged(&servers);
    let options = ChartOptions {
        highlight: vec![4],
        usual: usual(&verdict),
        ..options("Level: it does not swing, and stands elsewhere")
    };
    let now = answer(&servers, WINDOW);
    let said = vec![verdict.reason.clone()];
    scene("level", &chart(&now, &options), said)
}

/// How far each window was from the others of its series, in units; the last one is the window itself.
fn limit() -> Scene {
    let servers = fleet(wider("object4", 17.0, 0.5));
    let verdict = judged(&servers);
    let windows: Vec<Vec<f64>> = (-12..=0)
        .map(|window| {
            let first = window * 30 - i64::from(window < 0);
            let part = answer(&servers, first..=first + 30);
            let mut found = rank(&part).ranked;
            found.sort_by_key(|amplitude| amplitude.row);
            found
                .into_iter()
                .map(|found| found.value.unwrap())
                .collect()
        })
        .collect();
    let (before, now) = windows.split_at(12);
    let rows = (0..servers.len()).map(|row| {
        let suspect = verdict.ranking.iter().find(|found| found.row == row);
        let suspect = suspect.unwrap();
        let swing = suspect.swing.unwrap();
        let unit = swing.ratio.ln() / swing.units;
        let mut units: Vec<f64> = (0..12)
            .map(|window| {
                let others = before.iter().enumerate().filter(|(at, _)| *at != window);
                let others = others.map(|(_, swings)| swings[row]).collect();
                (before[window][row] / median(others)).ln() / unit
            })
            .collect();
        assert!((now[0][row] - suspect.amplitude.unwrap()).abs() < 1e-9);
        units.push(swing.units);
        (suspect.labels.clone(), units)
    });
    let grid = Grid::new(START_MS - 12 * 300_000, START_MS, 300_000).unwrap();
    let matrix = Matrix::from_rows(grid, rows.collect::<Vec<_>>());
    let most = row_of(&verdict, "object4").swing.unwrap().limit;
    let options = ChartOptions {
        unit: "units".to_owned(),
        threshold: Some(Threshold {
            value: most,
            label: "limit".to_owned(),
        }),
        highlight: vec![4],
        ..options("Each window against the others, in units of usual variation")
    };
    let said = verdict.checks.iter().find(|check| check.name == "chance");
    let said = vec![said.unwrap().sentence.clone()];
    scene("limit", &chart(&matrix, &options), said)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn peers() -> Scene {
    let servers = fleet(stuck());
    let verdict = judged(&servers);
    let now = answer(&servers, WINDOW);
    let rows = (0..servers.len()).map(|row| {
        let found = verdict.ranking.iter().find(|found| found.row == row);
        let found = found.unwrap();
        let (usual, scale) = (
            found.baseline_level.unwrap(),
            found.baseline_amplitude.unwrap(),
        );
        let values = now.values(row).iter().map(|value| (value - usual) / scale);
        (found.labels.clone(), values.collect())
    });
    let matrix = Matrix::from_rows(*now.grid(), rows.collect::<Vec<_>>());
    let options = ChartOptions {
        highlight: vec![4],
        ..options("Peers: each server less its own level, in its own swings")
    };
    let said = verdict.checks.iter().find(|check| check.name == "peers");
    let said = vec![said.unwrap().sentence.clone()];
    scene("peers", &chart(&matrix, &options), said)
}

fn onset() -> Scene {
    let servers = fleet(stuck());
    let now = answer(&servers, WINDOW);
    let found = onsets(&now, Some(&answer(&servers, HOUR)), &[4]);
    let first = &found.order[0];
    assert_eq!((first.row, first.by_ms - first.after_ms), (4, STEP_MS));
    let options = ChartOptions {
        highlight: vec![4],
        onset: band(
            (first.after_ms - START_MS) / STEP_MS,
            (first.by_ms - START_MS) / STEP_MS,
            "higher since 07:01:20–07:01:30 UTC",
        ),
        usual: usual(&judged(&servers)),
        ..options("Onset: between the last step before and the first one after")
    };
    scene(
        "onset",
        &chart(&now, &options),
        vec![first.sentence.clone()],
    )
}

fn silent() -> Scene {
    let servers = vec![
        calm("as always", 12.0, 0.5),
        server("stands still", |step, noise| {
            if step >= 0 { 18.0 } else { 18.0 + 0.5 * noise }
        }),
        server(
            "vanished",
            |step, noise| {
                if step > 16 { GAP } else { 24.0 + 0.5 * noise }
            },
        ),
        calm("as always, too", 6.0, 0.5),
    ];
    let verdict = judged(&servers);
    let checks = verdict.checks.iter();
    let said = checks.filter(|check| ["frozen", "disappeared"].contains(&check.name));
    let said: Vec<String> = said.map(|check| check.sentence.clone()).collect();
    assert_eq!(said.len(), 2, "{:?}", verdict.checks);
    let now = answer(&servers, WINDOW);
    let options = options("Silent: what swings and levels cannot show");
    scene("silent", &chart(&now, &options), said)
}

fn clear() -> Scene {
    let servers = fleet(wider("object4", 17.0, 0.5));
    decided("clear", "Clear", &servers, &[4], VerdictKind::Clear)
}

fn tie() -> Scene {
    let mut servers = fleet(wider("object4", 17.0, 0.5));
    servers[7] = wider("object7", 14.0, 0.5);
    decided("tie", "Tie", &servers, &[4, 7], VerdictKind::Tie)
}

fn common() -> Scene {
    let names = [
        "object0", "object1", "object2", "object3", "object4", "object5",
    ];
    let servers: Vec<Server> = (0..6)
        .map(|at| {
            let slow = move |step: i64, noise: f64| {
                let more = if step > 8 {
                    5.0 + at as f64 / 10.0
                } else {
                    0.0
                };
                5.0 + 5.0 * at as f64 + 0.5 * noise + more
            };
            server(names[at], slow)
        })
        .collect();
    decided("none", "None", &servers, &[], VerdictKind::None)
}

fn decided(
    name: &'static str,
    title: &str,
    servers: &[Server],
    top: &[usize],
    kind: VerdictKind,
) -> Scene {
    let verdict = judged(servers);
    assert_eq!(verdict.kind, kind, "{}", verdict.reason);
    let options = ChartOptions {
        highlight: top.to_vec(),
        ..small(title)
    };
    let now = answer(servers, WINDOW);
    scene(name, &chart(&now, &options), vec![verdict.reason])
}

fn recovered() -> Scene {
    let servers = fleet(server("object4", |step, noise| {
        let odd = (9..70).contains(&step);
        17.0 + 0.5 * noise * if odd { 3.0 } else { 1.0 }
    }));
    let (before, baseline) = (answer(&servers, WINDOW), answer(&servers, HOUR));
    let after = answer(&servers, 72..=102);
    let labels = before.labels(4).clone();
    let found = recheck(
        &before,
        &after,
        Some(&baseline),
        &labels,
        &RecheckSettings::default(),
    );
    let options = ChartOptions {
        highlight: vec![4],
        onset: band(69, 71, "the fix"),
        usual: usual(&judged(&servers)),
        ..options("Re-check: back in the usual band")
    };
    let whole = answer(&servers, 0..=102);
    scene("recovered", &chart(&whole, &options), vec![found.sentence])
}
