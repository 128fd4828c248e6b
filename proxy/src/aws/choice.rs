//! Exactly one running instance is an answer; anything else is an error that lists what there is.

use super::matching::Criteria;
use crate::error::ApiError;
use casebook_wire::{FoundInstance, Instance};
use http::StatusCode;

/// Most instances that an error lists.
const LISTED: usize = 10;

/// The one that runs, of all that meet the criteria.
pub(super) fn choose(
    account: &str,
    criteria: &Criteria,
    regions: &[String],
    met: Vec<Instance>,
) -> Result<FoundInstance, ApiError> {
    let by = criteria.words();
    let (mut running, others): (Vec<_>, Vec<_>) =
        met.into_iter().partition(|one| one.state == "running");
    let asked = regions.join(", ");
    let error = match (running.len(), others.len()) {
        (1, _) => {
            let instance = running.remove(0);
            return Ok(FoundInstance { instance, by });
        }
        (0, 0) => ApiError::new(
            StatusCode::NOT_FOUND,
            "no_instance",
            format!("No instance of the account {account} has {by} (asked in {asked})."),
            format!(
                "See what there is: await cb.aws({account:?}).instances(); then correct the tags, or aws.{account}.match in the proxy's configuration."
            ),
        ),
        (0, _) => ApiError::new(
            StatusCode::NOT_FOUND,
            "no_instance",
            format!(
                "No running instance of the account {account} has {by} (asked in {asked}); not running: {}.",
                listed(&others)
            ),
            "See whether it was stopped or replaced.",
        ),
        (count, _) => ApiError::new(
            StatusCode::CONFLICT,
            "many_instances",
            format!(
                "{count} running instances of the account {account} have {by}: {}.",
                listed(&running)
            ),
            "Add a tag that tells them apart, or ask by the id of one.",
        ),
    };
    Err(error.of(account))
}

fn listed(instances: &[Instance]) -> String {
    let one = |instance: &Instance| {
        let address = instance.private_ip.as_deref().unwrap_or("no address");
        let name = instance.tags.get("Name").map_or(String::new(), |name| {
            format!(", Name={}", name.chars().take(60).collect::<String>())
        });
        format!(
            "{} ({}, {address}, {}{name})",
            instance.instance_id, instance.state, instance.region
        )
    };
    let mut all: Vec<String> = instances.iter().take(LISTED).map(one).collect();
    if instances.len() > LISTED {
        all.push(format!("and {} more", instances.len() - LISTED));
    }
    all.join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::matching::criteria_of_tags;
    use super::*;
    use std::collections::BTreeMap;

    fn instance(id: &str, state: &str) -> Instance {
        Instance {
            account: "main".into(),
            region: "us-east-1".into(),
            instance_id: id.into(),
            state: state.into(),
            private_ip: Some("10.0.0.5".into()),
            private_dns: None,
            instance_type: String::new(),
            zone: String::new(),
            launched_at: String::new(),
            tags: BTreeMap::from([("Name".to_owned(), "web".to_owned())]),
        }
    }

    fn chosen(met: Vec<Instance>) -> Result<FoundInstance, ApiError> {
        let criteria = criteria_of_tags(&BTreeMap::from([("kind".into(), "x".into())])).unwrap();
        choose("main", &criteria, &["us-east-1".to_owned()], met)
    }

    #[test]
    fn exactly_one_that_runs_is_an_answer() {
        let met = vec![instance("i-1", "stopped"), instance("i-2", "running")];
        let found = chosen(met).unwrap();
        assert_eq!(
            (found.instance.instance_id.as_str(), found.by.as_str()),
            ("i-2", "tag kind=x")
        );
    }

    #[test]
    fn none_and_many_list_what_there_is() {
        let none = chosen(vec![]).unwrap_err();
        assert_eq!(
            (none.status.as_u16(), none.error_type),
            (404, "no_instance")
        );
        assert!(none.error.contains("has tag kind=x (asked in us-east-1)"));
        let stopped = chosen(vec![instance("i-1", "stopped")]).unwrap_err();
        assert!(
            stopped
                .error
                .contains("not running: i-1 (stopped, 10.0.0.5, us-east-1, Name=web)"),
            "{}",
            stopped.error
        );
        let many = chosen(
            (0..12)
                .map(|n| instance(&format!("i-{n}"), "running"))
                .collect(),
        );
        let many = many.unwrap_err();
        assert_eq!(
            (many.status.as_u16(), many.error_type),
            (409, "many_instances")
        );
        assert!(many.error.contains("12 running") && many.error.contains("and 2 more"));
    }
}
