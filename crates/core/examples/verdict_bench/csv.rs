//! The little of CSV that the data sets use: commas, and quotes around cells that hold one.

/// The cells of a line.
pub(crate) fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.trim_end_matches('\r').chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells
}

/// A number, or NaN for an empty or unreadable cell.
pub(crate) fn number(cell: &str) -> f64 {
    cell.trim().parse().unwrap_or(f64::NAN)
}
