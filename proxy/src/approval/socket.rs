//! How `casebook-proxy approve` speaks with a running proxy: a Unix socket in `state_dir` that only
//! its owner can open. One line of JSON each way: what is to be seen, what is seen, what was typed,
//! what came of it.

use super::{Typed, Way, settle};
use crate::app::App;
use crate::error::ApiError;
use crate::link_socket;
use crate::plan::words::{plain, rows, sentence, standing};
use crate::random::hex_token;
use crate::router::RequestId;
use casebook_wire::plan::State;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

/// Longest line of the one who asks.
const LONGEST: u64 = 4096;
/// How long a person may think.
const THINKING: Duration = Duration::from_secs(15 * 60);

/// Which plan is to be seen.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Show {
    pub(super) id: String,
}

/// The plan as the proxy sees it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) digest: String,
    /// Whether it can be approved now.
    pub(super) waiting: bool,
}

/// What was typed after reading it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) digest: String,
    pub(super) host: String,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply<T> {
    /// It was done.
    Done(T),
    /// It was not, and why.
    Refused(String),
}

/// Where the socket is.
pub(super) fn path(state_dir: &Path) -> PathBuf {
    state_dir.join("run").join("approve.sock")
}

/// Listens for `casebook-proxy approve`. The caller holds the lock of `state_dir`.
pub fn listen(state_dir: &Path) -> anyhow::Result<UnixListener> {
    link_socket::bind(&path(state_dir))
}

/// Answers each connection.
pub async fn serve(listener: UnixListener, app: Arc<App>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            let answered = tokio::time::timeout(THINKING, answer(stream, &app)).await;
            if !matches!(answered, Ok(Ok(()))) {
                tracing::debug!("an approval at the terminal was not finished");
            }
        });
    }
}

async fn answer(stream: UnixStream, app: &App) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read.take(LONGEST)).lines();
    let Some(line) = lines.next_line().await? else {
        return Ok(());
    };
    let show: Show = serde_json::from_str(&line)?;
    let kept = match app.plans.get(&show.id).await {
        Ok(kept) => kept,
        Err(error) => return send::<Shown>(&mut write, Reply::Refused(sentences(&error))).await,
    };
    // What is to be read before typing stands last, where a terminal shows it.
    let mut text = format!("The line that the host will run:\n{}\n\n", kept.plan.line);
    text.push_str(&format!("{}\n\n", sentence(&kept)));
    for (name, value) in rows(&kept) {
        text.push_str(&format!("  {name:<13}{value}\n"));
    }
    if let Some(note) = &kept.plan.note {
        text.push_str(&format!(
            "\n  The notebook says (nobody has checked it): {}\n",
            plain(note)
        ));
    }
    let (standing, next) = standing(&kept);
    text.push_str(&format!("\n{standing} {next}\n"));
    let shown = Shown {
        text,
        digest: kept.digest.clone(),
        waiting: kept.progress.state == State::Waiting,
    };
    send(&mut write, Reply::Done(shown)).await?;
    let Some(line) = lines.next_line().await? else {
        return Ok(());
    };
    let typed: Answer = serde_json::from_str(&line)?;
    let by = format!("{} at the terminal", app.user);
    let id = RequestId(hex_token(8)?);
    let host = Typed::Host(&typed.host);
    let done = settle(app, &kept, &host, &typed.digest, &by, Way::Approve, &id).await;
    let reply = match done {
        Ok(kept) => Reply::Done(format!("approved: {}", sentence(&kept))),
        Err(error) => Reply::Refused(sentences(&error)),
    };
    send(&mut write, reply).await
}

async fn send<T: Serialize>(
    write: &mut (impl AsyncWriteExt + Unpin),
    reply: Reply<T>,
) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(&reply)?;
    line.push(b'\n');
    write.write_all(&line).await
}

fn sentences(error: &ApiError) -> String {
    format!("{} {}", error.error, error.next)
}
