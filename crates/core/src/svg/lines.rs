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
        for run in self.points(values).split(Option::is_none) {
            for (index, (x, value)) in run.iter().flatten().enumerate() {
                let y = self.y(*value);
                // A line of no length is a dot under round line caps: a lone sample stays visible.
                let _ = match index {
                    0 => write!(path, "M{} {}h0", px(*x), px(y)),
                    _ => write!(path, "L{} {}", px(*x), px(y)),
                };
            }
        }
        path
    }

    /// Pixel column and value of each sample, or of both extremes of each column when steps outnumber pixels.
    fn points(&self, values: &[f64]) -> Vec<Option<(f64, f64)>> {
        let pixels = (self.right - self.left) as usize;
        if values.len() <= 2 * pixels {
            let at = |(step, value): (usize, &f64)| {
                let x = self.x_of(self.matrix.grid().time_ms(step as u32));
                value.is_finite().then_some((x, *value))
            };
            return values.iter().enumerate().map(at).collect();
        }
        let column = |(bucket, (low, high)): (usize, (f64, f64))| {
            let x = self.left + (bucket as f64 + 0.5) / pixels as f64 * (self.right - self.left);
            let point = |value: f64| value.is_finite().then_some((x, value));
            [point(low), point(high)]
        };
        envelope(values, pixels)
            .into_iter()
            .enumerate()
            .flat_map(column)
            .collect()
    }
}
