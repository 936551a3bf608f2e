//! `cargo xtask tidy`: the rules of the house, one file each, checked in seconds.
//!
//! Formatting, lints and missing documentation are rustfmt's and clippy's business; here stands
//! what they cannot see.

mod arrows;
mod banned_names;
mod banned_words;
mod bool_parameters;
mod file_length;
mod front_page;
mod function_length;
mod headers;
mod licences;
mod lock_files;
mod runtime;
mod unsafe_code;

use std::time::Instant;

use crate::{failure::Failure, house::House, source::Source};

/// What a rule has to say about one place.
#[derive(Debug)]
pub(crate) struct Complaint {
    /// A path, with `:line` where one is meant.
    place: String,
    message: String,
    weight: Weight,
}

/// Whether a complaint stops the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    Fails,
    Warns,
}

impl Complaint {
    fn fails(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), weight: Weight::Fails }
    }

    fn warns(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), weight: Weight::Warns }
    }
}

/// One rule: its name and what it looks at.
struct Rule {
    name: &'static str,
    check: Check,
}

enum Check {
    /// Looks at each source by itself.
    EachSource(fn(&Source) -> Vec<Complaint>),
    /// Looks at the manifests and the pages of the repository.
    Whole(fn(&House) -> Result<Vec<Complaint>, Failure>),
}

/// Every rule, in alphabetical order.
const RULES: &[Rule] = &[
    Rule { name: "arrows", check: Check::Whole(arrows::check) },
    Rule { name: "banned-names", check: Check::EachSource(banned_names::check) },
    Rule { name: "banned-words", check: Check::EachSource(banned_words::check) },
    Rule { name: "bool-parameters", check: Check::EachSource(bool_parameters::check) },
    Rule { name: "file-length", check: Check::EachSource(file_length::check) },
    Rule { name: "front-page", check: Check::EachSource(front_page::check) },
    Rule { name: "function-length", check: Check::EachSource(function_length::check) },
    Rule { name: "headers", check: Check::EachSource(headers::check) },
    Rule { name: "licences", check: Check::Whole(licences::check) },
    Rule { name: "lock-files", check: Check::Whole(lock_files::check) },
    Rule { name: "runtime", check: Check::Whole(runtime::check) },
    Rule { name: "unsafe-code", check: Check::Whole(unsafe_code::check) },
];

/// Runs every rule and prints what each complains about.
pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    let start = Instant::now();
    let house = House::load()?;
    let (mut failures, mut warnings) = (0_usize, 0_usize);
    for rule in RULES {
        let complaints = match rule.check {
            Check::EachSource(check) => house.sources.iter().flat_map(check).collect(),
            Check::Whole(check) => check(&house)?,
        };
        for Complaint { place, message, weight } in complaints {
            let (mark, count) = match weight {
                Weight::Fails => ("error", &mut failures),
                Weight::Warns => ("warning", &mut warnings),
            };
            *count += 1;
            println!("{place}: {mark}: {message} [{}]", rule.name);
        }
    }
    println!(
        "tidy: {} rules on {} files, {failures} errors, {warnings} warnings, {:.1} s",
        RULES.len(),
        house.sources.len(),
        start.elapsed().as_secs_f64(),
    );
    if failures == 0 { Ok(()) } else { Err(Failure::new(format!("tidy found {failures} errors"))) }
}

/// Runs a rule on one source given as text: the lines it complains about, errors before warnings.
#[cfg(test)]
fn lines_of(check: fn(&Source) -> Vec<Complaint>, path: &str, text: &str) -> Vec<String> {
    let complaints = check(&Source::parse(path, text).unwrap());
    let shown = |weight| {
        let chosen = complaints.iter().filter(move |complaint| complaint.weight == weight);
        chosen.map(|complaint| complaint.place.replace(path, "").replace(':', ""))
    };
    shown(Weight::Fails).chain(shown(Weight::Warns).map(|line| format!("{line}?"))).collect()
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn the_table_is_in_order_and_each_rule_is_a_file() {
        let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert!(names.is_sorted(), "{names:?}");
        let folder = crate::cargo::root().join("xtask/src/tidy");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .map(|file| file.trim_end_matches(".rs").replace('_', "-"))
            .collect();
        files.sort();
        assert_eq!(names, files);
    }
}
