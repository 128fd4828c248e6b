//! `[aws.NAME]`: an account, whose credentials are only ever named.

use super::{Problem, check_url, units};
use serde::{Deserialize, Deserializer, de};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::{Host, Url};

/// One AWS account, or one role in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// Regions that may be asked; a lookup without region asks all of them.
    pub regions: Vec<String>,
    /// Where the credentials are.
    #[serde(default)]
    pub credentials: Credentials,
    /// Server that is asked in place of AWS's own, for practice and tests.
    pub endpoint: Option<Url>,
    /// How the labels of a series lead to an instance; the first rule that applies counts.
    #[serde(default = "default_rules", rename = "match")]
    pub rules: Vec<Rule>,
    /// Time that one call may take.
    #[serde(default = "default_timeout", deserialize_with = "units::duration")]
    pub timeout: Duration,
    /// Longest answer to one call, in bytes.
    #[serde(default = "default_max_bytes", deserialize_with = "units::bytes")]
    pub max_bytes: u64,
}

/// Where an account's credentials are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Environment, shared files, web identity, container or instance role, in AWS's own order.
    #[default]
    DefaultChain,
    /// A profile of `~/.aws/config`, whatever the environment says.
    Profile {
        /// Its name.
        name: String,
    },
    /// Files of our own; read anew for each call, so that they may be rotated.
    Files {
        /// Holds the access key's id.
        access_key: PathBuf,
        /// Holds the secret key.
        secret_key: PathBuf,
        /// Holds the session token of temporary credentials.
        session_token: Option<PathBuf>,
    },
}

/// One way from a series' label to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawRule")]
pub struct Rule {
    /// The label.
    pub label: String,
    /// What of the instance equals the label's value.
    pub by: By,
    /// Whether `:9100` is cut off the value first.
    pub strip_port: bool,
}

/// What of an instance a label's value equals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The tag of this name.
    Tag(String),
    /// The private address.
    PrivateIp,
    /// The private DNS name.
    PrivateDns,
    /// The instance id.
    InstanceId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    label: String,
    tag: Option<String>,
    #[serde(default)]
    private_ip: bool,
    #[serde(default)]
    private_dns: bool,
    #[serde(default)]
    instance_id: bool,
    #[serde(default)]
    strip_port: bool,
}

impl TryFrom<RawRule> for Rule {
    type Error = String;

    fn try_from(raw: RawRule) -> Result<Rule, String> {
        let by = match (raw.tag, raw.private_ip, raw.private_dns, raw.instance_id) {
            (Some(tag), false, false, false) if !tag.is_empty() => By::Tag(tag),
            (None, true, false, false) => By::PrivateIp,
            (None, false, true, false) => By::PrivateDns,
            (None, false, false, true) => By::InstanceId,
            _ => {
                return Err(format!(
                    "the rule for the label {:?} needs exactly one of tag = \"…\", private_ip = true, private_dns = true, instance_id = true",
                    raw.label
                ));
            }
        };
        if raw.label.is_empty() {
            return Err("a rule needs a label".to_owned());
        }
        Ok(Rule {
            label: raw.label,
            by,
            strip_port: raw.strip_port,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCredentials {
    profile: Option<String>,
    access_key_file: Option<PathBuf>,
    secret_key_file: Option<PathBuf>,
    session_token_file: Option<PathBuf>,
}

impl<'de> Deserialize<'de> for Credentials {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Credentials, D::Error> {
        const FORMS: &str = "write \"default-chain\", { profile = \"…\" } or { access_key_file = \"…\", secret_key_file = \"…\" }";
        let raw = match toml::Value::deserialize(input)? {
            toml::Value::String(word) if word == "default-chain" => {
                return Ok(Credentials::DefaultChain);
            }
            table @ toml::Value::Table(_) => {
                RawCredentials::deserialize(table).map_err(|error| {
                    de::Error::custom(format!("{}; {FORMS}", error.to_string().trim()))
                })?
            }
            _ => return Err(de::Error::custom(FORMS)),
        };
        match raw {
            RawCredentials {
                profile: Some(name),
                access_key_file: None,
                secret_key_file: None,
                session_token_file: None,
            } if !name.is_empty() => Ok(Credentials::Profile { name }),
            RawCredentials {
                profile: None,
                access_key_file: Some(access_key),
                secret_key_file: Some(secret_key),
                session_token_file: session_token,
            } => Ok(Credentials::Files {
                access_key,
                secret_key,
                session_token,
            }),
            _ => Err(de::Error::custom(FORMS)),
        }
    }
}

/// Prometheus's own discovery of EC2 sets `instance` to the private address with a port.
fn default_rules() -> Vec<Rule> {
    vec![Rule {
        label: "instance".to_owned(),
        by: By::PrivateIp,
        strip_port: true,
    }]
}

fn default_timeout() -> Duration {
    Duration::from_secs(20)
}

fn default_max_bytes() -> u64 {
    8 << 20
}

impl Aws {
    /// Takes relative paths from `folder` and reads each file once, so that a wrong name is found
    /// before the incident.
    pub(super) fn anchor(
        &mut self,
        name: &str,
        folder: &Path,
        path: &Path,
        text: &str,
    ) -> Result<(), Problem> {
        let Credentials::Files {
            access_key,
            secret_key,
            session_token,
        } = &mut self.credentials
        else {
            return Ok(());
        };
        for file in [Some(access_key), Some(secret_key), session_token.as_mut()]
            .into_iter()
            .flatten()
        {
            *file = folder.join(&*file);
            if let Err(error) = std::fs::read_to_string(&*file) {
                let message = format!("cannot read {}: {error}", file.display());
                let table = format!("aws.{name}");
                return Err(Problem::at_key(path, text, &table, "credentials", message));
            }
        }
        Ok(())
    }

    /// What is wrong with this table: the key, and why.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if self.regions.is_empty() {
            return Err((
                "regions",
                "no region could be asked; name one like \"us-east-1\"".to_owned(),
            ));
        }
        if let Some(region) = self.regions.iter().find(|region| !is_region(region)) {
            return Err((
                "regions",
                format!("{region:?} is no region; write one like \"us-east-1\""),
            ));
        }
        match &self.endpoint {
            Some(url) => check_endpoint(url).map_err(|message| ("endpoint", message)),
            None => Ok(()),
        }
    }
}

fn check_endpoint(url: &Url) -> Result<(), String> {
    check_url(url)?;
    if url.path() != "/" {
        return Err("only scheme, host and port belong here".to_owned());
    }
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() == "http" && !loopback {
        return Err(
            "http:// would show signatures to the network; use https:// off this machine"
                .to_owned(),
        );
    }
    Ok(())
}

/// Whether `text` looks like `us-east-1`: it becomes part of a host name and of a signature.
fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number = parts.next().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|c| c.is_ascii_lowercase());
    text.len() <= 32
        && words.len() >= 2
        && words.iter().all(is_word)
        && number.len() == 1
        && number.bytes().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn parse(keys: &str) -> Result<Aws, String> {
        let text = format!("[aws.main]\nregions = [\"us-east-1\"]\n{keys}\n");
        Config::parse(Path::new("c.toml"), &text)
            .map(|config| config.aws["main"].clone())
            .map_err(|problem| problem.to_string())
    }

