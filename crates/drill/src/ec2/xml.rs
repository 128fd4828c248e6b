//! XML as AWS's Query protocols write it: elements without attributes, lists of `item`.

/// `<name>inner</name>` around XML.
pub(super) fn element(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

/// `<name>value</name>` around text.
pub(super) fn text(name: &str, value: &str) -> String {
    element(name, &escaped(value))
}

/// A list: `<name>` around one `<item>` for each.
pub(super) fn set(name: &str, items: impl IntoIterator<Item = String>) -> String {
    let items: String = items
        .into_iter()
        .map(|inner| element("item", &inner))
        .collect();
    element(name, &items)
}

/// A whole answer.
pub(super) fn document(root: &str, namespace: &str, inner: &str) -> String {
    let head = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
    format!("{head}\n<{root} xmlns=\"{namespace}\">{inner}</{root}>")
}

pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // no XML 1.0 document can hold other control characters
            control if control.is_control() && !matches!(control, '\n' | '\t') => {
                escaped.push('\u{fffd}');
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        let expected = "<a>&lt;b x=&quot;&amp;&quot;&gt;\u{fffd}</a>";
        assert_eq!(text("a", "<b x=\"&\">\u{1}"), expected);
    }
}
