//! Fields that belong to one hop: what a proxy takes out before it passes a message on, and `Via`.
//!
//! Pure functions over [`Fields`]; codecs do not call them. `Transfer-Encoding` and
//! `Content-Length` never stand in `Fields`, so they need no stripping.

use crate::authority::split;
use crate::fields::{Key, Keys, is_token, members};
use crate::{FieldError, Fields, Version};

/// Fields that are always for one hop (RFC 9110 §7.6.1, §11.7; `Proxy-Connection` by custom).
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "upgrade",
];

const HOP_KEYS: Keys = Keys::of(&HOP_BY_HOP);

fn is_hop_by_hop(name: &[u8]) -> bool {
    HOP_BY_HOP.iter().any(|hop| name.eq_ignore_ascii_case(hop.as_bytes()))
}

/// Fields that a `Connection` option must not name, since they are for the other end or for the
/// routing of the message (RFC 9110 §7.6.1).
const PROTECTED: [&str; 20] = [
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "location",
    "max-forwards",
    "set-cookie",
    "transfer-encoding",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// What [`strip_hop_by_hop`] does with an offer or a choice to leave HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpgradeField {
    /// `Upgrade` is taken out.
    Strip,
    /// `Upgrade` stays, without `h2c`, which would carry requests past every check.
    Keep,
}

/// Takes out all fields that are for this hop only: those that `Connection` names, and the fixed
/// list of RFC 9110 §7.6.1 with `Proxy-Authorization` and `Proxy-Connection`.
///
/// `TE` stays if it holds `trailers`, then as just that; `Upgrade` by choice. For what stays, a
/// `Connection` field is written anew. Fields that `Connection` must not name (`Host`,
/// `Authorization` and the like) are never taken out.
pub fn strip_hop_by_hop(fields: &mut Fields, upgrade: UpgradeField) {
    let (mut named, mut keys) = (Vec::new(), HOP_KEYS);
    for option in fields.all("connection").flat_map(members) {
        if !is_connection_state(option) && !is_protected(option) {
            keys.insert(Key::of(option));
            named.push(option.to_ascii_lowercase());
        }
    }
    named.sort_unstable();
    let takes_trailers = fields.all("te").flat_map(members).any(|coding| {
        coding
            .split(|byte| *byte == b';')
            .next()
            .is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(b"trailers"))
    });
    let protocols = match upgrade {
        UpgradeField::Strip => Vec::new(),
        UpgradeField::Keep => {
            let all = fields.all("upgrade").flat_map(members);
            let others: Vec<&[u8]> =
                all.filter(|protocol| !protocol.eq_ignore_ascii_case(b"h2c")).collect();
            others.join(b", ".as_slice())
        }
    };

    fields.weed(keys, &mut |name| {
        is_hop_by_hop(name)
            || (!named.is_empty() && named.binary_search(&name.to_ascii_lowercase()).is_ok())
    });
    let mut options = Vec::new();
    let mut keep = |name: &'static str, value: &[u8]| {
        // The value was part of a valid field: it is valid again.
        if fields.append(name, value).is_ok() {
            options.push(name);
        }
    };
    if takes_trailers {
        keep("TE", b"trailers");
    }
    if !protocols.is_empty() {
        keep("Upgrade", &protocols);
    }
    if !options.is_empty() {
        let appended = fields.append("Connection", options.join(", "));
        debug_assert!(appended.is_ok(), "the options are tokens");
    }
}

/// Appends this hop to `Via` (RFC 9110 §7.6.3): the version received and the name of this proxy.
///
/// # Errors
/// [`FieldError::Value`] if `pseudonym` is not a token, or host and port.
pub fn append_via(
    fields: &mut Fields,
    received: Version,
    pseudonym: &str,
) -> Result<(), FieldError> {
    if !is_token(pseudonym.as_bytes()) && split(pseudonym.as_bytes()).is_err() {
        return Err(FieldError::Value);
    }
    // A version, a blank and a name whose every byte may stand in a value.
    fields.append_valid("Via", &[received.number().as_bytes(), b" ", pseudonym.as_bytes()])
}

