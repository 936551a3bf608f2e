//! What `Proxy-Authorization` says (RFC 9110 §11.7.2): read strictly, shown to nobody, and checked
//! elsewhere.

use std::fmt;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use gateway_h1h2::Fields;

/// Bytes of a value of `Proxy-Authorization`.
pub const CREDENTIALS_BYTES_MAX: usize = 16 << 10;
/// Bytes of a user name and a password together.
const BASIC_BYTES_MAX: usize = 1 << 10;

/// The way in which credentials are given (RFC 9110 §11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthScheme {
    /// User name and password (RFC 7617).
    Basic,
    /// A token that speaks for itself (RFC 6750).
    Bearer,
}

/// What a client gives to be known by. Debug output keeps the secret.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// A user name and the password that goes with it, at most 1 KiB together.
    Basic {
        /// The name, without control characters and colons.
        user: String,
        /// The password, in whatever encoding it came.
        password: Bytes,
    },
    /// A token.
    Bearer(String),
}

/// Why there are no credentials although there is a `Proxy-Authorization`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// It is there twice.
    #[error("found more than one Proxy-Authorization")]
    Repeated,
    /// It is too long.
    #[error("Proxy-Authorization is too long")]
    TooLong,
    /// It says nothing of the form that its scheme has.
    #[error("Proxy-Authorization does not have the form of its scheme")]
    Malformed,
    /// A name and a password that cannot be anybody's.
    #[error("the user name is empty, not UTF-8 or holds a colon or a control character")]
    Name,
    /// Its scheme is neither Basic nor Bearer.
    #[error("Proxy-Authorization is of another scheme than Basic and Bearer")]
    UnknownScheme,
}

/// Clients pad or do not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Credentials {
    /// What the fields of a request say; `None` without a `Proxy-Authorization`.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`] if what is there says nothing, or not one thing.
    pub fn of(fields: &Fields) -> Result<Option<Self>, CredentialsError> {
        let mut values = fields.all("proxy-authorization");
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => Self::parse(value).map(Some),
            (Some(_), Some(_)) => Err(CredentialsError::Repeated),
        }
    }

    /// What one value of `Proxy-Authorization` says.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`].
    pub fn parse(value: &[u8]) -> Result<Self, CredentialsError> {
        if value.len() > CREDENTIALS_BYTES_MAX {
            return Err(CredentialsError::TooLong);
        }
        let end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
        let (scheme, rest) = value.split_at(end);
        let rest = rest.trim_ascii();
        if scheme.eq_ignore_ascii_case(b"basic") {
            Self::basic(rest)
        } else if scheme.eq_ignore_ascii_case(b"bearer") {
            Self::bearer(rest)
        } else {
            Err(CredentialsError::UnknownScheme)
        }
    }

    /// A user name and a password that were given by themselves, as SOCKS does (RFC 1929 §2).
    ///
    /// # Errors
    ///
    /// [`CredentialsError::Name`] if nobody can have that name.
    pub fn of_pair(user: &[u8], password: Bytes) -> Result<Self, CredentialsError> {
        let user = std::str::from_utf8(user).map_err(|_| CredentialsError::Name)?;
        if user.is_empty() || user.contains(|c: char| c == ':' || c.is_control()) {
            return Err(CredentialsError::Name);
        }
        Ok(Self::Basic { user: user.to_owned(), password })
    }

    fn basic(encoded: &[u8]) -> Result<Self, CredentialsError> {
        let malformed = CredentialsError::Malformed;
        if encoded.len() > BASIC_BYTES_MAX.div_ceil(3) * 4 {
            return Err(CredentialsError::TooLong);
        }
        let mut pair = BASE64.decode(encoded).map_err(|_| malformed)?;
        let colon = pair.iter().position(|byte| *byte == b':').ok_or(malformed)?;
        let password = Bytes::from(pair.split_off(colon + 1));
        pair.truncate(colon);
        let user = String::from_utf8(pair).map_err(|_| malformed)?;
        if user.is_empty() || user.chars().any(char::is_control) {
            return Err(malformed);
        }
        Ok(Self::Basic { user, password })
    }

    /// A token of RFC 6750 §2.1.
    fn bearer(token: &[u8]) -> Result<Self, CredentialsError> {
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
        if token.is_empty() || !token.iter().all(allowed) {
            return Err(CredentialsError::Malformed);
        }
        Ok(Self::Bearer(String::from_utf8_lossy(token).into_owned()))
    }

    /// In which way they are given.
    #[must_use]
    pub const fn scheme(&self) -> AuthScheme {
        match self {
            Self::Basic { .. } => AuthScheme::Basic,
            Self::Bearer(_) => AuthScheme::Bearer,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Basic { user, .. } => {
                f.debug_struct("Basic").field("user", user).finish_non_exhaustive()
            }
            Self::Bearer(_) => f.write_str("Bearer(..)"),
        }
    }
}

