//! Hosts by instance id: AWS says where they are.

use super::{Ssh, Target};
use crate::app::App;
use crate::aws::{Asker, Criteria, find_one};
use crate::error::ApiError;
use crate::upstream::is_forbidden;
use http::StatusCode;
use std::net::IpAddr;
use std::sync::Arc;

/// The host of this name: by the rules alone, or, where a rule says so, as the running instance of
/// this id. Only an address that AWS gave is connected to.
pub async fn find(
    app: &Arc<App>,
    ssh: &Ssh,
    asker: &Asker,
    name: &str,
) -> Result<Target, ApiError> {
    let refused = match ssh.hosts.resolve(&asker.principal, name) {
        Ok(target) => return Ok(target),
        Err(error) => error,
    };
    let mut last = refused;
    for (account, port) in ssh.hosts.accounts_of(name) {
        match find_one(app, asker, account, &Criteria::id(name), None).await {
            Ok(found) => return reached(name, found.instance.private_ip.as_deref(), port),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn reached(name: &str, address: Option<&str>, port: u16) -> Result<Target, ApiError> {
    let usable = address
        .and_then(|address| address.parse::<IpAddr>().ok())
        .filter(|ip| !is_forbidden(*ip));
    match usable {
        Some(ip) => Ok(Target {
            name: name.to_owned(),
            address: ip.to_string(),
            port,
        }),
        None => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "no_host",
            format!("The instance {name} has no private address to reach it by."),
            "See in the EC2 console what became of it.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_a_machine_is_reached() {
        let good = reached("i-0abc1234", Some("10.0.0.7"), 22).unwrap();
        assert_eq!(good.to_string(), "i-0abc1234 (10.0.0.7:22)");
        for bad in [None, Some(""), Some("web1"), Some("169.254.169.254")] {
            assert_eq!(reached("i-0abc1234", bad, 22).unwrap_err().status, 404);
        }
    }
}
