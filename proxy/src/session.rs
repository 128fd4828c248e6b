//! Sessions: made at sign-in, kept in `state_dir` by the hash of their token, so that they survive
//! a restart and a copy of the file opens nothing.

use crate::clock;
use crate::policy::Principal;
use crate::random::hex_token;
use casebook_wire::sha256_hex;
use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// Sessions that are kept at the same time; the oldest goes first.
const MOST: usize = 64;

/// All sessions.
#[derive(Debug)]
pub struct Sessions {
    file: PathBuf,
    ttl: Duration,
    kept: Mutex<Vec<Session>>,
}

/// One session, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Short id for logs and records.
    pub id: String,
    /// SHA-256 of the token.
    token_sha256: String,
    /// The user.
    pub user: String,
    /// End, in milliseconds since the Unix epoch.
    pub expires_ms: i64,
}

impl Session {
    /// Who this session speaks for.
    pub fn principal(&self) -> Principal {
        Principal {
            user: self.user.clone(),
            session: self.id.clone(),
        }
    }
}

impl Sessions {
    /// The sessions that were kept in `state_dir`. A file that cannot be read ends them all.
    pub fn open(state_dir: &Path, ttl: Duration) -> Sessions {
        let file = state_dir.join("sessions.json");
        let kept = fs::read(&file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Sessions {
            file,
            ttl,
            kept: Mutex::new(kept),
        }
    }

    /// Starts a session of `user`; returns its token and the session.
    pub fn start(&self, user: &str) -> io::Result<(String, Session)> {
        let token = hex_token(32)?;
        let ttl_ms = i64::try_from(self.ttl.as_millis()).unwrap_or(i64::MAX);
        let session = Session {
            id: hex_token(4)?,
            token_sha256: sha256_hex(token.as_bytes()),
            user: user.to_owned(),
            expires_ms: clock::now_ms().saturating_add(ttl_ms),
        };
        self.change(|kept| {
            kept.push(session.clone());
            let surplus = kept.len().saturating_sub(MOST);
            kept.drain(..surplus);
        })?;
        Ok((token, session))
    }

    /// The session of one of `tokens`, if it has not ended.
    pub fn find<'a>(&self, tokens: impl Iterator<Item = &'a str>) -> Option<Session> {
        let now = clock::now_ms();
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for token in tokens {
            let hash = sha256_hex(token.as_bytes());
            let is_it = |session: &&Session| {
                bool::from(session.token_sha256.as_bytes().ct_eq(hash.as_bytes()))
            };
            if let Some(session) = kept.iter().find(is_it)
                && session.expires_ms > now
            {
                return Some(session.clone());
            }
        }
        None
    }

    /// Ends the session of this id.
    pub fn end(&self, id: &str) -> io::Result<()> {
        self.change(|kept| kept.retain(|session| session.id != id))
    }

    fn change(&self, edit: impl FnOnce(&mut Vec<Session>)) -> io::Result<()> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::now_ms();
        kept.retain(|session| session.expires_ms > now);
        edit(&mut kept);
        let bytes = serde_json::to_vec(&*kept)?;
        let fresh = self.file.with_extension("json.new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&fresh)?;
        file.write_all(&bytes)?;
        file.sync_data()?;
        fs::rename(&fresh, &self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survive_a_restart_without_their_tokens_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(dir.path(), Duration::from_secs(60));
        let (token, session) = sessions.start("ada").unwrap();
        let on_disk = fs::read_to_string(dir.path().join("sessions.json")).unwrap();
        assert!(!on_disk.contains(&token));

        let again = Sessions::open(dir.path(), Duration::from_secs(60));
        assert_eq!(
            again.find([token.as_str()].into_iter()).unwrap().id,
            session.id
        );
        again.end(&session.id).unwrap();
        assert!(again.find([token.as_str()].into_iter()).is_none());
    }

    #[test]
    fn end_in_time_and_in_number() {
        let dir = tempfile::tempdir().unwrap();
        let short = Sessions::open(dir.path(), Duration::ZERO);
        let (token, _) = short.start("ada").unwrap();
        assert!(short.find([token.as_str()].into_iter()).is_none());

        let many = Sessions::open(dir.path(), Duration::from_secs(60));
        let (first, _) = many.start("ada").unwrap();
        for _ in 0..MOST {
            many.start("ada").unwrap();
        }
        assert!(many.find([first.as_str()].into_iter()).is_none());
    }

    #[test]
    fn a_file_that_is_no_list_of_sessions_opens_nothing() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("sessions.json"), "[{\"id\":1").unwrap();
        let sessions = Sessions::open(dir.path(), Duration::from_secs(60));
        assert!(sessions.find(["", "x"].into_iter()).is_none());
    }
}
