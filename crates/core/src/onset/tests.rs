use proptest::prelude::*;

use super::*;
use crate::grid::Grid;
use crate::labels::Labels;
use crate::matrix::{GAP, Matrix, NAN};

/// Knuth's MMIX generator: the same numbers on every machine.
struct Draw(u64);

impl Draw {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    fn noise(&mut self, points: usize) -> Vec<f64> {
        (0..points).map(|_| self.normal()).collect()
    }

    fn wandering(&mut self, points: usize) -> Vec<f64> {
        let mut last = 0.0;
        (0..points)
            .map(|_| {
                last = 0.8 * last + 0.6 * self.normal();
                last
            })
            .collect()
    }

    fn heavy(&mut self, points: usize) -> Vec<f64> {
        (0..points)
            .map(|_| self.normal() * (1.5 / (0.2 + self.uniform())).sqrt())
            .collect()
    }
}

fn share(runs: u64, of: impl Fn(&mut Draw) -> bool) -> f64 {
    (0..runs)
        .filter(|seed| of(&mut Draw::new(seed + 1)))
        .count() as f64
        / runs as f64
}

/// Noise of 1 around 20, with `change` applied to the values of the steps in `part`.
fn changed(draw: &mut Draw, part: std::ops::Range<usize>, change: impl Fn(f64) -> f64) -> Vec<f64> {
    let noise = draw.noise(31).into_iter().enumerate();
    let value = |(step, v): (usize, f64)| 20.0 + if part.contains(&step) { change(v) } else { v };
    noise.map(value).collect()
}

#[test]
fn a_step_is_found_between_the_last_sample_before_and_the_first_after() {
    let values = [3.0, 3.2, 2.9, 3.1, 3.0, 7.1, 6.9, 7.0, 7.2, 7.1];
    let found = onset(&values, 1.0).unwrap();
    assert_eq!((found.changed, found.ended), (Changed::Level, None));
    assert_eq!((found.last_before, found.first_after), (4, 5));
    assert!((found.before - 3.04).abs() < 1e-9 && (found.after - 7.06).abs() < 1e-9);
    assert!((found.size - 4.02).abs() < 1e-9 && found.gain > 1.0);
    let fallen: Vec<f64> = values.iter().map(|v| -v).collect();
    let fall = onset(&fallen, 1.0).unwrap();
    assert_eq!((fall.first_after, fall.size), (5, -found.size));
}

#[test]
fn gaps_nan_and_inf_widen_the_interval_and_are_no_values() {
    let values = [
        3.0,
        3.2,
        2.9,
        3.1,
        GAP,
        NAN,
        f64::INFINITY,
        7.1,
        6.9,
        7.0,
        7.2,
    ];
    let found = onset(&values, 1.0).unwrap();
    assert_eq!((found.last_before, found.first_after), (3, 7));
}

#[test]
fn a_burst_has_its_onset_at_its_beginning_wherever_it_lies() {
    for from in [4, 12, 20] {
        let found = onset(
            &changed(&mut Draw::new(7), from..from + 7, |v| v + 8.0),
            1.0,
        )
        .unwrap();
        assert_eq!(
            (found.last_before, found.first_after),
            (from as u32 - 1, from as u32)
        );
        assert_eq!(found.ended, Some((from as u32 + 6, from as u32 + 7)));
        assert!((found.size - 8.0).abs() < 1.5);
    }
}

#[test]
fn one_scrape_that_stands_out_is_a_spike_and_does_not_hide_the_step_beside_it() {
    for at in [0, 3, 15, 30] {
        let mut values = changed(&mut Draw::new(3), 0..0, |v| v);
        values[at] += 60.0;
        assert_eq!(onset(&values, 1.0), None, "at {at}");
        let mut step = changed(&mut Draw::new(3), 22..31, |v| v + 6.0);
        step[at] += 60.0;
        assert_eq!(onset(&step, 1.0).unwrap().first_after, 22, "at {at}");
    }
}

