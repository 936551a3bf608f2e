//! Request targets: validated, and in the one form that both policy and wire see.

use std::fmt;

use bytes::Bytes;
use http::Method;

use crate::Authority;

/// What a request asks for (RFC 9112 §3.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// `/path?query`: the resource on the server that was connected to.
    Origin(PathAndQuery),
    /// `http://host/path?query`: what a client tells a proxy.
    Absolute {
        /// The scheme.
        scheme: Scheme,
        /// Host and port.
        authority: Authority,
        /// Path and query; `*` for an OPTIONS request about the whole server.
        path_and_query: PathAndQuery,
    },
    /// `host:port`: what CONNECT asks a tunnel to.
    Authority(Authority),
    /// `*`: an OPTIONS request about the whole server.
    Asterisk,
}

/// Why a request target is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// A byte is a control, a space, or not ASCII.
    #[error("a request target holds a control, a space or a byte that is not ASCII")]
    Byte,
    /// There is a fragment.
    #[error("a request target has a fragment")]
    Fragment,
    /// There is a user name.
    #[error("a request target has a user name")]
    UserInfo,
    /// Host or port is not valid.
    #[error("the host or port of a request target is invalid")]
    Authority,
    /// The scheme is neither `http` nor `https`.
    #[error("the scheme of a request target is neither http nor https")]
    Scheme,
    /// The form does not suit the method.
    #[error("the form of a request target does not suit the method")]
    Form,
}

/// A scheme that can be requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// `http`, port 80.
    Http,
    /// `https`, port 443.
    Https,
}

impl Scheme {
    /// The port when none is named.
    pub const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// The scheme in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl Target {
    /// Reads the target of a request with this method. Scheme and host are lowered, an empty path
    /// becomes `/` (or `*` for OPTIONS, RFC 9112 §3.2.4); everything else stays as it came.
    ///
    /// # Errors
    /// See [`TargetError`].
    pub fn parse(method: &Method, text: Bytes) -> Result<Self, TargetError> {
        // Without an early way out the loop runs on whole vectors.
        if !text.iter().fold(true, |all, byte| all & byte.is_ascii_graphic()) {
            return Err(TargetError::Byte);
        }
        Self::parse_visible(method, text)
    }

    /// The same for a text that is known to be visible ASCII.
    pub(crate) fn parse_visible(method: &Method, text: Bytes) -> Result<Self, TargetError> {
        if memchr::memchr(b'#', &text).is_some() {
            return Err(TargetError::Fragment);
        }
        if method == Method::CONNECT {
            let authority = Authority::parse(text).map_err(TargetError::from)?;
            // RFC 9110 §9.3.6: a tunnel has no default port.
            return match authority.port() {
                Some(_) => Ok(Self::Authority(authority)),
                None => Err(TargetError::Authority),
            };
        }
        match text.first() {
            Some(b'/') => Ok(Self::Origin(PathAndQuery(text))),
            Some(b'*') if text.len() == 1 && method == Method::OPTIONS => Ok(Self::Asterisk),
            _ => Self::parse_absolute(method, text),
        }
    }

    fn parse_absolute(method: &Method, text: Bytes) -> Result<Self, TargetError> {
        let Some(colon) = memchr::memmem::find(&text, b"://") else {
            return Err(TargetError::Form);
        };
        let scheme = match text.get(..colon) {
            Some(name) if name.eq_ignore_ascii_case(b"http") => Scheme::Http,
            Some(name) if name.eq_ignore_ascii_case(b"https") => Scheme::Https,
            Some(_) | None => return Err(TargetError::Scheme),
        };
        let rest = text.slice(colon + 3..);
        let end = memchr::memchr2(b'/', b'?', &rest).unwrap_or(rest.len());
        let authority = Authority::parse(rest.slice(..end)).map_err(TargetError::from)?;
        let path = rest.slice(end..);
        let path_and_query = match path.first() {
            Some(b'/') => PathAndQuery(path),
            Some(_) => PathAndQuery([b"/", path.as_ref()].concat().into()),
            None if method == Method::OPTIONS => PathAndQuery::ASTERISK,
            None => PathAndQuery::ROOT,
        };
        Ok(Self::Absolute { scheme, authority, path_and_query })
    }

    /// The authority that the target names, if it names one.
    pub fn authority(&self) -> Option<&Authority> {
        match self {
            Self::Absolute { authority, .. } | Self::Authority(authority) => Some(authority),
            Self::Origin(_) | Self::Asterisk => None,
        }
    }

    /// Path and query, if the target has them.
    pub fn path_and_query(&self) -> Option<&PathAndQuery> {
        match self {
            Self::Origin(path_and_query) | Self::Absolute { path_and_query, .. } => {
                Some(path_and_query)
            }
            Self::Authority(_) | Self::Asterisk => None,
        }
    }

    /// The target as the origin itself is asked for it: an absolute one loses scheme and
    /// authority (RFC 9112 §3.2.2, §3.2.4), the others stay.
    #[must_use]
    pub fn to_origin_form(&self) -> Self {
        match self {
            Self::Absolute { path_and_query, .. } if *path_and_query == PathAndQuery::ASTERISK => {
                Self::Asterisk
            }
            Self::Absolute { path_and_query, .. } => Self::Origin(path_and_query.clone()),
            Self::Origin(_) | Self::Authority(_) | Self::Asterisk => self.clone(),
        }
    }
}

