//! Counting tests: reads the closing lines of `cargo test` and `cargo nextest`.

/// How many tests ran, as their runners said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Adds what `line` says, if it is a runner's closing line.
    ///
    /// `cargo test` ends each binary with `test result: ok. 3 passed; 0 failed; …`, nextest ends
    /// the whole run with `Summary [ 0.1s] 4 tests run: 3 passed (1 slow), 1 failed, 0 skipped`.
    pub(crate) fn read(&mut self, line: &str) {
        let line = line.trim_start();
        let counts = match line.strip_prefix("test result: ") {
            Some(counts) => counts,
            None if line.starts_with("Summary [") => {
                line.split_once("run: ").map_or("", |(_, counts)| counts)
            }
            None => return,
        };
        let words: Vec<&str> =
            counts.split([' ', ',', ';', '(', ')']).filter(|w| !w.is_empty()).collect();
        for pair in words.windows(2) {
            let [number, word] = pair else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match *word {
                "passed" => self.passed += number,
                "failed" | "timed" => self.failed += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn check(lines: &[&str], passed: u64, failed: u64) {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.read(line));
        assert_eq!(tally, Tally { passed, failed }, "{lines:?}");
    }

    #[test]
    fn closing_lines_are_summed() {
        check(
            &["test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out"],
            3,
            0,
        );
        check(
            &[
                "test result: FAILED. 1 passed; 2 failed; 0 ignored",
                "test result: ok. 4 passed; 0 failed",
            ],
            5,
            2,
        );
        check(
            &["     Summary [   0.012s] 4 tests run: 3 passed (1 slow), 1 failed, 2 skipped"],
            3,
            1,
        );
        check(&["     Summary [  60.0s] 3 tests run: 2 passed, 1 timed out, 0 skipped"], 2, 1);
        check(&["     Summary [   0.012s] 1 test run: 1 passed, 0 skipped"], 1, 0);
    }

    #[test]
    fn other_lines_count_nothing() {
        check(
            &["test a ... ok", "7 passed", "running 3 tests", "", "Summary [ 0.1s] 3 passed"],
            0,
            0,
        );
    }
}
