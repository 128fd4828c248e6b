//! The values of a matrix, a row after another, in blocks that never move.
//!
//! One vector would be copied each time that it doubles, and take three times its size while that happens.

use crate::matrix::GAP;

/// Values in a block: a megabyte of them.
const BLOCK: usize = 1 << 17;

/// Rows of equal length; new ones are gaps.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    points: usize,
    rows_per_block: usize,
    rows: usize,
    blocks: Vec<Vec<f64>>,
}

impl Cells {
    /// No rows yet, of so many values each.
    pub(crate) fn new(points: usize) -> Self {
        Self {
            points,
            rows_per_block: (BLOCK / points.max(1)).max(1),
            rows: 0,
            blocks: Vec::new(),
        }
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Another row, of gaps.
    pub(crate) fn push_row(&mut self) -> &mut [f64] {
        if self.rows.is_multiple_of(self.rows_per_block) {
            // The first block grows as it must: most answers are small.
            let room = if self.rows == 0 {
                0
            } else {
                self.rows_per_block * self.points
            };
            self.blocks.push(Vec::with_capacity(room));
        }
        self.rows += 1;
        if let Some(block) = self.blocks.last_mut() {
            block.resize(block.len() + self.points, GAP);
        }
        self.last_row()
    }

    /// The row that was pushed last; empty when there is none.
    pub(crate) fn last_row(&mut self) -> &mut [f64] {
        let Some(block) = self.blocks.last_mut() else {
            return &mut [];
        };
        let from = block.len() - self.points;
        &mut block[from..]
    }

    /// A row; empty when there is no such.
    pub(crate) fn row(&self, row: usize) -> &[f64] {
        let from = row % self.rows_per_block * self.points;
        self.blocks
            .get(row / self.rows_per_block)
            .and_then(|block| block.get(from..from + self.points))
            .unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::is_gap;

    #[test]
    fn rows_keep_their_values_over_blocks() {
        for points in [0, 1, 361, BLOCK - 1, BLOCK, BLOCK + 1] {
            let mut cells = Cells::new(points);
            assert!(cells.last_row().is_empty() && cells.row(0).is_empty());
            let rows = 3 * cells.rows_per_block.min(500) + 1;
            for row in 0..rows {
                let fresh = cells.push_row();
                assert!(fresh.len() == points && fresh.iter().all(|value| is_gap(*value)));
                fresh.fill(row as f64);
            }
            assert_eq!(cells.rows(), rows);
            for row in 0..rows {
                assert!(
                    cells.row(row).len() == points
                        && cells.row(row).iter().all(|value| *value == row as f64)
                );
            }
            assert!(cells.row(rows).is_empty());
        }
    }
}
