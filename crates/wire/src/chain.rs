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
use serde::{Deserialize, Serialize, Serializer};

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
        let mut value = casebook_json::parse(&text).unwrap_or(Value::Null);
        record.hash = hash_of(&mut value);
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
    let mut check = Check::new(case, anchor.cloned());
    for (index, text) in jsonl.lines().enumerate() {
        check.take(index as u64 + 1, text);
    }
    check.verdict()
}

/// Checks a log that holds the records of several cases, mixed. Lines that are no records are
/// reported under the empty case name. `anchors` are heads by case.
pub fn verify_log(jsonl: &str, anchors: impl IntoIterator<Item = (String, Head)>) -> Verdicts {
    let mut checks: Vec<Check> = Vec::new();
    for (case, head) in anchors {
        let check = Check::new(&case, Some(head));
        match place(&checks, &case) {
            Ok(known) => checks[known] = check,
            Err(at) => checks.insert(at, check),
        }
    }
    for (index, text) in jsonl.lines().enumerate() {
        let case = case_of(text).unwrap_or_default();
        let at = place(&checks, &case).unwrap_or_else(|at| {
            checks.insert(at, Check::new(&case, None));
            at
        });
        checks[at].take(index as u64 + 1, text);
    }
    let mut verdicts = Vec::new();
    for check in checks {
        verdicts.push((check.case.clone(), check.verdict()));
    }
    Verdicts(verdicts)
}

fn place(checks: &[Check], case: &str) -> Result<usize, usize> {
    checks.binary_search_by(|check| check.case.as_str().cmp(case))
}

fn case_of(text: &str) -> Option<String> {
    let value = casebook_json::parse(text).ok()?;
    Some(value.get("case")?.as_str()?.to_owned())
}

/// What was found in a log, for each case in it, by the names of the cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdicts(Vec<(String, Verdict)>);

impl Verdicts {
    /// What was found of a case; nothing when the log does not know it.
    pub fn get(&self, case: &str) -> Option<&Verdict> {
        let found = self.0.iter().find(|(known, _)| known == case);
        found.map(|(_, verdict)| verdict)
    }

    /// Cases and what was found of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Verdict)> {
        self.0
            .iter()
            .map(|(case, verdict)| (case.as_str(), verdict))
    }
}

impl Serialize for Verdicts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// The check of one case's records, line by line.
struct Check {
    case: String,
    anchor: Option<Head>,
    anchored: bool,
    head: Head,
    /// What was found first; lines after it are not looked at.
    found: Option<Verdict>,
}

impl Check {
    fn new(case: &str, anchor: Option<Head>) -> Check {
        let head = Head::genesis(case);
        Check {
            case: case.to_owned(),
            anchored: anchor.as_ref().is_none_or(|anchor| *anchor == head),
            anchor,
            head,
            found: None,
        }
    }

    fn take(&mut self, line: u64, text: &str) {
        if self.found.is_none() {
            self.found = self.next(line, text).err();
        }
    }

    fn next(&mut self, line: u64, text: &str) -> Result<(), Verdict> {
        let seq = self.head.seq + 1;
        let broken = |reason: String| Verdict::Broken { seq, line, reason };
        let (record, _) = placed(text).map_err(broken)?;
        if record.case != self.case {
            let other = quoted(&record.case);
            return Err(broken(format!("the record is of the case {other}")));
        }
        if record.seq > seq {
            return Err(Verdict::Missing {
                from: seq,
                to: Some(record.seq - 1),
                reason: format!("record {} follows record {}", record.seq, self.head.seq),
            });
        }
        if record.seq < seq {
            let reason = format!("record {} stands where {seq} should", record.seq);
            return Err(broken(reason));
        }
        if record.prev != self.head.hash {
            let reason = "the record does not link to the one before it";
            return Err(broken(reason.to_owned()));
        }
        let hash = record.hash;
        self.head = Head { seq, hash };
        if let Some(anchor) = self.anchor.as_ref().filter(|anchor| anchor.seq == seq) {
            if anchor.hash != self.head.hash {
                let reason = "the record is another one than the anchor's";
                return Err(broken(reason.to_owned()));
            }
            self.anchored = true;
        }
        Ok(())
    }

    fn verdict(self) -> Verdict {
        match (self.found, self.anchor) {
            (Some(found), _) => found,
            (None, Some(anchor)) if !self.anchored => Verdict::Missing {
                from: self.head.seq + 1,
                to: Some(anchor.seq),
                reason: format!("the chain ends before its anchor, record {}", anchor.seq),
            },
            _ => Verdict::Intact {
                records: self.head.seq,
                head: self.head,
            },
        }
    }
}

/// As JSON has it, which is how the record has it.
fn quoted(case: &str) -> String {
    casebook_json::to_string(case).unwrap_or_default()
}

/// The record in one line of a log, if the line is exactly the text that was written for it.
pub fn read(text: &str) -> Result<Record, String> {
    let (
        Place {
            v, seq, prev, hash, ..
        },
        value,
    ) = placed(text)?;
    let entry: Entry = value.to().map_err(|error| no_record(&error))?;
    Ok(Record {
        v,
        seq,
        prev,
        entry,
        hash,
    })
}

/// What a record says of its place. A check needs no more: what else it says, its hash covers.
#[derive(Deserialize)]
struct Place {
    v: u32,
    seq: u64,
    prev: String,
    case: String,
    hash: String,
}

/// The place of the record in a line, and its other fields, if the line is exactly the text that was written for it.
fn placed(text: &str) -> Result<(Place, Value), String> {
    let mut value = casebook_json::parse(text).map_err(|_| "no JSON".to_owned())?;
    if !canonical::is_canonical(text, &value) {
        return Err("the text is not the one that was written".to_owned());
    }
    let place: Place = value.to().map_err(|error| no_record(&error))?;
    if place.v != RECORD_VERSION {
        return Err(format!("the record's version is {}", place.v));
    }
    if hash_of(&mut value) != place.hash {
        return Err("the record was changed: its hash is not its text's".to_owned());
    }
    Ok((place, value))
}

fn no_record(error: &casebook_json::Error) -> String {
    format!("no record: {error}")
}

/// What the hash of a record is of: the canonical text of all its other fields, which are left.
fn hash_of(record: &mut Value) -> String {
    if let Value::Object(fields) = record {
        fields.retain(|(name, _)| name != "hash");
    }
    sha256_hex(
        casebook_json::to_string(record)
            .unwrap_or_default()
            .as_bytes(),
    )
}
