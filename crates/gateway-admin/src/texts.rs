//! The text files of a policy folder: what people write, as against databases.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::Path;

/// The files by name.
pub(crate) type Texts = BTreeMap<String, String>;

/// The file that holds the rules.
pub(crate) const RULES: &str = "rules.toml";
/// The file that holds the lists.
pub(crate) const LISTS: &str = "lists.toml";

/// Bytes of one file.
const BYTES_MAX: u64 = 8 << 20;
/// Files of a folder.
const FILES_MAX: usize = 64;

/// Reads the text files of `folder`.
///
/// # Errors
///
/// What the system said; `InvalidData` for more or larger files than a policy has.
pub(crate) fn read(folder: &Path) -> io::Result<Texts> {
    let mut texts = Texts::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().filter(|name| is_name(name)).map(str::to_owned)
        else {
            continue;
        };
        if !std::fs::metadata(entry.path())?.is_file() {
            continue;
        }
        let too_much =
            || io::Error::new(io::ErrorKind::InvalidData, format!("{name}: more than expected"));
        let mut text = String::new();
        let file = std::fs::File::open(entry.path())?;
        file.take(BYTES_MAX + 1).read_to_string(&mut text)?;
        if text.len() as u64 > BYTES_MAX || texts.len() >= FILES_MAX {
            return Err(too_much());
        }
        texts.insert(name, text);
    }
    Ok(texts)
}

/// Writes `texts` into `folder`.
///
/// # Errors
///
/// What the system said.
pub(crate) fn write(folder: &Path, texts: &Texts) -> io::Result<()> {
    for (name, text) in texts {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// Whether a text file of a policy may be called `name`: it leads to no other folder.
pub(crate) fn is_name(name: &str) -> bool {
    let stem = name.strip_suffix(".toml").unwrap_or_default();
    let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    !stem.is_empty() && name.len() <= 64 && stem.bytes().all(sound)
}

/// A mark by which equal texts are known, in the form of an entity tag (RFC 9110, section 8.8.3).
/// It finds changes that were not known of; it is no defence against forgery.
pub(crate) fn mark_of<N: AsRef<str>, T: AsRef<str>>(texts: &[(N, T)]) -> String {
    let mut hasher = DefaultHasher::new();
    for (name, text) in texts {
        (name.as_ref(), text.as_ref()).hash(&mut hasher);
    }
    format!("\"{:016x}\"", hasher.finish())
}

/// The mark of a policy's texts.
pub(crate) fn mark(texts: &Texts) -> String {
    mark_of(&texts.iter().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn names_lead_nowhere_else() {
        for (name, is) in [
            ("rules.toml", true),
            ("a-b_1.toml", true),
            ("../rules.toml", false),
            ("a/b.toml", false),
            (".toml", false),
            ("..toml", false),
            ("rules.toml.bak", false),
            ("Rules.toml", false),
        ] {
            assert_eq!(is_name(name), is, "{name}");
        }
    }

    #[test]
    fn texts_are_read_and_every_change_shows() {
        let scratch = Scratch::new();
        scratch.write("rules.toml", "a");
        scratch.write("av/x.hdb", "");
        scratch.write("README.md", "");
        let first = read(scratch.path()).unwrap();
        assert_eq!(first.len(), 1);
        scratch.write("rules.toml", "b");
        let second = read(scratch.path()).unwrap();
        assert_ne!(mark(&first), mark(&second));
        write(scratch.path(), &first).unwrap();
        assert_eq!(mark(&read(scratch.path()).unwrap()), mark(&first));
    }
}
