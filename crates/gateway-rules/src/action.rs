//! What a rule does when it matches, and how Cloudflare's API spells it.

use std::fmt;

use crate::suggest;

/// What a matching rule does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// `allow`: ends its tier and lets the traffic on to the next.
    Allow,
    /// `block`: refuses, with a page where one can still be sent.
    Block,
    /// `off`: relays the connection without looking into its TLS.
    DoNotInspect,
    /// `forward`: hands the request to the Worker of this name, which answers it or passes it on.
    Forward(String),
    /// `noscan`: lets the traffic on and spares it the malware scan.
    NoScan,
    /// `quarantine`: refuses, as `block` does, and has the body that it refuses kept aside.
    Quarantine,
    /// `redact`: has what data loss prevention found in a body overwritten; such a rule ends no tier.
    Redact(Otherwise),
    /// `redirect`: answers with another location.
    Redirect(Redirect),
    /// `log`: counts the match and does nothing; such a rule never ends a tier.
    Log,
}

impl Action {
    /// The action that Cloudflare's API calls `name`, with what it alone takes, if it does.
    ///
    /// # Errors
    /// [`ActionError`] says whether the name is unknown, or known but not offered, or whether
    /// something is missing or does not belong to it.
    pub fn from_api(name: &str, operand: Option<Operand>) -> Result<Self, ActionError> {
        let action = match (name, operand) {
            ("redirect", Some(Operand::Redirect(redirect))) => {
                return Ok(Self::Redirect(redirect));
            }
            ("redirect", None) => return Err(ActionError::RedirectMissing),
            ("redact", Some(Operand::Otherwise(otherwise))) => return Ok(Self::Redact(otherwise)),
            (_, Some(Operand::Otherwise(_))) => {
                return Err(ActionError::OtherwiseUnused { name: name.into() });
            }
            ("forward", Some(Operand::Worker(worker))) => return Ok(Self::Forward(worker)),
            ("forward", None) => return Err(ActionError::WorkerMissing),
            (_, Some(Operand::Redirect(_))) => {
                return Err(ActionError::RedirectUnused { name: name.into() });
            }
            (_, Some(Operand::Worker(_))) => {
                return Err(ActionError::WorkerUnused { name: name.into() });
            }
            ("allow", None) => Self::Allow,
            ("block", None) => Self::Block,
            ("log", None) => Self::Log,
            ("noscan", None) => Self::NoScan,
            ("quarantine", None) => Self::Quarantine,
            ("redact", None) => Self::Redact(Otherwise::default()),
            ("off", None) => Self::DoNotInspect,
            (_, None) if NOT_OFFERED.contains(&name) => {
                return Err(ActionError::NotOffered { name: name.into() });
            }
            (_, None) => {
                let suggestion = suggest::closest(name, OFFERED).map(Into::into);
                return Err(ActionError::Unknown { name: name.into(), suggestion });
            }
        };
        Ok(action)
    }

    /// The spelling of Cloudflare's API.
    #[must_use]
    pub const fn api_name(&self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Block => "block",
            Self::DoNotInspect => "off",
            Self::Forward(_) => "forward",
            Self::NoScan => "noscan",
            Self::Quarantine => "quarantine",
            Self::Redact(_) => "redact",
            Self::Redirect(_) => "redirect",
            Self::Log => "log",
        }
    }

    /// Whether traffic that meets the rule is turned away, and led nowhere else.
    pub(crate) const fn blocks(&self) -> bool {
        matches!(self, Self::Block | Self::Quarantine)
    }

    /// Whether traffic that meets the rule goes no further.
    pub(crate) const fn refuses(&self) -> bool {
        match self {
            Self::Block | Self::Quarantine | Self::Redirect(_) => true,
            Self::Allow
            | Self::DoNotInspect
            | Self::Forward(_)
            | Self::NoScan
            | Self::Redact(_)
            | Self::Log => false,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.api_name())
    }
}

const OFFERED: [&str; 9] =
    ["allow", "block", "forward", "log", "noscan", "off", "quarantine", "redact", "redirect"];

const NOT_OFFERED: &[&str] = &[
    "audit_ssh",
    "egress",
    "isolate",
    "l4_override",
    "noisolate",
    "on",
    "override",
    "resolve",
    "safesearch",
    "scan",
    "ytrestricted",
];

/// What one action takes, and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operand {
    /// Where `redirect` leads.
    Redirect(Redirect),
    /// The Worker that `forward` hands to.
    Worker(String),
    /// What `redact` does with what it cannot overwrite.
    Otherwise(Otherwise),
}

/// What `redact` does with a body in which something is found that cannot be overwritten where it
/// stands: in what was packed, or in an encoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Otherwise {
    /// Refuses it, as `block` does.
    #[default]
    Block,
    /// Lets it pass as it is.
    Allow,
}

impl Otherwise {
    /// The name that rules use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Allow => "allow",
        }
    }

    /// What is called so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Block, Self::Allow].into_iter().find(|it| it.name() == name)
    }
}

/// Why a name is not an action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActionError {
    /// No product knows the name.
    #[error("no action is called `{name}`{}", suggest::hint(suggestion.as_deref()))]
    Unknown {
        /// The name given.
        name: String,
        /// An offered action with a similar name.
        suggestion: Option<String>,
    },
    /// Cloudflare Gateway knows the action, this gateway does not offer it.
    #[error("the action `{name}` is not offered; offered are {}", OFFERED.join(", "))]
    NotOffered {
        /// The name given.
        name: String,
    },
    /// `redirect` needs to know where to.
    #[error("the action `redirect` needs a target")]
    RedirectMissing,
    /// A target was given to an action that has none.
    #[error("the action `{name}` takes no redirect target")]
    RedirectUnused {
        /// The name given.
        name: String,
    },
    /// `redact_otherwise` was given to another action.
    #[error("the action `{name}` takes no `redact_otherwise`")]
    OtherwiseUnused {
        /// The name given.
        name: String,
    },
    /// `forward` needs to know whom to.
    #[error("the action `forward` needs a worker")]
    WorkerMissing,
    /// A Worker was given to an action that has none.
    #[error("the action `{name}` takes no worker")]
    WorkerUnused {
        /// The name given.
        name: String,
    },
}

