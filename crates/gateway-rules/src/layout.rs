//! Layout: a filter's own words in one way of writing them. Unlike printing a tree it keeps comments,
//! line breaks, and the names of lists and constants.

use std::sync::Arc;

use crate::filter::{Filter, ParseError};
use crate::options::ParseOptions;
use crate::scheme::Scheme;

impl Filter {
    /// The text of a filter in canonical form: words for connectives, symbols for orders, one blank
    /// between words, members of sets without commas, double quotes where nothing needs an escape,
    /// and lines indented by their depth. Line breaks and comments stay where they are, empty lines
    /// do not. The meaning is the same; a text of which that cannot be shown comes back as it was.
    ///
    /// # Errors
    /// [`ParseError`] where the text is no filter.
    ///
    /// ```
    /// use gateway_rules::{Filter, ParseOptions, Scheme};
    ///
    /// let text = "net.dst.port in {80,443}&&!(http.request.host eq 'a.example') # both";
    /// let tidy = Filter::canonical(&Scheme::gateway(), text, &ParseOptions::default())?;
    /// let expected = r#"net.dst.port in {80 443} and not (http.request.host == "a.example") # both"#;
    /// assert_eq!(tidy, expected);
    /// # Ok::<(), gateway_rules::ParseError>(())
    /// ```
    pub fn canonical(
        scheme: &Arc<Scheme>,
        text: &str,
        options: &ParseOptions,
    ) -> Result<String, ParseError> {
        let meant = Self::parse(scheme, text, options)?;
        let laid_out = lay_out(&tokens(text));
        let is_same = Self::parse(scheme, &laid_out, options).is_ok_and(|filter| filter == meant);
        Ok(if is_same { laid_out } else { text.to_owned() })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    /// A string with its quotes.
    Text,
    Comment,
    Symbol,
}

#[derive(Clone, Copy, Debug)]
struct Token<'t> {
    kind: Kind,
    text: &'t str,
    /// Whether a line break stands before it.
    begins_line: bool,
}

/// The tokens of a text that is a filter.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        let blank = rest.len() - trimmed.len();
        let begins_line = rest.get(..blank).is_some_and(|blank| blank.contains('\n'));
        rest = trimmed;
        let Some(first) = rest.chars().next() else { return tokens };
        let is_regex = tokens.last().is_some_and(|last| matches!(last.text, "matches" | "~"));
        let (kind, length) = token(rest, first, is_regex);
        // Every token has at least its first character.
        let (token, behind) = rest.split_at(length.clamp(first.len_utf8(), rest.len()));
        tokens.push(Token { kind, text: token.trim_end(), begins_line });
        rest = behind;
    }
}

/// The kind of the token that a text begins with, and its length in bytes.
fn token(rest: &str, first: char, is_regex: bool) -> (Kind, usize) {
    match first {
        '#' => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
        '"' | '\'' => (Kind::Text, quoted(rest, first, is_regex)),
        _ => {
            if let Some(length) = raw(rest) {
                return (Kind::Text, length);
            }
            let word = rest.find(|c: char| !is_word_char(c)).unwrap_or(rest.len());
            if word > 0 {
                return (Kind::Word, word);
            }
            let pairs = ["==", "!=", "<=", ">=", "&&", "||", "^^"];
            let is_pair = pairs.iter().any(|pair| rest.starts_with(pair));
            (Kind::Symbol, if is_pair { 2 } else { first.len_utf8() })
        }
    }
}

/// A character of names, numbers and addresses.
const fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '/' | '-' | '$' | '@')
}