/// Whether `Via` says that the message has passed `pseudonym` before: a loop.
pub fn via_names(fields: &Fields, pseudonym: &str) -> bool {
    fields.all("via").flat_map(members).any(|hop| {
        let mut words =
            hop.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
        words.nth(1).is_some_and(|by| by.eq_ignore_ascii_case(pseudonym.as_bytes()))
    })
}

/// Whether a `Connection` option names a field that is not for this hop alone.
pub(crate) fn is_protected(option: &[u8]) -> bool {
    // What begins with a colon would be a pseudo-field of HTTP/2.
    option.starts_with(b":")
        || PROTECTED.iter().any(|name| option.eq_ignore_ascii_case(name.as_bytes()))
}

fn is_connection_state(option: &[u8]) -> bool {
    option.eq_ignore_ascii_case(b"close") || option.eq_ignore_ascii_case(b"keep-alive")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(lines: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::new();
        for (name, value) in lines {
            fields.append(name, value).expect("a field");
        }
        fields
    }

    #[track_caller]
    fn check(lines: &[(&str, &str)], upgrade: UpgradeField, expected: &[(&str, &str)]) {
        let mut stripped = fields(lines);
        strip_hop_by_hop(&mut stripped, upgrade);
        assert_eq!(stripped, fields(expected), "{stripped:?}");
        let mut again = stripped.clone();
        strip_hop_by_hop(&mut again, upgrade);
        assert_eq!(again, stripped, "a second time changes nothing");
    }

    #[test]
    fn fields_of_one_hop_stay_on_it() {
        use UpgradeField::{Keep, Strip};
        check(&[], Strip, &[]);
        check(
            &[
                ("Host", "a"),
                ("Connection", "keep-alive, X-Hop ,close"),
                ("connection", "x-other"),
                ("Keep-Alive", "timeout=5"),
                ("x-hop", "1"),
                ("X-Other", "2"),
                ("X-End", "3"),
                ("Proxy-Connection", "keep-alive"),
                ("Proxy-Authorization", "Basic x"),
                ("Proxy-Authenticate", "Basic"),
                ("Upgrade", "websocket"),
                ("TE", "gzip"),
            ],
            Strip,
            &[("Host", "a"), ("X-End", "3")],
        );
        check(
            &[("Connection", "Host, authorization, Cookie"), ("Host", "a"), ("Authorization", "b")],
            Strip,
            &[("Host", "a"), ("Authorization", "b")],
        );
        check(
            &[("TE", "trailers;q=0.5, deflate"), ("A", "1")],
            Strip,
            &[("A", "1"), ("TE", "trailers"), ("Connection", "TE")],
        );
        check(
            &[
                ("Connection", "Upgrade, HTTP2-Settings"),
                ("Upgrade", "h2c, websocket"),
                ("HTTP2-Settings", "x"),
            ],
            Keep,
            &[("Upgrade", "websocket"), ("Connection", "Upgrade")],
        );
        check(&[("Connection", "Upgrade"), ("Upgrade", "h2c")], Keep, &[]);
    }

    #[test]
    fn via_grows_and_is_recognised() {
        let mut fields = fields(&[("Via", "1.0 fred, 1.1 p.example (Apache/1.1)")]);
        assert!(!via_names(&fields, "gateway"));
        append_via(&mut fields, Version::Http2, "gateway").expect("a name");
        append_via(&mut fields, Version::Http11, "g.example:8080").expect("a host");
        let all: Vec<_> = fields.all("via").skip(1).collect();
        assert_eq!(all, [b"2 gateway".as_slice(), b"1.1 g.example:8080"]);
        for name in ["fred", "P.example", "Gateway", "g.example:8080"] {
            assert!(via_names(&fields, name), "{name}");
        }
        assert!(!via_names(&fields, "1.1"));
        assert_eq!(append_via(&mut fields, Version::Http11, "a b"), Err(FieldError::Value));
    }
}
