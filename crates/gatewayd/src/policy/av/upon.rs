//! Signature databases of which little has changed: the files that have are read, and what is new in them
//! is laid upon what was loaded as a whole.

use std::path::Path;
use std::sync::Arc;

use gateway_av::{Av, DatabaseBuilder, DatabaseLimits, Replaced};

use super::source::Changes;
use super::{AvProblem, CONTAINERS, Source, extension, read_into};
use crate::config::AvDatabases;
use crate::policy::{Malware, PolicyError, Problem};

/// The part of a database that may have changed: one in so many. What is hidden of the old one stays in
/// memory, and what is new comes on top, twice while one overlay follows another; bodies are looked for in
/// two passes, too. Loading a twentieth takes up to a tenth of the memory of the whole at its peak.
pub(super) const PART_MIN: usize = 20;

/// Signatures, and what was told of them.
type Loaded = (Av, Vec<Arc<Problem>>);

/// The signatures of `now`, laid upon those that `before` stands on, and what was told of them; `None`
/// where all of them must be loaded: too much has changed, or what has to do with other files.
///
/// # Errors
///
/// [`PolicyError`] with the first problem of every file that has changed.
pub(super) fn upon(
    before: &Malware,
    now: &Source,
    settings: &AvDatabases,
) -> Option<Result<Loaded, PolicyError>> {
    let whole = before.whole()?;
    let Changes { gone, fresh } = now.changes_since(whole)?;
    let mut told = Vec::new();
    let names: Vec<_> = gone.iter().filter_map(|path| name_of(path)).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let (replaced, limits) = (Replaced::Files(&names), DatabaseLimits::default());
    let mut overlay = before.signatures_alone().overlay(replaced, limits, PART_MIN).ok()?;
    if let Err(error) = read_into(overlay.files(), fresh, settings, &mut told) {
        return Some(Err(error));
    }
    let signatures = overlay.build().ok()?;
    let is_kept = |problem: &&Arc<Problem>| {
        let about = about(problem);
        about.is_none_or(|about| gone.iter().all(|path| path != about))
    };
    let kept = whole.told().signatures.iter().filter(is_kept).cloned();
    let mut told: Vec<_> = kept.chain(told.into_iter().map(Arc::new)).collect();
    // In the order of the files.
    told.sort_by(|one, other| about(one).cmp(&about(other)));
    Some(Ok((signatures, told)))
}

fn is_container(path: &Path) -> bool {
    CONTAINERS.contains(&extension(path))
}

/// The name that a file was loaded under, if it is one of signatures.
fn name_of(path: &Path) -> Option<String> {
    let name = path.display().to_string();
    (is_container(path) || DatabaseBuilder::is_signature_file(&name)).then_some(name)
}

