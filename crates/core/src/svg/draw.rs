//! The parts of a chart, back to front.

use std::fmt::Write as _;

use super::scale::{ValueScale, time_ticks};
use super::theme::{COLOURS, STYLE, columns, escaped, shortened};
use super::{ChartOptions, Threshold};
use crate::amplitude::rank;
use crate::envelope::envelope;
use crate::matrix::Matrix;
use crate::text::{ShortNames, clock, count, date};

/// Pixels per column of text at 11 px.
const COLUMN: f64 = 6.3;
/// Labels are kept this far apart, in pixels.
const LABEL_GAP: f64 = 14.0;
/// Labels longer than this are cut, in columns.
const LABEL_COLUMNS: usize = 30;
/// Without highlights, up to this many series get a colour and a label.
const FEW: usize = COLOURS;
/// Beyond this many, muted series are drawn fainter.
const MANY: usize = 30;

/// A chart on its way to text.
pub(super) struct Drawing<'a> {
    matrix: &'a Matrix,
    options: &'a ChartOptions,
    names: ShortNames,
    /// Rows drawn muted, in the order of the answer, and rows drawn in colour, last on top.
    muted: Vec<usize>,
    coloured: Vec<usize>,
    values: ValueScale,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    svg: String,
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
        let wanted = ((bottom - top) / 42.0) as usize;
        let values = ValueScale::new(
            drawn.chain(threshold),
            options.zero_based,
            &options.unit,
            wanted.max(2),
        );
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let ticks = widest(&mut values.ticks.iter().map(|(_, text)| columns(text)));
        let labels = widest(
            &mut coloured
                .iter()
                .map(|row| columns(&shortened(names.value(*row), LABEL_COLUMNS))),
        );
        let label_room = if coloured.is_empty() {
            0.0
        } else {
            labels * COLUMN * 1.06 + 26.0
        };
        Self {
            matrix,
            options,
            names,
            muted,
            coloured,
            values,
            left: (ticks * COLUMN + 20.0).max(44.0),
            right: width - label_room.clamp(32.0, width * 0.4),
            top,
            bottom,
            svg: String::new(),
        }
    }

    pub(super) fn render(mut self) -> String {
        self.open();
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
        self.notes(coloured.len());
        self.svg.push_str("</svg>\n");
        self.svg
    }

    fn width(&self) -> u32 {
        self.options.width.clamp(240, 4000)
    }

    fn height(&self) -> u32 {
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
        text
    }

    fn axes(&mut self) {
        let (left, right, top, bottom) = (self.left, self.right, self.top, self.bottom);
        let mut lines = String::new();
        for (value, text) in std::mem::take(&mut self.values.ticks) {
            let y = self.y(value);
            let _ = write!(lines, "M{left:.1} {y:.1}H{right:.1}");
            self.text("", left - 8.0, y + 4.0, "end", &escaped(&text));
        }
        let grid = self.matrix.grid();
        let room = ((right - left) / 78.0) as usize;
        let mut marks = format!("M{left:.1} {bottom:.1}H{right:.1}");
        let times = if grid.points == 0 {
            Vec::new()
        } else {
            time_ticks(grid.start_ms, grid.end_ms(), room.max(1))
        };
        for (time_ms, text) in times {
            let x = self.x_of(time_ms);
            let _ = write!(lines, "M{x:.1} {top:.1}V{bottom:.1}");
            let _ = write!(marks, "M{x:.1} {bottom:.1}v4");
            self.text("", x, bottom + 16.0, "middle", &text);
        }
        let _ = write!(
            self.svg,
            "<path class=\"cb-grid\" d=\"{lines}\"/><path class=\"cb-axis\" d=\"{marks}\"/>"
        );
    }

    fn series(&mut self, row: usize, class: &str, colour: Option<usize>) {
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
                    0 => write!(path, "M{x:.1} {y:.1}h0"),
                    _ => write!(path, "L{x:.1} {y:.1}"),
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

    fn threshold_line(&mut self) {
        let Some(y) = self.threshold_y() else { return };
        let (left, right) = (self.left, self.right);
        let _ = write!(
            self.svg,
            "<path class=\"cb-threshold\" d=\"M{left:.1} {y:.1}H{right:.1}\"/>"
        );
    }

    fn threshold_text(&mut self) {
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
    fn labels(&mut self, coloured: &[usize]) {
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
        labels.sort_by(|a, b| a.2.total_cmp(&b.2).then(a.0.cmp(&b.0)));
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
                "<path class=\"{class}\" style=\"stroke:var(--cb-{colour})\" d=\"M{x:.1} {y:.1}L{elbow:.1} {y:.1}L{:.1} {height:.1}\"/>",
                text_x - 3.0,
            );
            let text = escaped(&shortened(
                self.names.value(coloured[colour]),
                LABEL_COLUMNS,
            ));
            let _ = write!(
                self.svg,
                "<text class=\"cb-label\" style=\"fill:var(--cb-{colour})\" x=\"{text_x:.1}\" y=\"{:.1}\">{text}</text>",
                height + 4.0,
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

    fn notes(&mut self, coloured: usize) {
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

    fn text(&mut self, class: &str, x: f64, y: f64, anchor: &str, safe: &str) {
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
            "<text{class} x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{safe}</text>"
        );
    }

    fn x_of(&self, time_ms: i64) -> f64 {
        let grid = self.matrix.grid();
        let span = grid.span_ms();
        let part = if span == 0 {
            0.5
        } else {
            (time_ms - grid.start_ms) as f64 / span as f64
        };
        self.left + part * (self.right - self.left)
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - self.values.part(value) * (self.bottom - self.top)
    }
}

/// Rows to be drawn muted and in colour.
fn chosen(matrix: &Matrix, options: &ChartOptions) -> (Vec<usize>, Vec<usize>) {
    let mut coloured: Vec<usize> = Vec::new();
    for row in options
        .highlight
        .iter()
        .copied()
        .filter(|row| *row < matrix.rows())
    {
        if !coloured.contains(&row) {
            coloured.push(row);
        }
    }
    if coloured.is_empty() && matrix.rows() <= FEW.min(options.max_series) {
        return (Vec::new(), (0..matrix.rows()).collect());
    }
    let room = options.max_series.saturating_sub(coloured.len());
    let ranking = rank(matrix);
    let by_amplitude = ranking
        .ranked
        .iter()
        .chain(&ranking.low_coverage)
        .chain(&ranking.empty);
    let mut muted: Vec<usize> = by_amplitude
        .map(|a| a.row)
        .filter(|row| !coloured.contains(row))
        .take(room)
        .collect();
    muted.sort_unstable();
    (muted, coloured)
}

/// The line's label and value, in the unit of the axis.
fn threshold_label(threshold: &Threshold, values: &ValueScale) -> String {
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
