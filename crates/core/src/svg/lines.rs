//! The lines of the series.

use std::fmt::Write as _;

use super::draw::{Drawing, px};
use super::theme::COLOURS;
use crate::envelope::envelope;

impl Drawing<'_> {
    pub(super) fn series(&mut self, row: usize, class: &str, colour: Option<usize>) {
        let path = self.path(self.matrix.values(row));
        if path.is_empty() {
            return;
        }
        let stroke = colour.map(|index| format!(" style=\"stroke:var(--cb-{})\"", index % COLOURS));
        let stroke = stroke.unwrap_or_default();
        let _ = write!(self.svg, "<path class=\"{class}\"{stroke} d=\"{path}\"/>");
    }

    /// The line of a series, broken where there is no finite sample.
    fn path(&self, values: &[f64]) -> String {
        let mut path = String::new();
        let mut command = "M";
        for (x, value) in self.points(values) {
            if !value.is_finite() {
                command = "M";
                continue;
            }
            // A line of no length is a dot under round line caps: a lone sample stays visible.
            let dot = if command == "M" { "h0" } else { "" };
            let _ = write!(path, "{command}{} {}{dot}", px(x), px(self.y(value)));
            command = "L";
        }
        path
    }

    /// Pixel column and value of each sample, or of both extremes of each column when steps outnumber pixels.
    fn points(&self, values: &[f64]) -> Vec<(f64, f64)> {
        let mut points = Vec::new();
        let pixels = (self.right - self.left) as usize;
        if values.len() <= 2 * pixels {
            for (step, value) in values.iter().enumerate() {
                points.push((self.x_of(self.matrix.grid().time_ms(step as u32)), *value));
            }
            return points;
        }
        for (bucket, (low, high)) in envelope(values, pixels).into_iter().enumerate() {
            let x = self.left + (bucket as f64 + 0.5) / pixels as f64 * (self.right - self.left);
            points.push((x, low));
            points.push((x, high));
        }
        points
    }
}
