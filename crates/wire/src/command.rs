//! The commands that a notebook may have run on a host: a name and typed parameters, never a line.

/// Whether `folder` can be the root of a path rule: absolute, clean, without anything that a shell
/// or a pattern would read. The error is a clause without a full stop.
pub fn check_folder(folder: &str) -> Result<(), String> {
    let clean = folder
        .strip_prefix('/')
        .is_some_and(|rest| rest.split('/').all(|part| !matches!(part, "" | "." | "..")));
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:".contains(c);
    if clean && folder.chars().all(plain) {
        Ok(())
    } else {
        Err(format!(
            "{folder:?} is no clean absolute folder; write one like \"/var/crash\""
        ))
    }
}
