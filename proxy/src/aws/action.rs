//! The table of what may be asked, and the pure decision which of it a request is. What is sent
//! upstream is encoded anew from the parsed form, so that AWS cannot read it in another way.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::{BTreeMap, BTreeSet};

/// A service: its name in paths and signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Elastic Compute Cloud.
    Ec2,
    /// Security Token Service.
    Sts,
}

impl Service {
    /// Its name in paths, host names and signatures.
    pub fn name(self) -> &'static str {
        match self {
            Service::Ec2 => "ec2",
            Service::Sts => "sts",
        }
    }

    fn named(name: &str) -> Option<Service> {
        [Service::Ec2, Service::Sts]
            .into_iter()
            .find(|service| service.name() == name)
    }
}

/// One action that may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its service.
    pub service: Service,
    /// Its name in the form.
    pub name: &'static str,
    /// The version of the API.
    pub version: &'static str,
    /// Service and name as IAM policies write them.
    pub iam: &'static str,
    /// The operation in audit records.
    pub op: &'static str,
}

const EC2: &str = "2016-11-15";
const STS: &str = "2011-06-15";

const fn action(
    service: Service,
    name: &'static str,
    version: &'static str,
    iam: &'static str,
    op: &'static str,
) -> Action {
    Action {
        service,
        name,
        version,
        iam,
        op,
    }
}

/// `DescribeInstances`, which the proxy also asks on its own.
pub(super) const DESCRIBE_INSTANCES: Action = action(
    Service::Ec2,
    "DescribeInstances",
    EC2,
    "ec2:DescribeInstances",
    "aws.ec2.DescribeInstances",
);

/// Everything that may be asked. None of these hands out credentials, user data or pre-shared keys,
/// and none changes anything.
pub const ACTIONS: [Action; 5] = [
    DESCRIBE_INSTANCES,
    action(
        Service::Ec2,
        "DescribeInstanceStatus",
        EC2,
        "ec2:DescribeInstanceStatus",
        "aws.ec2.DescribeInstanceStatus",
    ),
    action(
        Service::Ec2,
        "DescribeTags",
        EC2,
        "ec2:DescribeTags",
        "aws.ec2.DescribeTags",
    ),
    action(
        Service::Ec2,
        "DescribeRegions",
        EC2,
        "ec2:DescribeRegions",
        "aws.ec2.DescribeRegions",
    ),
    action(
        Service::Sts,
        "GetCallerIdentity",
        STS,
        "sts:GetCallerIdentity",
        "aws.sts.GetCallerIdentity",
    ),
];

/// The three names in `/api/aws/{account}/{service}/{region}/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The account's name.
    pub account: &'a str,
    /// The service's name.
    pub service: &'a str,
    /// The region.
    pub region: &'a str,
}

/// The names of an undecoded path; None for every other shape.
pub fn route(path: &str) -> Option<Target<'_>> {
    let rest = path.strip_prefix("/api/aws/")?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let mut parts = rest.split('/');
    let target = Target {
        account: parts.next()?,
        service: parts.next()?,
        region: parts.next()?,
    };
    let plain = |text: &str| {
        let known = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
        (1..=64).contains(&text.len()) && text.bytes().all(known)
    };
    let good = [target.account, target.service, target.region]
        .into_iter()
        .all(plain);
    (parts.next().is_none() && good).then_some(target)
}

/// An action with its parameters, ready to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What is asked.
    pub action: Action,
    /// Everything but `Action` and `Version`.
    pub params: BTreeMap<String, String>,
}

impl Call {
    /// The form that is sent, encoded as AWS's own Python client does it: servers that encode a form
    /// anew to check its signature (moto does) get the same bytes.
    pub fn body(&self) -> String {
        let fixed = [
            ("Action", self.action.name),
            ("Version", self.action.version),
        ];
        let given = self
            .params
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs: Vec<String> = fixed
            .into_iter()
            .chain(given)
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        pairs.join("&")
    }
}

fn encoded(text: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(text, KEPT)
        .to_string()
        .replace("%20", "+")
}

/// Why a request is none of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The action that was named, as far as one was.
    pub named: String,
    /// A sentence.
    pub reason: String,
}

/// Most parameters of one call; boto3 sends some 200 at most.
const MOST_PARAMS: usize = 500;

