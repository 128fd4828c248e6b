//! From the labels of a series, from tags or from an id to the filters of `DescribeInstances`: pure.

use crate::config::aws::{By, Rule};
use crate::error::ApiError;
use casebook_wire::Instance;
use http::StatusCode;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// What an instance has to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criteria {
    wanted: Vec<(Field, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Tag(String),
    PrivateIp,
    PrivateDns,
    InstanceId,
}

impl Criteria {
    /// Every instance.
    pub fn any() -> Criteria {
        Criteria { wanted: Vec::new() }
    }

    /// The instance of this id.
    pub fn id(id: &str) -> Criteria {
        Criteria {
            wanted: vec![(Field::InstanceId, id.to_owned())],
        }
    }

    /// In words, such as `tag kind=object4`.
    pub fn words(&self) -> String {
        let words: Vec<String> = self
            .wanted
            .iter()
            .map(|(field, value)| match field {
                Field::Tag(name) => format!("tag {name}={value}"),
                Field::PrivateIp => format!("private address {value}"),
                Field::PrivateDns => format!("private DNS name {value}"),
                Field::InstanceId => format!("id {value}"),
            })
            .collect();
        words.join(" and ")
    }

    /// The filters, as parameters of the call. In filters, `*` and `?` are wildcards; a tag's value
    /// is not.
    pub(super) fn params(&self) -> BTreeMap<String, String> {
        let mut params = BTreeMap::new();
        for (index, (field, value)) in self.wanted.iter().enumerate() {
            let name = match field {
                Field::Tag(name) => format!("tag:{name}"),
                Field::PrivateIp => "private-ip-address".to_owned(),
                Field::PrivateDns => "private-dns-name".to_owned(),
                Field::InstanceId => "instance-id".to_owned(),
            };
            params.insert(format!("Filter.{}.Name", index + 1), name);
            params.insert(format!("Filter.{}.Value.1", index + 1), plain(value));
        }
        params
    }

    /// Whether the instance is one of those, whatever AWS made of the filters.
    pub fn meets(&self, instance: &Instance) -> bool {
        self.wanted.iter().all(|(field, value)| {
            let actual = match field {
                Field::Tag(name) => instance.tags.get(name),
                Field::PrivateIp => instance.private_ip.as_ref(),
                Field::PrivateDns => instance.private_dns.as_ref(),
                Field::InstanceId => Some(&instance.instance_id),
            };
            actual == Some(value)
        })
    }
}

fn plain(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '*' | '?' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// Most tags of one question: EC2 takes no more filters than some hundred.
const MOST_TAGS: usize = 20;

/// Instances that have all of `tags`.
pub fn criteria_of_tags(tags: &BTreeMap<String, String>) -> Result<Criteria, ApiError> {
    if tags.is_empty() || tags.len() > MOST_TAGS {
        return Err(ApiError::bad_data(
            format!(
                "An instance is looked for by 1 to {MOST_TAGS} tags; these are {}.",
                tags.len()
            ),
            "Give tags such as {\"kind\": \"object4\"}.",
        ));
    }
    let fits = |(name, value): (&String, &String)| {
        !name.is_empty() && name.chars().count() <= 128 && value.chars().count() <= 256
    };
    if !tags.iter().all(fits) {
        return Err(ApiError::bad_data(
            "A tag's name has 1 to 128 characters, its value at most 256.",
            "Correct the tags.",
        ));
    }
    let wanted = tags
        .iter()
        .map(|(name, value)| (Field::Tag(name.clone()), value.clone()))
        .collect();
    Ok(Criteria { wanted })
}

/// The instance that `labels` lead to, by the first rule that applies.
pub fn criteria_of_labels(
    account: &str,
    rules: &[Rule],
    labels: &BTreeMap<String, String>,
) -> Result<Criteria, ApiError> {
    if let Some(criteria) = rules.iter().find_map(|rule| apply(rule, labels)) {
        return Ok(criteria);
    }
    let given: Vec<String> = labels
        .iter()
        .filter(|(name, _)| *name != "__name__")
        .map(|(name, value)| format!("{name}={value:?}"))
        .take(10)
        .collect();
    let rules: Vec<String> = rules.iter().map(in_words).collect();
    let error = ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "no_rule",
        format!(
            "No rule leads from the labels {} to an instance of the account {account}; its rules: {}.",
            if given.is_empty() {
                "(none)".to_owned()
            } else {
                given.join(", ")
            },
            if rules.is_empty() {
                "none".to_owned()
            } else {
                rules.join("; ")
            },
        ),
        format!("Add a rule to aws.{account}.match in the proxy's configuration, or ask by tags."),
    );
    Err(error.of(account))
}

