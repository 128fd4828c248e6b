//! History for a back end: the fleet's samples, or a test's own.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::Command;

use casebook_drill::fleet::{Fleet, SCRAPE_INTERVAL_SECONDS};

use crate::samples::Series;
use crate::{LabError, program};

/// The fleet's samples to put into a back end before it starts.
#[derive(Clone, Debug)]
pub struct Backfill {
    /// Whose samples.
    pub fleet: Fleet,
    /// The first second, since the Unix epoch; samples stand on multiples of ten seconds.
    pub from: i64,
    /// The last second, included.
    pub to: i64,
}

/// Where a back end's samples come from.
#[derive(Clone, Debug)]
pub(crate) enum History {
    /// Of the fleet.
    Fleet(Backfill),
    /// Of a test.
    Series(Vec<Series>),
}

impl Backfill {
    /// The seconds that have samples.
    fn times(&self) -> impl Iterator<Item = i64> + use<> {
        let first = self.from + (-self.from).rem_euclid(SCRAPE_INTERVAL_SECONDS);
        (first..=self.to).step_by(SCRAPE_INTERVAL_SECONDS.unsigned_abs() as usize)
    }
}

impl History {
    /// Adds blocks to Prometheus's data folder, by promtool.
    pub(crate) fn write_blocks(&self, scratch: &Path, data: &Path) -> Result<(), LabError> {
        self.check()?;
        let promtool = program::find("promtool", "prometheus")?;
        let text = scratch.join("backfill.om");
        let written = || {
            let mut out = BufWriter::new(File::create(&text)?);
            self.each(|series| series.write_openmetrics(&mut out))?;
            // promtool refuses a file without it
            writeln!(out, "# EOF")?;
            out.flush()
        };
        written().map_err(writing)?;
        let run = Command::new(promtool)
            .args(["tsdb", "create-blocks-from", "openmetrics"])
            .args([&text, data])
            .output()
            .map_err(|source| LabError::Io {
                doing: "running promtool",
                source,
            })?;
        if run.status.success() {
            return Ok(());
        }
        Err(LabError::Ended {
            program: "promtool",
            status: run.status.to_string(),
            output: String::from_utf8_lossy(&run.stderr).into_owned(),
        })
    }

    /// All samples as VictoriaMetrics imports them.
    pub(crate) fn exposition(&self) -> Result<Vec<u8>, LabError> {
        self.check()?;
        let mut text = Vec::new();
        self.each(|series| series.write_exposition(&mut text))
            .map_err(writing)?;
        Ok(text)
    }

    fn check(&self) -> Result<(), LabError> {
        let empty = |from, to| Err(LabError::NoSamples { from, to });
        match self {
            Self::Fleet(fill) if fill.times().next().is_none() => empty(fill.from, fill.to),
            Self::Series(series) if series.iter().all(|one| one.samples.is_empty()) => empty(0, 0),
            _ => Ok(()),
        }
    }

    /// One series after the other: those of the fleet are not all in memory at once.
    fn each(&self, mut write: impl FnMut(&Series) -> io::Result<()>) -> io::Result<()> {
        match self {
            Self::Series(series) => series.iter().try_for_each(write),
            Self::Fleet(fill) => fill.fleet.series().iter().try_for_each(|series| {
                let samples = fill
                    .times()
                    .map(|time| (time, fill.fleet.value(series, time)));
                write(&Series {
                    labels: series.labels.clone(),
                    samples: samples.collect(),
                })
            }),
        }
    }
}

fn writing(source: io::Error) -> LabError {
    LabError::Io {
        doing: "writing the samples to back-fill",
        source,
    }
}
