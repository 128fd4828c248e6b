//! Reads of AWS: which actions there are, the signature by the proxy's own credentials, the relay,
//! and the search for the instance behind a label.

mod account;
mod action;
mod answer;
mod call;
mod catalog;
mod choice;
mod credentials;
mod denial;
mod lookup;
mod matching;
mod question;
mod relay;
mod trouble;

pub use account::Account;
pub use action::{ACTIONS, Action, Call, Refusal, Target, resolve, route};
pub use call::Asker;
pub use catalog::accounts;
pub use denial::in_aws_words;
pub use lookup::{find_one, handle_lookup};
pub use matching::{Criteria, criteria_of_labels, criteria_of_tags, is_instance_id};
pub use relay::handle;