/// The target as a request line has it.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin(path_and_query) => path_and_query.fmt(f),
            Self::Absolute { scheme, authority, path_and_query } => {
                write!(f, "{}://{authority}", scheme.as_str())?;
                if *path_and_query == PathAndQuery::ASTERISK {
                    return Ok(());
                }
                path_and_query.fmt(f)
            }
            Self::Authority(authority) => authority.fmt(f),
            Self::Asterisk => f.write_str("*"),
        }
    }
}

/// A path that begins with `/`, with its query; or `*`. Visible ASCII without `#`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PathAndQuery(Bytes);

impl PathAndQuery {
    /// `/`
    pub const ROOT: Self = Self(Bytes::from_static(b"/"));
    /// `*`, of an OPTIONS request about the whole server.
    pub const ASTERISK: Self = Self(Bytes::from_static(b"*"));

    /// Takes a path with or without query.
    ///
    /// # Errors
    /// [`TargetError::Form`] if it does not begin with `/`, otherwise [`TargetError::Byte`] or
    /// [`TargetError::Fragment`].
    pub fn parse(text: impl Into<Bytes>) -> Result<Self, TargetError> {
        let text = text.into();
        if text.first() != Some(&b'/') {
            return Err(TargetError::Form);
        }
        match Target::parse(&Method::GET, text)? {
            Target::Origin(path_and_query) => Ok(path_and_query),
            Target::Absolute { .. } | Target::Authority(_) | Target::Asterisk => {
                Err(TargetError::Form)
            }
        }
    }

    pub(crate) fn to_bytes(&self) -> Bytes {
        self.0.clone()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Path and query as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The path alone.
    pub fn path(&self) -> &str {
        self.as_str().split_once('?').map_or_else(|| self.as_str(), |(path, _)| path)
    }

    /// What follows the first `?`.
    pub fn query(&self) -> Option<&str> {
        self.as_str().split_once('?').map(|(_, query)| query)
    }
}

impl fmt::Display for PathAndQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for PathAndQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(method: &Method, text: &str) -> Result<Target, TargetError> {
        Target::parse(method, Bytes::copy_from_slice(text.as_bytes()))
    }

    /// How the target is written again, and how its origin is asked for it.
    #[track_caller]
    fn check(method: &Method, text: &str, written: &str, to_origin: &str) {
        let target = parse(method, text).expect("a target");
        assert_eq!(target.to_string(), written);
        assert_eq!(target.to_origin_form().to_string(), to_origin);
        assert_eq!(parse(method, written), Ok(target), "the normal form is stable");
    }

    #[test]
    fn forms() {
        let (get, options) = (&Method::GET, &Method::OPTIONS);
        check(get, "/", "/", "/");
        check(get, "//a/../b?c?d", "//a/../b?c?d", "//a/../b?c?d");
        check(get, "/%00|\"{}^`\\", "/%00|\"{}^`\\", "/%00|\"{}^`\\");
        check(get, "http://a", "http://a/", "/");
        check(get, "HTTPS://A.Example:8443?q", "https://a.example:8443/?q", "/?q");
        check(get, "http://[::1]:80/x", "http://[::1]:80/x", "/x");
        check(get, "http://a/http://u@b/", "http://a/http://u@b/", "/http://u@b/");
        check(options, "*", "*", "*");
        check(options, "http://a:80", "http://a:80", "*");
        check(options, "http://a/", "http://a/", "/");
        check(&Method::CONNECT, "A:443", "a:443", "a:443");
    }

    #[test]
    fn refusals() {
        use TargetError::{Authority, Byte, Form, Fragment, Scheme, UserInfo};
        let connect = &Method::CONNECT;
        for (method, text, error) in [
            (&Method::GET, "", Form),
            (&Method::GET, "*", Form),
            (&Method::OPTIONS, "*x", Form),
            (&Method::GET, "a/b", Form),
            (&Method::GET, "a:443", Form),
            (&Method::GET, "http:/a", Form),
            (&Method::GET, "ftp://a/", Scheme),
            (&Method::GET, "://a/", Scheme),
            (&Method::GET, "x/http://a/", Scheme),
            (&Method::GET, "http:///x", Authority),
            (&Method::GET, "http://:80/", Authority),
            (&Method::GET, "http://a:x/", Authority),
            (&Method::GET, "http://u@a/", UserInfo),
            (&Method::GET, "http://a\\@b/", UserInfo),
            (&Method::GET, "/a b", Byte),
            (&Method::GET, "/a\tb", Byte),
            (&Method::GET, "/\u{e9}", Byte),
            (&Method::GET, "/\x7f", Byte),
            (&Method::GET, "/#", Fragment),
            (connect, "a", Authority),
            (connect, "a:", Authority),
            (connect, "/", Authority),
            (connect, "u@a:443", UserInfo),
        ] {
            assert_eq!(parse(method, text), Err(error), "{text}");
        }
    }

    #[test]
    fn paths() {
        let path = PathAndQuery::parse("/a?b?c").expect("a path");
        assert_eq!((path.path(), path.query()), ("/a", Some("b?c")));
        assert_eq!(PathAndQuery::ROOT.query(), None);
        assert_eq!(PathAndQuery::parse("/a?").map(|path| path.query().is_some()), Ok(true));
        assert_eq!(PathAndQuery::parse("a"), Err(TargetError::Form));
        assert_eq!(PathAndQuery::parse("/a b"), Err(TargetError::Byte));
        assert_eq!((Scheme::Http.port(), Scheme::Https.port()), (80, 443));
    }
}
