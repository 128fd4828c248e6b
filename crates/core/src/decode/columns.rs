//! Samples as they arrive, put into columns.

use casebook_samples::{Axis, Row, Run, Stamp, read_loose};

use super::{Body, DecodeError, Expect, Limits, Vector, VectorSample};
use crate::cells::Cells;
use crate::grid::Grid;
use crate::labels::Labels;
use crate::matrix::{GAP, Matrix, Meta, NAN, is_gap};
use crate::series::{RowLabels, Series};

/// A grid found from samples may have this many steps per sample of the fullest series, plus
/// [`SPARSE_FREE`]: beyond it, the samples have no step in common, only milliseconds.
const SPARSE_FACTOR: i64 = 20;
const SPARSE_FREE: i64 = 1000;

/// What has been read of `data`, before it is known whether it all fits together.
#[derive(Debug)]
pub(super) struct Columns {
    expect: Expect,
    limits: Limits,
    pub(super) meta: Meta,
    /// On the expected grid; empty in discovery.
    cells: Cells,
    /// Samples of all rows in discovery, and where each row ends.
    loose: Vec<(i64, f64)>,
    loose_ends: Vec<usize>,
    pub(super) series: Series,
    label_bytes: u64,
    /// How the times of the first steps are written.
    stamps: Vec<Stamp>,
    /// The step after that of the last sample of the open row.
    next_step: usize,
    /// The open row has a NaN or an Inf.
    unusual: bool,
    vector: Vec<VectorSample>,
    first_off_grid: Option<i64>,
    /// `[time, value]` of a scalar or a string.
    pub(super) pair: Option<(i64, String)>,
}

impl Columns {
    pub(super) fn new(expect: Expect, limits: Limits) -> Self {
        let points = match expect {
            Expect::Grid(grid) => grid.points as usize,
            Expect::Discover => 0,
        };
        Self {
            expect,
            limits,
            meta: Meta::default(),
            cells: Cells::new(points),
            loose: Vec::new(),
            loose_ends: Vec::new(),
            series: Series::default(),
            label_bytes: 0,
            stamps: Vec::new(),
            next_step: 0,
            unusual: false,
            vector: Vec::new(),
            first_off_grid: None,
            pair: None,
        }
    }

    /// A series begins: room for its row.
    pub(super) fn open_row(&mut self) -> Result<(), DecodeError> {
        self.next_step = 0;
        self.unusual = false;
        let rows = (self.series.len() + self.vector.len()) as u64 + 1;
        within("series", rows, self.limits.series)?;
        if let Expect::Grid(grid) = self.expect {
            let cells = (self.series.len() as u64 + 1) * u64::from(grid.points);
            within("cells", cells, self.limits.cells)?;
        }
        Ok(())
    }

    /// A sample of the open row.
    pub(super) fn sample(&mut self, time_ms: i64, value: f64) -> Result<(), DecodeError> {
        self.count_sample()?;
        let value = if value.is_nan() { NAN } else { value };
        let Expect::Grid(grid) = self.expect else {
            self.loose.push((time_ms, value));
            return Ok(());
        };
        self.unusual |= !value.is_finite();
        self.open_cells();
        let Some(step) = grid.step_at(time_ms) else {
            self.meta.off_grid += 1;
            self.first_off_grid.get_or_insert(time_ms);
            return Ok(());
        };
        self.next_step = step as usize + 1;
        let Some(cell) = self.cells.last_row().get_mut(step as usize) else {
            return Ok(());
        };
        if !is_gap(*cell) {
            self.meta.repeated += 1;
        }
        *cell = value;
        Ok(())
    }

    /// Takes the samples at the beginning of `bytes` into the open row, up to the first one that is unusual.
    pub(super) fn read_samples(&mut self, bytes: &[u8]) -> Run {
        let most = self.limits.samples.saturating_sub(self.meta.samples);
        let run = match self.expect {
            Expect::Discover => read_loose(bytes, most, NAN, &mut self.loose),
            Expect::Grid(grid) => {
                self.open_cells();
                let row = Row {
                    axis: Axis {
                        start_ms: grid.start_ms,
                        step_ms: grid.step_ms,
                    },
                    cells: self.cells.last_row(),
                    gap: GAP,
                    nan: NAN,
                    step: &mut self.next_step,
                    stamps: &mut self.stamps,
                };
                row.read(bytes, most)
            }
        };
        self.meta.samples += run.samples;
        self.meta.repeated += run.repeated;
        self.unusual |= run.unusual;
        run
    }

    /// Makes sure that the open row has its cells.
    fn open_cells(&mut self) {
        if self.cells.rows() == self.series.len() {
            self.cells.push_row();
        }
    }

