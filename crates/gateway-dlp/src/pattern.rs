//! Patterns: what entries look for, as the syntax tree of a regular expression over bytes.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
#[cfg(any(test, feature = "oracle"))]
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Look};

#[cfg(any(test, feature = "oracle"))]
use crate::words::forms;
use crate::words::{WORD_MAX, WORDS_MAX};
#[cfg(any(test, feature = "oracle"))]
use crate::{Bounds, Case};
use crate::{BuildError, WordsEntry};

/// Parses the regular expression of `entry`.
pub(crate) fn regex(entry: &str, pattern: &str) -> Result<Hir, BuildError> {
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern);
    let hir = hir.map_err(|error| syntax_error(entry, &error))?;
    let entry = || entry.to_owned();
    match hir.properties().minimum_len() {
        None => Err(BuildError::MatchesNothing { entry: entry() }),
        Some(0) => Err(BuildError::MatchesEmpty { entry: entry() }),
        Some(_) if hir.properties().look_set().contains_word_unicode() => {
            Err(BuildError::UnicodeWordBoundary { entry: entry() })
        }
        Some(_) => Ok(hir),
    }
}

/// Any of the words of `list`, as a pattern: what the oracle looks for.
#[cfg(any(test, feature = "oracle"))]
pub(crate) fn words(list: &WordsEntry) -> Hir {
    let mut words = Vec::with_capacity(list.words.len());
    for word in &list.words {
        let character = |character: char| match list.case {
            Case::Sensitive => Hir::literal(character.to_string().into_bytes()),
            Case::Insensitive => {
                let range = |form: char| ClassUnicodeRange::new(form, form);
                let forms = forms(character).into_iter().map(range);
                Hir::class(Class::Unicode(ClassUnicode::new(forms)))
            }
        };
        words.push(Hir::concat(word.chars().map(character).collect()));
    }
    let any = Hir::alternation(words);
    match list.bounds {
        Bounds::Anywhere => any,
        Bounds::WholeWords => Hir::concat(vec![
            Hir::look(Look::WordStartHalfAscii),
            any,
            Hir::look(Look::WordEndHalfAscii),
        ]),
    }
}

/// Refuses a word list that holds nothing, or what no word can be.
pub(crate) fn check_words(list: &WordsEntry) -> Result<(), BuildError> {
    let entry = || list.id.clone();
    if list.words.is_empty() {
        return Err(BuildError::MatchesNothing { entry: entry() });
    }
    if list.words.len() > WORDS_MAX {
        return Err(BuildError::TooManyWords { entry: entry(), words_max: WORDS_MAX });
    }
    for (index, word) in list.words.iter().enumerate() {
        if word.is_empty() {
            return Err(BuildError::EmptyWord { entry: entry(), index });
        }
        // In another case, a word may be longer than it is written.
        if 2 * word.len() > WORD_MAX {
            return Err(BuildError::LongWord {
                entry: entry(),
                index,
                word_bytes_max: WORD_MAX / 2,
            });
        }
    }
    Ok(())
}

fn syntax_error(entry: &str, error: &regex_syntax::Error) -> BuildError {
    let (at, reason) = match error {
        regex_syntax::Error::Parse(error) => (error.span(), error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (error.span(), error.kind().to_string()),
        other => {
            return BuildError::Syntax {
                entry: entry.to_owned(),
                at: 0..0,
                reason: other.to_string(),
            };
        }
    };
    BuildError::Syntax { entry: entry.to_owned(), at: at.start.offset..at.end.offset, reason }
}
