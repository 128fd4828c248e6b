//! Where the back ends' programs are.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;

use crate::LabError;

/// Finds a program on the PATH.
pub(crate) fn find(program: &'static str, package: &'static str) -> Result<PathBuf, LabError> {
    find_in(&env::var_os("PATH").unwrap_or_default(), program, package)
}

fn find_in(
    path: &OsStr,
    program: &'static str,
    package: &'static str,
) -> Result<PathBuf, LabError> {
    env::split_paths(path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .ok_or(LabError::Missing { program, package })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_with_the_command_that_installs_it() {
        let missing = find_in(OsStr::new("/nowhere"), "promtool", "prometheus").unwrap_err();
        assert_eq!(
            missing.to_string(),
            "promtool is not on the PATH; install it: \
             apt-get install -y --no-install-recommends prometheus"
        );
    }

    #[test]
    fn a_program_is_found_in_any_folder_of_the_path() {
        let found = find_in(OsStr::new("/nowhere:/bin"), "sh", "dash").unwrap();
        assert_eq!(found, PathBuf::from("/bin/sh"));
    }
}
