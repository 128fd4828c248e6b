//! A view of this machine's file system for one sshd: with another login, other sudoers and another
//! `/usr/local`. It is a mount namespace, which ends with that sshd; nothing of the machine is changed.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{LabError, program};

/// Whom the files of the host belong to; neither root nor the login.
const OWNER: u32 = 54_322;
/// The login's number.
const LOGIN: u32 = 54_321;

/// Hides the files of `$1` over those of the machine, and becomes the program that follows.
const HIDE: &str = "set -e
at=$1
shift
for name in passwd shadow group sudoers sudoers.d; do mount --bind \"$at/etc/$name\" \"/etc/$name\"; done
mount --bind \"$at/usr/local\" /usr/local
exec \"$@\"";

/// What stands in `/etc/sudoers`: Debian's lines, and one of older systems that makes it harder.
const SUDOERS: &str = "Defaults env_reset, use_pty, requiretty
Defaults secure_path = \"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"
root ALL = (ALL:ALL) ALL
@includedir /etc/sudoers.d
";

/// The files that an sshd sees in place of the machine's.
#[derive(Debug)]
pub(crate) struct Apart {
    folder: PathBuf,
}

impl Apart {
    /// Writes them into `folder`, with a login that is not root and may do nothing by sudo.
    pub(crate) fn prepare(folder: &Path, login: &str) -> Result<Apart, LabError> {
        program::find("sudo", "sudo")?;
        let id = Command::new("id").arg("-u").output();
        if !id.is_ok_and(|output| output.stdout == b"0\n") {
            return Err(LabError::NotRoot {
                what: "a host with a login and sudoers of its own",
            });
        }
        let apart = Apart {
            folder: folder.to_owned(),
        };
        apart.write(login).map_err(|source| LabError::Io {
            doing: "writing the files of a host of its own",
            source,
        })?;
        Ok(apart)
    }

    fn write(&self, login: &str) -> io::Result<()> {
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
        // the login has to reach its authorized_keys, whatever the umask of who runs the lab
        mode(&self.folder, 0o711)?;
        mode(&self.folder.join("authorized_keys"), 0o644)?;
        for name in [
            "etc",
            "etc/sudoers.d",
            "usr",
            "usr/local",
            "usr/local/libexec",
        ] {
            let folder = self.folder.join(name);
            fs::create_dir_all(&folder)?;
            mode(&folder, 0o755)?;
        }
        let locked = |user: &str| format!("{user}:*:19000:0:99999:7:::\n");
        for (name, text, bits) in [
            (
                "passwd",
                format!(
                    "root:x:0:0::/root:/bin/sh\nsshd:x:54320:65534::/run/sshd:/usr/sbin/nologin\n\
                     {login}:x:{LOGIN}:{LOGIN}::/:/bin/sh\n"
                ),
                0o644,
            ),
            (
                "shadow",
                locked("root") + &locked("sshd") + &locked(login),
                0o600,
            ),
            (
                "group",
                format!("root:x:0:\nnogroup:x:65534:\n{login}:x:{LOGIN}:\n"),
                0o644,
            ),
            ("sudoers", SUDOERS.to_owned(), 0o440),
        ] {
            let path = self.seen_as(&format!("/etc/{name}"));
            fs::write(&path, text)?;
            mode(&path, bits)?;
        }
        for name in ["crash", "quarantine"] {
            mode(&self.folder.join(name), 0o700)?;
        }
        let core = self.folder.join("crash/core");
        chown(&core, Some(OWNER), Some(OWNER))?;
        mode(&core, 0o640)
    }

    /// Where the file is that the sshd sees at `path`, one of `/etc/sudoers.d` or `/usr/local`.
    pub(crate) fn seen_as(&self, path: &str) -> PathBuf {
        self.folder.join(path.trim_start_matches('/'))
    }

    /// A command that becomes `program` with this view.
    pub(crate) fn command(&self, program: &Path) -> Result<Command, LabError> {
        let mut command = Command::new(program::find("unshare", "util-linux")?);
        command
            .args([
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                HIDE,
                "sh",
            ])
            .arg(&self.folder)
            .arg(program);
        Ok(command)
    }
}