impl AuthScheme {
    /// The challenge that asks for credentials of this scheme (RFC 9110 §11.7.1). `realm` is taken
    /// without what a quoted string cannot hold.
    #[must_use]
    pub fn challenge(self, realm: &str) -> String {
        let realm: String = realm
            .chars()
            .filter(|c| (c.is_ascii_graphic() || *c == ' ') && !matches!(c, '"' | '\\'))
            .collect();
        match self {
            Self::Basic => format!("Basic realm=\"{realm}\", charset=\"UTF-8\""),
            Self::Bearer => format!("Bearer realm=\"{realm}\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(user: &str, password: &str) -> Result<Credentials, CredentialsError> {
        let password = Bytes::copy_from_slice(password.as_bytes());
        Ok(Credentials::Basic { user: user.into(), password })
    }

    #[test]
    fn values_are_read_strictly() {
        use CredentialsError::{Malformed, TooLong, UnknownScheme};
        let long = format!("Basic {}", "A".repeat(BASIC_BYTES_MAX * 2));
        let huge = format!("Bearer {}", "a".repeat(CREDENTIALS_BYTES_MAX));
        for (value, expected) in [
            // The examples of RFC 7617 §2 and §2.1.
            ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", basic("Aladdin", "open sesame")),
            ("basic dGVzdDoxMjPCow==", basic("test", "123\u{a3}")),
            ("BASIC   YTpiOmM", basic("a", "b:c")),
            ("Basic YTo=", basic("a", "")),
            ("Basic", Err(Malformed)),
            ("Basic YQ==", Err(Malformed)),
            ("Basic OmI=", Err(Malformed)),
            ("Basic YQo6Yg==", Err(Malformed)),
            ("Basic /zpi", Err(Malformed)),
            ("Basic YTpi YTpi", Err(Malformed)),
            (&long, Err(TooLong)),
            ("Bearer a.b-c_d~+/==", Ok(Credentials::Bearer("a.b-c_d~+/==".into()))),
            ("Bearer a b", Err(Malformed)),
            ("Bearer \u{e9}", Err(Malformed)),
            ("Bearer ", Err(Malformed)),
            (&huge, Err(TooLong)),
            ("Negotiate abc", Err(UnknownScheme)),
            ("", Err(UnknownScheme)),
        ] {
            assert_eq!(Credentials::parse(value.as_bytes()), expected, "{value:.40}");
        }
    }

    #[test]
    fn a_pair_names_whom_basic_can_name() {
        let pair = |user: &[u8]| Credentials::of_pair(user, Bytes::from_static(b"b:c"));
        assert_eq!(pair(b"a"), basic("a", "b:c"));
        for user in [&b""[..], b"a:b", b"a\n", b"\xff"] {
            assert_eq!(pair(user), Err(CredentialsError::Name), "{user:?}");
        }
    }

    #[test]
    fn two_values_are_none() {
        let mut fields = Fields::new();
        assert_eq!(Credentials::of(&fields), Ok(None));
        fields.append("Proxy-Authorization", "Bearer a").unwrap();
        assert_eq!(Credentials::of(&fields), Ok(Some(Credentials::Bearer("a".into()))));
        fields.append("proxy-authorization", "Bearer a").unwrap();
        assert_eq!(Credentials::of(&fields), Err(CredentialsError::Repeated));
    }

    #[test]
    fn debug_output_keeps_secrets() {
        for value in ["Basic YWxpY2U6aHVudGVyMg==", "Bearer hunter2"] {
            let shown = format!("{:?}", Credentials::parse(value.as_bytes()).unwrap());
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn a_realm_cannot_break_out_of_its_quotes() {
        let challenge = AuthScheme::Basic.challenge("a\"b\\c\r\nd\u{e9} e");
        assert_eq!(challenge, "Basic realm=\"abcd e\", charset=\"UTF-8\"");
        assert_eq!(AuthScheme::Bearer.challenge("gateway"), "Bearer realm=\"gateway\"");
    }
}
