//! An AWS account: moto's server with a fixed seed, real signatures and IAM enforced, filled by
//! `moto_account.py` with the fleet's eight servers and with what a lookup may stumble over.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::Process;
use crate::{LabError, in_background};

/// Loading moto takes some seconds, on a busy machine many.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// What an account is started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MotoSettings {
    /// Its port; `None` for a free one.
    pub port: Option<u16>,
    /// Further instances, all tagged `kind=herd`, each in a reservation of its own.
    pub more: u32,
}

/// A key pair of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MotoKey {
    /// The access key's id.
    pub access_key: String,
    /// The secret key.
    pub secret_key: String,
}

/// A running account. Dropping it kills the server and removes its folder.
#[derive(Debug)]
pub struct Moto {
    url: String,
    instances: BTreeMap<String, String>,
    reader: MotoKey,
    nobody: MotoKey,
    // before the folder, so that it has ended when the folder goes
    process: Process,
    folder: TempDir,
}

impl Moto {
    /// The account's one region.
    pub const REGION: &str = "us-east-1";

    /// Starts it and waits until it is filled.
    ///
    /// # Errors
    ///
    /// When `target/env/lab` is missing (`cargo xtask lab` makes it), or the server does not come
    /// up in time.
    pub fn start_blocking(settings: &MotoSettings) -> Result<Self, LabError> {
        let python = python()?;
        let folder = TempDir::with_prefix("casebook-lab-").map_err(|source| LabError::Io {
            doing: "making a temporary folder",
            source,
        })?;
        let mut command = Command::new(python);
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("moto_account.py"))
            .arg(folder.path())
            .args(["--port", &settings.port.unwrap_or(0).to_string()])
            .args(["--more", &settings.more.to_string()])
            .env("PYTHONNOUSERSITE", "1")
            .env_remove("PYTHONPATH");
        let mut process = Process::start(&mut command, folder.path().join("moto.log"))?;
        let account = wait_for(&mut process, &folder.path().join("account.json"))?;
        let moto = Self {
            url: text(&account, &["url"]),
            instances: account["instances"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, id)| (name.clone(), id.as_str().unwrap_or_default().to_owned()))
                .collect(),
            reader: key(&account, "reader"),
            nobody: key(&account, "nobody"),
            process,
            folder,
        };
        moto.write_keys("reader", &moto.reader)?;
        moto.write_keys("nobody", &moto.nobody)?;
        Ok(moto)
    }

    /// As [`Moto::start_blocking`], from within a tokio runtime.
    ///
    /// # Errors
    ///
    /// As [`Moto::start_blocking`].
    pub async fn start(settings: MotoSettings) -> Result<Self, LabError> {
        in_background(move || Self::start_blocking(&settings)).await
    }

    /// Its address, for example `http://127.0.0.1:40123`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The id of an instance by its name in the script: `object0` to `object7` (running, tagged
    /// `kind=objectN`, at 127.0.0.2 to 127.0.0.9), `stopped` (`kind=object4`), `only-stopped`
    /// (`kind=retired`), `left` and `right` (both `kind=pair`). Empty for any other name.
    pub fn instance(&self, name: &str) -> &str {
        self.instances.get(name).map_or("", String::as_str)
    }

    /// The key of a user who may read.
    pub fn reader(&self) -> &MotoKey {
        &self.reader
    }

    /// The key of a user who may do nothing.
    pub fn nobody(&self) -> &MotoKey {
        &self.nobody
    }

    /// The `[aws.NAME]` section by which a proxy asks this account with the reader's key.
    pub fn config(&self, name: &str) -> String {
        self.config_with(name, "reader")
    }

    /// As [`Moto::config`], with the key of `reader` or `nobody`.
    pub fn config_with(&self, name: &str, user: &str) -> String {
        let file = |what: &str| self.folder.path().join(format!("{user}.{what}"));
        format!(
            "[aws.{name}]\nregions = [\"{}\"]\nendpoint = \"{}\"\n\
             credentials = {{ access_key_file = {:?}, secret_key_file = {:?} }}\n\
             match = [{{ label = \"which\", tag = \"kind\" }}, {{ label = \"instance\", private_ip = true, strip_port = true }}]\n",
            Self::REGION,
            self.url,
            file("access_key"),
            file("secret_key"),
        )
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        self.process.output()
    }

    fn write_keys(&self, user: &str, key: &MotoKey) -> Result<(), LabError> {
        let file = |what: &str| self.folder.path().join(format!("{user}.{what}"));
        fs::write(file("access_key"), &key.access_key)
            .and_then(|()| fs::write(file("secret_key"), &key.secret_key))
            .map_err(|source| LabError::Io {
                doing: "writing the account's keys",
                source,
            })
    }
}

/// The interpreter of the lab's environment: `CASEBOOK_LAB_PYTHON`, or that below `target`.
fn python() -> Result<PathBuf, LabError> {
    let python = env::var_os("CASEBOOK_LAB_PYTHON").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/env/lab/bin/python"),
        PathBuf::from,
    );
    if python.is_file() {
        Ok(python)
    } else {
        Err(LabError::Environment { python })
    }
}

fn wait_for(process: &mut Process, file: &Path) -> Result<serde_json::Value, LabError> {
    let started = Instant::now();
    while started.elapsed() < READY_WITHIN {
        if let Some(account) = fs::read(file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        {
            return Ok(account);
        }
        if let Some(status) = process.ended() {
            return Err(LabError::Ended {
                program: "moto",
                status,
                output: process.output(),
            });
        }
        thread::sleep(Duration::from_millis(50));
    }
    Err(LabError::NotReady {
        program: "moto",
        waited: READY_WITHIN,
        output: process.output(),
    })
}

fn key(account: &serde_json::Value, user: &str) -> MotoKey {
    MotoKey {
        access_key: text(account, &[user, "access_key"]),
        secret_key: text(account, &[user, "secret_key"]),
    }
}

fn text(value: &serde_json::Value, path: &[&str]) -> String {
    let found = path.iter().fold(value, |value, name| &value[*name]);
    found.as_str().unwrap_or_default().to_owned()
}
