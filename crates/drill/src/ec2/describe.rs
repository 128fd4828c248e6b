//! The four reads of EC2 that the drill answers, and what each may be filtered by.

use chrono::DateTime;

use super::REGIONS;
use super::fault::Fault;
use super::filter::{Facts, Filter, list};
use super::xml::{element, set, text};
use crate::fleet::{Fleet, Server};
use crate::params::Params;

/// The account that owns the fleet; the number is from AWS's documentation.
pub(super) const ACCOUNT: &str = "111122223333";

const INSTANCE_TYPE: &str = "m7g.large";

const INSTANCE_FILTERS: [&str; 14] = [
    "tag:*",
    "tag-key",
    "availability-zone",
    "instance-id",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "network-interface.addresses.private-ip-address",
    "owner-id",
    "private-dns-name",
    "private-ip-address",
    "reservation-id",
    "subnet-id",
    "vpc-id",
];

const STATUS_FILTERS: [&str; 6] = [
    "availability-zone",
    "instance-state-code",
    "instance-state-name",
    "instance-status.status",
    "system-status.status",
    "instance-status.reachability",
];

const TAG_FILTERS: [&str; 5] = ["tag:*", "key", "resource-id", "resource-type", "value"];

const REGION_FILTERS: [&str; 3] = ["endpoint", "opt-in-status", "region-name"];

/// The content of `DescribeInstancesResponse`; only the first region has instances.
pub(super) fn instances(fleet: &Fleet, region: &str, params: &Params) -> Result<String, Fault> {
    let filters = Filter::all(params, &INSTANCE_FILTERS)?;
    let found = asked_for(fleet, region, params)?
        .into_iter()
        .filter(|server| all_pass(&filters, &facts(server)))
        .collect();
    let (page, next) = paged(found, params)?;
    let launched = rfc3339(fleet.begins());
    let reservations = page.into_iter().map(|server| {
        let id = server.instance_id.replacen("i-", "r-", 1);
        let instance = set("instancesSet", [instance(server, &launched)]);
        let head = text("reservationId", &id) + &text("ownerId", ACCOUNT);
        format!("{head}<groupSet/>{instance}")
    });
    Ok(set("reservationSet", reservations) + &next)
}

/// The content of `DescribeInstanceStatusResponse`.
pub(super) fn instance_status(
    fleet: &Fleet,
    region: &str,
    params: &Params,
) -> Result<String, Fault> {
    let filters = Filter::all(params, &STATUS_FILTERS)?;
    let found = asked_for(fleet, region, params)?
        .into_iter()
        .filter(|server| {
            let mut facts = facts(server);
            for name in ["instance-status.status", "system-status.status"] {
                facts.push((name.to_owned(), "ok".to_owned()));
            }
            let reachable = "instance-status.reachability";
            facts.push((reachable.to_owned(), "passed".to_owned()));
            all_pass(&filters, &facts)
        })
        .collect();
    let (page, next) = paged(found, params)?;
    let checks = text("status", "ok")
        + &set(
            "details",
            [text("name", "reachability") + &text("status", "passed")],
        );
    let statuses = page.into_iter().map(|server| {
        text("instanceId", &server.instance_id)
            + &text("availabilityZone", &zone(server))
            + &running("instanceState")
            + &element("systemStatus", &checks)
            + &element("instanceStatus", &checks)
    });
    Ok(set("instanceStatusSet", statuses) + &next)
}

/// The content of `DescribeTagsResponse`.
pub(super) fn tags(fleet: &Fleet, region: &str, params: &Params) -> Result<String, Fault> {
    let filters = Filter::all(params, &TAG_FILTERS)?;
    let all = in_region(fleet, region).into_iter().flat_map(|server| {
        let of = |(key, value): (&'static str, String)| (&server.instance_id, key, value);
        tags_of(server).map(of)
    });
    let found = all
        .filter(|(id, key, value)| {
            let facts = vec![
                ("resource-id".to_owned(), (*id).clone()),
                ("resource-type".to_owned(), "instance".to_owned()),
                ("key".to_owned(), (*key).to_owned()),
                ("value".to_owned(), value.clone()),
                (format!("tag:{key}"), value.clone()),
            ];
            all_pass(&filters, &facts)
        })
        .collect();
    let (page, next) = paged(found, params)?;
    let items = page.into_iter().map(|(id, key, value)| {
        text("resourceId", id)
            + &text("resourceType", "instance")
            + &text("key", key)
            + &text("value", &value)
    });
    Ok(set("tagSet", items) + &next)
}

/// The content of `DescribeRegionsResponse`.
pub(super) fn regions(params: &Params) -> Result<String, Fault> {
    let filters = Filter::all(params, &REGION_FILTERS)?;
    let named = list(params, "RegionName");
    if let Some(unknown) = named.iter().find(|name| !REGIONS.contains(&name.as_str())) {
        let message = format!("Invalid region provided: {{{unknown}}}");
        return Err(Fault::bad("InvalidParameterValue", message));
    }
    let asked = |region: &&str| named.is_empty() || named.iter().any(|name| name == region);
    let items = REGIONS.into_iter().filter(asked).filter_map(|region| {
        let endpoint = format!("ec2.{region}.amazonaws.com");
        let facts = vec![
            ("region-name".to_owned(), region.to_owned()),
            ("endpoint".to_owned(), endpoint.clone()),
            ("opt-in-status".to_owned(), "opt-in-not-required".to_owned()),
        ];
        all_pass(&filters, &facts).then(|| {
            text("regionName", region)
                + &text("regionEndpoint", &endpoint)
                + &text("optInStatus", "opt-in-not-required")
        })
    });
    Ok(set("regionInfo", items))
}

fn all_pass(filters: &[Filter], facts: &Facts) -> bool {
    filters.iter().all(|filter| filter.passes(facts))
}

fn in_region<'a>(fleet: &'a Fleet, region: &str) -> Vec<&'a Server> {
    if region == REGIONS[0] {
        fleet.servers().iter().collect()
    } else {
        Vec::new()
    }
}

