//! Neutral heads and trailers made ready for the engine: names in lower case, `Host` turned into
//! `:authority`, the length of the body written, and nothing that belongs to one hop of HTTP/1.

use bytes::Bytes;
use http::header::HeaderMap;
use http::uri::{self, Uri};
use http::{Method, Request, Response, Version};

use super::Options;
use super::known::Known;
use crate::fields::{Keys, members};
use crate::h1::is_forbidden_trailer;
use crate::{
    Authority, BodySize, Fields, PathAndQuery, RequestHead, ResponseHead, Scheme, SendError, Target,
};

/// What HTTP/2 does not have (RFC 9113 §8.2.2), besides framing fields.
const HOP: [&str; 5] =
    ["connection", "http2-settings", "keep-alive", "proxy-connection", "upgrade"];

const HOP_KEYS: Keys = Keys::of(&HOP);

const TE_NAME: &str = "te";
const TE_KEYS: Keys = Keys::of(&[TE_NAME]);

const HOST_NAME: &str = "host";
const HOST_KEYS: Keys = Keys::of(&[HOST_NAME]);

fn is_hop(name: &[u8]) -> bool {
    HOP.iter().any(|hop| name.eq_ignore_ascii_case(hop.as_bytes()))
}

/// What was sent on a connection before, as the engine takes it: it is mostly the same again.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// The last authority in both forms.
    authority: Option<(Authority, uri::Authority)>,
    fields: Known,
}

impl Sent {
    /// See [`Known::mix`].
    pub(super) fn mix(&mut self) {
        self.fields.mix();
    }
}

/// The engine's request for this head.
pub(super) fn request(
    head: &RequestHead,
    options: &Options,
    sent: &mut Sent,
) -> Result<Request<()>, SendError> {
    let Sent { authority: asked, fields: known } = sent;
    let mut uri = |scheme, authority: &Authority, path| uri(scheme, authority, path, asked);
    let connects = head.method == Method::CONNECT;
    let uri = match (&head.target, connects, &head.protocol) {
        (Target::Authority(authority), true, None) => uri(None, authority, None)?,
        (Target::Absolute { scheme, authority, path_and_query }, true, Some(_))
        | (Target::Absolute { scheme, authority, path_and_query }, false, None) => {
            uri(Some(*scheme), authority, Some(path_and_query))?
        }
        (Target::Origin(path), false, None) => {
            uri(Some(options.scheme), &host(&head.fields)?, Some(path))?
        }
        (Target::Asterisk, false, None) => {
            let path = &PathAndQuery::ASTERISK;
            uri(Some(options.scheme), &host(&head.fields)?, Some(path))?
        }
        _ => return Err(SendError::Target),
    };
    if uri.path() == "*" && head.method != Method::OPTIONS {
        return Err(SendError::Target);
    }
    if connects && !matches!(head.body, BodySize::Empty | BodySize::Length(0)) {
        return Err(SendError::BodyNotAllowed);
    }
    let mut request = Request::new(());
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_2;
    let length = if connects { None } else { length(head.body) };
    let is_host = |name: &[u8]| name.eq_ignore_ascii_case(HOST_NAME.as_bytes());
    *request.headers_mut() = map(known, &head.fields, HOST_KEYS, &is_host, length);
    if let Some(protocol) = &head.protocol {
        let protocol = std::str::from_utf8(protocol).map_err(|_| SendError::ExtendedConnect)?;
        request.extensions_mut().insert(h2::ext::Protocol::from(protocol));
    }
    Ok(request)
}

/// The engine's response for this head, with the length of this body if it has one.
pub(super) fn response(head: &ResponseHead, body: BodySize, sent: &mut Sent) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = head.status;
    *response.version_mut() = Version::HTTP_2;
    let known = &mut sent.fields;
    *response.headers_mut() =
        map(known, &head.fields, Keys::none(), &|_: &[u8]| false, length(body));
    response
}

/// The engine's trailers.
pub(super) fn trailers(fields: &Fields) -> HeaderMap {
    let forbidden = |name: &[u8]| std::str::from_utf8(name).is_ok_and(is_forbidden_trailer);
    map(&mut Known::default(), fields, Keys::all(), &forbidden, None)
}