    #[test]
    fn credentials_are_named_in_one_of_three_ways() {
        assert_eq!(parse("").unwrap().credentials, Credentials::DefaultChain);
        let chain = parse("credentials = \"default-chain\"").unwrap();
        assert_eq!(chain.credentials, Credentials::DefaultChain);
        let profile = parse("credentials = { profile = \"sre\" }").unwrap();
        assert_eq!(
            profile.credentials,
            Credentials::Profile { name: "sre".into() }
        );
        let files =
            parse("credentials = { access_key_file = \"a\", secret_key_file = \"s\" }").unwrap();
        assert!(matches!(files.credentials, Credentials::Files { .. }));
    }

    #[test]
    fn says_what_is_wrong_with_an_account() {
        for (keys, wants) in [
            (
                "credentials = \"chain\"",
                "c.toml:3: aws.main.credentials: write \"default-chain\"",
            ),
            (
                "credentials = { proflie = \"x\" }",
                "c.toml:3: aws.main.credentials: unknown field `proflie`",
            ),
            (
                "credentials = { profile = \"x\", access_key_file = \"a\" }",
                "c.toml:3: aws.main.credentials: write",
            ),
            (
                "credentials = { access_key_file = \"a\" }",
                "c.toml:3: aws.main.credentials: write",
            ),
            (
                "secret_key = \"x\"",
                "c.toml:3: aws.main.secret_key: unknown field",
            ),
            (
                "endpoint = \"http://moto.example\"",
                "c.toml:3: aws.main.endpoint: http:// would show",
            ),
            (
                "endpoint = \"https://169.254.169.254\"",
                "c.toml:3: aws.main.endpoint: this is an address of cloud",
            ),
            (
                "endpoint = \"http://127.0.0.1:5000/x\"",
                "c.toml:3: aws.main.endpoint: only scheme",
            ),
            (
                "match = [{ label = \"a\" }]",
                "c.toml:3: aws.main.match: the rule for the label \"a\" needs exactly one",
            ),
            (
                "match = [{ label = \"a\", tag = \"t\", private_ip = true }]",
                "needs exactly one",
            ),
            (
                "match = [{ label = \"a\", tags = \"t\" }]",
                "c.toml:3: aws.main.match: unknown field `tags`",
            ),
        ] {
            let message = parse(keys).unwrap_err();
            assert!(
                message.contains(wants),
                "{keys}\ngave {message}\nwanted {wants}"
            );
        }
    }

    #[test]
    fn the_example_works_when_its_lines_are_taken() {
        let example = include_str!("../../casebook.example.toml");
        let from = example.find("# [aws.main]").unwrap();
        let is_key = |line: &&str| {
            let name = line.split(" = ").next().unwrap_or_default();
            line.starts_with('[') || line.contains(" = ") && !name.contains([' ', '{'])
        };
        let text: Vec<&str> = example[from..]
            .lines()
            .map_while(|line| line.strip_prefix("# "))
            .filter(is_key)
            .collect();
        let config = Config::parse(Path::new("c.toml"), &text.join("\n")).unwrap();
        let main = &config.aws["main"];
        assert_eq!(
            main.credentials,
            Credentials::Profile {
                name: "casebook".into()
            }
        );
        assert_eq!(
            (main.rules.len(), main.timeout, main.max_bytes),
            (2, default_timeout(), default_max_bytes())
        );
        assert!(main.rules.contains(&default_rules()[0]));
    }

    #[test]
    fn a_region_cannot_smuggle_a_host() {
        for region in ["us-east-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1"] {
            assert!(is_region(region), "{region}");
        }
        for region in [
            "",
            "us",
            "us-east",
            "*",
            "us-east-1.evil.example",
            "us-east-1/",
            "US-EAST-1",
            "us--1",
            "us-east-1#",
            "us-east-10",
        ] {
            assert!(!is_region(region), "{region}");
        }
    }
}
