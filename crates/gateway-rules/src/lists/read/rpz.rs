//! Response policy zones: what the owners of a zone file name. What the zone answers with says
//! only whether an owner is listed or exempt.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Reading, lines};
use crate::lists::ListKind;
use crate::lists::domains::Scope;
use crate::lists::entry::EntryError;

/// Types of records that a policy answers with.
const ANSWERS: [&str; 10] =
    ["A", "AAAA", "CNAME", "DNAME", "HTTPS", "MX", "PTR", "SRV", "SVCB", "TXT"];
/// The last labels of owners that are no names of what is asked for, with what they are.
const OTHER: [(&str, &str); 4] = [
    ("rpz-client-ip", "triggers by the client"),
    ("rpz-ip", "triggers by addresses in answers"),
    ("rpz-nsdname", "triggers by name servers"),
    ("rpz-nsip", "triggers by name servers"),
];

pub(super) fn read(reading: &mut Reading<'_>, file: &[u8]) {
    let mut zone = Zone::default();
    let mut open = 0_usize;
    for (line, bytes) in lines(file) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            reading.keep(line, Err(EntryError::Utf8));
            continue;
        };
        let (text, is_quoted) = without_comment(text.trim_end());
        if is_quoted {
            reading.fault(line, "a closing quote", text);
            continue;
        }
        // Records over several lines are those of the zone itself, which list nothing.
        let before = open;
        open = (open + text.matches('(').count()).saturating_sub(text.matches(')').count());
        if before == 0 && !text.trim().is_empty() {
            zone.record(reading, line, text);
        }
    }
}

/// A line without its comment, and whether a quote is left open.
fn without_comment(line: &str) -> (&str, bool) {
    let mut is_quoted = false;
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b';' if !is_quoted => return (line.get(..at).unwrap_or(line), false),
            _ => {}
        }
    }
    (line, is_quoted)
}

/// What a line of a zone file is read by.
#[derive(Debug, Default)]
struct Zone {
    /// In lower case, without the final dot.
    origin: Option<String>,
    /// The owner of the record before.
    owner: Option<String>,
}

impl Zone {
    fn record(&mut self, reading: &mut Reading<'_>, line: usize, text: &str) {
        let goes_on = text.starts_with([' ', '\t']);
        let mut words = text.split_ascii_whitespace().peekable();
        match words.peek().copied() {
            Some("$ORIGIN") => {
                let origin = words.nth(1).and_then(|origin| origin.strip_suffix('.'));
                match origin {
                    Some(origin) => self.origin = Some(origin.to_ascii_lowercase()),
                    None => reading.fault(line, "$ORIGIN and a name with a final dot", text),
                }
                return;
            }
            Some("$TTL") => return,
            Some(directive) if directive.starts_with('$') => {
                return reading.fault(line, "a record, $ORIGIN or $TTL", text);
            }
            _ => {}
        }
        if !goes_on {
            self.owner = words.next().map(str::to_ascii_lowercase);
        }
        let is_class = |word: &str| ["IN", "CH", "HS"].iter().any(|c| word.eq_ignore_ascii_case(c));
        let is_time = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        let kind = words.find(|word| !is_class(word) && !is_time(word));
        let Some(owner) = self.owner.clone() else {
            return reading.fault(line, "an owner", text);
        };
        let kind = kind.unwrap_or_default().to_ascii_uppercase();
        match (kind.as_str(), words.next()) {
            ("SOA", _) => {
                if let (None, Some(apex)) = (&self.origin, owner.strip_suffix('.')) {
                    self.origin = Some(apex.to_owned());
                }
            }
            ("NS", _) => {}
            ("CNAME", Some("rpz-passthru.")) => reading.pass_over(line, "exceptions"),
            (kind, Some(_)) if ANSWERS.contains(&kind) => self.listed(reading, line, &owner),
            _ => reading.fault(line, "an owner, a type and what it answers with", text),
        }
    }

    /// Adds an owner.
    fn listed(&self, reading: &mut Reading<'_>, line: usize, owner: &str) {
        let name = match (owner.strip_suffix('.'), &self.origin) {
            (None, _) => owner,
            (Some(whole), Some(origin)) => {
                let within = whole.strip_suffix(origin.as_str());
                let Some(name) = within.and_then(|name| name.strip_suffix('.')) else {
                    return reading.fault(line, "an owner within the zone", owner);
                };
                name
            }
            (Some(_), None) => return reading.fault(line, "$ORIGIN or SOA before", owner),
        };
        let kind = reading.builder.kind();
        let other = OTHER.iter().find(|(label, _)| name.rsplit('.').next() == Some(label));
        match (kind, other) {
            (ListKind::Ip, Some(("rpz-ip", _))) => {
                let network = name.strip_suffix(".rpz-ip").and_then(network);
                let Some((address, prefix)) = network else {
                    return reading.fault(line, "a prefix length and an address backwards", owner);
                };
                let added = reading.builder.add_network(address, prefix);
                reading.keep(line, added);
            }
            (_, Some((_, what))) => reading.pass_over(line, what),
            (ListKind::Ip, None) => reading.pass_over(line, "triggers by names"),
            (_, None) => {
                let added = match name.strip_prefix("*.") {
                    Some(name) => reading.builder.add_name(name, Scope::Below),
                    None => reading.builder.add_name(name, Scope::Here),
                };
                reading.keep(line, added);
            }
        }
    }
}

/// The network that is written backwards: `24.0.2.0.192`, `48.zz.2.db8.2001`.
fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (prefix, rest) = text.split_once('.')?;
    let prefix = prefix.parse().ok()?;
    let forwards = |separator: &str| rest.rsplit('.').collect::<Vec<_>>().join(separator);
    if let Ok(v4) = forwards(".").parse::<Ipv4Addr>() {
        return Some((v4.into(), prefix));
    }
    // `zz` is the run of zeros that `::` stands for; at an end it has one colon more.
    let v6 = forwards(":").replace("zz", "");
    let v6 = if v6.starts_with(':') { format!(":{v6}") } else { v6 };
    let v6 = if v6.ends_with(':') { format!("{v6}:") } else { v6 };
    v6.parse::<Ipv6Addr>().ok().map(|v6| (v6.into(), prefix))
}
