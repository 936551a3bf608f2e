//! Heads and trailers as the engine gives them, checked and made neutral: what RFC 9113 §8.2, §8.3
//! and §10.3 ask for, beyond what the engine has refused already.

use bytes::Bytes;
use http::header::{
    CONTENT_LENGTH, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use http::request::Parts as RequestParts;
use http::{Method, StatusCode, Uri};

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
) -> Result<RequestHead, Fault> {
    let (method, uri, headers) = (&parts.method, &parts.uri, &parts.headers);
    // PRI is reserved (RFC 9113 §11.6): in HTTP/1.1 it would be the beginning of a preface.
    if method.as_str().len() > options.limits.method_bytes_max || method.as_str() == "PRI" {
        return Err(Fault::Method);
    }
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    if path.len() > options.limits.target_bytes_max {
        return Err(Fault::TargetTooLong);
    }
    let length = check(headers, options)?;
    let authority = named_authority(uri, headers)?;
    let bytes = authority.len() + path.len() + 2 * HOST.as_str().len() + bytes_of(headers);
    let mut buffer = FieldsBuffer::new(headers.len() + 1, bytes);
    // The order of h1: Host first, where it is made from the target.
    let name = buffer.put(HOST.as_str().as_bytes());
    let authority = buffer.put(authority.as_bytes());
    let path = buffer.put(path.as_bytes());
    buffer.push_ranges(name, authority.clone());
    copy(headers, &mut buffer);
    let (text, mut fields) = buffer.finish();

    let protocol = parts.extensions.get::<h2::ext::Protocol>();
    let authority = text.slice(authority);
    let text_differs = authority.iter().any(u8::is_ascii_uppercase);
    let target = if *method == Method::CONNECT && protocol.is_none() {
        Target::parse(method, authority).map_err(|_| Fault::Target)?
    } else {
        absolute(method, scheme(uri, options)?, authority, text.slice(path))?
    };
    agree(headers, &target)?;
    if let Some(named) = target.authority().filter(|_| text_differs) {
        fields.set(HOST.as_str(), named.to_string()).map_err(|_| Fault::Authority)?;
    }
    let tunnel = *method == Method::CONNECT;
    let body = if tunnel { BodySize::Empty } else { body_size(length, ending) };
    let protocol = protocol.map(|protocol| Bytes::copy_from_slice(protocol.as_ref()));
    Ok(RequestHead {
        method: method.clone(),
        target,
        version: Version::Http2,
        fields,
        body,
        protocol,
    })
}

/// The neutral head of a response.
pub(super) fn response(
    status: StatusCode,
    headers: &HeaderMap,
    ending: Ending,
    options: &Options,
) -> Result<ResponseHead, Fault> {
    // RFC 9113 §8.6: HTTP/2 does not switch protocols.
    if status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Fault::Status);
    }
    let length = check(headers, options)?;
    let mut buffer = FieldsBuffer::new(headers.len(), bytes_of(headers));
    copy(headers, &mut buffer);
    let bare = status.is_informational() || status == StatusCode::NO_CONTENT;
    Ok(ResponseHead {
        status,
        version: Version::Http2,
        reason: Bytes::new(),
        fields: buffer.finish_fields(),
        body: if bare { BodySize::Empty } else { body_size(length, ending) },
    })
}

/// The fields after a body, without those that have no meaning there.
pub(super) fn trailers(headers: &HeaderMap, options: &Options) -> Result<Fields, Fault> {
    if headers.len() > options.limits.fields_max {
        return Err(Fault::TrailersTooMany);
    }
    let mut buffer = FieldsBuffer::new(headers.len(), bytes_of(headers));
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
    Ok(buffer.finish_fields())
}