/// The file that something was told of.
fn about(problem: &Problem) -> Option<&Path> {
    match problem {
        Problem::Again(problem) => about(problem),
        Problem::Av(
            AvProblem::Skipped { path }
            | AvProblem::Untrusted { path, .. }
            | AvProblem::Unsupported { path, .. },
        ) => Some(path),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Wanted};

    use super::super::load_after;
    use super::*;
    use crate::scratch::Scratch;

    const SAMPLE: &[u8] = b"..morphi..";

    /// A folder with a large file, and what is loaded from it.
    struct Folder {
        scratch: Scratch,
        dirs: [PathBuf; 1],
        loaded: Malware,
        warnings: Vec<String>,
    }

    impl Folder {
        fn new(files: &[(&str, &str)]) -> Self {
            let scratch = Scratch::new();
            let dirs = [scratch.path().join("av")];
            let line = |n: u32| format!("Large-{n}:0:*:{n:08x}2d2d2d2d\n");
            scratch.write("av/large.ndb", (0..400).map(line).collect::<String>());
            for (name, lines) in files {
                scratch.write(&format!("av/{name}"), *lines);
            }
            let mut warnings = Vec::new();
            let settings = AvDatabases::default();
            let loaded = load_after(None, &dirs, &settings, &mut warnings).unwrap();
            let warnings = warnings.iter().map(ToString::to_string).collect();
            Self { scratch, dirs, loaded, warnings }
        }

        fn write(&self, name: &str, lines: &str) {
            self.scratch.write(&format!("av/{name}"), lines);
        }

        /// Loads it once more, and says whether it lies upon what was loaded before.
        fn reload(&mut self) -> Result<bool, PolicyError> {
            let mut warnings = Vec::new();
            let settings = AvDatabases::default();
            let before = &self.loaded;
            let loaded = load_after(Some(before), &self.dirs, &settings, &mut warnings)?;
            let shares = loaded.signatures_alone().shares_with(before.signatures_alone());
            self.warnings = warnings.iter().map(ToString::to_string).collect();
            self.loaded = loaded;
            Ok(shares)
        }

        /// What is found in the sample.
        fn found(&self) -> Vec<String> {
            let part = Part::root(PartKind::Text, None);
            let limits = Limits::default();
            let examiners = self.loaded.examiners();
            let mut chain = Chain::open(&examiners, &part, &Wanted::all(), &limits);
            let mut found = Findings::new(0);
            chain.push(SAMPLE, &mut found);
            chain.finish(&mut found);
            let names = found.drain().map(|finding| finding.entry.id.to_string());
            let mut names: Vec<_> = names.collect();
            names.sort_unstable();
            names
        }
    }

    #[test]
    fn what_has_changed_lies_upon_what_has_not() {
        let own = "Own-1:0:*:6d6f72\n";
        let mut folder = Folder::new(&[("own.ndb", own), ("a.txt", "a note")]);
        let first = folder.loaded.clone();
        assert_eq!((folder.found(), folder.loaded.signatures()), (vec!["Own-1".into()], 402));
        // A line more, a file more, a file less, and all as it was.
        folder.write("own.ndb", &format!("{own}Own-2:0:*:7068\n"));
        assert!(folder.reload().unwrap());
        assert_eq!(
            (folder.found(), folder.loaded.signatures()),
            (vec!["Own-1".into(), "Own-2".into()], 403)
        );
        folder.write("more.ldb", "More-1;Target:0;0&1;6d6f;7068\n");
        assert!(folder.reload().unwrap());
        assert_eq!(folder.found(), ["More-1", "Own-1", "Own-2"]);
        std::fs::remove_file(folder.dirs[0].join("own.ndb")).unwrap();
        assert!(folder.reload().unwrap());
        assert_eq!((folder.found(), folder.loaded.signatures()), (vec!["More-1".into()], 402));
        std::fs::remove_file(folder.dirs[0].join("more.ldb")).unwrap();
        folder.write("own.ndb", own);
        assert!(folder.reload().unwrap());
        assert_eq!((folder.found(), folder.loaded.signatures()), (vec!["Own-1".into()], 402));
        assert!(folder.loaded.signatures_alone().shares_with(first.signatures_alone()));
    }

    #[test]
    fn what_is_much_or_has_to_do_with_other_files_is_loaded_as_a_whole() {
        let mut folder = Folder::new(&[("own.ndb", "Own-1:0:*:6d6f72\n")]);
        let many = "Own-1:0:*:6d6f72\n".repeat(60);
        for (name, lines, shares, found) in [
            ("own.ndb", many.as_str(), false, 32),
            ("own.ndb", "Own-1:0:*:6d6f72\n", false, 1),
            ("own.ndb", "Own-2:0:*:6d6f72\n", true, 1),
            ("own.ign2", "# none\n", true, 1),
            ("own.ign2", "Own-2\n", false, 0),
            ("more.ndb", "Own-2:0:*:6d6f72\nMore:0:*:7068\n", true, 1),
            ("own.ign2", "# the same\nOwn-2\n", true, 1),
            ("own.ign2", "More\n", false, 2),
            ("own.fp", "900150983cd24fb0d6963f7d28e17f72:3:x\n", false, 2),
            ("more.ldb", "M;Target:0;0&1;6d6f;${3-5}7$\n", false, 2),
            ("more.cat", "x\n", true, 2),
        ] {
            folder.write(name, lines);
            assert_eq!(folder.reload().unwrap(), shares, "{name} {lines}");
            assert_eq!(folder.found().len(), found, "{name} {lines}");
        }
        let lax = AvDatabases { strict: false, ..AvDatabases::default() };
        let mut warnings = Vec::new();
        folder.write("own.ndb", "Own-1:0:*:6d6f72\n");
        let loaded = load_after(Some(&folder.loaded), &folder.dirs, &lax, &mut warnings).unwrap();
        assert!(!loaded.signatures_alone().shares_with(folder.loaded.signatures_alone()));
    }

    #[test]
    fn of_a_large_file_what_has_changed_is_loaded() {
        let mut folder = Folder::new(&[]);
        let line = |n: u32| format!("Large-{n}:0:*:{n:08x}2d2d2d2d\n");
        let lines = |without: u32| -> String {
            (0..400).filter(|n| *n != without).map(line).collect::<String>() + "Own-1:0:*:6d6f72\n"
        };
        folder.write("large.ndb", &lines(7));
        assert!(folder.reload().unwrap());
        assert_eq!((folder.found(), folder.loaded.signatures()), (vec!["Own-1".into()], 401));
        // The lines of it in two files.
        folder.write("large.ndb", &(0..200).map(line).collect::<String>());
        folder.write("more.sdb", &(200..400).map(line).collect::<String>().replace('\n', "\r\n"));
        assert!(folder.reload().unwrap());
        assert_eq!((folder.found(), folder.loaded.signatures()), (Vec::<String>::new(), 401));
        folder.write("large.ndb", &(0..190).map(line).collect::<String>());
        assert!(folder.reload().unwrap());
        assert_eq!(folder.loaded.signatures(), 391);
        folder.write("large.ndb", "");
        assert!(!folder.reload().unwrap());
        assert_eq!(folder.loaded.signatures(), 201);
    }

    /// A container that nobody vouches for, with one member.
    fn container(version: u32, member: &str, lines: &str) -> Vec<u8> {
        let list = format!("ClamAV-VDB:now:{version}:0:90:X:X:tester:0\n");
        let files = [("a.info", list.as_str()), (member, lines), ("a.ign2", "Own-3\n")];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        gateway_av::container::pack("a", &files.into()).unwrap()
    }

    #[test]
    fn of_a_container_what_has_changed_is_loaded() {
        let scratch = Scratch::new();
        let line = |n: u32| format!("Large-{n}:0:*:{n:08x}2d2d2d2d\n");
        let lines = |own: &str| (0..400).map(line).collect::<String>() + own;
        let dirs = [scratch.path().join("av")];
        let lax = AvDatabases { strict: false, ..AvDatabases::default() };
        let write = |name: &str, version, member: &str, own: &str| {
            let bytes = container(version, member, &lines(own));
            std::fs::write(dirs[0].join(name), bytes).unwrap();
        };
        std::fs::create_dir(&dirs[0]).unwrap();
        write("a.cvd", 3, "a.ndb", "Own-1:0:*:6d6f72\n");
        let mut warnings = Vec::new();
        let mut loaded = load_after(None, &dirs, &lax, &mut warnings).unwrap();
        for (name, version, member, own, signatures) in [
            ("a.cvd", 4, "a.ndb", "Own-2:0:*:6d6f72\n", 402),
            // What brings it up to date leaves the old one beside it.
            ("a.cld", 5, "a.ndb", "Own-2:0:*:6d6f72\nOwn-3:0:*:6d6f72\n", 402),
            ("a.cld", 6, "b.ndb", "", 401),
        ] {
            write(name, version, member, own);
            warnings.clear();
            let now = load_after(Some(&loaded), &dirs, &lax, &mut warnings).unwrap();
            let is_same = now.signatures_alone().shares_with(loaded.signatures_alone());
            assert_eq!((is_same, now.signatures()), (true, signatures), "{name} {version}");
            let [warning] = &warnings[..] else { panic!("{warnings:?}") };
            assert!(warning.to_string().contains(&format!("{name}: not trusted")), "{warning}");
            loaded = now;
        }
    }

    #[test]
    fn a_wrong_file_changes_nothing() {
        let mut folder = Folder::new(&[("own.ndb", "Own-1:0:*:6d6f72\n")]);
        folder.write("own.ndb", "Own-1:0:*:6d6f7\n");
        let error = folder.reload().unwrap_err().to_string();
        assert!(error.contains("own.ndb:1:16:"), "{error}");
        assert_eq!(folder.found(), ["Own-1"]);
    }

    #[test]
    fn what_was_told_of_other_files_is_told_again() {
        let wide = "wide:0:*:6161{1-999}6262\n";
        let mut folder =
            Folder::new(&[("a.ndb", wide), ("b.ndb", wide), ("c.odd", "?"), ("own.ndb", "")]);
        let names = |folder: &Folder| -> Vec<String> {
            let name = |warning: &String| {
                let path = warning.split(": ").next().unwrap_or_default();
                path.rsplit('/').next().unwrap_or_default().to_owned()
            };
            folder.warnings.iter().map(name).collect()
        };
        assert_eq!(names(&folder), ["a.ndb", "b.ndb", "c.odd"]);
        folder.write("a.ndb", "a:0:*:6d6f72\n");
        folder.write("aa.ndb", wide);
        assert!(folder.reload().unwrap());
        assert_eq!(names(&folder), ["aa.ndb", "b.ndb", "c.odd"]);
        assert!(folder.reload().unwrap());
        assert_eq!(names(&folder), ["aa.ndb", "b.ndb", "c.odd"]);
    }

    #[test]
    fn of_containers_the_newest_counts() {
        let scratch = Scratch::new();
        let line = |n: u32| format!("Large-{n}:0:*:{n:08x}2d2d2d2d\n");
        scratch.write("av/large.ndb", (0..4_000).map(line).collect::<String>());
        let container =
            |version: u32| format!("{:512}", format!("ClamAV-VDB:now:{version}:0:90:X:X:tester:0"));
        scratch.write("av/a.cvd", container(3));
        let dirs = [scratch.path().join("av")];
        let lax = AvDatabases { strict: false, ..AvDatabases::default() };
        let mut warnings = Vec::new();
        let first = load_after(None, &dirs, &lax, &mut warnings).unwrap();
        scratch.write("av/a.cld", container(4));
        warnings.clear();
        let second = load_after(Some(&first), &dirs, &lax, &mut warnings).unwrap();
        assert!(second.signatures_alone().shares_with(first.signatures_alone()));
        let [warning] = &warnings[..] else { panic!("{warnings:?}") };
        assert!(warning.to_string().contains("a.cld: not trusted"), "{warning}");
    }
}
