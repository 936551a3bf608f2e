//! What a request names as its origin, and the URL that it so asks for.

use gateway_h1h2::{RequestHead, Scheme};

/// What a request names as its origin.
pub(crate) struct Named<'a> {
    pub(crate) scheme: Scheme,
    /// Host name, or IP literal without brackets.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
}

/// Brackets, colon and port, at the most.
const AUTHORITY_EXTRA: usize = 8;

impl Named<'_> {
    /// `host[:port]`, the port left out where the scheme implies it, an IPv6 literal in brackets.
    pub(crate) fn authority(&self) -> String {
        let mut authority = String::with_capacity(self.host.len() + AUTHORITY_EXTRA);
        self.write_authority(&mut authority);
        authority
    }

    fn write_authority(&self, out: &mut String) {
        match self.host.contains(':') {
            true => out.extend(["[", self.host, "]"]),
            false => out.push_str(self.host),
        }
        if self.port != self.scheme.port() {
            out.extend([":", itoa::Buffer::new().format(self.port)]);
        }
    }
}

/// The whole URL that a request names.
pub(crate) fn url(named: &Named<'_>, head: &RequestHead) -> String {
    let path = head.target.path_and_query().map_or("", |path| path.as_str());
    let path = if path == "*" { "" } else { path };
    let scheme = named.scheme.as_str();
    let bytes = scheme.len() + "://".len() + named.host.len() + AUTHORITY_EXTRA + path.len();
    let mut url = String::with_capacity(bytes);
    url.extend([scheme, "://"]);
    named.write_authority(&mut url);
    url.push_str(path);
    url
}
