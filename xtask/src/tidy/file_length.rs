//! File length: one file, one idea. Lines of test modules do not count.

use super::Complaint;
use crate::source::Source;

const WARNS_ABOVE: usize = 400;
const FAILS_ABOVE: usize = 600;

pub(super) fn check(source: &Source) -> Vec<Complaint> {
    let lines = source.lines();
    if source.is_test() || lines <= WARNS_ABOVE {
        return Vec::new();
    }
    let complain = if lines > FAILS_ABOVE { Complaint::fails } else { Complaint::warns };
    vec![complain(
        source.path.clone(),
        format!("{lines} lines without tests; aim at {WARNS_ABOVE}"),
    )]
}

#[cfg(test)]
mod tests {
    use super::{super::lines_of, check};

    #[test]
    fn long_files() {
        let tests = "#[cfg(test)]\nmod tests {\n}\n";
        for (lines, said) in [(400, &[][..]), (401, &["?"]), (600, &["?"]), (601, &[""])] {
            let text = format!("{}{tests}", "//! Line.\n".repeat(lines));
            assert_eq!(lines_of(check, "crates/a/src/b.rs", &text), said, "{lines}");
        }
        let long = "//! Line.\n".repeat(601);
        assert!(lines_of(check, "crates/a/tests/b.rs", &long).is_empty());
    }
}
