//! What the handlers share.

use crate::audit::Audit;
use crate::aws::Account;
use crate::config::Config;
use crate::limits::Limits;
use crate::link::Links;
use crate::plan::Plans;
use crate::policy::Policy;
use crate::prometheus::Source;
use crate::session::Sessions;
use crate::site::Site;
use crate::ssh::Ssh;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the handlers share; made once at start.
#[derive(Debug)]
pub struct App {
    /// The configuration, with its real port and hosts.
    pub config: Config,
    /// The user that a login link signs in.
    pub user: String,
    /// Name of the session's cookie. Ports do not separate cookies, so the port is in the name.
    pub cookie_name: String,
    /// The rules.
    pub policy: Policy,
    /// Prometheus sources by name.
    pub sources: BTreeMap<String, Arc<Source>>,
    /// AWS accounts by name.
    pub aws: BTreeMap<String, Arc<Account>>,
    /// Hosts by SSH, when `[ssh]` is there.
    pub ssh: Option<Ssh>,
    /// Changes of hosts that were planned.
    pub plans: Plans,
    /// The `Host` of the pages that approve them.
    pub approval_host: String,
    /// Sessions.
    pub sessions: Sessions,
    /// Login links.
    pub links: Links,
    /// Rates and concurrency.
    pub limits: Limits,
    /// The audit log.
    pub audit: Audit,
    /// The static site.
    pub site: Site,
}
