//! A plan in words for people. The approval page, `casebook-proxy approve` and the notebook all show
//! these, so that nobody has to compare two wordings of one fact at three in the morning.

use super::Kept;
use crate::clock;
use casebook_wire::plan::{Kind, State};

/// What the plan does, as words and the names that they lead to: `move` FILE `to` FILE `on` HOST.
pub(crate) fn parts(kept: &Kept) -> [(&'static str, String); 3] {
    let plan = &kept.plan;
    let verb = match plan.kind {
        Kind::Quarantine => "move",
        Kind::Undo => "move back",
    };
    [
        (verb, plain(&plan.facts.real)),
        ("to", plain(&plan.facts.target)),
        ("on", plain(&plan.host)),
    ]
}

/// What the plan does, as one line.
pub(crate) fn sentence(kept: &Kept) -> String {
    parts(kept)
        .map(|(word, name)| format!("{word} {name}"))
        .join(" ")
}

/// The proxy's own view, name and value.
pub(crate) fn rows(kept: &Kept) -> Vec<(&'static str, String)> {
    let (plan, facts) = (&kept.plan, &kept.plan.facts);
    let mut rows = vec![
        ("Host", plain(&plan.host)),
        ("Address", format!("{}:{}", plain(&plan.address), plan.port)),
        ("File", plain(&facts.real)),
        ("Goes to", plain(&facts.target)),
        ("Size", bytes(facts.size)),
        ("Changed", time(facts.mtime.saturating_mul(1000))),
        (
            "Owner",
            format!("{}, {}", plain(&facts.owner), plain(&facts.mode)),
        ),
        ("Open in", processes(kept)),
    ];
    if facts.links > 1 {
        rows.push((
            "Names",
            format!(
                "{} names; only this one is moved, the others stay",
                facts.links
            ),
        ));
    }
    if let Some(free) = facts.free {
        rows.push(("Free there", bytes(free)));
    }
    rows.push((
        "SHA-256",
        facts
            .sha256
            .clone()
            .unwrap_or_else(|| "not readable for the login user".to_owned()),
    ));
    rows.push((
        "Asked by",
        format!("{}, for the case {}", plain(&plan.actor), plain(&plan.case)),
    ));
    rows.push(("Valid until", time(plan.expires_ms)));
    rows
}

/// Where the plan stands, and what a person does next, as sentences for a page's head.
pub(crate) fn standing(kept: &Kept) -> (String, String) {
    let progress = &kept.progress;
    // The table below has the date.
    let ends = time(kept.plan.expires_ms);
    let ends = ends.split_once(' ').map_or("", |(_, clock)| clock);
    let outcome = plain(&progress.outcome);
    let anew = "If it is still needed, run the notebook's cell that makes the plan again.";
    let (head, next) = match progress.state {
        State::Waiting => (
            "Waits for an approval.".to_owned(),
            format!("Nothing has been done. Without an approval it ends at {ends}."),
        ),
        State::Approved => (
            format!(
                "Approved by {}.",
                plain(progress.decided_by.as_deref().unwrap_or("nobody known"))
            ),
            format!(
                "The notebook has it done, once, before {ends}. You can close this page, or reload it to see what came of it."
            ),
        ),
        State::Applying => (
            "The host is being asked.".to_owned(),
            "Reload this page in a moment to see what came of it.".to_owned(),
        ),
        State::Applied => (
            format!("Done. {outcome}"),
            "The notebook can undo it: `await plan.undo()` makes a plan for that.".to_owned(),
        ),
        State::Undone => (format!("Done and undone. {outcome}"), String::new()),
        State::Failed => (
            format!("Failed. {outcome}"),
            progress
                .exit
                .map_or(anew, casebook_wire::quarantine::Exit::next)
                .to_owned(),
        ),
        State::Unknown => (
            format!("Nobody knows yet. {outcome}"),
            "The proxy looks at the host again a few times; reload this page in a moment."
                .to_owned(),
        ),
        State::Expired => (format!("Expired. {outcome}"), anew.to_owned()),
        State::Cancelled => (format!("Cancelled. {outcome}"), anew.to_owned()),
        State::Refused => (format!("Refused. {outcome}"), anew.to_owned()),
    };
    (head, next)
}

/// Codes that may still be tried.
pub(crate) fn tries(left: u32) -> String {
    match left {
        1 => "one try is left".to_owned(),
        left => format!("{left} tries are left"),
    }
}

fn processes(kept: &Kept) -> String {
    let facts = &kept.plan.facts;
    let seen: Vec<String> = facts
        .handles
        .iter()
        .map(|handle| format!("{} (process {})", plain(&handle.name), handle.pid))
        .collect();
    let none_hidden = facts.blind == 0;
    let seen = match seen.as_slice() {
        [] if none_hidden => "no process".to_owned(),
        [] => "no process seen".to_owned(),
        seen => seen.join(", "),
    };
    match facts.blind {
        0 => seen,
        1 => {
            format!("{seen}; the login user may not look into 1 other, which may have it open too")
        }
        blind => format!(
            "{seen}; the login user may not look into {blind} others, which may have it open too"
        ),
    }
}

/// A length for people and for comparing: `1.5 GiB (1,610,612,736 bytes)`.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let exact = format!(
        "{} {}",
        grouped(count),
        if count == 1 { "byte" } else { "bytes" }
    );
    // Tenths of the unit, rounded: what would be 1024.0 of one is 1.0 of the next.
    let mut unit = None;
    let mut tenths = u128::from(count) * 10;
    for name in UNITS {
        if tenths < 10_240 {
            break;
        }
        tenths = (tenths + 512) / 1024;
        unit = Some(name);
    }
    match unit {
        None => exact,
        Some(unit) => format!("{}.{} {unit} ({exact})", tenths / 10, tenths % 10),
    }
}

/// Digits in threes: `65,536`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A moment as people read it: `2026-11-22 07:00:00 UTC`.
pub(super) fn time(ms: i64) -> String {
    clock::rfc3339(ms).replace('T', " ").replace('Z', " UTC")
}

/// `text` in which nothing moves the cursor, turns the writing direction or hides.
pub(crate) fn plain(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if hidden(letter) {
            plain.extend(letter.escape_unicode());
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_in_a_name() {
        assert_eq!(
            plain("a\u{1b}[2Jb\u{202e}c\nd"),
            "a\\u{1b}[2Jb\\u{202e}c\\u{a}d"
        );
        assert_eq!(plain("/var/crash/core ü"), "/var/crash/core ü");
    }

    #[test]
    fn a_length_can_be_read_and_compared() {
        for (count, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1,023 bytes"),
            (1024, "1.0 KiB (1,024 bytes)"),
            (65_536, "64.0 KiB (65,536 bytes)"),
            (1_048_575, "1.0 MiB (1,048,575 bytes)"),
            (1_610_612_736, "1.5 GiB (1,610,612,736 bytes)"),
            (u64::MAX, "16.0 EiB (18,446,744,073,709,551,615 bytes)"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(time(1_795_330_800_000), "2026-11-22 07:00:00 UTC");
    }
}
