//! What went wrong with a query, told to a person: what was asked, of whom, what was wrong, what to do next.

use casebook_core::decode::DecodeError;
use serde::Serialize;

use crate::request::Request;

/// Why there is no answer. The kernel raises one exception class for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// No answer came from the proxy at all.
    Unreachable,
    /// The proxy knows no session.
    Session,
    /// The proxy refused, or could not get an answer from the source.
    Proxy,
    /// Prometheus answered with an error of its own.
    Prometheus,
    /// The answer is a page or plain text.
    NotJson,
    /// The answer broke off.
    Truncated,
    /// More points, series, samples or bytes than allowed.
    Limit,
    /// JSON, but not that of a range query.
    Shape,
    /// Cancelled from the notebook.
    Aborted,
    /// The request itself makes no sense; nothing was sent.
    #[default]
    BadRequest,
}

/// A query that got no answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueryError {
    /// The cause.
    pub kind: Kind,
    /// The source that was asked.
    pub source: String,
    /// The PromQL.
    pub query: String,
    /// HTTP status of the proxy's answer, when there was one.
    pub status: Option<u16>,
    /// `errorType` of a Prometheus-shaped error, such as `bad_data` or `upstream_unreachable`.
    pub error_type: Option<Box<str>>,
    /// What was wrong: one or two sentences.
    pub message: String,
    /// What the person can do: one or two sentences.
    pub next: String,
}

impl QueryError {
    /// An error about `request`, still without its sentences.
    #[must_use]
    pub fn of(kind: Kind, request: &Request) -> Self {
        Self {
            kind,
            source: request.source.clone(),
            query: request.query.clone(),
            ..Self::default()
        }
    }

    /// No answer came from the proxy; `cause` is the browser's own word for it.
    #[must_use]
    pub fn unreachable(request: &Request, cause: &str) -> Self {
        Self {
            message: format!(
                "No answer came from the proxy at {} to the query of source \"{}\" ({cause}).",
                request.base, request.source
            ),
            next: "Check that `casebook-proxy serve` still runs, and the ssh tunnel to it if there is one; then run \
                   the cell again."
                .into(),
            ..Self::of(Kind::Unreachable, request)
        }
    }

    /// The person, or a time limit of the notebook, stopped the query.
    #[must_use]
    pub fn aborted(request: &Request, bytes: u64) -> Self {
        Self {
            message: format!(
                "The query of source \"{}\" was cancelled; {} had come.",
                request.source,
                counted(bytes, "byte")
            ),
            next: "Run the cell again when you want its answer.".into(),
            ..Self::of(Kind::Aborted, request)
        }
    }

    /// The connection broke while the answer was coming.
    #[must_use]
    pub fn truncated(request: &Request, status: u16, bytes: u64) -> Self {
        Self {
            status: Some(status),
            message: format!(
                "The answer of source \"{}\" broke off after {}.",
                request.source,
                counted(bytes, "byte")
            ),
            next: "Run the cell again. If it breaks off again, ask for less (a shorter window, a longer step, a \
                   narrower selector): the proxy may have met its limit of bytes or time for this source."
                .into(),
            ..Self::of(Kind::Truncated, request)
        }
    }

    /// A body that is no JSON; `head` is its beginning.
    #[must_use]
    pub fn not_json(request: &Request, status: u16, head: &str) -> Self {
        let page = head.trim_start().starts_with('<');
        let what = if page { "a web page" } else { "text" };
        let next = if page {
            "Something between the proxy and Prometheus answers in its place, such as a sign-in page or a load \
             balancer: check the `url` of this source in casebook.toml."
        } else if status >= 500 {
            "The source is in trouble: wait a moment and run the cell again; if it stays so, look at the source itself."
        } else {
            "Check the `url` of this source in casebook.toml: it should be the address of a Prometheus API."
        };
        Self {
            status: Some(status),
            message: format!(
                "Source \"{}\" answered {status} with {what} instead of JSON; it begins with: {}",
                request.source,
                excerpt(head)
            ),
            next: next.into(),
            ..Self::of(Kind::NotJson, request)
        }
    }

