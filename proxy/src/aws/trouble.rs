//! What may go wrong between the proxy and AWS, in words that hold no secret.

use crate::error::ApiError;
use http::StatusCode;
use std::time::Duration;

/// Why a call got no good answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No credentials were found; where they were looked for.
    NoCredentials(String),
    /// No connection, or it broke.
    Unreachable(String),
    /// Nothing came in time.
    Timeout(Duration),
    /// The answer is longer than `max_bytes`.
    TooLarge(u64),
    /// Something answered that is not AWS.
    NotAws(StatusCode),
    /// AWS's own error.
    Refused(Refused),
}

/// An error that AWS answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) code: String,
    pub(super) message: String,
}

/// What kind of refusal it is, as far as that decides what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The credentials are not known, or the signature is wrong.
    Credentials,
    /// The credentials, or the request's time, are over.
    Expired,
    /// The credentials are good, but IAM allows this not.
    Denied,
    /// Too many calls.
    Throttled,
    /// Anything else: mostly a wrong parameter.
    Other,
}

impl Refused {
    pub(super) fn kind(&self) -> Kind {
        match self.code.as_str() {
            "AuthFailure"
            | "SignatureDoesNotMatch"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "InvalidAccessKeyId"
            | "InvalidSignatureException"
            | "OptInRequired" => Kind::Credentials,
            "RequestExpired" | "ExpiredToken" | "ExpiredTokenException" | "InvalidToken" => {
                Kind::Expired
            }
            "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" | "Blocked" => {
                Kind::Denied
            }
            "RequestLimitExceeded"
            | "Throttling"
            | "ThrottlingException"
            | "RequestThrottled"
            | "TooManyRequestsException"
            | "SlowDown" => Kind::Throttled,
            _ => Kind::Other,
        }
    }
}

impl Trouble {
    /// The word for metrics and logs.
    pub(super) fn outcome(&self) -> &'static str {
        match self {
            Trouble::NoCredentials(_) => "credentials",
            Trouble::Unreachable(_) => "unreachable",
            Trouble::Timeout(_) => "timeout",
            Trouble::TooLarge(_) => "too_large",
            Trouble::NotAws(_) => "not_aws",
            Trouble::Refused(refused) => match refused.kind() {
                Kind::Credentials | Kind::Expired | Kind::Denied => "auth",
                Kind::Throttled => "throttled",
                Kind::Other => "refused",
            },
        }
    }

    /// The error for people and programs; `asked` is what, such as `ec2:DescribeInstances in
    /// us-east-1`, of the account `name`.
    pub(super) fn to_error(&self, name: &str, asked: &str) -> ApiError {
        let gateway = |error_type, error: String, next: String| {
            ApiError::new(StatusCode::BAD_GATEWAY, error_type, error, next)
        };
        let error = match self {
            Trouble::NoCredentials(looked) => gateway(
                "upstream_credentials",
                format!(
                    "{asked} was not asked of the account {name}: the proxy has no credentials for it; it looked {looked}."
                ),
                format!(
                    "Give the proxy credentials (aws.{name}.credentials in its configuration), or renew them where it looks."
                ),
            ),
            Trouble::Unreachable(detail) => gateway(
                "upstream_unreachable",
                format!(
                    "{asked} was asked of the account {name}, but AWS cannot be reached: {detail}."
                ),
                "See whether the machine of the proxy reaches AWS's regional address over HTTPS."
                    .to_owned(),
            ),
            Trouble::Timeout(waited) => ApiError::new(
                StatusCode::GATEWAY_TIMEOUT,
                "upstream_timeout",
                format!(
                    "{asked} was asked of the account {name}; no answer came within {} s.",
                    waited.as_secs()
                ),
                "Ask again, or for less: a filter, a smaller MaxResults.",
            ),
            Trouble::TooLarge(most) => gateway(
                "upstream_too_large",
                format!("The answer of the account {name} to {asked} is longer than {most} bytes."),
                "Ask for less: a filter, a smaller MaxResults.".to_owned(),
            ),
            Trouble::NotAws(status) => gateway(
                "upstream_error",
                format!(
                    "{asked} was asked of the account {name}; what came back (status {}) is no answer of AWS.",
                    status.as_u16()
                ),
                format!(
                    "See what stands between the proxy and AWS, and aws.{name}.endpoint in its configuration."
                ),
            ),
            Trouble::Refused(refused) => refused.to_error(name, asked),
        };
        error.of(name)
    }
}

