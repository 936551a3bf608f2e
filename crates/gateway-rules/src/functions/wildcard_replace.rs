//! `wildcard_replace(source Bytes, pattern Bytes, replacement Bytes, flags Bytes optional) ->
//! Bytes`: a string that a wildcard pattern matches as a whole, replaced; the string itself where
//! it does not match.
//!
//! Each `*` of the pattern stands for as few bytes as will do, and is a group: `${1}` to `${8}` in
//! the replacement. `\*` and `\\` are the characters themselves, `**` is an error, and `$$` in the
//! replacement is a `$`. ASCII case counts nothing, unless the flag `s` is given. All but the source
//! stand in the text of the filter. There is no result where it would be longer than 1 MiB.
//!
//! ```text
//! wildcard_replace("https://apps.example.com/calendar/admin?expand=true", "https://*.example.com/*/*", "https://example.com/${1}/${2}/${3}") == "https://example.com/apps/calendar/admin?expand=true"
//! wildcard_replace("https://example.com/applications/app1", "/applications/*", "/apps/${1}") == "https://example.com/applications/app1"
//! wildcard_replace("/calendar", "/*", "/apps/${1}") == "/apps/calendar"
//! wildcard_replace("/Apps/calendar", "/apps/*", "/${1}") == "/calendar"
//! wildcard_replace("/Apps/calendar", "/apps/*", "/${1}", "s") == "/Apps/calendar"
//! wildcard_replace("/apps/calendar/login", "/apps/*/login", "/${1}/login") == "/calendar/login"
//! wildcard_replace("a/b/c", "*/*", "${2}") == "b/c"
//! wildcard_replace("a*b", r"*\**", "${1}$$${2}") == "a$b"
//! wildcard_replace("a\x0Ab\xFF", "a*", "${1}") == "\x0Ab\xFF"
//! wildcard_replace("a.c", "a.c", "x") == "x"
//! wildcard_replace("abc", "a.c", "x") == "abc"
//! not wildcard_replace(nothing, "*", "") == ""
//! ```

use super::{
    Function, Kind, Misfit, Parameter, Repeats, Shape, check_flags, literal_bytes, replacement,
};
use crate::value::Type;

pub(super) const FUNCTION: Function = Function {
    name: "wildcard_replace",
    parameters: &[
        Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Field },
        Parameter { name: "pattern", shapes: &[Shape::Bytes], kind: Kind::Literal },
        Parameter { name: "replacement", shapes: &[Shape::Bytes], kind: Kind::Literal },
        Parameter { name: "flags", shapes: &[Shape::Bytes], kind: Kind::Literal },
    ],
    required: 3,
    repeats: Repeats::No,
    yields: |arguments, _| {
        if literal_bytes(arguments, 1).is_some_and(|pattern| regex(pattern, "").is_none()) {
            let expected = "a wildcard pattern: `**` is none, and escapes are `\\*` and `\\\\`";
            return Err(Misfit { argument: 1, expected });
        }
        replacement::check(literal_bytes(arguments, 2), 2)?;
        check_flags(arguments, 3, b"s", "the letter `s`")?;
        Ok(Type::Bytes)
    },
    prepare: |arguments, patterns, options| {
        let is_strict = literal_bytes(arguments, 3).is_some_and(|flags| flags.contains(&b's'));
        let flags = if is_strict { "s" } else { "si" };
        let pattern = literal_bytes(arguments, 1).and_then(|pattern| regex(pattern, flags));
        let regex = patterns.groups(&pattern.unwrap_or_default(), options)?;
        replacement::prepare("wildcard_replace", regex, literal_bytes(arguments, 2))
    },
    apply: replacement::apply,
};

/// The regular expression that matches what a wildcard pattern matches; `None` if it is none.
fn regex(pattern: &[u8], flags: &str) -> Option<String> {
    let mut regex = if flags.is_empty() { String::new() } else { format!("(?{flags})") };
    regex.push('^');
    let mut bytes = pattern.iter().peekable();
    while let Some(&byte) = bytes.next() {
        let literal = match byte {
            b'*' if bytes.peek() == Some(&&b'*') => return None,
            b'*' => {
                regex.push_str("(.*?)");
                continue;
            }
            b'\\' => *bytes.next().filter(|byte| matches!(byte, b'*' | b'\\'))?,
            _ => byte,
        };
        regex.push_str(&format!("\\x{literal:02X}"));
    }
    regex.push('$');
    Some(regex)
}
