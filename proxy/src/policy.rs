//! Who may do what: a pure function from a principal and an operation to a decision.

use crate::aws::ACTIONS;
use casebook_wire::Decision;
use casebook_wire::command::is_under;
use std::collections::{BTreeMap, BTreeSet};

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
    /// A command of the catalogue on a host that may be reached.
    SshRead {
        /// The host's name.
        host: &'a str,
        /// The command's name.
        command: &'a str,
        /// The path that it looks at: as it was asked for, and again as the host resolves it.
        path: Option<&'a str>,
    },
    /// Moving a file of a host out of the way.
    Quarantine {
        /// The host's name.
        host: &'a str,
        /// The file's path.
        path: &'a str,
    },
    /// A call of an AWS account.
    AwsCall {
        /// The account's name.
        account: &'a str,
        /// The region.
        region: &'a str,
        /// Service and action, such as `ec2:DescribeInstances`.
        action: &'a str,
    },
}

/// The rules, as the configuration gives them.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Sources that every signed-in user may read.
    pub prometheus: BTreeSet<String>,
    /// Folders on the hosts that every signed-in user may look into.
    pub ssh_read: Vec<String>,
    /// Folders on the hosts out of which every signed-in user may ask to move files.
    pub quarantine_from: Vec<String>,
    /// Accounts that every signed-in user may ask, and the regions of each.
    pub aws: BTreeMap<String, BTreeSet<String>>,
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
        Operation::SshRead {
            host,
            command,
            path,
        } => decide_ssh(policy, principal, host, command, *path),
        Operation::Quarantine { host, path } => {
            let user = &principal.user;
            let inside = |folder: &String| is_under(path, folder) && path != folder;
            if policy.quarantine_from.iter().any(inside) {
                Ruling {
                    decision: Decision::NeedsApproval,
                    reason: format!("{user} may ask to move {path} of {host}"),
                }
            } else {
                Ruling {
                    decision: Decision::Deny,
                    reason: format!("{user} may not have {path} of {host} moved"),
                }
            }
        }
        Operation::AwsCall {
            account,
            region,
            action,
        } => decide_aws(policy, principal, account, region, action),
    }
}

fn decide_aws(
    policy: &Policy,
    principal: &Principal,
    account: &str,
    region: &str,
    action: &str,
) -> Ruling {
    let user = &principal.user;
    let deny = |reason| Ruling {
        decision: Decision::Deny,
        reason,
    };
    let Some(regions) = policy.aws.get(account) else {
        let known: Vec<&str> = policy.aws.keys().map(String::as_str).collect();
        return deny(format!(
            "{user} has no account {account:?}; accounts: {}",
            listed(&known)
        ));
    };
    if !regions.contains(region) {
        let known: Vec<&str> = regions.iter().map(String::as_str).collect();
        return deny(format!(
            "the region {region:?} of {account} is not asked; regions: {}",
            listed(&known)
        ));
    }
    if !ACTIONS.iter().any(|known| known.iam == action) {
        return deny(format!("{action:?} is not relayed"));
    }
    Ruling {
        decision: Decision::Allow,
        reason: format!("{user} may ask {account} for {action} in {region}"),
    }
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn decide_ssh(
    policy: &Policy,
    principal: &Principal,
    host: &str,
    command: &str,
    path: Option<&str>,
) -> Ruling {
    let user = &principal.user;
    let outside = path.filter(|path| !policy.ssh_read.iter().any(|folder| is_under(path, folder)));
    match outside {
        None => Ruling {
            decision: Decision::Allow,
            reason: format!("{user} may run {command} on {host}"),
        },
        Some(path) => Ruling {
            decision: Decision::Deny,
            reason: format!("{path:?} lies outside of the folders that {user} may look into"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_looked_at_in_the_configured_folders_only() {
        let policy = Policy {
            ssh_read: vec!["/var/crash".to_owned()],
            ..Policy::default()
        };
        let ada = Principal {
            user: "ada".into(),
            session: "s".into(),
        };
        let ask = |path| {
            let operation = Operation::SshRead {
                host: "web1",
                command: "ls",
                path,
            };
            decide(&policy, &ada, &operation).decision
        };
        for path in [None, Some("/var/crash"), Some("/var/crash/a/core")] {
            assert_eq!(ask(path), Decision::Allow, "{path:?}");
        }
        for path in ["/", "/var", "/var/crashed", "/etc/shadow", ""] {
            assert_eq!(ask(Some(path)), Decision::Deny, "{path}");
        }
    }

    #[test]
    fn a_file_is_moved_out_of_the_configured_folders_only_and_never_without_approval() {
        let policy = Policy {
            ssh_read: vec!["/".to_owned()],
            quarantine_from: vec!["/var/crash".to_owned()],
            ..Policy::default()
        };
        let ada = Principal {
            user: "ada".into(),
            session: "s".into(),
        };
        let ask = |path| {
            let host = "web1";
            decide(&policy, &ada, &Operation::Quarantine { host, path }).decision
        };
        assert_eq!(ask("/var/crash/a/core"), Decision::NeedsApproval);
        for path in ["/var/crash", "/var/crash2/core", "/etc/passwd", "", "/"] {
            assert_eq!(ask(path), Decision::Deny, "{path}");
        }
    }

    #[test]
    fn only_configured_sources_may_be_read() {
        let policy = Policy {
            prometheus: BTreeSet::from(["main".to_owned()]),
            ..Policy::default()
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

    #[test]
    fn only_configured_accounts_regions_and_actions_may_be_asked() {
        let regions = BTreeSet::from(["us-east-1".to_owned()]);
        let policy = Policy {
            aws: BTreeMap::from([("main".to_owned(), regions)]),
            ..Policy::default()
        };
        let ada = Principal {
            user: "ada".into(),
            session: "s".into(),
        };
        let ask = |account, region, action| {
            let operation = Operation::AwsCall {
                account,
                region,
                action,
            };
            decide(&policy, &ada, &operation).decision
        };
        for action in ACTIONS {
            assert_eq!(ask("main", "us-east-1", action.iam), Decision::Allow);
        }
        for (account, region, action) in [
            ("other", "us-east-1", "ec2:DescribeInstances"),
            ("main", "eu-west-1", "ec2:DescribeInstances"),
            ("main", "us-east-1", "ec2:TerminateInstances"),
            ("main", "us-east-1", "sts:AssumeRole"),
            ("main", "us-east-1", "DescribeInstances"),
            ("main", "us-east-1", "ec2:Describe*"),
        ] {
            assert_eq!(ask(account, region, action), Decision::Deny, "{action}");
        }
    }
}
