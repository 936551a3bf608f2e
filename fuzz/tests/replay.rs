//! Every input of every corpus, and seeded mutations of it, through its target on stable.

use std::{collections::BTreeSet, fs, panic, path::PathBuf};

use gateway_fuzz::{TARGETS, Target, mutations};

/// Targets that are there with a feature alone.
const BEHIND_FEATURES: [&str; 1] = ["yara_rules"];

/// Variants of each input that are tried besides the input itself.
const MUTATIONS: usize = 100;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The names in a folder, endings cut off.
fn stems(name: &str) -> BTreeSet<String> {
    let stem = |entry: fs::DirEntry| entry.path().file_stem().unwrap().to_str().unwrap().to_owned();
    fs::read_dir(folder(name)).unwrap().map(|entry| stem(entry.unwrap())).collect()
}

/// Runs `target` on each input and its variants: how many ran, or the first that broke a law.
fn replay(target: Target, inputs: &[(String, Vec<u8>)]) -> Result<usize, String> {
    let mut ran = 0;
    for ((name, input), seed) in inputs.iter().zip(1..) {
        let variants = std::iter::once(input.clone()).chain(mutations(input, seed, MUTATIONS));
        for (variant, number) in variants.zip(0..) {
            if panic::catch_unwind(|| target(&variant)).is_err() {
                return Err(format!("{name}, variant {number}: {}", variant.escape_ascii()));
            }
            ran += 1;
        }
    }
    Ok(ran)
}

#[test]
fn corpora_replay() {
    for (name, target) in TARGETS {
        let mut files: Vec<PathBuf> = fs::read_dir(folder("corpus").join(name))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "the corpus of {name} is empty");
        let read = |file: &PathBuf| (file.display().to_string(), fs::read(file).unwrap());
        let inputs: Vec<_> = files.iter().map(read).collect();
        match replay(*target, &inputs) {
            Ok(ran) => println!("{name}: {ran} inputs"),
            Err(broken) => panic!("{name} broke on {broken}"),
        }
    }
}

#[test]
fn a_broken_law_is_reported_with_its_input() {
    let brittle: Target = |data| assert!(!data.contains(&b'!'), "a bang");
    let inputs = |text: &str| [("file".to_owned(), text.as_bytes().to_vec())];
    assert_eq!(replay(|_| (), &inputs("quiet!")), Ok(MUTATIONS + 1));
    assert_eq!(replay(brittle, &inputs("quiet!")), Err("file, variant 0: quiet!".to_owned()));
}

#[test]
fn every_target_has_its_entry_its_binary_and_its_corpus() {
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert!(names.is_sorted(), "{names:?}");
    let names: BTreeSet<String> =
        names.into_iter().chain(BEHIND_FEATURES).map(str::to_owned).collect();
    assert_eq!(stems("fuzz_targets"), names);
    assert_eq!(stems("corpus"), names);
    let manifest = fs::read_to_string(folder("Cargo.toml")).unwrap();
    let binaries = manifest.split("[[bin]]\nname = \"").skip(1);
    assert_eq!(
        binaries.map(|b| b.split('"').next().unwrap().to_owned()).collect::<BTreeSet<_>>(),
        names
    );
}
