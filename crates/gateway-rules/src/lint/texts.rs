//! Texts: what is odd about the values that a field is compared with, and about patterns.

use std::ops::Range;

use bytes::Bytes;
use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::{Hir, HirKind};

use super::finding::Flaw;
use crate::ast::{Literal, Operand, Order, Source, Test};
use crate::scheme::{Field, Scheme};

/// Fields that hold names of hosts, in lower case.
const HOSTS: [&str; 9] = [
    "dns.domains",
    "dns.fqdn",
    "http.request.domains",
    "http.request.host",
    "net.dst.host",
    "net.sni.domains",
    "net.sni.host",
    "quic.sni",
    "webrtc.dtls.sni",
];

/// Fields that hold other texts in lower case.
const LOWER: [&str; 6] = [
    "http.download.mime",
    "http.request.scheme",
    "http.response.mime",
    "http.upload.mime",
    "net.protocol",
    "net.protocol.detection",
];

const METHODS: [&str; 9] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/// Repetitions beyond this are large.
const REPETITIONS_MAX: u32 = 100;

/// How many lines a text may have: what stands in heads and names has one, and what a function makes
/// of it may have more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lines {
    One,
    Several,
}

/// What is odd about one test.
pub(super) fn flaws(scheme: &Scheme, operand: &Operand, test: &Test) -> Vec<Flaw> {
    let mut found = Vec::new();
    let (field, lines) = match &operand.source {
        Source::Field(field) => (scheme.field(*field).map_or("", Field::name), Lines::One),
        Source::Call(_) => ("", Lines::Several),
    };
    let is_host = HOSTS.contains(&field);
    found.extend(texts(test).iter().filter_map(|text| of_text(field, text)));
    found.extend(out_of_range(field, test));
    match test {
        Test::Contains(needle) if needle.is_empty() => found.push(Flaw::MatchesAll),
        Test::Wildcard(_, pattern) if !pattern.is_empty() && pattern.iter().all(|b| *b == b'*') => {
            found.push(Flaw::MatchesAll);
        }
        Test::Contains(needle) if is_host && !field.ends_with("domains") => {
            found.extend(host_part(field, needle));
        }
        Test::Matches(pattern) => found.extend(of_regex(is_host, lines, pattern)),
        _ => {}
    }
    found
}

/// The texts that a value is compared with as a whole.
fn texts(test: &Test) -> Vec<&Bytes> {
    match test {
        Test::Order(Order::Equal | Order::NotEqual, Literal::Bytes(text)) => vec![text],
        Test::InBytes(texts) => texts.iter().collect(),
        _ => Vec::new(),
    }
}

fn of_text(field: &str, text: &Bytes) -> Option<Flaw> {
    let value = String::from_utf8_lossy(text).into_owned();
    let (is_host, is_lower) = (HOSTS.contains(&field), LOWER.contains(&field));
    if is_host && is_more_than_host(&value) {
        return Some(Flaw::HostValue { field: field.to_owned(), value });
    }
    if (is_host || is_lower) && text.iter().any(u8::is_ascii_uppercase) {
        return Some(Flaw::LowerCase { field: field.to_owned(), value });
    }
    let is_other_case = |method: &&str| method.eq_ignore_ascii_case(&value) && **method != value;
    if field == "http.request.method" && METHODS.iter().any(is_other_case) {
        return Some(Flaw::MethodCase { value });
    }
    None
}

/// Whether a text has a scheme, a path, a port or a star.
fn is_more_than_host(value: &str) -> bool {
    let has_port = value.split_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())
    });
    value.contains(['/', '*', ' ', '@', '?']) || has_port
}

/// `contains "name.tld"` of a host also holds of hosts that somebody else registers.
fn host_part(field: &str, needle: &Bytes) -> Option<Flaw> {
    let needle = std::str::from_utf8(needle).ok()?;
    let is_name = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let labels: Vec<&str> = needle.trim_start_matches('.').split('.').collect();
    let is_domain = labels.len() > 1 && labels.iter().all(|label| is_name(label));
    let before = if needle.starts_with('.') { "a" } else { "" };
    let example = format!("{before}{needle}.elsewhere.example");
    is_domain.then(|| Flaw::HostPart { field: field.to_owned(), example })
}

fn out_of_range(field: &str, test: &Test) -> Vec<Flaw> {
    let (least, greatest) = match field {
        "net.dst.port" | "net.src.port" => (0, 65_535),
        "http.response.status_code" => (100, 999),
        _ if field.ends_with(".count")
            || field.ends_with(".size")
            || field.ends_with(".messages") =>
        {
            (0, i64::MAX)
        }
        _ => return Vec::new(),
    };
    let ranges: Vec<(i64, i64)> = match test {
        Test::Order(_, Literal::Int(value)) => vec![(*value, *value)],
        Test::InInts(ranges) => ranges.clone(),
        _ => return Vec::new(),
    };
    let field = || field.to_owned();
    let outside = ranges.into_iter().filter(|(first, last)| *last < least || greatest < *first);
    outside.map(|(value, _)| Flaw::OutOfRange { field: field(), value, least, greatest }).collect()
}

