//! Folders of signature databases: from their files to the malware scanner.

mod files;
mod image;
mod problem;
mod source;
mod upon;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_av::container::{Container, ContainerError, Header, Sealing};
use gateway_av::signed::{Strictness, Trust, Vouched, certificates};
use gateway_av::{Av, DatabaseBuilder, DatabaseLimits, LoadError};

pub(super) use self::files::extension;
pub(crate) use self::files::is_image;
use self::files::{CONTAINERS, NOTES, all, besides_images, is_yara, newest, version};
pub(crate) use self::image::{image, read_image};
pub(crate) use self::problem::AvProblem;
pub(super) use self::source::Source;
use self::source::Told;
use self::upon::upon;
use super::malware::Malware;
use super::yara::{self, Yara};
use super::{PolicyError, Problem};
use crate::clock;
use crate::config::AvDatabases;

/// Bytes of a signature file that are read at a time.
const PIECE_BYTES: usize = 256 << 10;

/// The scanner with the databases and YARA rules in the folders `dirs`, by name in each; a folder
/// that is not there holds none. An image stands for all databases, so that it must be the only one.
/// What is left out is told in `warnings`.
///
/// # Errors
///
/// [`PolicyError`] with the first problem of every file.
pub(crate) fn load(
    dirs: &[PathBuf],
    settings: &AvDatabases,
    warnings: &mut Vec<Problem>,
) -> Result<Malware, PolicyError> {
    let rules = rules(dirs, settings, warnings);
    let signatures = signatures(dirs, None, settings, warnings);
    both(signatures, rules)
}

