//! Heads and trailers as the engine gives them, checked and made neutral: what RFC 9113 §8.2, §8.3
//! and §10.3 ask for, beyond what the engine has refused already.

use bytes::Bytes;
use http::header::{
    CONTENT_LENGTH, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use http::request::Parts as RequestParts;
use http::{Method, StatusCode, Uri};

use super::heard::{Heard, NAMES_MAX};
use super::{Fault, Options};
use crate::fields::{FieldsBuffer, is_framing, is_framing_lookalike, is_token};
use crate::h1::is_forbidden_trailer;
use crate::{
    Authority, BodySize, Fields, PathAndQuery, RequestHead, ResponseHead, Scheme, Target, Version,
};

/// Whether the message ends with its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    WithHead,
    Later,
}

/// The neutral head of a request.
pub(super) fn request(
    parts: &RequestParts,
    ending: Ending,
    options: &Options,
    heard: &mut Heard,
) -> Result<Box<RequestHead>, Fault> {
    let (method, uri, headers) = (&parts.method, &parts.uri, &parts.headers);
    // PRI is reserved (RFC 9113 §11.6): in HTTP/1.1 it would be the beginning of a preface.
    if method.as_str().len() > options.limits.method_bytes_max || method.as_str() == "PRI" {
        return Err(Fault::Method);
    }
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    if path.len() > options.limits.target_bytes_max {
        return Err(Fault::TargetTooLong);
    }
    let mut values = [None; NAMES_MAX];
    let seen = Seen::in_head(headers, options, heard, &mut values)?;
    let named = named_authority(uri, seen.host)?;
    let bytes = named.len() + path.len() + HOST.as_str().len() + seen.bytes;
    let mut buffer = FieldsBuffer::new(headers.len() + 1, bytes);
    // The order of h1: Host first, where it is made from the target.
    let name = buffer.put(HOST.as_str().as_bytes());
    let authority = buffer.put(named.as_bytes());
    let path = buffer.put(path.as_bytes());
    buffer.push_ranges(name, authority.clone());
    copy(headers, &seen, &values, &mut buffer, heard);
    let mut fields = buffer.finish();

    let protocol = parts.extensions.get::<h2::ext::Protocol>();
    let text = fields.received();
    let target = if *method == Method::CONNECT && protocol.is_none() {
        Target::parse(method, text.slice(authority)).map_err(|_| Fault::Target)?
    } else {
        let scheme = scheme(uri, options)?;
        absolute(method, scheme, heard.authority(named.as_bytes())?, text.slice(path))?
    };
    let text_differs = named.bytes().fold(false, |upper, byte| upper | byte.is_ascii_uppercase());
    if let Some(host) = seen.host.filter(|host| *host != named) {
        agree(host, &target)?;
    }
    if let Some(named) = target.authority().filter(|_| text_differs) {
        fields.set(HOST.as_str(), named.to_string()).map_err(|_| Fault::Authority)?;
    }
    let tunnel = *method == Method::CONNECT;
    let body = if tunnel { BodySize::Empty } else { body_size(seen.length, || ending) };
    let protocol = protocol.map(|protocol| Bytes::copy_from_slice(protocol.as_ref()));
    Ok(Box::new(RequestHead {
        method: method.clone(),
        target,
        version: Version::Http2,
        fields,
        body,
        protocol,
    }))
}

/// The neutral head of a response; `ending` may not be asked.
pub(super) fn response(
    status: StatusCode,
    headers: &HeaderMap,
    ending: impl FnOnce() -> Ending,
    options: &Options,
    heard: &mut Heard,
) -> Result<Box<ResponseHead>, Fault> {
    // RFC 9113 §8.6: HTTP/2 does not switch protocols.
    if status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Fault::Status);
    }
    let mut values = [None; NAMES_MAX];
    let seen = Seen::in_head(headers, options, heard, &mut values)?;
    let mut buffer = FieldsBuffer::new(headers.len(), seen.bytes);
    copy(headers, &seen, &values, &mut buffer, heard);
    let bare = status.is_informational() || status == StatusCode::NO_CONTENT;
    Ok(Box::new(ResponseHead {
        status,
        version: Version::Http2,
        reason: Bytes::new(),
        fields: buffer.finish(),
        body: if bare { BodySize::Empty } else { body_size(seen.length, ending) },
    }))
}

