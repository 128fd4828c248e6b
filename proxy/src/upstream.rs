//! The HTTP client towards the monitoring stack: no redirects, no proxy from the environment, small
//! buffers, and never an address that hands out cloud credentials.

use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// A client for one source.
pub type HttpClient = Client<HttpsConnector<HttpConnector<CarefulResolver>>, Full<Bytes>>;

/// 100 answers of 11 MB at once cost 33 MB with this size, and 145 MB with hyper's own.
pub const BUFFER: usize = 64 << 10;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A client that trusts the public certificate authorities, and those of `ca_file` (PEM).
pub fn client(ca_file: Option<&Path>) -> anyhow::Result<HttpClient> {
    let mut http = HttpConnector::new_with_resolver(CarefulResolver);
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(CONNECT_TIMEOUT));

    let provider = rustls::crypto::ring::default_provider();
    let versions = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?;
    let tls = match ca_file {
        None => versions.with_webpki_roots().with_no_client_auth(),
        Some(file) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            for certificate in CertificateDer::pem_file_iter(file)? {
                roots.add(certificate?)?;
            }
            versions.with_root_certificates(roots).with_no_client_auth()
        }
    };
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(http);
    Ok(Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(30))
        .pool_max_idle_per_host(16)
        .http1_max_buf_size(BUFFER)
        .build(connector))
}

/// Whether `ip` is one of those where clouds hand out credentials.
pub fn is_forbidden(ip: IpAddr) -> bool {
    const AWS_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);
    const ALIBABA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_link_local() || ip == ALIBABA,
        IpAddr::V6(ip) => ip.is_unicast_link_local() || ip == AWS_V6,
    }
}

/// Looks names up as the system does and leaves out forbidden addresses, so that a name cannot lead
/// where the configuration may not.
#[derive(Clone, Copy, Debug)]
pub struct CarefulResolver;

impl tower::Service<Name> for CarefulResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, io::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            let look_up = move || (name.as_str(), 0).to_socket_addrs().map(Iterator::collect);
            let found: Vec<SocketAddr> = tokio::task::spawn_blocking(look_up)
                .await
                .map_err(io::Error::other)??;
            allowed(found)
        })
    }
}

fn allowed(found: Vec<SocketAddr>) -> io::Result<std::vec::IntoIter<SocketAddr>> {
    let some = !found.is_empty();
    let kept: Vec<SocketAddr> = found
        .into_iter()
        .filter(|address| !is_forbidden(address.ip()))
        .collect();
    if some && kept.is_empty() {
        return Err(io::Error::other(
            "the name leads to an address of cloud metadata, which is never asked",
        ));
    }
    Ok(kept.into_iter())
}

/// An error with all its causes, in one line.
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let next = inner.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_addresses_are_never_asked() {
        for ip in [
            "169.254.169.254",
            "169.254.170.2",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "fe80::1",
            "100.100.100.200",
        ] {
            assert!(is_forbidden(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "127.0.0.1",
            "::1",
            "10.0.0.1",
            "192.168.1.1",
            "fd00::1",
            "93.184.216.34",
        ] {
            assert!(!is_forbidden(ip.parse().unwrap()), "{ip}");
        }
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert!(allowed(vec![address("169.254.169.254:0")]).is_err());
        assert_eq!(
            allowed(vec![address("169.254.169.254:0"), address("10.0.0.1:0")])
                .unwrap()
                .count(),
            1
        );
    }
}
