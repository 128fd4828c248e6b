//! What is written on a chart: the threshold, the labels of lines, the notes.

use std::fmt::Write as _;

use super::Threshold;
use super::draw::{Drawing, px};
use super::scale::ValueScale;
use super::theme::{COLOURS, cut_inside, escaped, shortened};
use crate::sorted;
use crate::text::{count, date};

/// Labels are kept this far apart, in pixels.
const LABEL_GAP: f64 = 14.0;

impl Drawing<'_> {
    pub(super) fn threshold_line(&mut self) {
        let Some(y) = self.threshold_y() else { return };
        let (left, right) = (self.left, self.right);
        let _ = write!(
            self.svg,
            "<path class=\"cb-threshold\" d=\"M{} {}H{}\"/>",
            px(left),
            px(y),
            px(right)
        );
    }

    pub(super) fn threshold_text(&mut self) {
        let (Some(y), Some(threshold)) = (self.threshold_y(), &self.options.threshold) else {
            return;
        };
        let label = escaped(&shortened(&threshold_label(threshold, &self.values), 40));
        let above = if y - self.top < 14.0 {
            y + 14.0
        } else {
            y - 5.0
        };
        self.text(
            "cb-threshold-text cb-halo",
            self.left + 6.0,
            above,
            "start",
            &label,
        );
    }

    fn threshold_y(&self) -> Option<f64> {
        let threshold = self.options.threshold.as_ref()?;
        threshold.value.is_finite().then(|| self.y(threshold.value))
    }

    /// Labels right of the lines' ends, moved apart, each with a leader to its line.
    pub(super) fn labels(&mut self, coloured: &[usize]) {
        let mut labels: Vec<(usize, f64, f64)> = Vec::new();
        let labelled = coloured.iter().enumerate().take(COLOURS);
        for (colour, row) in labelled.filter(|(_, row)| !self.label(**row).is_empty()) {
            let values = self.matrix.values(*row);
            let last = values
                .iter()
                .enumerate()
                .rev()
                .find(|(_, value)| value.is_finite());
            if let Some((step, value)) = last {
                let x = self.x_of(self.matrix.grid().time_ms(step as u32));
                labels.push((colour, x, self.y(*value)));
            }
        }
        sorted::sort(&mut labels, |a, b| a.2.total_cmp(&b.2).then(a.0.cmp(&b.0)));
        let heights = apart(
            &labels.iter().map(|label| label.2).collect::<Vec<_>>(),
            self.top + 4.0,
            self.bottom - 2.0,
        );
        for ((colour, x, y), height) in labels.into_iter().zip(heights) {
            let (elbow, text_x) = (self.right + 4.0, self.right + 16.0);
            let class = if x < self.right - 1.0 {
                "cb-leader cb-ended"
            } else {
                "cb-leader"
            };
            let _ = write!(
                self.svg,
                "<path class=\"{class}\" style=\"stroke:var(--cb-{colour})\" d=\"M{} {}L{} {}L{} {}\"/>",
                px(x),
                px(y),
                px(elbow),
                px(y),
                px(text_x - 3.0),
                px(height),
            );
            let name = cut_inside(self.label(coloured[colour]), self.label_columns);
            let text = escaped(&name);
            let _ = write!(
                self.svg,
                "<text class=\"cb-label\" style=\"fill:var(--cb-{colour})\" x=\"{}\" y=\"{}\">{text}</text>",
                px(text_x),
                px(height + 4.0),
            );
        }
    }

    /// A series without labels, as of `sum(x)`, is told by the title alone.
    fn label(&self, row: usize) -> &str {
        if self.matrix.labels(row).is_empty() {
            return "";
        }
        self.names.value(row)
    }

    pub(super) fn notes(&mut self, coloured: usize) {
        let grid = *self.matrix.grid();
        let base = f64::from(self.height()) - 8.0;
        if grid.points > 0 {
            let text = format!("{} UTC", date(grid.start_ms));
            self.text("", self.left, base, "start", &text);
        }
        let rows = self.matrix.rows();
        let drawn = rows.min(self.options.max_series.max(coloured));
        let note = if drawn < rows {
            format!(
                "{drawn} of {} drawn, those of greatest amplitude",
                count(rows, "series")
            )
        } else {
            count(rows, "series")
        };
        self.text("", f64::from(self.width()) - 12.0, base, "end", &note);
        let empty = (0..rows).all(|row| !self.matrix.values(row).iter().any(|v| v.is_finite()));
        if empty {
            let (x, y) = (
                (self.left + self.right) / 2.0,
                (self.top + self.bottom) / 2.0,
            );
            self.text("cb-halo", x, y, "middle", "No samples in this window");
        }
    }
}

/// The line's label and value, in the unit of the axis.
pub(super) fn threshold_label(threshold: &Threshold, values: &ValueScale) -> String {
    let value = values.text(threshold.value);
    match threshold.label.as_str() {
        "" => value,
        label => format!("{label}: {value}"),
    }
}

/// Sorted heights moved so that neighbours are [`LABEL_GAP`] apart, inside of the bounds where there is room.
fn apart(wanted: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut heights = wanted.to_vec();
    for index in 0..heights.len() {
        let least = if index == 0 {
            top
        } else {
            heights[index - 1] + LABEL_GAP
        };
        heights[index] = heights[index].max(least);
    }
    let mut most = bottom;
    for height in heights.iter_mut().rev() {
        *height = height.min(most);
        most = *height - LABEL_GAP;
    }
    heights
}
