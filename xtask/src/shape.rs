//! `cargo xtask shape`: how long files and functions are, package by package.
//!
//! The table is a report; the bars that stop a build are `tidy`'s.

use std::collections::BTreeMap;

use crate::{cargo, failure::Failure, source::Source};

/// The lengths of one package, in lines.
#[derive(Default)]
struct Shape {
    files: Vec<usize>,
    functions: Vec<usize>,
    tests: usize,
    documentation: usize,
}

impl Shape {
    fn add(&mut self, source: &Source) {
        let all = source.text.lines().count();
        if source.is_test() {
            self.tests += all;
            return;
        }
        let lines = source.lines();
        self.files.push(lines);
        self.tests += all - lines;
        self.documentation += source.documentation_lines();
        self.functions.extend(source.functions().iter().map(|function| function.lines));
    }

    fn row(&mut self, name: &str) -> String {
        self.files.sort_unstable();
        self.functions.sort_unstable();
        let lines: usize = self.files.iter().sum();
        format!(
            "{name:18}{:>6}{lines:>7} {:>15} {:>6}{:>13}{:>9.2}{:>7.2}",
            self.files.len(),
            spread(&self.files, 90),
            self.functions.len(),
            spread(&self.functions, 99),
            ratio(self.tests, lines),
            ratio(self.documentation, lines),
        )
    }
}

/// Prints one row per package and one for all.
pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    let sources = Source::load_all(&cargo::root())?;
    let (mut packages, mut all) = (BTreeMap::<&str, Shape>::new(), Shape::default());
    for source in &sources {
        packages.entry(source.package()).or_default().add(source);
        all.add(source);
    }
    println!(
        "                               files: median             functions:      tests/   docs/"
    );
    println!("package            files  lines  /p90/max  count   median/p99/max     lines   lines");
    for (name, shape) in &mut packages {
        println!("{}", shape.row(name));
    }
    println!("{}", all.row("all"));
    Ok(())
}

/// Median, a percentile and the greatest of sorted lengths.
fn spread(sorted: &[usize], percent: usize) -> String {
    let at = |percent: usize| {
        let last = sorted.len().saturating_sub(1);
        sorted.get(last * percent / 100).copied().unwrap_or(0)
    };
    format!("{}/{}/{}", at(50), at(percent), at(100))
}

#[expect(clippy::cast_precision_loss, reason = "counts of lines are small")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::{Shape, Source, spread};

    #[test]
    fn spreads() {
        assert_eq!(spread(&[], 90), "0/0/0");
        assert_eq!(spread(&[7], 90), "7/7/7");
        assert_eq!(spread(&(0..=100).collect::<Vec<_>>(), 90), "50/90/100");
    }

    #[test]
    fn tests_are_counted_apart() {
        let mut shape = Shape::default();
        let code = "//! Doc.\nfn a() {\n}\n#[cfg(test)]\nmod tests {\n}\n";
        shape.add(&Source::parse("crates/a/src/b.rs", code).unwrap());
        shape.add(&Source::parse("crates/a/tests/c.rs", "//! Doc.\n").unwrap());
        assert_eq!((shape.files, shape.functions), (vec![3], vec![2]));
        assert_eq!((shape.tests, shape.documentation), (4, 1));
    }
}