/// The length of a quoted string; in the class of a regular expression a quote closes nothing.
fn quoted(rest: &str, quote: char, is_regex: bool) -> usize {
    let (mut is_escaped, mut in_class) = (false, false);
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' if is_regex => in_class = true,
            ']' if is_regex => in_class = false,
            c if c == quote && !in_class => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a raw string such as `r#"…"#`.
fn raw(rest: &str) -> Option<usize> {
    let behind = rest.strip_prefix('r')?;
    let body = behind.trim_start_matches('#');
    let hashes = behind.get(..behind.len() - body.len())?;
    let body = body.strip_prefix('"')?;
    let end = body.find(&format!("\"{hashes}"))?;
    Some(1 + hashes.len() + 1 + end + 1 + hashes.len())
}

const INDENT: &str = "    ";

fn lay_out(tokens: &[Token<'_>]) -> String {
    let mut out = String::new();
    let mut open: Vec<&str> = Vec::new();
    let mut before: Option<(Kind, String)> = None;
    let mut begins_line = false;
    for token in tokens {
        begins_line |= token.begins_line;
        if token.text == "," && token.kind == Kind::Symbol && open.last() == Some(&"{") {
            continue;
        }
        if token.kind == Kind::Symbol && matches!(token.text, ")" | "]" | "}") {
            open.pop();
        }
        let text = canonical(token, before.as_ref());
        if let Some((kind, last)) = &before {
            if *kind == Kind::Comment || begins_line {
                out.push('\n');
                out.push_str(&INDENT.repeat(open.len()));
            } else if token.kind == Kind::Comment || is_apart(last, *kind, &text, token.kind) {
                out.push(' ');
            }
        }
        out.push_str(&text);
        if token.kind == Kind::Symbol && matches!(token.text, "(" | "[" | "{") {
            open.push(token.text);
        }
        before = Some((token.kind, text));
        begins_line = false;
    }
    out
}

fn is_joining(word: &str) -> bool {
    matches!(word, "and" | "or" | "xor" | "not")
}

/// Whether a blank stands between two tokens of one line.
fn is_apart(last: &str, last_kind: Kind, next: &str, next_kind: Kind) -> bool {
    let opens = last_kind == Kind::Symbol && matches!(last, "(" | "[" | "{");
    let member = last == "]" && next_kind == Kind::Word && next.starts_with('.');
    if opens || member {
        return false;
    }
    match (next_kind, next) {
        (Kind::Symbol, ")" | "]" | "}" | "," | "[") => false,
        (Kind::Symbol, "(") => is_joining(last),
        _ => true,
    }
}

fn canonical(token: &Token<'_>, before: Option<&(Kind, String)>) -> String {
    let is_behind_operand = before.is_some_and(|(kind, text)| match kind {
        Kind::Word => !is_joining(text),
        Kind::Symbol => matches!(text.as_str(), ")" | "]"),
        Kind::Text | Kind::Comment => false,
    });
    let text = token.text;
    match token.kind {
        Kind::Symbol => match text {
            "&&" => "and",
            "||" => "or",
            "^^" => "xor",
            "!" => "not",
            "~" => "matches",
            _ => text,
        },
        Kind::Word if is_behind_operand => match text {
            "eq" => "==",
            "ne" => "!=",
            "lt" => "<",
            "le" => "<=",
            "gt" => ">",
            "ge" => ">=",
            "bitwise_and" => "&",
            _ => text,
        },
        Kind::Text if text.starts_with('\'') && !text.contains(['"', '\\']) => {
            return text.replace('\'', "\"");
        }
        Kind::Word | Kind::Text | Kind::Comment => text,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_scheme::{self, Reads, condition};
    use crate::{List, ListKind, ListSeed, Lists};

    fn check(text: &str, expected: &str) {
        let mut lists = Lists::default();
        lists
            .insert(
                "l",
                List::read(ListKind::Number, ListSeed::new([7; 3]), ["1"]).expect("a list"),
            )
            .expect("a name");
        let options = ParseOptions::default().with_lists(lists);
        let scheme = test_scheme::scheme();
        let tidy = Filter::canonical(&scheme, text, &options).expect(text);
        assert_eq!(tidy, expected, "{text}");
        assert_eq!(Filter::canonical(&scheme, &tidy, &options).expect("tidy"), tidy);
    }

    #[test]
    fn one_way_of_writing() {
        for (text, expected) in [
            ("  port==1||!ssl  ", "port == 1 or not ssl"),
            ("port ge 1 && not(port lt 3)", "port >= 1 and not (port < 3)"),
            ("port in{1,2 , 3..4}", "port in {1 2 3..4}"),
            ("port in $l", "port in $l"),
            ("port bitwise_and 3 ^^ ssl", "port & 3 xor ssl"),
            ("http.host ~ \"[\\\"']\" or ssl", "http.host matches \"[\\\"']\" or ssl"),
            ("http.host matches '[\\'\"]'", "http.host matches '[\\'\"]'"),
            ("http.host == 'a'", "http.host == \"a\""),
            ("http.host == r#\"a  \"b\"#", "http.host == r#\"a  \"b\"#"),
            ("http.host == \"a  # b\"", "http.host == \"a  # b\""),
            ("any( headers[\"a\"][*]==\"b\" )", "any(headers[\"a\"][*] == \"b\")"),
            ("starts_with( http.host ,\"a\" )", "starts_with(http.host, \"a\")"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn lines_and_comments_stay() {
        check(
            "# why\n\n ssl   # tls\n   and (\nport==1 # one\nor port == 2)\n# end",
            "# why\nssl # tls\nand (\n    port == 1 # one\n    or port == 2)\n# end",
        );
    }

    proptest! {
        /// The meaning stays, and what is canonical stays as it is.
        #[test]
        fn meaning_is_kept(text in condition(Reads::Everything)) {
            let (scheme, options) = (test_scheme::scheme(), ParseOptions::default());
            let read = |text: &str| Filter::parse(&scheme, text, &options).expect("sound");
            let tidy = Filter::canonical(&scheme, &text, &options).expect("sound");
            prop_assert_eq!(read(&tidy), read(&text));
            prop_assert_eq!(Filter::canonical(&scheme, &tidy, &options).expect("sound"), tidy);
        }
    }
}
