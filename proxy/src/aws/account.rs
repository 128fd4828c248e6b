//! One configured account: signs a call and sends it. Nothing of the client's request reaches AWS
//! but the checked parameters.

use super::action::{Action, Call};
use super::answer::error_of;
use super::credentials::Keys;
use super::trouble::{Kind, Refused, Trouble};
use crate::config;
use crate::upstream::{self, HttpClient, causes};
use anyhow::Context;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use casebook_wire::VERSION;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use std::time::{Duration, SystemTime};

/// On a machine that is none of AWS's, the default chain waits some seconds for a role that is not
/// there.
const CREDENTIALS_WITHIN: Duration = Duration::from_secs(10);

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// One configured account.
#[derive(Debug)]
pub struct Account {
    /// The name by which cells ask for it.
    pub name: String,
    /// Its configuration.
    pub config: config::Aws,
    keys: Keys,
    client: HttpClient,
}

impl Account {
    /// Prepares the client; reads no credentials yet.
    pub fn new(name: &str, config: &config::Aws) -> anyhow::Result<Account> {
        let client =
            upstream::client(None).with_context(|| format!("aws.{name}: cannot prepare TLS"))?;
        let region = config.regions.first().map_or("", String::as_str);
        Ok(Account {
            name: name.to_owned(),
            config: config.clone(),
            keys: Keys::new(&config.credentials, region),
            client,
        })
    }

    /// Asks; the whole good answer, or what went wrong.
    pub(super) async fn send(&self, region: &str, call: &Call) -> Result<Bytes, Trouble> {
        let credentials = match tokio::time::timeout(CREDENTIALS_WITHIN, self.keys.get()).await {
            Ok(found) => found.map_err(Trouble::NoCredentials)?,
            Err(_) => return Err(Trouble::NoCredentials(self.keys.where_from())),
        };
        let limit = self.config.timeout;
        match tokio::time::timeout(limit, self.exchange(&credentials, region, call)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Trouble::Timeout(limit)),
        }
    }

    async fn exchange(
        &self,
        credentials: &Credentials,
        region: &str,
        call: &Call,
    ) -> Result<Bytes, Trouble> {
        let request = self
            .signed(credentials, region, call)
            .map_err(|error| Trouble::Unreachable(format!("{error:#}")))?;
        let response = self
            .client
            .request(request)
            .await
            .map_err(|error| Trouble::Unreachable(causes(&error)))?;
        let (parts, body) = response.into_parts();
        let encoding = parts.headers.get(header::CONTENT_ENCODING);
        if encoding.is_some_and(|encoding| encoding != "identity") {
            return Err(Trouble::NotAws(parts.status));
        }
        let most = self.config.max_bytes;
        let body = Limited::new(body, usize::try_from(most).unwrap_or(usize::MAX))
            .collect()
            .await
            .map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Trouble::TooLarge(most)
                } else {
                    Trouble::Unreachable(format!("the answer broke off: {error}"))
                }
            })?
            .to_bytes();
        if parts.status == StatusCode::OK && is_answer_of(&call.action, &body) {
            return Ok(body);
        }
        let Some((code, message)) = error_of(&body).filter(|_| parts.status != StatusCode::OK)
        else {
            return Err(Trouble::NotAws(parts.status));
        };
        let refused = Refused {
            status: parts.status,
            code,
            message: redacted(&message, credentials),
        };
        if matches!(refused.kind(), Kind::Credentials | Kind::Expired) {
            self.keys.forget().await;
        }
        Err(Trouble::Refused(refused))
    }

    fn signed(
        &self,
        credentials: &Credentials,
        region: &str,
        call: &Call,
    ) -> anyhow::Result<Request<Full<Bytes>>> {
        let url = self.url(&call.action, region);
        let body = Bytes::from(call.body());
        let identity = credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(call.action.service.name())
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let content = [("content-type", FORM)];
        let signable = SignableRequest::new(
            "POST",
            &url,
            content.into_iter(),
            SignableBody::Bytes(&body),
        )?;
        let (instructions, _) = sign(signable, &params)?.into_parts();
        let mut request = Request::post(&url)
            .header(header::CONTENT_TYPE, HeaderValue::from_static(FORM))
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::USER_AGENT, format!("casebook-proxy/{VERSION}"))
            .body(Full::new(body))?;
        instructions.apply_to_request_http1x(&mut request);
        for name in [
            header::AUTHORIZATION,
            http::HeaderName::from_static("x-amz-security-token"),
        ] {
            if let Some(value) = request.headers_mut().get_mut(name) {
                value.set_sensitive(true);
            }
        }
        Ok(request)
    }

    /// Regional addresses, of STS too: what cannot leave a region needs no other.
    fn url(&self, action: &Action, region: &str) -> String {
        if let Some(endpoint) = &self.config.endpoint {
            return endpoint.to_string();
        }
        let suffix = if region.starts_with("cn-") {
            "amazonaws.com.cn"
        } else {
            "amazonaws.com"
        };
        format!("https://{}.{region}.{suffix}/", action.service.name())
    }
}

