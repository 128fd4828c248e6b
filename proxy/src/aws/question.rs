//! What a lookup is asked, from a body or a query string.

use super::Account;
use super::matching::{Criteria, criteria_of_labels, criteria_of_tags, is_instance_id};
use crate::error::ApiError;
use bytes::Bytes;
use casebook_wire::InstanceQuery;
use std::collections::BTreeMap;

/// What is asked for.
pub(super) struct Question {
    pub(super) criteria: Criteria,
    pub(super) region: Option<String>,
    pub(super) any_state: bool,
}

impl Question {
    pub(super) fn of_body(account: &Account, body: &Bytes) -> Result<Question, ApiError> {
        let bad = |error: String| {
            let next = "Send {\"tags\": {…}}, {\"labels\": {…}} or {\"id\": \"i-…\"}, and \"region\" if need be.";
            Err(ApiError::bad_data(error, next).of(&account.name))
        };
        let query: InstanceQuery = match serde_json::from_slice(body) {
            Ok(query) => query,
            Err(error) => return bad(format!("The body is no question for an instance: {error}.")),
        };
        let criteria = match (&query.id, query.labels.is_empty(), query.tags.is_empty()) {
            (Some(id), true, true) if is_instance_id(id) => Criteria::id(id),
            (Some(id), true, true) => return bad(format!("{id:.64?} is no instance id.")),
            (None, false, true) => {
                criteria_of_labels(&account.name, &account.config.rules, &query.labels)?
            }
            (None, true, false) => {
                criteria_of_tags(&query.tags).map_err(|error| error.of(&account.name))?
            }
            _ => {
                let error = "An instance is looked for by its labels, by tags or by its id: exactly one of them.";
                return bad(error.to_owned());
            }
        };
        Ok(Question {
            criteria,
            region: query.region,
            any_state: false,
        })
    }

    /// `tag=kind%3Dobject4`, as often as need be, `region=`, `state=running|any`.
    pub(super) fn of_query(query: &str) -> Result<Question, ApiError> {
        let mut tags = BTreeMap::new();
        let (mut region, mut any_state) = (None, false);
        let bad = |error: String| {
            let next = "Give tag=NAME=VALUE, region=us-east-1, state=running or state=any.";
            Err(ApiError::bad_data(error, next))
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match (name.as_ref(), value.as_ref()) {
                ("tag", pair) => {
                    let Some((tag, value)) = pair.split_once('=') else {
                        return bad(format!("tag={pair:.64?} has no value."));
                    };
                    tags.insert(tag.to_owned(), value.to_owned());
                }
                ("region", value) => region = Some(value.to_owned()),
                ("state", "any") => any_state = true,
                ("state", "running") => any_state = false,
                _ => {
                    return bad(format!(
                        "{name:.64}={value:.64?} is no part of this question."
                    ));
                }
            }
        }
        let criteria = if tags.is_empty() {
            Criteria::any()
        } else {
            criteria_of_tags(&tags)?
        };
        Ok(Question {
            criteria,
            region,
            any_state,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_asked_by_tags_region_and_state() {
        let question = Question::of_query("tag=kind%3Da%3Db&region=us-east-1&state=any").unwrap();
        assert_eq!(question.criteria.words(), "tag kind=a=b");
        assert!(question.any_state && question.region.as_deref() == Some("us-east-1"));
        for bad in ["tag=x", "state=dead", "filter=x", "tag==x"] {
            assert!(Question::of_query(bad).is_err(), "{bad}");
        }
    }
}
