//! From the name that a cell uses to the host that is reached.

use super::known_hosts::fits;
use crate::aws::is_instance_id;
use crate::config;
use crate::error::ApiError;
use crate::policy::Principal;
use crate::upstream::is_forbidden;
use http::StatusCode;
use std::fmt;
use std::net::IpAddr;

/// A host that the rules let be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name that was asked for: of the configuration, an instance id, or an address.
    pub name: String,
    /// What is connected to: an IP address, or the DNS name of the configuration.
    pub address: String,
    /// The port.
    pub port: u16,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name == self.address {
            write!(f, "{}:{}", self.address, self.port)
        } else {
            write!(f, "{} ({}:{})", self.name, self.address, self.port)
        }
    }
}

/// The rules of `ssh.hosts`.
#[derive(Clone, Debug)]
pub struct Hosts {
    rules: Vec<config::HostRule>,
    port: u16,
}

impl Hosts {
    /// The rules as configured.
    pub fn new(config: &config::Ssh) -> Hosts {
        Hosts {
            rules: config.hosts.clone(),
            port: config.port,
        }
    }

    /// The host of this name. An address that comes from the browser is only ever matched with the
    /// rules; a name that no rule holds is never looked up.
    pub fn resolve(&self, principal: &Principal, name: &str) -> Result<Target, ApiError> {
        let literal = name.parse::<IpAddr>().ok().filter(|ip| !is_forbidden(*ip));
        let target = |address: &str, port: Option<u16>| Target {
            name: name.to_owned(),
            address: address.to_owned(),
            port: port.unwrap_or(self.port),
        };
        for rule in &self.rules {
            match (&rule.name, &rule.address, literal) {
                (Some(known), Some(address), _) if known == name => {
                    return Ok(target(address, rule.port));
                }
                (None, Some(pattern), Some(ip)) if fits(pattern, &ip.to_string()) => {
                    return Ok(target(&ip.to_string(), rule.port));
                }
                _ => {}
            }
        }
        Err(self.no_host(principal, name))
    }

    /// The accounts, with the port of each rule, in which a running instance of this id may be the
    /// host.
    pub(super) fn accounts_of(&self, name: &str) -> impl Iterator<Item = (&str, u16)> {
        let is_id = is_instance_id(name);
        self.rules.iter().filter(move |_| is_id).filter_map(|rule| {
            let account = rule.aws.as_deref()?;
            Some((account, rule.port.unwrap_or(self.port)))
        })
    }

    /// The host that was found under this name before, for who must look at the same machine again.
    /// Where AWS said what the name means, it is not asked again.
    pub fn again(
        &self,
        principal: &Principal,
        name: &str,
        address: &str,
        port: u16,
    ) -> Result<Target, ApiError> {
        let resolved = self.resolve(principal, name);
        if resolved.is_err() && self.accounts_of(name).next().is_some() {
            return Ok(Target {
                name: name.to_owned(),
                address: address.to_owned(),
                port,
            });
        }
        resolved
    }

    /// The rules in words, for the catalogue.
    pub fn described(&self) -> Vec<String> {
        self.rules.iter().map(described).collect()
    }

    fn no_host(&self, principal: &Principal, name: &str) -> ApiError {
        let known = self.described();
        let next = if known.is_empty() {
            "Add hosts to [ssh] in the proxy's configuration.".to_owned()
        } else {
            format!("Ask for one of: {}.", known.join(", "))
        };
        ApiError::new(
            StatusCode::NOT_FOUND,
            "no_host",
            format!("{} may reach no host {name:?} by SSH.", principal.user),
            next,
        )
    }
}

fn described(rule: &config::HostRule) -> String {
    match (&rule.name, &rule.address, &rule.aws) {
        (Some(name), _, _) => name.clone(),
        (None, Some(pattern), _) => format!("the addresses {pattern}"),
        (None, None, account) => {
            format!("instance ids of {}", account.as_deref().unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: Option<&str>, address: Option<&str>, port: Option<u16>) -> config::HostRule {
        config::HostRule {
            name: name.map(str::to_owned),
            address: address.map(str::to_owned),
            aws: None,
            port,
        }
    }

    #[test]
    fn only_what_a_rule_holds_is_reached() {
        let hosts = Hosts {
            rules: vec![
                rule(Some("web1"), Some("web1.internal"), Some(2222)),
                rule(None, Some("10.20.*"), None),
                rule(None, Some("169.254.*"), None),
            ],
            port: 22,
        };
        let ada = Principal {
            user: "ada".into(),
            session: "s".into(),
        };
        let reached = |name: &str| hosts.resolve(&ada, name).map(|t| t.to_string());
        assert_eq!(reached("web1").unwrap(), "web1 (web1.internal:2222)");
        assert_eq!(reached("10.20.0.7").unwrap(), "10.20.0.7:22");
        for name in [
            "web1.internal",
            "WEB1",
            "10.21.0.7",
            "10.20.evil.example",
            "10.20.0.7 ",
            "10.20.0.07",
            "169.254.169.254",
            "-oProxyCommand=x",
            "",
        ] {
            let refused = reached(name).unwrap_err();
            assert_eq!(refused.status, 404, "{name}");
            assert!(refused.next.contains("web1, the addresses 10.20.*"));
        }
    }
}
