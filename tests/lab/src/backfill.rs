//! History for a Prometheus: the fleet's samples as OpenMetrics, made into blocks by promtool.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::Command;

use casebook_drill::fleet::{Fleet, SCRAPE_INTERVAL_SECONDS};
use casebook_drill::labels::{Labels, METRIC_NAME};

use crate::LabError;
use crate::program;

/// The samples to put into a Prometheus before it starts.
#[derive(Clone, Debug)]
pub struct Backfill {
    /// Whose samples.
    pub fleet: Fleet,
    /// The first second, since the Unix epoch; samples stand on multiples of ten seconds.
    pub from: i64,
    /// The last second, included.
    pub to: i64,
}

impl Backfill {
    /// Adds blocks to Prometheus's data folder.
    pub(crate) fn write_blocks(&self, scratch: &Path, data: &Path) -> Result<(), LabError> {
        let (from, to) = (self.from, self.to);
        if self.times().next().is_none() {
            return Err(LabError::NoSamples { from, to });
        }
        let promtool = program::find("promtool", "prometheus")?;
        let text = scratch.join("backfill.om");
        self.write_openmetrics(&text)
            .map_err(|source| LabError::Io {
                doing: "writing the samples to back-fill",
                source,
            })?;
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

    /// The seconds that have samples.
    fn times(&self) -> impl Iterator<Item = i64> + use<> {
        let first = self.from + (-self.from).rem_euclid(SCRAPE_INTERVAL_SECONDS);
        (first..=self.to).step_by(SCRAPE_INTERVAL_SECONDS.unsigned_abs() as usize)
    }

    fn write_openmetrics(&self, path: &Path) -> io::Result<()> {
        let mut out = BufWriter::new(File::create(path)?);
        for series in self.fleet.series() {
            let name = sample_name(&series.labels);
            for time in self.times() {
                let value = self.fleet.value(series, time);
                writeln!(out, "{name} {value} {time}")?;
            }
        }
        // promtool refuses a file without it
        writeln!(out, "# EOF")?;
        out.flush()
    }
}

/// `name{label="value"}`; the fleet's labels need no escapes.
fn sample_name(labels: &Labels) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .filter(|(name, _)| *name != METRIC_NAME)
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    format!("{}{{{}}}", labels.get(METRIC_NAME), pairs.join(","))
}