/// Whether the body is XML whose root is the action's response: an unsigned request to an endpoint
/// of several services can be answered by another one.
fn is_answer_of(action: &Action, body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(body.get(..1024).unwrap_or(body));
    head.contains(&format!("<{}Response", action.name))
}

/// AWS's words without what they might quote of the credentials.
fn redacted(message: &str, credentials: &Credentials) -> String {
    let secrets = [
        Some(credentials.secret_access_key()),
        credentials.session_token(),
        Some("AWS4"),
        Some("Signature="),
    ];
    let quotes = |secret: &str| !secret.is_empty() && message.contains(secret);
    if secrets.into_iter().flatten().any(quotes) {
        return "its words quote a signature, and are kept back".to_owned();
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::action::{ACTIONS, resolve};
    use super::*;
    use crate::config::Config;
    use std::path::Path;

    fn account(keys: &str) -> Account {
        let text = format!("[aws.main]\nregions = [\"us-east-1\", \"cn-north-1\"]\n{keys}");
        let config = Config::parse(Path::new("c.toml"), &text).unwrap();
        Account::new("main", &config.aws["main"]).unwrap()
    }

    #[test]
    fn the_address_comes_from_service_and_region_alone() {
        let url = |action: &Action, region| account("").url(action, region);
        assert_eq!(
            url(&ACTIONS[0], "us-east-1"),
            "https://ec2.us-east-1.amazonaws.com/"
        );
        assert_eq!(
            url(&ACTIONS[4], "us-east-1"),
            "https://sts.us-east-1.amazonaws.com/"
        );
        assert_eq!(
            url(&ACTIONS[0], "cn-north-1"),
            "https://ec2.cn-north-1.amazonaws.com.cn/"
        );
    }

    #[test]
    fn only_our_own_headers_are_sent_and_what_signs_is_marked() {
        let call = resolve(
            "ec2",
            None,
            b"Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=a%26b",
        )
        .unwrap();
        let credentials = Credentials::new("AKID", "secret", Some("token".into()), None, "test");
        let account = account("endpoint = \"http://127.0.0.1:5000\"");
        let request = account.signed(&credentials, "us-east-1", &call).unwrap();
        let mut names: Vec<_> = request
            .headers()
            .keys()
            .map(|name| name.as_str().to_owned())
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "accept-encoding",
                "authorization",
                "content-type",
                "user-agent",
                "x-amz-date",
                "x-amz-security-token"
            ]
        );
        let shown = format!("{:?}", request.headers());
        assert!(
            !shown.contains("Signature=") && !shown.contains("\"token\""),
            "{shown}"
        );
    }

    #[test]
    fn words_that_quote_a_secret_are_kept_back() {
        let credentials = Credentials::new("AKID", "s3cr3t", Some("t0ken".into()), None, "test");
        for message in [
            "has s3cr3t",
            "x-amz-security-token:t0ken",
            "AWS4-HMAC-SHA256",
        ] {
            assert!(redacted(message, &credentials).contains("kept back"));
        }
        assert_eq!(redacted("plain words", &credentials), "plain words");
    }
}
