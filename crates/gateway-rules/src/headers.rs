//! Changes of header fields that a rule makes in what it lets pass: deleted, then set, then added.
//! Says what is to be changed; heads are changed by whoever has them.

mod template;
mod tenants;

use std::sync::Arc;

pub use self::template::HeaderValue;
use self::template::Template;
pub use self::tenants::{Tenant, TenantError};
use crate::facts::Facts;
use crate::phase::Gate;
use crate::scheme::{FieldId, Scheme};
use crate::suggest;

/// The changes of one rule, as data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderChanges {
    /// Of requests on their way to the origin.
    pub request: Vec<HeaderChange>,
    /// Of responses on their way to the client.
    pub response: Vec<HeaderChange>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderChange {
    /// What is done.
    pub operation: HeaderOperation,
    /// The name of the field, at most 256 bytes.
    pub name: String,
    /// The value, at most 4 KiB; `@{identity.email}` stands for a field of the scheme. Not looked at
    /// where the field is deleted.
    pub value: String,
    /// The domains whose hosts, and those below, it is for; all if there is none.
    pub hosts: Vec<String>,
}

/// What is done to a field. They are carried out in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HeaderOperation {
    /// Every line of this name goes.
    Delete,
    /// One line of this name stands in the place of all.
    Set,
    /// A line is added to what is there.
    Add,
}

impl HeaderOperation {
    /// Every operation, in order.
    pub const ALL: [Self; 3] = [Self::Delete, Self::Set, Self::Add];

    /// The name used in policies and records, such as `set`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Set => "set",
            Self::Add => "add",
        }
    }
}

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderFault {
    /// The name is none of HTTP (RFC 9110 §5.1).
    #[error("`{name}` is no name of a header field")]
    Name {
        /// The name given.
        name: String,
    },
    /// The field belongs to the connection, frames the message, or is the gateway's own.
    #[error(
        "the header field `{name}` is not for rules to change: it belongs to the connection, or \
             to what the gateway itself agrees on"
    )]
    Reserved {
        /// The name given.
        name: String,
    },
    /// The value has a line end or another control character, or is too long.
    #[error(
        "the value of the header field `{name}` has a control character, or more than {} bytes",
        HeaderChanges::VALUE_BYTES_MAX
    )]
    Value {
        /// The name of the field.
        name: String,
    },
    /// A variable is not closed.
    #[error("the value of the header field `{name}` has `@{{` without `}}`")]
    Unclosed {
        /// The name of the field.
        name: String,
    },
    /// There is no such variable.
    #[error("the value of the header field `{name}` has the unknown variable `@{{{variable}}}`{}", suggest::hint(suggestion.as_deref()))]
    UnknownVariable {
        /// The name of the field.
        name: String,
        /// What was named.
        variable: String,
        /// A name that is there and similar.
        suggestion: Option<String>,
    },
    /// The variable is known only after the head has gone.
    #[error(
        "the value of the header field `{name}` has `@{{{variable}}}`, which is known too late"
    )]
    Late {
        /// The name of the field.
        name: String,
        /// What was named.
        variable: String,
    },
    /// A rule has too many changes.
    #[error("a rule changes {} header fields at most, found {found}", HeaderChanges::CHANGES_MAX)]
    TooMany {
        /// How many.
        found: usize,
    },
}

impl HeaderChanges {
    /// The most changes of one rule, those of presets included.
    pub const CHANGES_MAX: usize = 40;
    /// The most bytes of a name.
    pub const NAME_BYTES_MAX: usize = 256;
    /// The most bytes of a value, before variables are filled in and after.
    pub const VALUE_BYTES_MAX: usize = 4096;

    /// Whether nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.request.is_empty() && self.response.is_empty()
    }

    /// Makes every change ready.
    pub(crate) fn prepare(&self, scheme: &Scheme) -> Result<PreparedChanges, HeaderFault> {
        let found = self.request.len() + self.response.len();
        if found > Self::CHANGES_MAX {
            return Err(HeaderFault::TooMany { found });
        }
        let all = |changes: &[HeaderChange], gate| -> Result<Vec<PreparedChange>, HeaderFault> {
            let mut prepared: Vec<PreparedChange> = changes
                .iter()
                .map(|change| change.prepare(scheme, gate))
                .collect::<Result<_, _>>()?;
            prepared.sort_by_key(|change| change.operation);
            Ok(prepared)
        };
        Ok(PreparedChanges {
            request: all(&self.request, Gate::RequestHead)?,
            response: all(&self.response, Gate::ResponseHead)?,
        })
    }
}

