//! What a verdict adds to a chart: when the suspect changed, and where its samples usually lay.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::draw::{BOLD_COLUMN, Drawing, px};
use super::theme::{columns, escaped, shortened};

/// A change that takes no time at all is still this wide, in pixels.
const LEAST_WIDTH: f64 = 3.0;
/// Longer labels are cut, in columns.
const LABEL: usize = 72;

/// When something changed: a band of time, because between two samples nobody looked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnsetMark {
    /// The last instant before the change, milliseconds since the Unix epoch.
    pub after_ms: i64,
    /// The first instant after it. When that is before the chart's first step, the label alone stands at its left edge.
    pub by_ms: i64,
    /// Beside the band, with the times: they cannot be read from the axis to the second.
    pub label: String,
}

/// Where the values of the first highlighted series usually lie: a band behind the lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsualMark {
    /// In the unit of the values.
    pub low: f64,
    /// In the unit of the values.
    pub high: f64,
    /// At the band's edge.
    pub label: String,
}

impl UsualMark {
    /// The lower and the upper edge; `None` when one of them is no number.
    pub(super) fn edges(&self) -> Option<[f64; 2]> {
        let (low, high) = (self.low.min(self.high), self.high.max(self.low));
        (self.low.is_finite() && self.high.is_finite()).then_some([low, high])
    }
}

impl Drawing<'_> {
    /// Both bands; they go behind the lines.
    pub(super) fn bands(&mut self) {
        let (left, right, top, bottom) = (self.left, self.right, self.top, self.bottom);
        if let Some([low, high]) = self.options.usual.as_ref().and_then(UsualMark::edges) {
            let (y, below) = (self.y(high), self.y(low));
            self.band("cb-usual", left, y, right - left, below - y);
            let edge = |y: f64| format!("M{} {}H{}", px(left), px(y), px(right));
            self.edges("cb-usual-edge", &(edge(y) + &edge(below)));
        }
        if let Some((from, to)) = self.onset_span() {
            self.band("cb-onset", from, top, to - from, bottom - top);
            let edge = |x: f64| format!("M{} {}V{}", px(x), px(top), px(bottom));
            self.edges("cb-onset-edge", &(edge(from) + &edge(to)));
        }
    }

    /// Their labels: of the onset above the lines, because it must be legible wherever they are.
    pub(super) fn band_labels(&mut self) {
        let options = self.options;
        let cut = |label: &str| shortened(label, LABEL);
        let edges = options.usual.as_ref().and_then(UsualMark::edges);
        if let (Some(usual), Some([_, high])) = (&options.usual, edges) {
            let edge = self.y(high);
            let y = if edge - self.top > 16.0 {
                edge - 5.0
            } else {
                edge + 13.0
            };
            // The threshold has its value at the left.
            let (x, anchor) = match options.threshold {
                None => (self.left + 6.0, "start"),
                Some(_) => (self.right - 6.0, "end"),
            };
            self.text(
                "cb-mark cb-halo",
                x,
                y,
                anchor,
                &escaped(&cut(&usual.label)),
            );
        }
        if let Some(onset) = &options.onset {
            let label = cut(&onset.label);
            let most = self.right - columns(&label) * BOLD_COLUMN;
            let from = self.onset_span().map_or(self.left, |(from, _)| from);
            let x = from.min(most).max(self.left);
            self.text("cb-mark", x, self.top - 7.0, "start", &escaped(&label));
        }
    }

    /// The pixels of the onset; `None` when it is not inside of the chart.
    fn onset_span(&self) -> Option<(f64, f64)> {
        let onset = self.options.onset.as_ref()?;
        let grid = self.matrix.grid();
        if onset.by_ms < grid.start_ms || onset.after_ms > grid.end_ms() || grid.points == 0 {
            return None;
        }
        let x = |ms: i64| self.x_of(ms.clamp(grid.start_ms, grid.end_ms()));
        let (from, to) = (x(onset.after_ms), x(onset.by_ms.max(onset.after_ms)));
        let missing = (LEAST_WIDTH - (to - from)).max(0.0) / 2.0;
        Some((
            (from - missing).max(self.left),
            (to + missing).min(self.right),
        ))
    }

    fn band(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let (width, height) = (width.max(0.0), height.max(1.0));
        let _ = write!(
            self.svg,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            px(x),
            px(y),
            px(width),
            px(height)
        );
    }

    fn edges(&mut self, class: &str, path: &str) {
        let _ = write!(self.svg, "<path class=\"{class}\" d=\"{path}\"/>");
    }
}
