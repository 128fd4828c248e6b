//! What a request's path names in the site.

use percent_encoding::percent_decode_str;

/// The path inside the site's folder, without a leading slash; None for what is never served:
/// dotfiles, `..`, empty segments, backslashes and control characters, however they are spelled.
pub(super) fn relative(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path.strip_prefix('/')?)
        .decode_utf8()
        .ok()?;
    // What still has an escape was escaped twice.
    if decoded.contains(['\\', '%']) || decoded.chars().any(char::is_control) {
        return None;
    }
    let mut segments = decoded.split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if segment.starts_with('.') || (segment.is_empty() && !last) {
            return None;
        }
    }
    Some(decoded.into_owned())
}

/// Types that the common tables do not know, or know in several ways.
pub(super) fn content_type(relative: &str) -> Option<&'static str> {
    let (_, extension) = relative.rsplit('/').next()?.rsplit_once('.')?;
    match extension {
        "js" | "mjs" => Some("text/javascript; charset=utf-8"),
        "wasm" => Some("application/wasm"),
        "json" | "ipynb" | "map" | "webmanifest" => Some("application/json"),
        "whl" | "zip" => Some("application/zip"),
        "data" => Some("application/octet-stream"),
        _ => None,
    }
}

/// Whether the name says that the content never changes: it holds a hash, in itself or as `?v=`.
pub(super) fn is_hashed(relative: &str, query: Option<&str>) -> bool {
    let name = relative.rsplit('/').next().unwrap_or_default();
    let is_hash = |part: &str| part.len() >= 16 && part.bytes().all(|c| c.is_ascii_hexdigit());
    let versioned = query
        .and_then(|query| query.strip_prefix("v="))
        .is_some_and(is_hash);
    let script = name.ends_with(".js") || name.ends_with(".mjs");
    let named = name.split(['.', '-', '_']).any(is_hash)
        && !name.ends_with(".html")
        && !name.ends_with(".json");
    named || (versioned && script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_served() {
        assert_eq!(relative("/lab/index.html").unwrap(), "lab/index.html");
        assert_eq!(relative("/files/a%20b.ipynb").unwrap(), "files/a b.ipynb");
        assert_eq!(relative("/lab/").unwrap(), "lab/");
        assert_eq!(relative("/").unwrap(), "");
        for path in [
            "/.env",
            "/lab/.git/config",
            "/%2eenv",
            "/../x",
            "/%2e%2e/x",
            "/a%2f..%2fb",
            "/a%2f%2e%2e",
            "//evil",
            "/a//b",
            "/a%5cb",
            "/a%00",
            "/%252e%252e/x",
            "/%ff",
            "x",
        ] {
            assert_eq!(relative(path), None, "{path}");
        }
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("build/1234.0a1b2c3d4e5f60718293.js", None));
        assert!(is_hashed("build/lab.js", Some("v=0a1b2c3d4e5f60718293")));
        assert!(!is_hashed("build/lab.js", None));
        assert!(!is_hashed("lab/index.html", Some("v=0a1b2c3d4e5f60718293")));
        assert!(!is_hashed("casebook-0.1.0-py3-none-any.whl", None));
        assert!(!is_hashed("x.0a1b2c3d4e5f60718293.json", None));
    }
}
