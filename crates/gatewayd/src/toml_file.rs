//! Reads a TOML file into a value, with errors that name file, line and column, what was found
//! and what was expected. What the value means is its reader's business.

mod strict;

use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use toml::Spanned;
use toml::de::{DeArray, Deserializer};

use self::strict::Strict;
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
    let parsed = Deserializer::parse(text).and_then(|parsed| T::deserialize(Strict(parsed)));
    parsed.map_err(|error| {
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
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        listen: Option<Vec<std::net::SocketAddr>>,
        idle_ms: Option<u32>,
        mode: Option<Mode>,
        modes: Option<Vec<Mode>>,
        bytes: Option<u64>,
        on: Option<bool>,
        name: Option<Spanned<String>>,
        inner: Option<Inner>,
        list: Option<Vec<Inner>>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Inner {
        mode: Option<Mode>,
        names: BTreeMap<String, u16>,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
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
            ("listen = [\"127.0.0.1\"]", "f:1:11", "socket address"),
            ("idle_ms = 1\nidle_ms = 2", "f:2:1", "duplicate key"),
            ("mode = \"refuse\"\nidle_ms = ", "f:2:11", ""),
        ] {
            let error = parse::<Sample>(Path::new("f"), text).unwrap_err().to_string();
            assert!(error.starts_with(at) && error.contains(says), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_value_of_another_kind_is_told_what_is_wanted_and_which_words_there_are() {
        let modes = "a word, one of `relay`, `refuse`";
        let keys = "a table of `mode`, `names`";
        let number = "a whole number from 0 to 4294967295";
        for (text, at, found, wanted) in [
            ("mode = true", "f:1:8", "invalid type: boolean `true`", modes),
            ("mode = 5", "f:1:8", "invalid type: integer `5`", modes),
            ("mode = {}", "f:1:8", "invalid type: map", modes),
            ("mode = [\"relay\"]", "f:1:8", "invalid type: sequence", modes),
            ("modes = [true]", "f:1:10", "invalid type: boolean `true`", modes),
            ("\n[inner]\nmode = 1", "f:3:8", "invalid type: integer `1`", modes),
            ("inner = true", "f:1:9", "invalid type: boolean `true`", keys),
            ("inner = [\"relay\"]", "f:1:9", "invalid type: sequence", keys),
            ("inner = []", "f:1:9", "invalid type: sequence", keys),
            ("list = [{}, 1]", "f:1:13", "invalid type: integer `1`", keys),
            ("[inner]\nnames = 1", "f:2:9", "invalid type: integer `1`", "a table"),
            ("listen = true", "f:1:10", "invalid type: boolean `true`", "a list in [ ]"),
            ("\n\nidle_ms = \"5s\"", "f:3:11", "invalid type: string \"5s\"", number),
            ("idle_ms = -1", "f:1:11", "invalid value: integer `-1`", number),
            ("idle_ms = 4294967296", "f:1:11", "invalid value: integer `4294967296`", number),
            ("idle_ms = 1.5", "f:1:11", "invalid type: floating point `1.5`", number),
            ("bytes = -1", "f:1:9", "integer `-1`", "a whole number that is not negative"),
            ("on = \"yes\"", "f:1:6", "invalid type: string \"yes\"", "a boolean"),
            ("name = 1", "f:1:8", "invalid type: integer `1`", "a string"),
        ] {
            let error = parse::<Sample>(Path::new("f"), text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{at}: ")), "{text:?}: {error}");
            assert!(error.contains(found), "{text:?}: {error}");
            assert!(error.ends_with(&format!(", expected {wanted}")), "{text:?}: {error}");
        }
    }

    #[test]
    fn what_is_right_is_read() {
        let text = "listen = [\"127.0.0.1:1\"]\nidle_ms = 5\nmode = \"relay\"\nbytes = 9\non = true\n\
                    modes = [\"refuse\"]\nname = \"x\"\n[inner]\nmode = \"refuse\"\n[inner.names]\na = 1\n\
                    [[list]]\n[[list]]\nmode = \"relay\"\n";
        let sample: Sample = parse(Path::new("f"), text).unwrap();
        let inner = sample.inner.unwrap();
        assert_eq!(sample.listen, Some(vec!["127.0.0.1:1".parse().unwrap()]));
        assert_eq!((sample.idle_ms, sample.bytes, sample.on), (Some(5), Some(9), Some(true)));
        assert_eq!((sample.mode, inner.mode), (Some(Mode::Relay), Some(Mode::Refuse)));
        assert_eq!(inner.names, BTreeMap::from([("a".to_owned(), 1)]));
        let list = [Inner::default(), Inner { mode: Some(Mode::Relay), ..Inner::default() }];
        assert_eq!(sample.list, Some(list.into()));
        assert_eq!(sample.modes, Some(vec![Mode::Refuse]));
        let name = sample.name.unwrap();
        assert_eq!((name.get_ref().as_str(), &text[name.span()]), ("x", "\"x\""));
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
