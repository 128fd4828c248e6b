//! The site. If these failed, the notebook would not start, or a file beside the site would leak.

use crate::support::{Proxy, run_to_end};
use std::os::unix::fs::symlink;

const HASHED: &str = "build/1234.0a1b2c3d4e5f60718293.js";

#[test]
fn pages_carry_what_isolates_them() {
    let proxy = Proxy::builder().start();
    let page = proxy.get("/");
    assert_eq!((page.status, page.text().contains("site")), (200, true));
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-cache"),
    ] {
        assert_eq!(page.header(name), Some(value), "{page:?}");
    }
    assert_eq!(page.header("cross-origin-embedder-policy"), None);
    let csp = page.header("content-security-policy").unwrap();
    // printf 'go()' | openssl dgst -sha256 -binary | base64
    assert!(csp.contains("script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval' blob: 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='"), "{csp}");
    for rule in [
        "connect-src 'self'",
        "frame-ancestors 'self'",
        "object-src 'none'",
    ] {
        assert!(csp.contains(rule), "{csp}");
    }
    assert!(!csp.contains("script-src 'self' 'unsafe-inline'"));
}

#[test]
fn types_and_caching_fit_the_file() {
    let mut builder = Proxy::builder();
    let files = [
        ("kernel.mjs", "text/javascript; charset=utf-8", "no-cache"),
        (
            HASHED,
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        ("python.wasm", "application/wasm", "no-cache"),
        (
            "casebook-0.1.0-py3-none-any.whl",
            "application/zip",
            "no-cache",
        ),
        ("lab/index.html", "text/html", "no-cache"),
        ("api/contents/all.json", "application/json", "no-cache"),
        ("files/incident.ipynb", "application/json", "no-cache"),
        ("style.css", "text/css", "no-cache"),
    ];
    for (path, ..) in files {
        builder = builder.file(path, "content");
    }
    let proxy = builder.start();
    for (path, kind, cache) in files {
        let answer = proxy.get(&format!("/{path}"));
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "content"),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert_eq!(answer.header("cache-control"), Some(cache), "{path}");
    }
    let notebook = proxy.get("/files/incident.ipynb");
    assert!(
        notebook
            .header("content-security-policy")
            .unwrap()
            .starts_with("sandbox")
    );
}

#[test]
fn an_unchanged_file_is_not_sent_again() {
    let proxy = Proxy::builder().start();
    let modified = proxy
        .get("/index.html")
        .header("last-modified")
        .unwrap()
        .to_owned();
    let again = proxy.ask(
        "GET /index.html",
        &format!("if-modified-since: {modified}\r\n"),
        "",
    );
    assert_eq!(again.status, 304);
    assert_eq!(proxy.ask("HEAD /index.html", "", "").status, 200);
}

#[test]
fn a_compressed_copy_is_sent_to_who_takes_it() {
    let proxy = Proxy::builder()
        .file("a.js", "plain")
        .file("a.js.br", "brotli")
        .file("a.js.gz", "gzip")
        .start();
    for (accept, encoding, content) in [
        ("br, gzip", Some("br"), "brotli"),
        ("gzip", Some("gzip"), "gzip"),
        ("identity", None, "plain"),
    ] {
        let answer = proxy.ask("GET /a.js", &format!("accept-encoding: {accept}\r\n"), "");
        assert_eq!(
            (answer.header("content-encoding"), answer.text().as_str()),
            (encoding, content)
        );
        assert_eq!(
            answer.header("content-type"),
            Some("text/javascript; charset=utf-8")
        );
    }
}

#[test]
fn only_files_of_the_site_are_served() {
    let builder = Proxy::builder()
        .file(".env", "secret")
        .file("lab/.git/config", "secret")
        .secret_file("token", "secret");
    let proxy = builder.file("lab/index.html", "lab").start();
    let site = proxy.folder.path().join("site");
    symlink(proxy.folder.path().join("token"), site.join("out.txt")).unwrap();
    symlink("/etc", site.join("etc")).unwrap();
    symlink(site.join("lab/index.html"), site.join("in.html")).unwrap();
    for path in [
        "/.env",
        "/%2eenv",
        "/lab/.git/config",
        "/../token",
        "/%2e%2e/token",
        "/lab/..%2f..%2ftoken",
        "/..%5ctoken",
        "/lab/../../token",
        "//etc/passwd",
        "/etc/passwd",
        "/out.txt",
        "/%00",
        "/nothing.html",
        "/casebook.toml",
        "/state/sessions.json",
    ] {
        let answer = proxy.get(path);
        assert!(
            matches!(answer.status, 400 | 404),
            "{path}: {}",
            answer.status
        );
        assert!(
            !answer.text().contains("secret") && !answer.text().contains("root:"),
            "{path}"
        );
    }
    assert_eq!(proxy.get("/in.html").text(), "lab");
    assert_eq!(proxy.get("/lab/").text(), "lab");
    assert_eq!(proxy.get("/lab").status, 307);
}

#[test]
fn a_wrong_api_path_gets_json_and_not_a_page() {
    let proxy = Proxy::builder().start();
    let session = proxy.sign_in();
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v2/session",
        "/api/prom",
        "/api/prom/",
    ] {
        let answer = session.get(path);
        assert_eq!(
            (answer.status, answer.error_type().as_str()),
            (404, "not_found"),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    assert_eq!(session.post("/index.html", "a=b").status, 405);
}

#[test]
fn only_the_known_script_becomes_a_service_worker() {
    let proxy = Proxy::builder()
        .file("service-worker.js", "good")
        .file("files/evil.js", "evil")
        .start();
    let ask = |path: &str| {
        proxy
            .ask(&format!("GET {path}"), "service-worker: script\r\n", "")
            .status
    };
    assert_eq!(ask("/service-worker.js"), 200);
    assert_eq!(ask("/files/evil.js"), 403);
    assert_eq!(ask("/auth/login.js"), 403);
}

#[test]
fn a_site_that_was_not_built_is_said_at_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("casebook.toml"),
        "[server]\nlisten_port = 0\nops_port = 0\nsite = \"none\"\n",
    )
    .unwrap();
    let (good, _, error) = run_to_end(&["serve"], folder.path());
    assert!(
        !good && error.contains("is no built site; `cargo xtask demo` builds one"),
        "{error}"
    );

    std::fs::create_dir(folder.path().join("none")).unwrap();
    std::fs::write(folder.path().join("none/index.html"), "x").unwrap();
    let inside =
        "[server]\nlisten_port = 0\nops_port = 0\nsite = \"none\"\nstate_dir = \"none/state\"\n";
    std::fs::write(folder.path().join("casebook.toml"), inside).unwrap();
    let (good, _, error) = run_to_end(&["serve"], folder.path());
    assert!(!good && error.contains("served to everyone"), "{error}");
}
