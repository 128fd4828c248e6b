//! Reading the log at start: where each chain ends, and whether all holds together.

use casebook_wire::{Head, chain};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// What a log holds.
#[derive(Debug, Default)]
pub struct Found {
    /// The last record of each case.
    pub heads: BTreeMap<String, Head>,
    /// Length of the part that consists of whole lines, in bytes.
    pub whole: u64,
    /// A last line that was cut off in mid-write, as after a loss of power.
    pub torn: Option<Vec<u8>>,
    /// Every place where a chain does not hold, as text.
    pub broken: Vec<String>,
}

/// Reads the whole log; a file that is not there is an empty log.
pub fn scan(file: &Path) -> io::Result<Found> {
    let mut found = Found::default();
    let opened = match File::open(file) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    let mut reader = BufReader::with_capacity(1 << 16, opened);
    let mut line = Vec::new();
    let mut number = 0_u64;
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(found);
        }
        if !line.ends_with(b"\n") {
            found.torn = Some(line);
            return Ok(found);
        }
        line.pop();
        number += 1;
        found.whole += line.len() as u64 + 1;
        take(&mut found, number, &line);
    }
}

fn take(found: &mut Found, number: u64, line: &[u8]) {
    let text = String::from_utf8_lossy(line);
    let record = match chain::read(&text) {
        Ok(record) => record,
        Err(reason) => {
            found.broken.push(format!("line {number}: {reason}"));
            return;
        }
    };
    let case = record.entry.case;
    let before = found
        .heads
        .get(&case)
        .cloned()
        .unwrap_or_else(|| Head::genesis(&case));
    if record.seq != before.seq + 1 || record.prev != before.hash {
        found.broken.push(format!(
            "line {number}: record {} of the case {case:?} does not follow record {}",
            record.seq, before.seq
        ));
    }
    found.heads.insert(
        case,
        Head {
            seq: record.seq,
            hash: record.hash,
        },
    );
}
