//! Patterns: what entries look for, as the syntax tree of a regular expression over bytes.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, Look};

use crate::{Bounds, BuildError, Case, WordsEntry};

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

/// Any of the words of `list`.
pub(crate) fn words(list: &WordsEntry) -> Result<Hir, BuildError> {
    let entry = || list.id.clone();
    if list.words.is_empty() {
        return Err(BuildError::MatchesNothing { entry: entry() });
    }
    let mut words = Vec::with_capacity(list.words.len());
    for (index, word) in list.words.iter().enumerate() {
        if word.is_empty() {
            return Err(BuildError::EmptyWord { entry: entry(), index });
        }
        let hir = ParserBuilder::new()
            .case_insensitive(matches!(list.case, Case::Insensitive))
            .build()
            .parse(&regex_syntax::escape(word));
        words.push(hir.map_err(|error| syntax_error(&list.id, &error))?);
    }
    let any = Hir::alternation(words);
    Ok(match list.bounds {
        Bounds::Anywhere => any,
        Bounds::WholeWords => Hir::concat(vec![
            Hir::look(Look::WordStartHalfAscii),
            any,
            Hir::look(Look::WordEndHalfAscii),
        ]),
    })
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
