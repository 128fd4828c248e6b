//! What may be given for a parameter, and the form in which it enters the line.

use serde::{Deserialize, Serialize};

/// What may be given for a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An absolute path without `.`, `..` and control characters. The proxy asks the host where it
    /// really leads before it applies its rules.
    Path,
    /// A whole number from 1 to this.
    Number(u64),
    /// The name of a systemd unit.
    Unit,
    /// A time in UTC (`2026-11-22T07:00:00Z`), or how long ago (`15m`, `2h`).
    Since,
}

/// Longest path, as Linux has it, with the NUL.
const PATH_MAX: usize = 4096;

impl Kind {
    /// The value as it enters the line; else a sentence that says what may be given.
    pub(super) fn canonical(self, text: &str) -> Result<String, String> {
        let (good, next) = match self {
            Kind::Path => (
                is_path(text).then(|| text.to_owned()),
                "Give an absolute path without . and .. parts, line breaks and other control characters.".to_owned(),
            ),
            Kind::Number(most) => {
                let number = text.parse().ok().filter(|number: &u64| (1..=most).contains(number));
                (
                    number.map(|number| number.to_string()),
                    format!("Give a whole number from 1 to {most}."),
                )
            }
            Kind::Unit => (
                is_unit(text).then(|| text.to_owned()),
                "Give the name of a unit, such as \"nginx.service\".".to_owned(),
            ),
            Kind::Since => (
                since(text),
                "Give a time in UTC such as \"2026-11-22T07:00:00Z\", or how long ago, such as \"15m\" or \"2h\".".to_owned(),
            ),
        };
        good.ok_or(next)
    }
}

/// Whether this is an absolute path that means what it says.
pub fn is_path(text: &str) -> bool {
    let clean = text.strip_prefix('/').is_some_and(|rest| {
        rest.is_empty()
            || rest
                .trim_end_matches('/')
                .split('/')
                .all(|part| !matches!(part, "" | "." | ".."))
    });
    clean && text.len() < PATH_MAX && !text.chars().any(char::is_control)
}

/// Whether `path` is `folder` or lies in it, by their texts alone.
pub fn is_under(path: &str, folder: &str) -> bool {
    path.trim_end_matches('/')
        .strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether `folder` can be the root of a path rule: absolute, clean, without anything that a shell
/// or a pattern would read. The error is a clause without a full stop.
pub fn check_folder(folder: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:".contains(c);
    if is_path(folder) && !folder.ends_with('/') && folder.chars().all(plain) {
        Ok(())
    } else {
        Err(format!(
            "{folder:?} is no clean absolute folder; write one like \"/var/crash\""
        ))
    }
}

fn is_unit(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@._:\\-".contains(c);
    (1..=255).contains(&text.len()) && !text.starts_with('-') && text.chars().all(plain)
}

/// The time as journalctl of any age reads it: RFC 3339 with a `Z` is too new for most.
fn since(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let shape = |pattern: &str| {
        bytes.len() == pattern.len()
            && bytes.iter().zip(pattern.bytes()).all(|(c, p)| match p {
                b'0' => c.is_ascii_digit(),
                b'T' => matches!(c, b'T' | b' '),
                _ => *c == p,
            })
    };
    if shape("0000-00-00T00:00:00Z") {
        return Some(format!("{} {} UTC", &text[..10], &text[11..19]));
    }
    if shape("0000-00-00T00:00Z") {
        return Some(format!("{} {}:00 UTC", &text[..10], &text[11..16]));
    }
    let factor = match bytes.last()? {
        b's' => 1,
        b'm' => 60,
        b'h' => 3600,
        b'd' => 86_400,
        _ => return None,
    };
    let number: u64 = text[..text.len() - 1].parse().ok()?;
    let seconds = number.checked_mul(factor).filter(|seconds| *seconds > 0)?;
    Some(format!("-{seconds}s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_holds_itself_and_what_lies_in_it() {
        for (path, want) in [
            ("/var/crash", true),
            ("/var/crash/", true),
            ("/var/crash/core", true),
            ("/var/crashed", false),
            ("/var", false),
            ("/", false),
        ] {
            assert_eq!(is_under(path, "/var/crash"), want, "{path}");
        }
        assert!(check_folder("/var/crash").is_ok());
        for folder in [
            "/",
            "",
            "var",
            "/var/",
            "/var/../etc",
            "/var/*",
            "/a b",
            "/a'",
        ] {
            assert!(check_folder(folder).is_err(), "{folder}");
        }
    }
}
