//! Answers to one query over neighbouring windows, made one.
//!
//! Servers give at most so many points of a series at once; a longer window is asked for in parts.

use crate::cells::Cells;
use crate::grid::Grid;
use crate::matrix::{Matrix, Meta};
use crate::series::Series;

impl Matrix {
    /// This answer and `later`, the answer to the same query from the next step on; `None` when it is not from there.
    ///
    /// Series are told by their labels: one that only a part has is a gap in the other. What the server said of both parts
    /// is kept, and what was counted is added up.
    #[must_use]
    pub fn followed_by(&self, later: &Self) -> Option<Self> {
        let (first, then) = (*self.grid(), *later.grid());
        let points = first.points.checked_add(then.points)?;
        if then.step_ms != first.step_ms || then.start_ms != first.time_ms(first.points) {
            return None;
        }
        let mut cells = Cells::new(points as usize);
        let mut series = Series::default();
        let before = first.points as usize;
        for row in 0..self.rows() {
            let labels = self.labels(row);
            let cells = cells.push_row();
            cells[..before].copy_from_slice(self.values(row));
            // A server gives the series of both parts in one order, but for those that come or go.
            let same = (later.rows() > row && later.labels(row) == labels).then_some(row);
            if let Some(row) = same.or_else(|| later.find(labels)) {
                cells[before..].copy_from_slice(later.values(row));
            }
            series.push(labels.clone().into());
        }
        for row in (0..later.rows()).filter(|row| self.find(later.labels(*row)).is_none()) {
            cells.push_row()[before..].copy_from_slice(later.values(row));
            series.push(later.labels(row).clone().into());
        }
        let meta = self.meta().and(later.meta());
        Some(Self::from_parts(
            Grid { points, ..first },
            cells,
            series,
            meta,
        ))
    }
}

impl Meta {
    fn and(&self, other: &Self) -> Self {
        let both = |mine: &[String], theirs: &[String]| {
            let mut all = mine.to_vec();
            all.extend(theirs.iter().filter(|text| !mine.contains(text)).cloned());
            all
        };
        Self {
            warnings: both(&self.warnings, &other.warnings),
            infos: both(&self.infos, &other.infos),
            partial: self.partial.max(other.partial),
            // Most of them are the same series in both.
            histograms_skipped: self.histograms_skipped.max(other.histograms_skipped),
            histogram_samples: self.histogram_samples + other.histogram_samples,
            nan: self.nan + other.nan,
            inf: self.inf + other.inf,
            off_grid: self.off_grid + other.off_grid,
            repeated: self.repeated + other.repeated,
            bytes: self.bytes + other.bytes,
            samples: self.samples + other.samples,
            irregular: self.irregular.max(other.irregular),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::Labels;
    use crate::matrix::is_gap;

    fn matrix(start_ms: i64, rows: &[(&str, &[f64])]) -> Matrix {
        let points = rows.first().map_or(0, |(_, values)| values.len() as i64);
        let grid = Grid::new(start_ms, start_ms + (points - 1) * 1000, 1000).unwrap();
        let labels = |which: &str| Labels::from([("which", which)]);
        Matrix::from_rows(
            grid,
            rows.iter()
                .map(|(which, values)| (labels(which), values.to_vec())),
        )
    }

    #[test]
    fn the_parts_of_a_window_are_one_answer() {
        let first = matrix(0, &[("a", &[1.0, 2.0]), ("gone", &[7.0, f64::NAN])]);
        let then = matrix(2000, &[("new", &[9.0]), ("a", &[3.0])]);
        let whole = first.followed_by(&then).unwrap();
        assert_eq!((whole.grid().points, whole.grid().end_ms()), (3, 2000));
        assert_eq!(whole.rows(), 3);
        let row = |which: &str| {
            let found = whole.find(&Labels::from([("which", which)])).unwrap();
            whole.values(found)
        };
        assert_eq!(row("a"), [1.0, 2.0, 3.0]);
        assert!(is_gap(row("gone")[2]) && row("gone")[0] == 7.0);
        assert!(is_gap(row("new")[0]) && is_gap(row("new")[1]) && row("new")[2] == 9.0);
        assert_eq!((whole.meta().samples, whole.meta().nan), (6, 1));
    }

    #[test]
    fn what_the_server_said_of_a_part_is_said_of_the_whole() {
        let meta = |warning: &str, partial| Meta {
            warnings: vec!["both".to_owned(), warning.to_owned()],
            partial,
            bytes: 10,
            ..Meta::default()
        };
        let whole = meta("one", Some(false)).and(&meta("two", Some(true)));
        assert_eq!(whole.warnings, ["both", "one", "two"]);
        assert_eq!((whole.partial, whole.bytes), (Some(true), 20));
    }

    #[test]
    fn windows_that_are_no_neighbours_are_not_joined() {
        let first = matrix(0, &[("a", &[1.0, 2.0])]);
        assert!(first.followed_by(&matrix(1000, &[("a", &[1.0])])).is_none());
        assert!(first.followed_by(&matrix(3000, &[("a", &[1.0])])).is_none());
        assert!(first.followed_by(&first).is_none());
    }
}