impl HeaderChange {
    /// A change for every host.
    #[must_use]
    pub fn new(
        operation: HeaderOperation,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Self { operation, name: name.into(), value: value.into(), hosts: Vec::new() }
    }

    fn prepare(&self, scheme: &Scheme, gate: Gate) -> Result<PreparedChange, HeaderFault> {
        let name = || self.name.clone();
        let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if self.name.is_empty()
            || self.name.len() > HeaderChanges::NAME_BYTES_MAX
            || !self.name.bytes().all(is_token)
        {
            return Err(HeaderFault::Name { name: name() });
        }
        let lower = self.name.to_ascii_lowercase();
        if RESERVED.contains(&lower.as_str())
            || RESERVED_BEGINNINGS.iter().any(|b| lower.starts_with(b))
        {
            return Err(HeaderFault::Reserved { name: name() });
        }
        let is_control = |b: u8| (b < 0x20 && b != b'\t') || b == 0x7f;
        if self.value.len() > HeaderChanges::VALUE_BYTES_MAX || self.value.bytes().any(is_control) {
            return Err(HeaderFault::Value { name: name() });
        }
        let template = Template::parse(&self.name, &self.value, scheme, gate)?;
        Ok(PreparedChange {
            operation: self.operation,
            name: self.name.clone(),
            template,
            hosts: self.hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
        })
    }
}

/// Fields that rules do not change: of the connection (RFC 9110 §7.6.1), of the framing (RFC 9112
/// §6), of routing, and those by which the gateway agrees on what it can look into.
const RESERVED: [&str; 23] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "expect",
    "host",
    "http2-settings",
    "if-range",
    "keep-alive",
    "max-forwards",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "proxy-status",
    "range",
    "te",
    "trailer",
    "trailers",
    "transfer-encoding",
    "upgrade",
    "via",
];

const RESERVED_BEGINNINGS: [&str; 2] = ["gw-", "sec-websocket-"];

/// Changes that are ready to be made.
#[derive(Clone, Debug, Default)]
pub(crate) struct PreparedChanges {
    request: Vec<PreparedChange>,
    response: Vec<PreparedChange>,
}

#[derive(Clone, Debug)]
struct PreparedChange {
    operation: HeaderOperation,
    name: String,
    template: Template,
    hosts: Vec<String>,
}

/// A change to be carried out now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueChange<'r> {
    /// What is done.
    pub operation: HeaderOperation,
    /// The name of the field.
    pub name: &'r str,
    /// The value, without control characters; empty where the field is deleted.
    pub value: HeaderValue,
}

impl PreparedChanges {
    /// The fields that values name.
    pub(crate) fn fields(&self) -> impl Iterator<Item = FieldId> {
        self.request.iter().chain(&self.response).flat_map(|change| change.template.fields())
    }

    /// What is to be changed in the request to `host`, or in the response from it.
    pub(crate) fn due<'r>(
        &'r self,
        side: HeaderSide,
        host: &'r str,
        facts: &'r Facts,
    ) -> impl Iterator<Item = DueChange<'r>> {
        let changes = match side {
            HeaderSide::Request => &self.request,
            HeaderSide::Response => &self.response,
        };
        let is_for = move |change: &&PreparedChange| {
            change.hosts.is_empty() || change.hosts.iter().any(|domain| is_within(host, domain))
        };
        changes.iter().filter(is_for).map(|change| DueChange {
            operation: change.operation,
            name: &change.name,
            value: change.template.render(facts),
        })
    }
}

/// Which of the two heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderSide {
    /// That of the request.
    Request,
    /// That of the response.
    Response,
}

