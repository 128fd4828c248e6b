//! The content security policy under which JupyterLite boots and runs cells, and little else.

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// The policy for the site in `root`: the inline scripts of its pages are allowed by their digest.
pub(super) fn of_site(root: &Path) -> io::Result<String> {
    let mut hashes = BTreeSet::new();
    collect(root, &mut hashes)?;
    let hashes: String = hashes
        .iter()
        .map(|hash| format!(" 'sha256-{hash}'"))
        .collect();
    // JupyterLab compiles its schemas with `new Function`, and Pyodide compiles wasm; glue code of
    // kernels is loaded from blobs. Nothing may be fetched from, or sent to, another origin.
    Ok([
        "default-src 'self'",
        &format!("script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval' blob:{hashes}"),
        "connect-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
    .join("; "))
}

fn collect(folder: &Path, hashes: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // What users put beside their notebooks is not part of the site's own pages.
        if kind.is_dir() && !name.starts_with('.') && name != "files" {
            collect(&entry.path(), hashes)?;
        } else if kind.is_file() && name.ends_with(".html") {
            let text = String::from_utf8_lossy(&fs::read(entry.path())?).into_owned();
            hashes.extend(inline_scripts(&text).map(digest));
        }
    }
    Ok(())
}

/// The texts of the scripts that stand in a page and run.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.match_indices("<script").filter_map(|(at, opening)| {
        let rest = &page[at + opening.len()..];
        let (attributes, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once("</script")?;
        let data = attributes.contains("application/json")
            || attributes.contains("text/x-")
            || attributes.contains("importmap");
        let inline = !attributes.contains("src=") && !data && !text.trim().is_empty();
        inline.then_some(text)
    })
}

fn digest(script: &str) -> String {
    base64(&Sha256::digest(script.as_bytes()))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let joined = group
            .iter()
            .fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte))
            << (8 * (3 - group.len()));
        for place in 0..4 {
            if place <= group.len() {
                text.push(char::from(
                    DIGITS[(joined >> (18 - 6 * place)) as usize & 63],
                ));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_as_rfc_4648_says() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn finds_the_scripts_that_run() {
        let page = "<html><script src=\"a.js\"></script><script type=\"application/json\">{}</script>\
                    <script>one()</script><script type=\"module\">\ntwo()\n</script><script></script>";
        assert_eq!(
            inline_scripts(page).collect::<Vec<_>>(),
            ["one()", "\ntwo()\n"]
        );
    }

    #[test]
    fn allows_each_inline_script_by_its_digest() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("lab")).unwrap();
        fs::create_dir_all(dir.path().join("files")).unwrap();
        fs::write(
            dir.path().join("lab/index.html"),
            "<script>alert(1)</script>",
        )
        .unwrap();
        fs::write(
            dir.path().join("files/evil.html"),
            "<script>evil()</script>",
        )
        .unwrap();
        let csp = of_site(dir.path()).unwrap();
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        assert!(
            csp.contains("'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"),
            "{csp}"
        );
        assert_eq!(csp.matches("'sha256-").count(), 1);
        assert!(csp.contains("connect-src 'self';"));
    }
}
