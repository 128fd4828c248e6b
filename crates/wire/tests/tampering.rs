//! What a reader of a report would lose if these failed: the right to believe that the record is
//! complete and was not touched.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

use casebook_wire::{
    Chain, Decision, Entry, Head, Phase, Record, Verdict, chain, verify, verify_log,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn entry(case: &str, number: u64, text: &str) -> Entry {
    Entry {
        ts: 1_795_000_000_000 + number as i64,
        case: case.into(),
        actor: "ada".into(),
        session: "5e5510".into(),
        request_id: format!("r{number}"),
        op: "prometheus.query_range".into(),
        target: "main".into(),
        params: BTreeMap::from([("query".to_owned(), text.to_owned())]),
        decision: Decision::Allow,
        reason: "source main is open to ada".into(),
        phase: if !number.is_multiple_of(2) {
            Phase::Intent
        } else {
            Phase::Result
        },
        intent: (number.is_multiple_of(2)).then(|| number - 1),
        status: (number.is_multiple_of(2)).then_some(200),
        bytes: (number.is_multiple_of(2)).then_some(number * 100),
        ms: (number.is_multiple_of(2)).then_some(12),
        digest: None,
    }
}

fn build(case: &str, texts: &[String]) -> Vec<Record> {
    let mut chain = Chain::new(case);
    let mut records = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let record = chain.link(entry(case, index as u64 + 1, text)).unwrap();
        chain.advance(&record);
        records.push(record);
    }
    records
}

fn lines(records: &[Record]) -> Vec<String> {
    records
        .iter()
        .map(|record| chain::line(record).unwrap())
        .collect()
}

fn log(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn head(records: &[Record]) -> Head {
    let last = records.last().unwrap();
    Head {
        seq: last.seq,
        hash: last.hash.clone(),
    }
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(any::<String>(), 2..12)
}

proptest! {
    #[test]
    fn an_untouched_chain_is_intact(texts in texts()) {
        let records = build("p90", &texts);
        let head = head(&records);
        let verdict = verify("p90", &log(&lines(&records)), Some(&head));
        prop_assert_eq!(verdict, Verdict::Intact { records: texts.len() as u64, head });
    }

    #[test]
    fn any_changed_byte_is_found(texts in texts(), at in any::<prop::sample::Index>(), to in any::<char>()) {
        let records = build("p90", &texts);
        let text = log(&lines(&records));
        let at = at.index(text.chars().count());
        let changed: String =
            text.chars().enumerate().map(|(index, old)| if index == at { to } else { old }).collect();
        prop_assume!(changed != text);
        // The last line feed says nothing about a record; what stands in its place would.
        prop_assume!(changed.lines().ne(text.lines()));
        prop_assert!(!verify("p90", &changed, Some(&head(&records))).is_intact());
    }

    #[test]
    fn any_removed_record_is_found(texts in texts(), at in any::<prop::sample::Index>()) {
        let records = build("p90", &texts);
        let mut kept = lines(&records);
        kept.remove(at.index(texts.len()));
        let verdict = verify("p90", &log(&kept), Some(&head(&records)));
        let missing = matches!(verdict, Verdict::Missing { .. });
        prop_assert!(missing, "{:?}", verdict);
    }

    #[test]
    fn any_two_swapped_records_are_found(texts in texts(), a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let records = build("p90", &texts);
        let mut swapped = lines(&records);
        let (a, b) = (a.index(texts.len()), b.index(texts.len()));
        prop_assume!(a != b);
        swapped.swap(a, b);
        prop_assert!(!verify("p90", &log(&swapped), None).is_intact());
    }

    #[test]
    fn any_repeated_record_is_found(texts in texts(), a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let records = build("p90", &texts);
        let mut repeated = lines(&records);
        let copy = repeated[a.index(texts.len())].clone();
        repeated.insert(b.index(texts.len() + 1), copy);
        prop_assert!(!verify("p90", &log(&repeated), None).is_intact());
    }

    #[test]
    fn a_forged_record_with_a_hash_of_its_own_is_found(texts in texts(), at in any::<prop::sample::Index>()) {
        let records = build("p90", &texts);
        let at = at.index(texts.len());
        let before = if at == 0 { Head::genesis("p90") } else { head(&records[..at]) };
        let mut forged = lines(&records);
        let mut entry = records[at].entry.clone();
        entry.actor = "eve".into();
        forged[at] = chain::line(&Chain::resume(before).link(entry).unwrap()).unwrap();
        prop_assert!(!verify("p90", &log(&forged), Some(&head(&records))).is_intact());
    }

    #[test]
    fn a_cut_tail_is_found_with_an_anchor(texts in texts(), keep in any::<prop::sample::Index>()) {
        let records = build("p90", &texts);
        let keep = keep.index(texts.len());
        let cut = log(&lines(&records)[..keep]);
        let verdict = verify("p90", &cut, Some(&head(&records)));
        let missing = matches!(
            verdict,
            Verdict::Missing { from, to: Some(to), .. }
                if from == keep as u64 + 1 && to == texts.len() as u64
        );
        prop_assert!(missing, "{:?}", verdict);
        prop_assert!(verify("p90", &cut, None).is_intact());
    }
}

#[test]
fn a_second_key_of_the_same_name_is_found() {
    let records = build("p90", &["up".into()]);
    let text = chain::line(&records[0])
        .unwrap()
        .replace("{\"actor\":\"ada\"", "{\"actor\":\"eve\",\"actor\":\"ada\"");
    assert!(text.contains("eve"));
    assert!(!verify("p90", &text, None).is_intact());
}

#[test]
fn a_chain_cannot_be_passed_off_as_another_case() {
    let text = log(&lines(&build("p90", &["up".into()])));
    assert!(!verify("p99", &text, None).is_intact());
    assert!(!verify("p99", &text.replace("\"p90\"", "\"p99\""), None).is_intact());
}

#[test]
fn a_mixed_log_is_checked_case_by_case() {
    let one = lines(&build("one", &["a".into(), "b".into()]));
    let two = lines(&build("two", &["c".into(), "d".into(), "e".into()]));
    let mixed = [&two[0], &one[0], &two[1], &one[1], &two[2]].map(Clone::clone);
    let verdicts = verify_log(&log(&mixed), []);
    assert_eq!(verdicts.iter().len(), 2);
    assert!(verdicts.iter().all(|(_, verdict)| verdict.is_intact()));

    let torn = [&two[0], &one[0], &two[2], &one[1]].map(Clone::clone);
    let verdicts = verify_log(&log(&torn), []);
    assert!(verdicts.get("one").unwrap().is_intact());
    assert!(matches!(
        verdicts.get("two").unwrap(),
        Verdict::Missing {
            from: 2,
            to: Some(2),
            ..
        }
    ));
}

#[test]
fn a_case_that_is_gone_altogether_is_found_with_its_anchor() {
    let anchors = [("p90".to_owned(), head(&build("p90", &["up".into()])))];
    assert!(matches!(
        verify_log("", anchors).get("p90").unwrap(),
        Verdict::Missing { from: 1, .. }
    ));
}
