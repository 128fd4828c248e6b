//! `casebook-proxy approve ID`: reads the plan out of the running proxy, and approves it when the
//! host's name is typed.

use super::socket::{Answer, Reply, Show, Shown, path};
use crate::terminal::say;
use anyhow::{Context, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Shows the plan and approves it with what is typed on standard input.
pub fn approve(state_dir: &Path, id: &str) -> anyhow::Result<()> {
    let socket = path(state_dir);
    let stream = UnixStream::connect(&socket).with_context(|| {
        format!(
            "no proxy answers at {}: is `casebook-proxy serve` running with this configuration, and does it move files?",
            socket.display()
        )
    })?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut asking = Asking {
        read: BufReader::new(stream.try_clone()?),
        write: stream,
    };
    let shown: Shown = asking.ask(&Show { id: id.to_owned() })?;
    say(&shown.text);
    if !shown.waiting {
        bail!("this plan does not wait for an approval");
    }
    say("Type the name of the host to approve it; anything else does not:");
    let mut host = String::new();
    std::io::stdin().lock().read_line(&mut host)?;
    if host.trim().is_empty() {
        bail!("nothing was typed, so nothing was approved");
    }
    let digest = shown.digest;
    let host = host.trim().to_owned();
    let done: String = asking.ask(&Answer { digest, host })?;
    say(&done);
    Ok(())
}

struct Asking {
    read: BufReader<UnixStream>,
    write: UnixStream,
}

impl Asking {
    fn ask<T: DeserializeOwned>(&mut self, what: &impl Serialize) -> anyhow::Result<T> {
        let mut line = serde_json::to_vec(what)?;
        line.push(b'\n');
        self.write.write_all(&line)?;
        let mut answer = String::new();
        self.read.read_line(&mut answer)?;
        if answer.is_empty() {
            bail!("the proxy closed the connection without an answer");
        }
        match serde_json::from_str(&answer)? {
            Reply::Done(done) => Ok(done),
            Reply::Refused(why) => bail!("{why}"),
        }
    }
}
