//! AWS accounts, and the instances that the proxy finds in them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An account that this user may ask, in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsAccount {
    /// The name that cells use, and that stands in the path.
    pub name: String,
    /// Regions that may be asked, such as `us-east-1`.
    pub regions: Vec<String>,
    /// Actions that may be asked, such as `ec2:DescribeInstances`.
    pub actions: Vec<String>,
    /// How labels lead to instances, such as `which = tag kind`, in the order in which they are
    /// tried.
    pub matches: Vec<String>,
}

/// An EC2 instance, as `DescribeInstances` tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// The account's name in the proxy's configuration.
    pub account: String,
    /// The region where it was found.
    pub region: String,
    /// The id, such as `i-0abc1234def567890`.
    pub instance_id: String,
    /// `pending`, `running`, `stopping`, `stopped`, `shutting-down` or `terminated`.
    pub state: String,
    /// The private address; a terminated instance has none.
    pub private_ip: Option<String>,
    /// The private DNS name, where there is one.
    pub private_dns: Option<String>,
    /// The instance type, such as `m7g.large`.
    #[serde(rename = "type")]
    pub instance_type: String,
    /// The availability zone, such as `us-east-1a`.
    pub zone: String,
    /// When it was launched last, RFC 3339 in UTC as EC2 writes it.
    pub launched_at: String,
    /// The tags.
    pub tags: BTreeMap<String, String>,
}

/// What `POST /api/v1/aws/{account}/instance` is asked: by labels, by tags or by an id, exactly one
/// of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InstanceQuery {
    /// The labels of a series, for the account's `match` rules.
    pub labels: BTreeMap<String, String>,
    /// Tags that the instance has, all of them.
    pub tags: BTreeMap<String, String>,
    /// The id, such as `i-0abc1234def567890`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The one region to be asked; all of the account's when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// The answer to an [`InstanceQuery`] that exactly one running instance meets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundInstance {
    /// The instance.
    pub instance: Instance,
    /// How it was looked for, such as `tag kind=object4`.
    pub by: String,
}

/// The answer of `GET /api/v1/aws/{account}/instances`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceList {
    /// In the order of region and id.
    pub instances: Vec<Instance>,
}
