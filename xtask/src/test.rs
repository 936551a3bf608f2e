//! `cargo xtask test`: every check of the project, step by step, stopping at the first failure.
//!
//! All steps build into one target folder with the same profile and flags, so that what one step
//! compiled the next finds. The last line is the sum of what the test runners reported.

mod consumer;
mod dependencies;
mod lint;
mod python;
mod runtime_free;
mod setup;
mod suites;
mod workerd;

use std::time::Instant;

use crate::{failure::Failure, tally::Tally, tidy};

/// One step; it adds the tests that it ran to the tally.
struct Step {
    name: &'static str,
    checks: &'static str,
    run: fn(&mut Tally) -> Result<(), Failure>,
}

/// The steps in the order in which they run: what fails quickly comes first.
const STEPS: &[Step] = &[
    Step { name: "setup", checks: "the programs that the other steps call", run: |_| setup::run() },
    Step { name: "format", checks: "rustfmt has nothing to change", run: |_| lint::format() },
    Step { name: "tidy", checks: "the rules of the house", run: |_| tidy::run(&[]) },
    Step {
        name: "dependencies",
        checks: "cargo-deny, if it is there",
        run: |_| dependencies::run(),
    },
    Step {
        name: "runtime-free",
        checks: "no library brings a runtime",
        run: |_| runtime_free::run(),
    },
    Step { name: "clippy", checks: "no lint fires in any target", run: |_| lint::clippy() },
    Step { name: "tests", checks: "unit, property and end-to-end tests", run: suites::tests },
    Step { name: "doc-tests", checks: "the examples in the documentation", run: suites::doc_tests },
    Step {
        name: "replay",
        checks: "the committed fuzz corpora, without a fuzzer",
        run: suites::replay,
    },
    Step {
        name: "consumer",
        checks: "a crate from outside can use each library",
        run: |_| consumer::run(),
    },
    Step {
        name: "doc",
        checks: "the documentation builds without a warning",
        run: |_| lint::doc(),
    },
];

/// Installs what tests need, as the first step does.
pub(crate) fn set_up() -> Result<(), Failure> {
    setup::run()
}

/// The names of all steps, in order.
pub(crate) fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// Runs the named steps, or all of them.
pub(crate) fn run(wanted: &[String]) -> Result<(), Failure> {
    if let Some(unknown) = wanted.iter().find(|name| !names().contains(&name.as_str())) {
        let list = names().join(", ");
        return Err(Failure::new(format!("no step `{unknown}`; there are: {list}")));
    }
    let chosen = |step: &&Step| wanted.is_empty() || wanted.iter().any(|name| name == step.name);
    let steps: Vec<&Step> = STEPS.iter().filter(chosen).collect();
    let (start, mut tally) = (Instant::now(), Tally::default());
    let result = steps.iter().zip(1..).try_for_each(|(step, number)| {
        println!("== {number}/{} {}: {}", steps.len(), step.name, step.checks);
        let start = Instant::now();
        let result = (step.run)(&mut tally);
        let word = if result.is_ok() { "done" } else { "FAILED" };
        println!("== {} {word} in {:.1} s", step.name, start.elapsed().as_secs_f64());
        result.map_err(|failure| Failure::new(format!("step `{}` failed: {failure}", step.name)))
    });
    if let Err(failure) = &result {
        println!("{failure}");
        // A step that fails without a failed test is a failure all the same.
        tally.failed = tally.failed.max(1);
    }
    println!("== {:.0} s in all", start.elapsed().as_secs_f64());
    println!("{} passed, {} failed", tally.passed, tally.failed);
    result.map_err(|_| Failure::told())
}

#[cfg(test)]
mod tests {
    use super::{names, run};

    #[test]
    fn unknown_steps_are_refused() {
        let failure = run(&["polish".to_owned()]).unwrap_err().to_string();
        assert!(failure.contains("no step `polish`") && failure.contains("clippy"), "{failure}");
    }

    #[test]
    fn names_are_unique() {
        let mut sorted = names();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), names().len());
    }
}
