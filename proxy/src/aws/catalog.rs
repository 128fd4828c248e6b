//! The accounts in the catalogue.

use super::matching::in_words;
use super::{ACTIONS, Account};
use crate::app::App;
use crate::policy::{Operation, Principal, decide};
use casebook_wire::{AwsAccount, Decision};

/// The accounts, regions and actions that `principal` may ask. Nothing is asked of AWS for this.
pub fn accounts(app: &App, principal: &Principal) -> Vec<AwsAccount> {
    app.aws
        .values()
        .map(|account| describe(app, principal, account))
        .filter(|account| !account.regions.is_empty())
        .collect()
}

fn describe(app: &App, principal: &Principal, account: &Account) -> AwsAccount {
    let may = |region: &str, action: &str| {
        let operation = Operation::AwsCall {
            account: &account.name,
            region,
            action,
        };
        decide(&app.policy, principal, &operation).decision == Decision::Allow
    };
    let config = &account.config;
    let regions: Vec<String> = config
        .regions
        .iter()
        .filter(|region| ACTIONS.iter().any(|action| may(region, action.iam)))
        .cloned()
        .collect();
    let actions = ACTIONS
        .iter()
        .filter(|action| regions.iter().any(|region| may(region, action.iam)))
        .map(|action| action.iam.to_owned())
        .collect();
    AwsAccount {
        name: account.name.clone(),
        regions,
        actions,
        matches: config.rules.iter().map(in_words).collect(),
    }
}
