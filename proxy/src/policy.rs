//! Who may do what: a pure function from a principal and an operation to a decision.

use casebook_wire::Decision;
use std::collections::BTreeSet;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user's name.
    pub user: String,
    /// Short id of the session.
    pub session: String,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation<'a> {
    /// A read of a Prometheus source.
    PrometheusRead {
        /// The source's name.
        source: &'a str,
    },
}

/// The rules, as the configuration gives them.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Sources that every signed-in user may read.
    pub prometheus: BTreeSet<String>,
}

/// A decision with its reason, as the audit record keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// What was decided.
    pub decision: Decision,
    /// Why.
    pub reason: String,
}

/// Decides. What no rule allows is denied.
pub fn decide(policy: &Policy, principal: &Principal, operation: &Operation<'_>) -> Ruling {
    match operation {
        Operation::PrometheusRead { source } if policy.prometheus.contains(*source) => Ruling {
            decision: Decision::Allow,
            reason: format!("{} may read the source {source}", principal.user),
        },
        Operation::PrometheusRead { source } => Ruling {
            decision: Decision::Deny,
            reason: format!("{} has no source {source:?}", principal.user),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_configured_sources_may_be_read() {
        let policy = Policy {
            prometheus: BTreeSet::from(["main".to_owned()]),
        };
        let ada = Principal {
            user: "ada".into(),
            session: "s".into(),
        };
        let ask = |source| decide(&policy, &ada, &Operation::PrometheusRead { source }).decision;
        assert_eq!(ask("main"), Decision::Allow);
        for source in ["Main", "other", "", "main/../main"] {
            assert_eq!(ask(source), Decision::Deny);
        }
    }
}
