//! The chart of a matrix as SVG.

mod annotations;
mod draw;
mod lines;
mod marks;
mod scale;
mod theme;
mod threshold;

use serde::{Deserialize, Serialize};

use self::draw::Drawing;
pub use self::marks::{OnsetMark, UsualMark};
pub use self::threshold::Threshold;
use crate::matrix::Matrix;

/// How a chart is drawn. All fields have defaults, also in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChartOptions {
    /// Above the chart, and part of its `aria-label`.
    pub title: String,
    /// Unit of the values: `s` and `bytes` are scaled (ms, MiB), any other text is shown as it is.
    pub unit: String,
    /// A horizontal line, a number or `{"value": 0.3, "label": "SLO"}` in JSON.
    pub threshold: Option<Threshold>,
    /// A band over the time in which something changed.
    pub onset: Option<OnsetMark>,
    /// A band of values behind the lines.
    pub usual: Option<UsualMark>,
    /// Rows drawn on top, thicker, with a label; the others are muted.
    pub highlight: Vec<usize>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Whether the value axis begins at zero.
    pub zero_based: bool,
    /// More series than this are not drawn, and the chart says so.
    pub max_series: usize,
}

impl Default for ChartOptions {
    fn default() -> Self {
        Self {
            title: String::new(),
            unit: String::new(),
            threshold: None,
            onset: None,
            usual: None,
            highlight: Vec::new(),
            width: 760,
            height: 320,
            zero_based: false,
            max_series: 200,
        }
    }
}

/// The chart as one SVG document: no scripts, no links, all text escaped, both themes inside.
///
/// The theme is chosen by the attribute `data-theme="light"` (or `"dark"`) of the root element, a
/// text that occurs once. Highlighted rows are drawn on top and labelled; without any, up to eight
/// series get a colour and a label each. A step without a finite sample is a gap in the line. More
/// steps than pixels are drawn as the least and greatest value of each pixel. Beyond `max_series`,
/// the series with the greatest amplitudes are drawn.
#[must_use]
pub fn chart(matrix: &Matrix, options: &ChartOptions) -> String {
    Drawing::new(matrix, options).render()
}

#[cfg(test)]
mod tests;