fn length(body: BodySize) -> Option<u64> {
    match body {
        BodySize::Length(bytes) => Some(bytes),
        BodySize::Empty | BodySize::Unknown => None,
    }
}

/// The fields as the engine takes them, with `content-length` if there is a length: without those that
/// HTTP/2 does not have, and without those that `leave_out` names, whose keys are among `keys`.
fn map(
    known: &mut Known,
    fields: &Fields,
    keys: Keys,
    leave_out: &impl Fn(&[u8]) -> bool,
    length: Option<u64>,
) -> HeaderMap {
    let unwanted = HOP_KEYS.with(TE_KEYS).with(keys);
    let all = fields.iter_keyed();
    if !fields.keys().meets(unwanted) {
        return known.map(all.map(|(_, name, value)| (name, value)), length);
    }
    let kept = all.filter_map(move |(key, name, value)| {
        if !unwanted.contains(key) {
            return Some((name, value));
        }
        if HOP_KEYS.contains(key) && is_hop(name) || keys.contains(key) && leave_out(name) {
            return None;
        }
        let is_te = TE_KEYS.contains(key) && name.eq_ignore_ascii_case(TE_NAME.as_bytes());
        match is_te {
            // RFC 9113 §8.2.2: `trailers` is all that may stand here.
            true if members(value).any(is_trailers) => Some((name, b"trailers".as_slice())),
            true => None,
            false => Some((name, value)),
        }
    });
    known.map(kept, length)
}

/// Whether a member of `TE` is `trailers`, with parameters or without.
fn is_trailers(coding: &[u8]) -> bool {
    let name = coding.split(|byte| *byte == b';').next().unwrap_or_default();
    name.trim_ascii().eq_ignore_ascii_case(b"trailers")
}

fn host(fields: &Fields) -> Result<Authority, SendError> {
    let mut hosts = fields.all("host");
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => Authority::parse(host.to_vec()).map_err(|_| SendError::Host),
        (None, _) | (Some(_), Some(_)) => Err(SendError::Host),
    }
}

fn uri(
    scheme: Option<Scheme>,
    authority: &Authority,
    path: Option<&PathAndQuery>,
    asked: &mut Option<(Authority, uri::Authority)>,
) -> Result<Uri, SendError> {
    let mut parts = uri::Parts::default();
    parts.scheme = scheme.map(|scheme| match scheme {
        Scheme::Http => uri::Scheme::HTTP,
        Scheme::Https => uri::Scheme::HTTPS,
    });
    parts.authority = Some(match asked {
        Some((last, converted)) if last == authority => converted.clone(),
        Some(_) | None => {
            let converted = uri::Authority::from_maybe_shared(Bytes::from(authority.to_string()));
            let converted = converted.map_err(|_| SendError::Target)?;
            *asked = Some((authority.clone(), converted.clone()));
            converted
        }
    });
    if let Some(path) = path {
        let taken = match uri::PathAndQuery::from_maybe_shared(path.to_bytes()) {
            Ok(taken) => Ok(taken),
            Err(_) => uri::PathAndQuery::from_maybe_shared(escape(path.as_bytes())),
        };
        parts.path_and_query = Some(taken.map_err(|_| SendError::Target)?);
    }
    Uri::from_parts(parts).map_err(|_| SendError::Target)
}

/// The path and query with those bytes percent-encoded that the engine's form of them does not
/// take: `<`, `>`, a backtick in the path and `"` in the query. None of them can stand in a URI
/// (RFC 3986 §2), so that the encoded form is the one that is meant; user agents send it too.
fn escape(path: &[u8]) -> Bytes {
    let query = path.iter().position(|byte| *byte == b'?').unwrap_or(path.len());
    let mut escaped = Vec::with_capacity(path.len() + 16);
    for (place, byte) in path.iter().enumerate() {
        match byte {
            b'<' => escaped.extend(b"%3C"),
            b'>' => escaped.extend(b"%3E"),
            b'`' if place < query => escaped.extend(b"%60"),
            b'"' if place > query => escaped.extend(b"%22"),
            byte => escaped.push(*byte),
        }
    }
    Bytes::from(escaped)
}
