//! Which parts of the heads of messages are looked at for data loss, beside the bodies: the URL of requests,
//! and fields.

use std::collections::BTreeSet;

use bytes::Bytes;
use gateway_h1h2::{Fields, RequestHead};

use crate::body::HeadText;

/// Fields whose purpose is to carry a secret to whom it belongs: meant only where they are named.
const CREDENTIALS: [&str; 6] = [
    "authentication-info",
    "authorization",
    "cookie",
    "proxy-authentication-info",
    "proxy-authorization",
    "set-cookie",
];

/// How paths and queries are read: escapes are undone, and each value stands alone.
const FORM: &[u8] = b"application/x-www-form-urlencoded";

/// What is looked at of heads, where a rule wants to know of data loss in the body. By default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeadScan {
    /// The path and the query of requests: the parts `url:path` and `url:query`.
    pub url: bool,
    /// Fields of requests, and of answers with a body: parts such as `header:referer`.
    pub fields: ScannedFields,
}

/// Fields by their names. By default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScannedFields {
    /// All but those that carry credentials: `Authorization`, `Proxy-Authorization`, `Cookie`, `Set-Cookie`,
    /// `Authentication-Info` and `Proxy-Authentication-Info`.
    pub all: bool,
    /// These, in small letters.
    pub named: BTreeSet<String>,
}

impl ScannedFields {
    fn covers(&self, name: &str) -> bool {
        self.named.contains(name) || (self.all && !CREDENTIALS.contains(&name))
    }
}

impl HeadScan {
    /// What is looked at of the head of a request.
    pub(crate) fn of_request(&self, head: &RequestHead) -> Vec<HeadText> {
        let mut texts = Vec::new();
        if let Some(target) = head.target.path_and_query().filter(|_| self.url) {
            for (name, text) in [("url:path", Some(target.path())), ("url:query", target.query())] {
                let text = Bytes::copy_from_slice(text.unwrap_or_default().as_bytes());
                texts.push(HeadText { name: name.to_owned(), text, content_type: Some(FORM) });
            }
        }
        self.of_fields(&head.fields, &mut texts);
        texts.retain(|text| !text.text.is_empty());
        texts
    }

    /// What is looked at of the head of an answer.
    pub(crate) fn of_response(&self, fields: &Fields) -> Vec<HeadText> {
        let mut texts = Vec::new();
        self.of_fields(fields, &mut texts);
        texts.retain(|text| !text.text.is_empty());
        texts
    }

    fn of_fields(&self, fields: &Fields, texts: &mut Vec<HeadText>) {
        if !self.fields.all && self.fields.named.is_empty() {
            return;
        }
        for (name, value) in fields.iter() {
            let name = name.to_ascii_lowercase();
            if self.fields.covers(&name) {
                let text = Bytes::copy_from_slice(value);
                texts.push(HeadText { name: format!("header:{name}"), text, content_type: None });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_looked_at_only_by_their_names() {
        let named = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let none = ScannedFields::default();
        let some = ScannedFields { all: false, named: named(&["x-note", "cookie"]) };
        let all = ScannedFields { all: true, named: named(&[]) };
        for (name, expected) in [
            ("x-note", [false, true, true]),
            ("cookie", [false, true, false]),
            ("referer", [false, false, true]),
            ("authorization", [false, false, false]),
        ] {
            assert_eq!([&none, &some, &all].map(|fields| fields.covers(name)), expected, "{name}");
        }
    }
}
