//! Function length: what does not fit on a screen is more than one thought. Tests do not count.

use super::Complaint;
use crate::source::Source;

const WARNS_ABOVE: usize = 70;
const FAILS_ABOVE: usize = 100;

pub(super) fn check(source: &Source) -> Vec<Complaint> {
    let functions = source.functions().into_iter().filter(|function| function.lines > WARNS_ABOVE);
    let judge = |function: crate::source::Function| {
        let complain =
            if function.lines > FAILS_ABOVE { Complaint::fails } else { Complaint::warns };
        let place = format!("{}:{}", source.path, function.line);
        let (name, lines) = (function.name, function.lines);
        complain(place, format!("`{name}` has {lines} lines; aim at {WARNS_ABOVE}"))
    };
    functions.map(judge).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::lines_of, check};

    #[test]
    fn long_functions() {
        for (lines, said) in [(70, &[][..]), (71, &["2?"]), (100, &["2?"]), (101, &["2"])] {
            let text = format!("/// Doc.\nfn f() {{{}}}\n", "\n".repeat(lines - 1));
            assert_eq!(lines_of(check, "crates/a/src/b.rs", &text), said, "{lines}");
            assert!(lines_of(check, "crates/a/tests/b.rs", &text).is_empty());
        }
    }
}
