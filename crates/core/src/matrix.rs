//! A range answer in columns: one row per series, one value per step.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::amplitude::counter::counters;
use crate::cells::Cells;
use crate::grid::Grid;
use crate::labels::Labels;
use crate::series::Series;

/// The value of a step without a sample: the bits that Prometheus itself uses for "stale".
///
/// Apart from the NaN of a sample ([`NAN`]); test with [`is_gap`], never with `==`.
pub const GAP: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// The value of a sample that is NaN: the bits that Prometheus uses for an ordinary NaN.
pub const NAN: f64 = f64::from_bits(0x7ff8_0000_0000_0001);

/// Whether a value stands for "no sample at this step".
#[must_use]
pub fn is_gap(value: f64) -> bool {
    value.to_bits() == GAP.to_bits()
}

/// What an answer said beside its samples, and what the decoder met on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Warnings of the server, from the envelope and from inside `data`.
    pub warnings: Vec<String>,
    /// Infos of the server, from the envelope and from inside `data`.
    pub infos: Vec<String>,
    /// `isPartial` of VictoriaMetrics; `None` when the server does not say.
    pub partial: Option<bool>,
    /// Series with native-histogram samples, which are skipped.
    pub histograms_skipped: u64,
    /// Native-histogram samples that were skipped.
    pub histogram_samples: u64,
    /// Samples that are NaN.
    pub nan: u64,
    /// Samples that are +Inf or -Inf.
    pub inf: u64,
    /// Samples beside or outside the grid; they are left out.
    pub off_grid: u64,
    /// Samples at a step that already had one; the last one is kept.
    pub repeated: u64,
    /// Bytes of the body.
    pub bytes: u64,
    /// Float samples in the body, NaN and Inf included.
    pub samples: u64,
    /// Series that are not written as Prometheus writes them: white space, another order of keys,
    /// bare numbers, escapes in labels. They are read slower, and mean the same.
    #[serde(default)]
    pub irregular: u64,
}

/// A range answer: values in rows, gaps marked by [`GAP`].
#[derive(Debug, Clone)]
pub struct Matrix {
    grid: Grid,
    cells: Cells,
    series: Series,
    meta: Meta,
    /// Which rows are counters; known when somebody asked.
    counters: OnceLock<Vec<bool>>,
}

impl Matrix {
    /// A matrix of rows given one after another; each row is cut or filled with gaps to the grid's length.
    ///
    /// NaN and Inf are counted into `meta`, together with the samples.
    #[must_use]
    pub fn from_rows(grid: Grid, rows: impl IntoIterator<Item = (Labels, Vec<f64>)>) -> Self {
        let points = grid.points as usize;
        let mut series = Series::default();
        let mut cells = Cells::new(points);
        let mut meta = Meta::default();
        for (row_labels, mut row) in rows {
            row.resize(points, GAP);
            for value in row.iter_mut().filter(|v| !is_gap(**v)) {
                meta.samples += 1;
                if value.is_nan() {
                    *value = NAN;
                    meta.nan += 1;
                } else if value.is_infinite() {
                    meta.inf += 1;
                }
            }
            series.push(row_labels.into());
            cells.push_row().copy_from_slice(&row);
        }
        Self::from_parts(grid, cells, series, meta)
    }

    /// A matrix whose cells have at least a row for each series.
    pub(crate) fn from_parts(grid: Grid, cells: Cells, series: Series, meta: Meta) -> Self {
        Self {
            grid,
            cells,
            series,
            meta,
            counters: OnceLock::new(),
        }
    }

    /// The time axis.
    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Number of series.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.series.len()
    }

    /// The values of a series, one per step; empty when there is no such row.
    #[must_use]
    pub fn values(&self, row: usize) -> &[f64] {
        if row < self.rows() {
            self.cells.row(row)
        } else {
            &[]
        }
    }

    /// The labels of a series; none when there is no such row.
    #[must_use]
    pub fn labels(&self, row: usize) -> &Labels {
        static NONE: Labels = Labels::new();
        self.series.labels(row).unwrap_or(&NONE)
    }

    /// The PromQL text of a series, `level{which="a"}`; empty when there is no such row.
    #[must_use]
    pub fn name(&self, row: usize) -> &str {
        self.series.name(row)
    }

    /// Whether a series counts up, so that its increase per step is what it says; see [`crate::amplitude::Flag::Counter`].
    #[must_use]
    pub fn is_counter(&self, row: usize) -> bool {
        let all = self.counters.get_or_init(|| counters(self));
        all.get(row).copied().unwrap_or(false)
    }

    /// How far each series swings, in the order of the rows: `max - min` of its finite values, NaN when there are none.
    ///
    /// The bare numbers; [`crate::amplitude`] says what they leave out, and which of them do not compare.
    #[must_use]
    pub fn swings(&self) -> Vec<f64> {
        (0..self.rows())
            .map(|row| casebook_samples::swing(self.values(row)))
            .collect()
    }

    /// What came beside the samples.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The row with exactly these labels.
    #[must_use]
    pub fn find(&self, labels: &Labels) -> Option<usize> {
        (0..self.rows()).find(|row| self.labels(*row) == labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_not_a_nan() {
        assert!(is_gap(GAP) && GAP.is_nan() && NAN.is_nan());
        assert!(!is_gap(NAN) && !is_gap(f64::NAN) && !is_gap(0.0));
    }

    #[test]
    fn rows_are_filled_with_gaps_and_found_by_labels() {
        let grid = Grid::new(0, 20_000, 10_000).unwrap();
        let a = Labels::from([("which", "a")]);
        let b = Labels::from([("which", "b")]);
        let rows = [
            (a, vec![1.0]),
            (b.clone(), vec![f64::NAN, f64::INFINITY, 3.0, 4.0]),
        ];
        let matrix = Matrix::from_rows(grid, rows);
        assert_eq!(matrix.values(0)[0], 1.0);
        assert!(is_gap(matrix.values(0)[1]) && is_gap(matrix.values(0)[2]));
        assert_eq!(matrix.values(1).len(), 3);
        assert_eq!(matrix.find(&b), Some(1));
        assert_eq!(matrix.name(1), r#"{which="b"}"#);
        assert_eq!(matrix.values(2), &[] as &[f64]);
        assert_eq!(
            (matrix.meta().samples, matrix.meta().nan, matrix.meta().inf),
            (4, 1, 1)
        );
    }

    #[test]
    fn a_series_swings_over_its_finite_values() {
        let grid = Grid::new(0, 20_000, 10_000).unwrap();
        let rows = [
            vec![1.0, f64::NAN, -2.5],
            vec![f64::INFINITY, 4.0],
            vec![f64::NAN, f64::NEG_INFINITY],
        ];
        let matrix = Matrix::from_rows(grid, rows.map(|row| (Labels::new(), row)));
        let swings = matrix.swings();
        assert_eq!(swings[..2], [3.5, 0.0]);
        assert!(swings[2].is_nan() && swings.len() == 3);
    }
}
