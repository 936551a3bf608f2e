//! A line of a text as tokens, as most programming languages have them: words, numbers, strings and
//! signs. It is no lexer of any of them: a line is looked at on its own.

/// Tokens of a line that are looked at; those behind are not.
pub(super) const TOKENS_MAX: usize = 32;

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Letters, digits and `_`, and no digit first.
    Word(&'a str),
    Number,
    /// In quotes, with what stands between.
    Text(&'a str),
    /// One sign, or several that belong together.
    Sign(&'a str),
}

/// Signs of several characters, longer ones first.
const SIGNS: [&str; 17] = [
    "...", "===", "!==", "%>%", "::", "->", "=>", ":=", "<-", "==", "!=", "<=", ">=", "&&", "||",
    "++", "+=",
];

/// The tokens of `line`; comments are left out.
pub(super) fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next()
        && tokens.len() < TOKENS_MAX
    {
        if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with("-- ") {
            break;
        }
        let len = match first {
            '"' | '\'' | '`' => quoted(rest, first),
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => SIGNS
                .iter()
                .find(|sign| rest.starts_with(**sign))
                .map_or(first.len_utf8(), |s| s.len()),
        };
        let Some((token, behind)) = rest.split_at_checked(len) else { break };
        tokens.push(match first {
            '"' | '\'' | '`' if len > 1 => Token::Text(token),
            c if c.is_ascii_digit() => Token::Number,
            c if is_word(c) => Token::Word(token),
            _ => Token::Sign(token),
        });
        rest = behind.trim_start();
    }
    tokens
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Bytes of the text in quotes at the front; 1 if the line does not end it.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_tokens() {
        let shown = |line| {
            let shown = |token: &Token<'_>| match token {
                Token::Word(text) | Token::Text(text) | Token::Sign(text) => (*text).to_owned(),
                Token::Number => "0".to_owned(),
            };
            tokens(line).iter().map(shown).collect::<Vec<_>>().join(" ")
        };
        for (line, expected) in [
            ("  let x: u32 = 17; // so", "let x : u32 = 0 ;"),
            ("a->b::c(\"x \\\" y\", 'z')", "a -> b :: c ( \"x \\\" y\" , 'z' )"),
            ("don't do that", "don ' t do that"),
            ("é = 1", "é = 0"),
            ("x <- c(1, 2) %>% f", "x <- c ( 0 , 0 ) %>% f"),
            ("", ""),
        ] {
            assert_eq!(shown(line), expected);
        }
        assert_eq!(tokens(&"a ".repeat(99)).len(), TOKENS_MAX);
    }
}
