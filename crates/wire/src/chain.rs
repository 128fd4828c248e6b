//! The hash chain that links the records of one case, and its check.
//!
//! Each record holds the hash of the one before it, so that none can be edited, taken out, moved or
//! repeated without breaking a link. Two things a chain cannot see by itself: that its tail was cut,
//! and that it was written anew as a whole. For these the check takes an anchor: a [`Head`] that
//! was noted elsewhere (in an answer's headers, in a report, in the system's journal).

use crate::audit::{Entry, RECORD_VERSION, Record};
use crate::canonical;
use crate::digest::sha256_hex;
use casebook_json::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The last record of a chain, as far as one knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Sequence number; 0 before the first record.
    pub seq: u64,
    /// Hash of that record; before the first record, the hash of the case's name.
    pub hash: String,
}

impl Head {
    /// What the first record of `case` links to. Bound to the name, so that a chain cannot be
    /// passed off as another case's.
    pub fn genesis(case: &str) -> Head {
        Head {
            seq: 0,
            hash: sha256_hex(format!("casebook chain {RECORD_VERSION}\n{case}").as_bytes()),
        }
    }
}

/// The growing end of one case's chain.
#[derive(Clone, Debug)]
pub struct Chain {
    head: Head,
}

impl Chain {
    /// A chain without records.
    pub fn new(case: &str) -> Chain {
        Chain {
            head: Head::genesis(case),
        }
    }

    /// A chain that goes on after `head`.
    pub fn resume(head: Head) -> Chain {
        Chain { head }
    }

    /// The last record so far.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The record that `entry` becomes at the end of this chain. The chain itself moves on with
    /// [`Chain::advance`], when the record is safely written.
    pub fn link(&self, entry: Entry) -> Result<Record, canonical::NotCanonical> {
        let mut record = Record {
            v: RECORD_VERSION,
            seq: self.head.seq + 1,
            prev: self.head.hash.clone(),
            entry,
            hash: String::new(),
        };
        let text = canonical::to_string(&record)?;
        let value = casebook_json::parse(&text).unwrap_or(Value::Null);
        record.hash = hash_of(value);
        Ok(record)
    }

    /// Makes `record` the head.
    pub fn advance(&mut self, record: &Record) {
        self.head = Head {
            seq: record.seq,
            hash: record.hash.clone(),
        };
    }
}

/// The line of the log that holds `record`, without its line feed.
pub fn line(record: &Record) -> Result<String, canonical::NotCanonical> {
    canonical::to_string(record)
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Verdict {
    /// Every record is there, in its place and unchanged, up to the anchor if one was given.
    Intact {
        /// How many records.
        records: u64,
        /// The last one.
        head: Head,
    },
    /// A record does not say what it said when it was written, or is not where it was.
    Broken {
        /// The sequence number that should stand at this place.
        seq: u64,
        /// The line of the input, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// Records are not there.
    Missing {
        /// The first one that is not there.
        from: u64,
        /// The last one that is not there, where known.
        to: Option<u64>,
        /// How one can tell.
        reason: String,
    },
}

impl Verdict {
    /// Whether nothing was found.
    pub fn is_intact(&self) -> bool {
        matches!(self, Verdict::Intact { .. })
    }
}

/// Checks all records of `case`: one in each line of `jsonl`, from the first on. With an `anchor`
/// the chain must also contain that record.
pub fn verify(case: &str, jsonl: &str, anchor: Option<&Head>) -> Verdict {
    let lines = jsonl.lines().enumerate();
    verify_lines(
        case,
        lines.map(|(index, text)| (index as u64 + 1, text)),
        anchor,
    )
}

/// Checks a log that holds the records of several cases, mixed. Lines that are no records are
/// reported under the empty case name. `anchors` are heads by case.
pub fn verify_log(jsonl: &str, anchors: &BTreeMap<String, Head>) -> BTreeMap<String, Verdict> {
    let mut cases: BTreeMap<String, Vec<(u64, &str)>> = BTreeMap::new();
    for case in anchors.keys() {
        cases.insert(case.clone(), Vec::new());
    }
    for (index, text) in jsonl.lines().enumerate() {
        let case = case_of(text).unwrap_or_default();
        cases
            .entry(case)
            .or_default()
            .push((index as u64 + 1, text));
    }
    let mut verdicts = BTreeMap::new();
    for (case, lines) in cases {
        let verdict = verify_lines(&case, lines.into_iter(), anchors.get(&case));
        verdicts.insert(case, verdict);
    }
    verdicts
}

fn case_of(text: &str) -> Option<String> {
    let value = casebook_json::parse(text).ok()?;
    Some(value.get("case")?.as_str()?.to_owned())
}

fn verify_lines<'a>(
    case: &str,
    lines: impl Iterator<Item = (u64, &'a str)>,
    anchor: Option<&Head>,
) -> Verdict {
    let mut head = Head::genesis(case);
    let mut anchored = anchor.is_none_or(|anchor| *anchor == head);
    for (number, text) in lines {
        let seq = head.seq + 1;
        let broken = |reason: String| Verdict::Broken {
            seq,
            line: number,
            reason,
        };
        let record = match read(text) {
            Ok(record) => record,
            Err(reason) => return broken(reason),
        };
        if record.entry.case != case {
            return broken(format!("the record is of the case {:?}", record.entry.case));
        }
        if record.seq > seq {
            return Verdict::Missing {
                from: seq,
                to: Some(record.seq - 1),
                reason: format!("record {} follows record {}", record.seq, head.seq),
            };
        }
        if record.seq < seq {
            return broken(format!("record {} stands where {seq} should", record.seq));
        }
        if record.prev != head.hash {
            return broken("the record does not link to the one before it".to_owned());
        }
        head = Head {
            seq,
            hash: record.hash,
        };
        if let Some(anchor) = anchor.filter(|anchor| anchor.seq == seq) {
            if anchor.hash != head.hash {
                return broken("the record is another one than the anchor's".to_owned());
            }
            anchored = true;
        }
    }
    match anchor {
        Some(anchor) if !anchored => Verdict::Missing {
            from: head.seq + 1,
            to: Some(anchor.seq),
            reason: format!("the chain ends before its anchor, record {}", anchor.seq),
        },
        _ => Verdict::Intact {
            records: head.seq,
            head,
        },
    }
}

/// The record in one line of a log, if the line is exactly the text that was written for it.
pub fn read(text: &str) -> Result<Record, String> {
    let value = casebook_json::parse(text).map_err(|_| "no JSON".to_owned())?;
    if !canonical::is_canonical(text, &value) {
        return Err("the text is not the one that was written".to_owned());
    }
    let record = Record::of(&value).map_err(|error| format!("no record: {error}"))?;
    if record.v != RECORD_VERSION {
        return Err(format!("the record's version is {}", record.v));
    }
    if hash_of(value) != record.hash {
        return Err("the record was changed: its hash is not its text's".to_owned());
    }
    Ok(record)
}

/// What the hash of a record is of: the canonical text of all its other fields.
fn hash_of(mut record: Value) -> String {
    if let Value::Object(fields) = &mut record {
        fields.retain(|(name, _)| name != "hash");
    }
    sha256_hex(
        casebook_json::to_string(&record)
            .unwrap_or_default()
            .as_bytes(),
    )
}