#[test]
fn whole_numbers_that_rarely_move_have_an_onset_when_they_jump_and_none_when_they_blink() {
    let jump = [vec![0.0; 15], vec![5.0; 15]].concat();
    assert_eq!(onset(&jump, 1.0).unwrap().first_after, 15);
    let mut blink = vec![0.0; 30];
    blink[12] = 1.0;
    assert_eq!(onset(&blink, 1.0), None);
    assert_eq!(onset(&[4.0; 30], 1.0), None);
    assert_eq!(onset(&[1.0, 2.0, 9.0, 9.0, 9.0], 1.0), None, "too few");
    // The last bits of 0.1 + 0.2.
    let rounding = [vec![0.3; 15], vec![0.1 + 0.2; 15]].concat();
    assert_eq!(onset(&rounding, 1.0), None);
}

#[test]
fn a_server_that_begins_to_swing_around_its_level_has_an_onset_too() {
    let wider = onset(&changed(&mut Draw::new(5), 15..31, |v| 6.0 * v), 1.0).unwrap();
    assert_eq!(wider.changed, Changed::Swing);
    assert!(
        wider.first_after.abs_diff(15) <= 2 && wider.size > 2.0,
        "{wider:?}"
    );
    let stops = share(200, |draw| {
        let found = onset(&changed(draw, 12..31, |_| 0.0), 1.0);
        found.is_some_and(|found| found.changed == Changed::Swing && found.size < 0.0)
    });
    assert!(stops >= 0.85, "{stops}");
}

#[test]
fn repeats_of_a_scrape_are_no_evidence_of_their_own() {
    let mut draw = Draw::new(11);
    let scraped = |draw: &mut Draw, jump: f64| -> Vec<f64> {
        let noise = draw.noise(12).into_iter().enumerate();
        noise
            .flat_map(|(k, v)| [v + if k < 6 { 0.0 } else { jump }; 3])
            .collect()
    };
    let alarms = share(300, |draw| onset(&scraped(draw, 0.0), 3.0).is_some());
    assert!(alarms < 0.1, "{alarms}");
    let found = onset(&scraped(&mut draw, 9.0), 3.0).unwrap();
    assert_eq!((found.last_before, found.first_after), (15, 18));
    let fleet = fleet(
        (0..3)
            .map(|_| scraped(&mut draw, 0.0))
            .chain([[vec![1.0; 15], vec![2.0; 21]].concat()]),
    );
    assert_eq!(points::scrape_steps(&fleet), [3.0; 4]);
}

#[test]
fn noise_alone_rarely_has_an_onset_in_one_series_or_in_two_hundred() {
    let of = |noise: fn(&mut Draw, usize) -> Vec<f64>, points| {
        share(1000, |draw| onset(&noise(draw, points), 1.0).is_some())
    };
    assert!(of(Draw::noise, 31) <= 0.04);
    assert!(of(Draw::noise, 10) <= 0.09);
    assert!(of(Draw::heavy, 31) <= 0.06);
    // Half of a wandering series looks like a change to anyone; this is why an onset is a hint.
    assert!(of(Draw::wandering, 31) <= 0.4);
    let alarms: usize = (0..10)
        .map(|seed| {
            let mut draw = Draw::new(seed + 99);
            onsets(&fleet((0..200).map(|_| draw.noise(31))), None, &[])
                .order
                .len()
        })
        .sum();
    assert!(alarms <= 5, "{alarms} in 10 fleets of 200");
}

#[test]
fn a_step_of_three_sigma_is_found_to_a_step() {
    let near = share(500, |draw| {
        let at = 5 + (draw.uniform() * 21.0) as usize;
        let found = onset(&changed(draw, at..31, |v| v + 3.0), 1.0);
        found.is_some_and(|found| found.first_after.abs_diff(at as u32) <= 1)
    });
    assert!(near >= 0.93, "{near}");
    let burst = share(500, |draw| {
        let at = 5 + (draw.uniform() * 14.0) as usize;
        let found = onset(&changed(draw, at..at + 7, |v| v + 5.0), 1.0);
        found.is_some_and(|found| {
            found.first_after.abs_diff(at as u32) <= 1 && found.ended.is_some()
        })
    });
    assert!(burst >= 0.97, "{burst}");
}

fn fleet(rows: impl IntoIterator<Item = Vec<f64>>) -> Matrix {
    fleet_at(0, rows)
}

fn fleet_at(start_ms: i64, rows: impl IntoIterator<Item = Vec<f64>>) -> Matrix {
    let rows: Vec<Vec<f64>> = rows.into_iter().collect();
    let grid = Grid::new(
        start_ms,
        start_ms + (rows[0].len() as i64 - 1) * 10_000,
        10_000,
    )
    .unwrap();
    let labels = |row: usize| Labels::from([("which", format!("s{row}").as_str())]);
    Matrix::from_rows(
        grid,
        rows.into_iter()
            .enumerate()
            .map(|(row, values)| (labels(row), values)),
    )
}