/// The fields after a body, without those that have no meaning there.
pub(super) fn trailers(headers: &HeaderMap, options: &Options) -> Result<Fields, Fault> {
    if headers.len() > options.limits.fields_max {
        return Err(Fault::TrailersTooMany);
    }
    let bytes = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let mut buffer = FieldsBuffer::new(headers.len(), bytes);
    for (name, value) in headers {
        if !is_trimmed(value) {
            return Err(Fault::FieldValue);
        }
        if !is_token(name.as_str().as_bytes()) {
            return Err(Fault::FieldName);
        }
        let name = name.as_str();
        if !is_forbidden_trailer(name) && !is_framing(name.as_bytes()) {
            buffer.push(name, value.as_bytes());
        }
    }
    Ok(buffer.finish())
}

/// What one look at the fields of a head finds, in which they are checked.
struct Seen<'a> {
    /// The value of `content-length`.
    length: Option<u64>,
    /// The value of `host`.
    host: Option<&'a HeaderValue>,
    /// Fields that are crumbs of a cookie.
    crumbs: usize,
    /// How many bytes [`copy`] makes of the fields, or some more.
    bytes: usize,
    /// Whether the names are those of the last head.
    likeness: Likeness,
}

/// The values of the fields whose names are those of the last head, in order.
type Values<'a> = [Option<&'a HeaderValue>; NAMES_MAX];

/// Whether the names of a head are those of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Same,
    Other,
}

impl<'a> Seen<'a> {
    fn in_head(
        headers: &'a HeaderMap,
        options: &Options,
        heard: &Heard,
        values: &mut Values<'a>,
    ) -> Result<Self, Fault> {
        if headers.len() > options.limits.fields_max {
            return Err(Fault::FieldsTooMany);
        }
        let mut seen =
            Self { length: None, host: None, crumbs: 0, bytes: 0, likeness: Likeness::Same };
        let mut alike = 0;
        for (name, value) in headers {
            if !is_trimmed(value) {
                return Err(Fault::FieldValue);
            }
            if seen.likeness == Likeness::Same
                && heard.names().get(alike) == Some(name)
                && let Some(place) = values.get_mut(alike)
            {
                *place = Some(value);
                seen.bytes += value.len();
                alike += 1;
                continue;
            }
            if *name == CONTENT_LENGTH {
                let length = decimal(value.as_bytes()).filter(|_| seen.length.is_none());
                seen.length = Some(length.ok_or(Fault::ContentLength)?);
                continue;
            }
            seen.bytes += value.len();
            if seen.likeness == Likeness::Same {
                seen.part(heard, alike);
            }
            seen.look_at(name, value)?;
        }
        match seen.likeness {
            Likeness::Same if alike < heard.names().len() => seen.part(heard, alike),
            Likeness::Same => seen.bytes += heard.text().bytes(),
            Likeness::Other => {}
        }
        Ok(seen)
    }

    /// Only the first `alike` names are those of the last head.
    fn part(&mut self, heard: &Heard, alike: usize) {
        let names = heard.names().get(..alike).unwrap_or_default();
        self.likeness = Likeness::Other;
        self.crumbs = names.iter().filter(|name| **name == COOKIE).count();
        self.bytes += names.iter().map(|name| name.as_str().len()).sum::<usize>();
    }

    /// Looks at a field that the last head did not have in this place.
    fn look_at(&mut self, name: &HeaderName, value: &'a HeaderValue) -> Result<(), Fault> {
        let text = name.as_str();
        if !is_sound(text.as_bytes()) {
            return Err(Fault::FieldName);
        }
        if *name == HOST && self.host.replace(value).is_some() {
            return Err(Fault::Host);
        }
        // Crumbs are joined by two bytes.
        let crumb = usize::from(*name == COOKIE);
        self.crumbs += crumb;
        self.bytes += text.len() + 2 * crumb;
        Ok(())
    }
}

/// A `HeaderName` in lower case may hold one byte that is no part of a token (RFC 9110 §5.6.2).
fn is_sound(name: &[u8]) -> bool {
    // Without an early way out: that is quicker.
    let quoted = name.iter().fold(false, |quoted, byte| quoted | (*byte == b'"'));
    !quoted && !is_framing_lookalike(name)
}

/// RFC 9113 §8.2.1: no blank at either end. Controls cannot be in a `HeaderValue`.
fn is_trimmed(value: &HeaderValue) -> bool {
    let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    !blank(value.as_bytes().first()) && !blank(value.as_bytes().last())
}

/// The value of `1*DIGIT` that is small enough.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, byte| {
        let digit = u64::from(byte.wrapping_sub(b'0'));
        if digit > 9 { None } else { value.checked_mul(10)?.checked_add(digit) }
    })
}