/// A rule in words, as errors and the catalogue have it.
pub(crate) fn in_words(rule: &Rule) -> String {
    let by = match &rule.by {
        By::Tag(tag) => format!("tag {tag}"),
        By::PrivateIp => "private address".to_owned(),
        By::PrivateDns => "private DNS name".to_owned(),
        By::InstanceId => "instance id".to_owned(),
    };
    let cut = if rule.strip_port { " without port" } else { "" };
    format!("label {}{cut} is {by}", rule.label)
}

/// The criteria of one rule; None where the label is missing or cannot be what the rule says.
fn apply(rule: &Rule, labels: &BTreeMap<String, String>) -> Option<Criteria> {
    let value = labels.get(&rule.label)?.as_str();
    let value = if rule.strip_port {
        without_port(value)
    } else {
        value
    };
    let (field, fits) = match &rule.by {
        By::Tag(tag) => (Field::Tag(tag.clone()), true),
        By::PrivateIp => (Field::PrivateIp, value.parse::<Ipv4Addr>().is_ok()),
        By::PrivateDns => (
            Field::PrivateDns,
            value.contains('.') && value.parse::<Ipv4Addr>().is_err(),
        ),
        By::InstanceId => (Field::InstanceId, is_instance_id(value)),
    };
    (fits && !value.is_empty()).then(|| Criteria {
        wanted: vec![(field, value.to_owned())],
    })
}

fn without_port(value: &str) -> &str {
    match value.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit()) => host,
        _ => value,
    }
}

/// Whether `text` is `i-` and 8 or 17 hexadecimal digits.
pub fn is_instance_id(text: &str) -> bool {
    text.strip_prefix("i-").is_some_and(|digits| {
        matches!(digits.len(), 8 | 17) && digits.bytes().all(|c| c.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn rule(label: &str, by: By, strip_port: bool) -> Rule {
        Rule {
            label: label.to_owned(),
            by,
            strip_port,
        }
    }

    fn instance() -> Instance {
        Instance {
            account: "main".into(),
            region: "us-east-1".into(),
            instance_id: "i-0123456789abcdef0".into(),
            state: "running".into(),
            private_ip: Some("10.0.0.5".into()),
            private_dns: Some("ip-10-0-0-5.ec2.internal".into()),
            instance_type: String::new(),
            zone: String::new(),
            launched_at: String::new(),
            tags: map(&[("kind", "object4")]),
        }
    }

    #[test]
    fn the_first_rule_that_applies_counts() {
        let rules = [
            rule("instance", By::InstanceId, false),
            rule("instance", By::PrivateIp, true),
            rule("instance", By::PrivateDns, true),
            rule("which", By::Tag("kind".into()), false),
        ];
        for (labels, words) in [
            (
                map(&[("instance", "10.0.0.5:9100"), ("which", "object4")]),
                "private address 10.0.0.5",
            ),
            (
                map(&[("instance", "ip-10-0-0-5.ec2.internal:9100")]),
                "private DNS name ip-10-0-0-5.ec2.internal",
            ),
            (
                map(&[("instance", "i-0123456789abcdef0")]),
                "id i-0123456789abcdef0",
            ),
            (
                map(&[("instance", "web"), ("which", "object4")]),
                "tag kind=object4",
            ),
        ] {
            let criteria = criteria_of_labels("main", &rules, &labels).unwrap();
            assert_eq!(criteria.words(), words);
            assert!(criteria.meets(&instance()), "{words}");
        }
        let refused = criteria_of_labels(
            "main",
            &rules,
            &map(&[("instance", "web"), ("__name__", "up")]),
        )
        .unwrap_err();
        assert_eq!(refused.error_type, "no_rule");
        assert!(
            refused.error.contains("instance=\"web\"")
                && refused.error.contains("label which is tag kind"),
            "{}",
            refused.error
        );
        assert!(refused.next.contains("aws.main.match"));
    }

    #[test]
    fn a_wildcard_in_a_label_finds_nobody_else() {
        let criteria = criteria_of_tags(&map(&[("kind", "obj*")])).unwrap();
        assert_eq!(criteria.params()["Filter.1.Value.1"], "obj\\*");
        assert!(!criteria.meets(&instance()));
        let both = criteria_of_tags(&map(&[("kind", "object4"), ("zone", "a")])).unwrap();
        assert_eq!(both.params()["Filter.2.Name"], "tag:zone");
        assert!(!both.meets(&instance()));
    }

    #[test]
    fn ports_are_cut_only_where_there_is_one() {
        for (value, host) in [
            ("10.0.0.1:9100", "10.0.0.1"),
            ("web", "web"),
            ("web:", "web:"),
            ("a:b", "a:b"),
        ] {
            assert_eq!(without_port(value), host);
        }
    }

    #[test]
    fn tags_are_bounded() {
        assert!(criteria_of_tags(&BTreeMap::new()).is_err());
        assert!(criteria_of_tags(&map(&[("", "x")])).is_err());
        assert!(criteria_of_tags(&map(&[("a", &"x".repeat(257))])).is_err());
    }
}
