//! How `casebook-proxy link` asks a running proxy for a login link: a Unix socket in `state_dir`
//! that only its owner can open.

use crate::app::App;
use crate::link::Links;
use anyhow::{Context, bail};
use std::fs::{self, DirBuilder};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

/// Longest path that a link may be asked to open.
const LONGEST: u64 = 4096;

fn socket(state_dir: &Path) -> PathBuf {
    state_dir.join("run").join("link.sock")
}

/// Listens for `casebook-proxy link`. The caller holds the lock of `state_dir`, so a socket that is
/// there already is one that a killed proxy left behind.
pub fn listen(state_dir: &Path) -> anyhow::Result<UnixListener> {
    bind(&socket(state_dir))
}

/// Listens on the socket `path`, whose folder is made, and closed to everyone else.
pub(crate) fn bind(path: &Path) -> anyhow::Result<UnixListener> {
    // A folder of its own, closed before the socket is there: until its mode is set, the socket
    // itself is open to whoever can reach it.
    if let Some(folder) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    if path.exists() {
        fs::remove_file(path)?;
    }
    let listener =
        UnixListener::bind(path).with_context(|| format!("cannot listen on {}", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers each connection: one line with the path to open, then one line with the link.
pub async fn serve(listener: UnixListener, app: Arc<App>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            let answered =
                tokio::time::timeout(Duration::from_secs(2), answer(stream, &app.links)).await;
            if !matches!(answered, Ok(Ok(()))) {
                tracing::debug!("a request for a link was not finished");
            }
        });
    }
}

async fn answer(stream: tokio::net::UnixStream, links: &Links) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut next = String::new();
    tokio::io::BufReader::new(read.take(LONGEST))
        .read_line(&mut next)
        .await?;
    let link = links.issue(next.trim_end())?;
    write.write_all(format!("{link}\n").as_bytes()).await
}

/// Asks the running proxy for a link that opens `next`.
pub fn ask(state_dir: &Path, next: &str) -> anyhow::Result<String> {
    let path = socket(state_dir);
    let mut stream = UnixStream::connect(&path).with_context(|| {
        format!(
            "no proxy answers at {}: is `casebook-proxy serve` running with this configuration?",
            path.display()
        )
    })?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    writeln!(stream, "{}", next.replace(['\n', '\r'], ""))?;
    let mut link = String::new();
    BufReader::new(stream).read_line(&mut link)?;
    if link.trim().is_empty() {
        bail!(
            "the proxy at {} closed the connection without a link",
            path.display()
        );
    }
    Ok(link.trim().to_owned())
}
