//! Who holds a port that the demo needs.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use anyhow::{Result, bail};

/// Checks that the demo's fixed ports are free.
///
/// # Errors
/// Names each taken port, and where Linux tells, the process that holds it.
pub(crate) fn require_free(ports: &[(u16, &str)]) -> Result<()> {
    let taken: Vec<String> = ports
        .iter()
        .filter(|(port, _)| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_err())
        .map(|(port, role)| {
            format!(
                "  port {port} ({role}) is taken{}",
                holder(*port).map_or_else(String::new, |who| format!(" by {who}"))
            )
        })
        .collect();
    if taken.is_empty() {
        return Ok(());
    }
    bail!(
        "{}\nis another demo running? stop that program, then run this again; the ports are fixed because a notebook belongs to its address",
        taken.join("\n")
    )
}

fn holder(port: u16) -> Option<String> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .find_map(|table| listening_inode(&std::fs::read_to_string(table).ok()?, port))?;
    let socket = format!("socket:[{inode}]");
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let pid = process.file_name().to_string_lossy().into_owned();
        if pid.parse::<u32>().is_err() {
            continue;
        }
        let Ok(files) = std::fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        if files.flatten().any(|file| {
            std::fs::read_link(file.path()).is_ok_and(|target| target == Path::new(&socket))
        }) {
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (process {pid})", name.trim()));
        }
    }
    None
}

/// The inode of the socket that listens on a port, from the text of `/proc/net/tcp` (proc(5)).
fn listening_inode(table: &str, port: u16) -> Option<String> {
    const LISTEN: &str = "0A";
    let suffix = format!(":{port:04X}");
    table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        (fields.get(1)?.ends_with(&suffix) && fields.get(3) == Some(&LISTEN))
            .then(|| fields.get(9).map(ToString::to_string))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_its_holder() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let error = require_free(&[(port, "site")]).unwrap_err().to_string();
        assert!(
            error.contains(&format!("port {port} (site) is taken")),
            "{error}"
        );
        if Path::new("/proc/net/tcp").exists() {
            assert!(
                error.contains(&format!("process {}", std::process::id())),
                "{error}"
            );
        }
    }

    #[test]
    fn only_a_listening_socket_counts() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:2253 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 11 1\n\
            1: 0100007F:2253 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 22 1\n";
        assert_eq!(listening_inode(table, 0x2253).as_deref(), Some("22"));
        assert_eq!(listening_inode(table, 80), None);
    }
}
