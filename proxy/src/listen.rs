//! Taking the ports: both loopback addresses or nothing. A browser asks `localhost` at either, so a
//! foreign program on the other one would get our users' requests.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::TcpListener;

/// Why the proxy cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port.
    #[error(
        "port {port} of {ip} is taken by another program\n  \
         another casebook-proxy, perhaps: stop it, or set server.{key} to a free port\n  \
         (`ss -ltnp 'sport = :{port}'` names the program)"
    )]
    Taken {
        /// The address.
        ip: IpAddr,
        /// The port.
        port: u16,
        /// The key that sets it.
        key: &'static str,
    },
    /// Anything else.
    #[error("cannot listen on port {port} of {ip}: {cause}")]
    Other {
        /// The address.
        ip: IpAddr,
        /// The port.
        port: u16,
        /// What the system says.
        cause: io::Error,
    },
}

/// Listens on `port` of 127.0.0.1 and ::1. With port 0, a port that is free on both. On a machine
/// without IPv6 the second listener is None.
pub async fn both(port: u16) -> Result<(TcpListener, Option<TcpListener>), ListenError> {
    let mut tries = 0;
    loop {
        let first = one(IpAddr::V4(Ipv4Addr::LOCALHOST), port, "listen_port").await?;
        let chosen = first.local_addr().map_or(port, |address| address.port());
        match one(IpAddr::V6(Ipv6Addr::LOCALHOST), chosen, "listen_port").await {
            Ok(second) => return Ok((first, Some(second))),
            Err(ListenError::Other { cause, .. }) if has_no_ipv6(&cause) => {
                tracing::info!("this machine has no IPv6 loopback; listening on 127.0.0.1 only");
                return Ok((first, None));
            }
            Err(ListenError::Taken { .. }) if port == 0 && tries < 20 => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Listens on one address.
pub async fn one(ip: IpAddr, port: u16, key: &'static str) -> Result<TcpListener, ListenError> {
    TcpListener::bind(SocketAddr::new(ip, port))
        .await
        .map_err(|cause| {
            if cause.kind() == io::ErrorKind::AddrInUse {
                ListenError::Taken { ip, port, key }
            } else {
                ListenError::Other { ip, port, cause }
            }
        })
}

fn has_no_ipv6(cause: &io::Error) -> bool {
    // EAFNOSUPPORT has no kind of its own: IPv6 is switched off in the kernel.
    const EAFNOSUPPORT: i32 = 97;
    cause.kind() == io::ErrorKind::AddrNotAvailable || cause.raw_os_error() == Some(EAFNOSUPPORT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn either_address_being_taken_is_an_error_that_names_the_port() {
        for ip in [
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ] {
            let Ok(other) = TcpListener::bind((ip, 0)).await else {
                continue;
            };
            let port = other.local_addr().unwrap().port();
            let message = both(port).await.unwrap_err().to_string();
            assert!(
                message.contains(&format!("port {port} of {ip} is taken")),
                "{message}"
            );
            assert!(message.contains("server.listen_port"), "{message}");
        }
    }
}
