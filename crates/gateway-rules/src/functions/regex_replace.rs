//! `regex_replace(source Bytes, pattern Bytes, replacement Bytes) -> Bytes`: a string with the first
//! match of a regular expression replaced; the string itself where nothing matches.
//!
//! In the replacement `${1}` to `${8}` stand for the groups of the pattern, and `$$` for a `$`.
//! Pattern and replacement stand in the text of the filter; the pattern is read as any string, so
//! that a backslash in quotes is written twice, or the string raw. There is no result where it would
//! be longer than 1 MiB. Cloudflare allows one such call in an expression; here there may be more.
//!
//! ```text
//! regex_replace("/foo/bar", "/bar$", "/baz") == "/foo/baz"
//! regex_replace("/x", "^/y$", "/mumble") == "/x"
//! regex_replace("/foo", "^/FOO$", "/x") == "/foo"
//! regex_replace("/a/a", "/a", "/b") == "/b/a"
//! regex_replace("/b", "^/b$", "/b$$") == "/b$"
//! regex_replace("/foo/a/path", "^/foo/([^/]*)/(.*)$", "/bar/${2}/${1}") == "/bar/path/a"
//! regex_replace("a\\b", "\\\\", "/") == "a/b"
//! regex_replace("a\\b", r"\\", "/") == "a/b"
//! regex_replace("ab", "(x)?b", "${1}c") == "ac"
//! regex_replace("ab", "", "-") == "-ab"
//! not regex_replace(nothing, "a", "b") == ""
//! ```

use super::{Function, Kind, Misfit, Parameter, Repeats, Shape, literal_bytes, replacement};
use crate::value::Type;

pub(super) const FUNCTION: Function = Function {
    name: "regex_replace",
    parameters: &[
        Parameter { name: "source", shapes: &[Shape::Bytes], kind: Kind::Any },
        Parameter { name: "pattern", shapes: &[Shape::Bytes], kind: Kind::Literal },
        Parameter { name: "replacement", shapes: &[Shape::Bytes], kind: Kind::Literal },
    ],
    required: 3,
    repeats: Repeats::No,
    yields: |arguments, _| {
        let pattern = literal_bytes(arguments, 1).map(|pattern| std::str::from_utf8(pattern));
        if pattern.is_some_and(|pattern| pattern.is_err()) {
            return Err(Misfit { argument: 1, expected: "a regular expression in UTF-8" });
        }
        replacement::check(literal_bytes(arguments, 2), 2)?;
        Ok(Type::Bytes)
    },
    prepare: |arguments, patterns, options| {
        let pattern = literal_bytes(arguments, 1).and_then(|p| std::str::from_utf8(p).ok());
        let regex = patterns.groups(pattern.unwrap_or_default(), options)?;
        replacement::prepare("regex_replace", regex, literal_bytes(arguments, 2))
    },
    apply: replacement::apply,
};
