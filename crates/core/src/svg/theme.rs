//! Colours of both themes, and text that is safe inside of SVG.

/// The style of a chart. Classes and properties carry a prefix: an SVG put inline shares the page's style.
///
/// The light theme is the default, so that `data-theme="light"` occurs once, on the root element.
pub(super) const STYLE: &str = "\
svg.cb-chart{--cb-bg:#ffffff;--cb-text:#1f2933;--cb-soft:#52606d;--cb-grid:#e4e7eb;--cb-axis:#9aa5b1;\
--cb-muted:#8795a1;--cb-line:#6d28d9;\
--cb-0:#d9480f;--cb-1:#1971c2;--cb-2:#2b8a3e;--cb-3:#a61e4d;--cb-4:#0b7285;--cb-5:#845300;--cb-6:#5f3dc4;--cb-7:#495057}\
svg.cb-chart[data-theme=\"dark\"]{--cb-bg:#111111;--cb-text:#e4e7eb;--cb-soft:#a5b1bd;--cb-grid:#2a2f36;--cb-axis:#616e7c;\
--cb-muted:#7b8794;--cb-line:#c4a7ff;\
--cb-0:#ff8a4c;--cb-1:#74c0fc;--cb-2:#69db7c;--cb-3:#faa2c1;--cb-4:#66d9e8;--cb-5:#ffd43b;--cb-6:#b197fc;--cb-7:#ced4da}\
.cb-chart text{font:11px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif;fill:var(--cb-soft);font-variant-numeric:tabular-nums}\
.cb-chart .cb-title{font-size:14px;font-weight:600;fill:var(--cb-text)}\
.cb-chart .cb-bg{fill:var(--cb-bg)}\
.cb-chart .cb-grid{stroke:var(--cb-grid);fill:none}\
.cb-chart .cb-axis{stroke:var(--cb-axis);fill:none}\
.cb-chart .cb-series{fill:none;stroke-linejoin:round;stroke-linecap:round;stroke-width:1.5}\
.cb-chart .cb-muted{stroke:var(--cb-muted);stroke-width:1;opacity:.8}\
.cb-chart .cb-many .cb-muted{opacity:.4}\
.cb-chart .cb-top{stroke-width:2.75}\
.cb-chart .cb-casing{stroke:var(--cb-bg);stroke-width:5;opacity:.8}\
.cb-chart .cb-threshold{stroke:var(--cb-line);stroke-width:1.25;stroke-dasharray:6 4;fill:none}\
.cb-chart .cb-usual{fill:var(--cb-0);opacity:.12}\
.cb-chart .cb-usual-edge{stroke:var(--cb-0);stroke-dasharray:2 3;fill:none}\
.cb-chart .cb-onset{fill:var(--cb-text);opacity:.14}\
.cb-chart .cb-onset-edge{stroke:var(--cb-text);stroke-dasharray:4 3;fill:none}\
.cb-chart .cb-mark{fill:var(--cb-text);font-weight:600}\
.cb-chart .cb-leader{fill:none;stroke-width:1;opacity:.7}\
.cb-chart .cb-ended{stroke-dasharray:1 4}\
.cb-chart .cb-halo{paint-order:stroke;stroke:var(--cb-bg);stroke-width:4px;stroke-linejoin:round}\
.cb-chart .cb-threshold-text{fill:var(--cb-line);font-weight:600}\
.cb-chart .cb-label{font-weight:600}";

/// Number of colours in [`STYLE`].
pub(super) const COLOURS: usize = 8;

/// Text for element content and attribute values; characters that XML forbids become U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\r' | '\t' => safe.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

/// The text cut to a number of columns, with an ellipsis where it was cut.
pub(super) fn shortened(text: &str, columns: usize) -> String {
    if self::columns(text) <= columns as f64 {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        if self::columns(&short) + width(c) > columns as f64 - 1.0 {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

/// The text cut in its middle: names of pods and hosts differ at their ends.
pub(super) fn cut_inside(text: &str, columns: usize) -> String {
    if self::columns(text) <= columns as f64 {
        return text.to_owned();
    }
    let half = columns.saturating_sub(1) as f64 / 2.0;
    let within = |c: &char, used: &mut f64| {
        *used += width(*c);
        Some(*used <= half).filter(|fits| *fits).map(|_| *c)
    };
    let head: String = text.chars().scan(0.0, |used, c| within(&c, used)).collect();
    let tail: Vec<char> = text
        .chars()
        .rev()
        .scan(0.0, |used, c| within(&c, used))
        .collect();
    format!("{head}…{}", tail.into_iter().rev().collect::<String>())
}

/// Width of a text in columns of an average Latin letter: fonts are not known here.
pub(super) fn columns(text: &str) -> f64 {
    text.chars().map(width).sum()
}

fn width(c: char) -> f64 {
    if u32::from(c) < 0x1100 { 1.0 } else { 1.8 }
}
