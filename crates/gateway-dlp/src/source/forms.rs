//! Forms of lines, compiled, and which of them a line has.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::kind::SourceKind;
use super::tokens::{Token, tokens};

/// Languages.
pub(super) const KINDS: usize = SourceKind::ALL.len();

/// No form.
pub(super) const NONE: u8 = u8::MAX;

/// What one line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Of each language, in the order of [`SourceKind::ALL`]: the form of it that the line has, or
    /// [`NONE`].
    pub(super) forms: [u8; KINDS],
    /// Whether it ends as lines of code do in most languages with signs.
    pub(super) ends_as_code: bool,
}

impl Shown {
    /// Nothing.
    pub(super) const NOTHING: Self = Self { forms: [NONE; KINDS], ends_as_code: false };
}

/// One element of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Is(&'static str),
    Word,
    Text,
    Number,
    /// Any tokens, as few as can be.
    Gap,
    End,
    /// The end of a line that does not go on as one of C's would.
    OpenEnd,
}

struct Form {
    kind: usize,
    number: u8,
    elements: Vec<Element>,
}

/// All forms, by the word or sign that they begin with; those that begin with any word apart.
struct Forms {
    by_first: BTreeMap<&'static str, Vec<Form>>,
    by_word: Vec<Form>,
}

static FORMS: LazyLock<Forms> = LazyLock::new(Forms::new);

impl Forms {
    fn new() -> Self {
        let mut forms = Self { by_first: BTreeMap::new(), by_word: Vec::new() };
        for (kind, source) in SourceKind::ALL.into_iter().enumerate() {
            let all = source.forms().into_iter().flatten();
            for (number, text) in (0..NONE).zip(all) {
                let elements: Vec<Element> = text.split_whitespace().map(element).collect();
                let first = elements.first().copied();
                let form = Form { kind, number, elements };
                match first {
                    Some(Element::Is(first)) => {
                        forms.by_first.entry(first).or_default().push(form);
                    }
                    _ => forms.by_word.push(form),
                }
            }
        }
        forms
    }
}

fn element(text: &'static str) -> Element {
    match text {
        "W" => Element::Word,
        "S" => Element::Text,
        "0" => Element::Number,
        ".." => Element::Gap,
        "$" => Element::End,
        "~" => Element::OpenEnd,
        other => Element::Is(other),
    }
}

/// What `line` says; `None` if it is empty or a comment, which says nothing for or against.
pub(super) fn shown(line: &str) -> Option<Shown> {
    let tokens = tokens(line);
    let is_comment = line.trim_start().starts_with('*') || is_note(line);
    let first = tokens.first().filter(|_| !is_comment)?;
    let mut forms = [NONE; KINDS];
    let mut note = |all: &[Form]| {
        for form in all {
            if let Some(known) = forms.get_mut(form.kind)
                && *known == NONE
                && matches(&form.elements, &tokens)
            {
                *known = form.number;
            }
        }
    };
    if let Token::Word(text) | Token::Sign(text) = first {
        note(FORMS.by_first.get(text).map_or(&[][..], |forms| forms));
    }
    if matches!(first, Token::Word(_)) && tokens.iter().any(|it| matches!(it, Token::Sign(_))) {
        note(&FORMS.by_word);
    }
    let ends_as_code = matches!(tokens.last(), Some(Token::Sign(";" | "{" | "}" | ")")));
    Some(Shown { forms, ends_as_code })
}

/// Whether a line is a comment as Python, R and others have them; `#include` and `#[test]` are none.
fn is_note(line: &str) -> bool {
    let rest = line.trim_start();
    rest.starts_with("# ") || rest == "#" || rest.starts_with("#!/")
}

/// Whether `tokens` begin as `elements` say.
fn matches(elements: &[Element], tokens: &[Token<'_>]) -> bool {
    let Some((element, more)) = elements.split_first() else { return true };
    match element {
        Element::End => tokens.is_empty(),
        Element::OpenEnd => tokens.is_empty(),
        Element::Gap => match more.first() {
            None => true,
            Some(Element::OpenEnd) => {
                let last = tokens.last();
                !matches!(last, None | Some(Token::Sign(";" | "," | "{" | "(")))
            }
            Some(Element::End) => true,
            Some(_) => {
                (0..=tokens.len()).any(|at| matches(more, tokens.get(at..).unwrap_or_default()))
            }
        },
        _ => tokens
            .split_first()
            .is_some_and(|(token, rest)| is(*element, *token) && matches(more, rest)),
    }
}

fn is(element: Element, token: Token<'_>) -> bool {
    match (element, token) {
        (Element::Is(text), Token::Word(word) | Token::Sign(word)) => text == word,
        (Element::Word, Token::Word(word)) => !is_reserved(word),
        (Element::Text, Token::Text(_)) | (Element::Number, Token::Number) => true,
        _ => false,
    }
}

/// Words that begin statements in so many languages that they are no names.
fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "if" | "else"
            | "for"
            | "while"
            | "return"
            | "case"
            | "switch"
            | "do"
            | "in"
            | "of"
            | "let"
            | "new"
            | "not"
            | "and"
            | "or"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(line: &str) -> Vec<SourceKind> {
        let shown = shown(line).unwrap_or(Shown::NOTHING);
        let all = SourceKind::ALL.into_iter().zip(shown.forms);
        all.filter(|(_, form)| *form != NONE).map(|(kind, _)| kind).collect()
    }

    #[test]
    fn lines_show_languages() {
        use SourceKind::{C, Cpp, Go, Haskell, JavaScript, Lua, Python, R, Rust, Swift};
        for (line, expected) in [
            ("    if err != nil {", vec![Go]),
            ("  let mut x = 1;", vec![Rust]),
            ("let x = 1;", vec![JavaScript, Rust]),
            ("let x = 1", vec![Haskell, JavaScript, Swift]),
            ("#include <stdio.h>", vec![C, Cpp]),
            ("def f(x, y):", vec![Python]),
            ("local x = 1", vec![Haskell, Lua]),
            ("x <- function(a, b) {", vec![Haskell, R]),
            ("if you want to go:", vec![Python]),
            ("If you want to go, say so.", vec![]),
            ("\"let\": \"mut x\",", vec![]),
            ("2024-05-01 12:00:00 INFO if x:", vec![]),
            ("# let mut x = 1", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(kinds(line), expected, "{line}");
        }
        assert_eq!(shown("// int main(void)"), None);
        assert_eq!(shown("plain words"), Some(Shown::NOTHING));
        assert!(shown("}").is_some_and(|shown| shown.ends_as_code));
    }
}
