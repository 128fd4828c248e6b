//! The time axis of a range query.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Equally spaced instants: `start_ms + i * step_ms` for `i` in `0..points`.
///
/// Taken from the request, not from the answer: the first series of an answer may have gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// First instant, milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// Distance of two instants in milliseconds; greater than zero.
    pub step_ms: i64,
    /// Number of instants, `floor((end - start) / step) + 1` for a range query.
    pub points: u32,
}

/// Why a [`Grid`] cannot be made of a start, an end and a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GridError {
    /// The step is zero or negative.
    Step {
        /// The step asked for, in milliseconds.
        step_ms: i64,
    },
    /// The end is before the start.
    Backwards {
        /// The start asked for, in milliseconds since the Unix epoch.
        start_ms: i64,
        /// The end asked for, in milliseconds since the Unix epoch.
        end_ms: i64,
    },
    /// More points than a `u32` holds, or times too large to count in milliseconds.
    TooLong,
}

impl Grid {
    /// The grid of a range query, with the end included as Prometheus does.
    ///
    /// # Errors
    /// When the step is not positive, the end is before the start, or the points cannot be counted.
    pub fn new(start_ms: i64, end_ms: i64, step_ms: i64) -> Result<Self, GridError> {
        if step_ms <= 0 {
            return Err(GridError::Step { step_ms });
        }
        if end_ms < start_ms {
            return Err(GridError::Backwards { start_ms, end_ms });
        }
        let span = end_ms.checked_sub(start_ms).ok_or(GridError::TooLong)?;
        let points = u32::try_from(span / step_ms)
            .ok()
            .and_then(|steps| steps.checked_add(1))
            .ok_or(GridError::TooLong)?;
        Ok(Self {
            start_ms,
            step_ms,
            points,
        })
    }

    /// A grid without points: the axis of an answer without samples whose request is not known.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            start_ms: 0,
            step_ms: 1000,
            points: 0,
        }
    }

    /// The instant of a step, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn time_ms(&self, step: u32) -> i64 {
        self.start_ms
            .saturating_add(self.step_ms.saturating_mul(i64::from(step)))
    }

    /// The last instant, in milliseconds since the Unix epoch; the start when there are no points.
    #[must_use]
    pub fn end_ms(&self) -> i64 {
        self.time_ms(self.points.saturating_sub(1))
    }

    /// The time from the first to the last instant, in milliseconds.
    #[must_use]
    pub fn span_ms(&self) -> i64 {
        self.end_ms().saturating_sub(self.start_ms)
    }

    /// The step at an instant, or `None` when the instant is beside the grid or outside of it.
    #[must_use]
    pub fn step_at(&self, time_ms: i64) -> Option<u32> {
        let offset = time_ms.checked_sub(self.start_ms)?;
        if offset < 0 || offset % self.step_ms != 0 {
            return None;
        }
        let step = u32::try_from(offset / self.step_ms).ok()?;
        (step < self.points).then_some(step)
    }
}

impl fmt::Display for GridError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step { step_ms } => {
                write!(f, "the step must be longer than zero, not {step_ms} ms")
            }
            Self::Backwards { start_ms, end_ms } => {
                write!(
                    f,
                    "the end ({end_ms} ms) is before the start ({start_ms} ms)"
                )
            }
            Self::TooLong => write!(f, "the window has too many steps to count"),
        }
    }
}

impl std::error::Error for GridError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_at_ten_seconds_are_31_points() {
        let grid = Grid::new(1_000, 301_000, 10_000).unwrap();
        assert_eq!(grid.points, 31);
        assert_eq!(grid.time_ms(30), 301_000);
        assert_eq!(grid.end_ms(), 301_000);
    }

    #[test]
    fn the_last_point_is_not_after_the_end() {
        let grid = Grid::new(0, 99, 10).unwrap();
        assert_eq!((grid.points, grid.end_ms()), (10, 90));
        assert_eq!(Grid::new(5, 5, 10).unwrap().points, 1);
    }

    #[test]
    fn only_instants_of_the_grid_have_a_step() {
        let grid = Grid::new(1_000, 31_000, 10_000).unwrap();
        assert_eq!(grid.step_at(1_000), Some(0));
        assert_eq!(grid.step_at(31_000), Some(3));
        assert_eq!(grid.step_at(41_000), None);
        assert_eq!(grid.step_at(-9_000), None);
        assert_eq!(grid.step_at(11_001), None);
        assert_eq!(grid.step_at(i64::MIN), None);
        assert_eq!(Grid::empty().step_at(0), None);
    }

    #[test]
    fn impossible_windows_are_refused() {
        assert_eq!(Grid::new(0, 10, 0), Err(GridError::Step { step_ms: 0 }));
        assert!(matches!(
            Grid::new(10, 0, 1),
            Err(GridError::Backwards { .. })
        ));
        assert_eq!(Grid::new(i64::MIN, i64::MAX, 1), Err(GridError::TooLong));
        assert_eq!(Grid::new(0, i64::MAX, 1), Err(GridError::TooLong));
    }
}
