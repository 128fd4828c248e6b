//! Quoting, against a real shell. If this failed, a file's name could run as a command.

#![allow(clippy::unwrap_used, reason = "a test may fail where it likes")]

use casebook_wire::quoting;
use proptest::prelude::*;
use std::process::Command;

/// What the shell makes of these words.
fn through_the_shell(shell: &str, words: &[String]) -> Vec<String> {
    let line = format!("printf '%s\\0' {}", quoting::line(words));
    let output = Command::new(shell).arg("-c").arg(line).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    let text = String::from_utf8(output.stdout).unwrap();
    text.strip_suffix('\0')
        .unwrap()
        .split('\0')
        .map(str::to_owned)
        .collect()
}

/// Words of what a shell finds interesting, and of anything else but NUL.
fn words() -> impl Strategy<Value = Vec<String>> {
    let nasty = "[ '\"`$(){}\\[\\];&|<>*?~#!\\\\\n\t\r=%-]{0,12}";
    let any = "[^\\x00]{0,12}";
    prop::collection::vec(prop_oneof![nasty, any], 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_shell_gives_the_same_bytes_back(words in words()) {
        for shell in ["sh", "bash"] {
            prop_assert_eq!(&through_the_shell(shell, &words), &words);
        }
    }
}
