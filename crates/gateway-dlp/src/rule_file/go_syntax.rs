//! Regular expressions of Go's package `regexp` (RE2) in the syntax of ours.
//!
//! They differ in little: `\<`, `\>` and `[` in a class are plain characters there; `\Q…\E` quotes;
//! sets have no operations; `\s` has no vertical tab; `{,n}` is plain text.

/// `pattern` in our syntax.
pub(super) fn from_go(pattern: &str) -> String {
    let mut ours = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '\\' => escape(after, in_class, &mut ours),
            '[' if in_class => class_member(rest, &mut ours),
            '[' => {
                in_class = true;
                open_class(after, &mut ours)
            }
            ']' => {
                in_class = false;
                ours.push(']');
                after
            }
            '&' | '~' if in_class => {
                ours.extend(['\\', c]);
                after
            }
            '-' if in_class && after.starts_with('-') => {
                ours.push_str("\\-");
                after
            }
            '{' if !in_class && !is_repetition(rest) => {
                ours.push_str("\\{");
                after
            }
            _ => {
                ours.push(c);
                after
            }
        };
    }
    ours
}

/// What stands behind a backslash.
fn escape<'t>(after: &'t str, in_class: bool, ours: &mut String) -> &'t str {
    let Some(c) = after.chars().next() else {
        ours.push('\\');
        return after;
    };
    let rest = &after[c.len_utf8()..];
    match c {
        'Q' if !in_class => {
            let (quoted, rest) = rest.split_once("\\E").unwrap_or((rest, ""));
            ours.push_str(&regex_syntax::escape(quoted));
            return rest;
        }
        's' if in_class => ours.push_str("\\t\\n\\f\\r "),
        's' => ours.push_str("[\\t\\n\\f\\r ]"),
        'S' if !in_class => ours.push_str("[^\\t\\n\\f\\r ]"),
        'z' => ours.push_str("\\z"),
        // A character that needs no backslash here, and would mean something else with one.
        '<' | '>' => ours.push(c),
        'p' | 'P' => ours.extend(["\\", if c == 'p' { "p" } else { "P" }]),
        _ => ours.extend(['\\', c]),
    }
    rest
}

/// What stands behind the bracket that opens a class: `^`, and a `]` that does not close it.
fn open_class<'t>(after: &'t str, ours: &mut String) -> &'t str {
    ours.push('[');
    let mut rest = after;
    if let Some(negated) = rest.strip_prefix('^') {
        ours.push('^');
        rest = negated;
    }
    if let Some(closing) = rest.strip_prefix(']') {
        ours.push_str("\\]");
        rest = closing;
    }
    rest
}

/// A bracket within a class: a named class, or itself.
fn class_member<'t>(rest: &'t str, ours: &mut String) -> &'t str {
    if let Some(end) = rest.starts_with("[:").then(|| rest.find(":]")).flatten()
        && rest[2..end].chars().all(|c| c.is_ascii_alphabetic() || c == '^')
    {
        ours.push_str(&rest[..end + 2]);
        return &rest[end + 2..];
    }
    ours.push_str("\\[");
    &rest[1..]
}

/// Whether a brace opens `{n}`, `{n,}` or `{n,m}`.
fn is_repetition(rest: &str) -> bool {
    let Some((inner, _)) = rest[1..].split_once('}') else { return false };
    let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    !least.is_empty() && is_number(least) && is_number(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_written_anew() {
        for (go, ours) in [
            (r"\bkey[ \t\w.-]{0,20}\b", r"\bkey[ \t\w.-]{0,20}\b"),
            (r"<\/a\>", r"<\/a>"),
            (r"\Qa.b\E+", r"a\.b+"),
            (r"[[a]", r"[\[a]"),
            (r"[[:alpha:]_]", r"[[:alpha:]_]"),
            (r"[^]a]", r"[^\]a]"),
            (r"[a&&b~~]", r"[a\&\&b\~\~]"),
            (r"[!--]", r"[!\--]"),
            (r"\s[\s;]\S", r"[\t\n\f\r ][\t\n\f\r ;][^\t\n\f\r ]"),
            (r"^\${[A-Z]+}$", r"^\$\{[A-Z]+}$"),
            (r"a{,3}b{2,}c{4}{", r"a\{,3}b{2,}c{4}\{"),
            (r"é\é", r"é\é"),
        ] {
            assert_eq!(from_go(go), ours, "{go}");
        }
    }

    #[test]
    fn any_text_is_taken() {
        for text in ["\\", "[", "[^", "[[:", "{", "\\Q", "[\\", "[]"] {
            from_go(text);
        }
    }
}