/// The instances of `InstanceId.N`, or all when none is named.
fn asked_for<'a>(
    fleet: &'a Fleet,
    region: &str,
    params: &Params,
) -> Result<Vec<&'a Server>, Fault> {
    let named = list(params, "InstanceId");
    let all = in_region(fleet, region);
    if named.is_empty() {
        return Ok(all);
    }
    if !params.get("MaxResults").is_empty() {
        return Err(Fault::bad(
            "InvalidParameterCombination",
            "The parameter instancesSet cannot be used with the parameter maxResults",
        ));
    }
    let well_formed = |id: &str| {
        id.strip_prefix("i-").is_some_and(|digits| {
            matches!(digits.len(), 8 | 17) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
        })
    };
    for id in &named {
        if !well_formed(id) {
            let message = format!("Invalid id: \"{id}\"");
            return Err(Fault::bad("InvalidInstanceID.Malformed", message));
        }
        if !all.iter().any(|server| server.instance_id == *id) {
            let message = format!("The instance ID '{id}' does not exist");
            return Err(Fault::bad("InvalidInstanceID.NotFound", message));
        }
    }
    let asked = |server: &&Server| named.contains(&server.instance_id);
    Ok(all.into_iter().filter(asked).collect())
}

/// One page, and `<nextToken>` when there is another.
fn paged<T>(found: Vec<T>, params: &Params) -> Result<(Vec<T>, String), Fault> {
    let size: usize = match params.get("MaxResults") {
        "" => found.len(),
        digits => digits
            .parse()
            .ok()
            .filter(|size| (5..=1000).contains(size))
            .ok_or_else(|| {
                let message = format!(
                    "Value ( {digits} ) for parameter maxResults is invalid. \
                     Expecting a value greater than 5 and less than 1000"
                );
                Fault::bad("InvalidParameterValue", message)
            })?,
    };
    let start: usize = match params.get("NextToken") {
        "" => 0,
        token => token
            .strip_prefix("drill-")
            .and_then(|offset| offset.parse().ok())
            .filter(|offset| *offset < found.len())
            .ok_or_else(|| {
                let message = "The token is invalid";
                Fault::bad("InvalidNextToken", message)
            })?,
    };
    let end = start + size;
    let next = if end < found.len() {
        text("nextToken", &format!("drill-{end}"))
    } else {
        String::new()
    };
    Ok((found.into_iter().skip(start).take(size).collect(), next))
}

fn instance(server: &Server, launched: &str) -> String {
    let tags = tags_of(server).map(|(key, value)| text("key", key) + &text("value", &value));
    let place = text("availabilityZone", &zone(server)) + &text("tenancy", "default");
    text("instanceId", &server.instance_id)
        + &text("imageId", "ami-0d1e5ca5eb00c0001")
        + &running("instanceState")
        + &text("privateDnsName", &private_dns(server))
        + &text("dnsName", "")
        + &text("instanceType", INSTANCE_TYPE)
        + &text("launchTime", launched)
        + &element("placement", &place)
        + &text("privateIpAddress", server.address())
        + &text("vpcId", VPC)
        + &text("subnetId", SUBNET)
        + &text("architecture", "arm64")
        + &set("tagSet", tags)
}

const VPC: &str = "vpc-0d1e5ca5eb00c0001";
const SUBNET: &str = "subnet-0d1e5ca5eb00c0001";

fn running(name: &str) -> String {
    element(name, &(text("code", "16") + &text("name", "running")))
}

fn facts(server: &Server) -> Facts {
    let address = server.address();
    let dns = private_dns(server);
    let zone = zone(server);
    let reservation = server.instance_id.replacen("i-", "r-", 1);
    let own = [
        ("availability-zone", zone.as_str()),
        ("instance-id", &server.instance_id),
        ("instance-state-code", "16"),
        ("instance-state-name", "running"),
        ("instance-type", INSTANCE_TYPE),
        ("network-interface.addresses.private-ip-address", address),
        ("owner-id", ACCOUNT),
        ("private-dns-name", &dns),
        ("private-ip-address", address),
        ("reservation-id", &reservation),
        ("subnet-id", SUBNET),
        ("vpc-id", VPC),
    ];
    let mut facts: Facts = own
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (key, value) in tags_of(server) {
        facts.push((format!("tag:{key}"), value));
        facts.push(("tag-key".to_owned(), key.to_owned()));
    }
    facts
}

fn tags_of(server: &Server) -> [(&'static str, String); 3] {
    [
        ("Name", format!("fleet-{}", server.which)),
        ("job", "fleet".to_owned()),
        ("kind", server.which.to_owned()),
    ]
}

fn private_dns(server: &Server) -> String {
    format!("ip-{}.ec2.internal", server.address().replace('.', "-"))
}

fn zone(server: &Server) -> String {
    format!("{}{}", REGIONS[0], server.zone)
}

fn rfc3339(seconds: i64) -> String {
    DateTime::from_timestamp(seconds, 0)
        .unwrap_or_default()
        .format("%Y-%m-%dT%H:%M:%S.000Z")
        .to_string()
}