    /// The open row is complete.
    pub(super) fn close_row(&mut self, labels: RowLabels) {
        if self.expect != Expect::Discover {
            self.open_cells();
            if std::mem::take(&mut self.unusual) {
                count_unusual(&mut self.meta, self.cells.last_row().iter().copied());
            }
        }
        self.series.push(labels);
        self.loose_ends.push(self.loose.len());
    }

    /// A series of an instant answer.
    pub(super) fn instant(
        &mut self,
        labels: Labels,
        time_ms: i64,
        value: f64,
    ) -> Result<(), DecodeError> {
        self.count_sample()?;
        self.vector.push(VectorSample {
            name: labels.promql(),
            labels,
            time_ms,
            value: if value.is_nan() { NAN } else { value },
        });
        Ok(())
    }

    /// Names and values of labels, of any series.
    pub(super) fn count_labels(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.label_bytes += bytes as u64;
        within("label bytes", self.label_bytes, self.limits.label_bytes)
    }

    /// Bytes that labels may still have.
    pub(super) fn label_bytes_left(&self) -> u64 {
        self.limits.label_bytes.saturating_sub(self.label_bytes)
    }

    fn count_sample(&mut self) -> Result<(), DecodeError> {
        self.meta.samples += 1;
        within("samples", self.meta.samples, self.limits.samples)
    }

    /// Whether series of a range answer, or of an instant answer, have been read.
    pub(super) fn kinds_seen(&self) -> (bool, bool) {
        (self.series.len() > 0, !self.vector.is_empty())
    }

    pub(super) fn into_matrix(mut self) -> Result<Body, DecodeError> {
        let grid = match self.expect {
            Expect::Grid(grid) => grid,
            Expect::Discover => self.discover()?,
        };
        if let Some(first_ms) = self.first_off_grid
            && self.meta.off_grid == self.meta.samples
        {
            return Err(DecodeError::OffGrid {
                samples: self.meta.off_grid,
                first_ms,
                step_ms: grid.step_ms,
            });
        }
        Ok(Body::Matrix(Matrix::from_parts(
            grid,
            self.cells,
            self.series,
            self.meta,
        )))
    }

    pub(super) fn into_vector(mut self) -> Body {
        count_unusual(
            &mut self.meta,
            self.vector.iter().map(|sample| sample.value),
        );
        Body::Vector(Vector {
            samples: self.vector,
            meta: self.meta,
        })
    }

    /// The coarsest grid on which every sample lies, and the loose samples put onto it.
    fn discover(&mut self) -> Result<Grid, DecodeError> {
        let times = || self.loose.iter().map(|(time_ms, _)| *time_ms);
        let (Some(first), Some(last)) = (times().min(), times().max()) else {
            return Ok(Grid::empty());
        };
        let step = times().fold(0, |step, time_ms| common_divisor(step, time_ms - first));
        let step_ms = if step == 0 { 1000 } else { step };
        let points = (last - first) / step_ms + 1;
        let fullest = self.rows().map(|row| row.len()).max().unwrap_or(0) as i64;
        let grid = Grid::new(first, last, step_ms);
        let (true, Ok(grid)) = (points <= SPARSE_FACTOR * fullest + SPARSE_FREE, grid) else {
            return Err(DecodeError::OffGrid {
                samples: self.meta.samples,
                first_ms: first,
                step_ms,
            });
        };
        let cells = self.series.len() as u64 * u64::from(grid.points);
        within("cells", cells, self.limits.cells)?;
        let mut cells = Cells::new(grid.points as usize);
        let mut repeated = 0;
        let mut found = Meta::default();
        for samples in self.rows() {
            let row = cells.push_row();
            for (time_ms, value) in samples {
                let step = grid.step_at(*time_ms).unwrap_or(0) as usize;
                repeated += u64::from(!is_gap(row[step]));
                row[step] = *value;
            }
            count_unusual(&mut found, row.iter().copied());
        }
        self.cells = cells;
        (self.meta.nan, self.meta.inf) = (found.nan, found.inf);
        self.meta.repeated += repeated;
        Ok(grid)
    }

    fn rows(&self) -> impl Iterator<Item = &[(i64, f64)]> {
        let mut from = 0;
        self.loose_ends.iter().map(move |end| {
            let row = &self.loose[from..*end];
            from = *end;
            row
        })
    }
}

fn within(what: &'static str, count: u64, cap: u64) -> Result<(), DecodeError> {
    if count > cap {
        return Err(DecodeError::Limit { what, cap });
    }
    Ok(())
}

fn count_unusual(meta: &mut Meta, values: impl Iterator<Item = f64>) {
    for value in values.filter(|value| !value.is_finite() && !is_gap(*value)) {
        if value.is_nan() {
            meta.nan += 1;
        } else {
            meta.inf += 1;
        }
    }
}

fn common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