fn both(
    signatures: Result<Av, PolicyError>,
    rules: Result<Option<Yara>, PolicyError>,
) -> Result<Malware, PolicyError> {
    match (signatures, rules) {
        (Ok(signatures), Ok(rules)) => Ok(Malware::new(signatures, rules)),
        (Err(mut error), Err(others)) => {
            error.problems.extend(others.problems);
            Err(error)
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
    }
}

/// [`load`] where `before` is in force: if its files are as they were when it was loaded, that is it, and
/// takes no memory a second time. Where little has changed, the files that have are read, and what is new
/// in them is loaded; and YARA rules are where one of them has changed. What was told of other files then
/// is told again. Of an image whose whole is in force what lies upon that is read.
///
/// # Errors
///
/// As [`load`].
pub(super) fn load_after(
    before: Option<&Malware>,
    dirs: &[PathBuf],
    settings: &AvDatabases,
    warnings: &mut Vec<Problem>,
) -> Result<Malware, PolicyError> {
    let source = Source::look(dirs, settings)?;
    let known = before.and_then(|before| Some((before, before.source()?)));
    if let Some((before, known)) = known.filter(|(_, known)| known.is_as(&source)) {
        warnings.extend(known.warnings());
        return Ok(before.clone());
    }
    let mut told = Told::default();
    let rules = match known.filter(|(_, known)| known.has_rules_of(&source)) {
        Some((before, known)) => {
            told.rules.clone_from(&known.told().rules);
            Ok(before.rules().cloned())
        }
        None => noted(&mut told.rules, |warnings| rules(dirs, settings, warnings)),
    };
    let overlaid = before.and_then(|before| Some((before, upon(before, &source, settings)?)));
    let (under, signatures) = match overlaid {
        Some((before, Ok((signatures, about)))) => {
            told.signatures = about;
            (Some(before), Ok(signatures))
        }
        Some((before, Err(error))) => (Some(before), Err(error)),
        None => {
            let before = before.map(Malware::signatures_alone);
            let whole = |warnings: &mut Vec<_>| signatures(dirs, before, settings, warnings);
            (None, noted(&mut told.signatures, whole))
        }
    };
    let now = Source::look(dirs, settings)?;
    let source = source.with(told);
    warnings.extend(source.warnings());
    let (loaded, is_same) = (both(signatures, rules)?, now.is_as(&source));
    Ok(match under {
        Some(before) => loaded.upon(before, is_same.then_some(source)),
        None if is_same => loaded.of(source),
        None => loaded,
    })
}

/// What `load` comes to, with what it tells put to `told`.
fn noted<T>(told: &mut Vec<Arc<Problem>>, load: impl FnOnce(&mut Vec<Problem>) -> T) -> T {
    let mut warnings = Vec::new();
    let loaded = load(&mut warnings);
    told.extend(warnings.into_iter().map(Arc::new));
    loaded
}

/// The signatures in the folders `dirs`. Of an image that has the whole of `before` the layer alone is read.
fn signatures(
    dirs: &[PathBuf],
    before: Option<&Av>,
    settings: &AvDatabases,
    warnings: &mut Vec<Problem>,
) -> Result<Av, PolicyError> {
    let mut all = all(dirs)?;
    all.retain(|path| !NOTES.contains(&extension(path)) && !is_yara(path));
    match (all.iter().find(|path| is_image(path)), all.len()) {
        (Some(path), 1) => image::read_upon(path, before).map_err(PolicyError::from),
        (Some(path), _) => Err(AvProblem::ImageNotAlone { path: path.clone() }.into()),
        (None, _) => Ok(read(all, settings, warnings)?.build()),
    }
}

/// The YARA rules in the folders `dirs`.
///
/// # Errors
///
/// As [`load`].
pub(crate) fn rules(
    dirs: &[PathBuf],
    settings: &AvDatabases,
    warnings: &mut Vec<Problem>,
) -> Result<Option<Yara>, PolicyError> {
    let mut all = all(dirs)?;
    all.retain(|path| is_yara(path));
    yara::load(&all, settings, warnings)
}

/// What the folders `dirs` hold of databases besides images, to be built.
///
/// # Errors
///
/// As [`load`].
pub(crate) fn builder(
    dirs: &[PathBuf],
    settings: &AvDatabases,
    warnings: &mut Vec<Problem>,
) -> Result<DatabaseBuilder, PolicyError> {
    read(besides_images(dirs)?, settings, warnings)
}

fn read(
    files: Vec<PathBuf>,
    settings: &AvDatabases,
    warnings: &mut Vec<Problem>,
) -> Result<DatabaseBuilder, PolicyError> {
    let mut builder = DatabaseBuilder::new(DatabaseLimits::default());
    read_into(&mut builder, newest(files), settings, warnings)?;
    Ok(builder)
}

/// Takes in signature files and containers.
fn read_into(
    builder: &mut DatabaseBuilder,
    files: Vec<PathBuf>,
    settings: &AvDatabases,
    warnings: &mut Vec<Problem>,
) -> Result<(), PolicyError> {
    let trust = trust(settings)?;
    let mut problems = Vec::new();
    for path in files {
        let name = path.display().to_string();
        if CONTAINERS.contains(&extension(&path)) {
            match add_container(builder, &path, &trust, warnings) {
                Ok(()) => {}
                Err(error) => problems.push(error),
            }
        } else if !DatabaseBuilder::is_signature_file(&name) {
            warnings.push(AvProblem::Skipped { path }.into());
        } else if let Err(error) = add(builder, path, warnings) {
            problems.push(error);
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(PolicyError { problems }) }
}

fn add(
    builder: &mut DatabaseBuilder,
    path: PathBuf,
    warnings: &mut Vec<Problem>,
) -> Result<(), Problem> {
    let mut file = File::open(&path).map_err(|source| cannot_read(&path, source))?;
    let mut loading = builder.begin_file(&path.display().to_string()).map_err(AvProblem::from)?;
    in_pieces(&mut file, &path, |piece| Ok(loading.push(piece).map_err(AvProblem::from)?))?;
    let report = loading.finish().map_err(AvProblem::from)?;
    if report.unsupported_total() > 0 {
        warnings.push(AvProblem::Unsupported { path, report }.into());
    }
    Ok(())
}

fn add_container(
    builder: &mut DatabaseBuilder,
    path: &Path,
    trust: &Trust,
    warnings: &mut Vec<Problem>,
) -> Result<(), Problem> {
    let name = path.display().to_string();
    let mut file = File::open(path).map_err(|source| cannot_read(path, source))?;
    let beside = beside(path, version(path)).map_err(|source| cannot_read(path, source))?;
    let mut sealing = Sealing::new(beside);
    in_pieces(&mut file, path, |piece| {
        sealing.push(piece);
        Ok(())
    })?;
    let refused = |reason: ContainerError| {
        AvProblem::from(LoadError::Container { file: name.clone(), reason })
    };
    let mut loading = builder.begin_container(&name, sealing.finish(trust).map_err(refused)?);
    file.rewind().map_err(|source| cannot_read(path, source))?;
    in_pieces(&mut file, path, |piece| Ok(loading.push(piece).map_err(AvProblem::from)?))?;
    let (report, vouched) = loading.finish(trust).map_err(AvProblem::from)?;
    if let Vouched::Nobody(_) = vouched {
        warnings.push(AvProblem::Untrusted { path: path.to_owned(), vouched }.into());
    }
    if report.unsupported_total() > 0 {
        warnings.push(AvProblem::Unsupported { path: path.to_owned(), report }.into());
    }
    Ok(())
}

/// Shows what `file` holds to `take`, piece by piece: it may be larger than what becomes of it.
fn in_pieces(
    file: &mut File,
    path: &Path,
    mut take: impl FnMut(&[u8]) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let mut bytes = vec![0; PIECE_BYTES];
    loop {
        match file.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(read) => take(bytes.get(..read).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(cannot_read(path, error)),
        }
    }
}

fn cannot_read(path: &Path, source: io::Error) -> Problem {
    Problem::Read { path: path.to_owned(), source }
}

/// Opens the container `path` with the signature that stands beside it, if one does.
///
/// # Errors
///
/// What cannot be read, is damaged, or is not trusted.
pub(crate) fn open(path: &Path, trust: &Trust) -> Result<Container, Problem> {
    let cannot = |source| Problem::Read { path: path.to_owned(), source };
    let contents = std::fs::read(path).map_err(cannot)?;
    let version = Header::read(&contents).ok().map(|header| header.version);
    let beside = beside(path, version).map_err(cannot)?;
    let max = DatabaseLimits::default().unpacked_bytes_max;
    let container = Container::open(&contents, beside.as_deref(), trust, max);
    container.map_err(|reason| {
        let file = path.display().to_string();
        AvProblem::from(LoadError::Container { file, reason }).into()
    })
}

/// The signature that stands beside a file, under its name or with the version in it:
/// `main.cvd.sign` or `main-62.cvd.sign`.
pub(crate) fn beside(path: &Path, version: Option<u64>) -> io::Result<Option<Vec<u8>>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut names = vec![format!("{name}.sign")];
    if let (Some(version), Some((stem, extension))) = (version, name.rsplit_once('.')) {
        names.push(format!("{stem}-{version}.{extension}.sign"));
    }
    for name in names {
        match std::fs::read(path.with_file_name(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => return read.map(Some),
        }
    }
    Ok(None)
}

/// Whom to believe, by the settings.
///
/// # Errors
///
/// A file of certificates that cannot be read.
pub(crate) fn trust(settings: &AvDatabases) -> Result<Trust, Problem> {
    let mut trust = Trust { now: Some(clock::unix_s()), ..Trust::default() };
    if !settings.strict {
        trust.strictness = Strictness::Lax;
    }
    for path in &settings.certificates {
        let pem =
            std::fs::read(path).map_err(|source| Problem::Read { path: path.clone(), source })?;
        let all = certificates(&pem);
        let wrong = |source| AvProblem::Certificates { path: path.clone(), source };
        trust.certificates.extend(all.map_err(wrong)?);
    }
    Ok(trust)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn container(version: u32) -> String {
        format!("{:512}", format!("ClamAV-VDB:now:{version}:0:90:X:X:tester:0"))
    }

    #[test]
    fn unsigned_containers_are_refused_unless_told_otherwise() {
        let scratch = Scratch::new();
        scratch.write("av/a.cud", container(1));
        let dirs = [scratch.path().join("av")];
        let mut warnings = Vec::new();
        let error = load(&dirs, &AvDatabases::default(), &mut warnings).unwrap_err();
        assert!(
            error.to_string().contains("a.cud: not signed by anyone who is trusted"),
            "{error}"
        );
        let lax = AvDatabases { strict: false, ..AvDatabases::default() };
        assert_eq!(load(&dirs, &lax, &mut warnings).unwrap().signatures(), 1);
        let [warning] = &warnings[..] else { panic!("{warnings:?}") };
        assert!(warning.to_string().ends_with("not trusted: there is no signature"), "{warning}");
    }

    #[test]
    fn databases_that_have_not_changed_are_kept() {
        let scratch = Scratch::new();
        scratch.write("av/own.ndb", "own:0:*:6d6f72706869\nwide:0:*:6161{1-999}6262\n");
        let (dirs, settings) = ([scratch.path().join("av")], AvDatabases::default());
        let load_after = |before: Option<&Malware>, settings: &AvDatabases| {
            let mut warnings = Vec::new();
            let loaded = load_after(before, &dirs, settings, &mut warnings).unwrap();
            let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
            (loaded, warnings)
        };
        let is_same = |one: &Malware, other: &Malware| {
            let (one, other) = (one.examiners(), other.examiners());
            one.iter().zip(&other).all(|(one, other)| Arc::ptr_eq(one, other))
        };
        let (first, warnings) = load_after(None, &settings);
        assert!(warnings.len() == 1 && warnings[0].contains("1 unsupported"), "{warnings:?}");
        let (kept, again) = load_after(Some(&first), &settings);
        assert!(is_same(&first, &kept) && again == warnings, "{again:?}");
        // Other settings, another file, and the same one written anew.
        let lax = AvDatabases { strict: false, ..settings.clone() };
        assert!(!is_same(&first, &load_after(Some(&first), &lax).0));
        scratch.write("av/more.ndb", "more:0:*:6d6f72706868\n");
        let (more, warnings) = load_after(Some(&kept), &settings);
        assert!(!is_same(&first, &more) && warnings == again, "{warnings:?}");
        assert_eq!((first.signatures(), more.signatures()), (2, 3));
        let new = scratch.write("av/.more", "less:0:*:6d6f72706868\n");
        std::fs::rename(new, dirs[0].join("more.ndb")).unwrap();
        assert!(!is_same(&more, &load_after(Some(&more), &settings).0));
    }

    #[test]
    fn an_image_stands_for_its_folder() {
        let scratch = Scratch::new();
        scratch.write("av/own.ndb", "own:0:*:6d6f72706869\n");
        let (dir, settings) = (scratch.path().join("av"), AvDatabases::default());
        let mut warnings = Vec::new();
        let image = image(std::slice::from_ref(&dir), None, &settings, &mut warnings).unwrap();
        std::fs::write(dir.join("all.avimg"), image).unwrap();
        let beside = load(std::slice::from_ref(&dir), &settings, &mut warnings).unwrap_err();
        assert!(beside.to_string().contains("nothing beside it"), "{beside}");
        std::fs::remove_file(dir.join("own.ndb")).unwrap();
        assert_eq!(
            load(std::slice::from_ref(&dir), &settings, &mut warnings).unwrap().signatures(),
            2
        );
        for bytes in [&b"short"[..], &[b'x'; 50]] {
            std::fs::write(dir.join("all.avimg"), bytes).unwrap();
            let error = load(std::slice::from_ref(&dir), &settings, &mut warnings).unwrap_err();
            assert!(error.to_string().contains("expected an image"), "{error}");
        }
        assert!(warnings.is_empty(), "{warnings:?}");
    }

    #[test]
    fn of_an_image_what_has_changed_is_loaded() {
        let scratch = Scratch::new();
        let line = |n: u32| format!("Large-{n}:0:*:{n:08x}2d2d2d2d\n");
        let write = |own: &str| {
            let lines = (0..400).map(line).collect::<String>() + own;
            scratch.write("files/large.ndb", lines);
        };
        let (files, dirs) = ([scratch.path().join("files")], [scratch.path().join("av")]);
        std::fs::create_dir(&dirs[0]).unwrap();
        let (path, settings) = (dirs[0].join("all.avimg"), AvDatabases::default());
        let build = |older: Option<&Path>| {
            let image = image(&files, older, &settings, &mut Vec::new()).unwrap();
            std::fs::write(path.with_extension("new"), &image).unwrap();
            std::fs::rename(path.with_extension("new"), &path).unwrap();
            image.len()
        };
        let load = |before: Option<&Malware>| {
            load_after(before, &dirs, &settings, &mut Vec::new()).unwrap()
        };
        let shares = |one: &Malware, other: &Malware| {
            one.signatures_alone().shares_with(other.signatures_alone())
        };
        write("Own-1:0:*:6d6f72\n");
        let whole = build(None);
        let first = load(None);
        write("Own-2:0:*:6d6f72\nOwn-3:0:*:6d6f72\n");
        let layered = build(Some(&path));
        assert!(layered > whole);
        let second = load(Some(&first));
        assert!(shares(&second, &first));
        assert_eq!((first.signatures(), second.signatures()), (402, 403));
        // By itself it is the same.
        let alone = load(None);
        assert!(!shares(&alone, &first));
        assert_eq!(alone.signatures(), 403);
        // Back to what was there at first, which lies upon the whole as well.
        write("Own-1:0:*:6d6f72\n");
        build(Some(&path));
        let third = load(Some(&second));
        assert!(shares(&third, &first) && third.signatures() == 402);
        // Much has changed, or all is to be made anew.
        write(&(0..30).map(|n| format!("Own-{n}:0:*:6d6f72\n")).collect::<String>());
        build(Some(&path));
        let fourth = load(Some(&third));
        assert!(!shares(&fourth, &third) && fourth.signatures() == 431);
        // A damaged layer changes nothing.
        write("Own-1:0:*:6d6f72\n");
        build(None);
        let fifth = load(Some(&fourth));
        write("Own-2:0:*:6d6f72\n");
        let len = build(Some(&path));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[len - 9] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let error = load_after(Some(&fifth), &dirs, &settings, &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("all.avimg: the image is damaged"), "{error}");
        // Files are no image, though they have the same names.
        std::fs::remove_file(&path).unwrap();
        std::fs::copy(files[0].join("large.ndb"), dirs[0].join("large.ndb")).unwrap();
        assert!(!shares(&load(Some(&fifth)), &fifth));
    }
}