    /// What the decoder could not take, after `bytes` of an answer with `status`.
    #[must_use]
    pub fn decode(request: &Request, status: u16, bytes: u64, error: &DecodeError) -> Self {
        let (kind, wrong) = match error {
            DecodeError::Prometheus { kind, message, .. } => {
                return Self::prometheus(request, status, kind, message, error.next_step());
            }
            DecodeError::NotJson { head } => return Self::not_json(request, status, head),
            DecodeError::Truncated { .. } => return Self::truncated(request, status, bytes),
            DecodeError::Limit { .. } => (Kind::Limit, "more than this notebook takes"),
            DecodeError::Shape { .. } | DecodeError::OffGrid { .. } => {
                (Kind::Shape, "JSON, but not that of this range query")
            }
        };
        Self {
            status: Some(status),
            message: format!(
                "The answer of source \"{}\" is {wrong}: {error}.",
                request.source
            ),
            next: error.next_step(),
            ..Self::of(kind, request)
        }
    }

    /// An error that Prometheus itself wrote, whatever the status that carried it.
    #[must_use]
    pub fn prometheus(
        request: &Request,
        status: u16,
        error_type: &str,
        error: &str,
        next: String,
    ) -> Self {
        let next = if is_placed(error) {
            "Correct the PromQL and run the cell again; the two numbers in the message are line and column.".into()
        } else {
            next
        };
        Self {
            status: Some(status),
            error_type: Some(error_type.into()),
            message: format!(
                "Source \"{}\" refused the query with its own message: {}",
                request.source,
                quoted(error)
            ),
            next,
            ..Self::of(Kind::Prometheus, request)
        }
    }

    /// Both parts as one text, the `message` of the JavaScript error.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} {}", self.message, self.next)
    }
}

/// `n` with thousands separated, and the noun in its number: `1 byte`, `11,001 points`.
pub(crate) fn counted(n: u64, noun: &str) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + noun.len() + 4);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push(' ');
    text.push_str(noun);
    if n != 1 {
        text.push('s');
    }
    text
}

/// Whether a parse error says where it is, as Prometheus does: `1:7: parse error: …`.
fn is_placed(error: &str) -> bool {
    let bytes = error.as_bytes();
    let is_place = |part: &[u8]| part[0].is_ascii_digit() && part.ends_with(b": parse error");
    bytes.windows(": parse error".len() + 1).any(is_place)
}

/// As `str::contains`, which brings a search for long texts.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

/// A foreign message, without what could move the cursor, and not without end.
pub(crate) fn quoted(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(600)
        .collect()
}

/// The first characters of a foreign text on one line, so that it cannot fill a cell.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 160;
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() > MOST {
            let room = MOST.saturating_sub(line.chars().count());
            line.extend(word.chars().filter(|c| !c.is_control()).take(room));
            line.push('…');
            return line;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|c| !c.is_control()));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(counted(0, "byte"), "0 bytes");
        assert_eq!(counted(1, "byte"), "1 byte");
        assert_eq!(counted(11_001, "point"), "11,001 points");
        assert_eq!(counted(1_234_567, "byte"), "1,234,567 bytes");
    }

    #[test]
    fn a_part_is_found_wherever_it_stands() {
        for (text, part, found) in [
            ("abc", "bc", true),
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("abc", "ac", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(contains(text, part), found, "{part:?} in {text:?}");
        }
    }

    #[test]
    fn line_and_column_are_explained_only_where_there_are_some() {
        assert!(is_placed(
            "invalid parameter \"query\": 1:7: parse error: unexpected end"
        ));
        assert!(!is_placed(
            "invalid parameter \"query\": parse error: unexpected end"
        ));
        assert!(!is_placed("no such metric"));
        assert!(!is_placed(": parse error"));
    }

    #[test]
    fn a_foreign_text_cannot_fill_the_cell() {
        assert_eq!(
            excerpt("<html>\n\n  <b>\u{1b}[31mno</b>"),
            "<html> <b>[31mno</b>"
        );
        assert_eq!(excerpt(&"x".repeat(10_000)).chars().count(), 161);
        assert!(excerpt(&"word ".repeat(500)).chars().count() < 170);
    }
}
