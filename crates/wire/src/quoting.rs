//! Quoting for the shell that sshd hands a command line to.

/// One word of a POSIX shell that expands to exactly `text`. Plain words stay as they are, so that
/// a line can be read; all others stand in single quotes, in which nothing has a meaning.
///
/// A NUL cannot be part of any word of any program; callers refuse it.
pub fn posix(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:=@%+,-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A command line of these words.
pub fn line<I>(words: I) -> String
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    let quoted: Vec<String> = words.into_iter().map(|word| posix(word.as_ref())).collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_readable_and_others_are_quoted() {
        for (text, want) in [
            ("/var/crash/core.1", "/var/crash/core.1"),
            ("--lines=10", "--lines=10"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(id)", "'$(id)'"),
            ("~root", "'~root'"),
            ("a\nb", "'a\nb'"),
        ] {
            assert_eq!(posix(text), want);
        }
        assert_eq!(line(["ls", "--", "a b"]), "ls -- 'a b'");
    }
}
