//! The `Host` guard: a page that rebinds its own name to 127.0.0.1 gets nothing.

use crate::error::ApiError;
use http::{Request, StatusCode, header};

/// Exactly one `Host`, and one of `public_hosts`; a request target in absolute form must agree.
/// hyper lets a missing, a second and a contradicting one through.
pub fn check_host<B>(request: &Request<B>, public_hosts: &[String]) -> Result<(), ApiError> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(misdirected("without exactly one Host header", public_hosts));
    };
    let known = |name: &str| {
        public_hosts
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    if !host.to_str().is_ok_and(known) {
        return Err(misdirected("for another host", public_hosts));
    }
    let target = request.uri().authority();
    if target.is_some_and(|target| {
        !host
            .to_str()
            .is_ok_and(|host| target.as_str().eq_ignore_ascii_case(host))
    }) {
        return Err(misdirected("whose target is not its Host", public_hosts));
    }
    Ok(())
}

fn misdirected(how: &str, public_hosts: &[String]) -> ApiError {
    let first = public_hosts.first().map_or("localhost", String::as_str);
    ApiError::new(
        StatusCode::MISDIRECTED_REQUEST,
        "host",
        format!("This proxy does not answer a request {how}."),
        format!(
            "Open http://{first}/, or add the name to server.public_hosts in the proxy's configuration."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, hosts: &[&str]) -> bool {
        let mut request = Request::builder().uri(uri);
        for host in hosts {
            request = request.header("host", *host);
        }
        check_host(&request.body(()).unwrap(), &["localhost:8787".to_owned()]).is_ok()
    }

    #[test]
    fn only_one_known_host_passes() {
        assert!(check("/", &["localhost:8787"]));
        assert!(check("/", &["LOCALHOST:8787"]));
        assert!(check("http://localhost:8787/", &["localhost:8787"]));
        for hosts in [
            &[][..],
            &["evil.example"],
            &["localhost"],
            &["localhost:8787", "localhost:8787"],
            &["localhost:8787, evil"],
            &["127.0.0.1:8787"],
        ] {
            assert!(!check("/", hosts), "{hosts:?}");
        }
        assert!(!check("http://evil.example/", &["localhost:8787"]));
        assert!(!check("http://user@localhost:8787/", &["localhost:8787"]));
    }
}
