//! Finds the failed tests, and why they failed, in what a runner printed.

/// More than these say no more than the first ones.
const MOST: usize = 60;
/// A panic's message, and the assertion's two sides below it.
const LINES_OF_A_PANIC: usize = 4;
/// What Playwright expected and got, and the line of the test.
const LINES_OF_A_PAGE: usize = 24;
/// How nextest, Playwright, node's runner, pytest and rustc begin the line of a failure.
const MARKS: [&str; 10] = [
    "FAIL [",
    "TIMEOUT [",
    "SIGABRT [",
    "SIGSEGV [",
    "✘",
    "not ok ",
    "FAILED ",
    "ERROR ",
    "E   ",
    "error",
];

/// The lines that name what failed, each panic with its message, in their order and once each.
pub(crate) fn from_output(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut found: Vec<String> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let shown = if line.contains("panicked at ") {
            LINES_OF_A_PANIC
        } else if line.starts_with("Error: ") || line.starts_with("TimeoutError: ") {
            LINES_OF_A_PAGE
        } else if MARKS.iter().any(|mark| line.starts_with(mark)) {
            1
        } else {
            continue;
        };
        for line in lines.iter().skip(at).take(shown) {
            if !line.is_empty() && !found.iter().any(|known| known == line) {
                found.push((*line).to_owned());
            }
        }
    }
    found.truncate(MOST);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_shown_with_its_message_and_once() {
        let text = "\
        PASS [   0.1s] (1/2) casebook-core one\n\
        FAIL [   0.2s] (2/2) casebook-core two\n\
  stderr ---\n\
    thread 'two' (7) panicked at crates/core/src/two.rs:3:5:\n\
    assertion `left == right` failed\n\
      left: 1\n\
     right: 2\n\
    note: run with `RUST_BACKTRACE=1`\n\
     Summary [   0.3s] 2 tests run: 1 passed, 1 failed, 0 skipped\n\
        FAIL [   0.2s] (2/2) casebook-core two\n";
        assert_eq!(
            from_output(text),
            [
                "FAIL [   0.2s] (2/2) casebook-core two",
                "thread 'two' (7) panicked at crates/core/src/two.rs:3:5:",
                "assertion `left == right` failed",
                "left: 1",
                "right: 2",
            ]
        );
    }

    #[test]
    fn a_failed_page_and_a_failed_python_test_are_named() {
        let text = "  ✓   1 a.spec.ts:1:1 › well (1s)\n  ✘   2 b.spec.ts:2:1 › ill (2s)\nFAILED tests/test_a.py::test_b - ValueError\n";
        assert_eq!(
            from_output(text),
            [
                "✘   2 b.spec.ts:2:1 › ill (2s)",
                "FAILED tests/test_a.py::test_b - ValueError"
            ]
        );
    }

    #[test]
    fn what_a_page_should_have_shown_is_told() {
        let text = "    Error: expect(locator).toHaveCount(expected) failed\n\n    Expected: 3\n    Received: 0\n    > 35 |   await expect(tables).toHaveCount(3);\n";
        assert_eq!(
            from_output(text),
            [
                "Error: expect(locator).toHaveCount(expected) failed",
                "Expected: 3",
                "Received: 0",
                "> 35 |   await expect(tables).toHaveCount(3);",
            ]
        );
    }

    #[test]
    fn nothing_is_found_where_nothing_failed() {
        assert!(from_output("PASS [ 0.1s] one\n5 passed, 0 failed\n").is_empty());
    }
}
