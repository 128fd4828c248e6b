//! What is usual for a suspect.

use super::*;

#[test]
fn what_is_usual_for_the_suspect_is_nine_tenths_of_its_samples_before() {
    let before = [("a", STEADY), ("b", STEADY), ("c", STEADY), ("d", STEADY)];
    let now: [(&str, &[f64]); 4] = [("a", &[1.0]), ("b", &[4.0]), ("c", &[1.1]), ("d", &[1.0])];
    let verdict = judge(&before, &now);
    let usual = verdict.ranking[0].usual.unwrap();
    // Of 49 values, the 46th is 101.0 and the 47th 101.05.
    assert!(
        (usual.low, (usual.high * 1e9).round()) == (100.0, 101.03e9),
        "{usual:?}"
    );
    assert_eq!((usual.start_ms, usual.end_ms), (0, 480_000));
    assert_eq!(verdict.ranking[0].baseline_row, Some(1));
    assert!(verdict.ranking[1..].iter().all(|row| row.usual.is_none()));
}

#[test]
fn an_incident_that_began_earlier_is_not_usual() {
    let began: &[f64] = &[1.0, 1.1, 0.9, 1.0, 1.05, 4.0, 4.2, 4.1];
    let before = [("a", STEADY), ("b", began), ("c", STEADY), ("d", STEADY)];
    let now: [(&str, &[f64]); 4] = [("a", &[1.0]), ("b", &[4.0]), ("c", &[1.1]), ("d", &[1.0])];
    let usual = judge(&before, &now).ranking[0].usual.unwrap();
    assert!(usual.high < 101.2 && usual.end_ms == 300_000, "{usual:?}");
    let silent = suspects(&matrix(480_000, &now), None, &SuspectSettings::default());
    assert!(
        silent
            .ranking
            .iter()
            .all(|row| row.usual.is_none() && row.baseline_row.is_none())
    );
}
