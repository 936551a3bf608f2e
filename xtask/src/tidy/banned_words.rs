//! Banned words: nothing unfinished is committed.
//!
//! Macros that stand for missing code, ignored tests, examples that do not compile, and comments
//! that promise to come back.

use proc_macro2::{TokenStream, TokenTree};

use super::Complaint;
use crate::source::Source;

const MACROS: &[&str] = &["todo", "unimplemented"];
/// Split so that this file does not hold them itself.
const COMMENTS: &[&str] = &[concat!("FIX", "ME"), concat!("TO", "DO"), concat!("``", "`ignore")];

pub(super) fn check(source: &Source) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (text, line) in source.text.lines().zip(1..) {
        for word in COMMENTS.iter().filter(|word| holds_word(text, word)) {
            complaints.push(complaint(source, line, word));
        }
    }
    walk(&source.tokens, &mut |line, word| complaints.push(complaint(source, line, word)));
    complaints
}

fn complaint(source: &Source, line: usize, word: &str) -> Complaint {
    Complaint::fails(
        format!("{}:{line}", source.path),
        format!("`{word}`: finish it or leave it out"),
    )
}

fn holds_word(text: &str, word: &str) -> bool {
    let mut ends = text.match_indices(word).map(|(at, _)| (&text[..at], &text[at + word.len()..]));
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    ends.any(|(before, after)| !before.ends_with(part_of_word) && !after.starts_with(part_of_word))
}

/// Looks at tokens, not at syntax, so that what stands inside a macro call is seen too.
fn walk(tokens: &TokenStream, found: &mut impl FnMut(usize, &str)) {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (at, tree) in trees.iter().enumerate() {
        match (tree, trees.get(at + 1)) {
            (TokenTree::Ident(name), Some(TokenTree::Punct(bang)))
                if bang.as_char() == '!' && MACROS.iter().any(|banned| name == banned) =>
            {
                found(name.span().start().line, &format!("{name}!"));
            }
            (TokenTree::Punct(hash), Some(TokenTree::Group(attribute)))
                if hash.as_char() == '#' =>
            {
                let first = attribute.stream().into_iter().next();
                if matches!(&first, Some(TokenTree::Ident(name)) if name == "ignore") {
                    found(hash.span().start().line, "#[ignore]");
                }
            }
            _ => {}
        }
        if let TokenTree::Group(group) = tree {
            walk(&group.stream(), found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::lines_of, check};

    #[test]
    fn unfinished_code_is_found() {
        for (text, lines) in [
            ("fn f() {\n todo!() }", &["2"][..]),
            ("fn f() {\n x! { a => { unimplemented!(\"b\") } } }", &["2"]),
            ("#[test]\n#[ignore = \"slow\"]\nfn f() {}", &["2"]),
            (concat!("// FIX", "ME later\n//! ``", "`ignore"), &["1", "2"]),
            ("fn todo() {}\nfn f() { ignore(todo); }\nconst S: &str = \"todo!\";", &[]),
            (concat!("const TO", "DOS: u8 = 1;"), &[]),
        ] {
            assert_eq!(lines_of(check, "crates/a/src/b.rs", text), lines, "{text}");
        }
    }
}