/// Checks the fields of a head; the value of `content-length` if it is there.
fn check(headers: &HeaderMap, options: &Options) -> Result<Option<u64>, Fault> {
    if headers.len() > options.limits.fields_max {
        return Err(Fault::FieldsTooMany);
    }
    if !headers.values().all(is_trimmed) {
        return Err(Fault::FieldValue);
    }
    if headers.keys().any(|name| !is_sound(name)) {
        return Err(Fault::FieldName);
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    match (lengths.next(), lengths.next()) {
        (None, _) => Ok(None),
        (Some(length), None) => decimal(length.as_bytes()).map(Some).ok_or(Fault::ContentLength),
        (Some(_), Some(_)) => Err(Fault::ContentLength),
    }
}

/// A `HeaderName` may hold what is no part of a token (RFC 9110 §5.6.2), such as `"`.
fn is_sound(name: &HeaderName) -> bool {
    let name = name.as_str().as_bytes();
    is_token(name) && !is_framing_lookalike(name)
}

/// RFC 9113 §8.2.1: no blank at either end. Controls cannot be in a `HeaderValue`.
fn is_trimmed(value: &HeaderValue) -> bool {
    let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    !blank(value.as_bytes().first()) && !blank(value.as_bytes().last())
}

/// The value of `1*DIGIT` that is small enough.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn body_size(length: Option<u64>, ending: Ending) -> BodySize {
    match (length, ending) {
        (Some(bytes), _) => BodySize::Length(bytes),
        (None, Ending::WithHead) => BodySize::Empty,
        (None, Ending::Later) => BodySize::Unknown,
    }
}

/// How many bytes [`copy`] makes of these, or some more.
fn bytes_of(headers: &HeaderMap) -> usize {
    let length = headers
        .get(CONTENT_LENGTH)
        .map_or(0, |length| CONTENT_LENGTH.as_str().len() + length.len());
    let crumbs = headers.get_all(COOKIE).iter().count();
    let all = headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    all.sum::<usize>() + 2 * crumbs.saturating_sub(1) - length
}

/// Copies the fields, framing and `Host` left out, crumbs of cookies joined (RFC 9113 §8.2.3).
fn copy(headers: &HeaderMap, buffer: &mut FieldsBuffer) {
    let mut cookies = Some(headers.get_all(COOKIE).iter());
    for (name, value) in headers {
        if name == COOKIE {
            let Some(crumbs) = cookies.take() else { continue };
            let name = buffer.put(name.as_str().as_bytes());
            let mut joined = buffer.put(b"");
            // An empty crumb would leave a blank at an end.
            let crumbs = crumbs.filter(|crumb| !crumb.is_empty());
            for (count, crumb) in crumbs.enumerate() {
                if count > 0 {
                    buffer.put(b"; ");
                }
                joined.end = buffer.put(crumb.as_bytes()).end;
            }
            buffer.push_ranges(name, joined);
        } else if name != HOST && name != CONTENT_LENGTH && name != TRANSFER_ENCODING {
            buffer.push(name.as_str(), value.as_bytes());
        }
    }
}

/// The authority by `:authority`, or else by the one `Host` (RFC 9113 §8.3.1).
fn named_authority<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Result<&'a str, Fault> {
    let mut hosts = headers.get_all(HOST).iter();
    match (uri.authority(), hosts.next(), hosts.next()) {
        (_, Some(_), Some(_)) | (None, None, _) => Err(Fault::Host),
        (None, Some(host), None) => host.to_str().map_err(|_| Fault::Host),
        (Some(authority), _, _) => Ok(authority.as_str()),
    }
}

/// A `Host` beside `:authority` names the same.
fn agree(headers: &HeaderMap, target: &Target) -> Result<(), Fault> {
    let (Some(host), Some(authority)) = (headers.get(HOST), target.authority()) else {
        return Ok(());
    };
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
    authority: Bytes,
    path: Bytes,
) -> Result<Target, Fault> {
    let authority = Authority::parse(authority).map_err(|_| Fault::Authority)?;
    let path_and_query = if path.as_ref() == b"*" && *method == Method::OPTIONS {
        PathAndQuery::ASTERISK
    } else {
        PathAndQuery::parse(path).map_err(|_| Fault::Target)?
    };
    Ok(Target::Absolute { scheme, authority, path_and_query })
}