/// `ending` is asked where no length was given.
fn body_size(length: Option<u64>, ending: impl FnOnce() -> Ending) -> BodySize {
    match length {
        Some(bytes) => BodySize::Length(bytes),
        None => match ending() {
            Ending::WithHead => BodySize::Empty,
            Ending::Later => BodySize::Unknown,
        },
    }
}

/// Copies the fields, framing and `Host` left out, crumbs of cookies joined (RFC 9113 §8.2.3).
fn copy(
    headers: &HeaderMap,
    seen: &Seen<'_>,
    values: &Values<'_>,
    buffer: &mut FieldsBuffer,
    heard: &mut Heard,
) {
    if seen.likeness == Likeness::Same {
        let values = values.iter().map_while(|value| Some((*value)?.as_bytes()));
        return buffer.push_all(heard.text(), values);
    }
    let mut joined = false;
    for (name, value) in headers.iter().filter(|(name, _)| !is_left_out(name)) {
        if *name == COOKIE && seen.crumbs > 1 {
            if !std::mem::replace(&mut joined, true) {
                join_crumbs(headers, buffer);
            }
        } else {
            buffer.push(name.as_str(), value.as_bytes());
        }
    }
    if seen.host.is_none() && seen.crumbs <= 1 {
        heard.learn(headers, is_left_out);
    }
}

/// Whether a field is told in another way.
fn is_left_out(name: &HeaderName) -> bool {
    *name == HOST || *name == CONTENT_LENGTH || *name == TRANSFER_ENCODING
}

fn join_crumbs(headers: &HeaderMap, buffer: &mut FieldsBuffer) {
    let name = buffer.put(COOKIE.as_str().as_bytes());
    let mut joined = buffer.put(b"");
    // An empty crumb would leave a blank at an end.
    let crumbs = headers.get_all(COOKIE).iter().filter(|crumb| !crumb.is_empty());
    for (count, crumb) in crumbs.enumerate() {
        if count > 0 {
            buffer.put(b"; ");
        }
        joined.end = buffer.put(crumb.as_bytes()).end;
    }
    buffer.push_ranges(name, joined);
}

/// The authority by `:authority`, or else by `Host` (RFC 9113 §8.3.1).
fn named_authority<'a>(uri: &'a Uri, host: Option<&'a HeaderValue>) -> Result<&'a str, Fault> {
    match (uri.authority(), host) {
        (Some(authority), _) => Ok(authority.as_str()),
        (None, Some(host)) => host.to_str().map_err(|_| Fault::Host),
        (None, None) => Err(Fault::Host),
    }
}

/// A `Host` beside `:authority` names the same.
fn agree(host: &HeaderValue, target: &Target) -> Result<(), Fault> {
    let Some(authority) = target.authority() else { return Ok(()) };
    let host = Bytes::copy_from_slice(host.as_bytes());
    let host = Authority::parse(host).map_err(|_| Fault::Host)?;
    let port = |authority: &Authority| match target {
        Target::Absolute { scheme, .. } => authority.port().or_else(|| Some(scheme.port())),
        Target::Origin(_) | Target::Authority(_) | Target::Asterisk => authority.port(),
    };
    let same_port = port(&host) == port(authority)
        || (matches!(target, Target::Authority(_)) && host.port().is_none());
    if host.host() == authority.host() && same_port { Ok(()) } else { Err(Fault::Host) }
}

fn scheme(uri: &Uri, options: &Options) -> Result<Scheme, Fault> {
    match uri.scheme_str() {
        Some("http") => Ok(Scheme::Http),
        Some("https") => Ok(Scheme::Https),
        Some(_) => Err(Fault::Target),
        // The engine keeps no scheme where there is no `:authority`.
        None => Ok(options.scheme),
    }
}

fn absolute(
    method: &Method,
    scheme: Scheme,
    authority: Authority,
    path: Bytes,
) -> Result<Target, Fault> {
    let path_and_query = if path.as_ref() == b"*" && *method == Method::OPTIONS {
        PathAndQuery::ASTERISK
    } else {
        PathAndQuery::parse(path).map_err(|_| Fault::Target)?
    };
    Ok(Target::Absolute { scheme, authority, path_and_query })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tokens_but_for_quotes() {
        for byte in 0..=u8::MAX {
            let name = [b'a', byte];
            if let Ok(name) = HeaderName::from_lowercase(&name) {
                assert_eq!(is_sound(name.as_str().as_bytes()), is_token(&[byte]), "{byte}");
            }
        }
        assert!(HeaderName::from_lowercase(b"a\"").is_ok() && !is_sound(b"a\""));
        assert!(!is_sound(b"content_length") && is_sound(b"content-lengths"));
    }
}
