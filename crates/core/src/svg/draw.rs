//! The parts of a chart, back to front.

use std::fmt::Write as _;

use casebook_decimal::Fixed;

use super::annotations::threshold_label;
use super::scale::{ValueScale, time_ticks};
use super::theme::{COLOURS, STYLE, columns, cut_inside, escaped, shortened};
use super::{ChartOptions, UsualMark};
use crate::amplitude::rank;
use crate::matrix::Matrix;
use crate::sorted;
use crate::text::{ShortNames, clock, count, date};

/// Pixels per column of text at 11 px.
const COLUMN: f64 = 6.3;
/// Labels longer than this are cut, in columns.
const LABEL_COLUMNS: usize = 30;
/// Pixels per column of bold text, and beside the text of a label.
pub(super) const BOLD_COLUMN: f64 = 7.05;
const LABEL_PAD: f64 = 26.0;
/// Without highlights, up to this many series get a colour and a label.
const FEW: usize = COLOURS;
/// Beyond this many, muted series are drawn fainter.
const MANY: usize = 30;

/// A chart on its way to text.
pub(super) struct Drawing<'a> {
    pub(super) matrix: &'a Matrix,
    pub(super) options: &'a ChartOptions,
    pub(super) names: ShortNames,
    /// Rows drawn muted, in the order of the answer, and rows drawn in colour, last on top.
    pub(super) muted: Vec<usize>,
    pub(super) coloured: Vec<usize>,
    pub(super) values: ValueScale,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    /// Room for the text of a label, in columns.
    pub(super) label_columns: usize,
    pub(super) svg: String,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(matrix: &'a Matrix, options: &'a ChartOptions) -> Self {
        let (muted, coloured) = chosen(matrix, options);
        let names = ShortNames::of(matrix);
        let width = f64::from(options.width.clamp(240, 4000));
        let height = f64::from(options.height.clamp(140, 3000));
        let (top, bottom) = (48.0, height - 40.0);
        let drawn = muted
            .iter()
            .chain(&coloured)
            .flat_map(|row| matrix.values(*row).iter().copied());
        let threshold = options.threshold.iter().map(|threshold| threshold.value);
        let usual = options.usual.iter().filter_map(UsualMark::edges).flatten();
        let wanted = ((bottom - top) / 42.0) as usize;
        let values = ValueScale::new(
            drawn.chain(threshold).chain(usual),
            options.zero_based,
            &options.unit,
            wanted.max(2),
        );
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let ticks = widest(&mut values.ticks.iter().map(|(_, text)| columns(text)));
        // A label takes two fifths of the width at most, and is cut to what fits.
        let label_columns = LABEL_COLUMNS.min(((width * 0.4 - LABEL_PAD) / BOLD_COLUMN) as usize);
        let cut = |row: &usize| columns(&cut_inside(names.value(*row), label_columns));
        let labels = widest(&mut coloured.iter().map(cut));
        let label_room = if coloured.is_empty() {
            0.0
        } else {
            labels * BOLD_COLUMN + LABEL_PAD
        };
        Self {
            matrix,
            options,
            names,
            muted,
            coloured,
            values,
            left: (ticks * COLUMN + 20.0).max(44.0),
            right: width - label_room.max(32.0),
            label_columns,
            top,
            bottom,
            svg: String::new(),
        }
    }

    pub(super) fn render(mut self) -> String {
        self.open();
        self.bands();
        self.axes();
        let muted = std::mem::take(&mut self.muted);
        let crowd = if muted.len() > MANY {
            "<g class=\"cb-many\">"
        } else {
            "<g>"
        };
        self.svg.push_str(crowd);
        for row in muted {
            self.series(row, "cb-series cb-muted", None);
        }
        self.svg.push_str("</g>");
        self.threshold_line();
        let coloured = std::mem::take(&mut self.coloured);
        let class = if self.options.highlight.is_empty() {
            "cb-series"
        } else {
            "cb-series cb-top"
        };
        for (colour, row) in coloured.iter().enumerate().rev() {
            if class.ends_with("top") {
                self.series(*row, "cb-series cb-casing", None);
            }
            self.series(*row, class, Some(colour));
        }
        self.labels(&coloured);
        self.threshold_text();
        self.band_labels();
        self.notes(coloured.len());
        self.svg.push_str("</svg>\n");
        self.svg
    }

    pub(super) fn width(&self) -> u32 {
        self.options.width.clamp(240, 4000)
    }

    pub(super) fn height(&self) -> u32 {
        self.options.height.clamp(140, 3000)
    }

    fn open(&mut self) {
        let (width, height) = (self.width(), self.height());
        let title = escaped(&shortened(&self.options.title, width as usize / 9));
        let alt = escaped(&self.description());
        let _ = write!(
            self.svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"cb-chart\" data-theme=\"light\" role=\"img\" aria-label=\"{alt}\" \
             width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\"><style>{STYLE}</style>\
             <rect class=\"cb-bg\" width=\"{width}\" height=\"{height}\"/>",
        );
        self.text("cb-title", 12.0, 20.0, "start", &title);
        if !self.values.unit.is_empty() {
            let unit = escaped(&shortened(&self.values.unit, 24));
            self.text("", self.left - 8.0, self.top - 10.0, "end", &unit);
        }
    }

    /// What someone who cannot see the chart is told.
    fn description(&self) -> String {
        let grid = self.matrix.grid();
        let title = match self.options.title.as_str() {
            "" => "Chart",
            title => title,
        };
        let mut text = format!("{title}: {}", count(self.matrix.rows(), "series"));
        if grid.points > 0 {
            let _ = write!(
                text,
                ", {} {} to {} UTC",
                date(grid.start_ms),
                clock(grid.start_ms),
                clock(grid.end_ms()),
            );
        }
        let highlighted: Vec<usize> = self
            .options
            .highlight
            .iter()
            .copied()
            .filter(|row| *row < self.matrix.rows())
            .collect();
        if !highlighted.is_empty() {
            let _ = write!(text, "; highlighted: {}", self.names.list(&highlighted));
        }
        if let Some(threshold) = &self.options.threshold {
            let _ = write!(
                text,
                "; line at {}",
                threshold_label(threshold, &self.values)
            );
        }
        if let Some(onset) = &self.options.onset {
            let _ = write!(text, "; {}", onset.label);
        }
        let edges = self.options.usual.as_ref().and_then(UsualMark::edges);
        if let (Some(usual), Some(edges)) = (&self.options.usual, edges) {
            let [low, high] = edges.map(|edge| self.values.text(edge));
            let _ = write!(text, "; {}: {low} to {high}", usual.label);
        }
        text
    }

    fn axes(&mut self) {
        let (left, right, top, bottom) = (self.left, self.right, self.top, self.bottom);
        let mut lines = String::new();
        for (value, text) in std::mem::take(&mut self.values.ticks) {
            let y = self.y(value);
            let _ = write!(lines, "M{} {}H{}", px(left), px(y), px(right));
            self.text("", left - 8.0, y + 4.0, "end", &escaped(&text));
        }
        let grid = self.matrix.grid();
        let room = ((right - left) / 78.0) as usize;
        let mut marks = format!("M{} {}H{}", px(left), px(bottom), px(right));
        let times = if grid.points == 0 {
            Vec::new()
        } else {
            time_ticks(grid.start_ms, grid.end_ms(), room.max(1))
        };
        for (time_ms, text) in times {
            let x = self.x_of(time_ms);
            let _ = write!(lines, "M{} {}V{}", px(x), px(top), px(bottom));
            let _ = write!(marks, "M{} {}v4", px(x), px(bottom));
            self.text("", x, bottom + 16.0, "middle", &text);
        }
        let _ = write!(
            self.svg,
            "<path class=\"cb-grid\" d=\"{lines}\"/><path class=\"cb-axis\" d=\"{marks}\"/>"
        );
    }

    pub(super) fn text(&mut self, class: &str, x: f64, y: f64, anchor: &str, safe: &str) {
        if safe.is_empty() {
            return;
        }
        let class = if class.is_empty() {
            String::new()
        } else {
            format!(" class=\"{class}\"")
        };
        let _ = write!(
            self.svg,
            "<text{class} x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{safe}</text>",
            px(x),
            px(y)
        );
    }

    pub(super) fn x_of(&self, time_ms: i64) -> f64 {
        let grid = self.matrix.grid();
        let span = grid.span_ms();
        let part = if span == 0 {
            0.5
        } else {
            (time_ms - grid.start_ms) as f64 / span as f64
        };
        self.left + part * (self.right - self.left)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.bottom - self.values.part(value) * (self.bottom - self.top)
    }
}

/// A tenth of a pixel is near enough.
pub(super) fn px(value: f64) -> Fixed {
    Fixed(value, 1)
}

/// Rows to be drawn muted and in colour.
fn chosen(matrix: &Matrix, options: &ChartOptions) -> (Vec<usize>, Vec<usize>) {
    let mut coloured: Vec<usize> = Vec::new();
    for row in &options.highlight {
        if *row < matrix.rows() && !coloured.contains(row) {
            coloured.push(*row);
        }
    }
    if coloured.is_empty() && matrix.rows() <= FEW.min(options.max_series) {
        return (Vec::new(), (0..matrix.rows()).collect());
    }
    let room = options.max_series.saturating_sub(coloured.len());
    let ranking = rank(matrix);
    let mut muted: Vec<usize> = Vec::new();
    for list in [&ranking.ranked, &ranking.low_coverage, &ranking.empty] {
        for amplitude in list {
            if muted.len() < room && !coloured.contains(&amplitude.row) {
                muted.push(amplitude.row);
            }
        }
    }
    sorted::sort(&mut muted, Ord::cmp);
    (muted, coloured)
}
