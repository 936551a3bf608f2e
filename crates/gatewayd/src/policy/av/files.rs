//! The files of the folders: which of them are what, by their names, and which containers are the newest.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use gateway_av::container::Header;

use crate::policy::{Problem, yara};

/// Extensions of containers of signature files.
pub(super) const CONTAINERS: [&str; 3] = ["cld", "cud", "cvd"];

/// The extension of images.
const IMAGE: &str = "avimg";

/// Extensions of notes, and of what stands beside containers, which are passed over in silence.
pub(super) const NOTES: [&str; 4] = ["info", "md", "sign", "txt"];

/// The files of the folders `dirs`.
pub(super) fn all(dirs: &[PathBuf]) -> Result<Vec<PathBuf>, Problem> {
    let mut all = Vec::new();
    for dir in dirs {
        all.extend(files(dir).map_err(|source| Problem::Read { path: dir.clone(), source })?);
    }
    Ok(all)
}

pub(super) fn besides_images(dirs: &[PathBuf]) -> Result<Vec<PathBuf>, Problem> {
    let mut all = all(dirs)?;
    all.retain(|path| !NOTES.contains(&extension(path)) && !is_image(path) && !is_yara(path));
    Ok(all)
}

/// The files of `dir`, by name; hidden ones are none.
fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.is_file() && !hidden {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Whether a file holds YARA rules, by its name.
pub(super) fn is_yara(path: &Path) -> bool {
    let extension = extension(path);
    yara::SOURCES.contains(&extension) || extension == yara::COMPILED
}

/// Whether a file is an image, by its name.
pub(crate) fn is_image(path: &Path) -> bool {
    extension(path) == IMAGE
}

/// The files without those containers of which another one of the same name has a newer version:
/// updates leave a `.cld` beside the `.cvd`.
pub(super) fn newest(files: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut versions: BTreeMap<PathBuf, (u64, PathBuf)> = BTreeMap::new();
    for path in files.iter().filter(|path| CONTAINERS.contains(&extension(path))) {
        let version = version(path).unwrap_or(0);
        let one =
            versions.entry(path.with_extension("")).or_insert_with(|| (version, path.clone()));
        if version > one.0 {
            *one = (version, path.clone());
        }
    }
    let is_newest = |path: &PathBuf| {
        let newest = versions.get(&path.with_extension(""));
        !CONTAINERS.contains(&extension(path)) || newest.is_some_and(|(_, newest)| newest == path)
    };
    files.into_iter().filter(is_newest).collect()
}

/// The version of a container; `None` for what is none, which is told when it is loaded.
pub(super) fn version(path: &Path) -> Option<u64> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(512).read_to_end(&mut head).ok()?;
    Header::read(&head).ok().map(|header| header.version)
}

pub(in crate::policy) fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn container(version: u32) -> String {
        format!("{:512}", format!("ClamAV-VDB:now:{version}:0:90:X:X:tester:0"))
    }

    #[test]
    fn of_containers_of_one_name_the_newest_counts() {
        let scratch = Scratch::new();
        scratch.write("a.cvd", container(3));
        scratch.write("a.cld", container(4));
        scratch.write("b.cvd", container(5));
        scratch.write("b.cld", container(4));
        scratch.write("c.ndb", "");
        let names: Vec<_> = newest(files(scratch.path()).unwrap())
            .into_iter()
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, ["a.cld", "b.cvd", "c.ndb"]);
    }
}