fn is_within(host: &str, domain: &str) -> bool {
    let above = host.strip_suffix(domain);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// The changes of all rules of a set that make any.
#[derive(Debug, Default)]
pub(crate) struct ChangesByRule(Vec<(u32, Arc<PreparedChanges>)>);

impl ChangesByRule {
    /// `rules` are those that change something, ascending; what cannot be made is left out.
    pub(crate) fn new<'a>(
        scheme: &Scheme,
        rules: impl Iterator<Item = (u32, &'a HeaderChanges)>,
    ) -> Self {
        let ready = |(rule, changes): (u32, &HeaderChanges)| {
            Some((rule, Arc::new(changes.prepare(scheme).ok()?)))
        };
        Self(rules.filter_map(ready).collect())
    }

    pub(crate) fn of(&self, rule: u32) -> Option<&PreparedChanges> {
        let at = self.0.binary_search_by_key(&rule, |(rule, _)| *rule).ok()?;
        self.0.get(at).map(|(_, changes)| &**changes)
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = FieldId> {
        self.0.iter().flat_map(|(_, changes)| changes.fields())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::field;

    fn fault(operation: HeaderOperation, name: &str, value: &str) -> Option<String> {
        let change = HeaderChange::new(operation, name, value);
        change.prepare(&Scheme::gateway(), Gate::RequestHead).err().map(|fault| fault.to_string())
    }

    #[test]
    fn names_and_values_are_checked() {
        let set = HeaderOperation::Set;
        for (name, value, expected) in [
            ("X-User", "@{identity.email}", None),
            ("X-Mail", "a@b.example", None),
            ("X User", "", Some("`X User` is no name of a header field")),
            ("", "", Some("`` is no name of a header field")),
            ("X-A", "a\r\nX-B: c", Some("the value of the header field `X-A` has a control")),
            (
                "X-A",
                "@{identity.emial}",
                Some(
                    "the value of the header field `X-A` has the unknown variable `@{identity.emial}`; did you mean `identity.email`?",
                ),
            ),
            ("X-A", "@{identity", Some("the value of the header field `X-A` has `@{` without `}`")),
            (
                "X-A",
                "@{av.infected}",
                Some(
                    "the value of the header field `X-A` has `@{av.infected}`, which is known too late",
                ),
            ),
            (
                "X-A",
                "@{http.response.status_code}",
                Some(
                    "the value of the header field `X-A` has `@{http.response.status_code}`, which is known too late",
                ),
            ),
            (
                "X-A",
                "@{http.request.headers}",
                Some("the value of the header field `X-A` has the unknown variable"),
            ),
        ] {
            match (fault(set, name, value), expected) {
                (None, None) => {}
                (Some(fault), Some(expected)) => assert!(fault.starts_with(expected), "{fault}"),
                (fault, expected) => panic!("{name}: {fault:?}, not {expected:?}"),
            }
        }
        for name in RESERVED.into_iter().chain(["Sec-WebSocket-Protocol", "TRANSFER-Encoding"]) {
            for operation in HeaderOperation::ALL {
                assert!(
                    fault(operation, name, "x").is_some_and(|f| f.contains("not for rules")),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn changes_are_due_in_order_and_for_their_hosts() {
        let scheme = Scheme::gateway();
        let mut bound = HeaderChange::new(HeaderOperation::Set, "X-Tenant", "t");
        bound.hosts = vec!["example.com".into()];
        let changes = HeaderChanges {
            request: vec![
                HeaderChange::new(HeaderOperation::Add, "X-C", "<@{identity.email}@{source.ip}>"),
                bound,
                HeaderChange::new(HeaderOperation::Delete, "X-A", ""),
            ],
            response: Vec::new(),
        };
        let prepared = changes.prepare(&scheme).expect("sound");
        let mut facts = Facts::new(&scheme);
        facts.set(field::IDENTITY_EMAIL, Bytes::from_static(b"a\r\nX: b@c"));
        facts.set(field::NET_SRC_IP, "192.0.2.1".parse::<std::net::IpAddr>().expect("an address"));
        let due = |host: &str| -> Vec<(String, String)> {
            let due = prepared.due(HeaderSide::Request, host, &facts);
            let text =
                |due: &DueChange<'_>| String::from_utf8(due.value.bytes.clone()).expect("text");
            due.map(|due| (format!("{} {}", due.operation.name(), due.name), text(&due))).collect()
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let add = pair("add X-C", "<aX: b@c192.0.2.1>");
        assert_eq!(
            due("www.example.com"),
            [pair("delete X-A", ""), pair("set X-Tenant", "t"), add.clone()]
        );
        assert_eq!(due("badexample.com"), [pair("delete X-A", ""), add]);
        assert_eq!(prepared.due(HeaderSide::Response, "example.com", &facts).count(), 0);
    }
}
