//! What is checked before anything else: that the request was meant for this proxy, and that no
//! other site's page made it.

mod host;
mod origin;

pub use host::check_host;
pub use origin::{Zone, check_origin};

use crate::error::ApiError;
use http::{Request, StatusCode, Version, header};

/// Checks that need no configuration: framing and version.
pub fn check_framing<B>(request: &Request<B>) -> Result<(), ApiError> {
    let refuse = |what: &str| {
        Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "bad_request",
            format!("This request was refused: {what}."),
            "Send it by HTTP/1.1 with a Content-Length.",
        ))
    };
    // Two lengths in one request are how requests are smuggled; hyper hides Content-Length when it
    // comes second, and no browser sends chunked bodies by HTTP/1.1.
    if request.headers().contains_key(header::TRANSFER_ENCODING) {
        return refuse("it has a Transfer-Encoding");
    }
    if request.version() != Version::HTTP_11 {
        return refuse("it is not HTTP/1.1");
    }
    Ok(())
}