fn of_regex(is_host: bool, lines: Lines, pattern: &str) -> Vec<Flaw> {
    let mut found = Vec::new();
    let parsed = ast::parse::ParserBuilder::new().build().parse(pattern);
    let hir = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern);
    let (Ok(tree), Ok(hir)) = (parsed, hir) else { return found };
    if matches_all(&hir) {
        return vec![Flaw::RegexAll];
    }
    let parts = match &tree {
        Ast::Concat(concat) => concat.asts.as_slice(),
        other => std::slice::from_ref(other),
    };
    if let Some(found_text) = leading_star(parts, pattern, lines) {
        found.push(Flaw::RegexLeadingStar { found: found_text });
    }
    if let Some(times) = largest_repetition(&tree).filter(|times| *times > REPETITIONS_MAX) {
        found.push(Flaw::RegexRepetition { times });
    }
    if is_host {
        found.extend(of_host(parts, pattern));
    } else if let HirKind::Literal(literal) = hir.kind()
        && let Ok(text) = std::str::from_utf8(&literal.0)
    {
        found.push(Flaw::RegexPlain { text: text.replace('\\', "\\\\").replace('"', "\\\"") });
    }
    found
}

/// Whether an expression without assertions matches the empty text, and so every text.
fn matches_all(hir: &Hir) -> bool {
    let properties = hir.properties();
    properties.minimum_len() == Some(0) && properties.look_set().is_empty()
}

/// The `.*` with which an expression begins, which may stand anywhere in a text in any case; that of
/// `^.*` only keeps what follows within the first line, where there may be several.
fn leading_star(parts: &[Ast], pattern: &str, lines: Lines) -> Option<String> {
    let (first, star, rest) = match parts {
        [Ast::Assertion(start), star, rest @ ..] if lines == Lines::One => {
            let is_start =
                matches!(start.kind, ast::AssertionKind::StartLine | ast::AssertionKind::StartText);
            (is_start.then_some(start.span)?, star, rest)
        }
        [star, rest @ ..] => (*star.span(), star, rest),
        [] => return None,
    };
    let Ast::Repetition(repetition) = star else { return None };
    let is_any = matches!(*repetition.ast, Ast::Dot(_));
    let is_star = matches!(repetition.op.kind, ast::RepetitionKind::ZeroOrMore);
    let found = pattern.get(first.start.offset..star.span().end.offset)?;
    (is_any && is_star && !rest.is_empty()).then(|| found.to_owned())
}

fn range(span: &ast::Span) -> Range<usize> {
    span.start.offset..span.end.offset
}

fn largest_repetition(tree: &Ast) -> Option<u32> {
    let of_all = |parts: &[Ast]| parts.iter().filter_map(largest_repetition).max();
    match tree {
        Ast::Repetition(repetition) => {
            let own = match &repetition.op.kind {
                ast::RepetitionKind::Range(
                    ast::RepetitionRange::Exactly(times)
                    | ast::RepetitionRange::AtLeast(times)
                    | ast::RepetitionRange::Bounded(_, times),
                ) => Some(*times),
                _ => None,
            };
            // What repeats within what repeats multiplies.
            let inner = largest_repetition(&repetition.ast);
            match (own, inner) {
                (Some(own), Some(inner)) => Some(own.saturating_mul(inner)),
                (own, inner) => own.or(inner),
            }
        }
        Ast::Group(group) => largest_repetition(&group.ast),
        Ast::Concat(concat) => of_all(&concat.asts),
        Ast::Alternation(alternation) => of_all(&alternation.asts),
        _ => None,
    }
}

/// What is odd about the expression of a host: dots that stand for any byte between letters, and
/// ends that are open.
fn of_host(parts: &[Ast], pattern: &str) -> Vec<Flaw> {
    let mut found = Vec::new();
    let is_letter = |part: Option<&Ast>| matches!(part, Some(Ast::Literal(literal)) if literal.c.is_ascii_alphanumeric());
    for (at, part) in parts.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| parts.get(before));
        if matches!(part, Ast::Dot(_)) && is_letter(before) && is_letter(parts.get(at + 1)) {
            let span = range(part.span());
            let around = |range: Range<usize>| pattern.get(range).unwrap_or_default();
            let (lead, tail) = (around(0..span.start), around(span.end..pattern.len()));
            let plain = |text: &str| text.replace(['^', '$', '\\'], "");
            found.push(Flaw::RegexDot { example: format!("{}x{}", plain(lead), plain(tail)) });
            break;
        }
    }
    let is_name = parts.iter().filter(|part| is_letter(Some(part))).count() >= 3;
    let has_dot = parts.iter().any(|part| {
        matches!(part, Ast::Dot(_)) || matches!(part, Ast::Literal(literal) if literal.c == '.')
    });
    let ends_open = is_letter(parts.last());
    if is_name && has_dot && ends_open && found.is_empty() {
        let name: String = parts
            .iter()
            .filter_map(|part| match part {
                Ast::Literal(literal) => Some(literal.c),
                _ => None,
            })
            .collect();
        let example = format!("{}.elsewhere.example", name.trim_start_matches('.'));
        found.push(Flaw::RegexUnanchored { example });
    }
    found
}
