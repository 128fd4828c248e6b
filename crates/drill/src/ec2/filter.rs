//! Filters: `Filter.N.Name` with `Filter.N.Value.M`, `*` and `?` as wildcards in the values.

use super::fault::Fault;
use crate::params::Params;

/// One filter; a thing passes when any of its facts of this name fits any of the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    name: String,
    values: Vec<String>,
}

/// What can be filtered by: names with values, such as `("tag:kind", "object4")`.
pub(super) type Facts = Vec<(String, String)>;

impl Filter {
    /// The filters of a request; a name that is not among `known` is AWS's error.
    pub(super) fn all(params: &Params, known: &[&str]) -> Result<Vec<Self>, Fault> {
        let mut filters = Vec::new();
        for number in 1.. {
            let name = params.get(&format!("Filter.{number}.Name"));
            let values = list(params, &format!("Filter.{number}.Value"));
            if name.is_empty() {
                if values.is_empty() {
                    break;
                }
                let message = "The filter 'null' is invalid";
                return Err(Fault::bad("InvalidParameterValue", message));
            }
            let tag = name.strip_prefix("tag:").is_some_and(|key| !key.is_empty());
            let known_name = known.contains(&name) || (tag && known.contains(&"tag:*"));
            if !known_name {
                let message = format!("The filter '{name}' is invalid");
                return Err(Fault::bad("InvalidParameterValue", message));
            }
            filters.push(Self {
                name: name.to_owned(),
                values,
            });
        }
        Ok(filters)
    }

    /// Whether a thing with these facts passes.
    pub(super) fn passes(&self, facts: &Facts) -> bool {
        facts
            .iter()
            .filter(|(name, _)| *name == self.name)
            .any(|(_, fact)| self.values.iter().any(|value| fits(value, fact)))
    }
}

/// `prefix.1`, `prefix.2`, …
pub(super) fn list(params: &Params, prefix: &str) -> Vec<String> {
    (1..)
        .map(|number| params.get(&format!("{prefix}.{number}")).to_owned())
        .take_while(|value| !value.is_empty())
        .collect()
}

/// Whether a text fits a pattern in which `*` stands for anything and `?` for one character.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // (after the star, text that it has taken) of the latest star
    let mut star: Option<(usize, usize)> = None;
    let (mut p, mut t) = (0, 0);
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, t));
            p += 1;
        } else if pattern
            .get(p)
            .is_some_and(|one| *one == '?' || *one == text[t])
        {
            p += 1;
            t += 1;
        } else if let Some((after, taken)) = star {
            star = Some((after, taken + 1));
            p = after;
            t = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn wildcards_fit_as_in_aws() {
        for (pattern, text) in [
            ("object4", "object4"),
            ("*", ""),
            ("obj*4", "object4"),
            ("?b*t?", "object4"),
            ("*a*b", "xaab"),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("object", "object4"),
            ("", "x"),
            ("?", ""),
            ("a*b", "abc"),
            ("Object4", "object4"),
        ] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }
}
