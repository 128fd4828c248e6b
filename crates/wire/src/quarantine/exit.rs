//! How the scripts end.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a script ended, by its exit status.
///
/// | status | meaning | the file |
/// |---|---|---|
/// | 0 | done | moved and verified (preview and look: facts printed) |
/// | 10 | no such file, or it cannot be reached | untouched |
/// | 11 | a folder, device, socket or pipe | untouched |
/// | 12 | a symbolic link in the path | untouched |
/// | 13 | not what it was in the preview | untouched |
/// | 14 | open for writing | untouched |
/// | 15 | outside of the allowed folders once links are resolved | untouched |
/// | 16 | something has the target's name | untouched |
/// | 17 | no folder to move to or from, or no right to write there | untouched |
/// | 18 | source and target on different file systems | untouched |
/// | 19 | what was moved was not what was approved | put back |
/// | 20 | the rename failed: full or read-only disk, no right | untouched, looked at after |
/// | 21 | neither in its place nor verified at the target | a person must look |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the table above says what each one means")]
pub enum Exit {
    Done,
    Missing,
    NotRegular,
    Symlink,
    Changed,
    OpenForWriting,
    Outside,
    TargetExists,
    NoFolder,
    OtherFileSystem,
    PutBack,
    NotMoved,
    Unclear,
}

impl Exit {
    pub(super) const TABLE: [(u32, Exit); 13] = [
        (0, Exit::Done),
        (10, Exit::Missing),
        (11, Exit::NotRegular),
        (12, Exit::Symlink),
        (13, Exit::Changed),
        (14, Exit::OpenForWriting),
        (15, Exit::Outside),
        (16, Exit::TargetExists),
        (17, Exit::NoFolder),
        (18, Exit::OtherFileSystem),
        (19, Exit::PutBack),
        (20, Exit::NotMoved),
        (21, Exit::Unclear),
    ];

    /// The meaning of a script's exit status; None for one that the scripts never give, such as
    /// 127 of a shell that lacks a program.
    pub fn of(status: u32) -> Option<Exit> {
        let mut table = Exit::TABLE.into_iter();
        table.find_map(|(known, exit)| (known == status).then_some(exit))
    }

    /// The exit status.
    pub fn status(self) -> u32 {
        let mut table = Exit::TABLE.into_iter();
        table
            .find_map(|(status, exit)| (exit == self).then_some(status))
            .unwrap_or(21)
    }

    /// What it means for the file, as a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Exit::Done => "The file was moved and verified at its target.",
            Exit::Missing => {
                "There is no such file, or the login user cannot reach it; nothing was moved."
            }
            Exit::NotRegular => "This is no regular file; nothing was moved.",
            Exit::Symlink => "There is a symbolic link in the path; nothing was moved.",
            Exit::Changed => "The file is not what it was in the preview; nothing was moved.",
            Exit::OpenForWriting => "A process has the file open for writing; nothing was moved.",
            Exit::Outside => {
                "With all symbolic links resolved, the file is outside of the allowed folders; nothing was moved."
            }
            Exit::TargetExists => "Something has the target's name already; nothing was moved.",
            Exit::NoFolder => {
                "A folder is missing, or the login user may not write in it; nothing was moved."
            }
            Exit::OtherFileSystem => {
                "Source and target are on different file systems, where a move would be a copy; nothing was moved."
            }
            Exit::PutBack => {
                "The file changed at the moment of the move, so it was put back where it was."
            }
            Exit::NotMoved => "The host refused to move the file; it is where it was.",
            Exit::Unclear => {
                "The file is neither in its place nor verified at the target; look at the host."
            }
        }
    }

    /// What a person can do about it.
    pub fn next(self) -> &'static str {
        match self {
            Exit::Done => "Ask the query again to see whether it helped.",
            Exit::Missing => "List the folder; look at its rights.",
            Exit::NotRegular | Exit::Symlink | Exit::Outside => {
                "Name the file itself, by its own path, in one of ssh.paths.quarantine_from."
            }
            Exit::Changed | Exit::PutBack => "Look at the file again and make a new plan.",
            Exit::OpenForWriting => {
                "Wait until the process is done with it, or end the process, then make a new plan."
            }
            Exit::TargetExists => "Make a new plan, which picks a new name.",
            Exit::NoFolder => {
                "Make the folder on the host, with the right for the login user to write in it."
            }
            Exit::OtherFileSystem => {
                "Set ssh.paths.quarantine_to to a folder on the file system of the file."
            }
            Exit::NotMoved => {
                "See what the host said: its disk may be full or read-only, or the right is missing."
            }
            Exit::Unclear => {
                "Log in to the host and see where the file is before anything else is done to it."
            }
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}