impl Refused {
    fn to_error(&self, name: &str, asked: &str) -> ApiError {
        let (code, kind) = (&self.code, self.kind());
        let (status, error_type, what, next) = match kind {
            Kind::Credentials => (
                StatusCode::BAD_GATEWAY,
                "upstream_auth",
                "AWS does not accept the proxy's credentials".to_owned(),
                format!(
                    "See aws.{name}.credentials in the proxy's configuration, and the clock of its machine."
                ),
            ),
            Kind::Expired => (
                StatusCode::BAD_GATEWAY,
                "upstream_auth",
                "the proxy's credentials have expired, or its clock is wrong".to_owned(),
                format!(
                    "Renew the credentials where aws.{name}.credentials points to; no restart is needed."
                ),
            ),
            Kind::Denied => (
                StatusCode::BAD_GATEWAY,
                "upstream_auth",
                "the proxy's role may not do this".to_owned(),
                format!(
                    "Allow it in the IAM policy of the role that aws.{name}.credentials gives."
                ),
            ),
            Kind::Throttled => (
                StatusCode::TOO_MANY_REQUESTS,
                "upstream_throttled",
                "AWS takes no more calls of this account for now".to_owned(),
                "Wait some seconds and ask again; others share this limit.".to_owned(),
            ),
            Kind::Other => (
                StatusCode::BAD_GATEWAY,
                "upstream_error",
                format!("AWS says: {}", self.message.trim_end_matches('.')),
                "Correct the request.".to_owned(),
            ),
        };
        let error = ApiError::new(
            status,
            error_type,
            format!("{asked} was asked of the account {name}: {what} ({code})."),
            next,
        );
        if kind == Kind::Throttled {
            error.retry_after(5)
        } else {
            error
        }
    }

    /// The sentence for a client of AWS. AWS's own words are kept only where they can hold nothing
    /// of a signature: those about a wrong one quote the canonical request.
    pub(super) fn for_client(&self, name: &str, asked: &str) -> String {
        match self.kind() {
            Kind::Other => self.message.clone(),
            _ => {
                let error = self.to_error(name, asked);
                format!("{} {}", error.error, error.next)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str) -> Trouble {
        Trouble::Refused(Refused {
            status: StatusCode::FORBIDDEN,
            code: code.to_owned(),
            message: "The Canonical String was x-amz-security-token:T0KEN".to_owned(),
        })
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        for (code, error_type, next) in [
            ("AuthFailure", "upstream_auth", "aws.main.credentials"),
            ("SignatureDoesNotMatch", "upstream_auth", "clock"),
            ("RequestExpired", "upstream_auth", "Renew"),
            ("ExpiredToken", "upstream_auth", "Renew"),
            ("UnauthorizedOperation", "upstream_auth", "IAM policy"),
            ("AccessDenied", "upstream_auth", "IAM policy"),
            ("RequestLimitExceeded", "upstream_throttled", "Wait"),
            ("Throttling", "upstream_throttled", "Wait"),
            ("InvalidParameterValue", "upstream_error", "Correct"),
        ] {
            let error = refused(code).to_error("main", "ec2:DescribeInstances in us-east-1");
            assert_eq!(error.error_type, error_type, "{code}");
            assert!(error.next.contains(next), "{code}: {}", error.next);
            assert!(error.error.contains(code) && error.error.contains("main"));
        }
        assert_eq!(
            refused("Throttling").to_error("main", "x").retry_after,
            Some(5)
        );
    }

    #[test]
    fn words_about_a_signature_stay_here() {
        let Trouble::Refused(wrong) = refused("SignatureDoesNotMatch") else {
            unreachable!()
        };
        assert!(!wrong.for_client("main", "x").contains("T0KEN"));
        assert!(
            !refused("SignatureDoesNotMatch")
                .to_error("main", "x")
                .error
                .contains("T0KEN")
        );
    }
}