/// Decides which action a request is: `service` from the path, `query` behind the path's `?`, and
/// the form. Whatever is not exactly one of the table's actions is refused.
pub fn resolve(service: &str, query: Option<&str>, form: &[u8]) -> Result<Call, Refusal> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(form)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let named: Vec<&str> = pairs
        .iter()
        .filter(|(name, _)| name == "Action")
        .map(|(_, value)| value.as_str())
        .collect();
    let refuse = |reason: String| {
        let named: String = named.join(" and ").chars().take(128).collect();
        Err(Refusal { named, reason })
    };
    if query.is_some_and(|query| !query.is_empty()) {
        return refuse(
            "Parameters belong in the form; this request has some in its address.".to_owned(),
        );
    }
    let [name] = named[..] else {
        return refuse(format!(
            "The form needs exactly one Action; this one has {}.",
            named.len()
        ));
    };
    let found = ACTIONS
        .iter()
        .find(|action| action.service.name() == service && action.name == name);
    let Some(action) = found else {
        let known: Vec<&str> = ACTIONS.iter().map(|action| action.iam).collect();
        let service = if Service::named(service).is_some() {
            service
        } else {
            "this service"
        };
        return refuse(format!(
            "The action {name:.64} of {service} is not relayed; relayed are: {}.",
            known.join(", ")
        ));
    };
    if pairs.len() > MOST_PARAMS {
        return refuse(format!("The form has more than {MOST_PARAMS} parameters."));
    }
    let mut seen = BTreeSet::new();
    let mut params = BTreeMap::new();
    for (name, value) in &pairs {
        let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'.';
        if name.is_empty() || name.len() > 128 || !name.bytes().all(plain) || is_signature(name) {
            return refuse(format!("The parameter {name:.64?} is not relayed."));
        }
        if !seen.insert(name.to_ascii_lowercase()) {
            return refuse(format!("The parameter {name:.64} is given more than once."));
        }
        match name.as_str() {
            "Action" => {}
            "Version" if value == action.version => {}
            "Version" => {
                return refuse(format!(
                    "{} is relayed in version {}, not {value:.32?}.",
                    action.iam, action.version
                ));
            }
            _ => {
                params.insert(name.clone(), value.clone());
            }
        }
    }
    if !seen.contains("version") {
        return refuse(format!(
            "The form has no Version; {} is relayed in version {}.",
            action.iam, action.version
        ));
    }
    Ok(Call {
        action: *action,
        params,
    })
}