/// Where a redirect leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Redirect {
    /// An absolute `http` or `https` URL of printable ASCII; checked when the rule set is compiled.
    pub to: String,
    /// What is kept of the URL that was asked for.
    pub keep: KeepPath,
}

/// What a redirect keeps of the URL that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeepPath {
    /// Nothing: everyone is sent to the same place.
    Nothing,
    /// Path and query, appended to those of the target.
    PathAndQuery,
}

impl Redirect {
    /// The value of `Location` for a request of `path_and_query` (RFC 9110, section 10.2.2).
    ///
    /// The target's own path and query come first. Bytes that a URL cannot hold are percent-coded,
    /// so that no request can break out of the header.
    #[must_use]
    pub fn location(&self, path_and_query: &str) -> String {
        match self.keep {
            KeepPath::Nothing => self.to.clone(),
            KeepPath::PathAndQuery => self.joined(path_and_query),
        }
    }

    fn joined(&self, path_and_query: &str) -> String {
        let target = self.to.split_once('#').map_or(&*self.to, |(before, _)| before);
        let (base, own_query) = target.split_once('?').map_or((target, ""), |(b, q)| (b, q));
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let mut location = base.trim_end_matches('/').to_owned();
        if !path.starts_with('/') {
            location.push('/');
        }
        push_encoded(&mut location, path);
        let mut separator = '?';
        for query in [own_query, query] {
            if !query.is_empty() {
                location.push(separator);
                push_encoded(&mut location, query);
                separator = '&';
            }
        }
        location
    }

    /// Whether `to` can be sent as it stands.
    pub(crate) fn is_sound(&self) -> bool {
        let rest = self.to.strip_prefix("https://").or_else(|| self.to.strip_prefix("http://"));
        rest.is_some_and(|rest| {
            rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
                && rest.bytes().all(|b| b.is_ascii_graphic())
        })
    }
}

fn push_encoded(location: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`') {
            location.push(char::from(byte));
        } else {
            location.push_str(&format!("%{byte:02X}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_names_are_read_back() {
        let redirect = Redirect { to: "https://a.example".into(), keep: KeepPath::Nothing };
        for name in OFFERED {
            let operand = match name {
                "redirect" => Some(Operand::Redirect(redirect.clone())),
                "forward" => Some(Operand::Worker("w".into())),
                _ => None,
            };
            assert_eq!(Action::from_api(name, operand).expect(name).api_name(), name);
        }
        assert_eq!(Action::from_api("redirect", None), Err(ActionError::RedirectMissing));
        assert_eq!(Action::from_api("forward", None), Err(ActionError::WorkerMissing));
        for name in ["block", "forward"] {
            let operand = Some(Operand::Redirect(redirect.clone()));
            let unused = ActionError::RedirectUnused { name: name.into() };
            assert_eq!(Action::from_api(name, operand), Err(unused));
        }
        let keep = Some(Operand::Otherwise(Otherwise::Allow));
        assert_eq!(Action::from_api("redact", keep.clone()), Ok(Action::Redact(Otherwise::Allow)));
        let unused = ActionError::OtherwiseUnused { name: "block".into() };
        assert_eq!(Action::from_api("block", keep), Err(unused));
        for name in ["block", "redact", "redirect"] {
            let unused = ActionError::WorkerUnused { name: name.into() };
            assert_eq!(Action::from_api(name, Some(Operand::Worker("w".into()))), Err(unused));
        }
    }

    #[test]
    fn other_names_are_told_apart() {
        let text = |name: &str| Action::from_api(name, None).expect_err(name).to_string();
        assert_eq!(text("blok"), "no action is called `blok`; did you mean `block`?");
        assert_eq!(text("xyzzy"), "no action is called `xyzzy`");
        assert!(text("isolate").starts_with("the action `isolate` is not offered"));
    }

    #[test]
    fn locations_are_joined_and_closed() {
        let check = |to: &str, asked: &str, location: &str| {
            let redirect = Redirect { to: to.into(), keep: KeepPath::PathAndQuery };
            assert_eq!(redirect.location(asked), location);
        };
        check("https://a.example", "/x?y=1", "https://a.example/x?y=1");
        check("https://a.example/p/", "/x", "https://a.example/p/x");
        check("https://a.example/p?k=v#f", "/x?y=1", "https://a.example/p/x?k=v&y=1");
        check("https://a.example", "*", "https://a.example/*");
        check("https://a.example", "/a\r\nb: \"é\"", "https://a.example/a%0D%0Ab:%20%22%C3%A9%22");
        let fixed = Redirect { to: "https://a.example/p".into(), keep: KeepPath::Nothing };
        assert_eq!(fixed.location("/x"), "https://a.example/p");
    }

    #[test]
    fn targets_are_checked() {
        for (to, sound) in [
            ("https://a.example/x", true),
            ("http://[::1]:80/", true),
            ("ftp://a.example", false),
            ("https://", false),
            ("/x", false),
            ("https://a.example/a b", false),
            ("https://a.example/\r\nX: y", false),
        ] {
            let redirect = Redirect { to: to.into(), keep: KeepPath::Nothing };
            assert_eq!(redirect.is_sound(), sound, "{to}");
        }
    }
}
