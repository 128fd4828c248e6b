//! From a line back to the command, for a host that knows no other lines.

use super::{CATALOGUE, Checked, Command};
use std::collections::BTreeMap;

/// The command that a line is; None for any line that [`Checked::line`] does not make.
pub fn parse(line: &str) -> Option<Checked> {
    let words = words(line)?;
    let checked = CATALOGUE
        .iter()
        .find_map(|command| matched(command, &words))?;
    (checked.line() == line).then_some(checked)
}

/// The path of a [`realpath`](super::realpath) line.
pub fn parse_realpath(line: &str) -> Option<String> {
    let path = words(line)?.pop()?;
    (super::realpath(&path) == line).then_some(path)
}

fn matched(command: &'static Command, words: &[String]) -> Option<Checked> {
    let mut values = BTreeMap::new();
    let mut rest = words.iter().peekable();
    for template in command.words {
        let Some((before, braced)) = template.split_once('{') else {
            rest.next_if(|word| word == template)?;
            continue;
        };
        let name = braced.trim_end_matches('}');
        let param = command.params.iter().find(|param| param.name == name)?;
        match rest.next_if(|word| word.starts_with(before)) {
            Some(word) => {
                values.insert(param.name, word[before.len()..].to_owned());
            }
            None if param.required || param.default.is_some() => return None,
            None => {}
        }
    }
    rest.next().is_none().then_some(Checked { command, values })
}

/// The words of a line that holds no more than plain, single-quoted and escaped letters.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        '\'' => break,
                        inner => word.push(inner),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(letters.next()?),
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::super::{check, line, realpath};
    use super::{parse, parse_realpath};
    use crate::run::Value;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn params(pairs: &[(&str, &str)]) -> BTreeMap<String, Value> {
        let own =
            |(name, value): &(&str, &str)| ((*name).to_owned(), Value::Text((*value).to_owned()));
        pairs.iter().map(own).collect()
    }

    #[test]
    fn every_line_of_the_catalogue_is_known_again() {
        for (name, given) in [
            ("coredumpctl_info", params(&[("pid", "7")])),
            ("df", params(&[("path", "/var/it's here")])),
            ("journalctl", params(&[])),
            ("journalctl", params(&[("since", "15m"), ("lines", "9")])),
            (
                "journalctl",
                params(&[("since", "2026-11-22T07:00Z"), ("unit", "a.service")]),
            ),
            ("ls", params(&[("path", "/")])),
            ("ps", params(&[])),
            ("sha256sum", params(&[("path", "/a b")])),
            ("stat", params(&[("path", "/a")])),
            ("tail", params(&[("path", "/a"), ("lines", "3")])),
        ] {
            let checked = check(name, &given).unwrap();
            assert_eq!(parse(&checked.line()), Some(checked));
        }
    }

    #[test]
    fn any_other_line_is_none() {
        let ls = line("ls", &params(&[("path", "/var/crash")])).unwrap();
        for other in [
            format!("{ls} /etc"),
            format!("{ls}; id"),
            format!(" {ls}"),
            ls.replace("-lab", "-la"),
            "ls".to_owned(),
            "id".to_owned(),
            "'".to_owned(),
            "\\".to_owned(),
            String::new(),
        ] {
            assert_eq!(parse(&other), None, "{other}");
        }
        assert_eq!(parse_realpath("realpath -e -- /a /b"), None);
        assert_eq!(parse_realpath("readlink -e -- /a"), None);
    }

    proptest! {
        #[test]
        fn any_path_comes_back(path in "/[^\0]{0,20}") {
            prop_assert_eq!(parse_realpath(&realpath(&path)), Some(path));
        }
    }
}
