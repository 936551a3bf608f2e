//! Filter rules of ad blockers: those that block a whole domain, or a prefix of URLs. Others say
//! what no entry can: parts of pages, exceptions, patterns, and what only some requests meet.

use super::Reading;
use crate::lists::ListKind;
use crate::lists::domains::Scope;

/// Options that take nothing away from a rule.
const WHOLE: [&str; 3] = ["all", "doc", "important"];
/// What stands between the domains and the rest of a rule for pages.
const COSMETIC: [&str; 8] = ["##", "#@#", "#?#", "#$#", "#@?#", "#@$#", "#%#", "$$"];

pub(super) fn read(reading: &mut Reading<'_>, file: &[u8]) {
    reading.lines(file, |reading, line, text| {
        let is_comment = text.starts_with('!') || (text.starts_with('[') && text.ends_with(']'));
        if !is_comment {
            rule(reading, line, text);
        }
    });
}

fn rule(reading: &mut Reading<'_>, line: usize, text: &str) {
    if COSMETIC.iter().any(|mark| text.contains(mark)) {
        return reading.pass_over(line, "rules for parts of pages");
    }
    if text.starts_with("@@") {
        return reading.pass_over(line, "exceptions");
    }
    let Some(anchored) = text.strip_prefix("||") else {
        // Lists for resolvers hold lines of hosts files, too.
        return reading.pass_over(line, "patterns that are no domain");
    };
    let (pattern, options) = anchored.split_once('$').unwrap_or((anchored, ""));
    if options.split(',').any(|option| !option.is_empty() && !WHOLE.contains(&option)) {
        return reading.pass_over(line, "rules for some requests alone");
    }
    let (pattern, ends) = match pattern.strip_suffix("^|").or_else(|| pattern.strip_suffix('^')) {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let is_plain = !pattern.contains(['*', '^', '|']);
    let has_path = pattern.contains('/');
    if !is_plain || (!has_path && !ends) {
        return reading.pass_over(line, "patterns that are no domain");
    }
    let added = match (reading.builder.kind(), has_path) {
        (ListKind::Domain | ListKind::Host, true) => {
            return reading.pass_over(line, "URLs, which are no domains");
        }
        (ListKind::Domain | ListKind::Host | ListKind::Url, _) => {
            reading.builder.add_name(pattern, Scope::HereAndBelow)
        }
        _ => reading.builder.add(pattern),
    };
    reading.keep(line, added);
}
