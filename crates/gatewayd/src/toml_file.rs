//! Reads a TOML file into a value, with errors that name file, line and column, what was found
//! and what was expected. What the value means is its reader's business.

use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use toml::Spanned;
use toml::de::DeArray;

use crate::place::Place;

/// Why a TOML file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TomlError {
    /// The file could not be read.
    #[error("cannot read {}: {source}", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The text is no TOML, or does not have the form that is expected.
    #[error("{place}: {message}{}", hint(.meant.as_deref()))]
    Parse {
        /// Where.
        place: Place,
        /// What was found and what was expected.
        message: String,
        /// The known word that an unknown one was probably meant to be.
        meant: Option<String>,
    },
}

fn hint(meant: Option<&str>) -> String {
    meant.map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
}

/// The text of `file`.
///
/// # Errors
///
/// [`TomlError::Read`]; [`TomlError::Parse`] where it is no UTF-8.
pub(crate) fn read(file: &Path) -> Result<String, TomlError> {
    let bytes =
        std::fs::read(file).map_err(|source| TomlError::Read { file: file.to_owned(), source })?;
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let message = "found bytes that are no UTF-8, expected text".to_owned();
        TomlError::Parse { place: Place::of(file, &text, offset), message, meant: None }
    })
}

/// The value that `text`, the contents of `file`, describes.
///
/// # Errors
///
/// [`TomlError::Parse`].
pub(crate) fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let message = error.message().replace('\n', ", ");
        let meant = meant(&message);
        TomlError::Parse { place: Place::of(file, text, offset), message, meant }
    })
}

/// The place of the key at `path` in `text`, or of the nearest table above it that is there. Members
/// of an array go by their number, counted from 0.
pub(crate) fn place_of(file: &Path, text: &str, path: &[&str]) -> Place {
    let mut offset = 0;
    if let Ok(document) = toml::de::DeTable::parse(text) {
        let (mut table, mut array) = (Some(document.get_ref()), None::<&DeArray<'_>>);
        for key in path {
            if let Some((found, value)) = table.and_then(|table| table.get_key_value(*key)) {
                offset = found.span().start;
                (table, array) = (value.get_ref().as_table(), value.get_ref().as_array());
            } else if let Some(value) = array.zip(key.parse().ok()).and_then(member) {
                offset = value.span().start;
                (table, array) = (value.get_ref().as_table(), value.get_ref().as_array());
            } else {
                break;
            }
        }
    }
    Place::of(file, text, offset)
}

fn member<'a, 'i>(
    (array, number): (&'a DeArray<'i>, usize),
) -> Option<&'a Spanned<toml::de::DeValue<'i>>> {
    array.get(number)
}

/// The nearest known word for the unknown one of which serde complains: its message quotes first
/// the unknown word, then the known ones.
fn meant(message: &str) -> Option<String> {
    if !message.starts_with("unknown ") {
        return None;
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    nearest(unknown, quoted).map(str::to_owned)
}

/// Of `known`, the word nearest to `word` by edits, if it is near enough to have been meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|&(edits, _)| edits <= allowed)
        .min_by_key(|&(edits, _)| edits)
        .map(|(_, candidate)| candidate)
}

/// Letters to insert, delete, replace or swap with their neighbour to make one word the other
/// (optimal string alignment).
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(WORD_CHARS_MAX).collect();
    let b: Vec<char> = b.chars().take(WORD_CHARS_MAX).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, &from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &to) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&above, j) + usize::from(from != to))
                .min(at(&above, j + 1) + 1)
                .min(at(&row, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(&to) && b.get(j - 1) == Some(&from) {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

/// Longer words are compared by their beginnings.
const WORD_CHARS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read by no one, but must parse")]
    struct Sample {
        listen: Option<Vec<std::net::SocketAddr>>,
        idle_ms: Option<u32>,
        mode: Option<Mode>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Mode {
        Relay,
        Refuse,
    }

    #[test]
    fn errors_name_the_place_what_was_found_and_what_was_meant() {
        for (text, at, says) in [
            ("lisen = []\n", "f:1:1", "did you mean `listen`?"),
            ("\nmode = \"realy\"\n", "f:2:8", "did you mean `relay`?"),
            ("\n\nidle_ms = \"5s\"", "f:3:11", "expected u32"),
            ("idle_ms = -1", "f:1:11", "expected u32"),
            ("listen = [\"127.0.0.1\"]", "f:1:11", "socket address"),
            ("idle_ms = 1\nidle_ms = 2", "f:2:1", "duplicate key"),
            ("mode = \"refuse\"\nidle_ms = ", "f:2:11", ""),
        ] {
            let error = parse::<Sample>(Path::new("f"), text).unwrap_err().to_string();
            assert!(error.starts_with(at) && error.contains(says), "{text:?}: {error}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_told_with_their_place() {
        let folder = crate::scratch::Scratch::new();
        let file = folder.path().join("f.toml");
        std::fs::write(&file, b"a = 1\n\xc3\xbc = \"\xff\"\n").unwrap();
        let error = read(&file).unwrap_err().to_string();
        assert!(
            error.ends_with("f.toml:2:6: found bytes that are no UTF-8, expected text"),
            "{error}"
        );
        let missing = read(&folder.path().join("none")).unwrap_err();
        assert!(matches!(missing, TomlError::Read { .. }), "{missing}");
    }

    #[test]
    fn keys_are_found() {
        let text = "a = 1\n[log]\n  records = \"x\"\n";
        for (path, at) in [
            (&["a"][..], "f:1:1"),
            (&["log", "records"], "f:3:3"),
            (&["log", "none"], "f:2:2"),
            (&["none"], "f:1:1"),
        ] {
            assert_eq!(place_of(Path::new("f"), text, path).to_string(), at, "{path:?}");
        }
    }

    #[test]
    fn the_nearest_word_is_the_one_of_fewest_edits() {
        for (word, meant) in [
            ("lisen", Some("listen")),
            ("lsiten", Some("listen")),
            ("clinets", Some("clients")),
            ("zzz", None),
        ] {
            assert_eq!(nearest(word, ["listen", "clients", "limits"]), meant, "{word}");
        }
    }
}
