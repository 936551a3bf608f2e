//! Lock files: the fuzz package stands outside the workspace, yet it exercises the versions that
//! are shipped. A package that both lock files name has no version in `fuzz/Cargo.lock` that is
//! not in `Cargo.lock`.

use std::collections::{BTreeMap, BTreeSet};

use super::Complaint;
use crate::{
    failure::Failure,
    house::{self, House},
};

const FUZZ: &str = "fuzz/Cargo.lock";

pub(super) fn check(_: &House) -> Result<Vec<Complaint>, Failure> {
    Ok(compare(&house::read("Cargo.lock")?, &house::read(FUZZ)?))
}

fn compare(ours: &str, fuzz: &str) -> Vec<Complaint> {
    let (ours, fuzz) = (versions(ours), versions(fuzz));
    let shared = fuzz.iter().filter_map(|(name, theirs)| Some((name, theirs, ours.get(name)?)));
    let complaints = shared.flat_map(|(name, theirs, ours)| {
        theirs.difference(ours).map(move |version| {
            let message = format!(
                "{name} is {version} here and {ours:?} in Cargo.lock; copy that file over this one \
                 and run `cargo metadata --manifest-path fuzz/Cargo.toml`"
            );
            Complaint::fails(FUZZ, message)
        })
    });
    complaints.collect()
}

/// The versions of each package in a lock file.
fn versions(lock: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let value = |line: &'_ str, key: &str| {
        let start = format!("{key} = \"");
        let length = line.strip_prefix(start.as_str())?.strip_suffix('"')?.len();
        Some(start.len()..start.len() + length)
    };
    let mut name = "";
    for line in lock.lines() {
        if let Some(range) = value(line, "name") {
            name = &line[range];
        } else if let Some(range) = value(line, "version") {
            versions.entry(name).or_default().insert(&line[range]);
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::compare;

    fn lock(packages: &[(&str, &str)]) -> String {
        let package = |(name, version): &(&str, &str)| {
            format!(
                "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\ndependencies = [\n \"x\",\n]\n\n"
            )
        };
        format!("version = 4\n\n{}", packages.iter().map(package).collect::<String>())
    }

    #[test]
    fn shared_packages_have_shared_versions() {
        let ours = lock(&[("a", "1.0.0"), ("a", "2.0.0"), ("b", "0.1.0")]);
        for (fuzz, complaints) in [
            (&[("a", "2.0.0")][..], 0),
            (&[("a", "2.0.0"), ("only-here", "9.0.0")], 0),
            (&[("a", "2.0.1")], 1),
            (&[("a", "3.0.0"), ("b", "0.1.1")], 2),
        ] {
            assert_eq!(compare(&ours, &lock(fuzz)).len(), complaints, "{fuzz:?}");
        }
    }
}
