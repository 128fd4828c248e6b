//! A query without what its strings and comments say, and where matchers may be added to it.

/// The query with the same bytes, but for strings, all of whose bytes are `"`, and comments, all of whose are blanks.
///
/// What is looked for in a mask cannot be found in a label's value.
pub(super) fn mask(query: &str) -> Vec<u8> {
    let mut masked = Vec::with_capacity(query.len());
    let mut bytes = query.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' | b'\'' | b'`' => {
                masked.push(b'"');
                let mut escaped = false;
                for inner in bytes.by_ref() {
                    masked.push(b'"');
                    if !escaped && inner == byte {
                        break;
                    }
                    escaped = byte != b'`' && !escaped && inner == b'\\';
                }
            }
            b'#' => {
                masked.push(b' ');
                for inner in bytes.by_ref() {
                    masked.push(b' ');
                    if matches!(inner, b'\n' | b'\r') {
                        break;
                    }
                }
            }
            _ => masked.push(byte),
        }
    }
    masked
}

/// Functions of one series' samples, or of one value: what is left out of their argument is left out of their result, and
/// nothing else changes. `absent_over_time` is the one that does not end as it should.
fn is_of_each_series(function: &[u8]) -> bool {
    const NAMES: [&[u8]; 9] = [
        b"rate",
        b"irate",
        b"increase",
        b"delta",
        b"idelta",
        b"deriv",
        b"changes",
        b"resets",
        b"abs",
    ];
    NAMES.contains(&function)
        || function.ends_with(b"_over_time") && function != b"absent_over_time"
}

/// Where matchers can be added to the one selector of a query without changing what comes of the series that they let
/// through, and what has to stand before and after them.
///
/// That is known of a selector and of a function of one, such as `rate(requests_total{job="a"}[1m] offset 5m)`. Of anything
/// else it is not: `None`.
pub(super) fn place(mask: &[u8]) -> Option<(usize, &'static str, &'static str)> {
    let mut cursor = Cursor {
        mask: mask.trim_ascii_end(),
        at: 0,
    };
    let mut name = cursor.word();
    if cursor.next_is(b'(') {
        if !is_of_each_series(&mask[name.0..name.1]) || !cursor.mask.ends_with(b")") {
            return None;
        }
        cursor.mask = cursor.mask[..cursor.mask.len() - 1].trim_ascii_end();
        cursor.at += 1;
        name = cursor.word();
    }
    let found = if cursor.next_is(b'{') {
        let inside = cursor.until(b'}')?;
        let kept = mask[..inside].trim_ascii_end();
        let comma = if kept.ends_with(b"{") || kept.ends_with(b",") {
            ""
        } else {
            ","
        };
        (inside, comma, "")
    } else if name.0 < name.1 && !mask[name.0].is_ascii_digit() {
        (name.1, "{", "}")
    } else {
        return None;
    };
    if cursor.next_is(b'[') {
        cursor.until(b']')?;
    }
    let rest = cursor.mask[cursor.at..].trim_ascii();
    let offset = rest.strip_prefix(b"offset ").unwrap_or_default();
    let duration = offset.trim_ascii();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    (rest.is_empty() || !duration.is_empty() && duration.iter().all(plain)).then_some(found)
}

struct Cursor<'a> {
    mask: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    /// Whether this byte is next, behind blanks.
    fn next_is(&mut self, byte: u8) -> bool {
        self.skip(|byte| byte.is_ascii_whitespace());
        self.mask.get(self.at) == Some(&byte)
    }

    /// From where to where the next name goes; nowhere when none is next.
    fn word(&mut self) -> (usize, usize) {
        self.skip(|byte| byte.is_ascii_whitespace());
        let from = self.at;
        self.skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'));
        (from, self.at)
    }

    /// Goes behind the next such byte, and says where it stands.
    fn until(&mut self, byte: u8) -> Option<usize> {
        self.skip(|other| other != byte);
        let found = self.at;
        self.at += 1;
        (found < self.mask.len()).then_some(found)
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.mask.get(self.at).is_some_and(|byte| wanted(*byte)) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(query: &str) -> String {
        let mask = mask(query);
        assert_eq!(mask.len(), query.len(), "{query:?}");
        String::from_utf8(mask).unwrap()
    }

    #[test]
    fn strings_and_comments_hide_what_they_say() {
        for (query, want) in [
            (r#"a{b="@}"} @ 5"#, r#"a{b=""""} @ 5"#),
            (r#"a{b="\"@"}"#, r#"a{b="""""}"#),
            (r#"a{b='"@'} + c"#, r#"a{b=""""} + c"#),
            (r"a{b=`\`} @ 5", r#"a{b="""} @ 5"#),
            ("a # @ \"\n+ b", "a       + b"),
            ("a # \u{fc}@", "a      "),
            (r#"a{b="@'"#, r#"a{b=""""#),
            ("a # b\r@", "a     @"),
            ("#", " "),
        ] {
            assert_eq!(masked(query), want);
        }
    }

    #[test]
    fn matchers_are_added_to_a_selector_and_to_a_function_of_one() {
        let with = |query: &str| {
            let (at, before, after) = place(&mask(query))?;
            Some(format!("{}{before}X{after}{}", &query[..at], &query[at..]))
        };
        for (query, want) in [
            ("level", "level{X}"),
            (" level ", " level{X} "),
            ("level{}", "level{X}"),
            (r#"level{a="}"}"#, r#"level{a="}",X}"#),
            (r#"level{a="b", }"#, r#"level{a="b", X}"#),
            (r#"{__name__=~"a|b"}"#, r#"{__name__=~"a|b",X}"#),
            ("level offset 5m", "level{X} offset 5m"),
            ("level offset -5m", "level{X} offset -5m"),
            ("rate(a:b_total[1m])", "rate(a:b_total{X}[1m])"),
            (
                r#"rate ( x_total {a='('} [1m] offset 1h ) # per second"#,
                r#"rate ( x_total {a='(',X} [1m] offset 1h ) # per second"#,
            ),
            (
                "max_over_time(level[5m:10s])",
                "max_over_time(level{X}[5m:10s])",
            ),
        ] {
            assert_eq!(with(query).as_deref(), Some(want), "{query}");
        }
        for query in [
            "",
            "{",
            "a + b",
            "a or b",
            "sum(a)",
            "topk(5, a)",
            "absent_over_time(a[5m])",
            "histogram_quantile(0.9, a)",
            "quantile_over_time(0.9, a[5m])",
            "rate(a[1m]) + rate(b[1m])",
            "rate(sum(a)[5m:])",
            "a offset 5m or b",
            "a offset 5m and b",
            "a{} b{}",
            "a{b=\"c\"",
            "(a)",
            "-a",
            "1",
        ] {
            assert_eq!(with(query), None, "{query}");
        }
    }
}
