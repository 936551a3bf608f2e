//! What a service says of itself (RFC 3507 §4.10.2).

use std::time::Duration;

use crate::Fields;
use crate::fields::members;

/// The answer to `OPTIONS`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceOptions {
    /// Whether it changes requests.
    pub reqmod: bool,
    /// Whether it changes responses.
    pub respmod: bool,
    /// Bytes of a body that it wants to see first; `None` where it wants no preview.
    pub preview: Option<u32>,
    /// Whether it says 204 outside of previews to those who allow it.
    pub allow_204: bool,
    /// Whether it returns parts of bodies to those who can put the rest of the original behind them.
    pub allow_206: bool,
    /// Connections that it wants to have at most.
    pub max_connections: Option<u32>,
    /// For how long this is true; `None` for as long as one likes.
    pub ttl: Option<Duration>,
    /// Changes when its answers may change: what was learnt under another tag is void.
    pub istag: Vec<u8>,
    /// File extensions in lower case whose bodies it wants a preview of, does not want to see, and
    /// wants whole at once; `*` stands for all that no list names.
    extensions: [(Transfer, Vec<String>); 3],
}

/// How much of a body a service wants to see first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transfer {
    /// Its first bytes.
    #[default]
    Preview,
    /// Nothing: the message goes on as it is.
    Ignore,
    /// All of it, without a preview.
    Complete,
}

impl ServiceOptions {
    /// Reads the fields of an answer. What is malformed counts as not said.
    pub(super) fn of(fields: &Fields) -> Self {
        let methods = || fields.all("methods").flat_map(members);
        let offers = |method: &[u8]| methods().any(|one| one.eq_ignore_ascii_case(method));
        Self {
            reqmod: offers(b"REQMOD"),
            respmod: offers(b"RESPMOD"),
            preview: number(fields, "preview"),
            allow_204: fields.all("allow").flat_map(members).any(|one| one == b"204"),
            allow_206: fields.all("allow").flat_map(members).any(|one| one == b"206"),
            max_connections: number(fields, "max-connections"),
            ttl: number(fields, "options-ttl").map(|s| Duration::from_secs(s.into())),
            istag: fields.get("istag").unwrap_or_default().to_vec(),
            extensions: [
                (Transfer::Preview, extensions(fields, "transfer-preview")),
                (Transfer::Ignore, extensions(fields, "transfer-ignore")),
                (Transfer::Complete, extensions(fields, "transfer-complete")),
            ],
        }
    }

    /// How much it wants to see first of a body whose file has `extension`; empty if it has none.
    /// What it does not speak of is previewed.
    #[must_use]
    pub fn transfer(&self, extension: &str) -> Transfer {
        let names = |one: &str| {
            let mut lists = self.extensions.iter();
            lists.find(|(_, list)| list.iter().any(|listed| listed == one)).map(|(how, _)| *how)
        };
        let extension = extension.to_ascii_lowercase();
        let named = if extension == "*" { None } else { names(&extension) };
        named.or_else(|| names("*")).unwrap_or_default()
    }

    /// Whether what was learnt so long ago is still true.
    #[must_use]
    pub fn is_fresh(&self, age: Duration) -> bool {
        self.ttl.is_none_or(|ttl| age < ttl)
    }
}

/// The members of a list of extensions; more than anybody needs are not kept.
fn extensions(fields: &Fields, name: &str) -> Vec<String> {
    let members = fields.all(name).flat_map(members).take(EXTENSIONS_MAX);
    members.map(|one| String::from_utf8_lossy(one).to_ascii_lowercase()).collect()
}

/// Extensions of one list.
const EXTENSIONS_MAX: usize = 1_024;

fn number(fields: &Fields, name: &str) -> Option<u32> {
    let text = std::str::from_utf8(fields.get(name)?).ok()?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
