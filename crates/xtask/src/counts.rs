//! Reads how many tests a runner ran from what it printed.

/// How many passed and how many did not.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Tests that passed.
    pub(crate) passed: u32,
    /// Tests that failed, timed out, or could not start.
    pub(crate) failed: u32,
}

impl Counts {
    /// A check that passed as a whole.
    pub(crate) fn one_passed() -> Self {
        Self {
            passed: 1,
            failed: 0,
        }
    }

    /// A check that failed as a whole.
    pub(crate) fn one_failed() -> Self {
        Self {
            passed: 0,
            failed: 1,
        }
    }

    fn add(&mut self, number: u32, word: &str) {
        match word {
            "passed" | "pass" => self.passed += number,
            "failed" | "fail" | "error" | "errors" | "timed" | "interrupted" | "flaky" | "did" => {
                self.failed += number
            }
            _ => {}
        }
    }
}

/// Sums the counting lines of nextest, cargo test, wasm-bindgen-test, pytest, node's runner, vitest and Playwright.
///
/// `None` when there is no such line.
pub(crate) fn from_output(text: &str) -> Option<Counts> {
    // Nextest shows the whole output of a failed test, with libtest's own counting line in it.
    let nextest = text
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| line.starts_with("Summary ["));
    let lines: Vec<&str> = nextest.map_or_else(
        || {
            text.lines()
                .map(str::trim)
                .filter(|line| counts_tests(line))
                .collect()
        },
        |line| vec![line],
    );
    if lines.is_empty() {
        return None;
    }
    let mut sum = Counts::default();
    for line in lines {
        let words: Vec<&str> = line
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .filter(|word| !word.is_empty())
            .collect();
        for pair in words.windows(2) {
            if let [first, second] = pair {
                if let Ok(number) = first.parse() {
                    sum.add(number, second);
                } else if let (Ok(number), "pass" | "fail") = (second.parse(), *first) {
                    sum.add(number, first);
                }
            }
        }
    }
    Some(sum)
}

/// Whether a trimmed line is a runner's sum rather than its chatter.
fn counts_tests(line: &str) -> bool {
    let begins_with_number = line
        .split(' ')
        .next()
        .is_some_and(|word| word.parse::<u32>().is_ok());
    let playwright = begins_with_number
        && ["passed", "failed", "flaky", "interrupted", "did not run"]
            .iter()
            .any(|word| {
                let rest = line.split_once(' ').map_or("", |(_, rest)| rest);
                rest == *word
                    || rest
                        .strip_prefix(word)
                        .is_some_and(|tail| tail.starts_with(" ("))
            });
    let pytest = (line.starts_with('=') || begins_with_number)
        && [" passed", " failed", " error"]
            .iter()
            .any(|word| line.contains(word))
        && line.contains(" in ");
    let node = ["# pass ", "# fail ", "ℹ pass ", "ℹ fail "]
        .iter()
        .any(|prefix| line.starts_with(prefix));
    line.starts_with("test result:") || line.starts_with("Tests ") || playwright || pytest || node
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, passed: u32, failed: u32) {
        assert_eq!(from_output(text), Some(Counts { passed, failed }), "{text}");
    }

    #[test]
    fn every_runners_sum_is_read() {
        reads(
            "     Summary [   1.234s] 34 tests run: 34 passed (1 slow), 0 skipped",
            34,
            0,
        );
        reads(
            "     Summary [  61.0s] 4 tests run: 1 passed, 2 failed, 1 timed out, 0 skipped",
            1,
            3,
        );
        reads(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured\ntest result: FAILED. 1 passed; 2 failed;",
            13,
            2,
        );
        reads(
            "========= 1 failed, 12 passed, 2 warnings, 1 error in 1.23s =========",
            12,
            2,
        );
        reads("3 passed in 0.05s", 3, 0);
        reads("# tests 5\n# pass 4\n# fail 1\n# cancelled 0", 4, 1);
        reads("ℹ pass 4\nℹ fail 0", 4, 0);
        reads("      Tests  1 failed | 12 passed (13)", 12, 1);
        reads(
            "  1 failed\n    [chromium] › a.spec.ts:3:1 › it works\n  1 did not run\n  12 passed (1.2m)",
            12,
            2,
        );
    }

    #[test]
    fn a_failed_tests_own_output_is_not_counted_again() {
        reads(
            "stdout: test result: FAILED. 0 passed; 1 failed;\n Summary [ 1s] 2 tests run: 1 passed, 1 failed, 0 skipped",
            1,
            1,
        );
    }

    #[test]
    fn chatter_is_not_a_sum() {
        assert_eq!(
            from_output("12 series passed the filter\nsaved 3 passed values\nok"),
            None
        );
    }
}
