//! The form of a SigV4 signature. The drill has no secrets, so it looks at the form and the scope
//! only: enough to notice a relay that forgets to sign, or that signs for another service.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use axum::http::{HeaderMap, header};

use super::fault::{Fault, Service};

/// The region that the signature is scoped to.
pub(super) fn region(headers: &HeaderMap, service: Service) -> Result<&str, Fault> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Err(match service {
            Service::Ec2 => Fault::bad(
                "MissingParameter",
                "The request must contain the parameter AWSAccessKeyId",
            ),
            Service::Sts => Fault::refused(
                403,
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            ),
        });
    };
    let incomplete = |what: &str| {
        let message = format!("Authorization header requires {what}.");
        Fault::bad("IncompleteSignature", message)
    };
    let text = value.to_str().unwrap_or_default();
    let fields = text
        .strip_prefix("AWS4-HMAC-SHA256 ")
        .ok_or_else(|| incomplete("the algorithm 'AWS4-HMAC-SHA256'"))?;
    let field = |name: &str| {
        fields
            .split(',')
            .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let credential = field("Credential").ok_or_else(|| incomplete("the 'Credential' parameter"))?;
    let signed = field("SignedHeaders").unwrap_or_default();
    if !signed.split(';').any(|name| name == "host") {
        return Err(incomplete("'host' among the 'SignedHeaders'"));
    }
    let signature = field("Signature").unwrap_or_default();
    if signature.len() != 64 || !signature.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(incomplete("the 'Signature' parameter"));
    }
    if !headers.contains_key("x-amz-date") && !headers.contains_key(header::DATE) {
        return Err(incomplete(
            "existence of either a 'X-Amz-Date' or a 'Date' header",
        ));
    }
    let scope: Vec<&str> = credential.split('/').collect();
    match scope.as_slice() {
        [key, date, region, name, "aws4_request"]
            if !key.is_empty()
                && date.len() == 8
                && !region.is_empty()
                && *name == service.signing_name() =>
        {
            Ok(region)
        }
        _ => Err(Fault::refused(
            if service == Service::Ec2 { 401 } else { 403 },
            if service == Service::Ec2 {
                "AuthFailure"
            } else {
                "SignatureDoesNotMatch"
            },
            format!(
                "Credential should be scoped to correct service: '{}'.",
                service.signing_name()
            ),
        )),
    }
}