fn step_at(at: usize) -> Vec<f64> {
    changed(&mut Draw::new(at as u64), at..31, |v| v + 20.0)
}

#[test]
fn the_earliest_comes_first_and_those_that_a_step_cannot_tell_apart_share_a_place() {
    let answer = fleet([
        step_at(20),
        step_at(10),
        step_at(31),
        step_at(11),
        step_at(12),
    ]);
    let found = onsets(&answer, None, &[]);
    let places: Vec<(usize, usize)> = found.order.iter().map(|one| (one.row, one.place)).collect();
    assert_eq!(places, [(1, 1), (3, 1), (4, 3), (0, 4)]);
    assert_eq!(found.without, [2]);
    assert_eq!(
        found.sentence,
        r#"which="s1", which="s3" changed first, between 00:01:30 and 00:01:50 UTC; they cannot be told apart. 2 of 5 series changed later."#
    );
    assert!(
        found.order[3]
            .sentence
            .starts_with(r#"which="s0" rose from "#),
        "{}",
        found.order[3].sentence
    );
    let alone = onsets(&fleet([step_at(31), step_at(9)]), None, &[]);
    assert!(
        alone
            .sentence
            .starts_with(r#"which="s1" was first: it rose from "#),
        "{}",
        alone.sentence
    );
    let quiet = onsets(&fleet([step_at(31)]), None, &[]);
    assert_eq!(
        quiet.sentence,
        "None of the 1 series changes its level or its swing by more than its noise."
    );
}

#[test]
fn an_onset_before_the_window_is_found_for_those_who_are_asked_about() {
    let mut draw = Draw::new(2);
    let before = draw.noise(60).into_iter().enumerate();
    let before: Vec<f64> = before
        .map(|(step, v)| v + if step < 45 { 0.0 } else { 15.0 })
        .collect();
    let now: Vec<f64> = draw.noise(31).into_iter().map(|v| v + 15.0).collect();
    let (baseline, current) = (
        fleet_at(0, [before.clone(), before]),
        fleet_at(600_000, [now.clone(), now]),
    );
    assert!(onsets(&current, Some(&baseline), &[]).order.is_empty());
    let found = onsets(&current, Some(&baseline), &[1]);
    assert_eq!((found.order.len(), found.order[0].row), (1, 1));
    assert_eq!(
        (found.order[0].after_ms, found.order[0].by_ms),
        (440_000, 450_000)
    );
    assert!(found.order[0].before_window);
    let elsewhere = fleet_at(5_000, [draw.noise(60)]);
    assert!(onsets(&current, Some(&elsewhere), &[0, 1]).order.is_empty());
}

proptest! {
    #[test]
    fn neither_the_unit_nor_the_order_of_the_rows_changes_an_onset(
        values in prop::collection::vec(prop_oneof![8 => -500_i32..500, 1 => Just(9999)], 0..80), scale in -20_i32..20,
    ) {
        let values: Vec<f64> = values.into_iter().map(|v| if v == 9999 { GAP } else { f64::from(v) }).collect();
        let factor = 2.0_f64.powi(scale);
        let scaled: Vec<f64> = values.iter().map(|v| if v.is_nan() { GAP } else { v * factor }).collect();
        let (a, b) = (onset(&values, 1.0), onset(&scaled, 1.0));
        prop_assert_eq!(a.map(|o| (o.last_before, o.first_after, o.ended, o.gain)), b.map(|o| (o.last_before, o.first_after, o.ended, o.gain)));
        if let Some(found) = a {
            prop_assert!(found.last_before < found.first_after && found.gain > 1.0);
            prop_assert!(found.ended.is_none_or(|(last, first)| found.first_after <= last && last < first));
        }
    }

    #[test]
    fn no_numbers_make_an_onset_panic_or_leave_json(values in prop::collection::vec(any::<f64>(), 0..60), scrape in 0.0..9.0_f64) {
        if let Some(found) = onset(&values, scrape) {
            prop_assert!([found.size, found.before, found.after, found.gain].iter().all(|v| v.is_finite()), "{:?}", found);
        }
    }
}
