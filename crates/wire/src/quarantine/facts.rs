//! What the preview found out about a file, and its text.

use super::{fields, is_fingerprint};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A process that has the file open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handle {
    /// Process id.
    pub pid: u32,
    /// Whether it is open for writing.
    pub writing: bool,
    /// The process's name, printable letters only.
    pub name: String,
}

/// What the preview found out about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The path with all symbolic links resolved.
    pub real: String,
    /// The target with all symbolic links resolved.
    pub target: String,
    /// Length in bytes.
    pub size: u64,
    /// Last change of the content, seconds since the Unix epoch.
    pub mtime: i64,
    /// As `ls -l` writes it: `-rw-r-----`.
    pub mode: String,
    /// `user:group`.
    pub owner: String,
    /// Names that the file has; another name keeps the content where it is.
    pub links: u64,
    /// Bytes free in the target's file system, for a user without privileges.
    pub free: Option<u64>,
    /// Processes that have it open.
    pub handles: Vec<Handle>,
    /// Processes that the login user cannot look into; they may have it open too.
    pub blind: u64,
    /// SHA-256 of the content; None when the login user may not read it.
    pub sha256: Option<String>,
    /// Whether it changed while it was looked at.
    pub growing: bool,
    /// `device:inode:size:mtime:ctime`.
    pub fingerprint: String,
}

impl Facts {
    /// Reads what the preview printed; None when it is incomplete or says nonsense.
    pub fn parse(stdout: &str) -> Option<Facts> {
        let mut handles = Vec::new();
        for line in stdout.lines() {
            let Some(handle) = line.strip_prefix("handle=") else {
                continue;
            };
            let mut parts = handle.splitn(3, ' ');
            handles.push(Handle {
                pid: parts.next()?.parse().ok()?,
                writing: parts.next()? == "w",
                name: parts.next().unwrap_or_default().to_owned(),
            });
        }
        let fields = fields(stdout, "preview")?;
        let text = |key: &str| fields.get(key).map(|value| (*value).to_owned());
        let fingerprint = text("fingerprint").filter(|text| is_fingerprint(text))?;
        Some(Facts {
            real: text("real")?,
            target: text("target")?,
            size: text("size")?.parse().ok()?,
            mtime: text("mtime")?.parse().ok()?,
            mode: text("mode")?,
            owner: text("owner")?,
            links: text("links")?.parse().ok()?,
            free: text("free").and_then(|free| free.parse().ok()),
            handles,
            blind: text("blind")?.parse().ok()?,
            sha256: text("sha256").filter(|sum| sum.len() == 64),
            growing: text("growing")? == "yes",
            fingerprint,
        })
    }

    /// The facts as the preview prints them.
    pub fn to_text(&self) -> String {
        use fmt::Write;
        let mut text = format!(
            "real={}\ntarget={}\nsize={}\nmtime={}\nmode={}\nowner={}\nlinks={}\n",
            self.real, self.target, self.size, self.mtime, self.mode, self.owner, self.links
        );
        if let Some(free) = self.free {
            let _ = writeln!(text, "free={free}");
        }
        for handle in &self.handles {
            let mode = if handle.writing { 'w' } else { 'r' };
            let _ = writeln!(text, "handle={} {mode} {}", handle.pid, handle.name);
        }
        let _ = writeln!(text, "blind={}", self.blind);
        if let Some(sum) = &self.sha256 {
            let _ = writeln!(text, "sha256={sum}");
        }
        let growing = if self.growing { "yes" } else { "no" };
        let _ = write!(
            text,
            "growing={growing}\nfingerprint={}\nend=preview\n",
            self.fingerprint
        );
        text
    }
}