/// Names by which older signatures travel in a form.
fn is_signature(name: &str) -> bool {
    const NAMES: [&str; 6] = [
        "awsaccesskeyid",
        "signature",
        "signaturemethod",
        "signatureversion",
        "securitytoken",
        "authorization",
    ];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "Action=DescribeInstances&Version=2016-11-15";

    fn reason(service: &str, query: Option<&str>, form: &str) -> String {
        resolve(service, query, form.as_bytes()).unwrap_err().reason
    }

    #[test]
    fn each_action_of_the_table_resolves_to_itself() {
        for action in ACTIONS {
            let form = format!("Action={}&Version={}", action.name, action.version);
            let call = resolve(action.service.name(), None, form.as_bytes()).unwrap();
            assert_eq!(call.action, action);
            assert_eq!(call.body(), form);
            assert_eq!(
                action.iam,
                format!("{}:{}", action.service.name(), action.name)
            );
            assert_eq!(
                action.op,
                format!("aws.{}.{}", action.service.name(), action.name)
            );
        }
    }

    #[test]
    fn what_vends_credentials_or_changes_anything_is_no_action() {
        for (service, name, version) in [
            ("ec2", "TerminateInstances", EC2),
            ("ec2", "RunInstances", EC2),
            ("ec2", "GetPasswordData", EC2),
            ("ec2", "DescribeInstanceAttribute", EC2),
            ("ec2", "DescribeLaunchTemplateVersions", EC2),
            ("ec2", "DescribeVpnConnections", EC2),
            ("sts", "AssumeRole", STS),
            ("sts", "GetSessionToken", STS),
            ("sts", "GetFederationToken", STS),
            ("sts", "DescribeInstances", EC2),
            ("ec2", "GetCallerIdentity", STS),
            ("iam", "CreateAccessKey", "2010-05-08"),
            ("secretsmanager", "GetSecretValue", ""),
            ("ec2", "describeinstances", EC2),
            ("ec2", " DescribeInstances", EC2),
            ("ec2", "", EC2),
            ("EC2", "DescribeInstances", EC2),
        ] {
            let form = format!("Action={name}&Version={version}");
            let reason = reason(service, None, &form);
            assert!(
                reason.contains("is not relayed"),
                "{service} {name}: {reason}"
            );
        }
    }

    #[test]
    fn one_action_in_the_form_and_nothing_in_the_address() {
        for (query, form, wants) in [
            (None, "", "has 0"),
            (None, "Version=2016-11-15", "has 0"),
            (
                None,
                "Action=DescribeInstances&Action=TerminateInstances&Version=2016-11-15",
                "has 2",
            ),
            (
                None,
                "Action=DescribeInstances&Action=DescribeInstances&Version=2016-11-15",
                "has 2",
            ),
            (
                None,
                "Action=DescribeInstances&action=TerminateInstances&Version=2016-11-15",
                "more than once",
            ),
            (
                None,
                "Action=DescribeInstances&%41ction=TerminateInstances&Version=2016-11-15",
                "has 2",
            ),
            (Some("Action=TerminateInstances"), GOOD, "in its address"),
            (Some("X-Amz-Signature=0"), GOOD, "in its address"),
            (Some("x"), GOOD, "in its address"),
            (None, "Action=DescribeInstances", "no Version"),
            (
                None,
                "Action=DescribeInstances&Version=2010-01-01",
                "in version 2016-11-15",
            ),
            (
                None,
                "Action=DescribeInstances&Version=2016-11-15&Version=2016-11-15",
                "more than once",
            ),
            (
                None,
                "Action=DescribeInstances&Version=2016-11-15&X-Amz-Date=1",
                "\"X-Amz-Date\" is not",
            ),
            (
                None,
                "Action=DescribeInstances&Version=2016-11-15&AWSAccessKeyId=1",
                "is not relayed",
            ),
            (
                None,
                "Action=DescribeInstances&Version=2016-11-15&a%0d%0ab=1",
                "is not relayed",
            ),
        ] {
            let reason = reason("ec2", query, form);
            assert!(reason.contains(wants), "{form}: {reason}");
        }
        assert!(resolve("ec2", Some(""), GOOD.as_bytes()).is_ok());
    }

    #[test]
    fn values_go_up_as_they_came() {
        let form = "Action=DescribeInstances&Version=2016-11-15&Filter.1.Value.1=a+b%26c%3Dd*~%2B%C3%A9%0A";
        let call = resolve("ec2", None, form.as_bytes()).unwrap();
        assert_eq!(call.params["Filter.1.Value.1"], "a b&c=d*~+é\n");
        assert!(
            call.body()
                .ends_with("Filter.1.Value.1=a+b%26c%3Dd%2A~%2B%C3%A9%0A"),
            "{}",
            call.body()
        );
    }

    #[test]
    fn a_path_has_three_names_and_no_more() {
        let target = Target {
            account: "main",
            service: "ec2",
            region: "us-east-1",
        };
        assert_eq!(route("/api/aws/main/ec2/us-east-1/"), Some(target));
        assert_eq!(route("/api/aws/main/ec2/us-east-1"), Some(target));
        for path in [
            "/api/aws/main/ec2",
            "/api/aws/main/ec2/",
            "/api/aws//ec2/us-east-1/",
            "/api/aws/main/ec2/us-east-1//",
            "/api/aws/main/ec2/us-east-1/x",
            "/api/aws/main/ec2/../us-east-1",
            "/api/aws/main/ec2/us%2deast-1",
            "/api/aws/main/ec2/us-east-1;x",
            "/api/aws",
        ] {
            assert_eq!(route(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_has_one_action_of_the_table(form in "(Action|Version|action|Filter.1.Name|%41ction)?=?(DescribeInstances|2016-11-15|Terminate|[ -~]{0,8})(&(Action|Version|Filter.1|[a-zA-Z.%]{0,6})=(DescribeInstances|2016-11-15|[ -~]{0,8})){0,4}") {
            if let Ok(call) = resolve("ec2", None, form.as_bytes()) {
                let body = call.body();
                let sent: Vec<_> = form_urlencoded::parse(body.as_bytes()).filter(|(name, _)| name.eq_ignore_ascii_case("action")).collect();
                prop_assert_eq!(sent.len(), 1);
                prop_assert!(ACTIONS.iter().any(|action| action.name == sent[0].1));
            }
        }
    }
}
