//! The folder that tells a proxy how to get in: the hosts' keys, the client's key, `known_hosts`
//! and the access key of the cloud. Keys that are there stay, so that a restarted drill is known.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use getrandom::SysRng;
use russh::keys::ssh_key::rand_core::UnwrapErr;
use russh::keys::ssh_key::{Algorithm, LineEnding};
use russh::keys::{PrivateKey, PublicKey, load_secret_key};

use crate::fleet::Server;

/// A folder of keys.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    folder: PathBuf,
}

impl Keys {
    /// The folder, made when it is not there, readable by its owner only.
    pub(crate) fn in_folder(folder: &Path) -> io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        Ok(Self {
            // the configuration that names the files may be read from anywhere
            folder: folder.canonicalize()?,
        })
    }

    /// The key by which a host is known.
    pub(crate) fn host(&self, server: &Server) -> io::Result<PrivateKey> {
        self.key(&format!("host_{}_ed25519", server.which))
    }

    /// What the client proves to hold.
    pub(crate) fn client(&self) -> io::Result<PublicKey> {
        let key = self.key("client_ed25519")?.public_key().clone();
        let line = key.to_openssh().map_err(io::Error::other)? + "\n";
        fs::write(self.path("client_ed25519.pub"), line)?;
        Ok(key)
    }

    /// Path of the client's private key.
    pub(crate) fn client_file(&self) -> PathBuf {
        self.path("client_ed25519")
    }

    /// Path of `known_hosts`.
    pub(crate) fn known_hosts_file(&self) -> PathBuf {
        self.path("known_hosts")
    }

    /// Writes `known_hosts`, one line for each host.
    pub(crate) fn know(&self, hosts: &[(SocketAddr, PrivateKey)]) -> io::Result<()> {
        let mut text = String::new();
        for (address, key) in hosts {
            let key = key.public_key().to_openssh().map_err(io::Error::other)?;
            let key: Vec<&str> = key.split(' ').take(2).collect();
            let (ip, port) = (address.ip(), address.port());
            text.push_str(&format!("[{ip}]:{port} {}\n", key.join(" ")));
        }
        fs::write(self.known_hosts_file(), text)
    }

    /// Writes an access key for the cloud, which takes any, and returns the paths of its id and its
    /// secret.
    pub(crate) fn access_key(&self) -> io::Result<(PathBuf, PathBuf)> {
        let (id, secret) = (self.path("access_key_id"), self.path("secret_access_key"));
        private(&id, b"AKIADRILLDRILLDRILL0\n")?;
        private(&secret, b"practice/only/no/secret/at/all/000000000\n")?;
        Ok((id, secret))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn key(&self, name: &str) -> io::Result<PrivateKey> {
        let path = self.path(name);
        if path.exists() {
            return load_secret_key(&path, None).map_err(|fault| {
                let message = format!("{} is no private key: {fault}", path.display());
                io::Error::new(io::ErrorKind::InvalidData, message)
            });
        }
        let key = PrivateKey::random(&mut UnwrapErr(SysRng), Algorithm::Ed25519)
            .map_err(io::Error::other)?;
        let text = key.to_openssh(LineEnding::LF).map_err(io::Error::other)?;
        private(&path, text.as_bytes())?;
        Ok(key)
    }
}

/// Writes a file that only its owner may read.
fn private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(content)
}
