//! The headers that every answer carries, whatever it is.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// For answers that are data: no page, even when a browser is made to show one.
pub const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// Sets what isolates the origin. No `Cross-Origin-Embedder-Policy`: the Pyodide kernel of
/// JupyterLite 0.8 takes another path with it and breaks. No `Access-Control-*`, ever: one origin.
pub fn isolate(headers: &mut HeaderMap) {
    let fixed = [
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(SANDBOX),
        );
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
