//! What a command on a host writes, and how it ends.

/// Both streams and the exit status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    pub(crate) status: u32,
}

impl Output {
    /// A command that did its work.
    pub(super) fn done(stdout: impl Into<Vec<u8>>) -> Self {
        Self {
            stdout: stdout.into(),
            ..Self::default()
        }
    }

    /// A command that said why it could not.
    pub(super) fn failed(status: u32, message: impl std::fmt::Display) -> Self {
        Self {
            stdout: Vec::new(),
            stderr: format!("{message}\n"),
            status,
        }
    }
}

/// Lines of columns as wide as their widest cell and no narrower than `least`; columns to the
/// right when `right` says so, the last column ends where it ends.
pub(super) fn table<const N: usize>(
    rows: &[[String; N]],
    least: [usize; N],
    right: [bool; N],
) -> String {
    let mut widths = least;
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(column, cell)| {
                let width = widths[column];
                match right[column] {
                    true => format!("{cell:>width$}"),
                    false if column + 1 == N => cell.clone(),
                    false => format!("{cell:<width$}"),
                }
            })
            .collect();
        text.push_str(&cells.join(" "));
        text.push('\n');
    }
    text
}
