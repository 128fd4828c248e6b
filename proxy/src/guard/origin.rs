//! The origin guard: what a browser says about who made the request. There is no CORS; another
//! origin may only send people here by a link.

use crate::error::ApiError;
use http::{HeaderMap, Method, Request, StatusCode, header};

/// Which rules a path is under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Static pages and the login page: a link in a chat may lead here.
    Page,
    /// The API: only our own page may ask.
    Api,
}

/// Checks `Origin` and Fetch Metadata. `localhost:8787` and its own pages are one origin; another
/// port of localhost is another one.
pub fn check_origin<B>(request: &Request<B>, zone: Zone) -> Result<(), ApiError> {
    let headers = request.headers();
    let host = text(headers, header::HOST.as_str());
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);

    let mut origins = headers.get_all(header::ORIGIN).iter();
    if let Some(origin) = origins.next() {
        let ours = origin
            .to_str()
            .ok()
            .and_then(|origin| origin.strip_prefix("http://"));
        if origins.next().is_some() || !ours.is_some_and(|ours| ours.eq_ignore_ascii_case(host)) {
            return Err(cross_site("comes from another origin"));
        }
    }
    match text(headers, "sec-fetch-site") {
        "same-origin" => Ok(()),
        "none" if safe => Ok(()),
        "" if safe => Ok(()),
        // Clients that are no browser: a form that another page posts cannot have either.
        "" if text(headers, "content-type").starts_with("application/json") => Ok(()),
        "" if headers.contains_key("x-casebook") => Ok(()),
        "" => Err(cross_site("could be another site's form")),
        _ if zone == Zone::Page && safe && is_top_level_navigation(headers) => Ok(()),
        _ => Err(cross_site("comes from another site's page")),
    }
}

fn is_top_level_navigation(headers: &HeaderMap) -> bool {
    text(headers, "sec-fetch-mode") == "navigate" && text(headers, "sec-fetch-dest") == "document"
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap_or("invalid"))
}

fn cross_site(how: &str) -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "origin",
        format!("This request was refused: it {how}."),
        "Ask from Casebook's own page; a client that is no browser adds the header `x-casebook: 1` to a POST.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, zone: Zone, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder()
            .method(method)
            .uri("/")
            .header("host", "localhost:8787");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check_origin(&request.body(()).unwrap(), zone).is_ok()
    }

    #[test]
    fn another_origin_never_passes() {
        for origin in [
            "http://evil.example",
            "null",
            "http://localhost:9999",
            "https://localhost:8787",
            "http://localhost:8787.evil.example",
        ] {
            for method in ["GET", "POST"] {
                assert!(!check(method, Zone::Api, &[("origin", origin)]), "{origin}");
                assert!(
                    !check(method, Zone::Page, &[("origin", origin)]),
                    "{origin}"
                );
            }
        }
        assert!(check(
            "POST",
            Zone::Api,
            &[
                ("origin", "http://localhost:8787"),
                ("sec-fetch-site", "same-origin")
            ]
        ));
    }

    #[test]
    fn a_link_may_lead_to_a_page_but_not_into_the_api() {
        let link = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        assert!(check("GET", Zone::Page, &link));
        assert!(!check("GET", Zone::Api, &link));
        assert!(!check("POST", Zone::Page, &link));
        let frame = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "iframe"),
        ];
        assert!(!check("GET", Zone::Page, &frame));
        let script = [
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-mode", "no-cors"),
            ("sec-fetch-dest", "script"),
        ];
        assert!(!check("GET", Zone::Page, &script));
    }

    #[test]
    fn a_post_shows_that_it_is_no_foreign_form() {
        assert!(!check(
            "POST",
            Zone::Api,
            &[("content-type", "application/x-www-form-urlencoded")]
        ));
        assert!(!check("POST", Zone::Api, &[("content-type", "text/plain")]));
        assert!(!check("POST", Zone::Api, &[("sec-fetch-site", "none")]));
        assert!(check(
            "POST",
            Zone::Api,
            &[("content-type", "application/json")]
        ));
        assert!(check("POST", Zone::Api, &[("x-casebook", "1")]));
        assert!(check(
            "POST",
            Zone::Api,
            &[
                ("sec-fetch-site", "same-origin"),
                ("content-type", "application/x-www-form-urlencoded")
            ]
        ));
    }
}
