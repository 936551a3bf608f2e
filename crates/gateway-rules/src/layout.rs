//! Layout: a filter's own words in one way of writing them. Unlike printing a tree it keeps comments
//! and the names of lists and constants. Which words go on which line is in `lines`.

mod lines;

use std::sync::Arc;

use crate::filter::{Filter, ParseError};
use crate::options::ParseOptions;
use crate::scheme::Scheme;

impl Filter {
    /// The text of a filter in canonical form: words for connectives, symbols for orders, one blank
    /// between words, members of sets without commas, double quotes where nothing needs an escape.
    /// Comments stay where they are, empty lines do not. The meaning is the same; a text of which
    /// that cannot be shown comes back as it was.
    ///
    /// What fits into 100 columns stands on one line unless it has a comment, or a line break before
    /// `and`, `or` or `xor`, beside a bracket, or between members of a set or arguments of a
    /// function. Else every item of the loosest connective begins a line, its connective in front;
    /// brackets that are broken have their contents on lines of their own, four blanks deeper.
    /// Members of sets fill lines, and begin one where they did before.
    ///
    /// # Errors
    /// [`ParseError`] where the text is no filter.
    ///
    /// ```
    /// use gateway_rules::{Filter, ParseOptions, Scheme};
    ///
    /// let text = "net.dst.port in {80,443}&&!(http.request.host eq 'a.example')";
    /// let tidy = Filter::canonical(&Scheme::gateway(), text, &ParseOptions::default())?;
    /// let expected = r#"net.dst.port in {80 443} and not (http.request.host == "a.example")"#;
    /// assert_eq!(tidy, expected);
    /// # Ok::<(), gateway_rules::ParseError>(())
    /// ```
    pub fn canonical(
        scheme: &Arc<Scheme>,
        text: &str,
        options: &ParseOptions,
    ) -> Result<String, ParseError> {
        Self::canonical_indented(scheme, text, 0, options)
    }

    /// [`canonical`](Self::canonical) for a text within another one: each line begins with `blanks`
    /// blanks, the first too.
    ///
    /// # Errors
    /// [`ParseError`] where the text is no filter.
    pub fn canonical_indented(
        scheme: &Arc<Scheme>,
        text: &str,
        blanks: usize,
        options: &ParseOptions,
    ) -> Result<String, ParseError> {
        let meant = Self::parse(scheme, text, options)?;
        let laid_out = lines::lay_out(&tokens(text), blanks);
        let is_same = Self::parse(scheme, &laid_out, options).is_ok_and(|filter| filter == meant);
        Ok(if is_same { laid_out } else { text.to_owned() })
    }
}

/// The words of a text that is a filter: names, numbers, addresses, operators.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = tokens(text).into_iter().filter(|token| token.kind == Kind::Word);
    words.map(|token| token.text)
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
            "# why\nssl # tls\nand (\n    port == 1 # one\n    or port == 2\n)\n# end",
        );
        check(
            "port in { # ports\n 1 # one\n # more\n 2, 3 } and\n # last\n ssl",
            "port in { # ports\n    1 # one\n    # more\n    2 3\n}\nand\n# last\nssl",
        );
    }

    #[test]
    fn short_conditions_stay_on_a_line_unless_they_were_broken() {
        check("ssl\nand port ==\n1", "ssl\nand port == 1");
        check("ssl and\nport == 1", "ssl and port == 1");
        check(
            "ssl and (port == 1\nor port == 2)",
            "ssl\nand (\n    port == 1\n    or port == 2\n)",
        );
        check("not (\nssl)", "not (\n    ssl\n)");
        check("port == 1 and ssl\nor port == 2", "port == 1 and ssl\nor port == 2");
        check("port == 1\nand ssl or port == 2", "port == 1\n    and ssl\nor port == 2");
    }

    #[test]
    fn brackets_within_brackets_break_once() {
        check("any(ports[*] in {1\n2})", "any(ports[*] in {\n    1\n    2\n})");
        check("any(\nports[*] in {1 2})", "any(\n    ports[*] in {1 2}\n)");
        check("not (any(ports[*] in {\n1}))", "not (any(ports[*] in {\n    1\n}))");
    }

    #[test]
    fn long_conditions_are_broken() {
        let host = |letter: char| format!("http.host == \"{}\"", String::from(letter).repeat(30));
        let (a, b, c) = (host('a'), host('b'), host('c'));
        check(&format!("{a} and {b}"), &format!("{a} and {b}"));
        check(&format!("{a} and {b} and {c}"), &format!("{a}\nand {b}\nand {c}"));
        check(&format!("{a} and ssl or {b} and {c}"), &format!("{a} and ssl\nor {b} and {c}"));
        check(
            &format!("{a} && {b} && !{c} || ssl"),
            &format!("{a}\n    and {b}\n    and not {c}\nor ssl"),
        );
        check(
            &format!("ssl and not ({a} or {b} or {c})"),
            &format!("ssl\nand not (\n    {a}\n    or {b}\n    or {c}\n)"),
        );
        let members: Vec<String> = (10_000..10_016).map(|port| port.to_string()).collect();
        let first = "10000 10001 10002 10003 10004 10005 10006 10007 10008 10009 10010 10011 10012 10013 10014 10015";
        check(
            &format!("port in {{{}}}", members.join(", ")),
            &format!("port in {{\n    {first}\n}}"),
        );
        check(
            &format!("port in {{{} 20000}}", members.join("\n")),
            &format!("port in {{\n    {} 20000\n}}", members.join("\n    ")),
        );
    }

    /// White space and comments to put between the tokens of a text.
    fn gaps() -> impl Strategy<Value = Vec<&'static str>> {
        let gap =
            prop::sample::select(vec![" ", " ", " ", " ", "\n", "  ", "\t", " # c\n", "\n# own\n"]);
        prop::collection::vec(gap, 1..12)
    }

    proptest! {
        /// The meaning stays, and what is canonical stays as it is.
        #[test]
        fn meaning_is_kept(
            first in condition(Reads::Everything),
            second in condition(Reads::Everything),
            word in prop::sample::select(vec!["and", "or", "xor"]),
            gaps in gaps(),
            blanks in 0_usize..3,
        ) {
            let (scheme, options) = (test_scheme::scheme(), ParseOptions::default());
            let read = |text: &str| Filter::parse(&scheme, text, &options).expect("sound");
            let plain = format!("{first} {word} ({second})");
            let mut spread = String::new();
            let mut gaps = gaps.iter().cycle();
            for token in tokens(&plain) {
                let is_name = |c: char| is_word_char(c) || c == ']';
                let is_call = token.text == "(" && spread.ends_with(is_name)
                    && !["and", "or", "xor", "not"].iter().any(|word| spread.ends_with(word));
                let is_tight = spread.ends_with('[') || matches!(token.text, "[" | "]");
                if !is_call && !is_tight {
                    spread.push_str(gaps.next().expect("cycled"));
                }
                spread.push_str(token.text);
            }
            let laid_out = |text: &str| {
                Filter::canonical_indented(&scheme, text, blanks, &options).expect("sound")
            };
            let tidy = laid_out(&spread);
            prop_assert_eq!(read(&tidy), read(&plain));
            prop_assert_eq!(&laid_out(&tidy), &tidy, "{}", spread);
            let comments = |text: &str| text.matches('#').count();
            prop_assert_eq!(comments(&tidy), comments(&spread));
            let is_indented = |line: &str| line.starts_with(&" ".repeat(blanks));
            prop_assert!(tidy.lines().all(is_indented), "{}", tidy);
        }
    }
}
