//! From the bytes of a complete head or trailer section to the version-neutral head.
//!
//! `httparse` reads the lines; here they become fields and facts. What the facts mean for framing
//! and for `Host` is in the modules of those names.

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::{Method, StatusCode};
use httparse::{Header, Status};

use super::declare::{Declarations, Settled, Subject};
use super::judge::{Fault, Judge, Tolerance};
use super::mend::mend;
use super::scan::{FIELDS_CAP, Section};
use super::{Check, Limits, host};
use crate::fields::{is_framing_lookalike, members};
use crate::hop::is_protected;
use crate::{
    BodySize, Declared, Fields, Framing, Message, RequestHead, ResponseHead, Target, TargetError,
    Version,
};

/// A parsed request and what the connection has to know about it.
pub(super) struct Request {
    pub(super) head: RequestHead,
    pub(super) framing: Framing,
    /// The client lets the connection live on.
    pub(super) persistent: bool,
    /// A 101 may answer.
    pub(super) asks_upgrade: bool,
}

/// A parsed response and what the connection has to know about it.
pub(super) struct Response {
    pub(super) head: ResponseHead,
    pub(super) framing: Framing,
    /// The server lets the connection live on.
    pub(super) persistent: bool,
}

/// Parses the bytes of one request head, empty line included.
pub(super) fn parse_request(
    bytes: &Bytes,
    judge: &mut Judge<'_>,
    limits: &Limits,
) -> Result<Request, Fault> {
    if let Some(request) = read_request(bytes, judge, limits)? {
        return Ok(request);
    }
    let mended = mend(Section::Request, bytes, judge)?;
    read_request(&mended, judge, limits)?.ok_or_else(|| judge.refuse(Check::StartLineSyntax, 0))
}

/// Parses the bytes of one response head, empty line included, that answers `method`.
pub(super) fn parse_response(
    bytes: &Bytes,
    method: &Method,
    judge: &mut Judge<'_>,
) -> Result<Response, Fault> {
    if let Some(response) = read_response(bytes, method, judge)? {
        return Ok(response);
    }
    let mended = mend(Section::Response, bytes, judge)?;
    read_response(&mended, method, judge)?.ok_or_else(|| judge.refuse(Check::StartLineSyntax, 0))
}

/// Parses the bytes of one trailer section, empty line included.
pub(super) fn parse_trailers(bytes: &Bytes, judge: &mut Judge<'_>) -> Result<Fields, Fault> {
    if let Some(fields) = read_trailers(bytes, judge)? {
        return Ok(fields);
    }
    let mended = mend(Section::Trailers, bytes, judge)?;
    read_trailers(&mended, judge)?.ok_or_else(|| judge.refuse(Check::FieldNameSyntax, 0))
}

/// Parses the request head at the front of a piece without a search for its end, and says how
/// many bytes it has.
///
/// `None` unless every line ends in CR LF and there are no more fields than allowed: then nothing
/// has been judged.
pub(super) fn parse_front_request(
    piece: &Bytes,
    judge: &mut Judge<'_>,
    limits: &Limits,
) -> Result<Option<(Request, usize)>, Fault> {
    let mut headers = [const { MaybeUninit::uninit() }; FIELDS_CAP];
    let Some((parsed, end)) = parse_request_lines(piece, &mut headers) else {
        return Ok(None);
    };
    let is_crlf = |end: usize| piece.get(end.saturating_sub(2)..end) == Some(b"\r\n");
    // Every line but the last ends where the next one begins.
    let strict = parsed.headers.iter().all(|header| is_crlf(offset(piece, header.name)))
        && is_crlf(end)
        && is_crlf(end.saturating_sub(2));
    if !strict || parsed.headers.len() > limits.fields_max || end > limits.head_bytes_max {
        return Ok(None);
    }
    let request = weigh_request(&piece.slice(..end), &parsed, judge, limits)?;
    Ok(request.map(|request| (request, end)))
}

/// `None` if the fast parser refuses the bytes: `mend` knows more.
fn read_request(
    bytes: &Bytes,
    judge: &mut Judge<'_>,
    limits: &Limits,
) -> Result<Option<Request>, Fault> {
    let mut headers = [const { MaybeUninit::uninit() }; FIELDS_CAP];
    match parse_request_lines(bytes, &mut headers) {
        Some((parsed, end)) if end == bytes.len() => weigh_request(bytes, &parsed, judge, limits),
        Some(_) | None => Ok(None),
    }
}

/// The lines of a head and where it ends.
fn parse_request_lines<'h, 'b>(
    bytes: &'b [u8],
    headers: &'h mut [MaybeUninit<Header<'b>>],
) -> Option<(httparse::Request<'h, 'b>, usize)> {
    let mut parsed = httparse::Request::new(&mut []);
    match parsed.parse_with_uninit_headers(bytes, headers) {
        Ok(Status::Complete(end)) => Some((parsed, end)),
        Ok(Status::Partial) | Err(_) => None,
    }
}

/// Makes a request of parsed lines, by all checks that concern their contents.
fn weigh_request(
    bytes: &Bytes,
    parsed: &httparse::Request<'_, '_>,
    judge: &mut Judge<'_>,
    limits: &Limits,
) -> Result<Option<Request>, Fault> {
    let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
        return Ok(None);
    };
    if method == "PRI" {
        return Err(judge.refuse(Check::Http2Preface, 0));
    }
    if method.len() > limits.method_bytes_max {
        return Err(judge.refuse(Check::MethodTooLong, 0));
    }
    let target_at = method.len() + 1;
    if target.len() > limits.target_bytes_max {
        return Err(judge.refuse(Check::TargetTooLong, target_at));
    }
    let method =
        Method::from_bytes(method.as_bytes()).map_err(|_| judge.refuse(Check::MethodSyntax, 0))?;
    let target = Target::parse(&method, bytes.slice_ref(target.as_bytes()))
        .map_err(|error| judge.refuse(check_of(error), target_at))?;
    let version = version_of(parsed.version);

    let mut facts = Facts::default();
    let mut fields = collect(bytes, parsed.headers, &mut facts, Section::Request, judge)?;
    if facts.expects_other {
        judge.find(Check::ExpectUnknown, 0)?;
    }
    host::agree(&mut fields, &facts.host, &target, version, judge)?;
    let Settled { declared, doubtful } = facts.declared.settle(Subject::Message, version, judge)?;
    let has_body = !matches!(declared, Declared::Nothing | Declared::Length(0));
    let mut asks_upgrade = facts.upgrade;
    if has_body {
        if method == Method::CONNECT {
            return Err(judge.refuse(Check::BodyInConnect, 0));
        }
        if method == Method::TRACE {
            return Err(judge.refuse(Check::BodyInTrace, 0));
        }
        if asks_upgrade {
            judge.find(Check::BodyInUpgrade, 0)?;
            fields.remove("upgrade");
            asks_upgrade = false;
        }
    }
    let framing = Framing::decide(Message::Request, declared);
    let body = match declared {
        Declared::Nothing => BodySize::Empty,
        Declared::Length(length) => BodySize::Length(length),
        Declared::Chunked => BodySize::Unknown,
    };
    Ok(Some(Request {
        // RFC 9112 §9.3: a proxy keeps no HTTP/1.0 connection of a client open.
        persistent: version == Version::Http11 && !facts.close && !doubtful,
        asks_upgrade: asks_upgrade && facts.upgrade_option && version == Version::Http11,
        head: RequestHead { method, target, version, fields, body, protocol: None },
        framing,
    }))
}

/// `None` if the fast parser refuses the bytes: `mend` knows more.
fn read_response(
    bytes: &Bytes,
    method: &Method,
    judge: &mut Judge<'_>,
) -> Result<Option<Response>, Fault> {
    let mut headers = [const { MaybeUninit::uninit() }; FIELDS_CAP];
    let mut parsed = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    match config.parse_response_with_uninit_headers(&mut parsed, bytes, &mut headers) {
        Ok(Status::Complete(end)) if end == bytes.len() => {}
        Ok(Status::Complete(_) | Status::Partial) | Err(_) => return Ok(None),
    }
    let (Some(code), Some(reason)) = (parsed.code, parsed.reason) else {
        return Ok(None);
    };
    let status = StatusCode::from_u16(code).map_err(|_| judge.refuse(Check::StatusSyntax, 9))?;
    let version = version_of(parsed.version);
    let reason = match reason {
        "" => Bytes::new(),
        text => bytes.slice_ref(text.as_bytes()),
    };

    let mut facts = Facts::default();
    let fields = collect(bytes, parsed.headers, &mut facts, Section::Response, judge)?;
    let message = Message::Response { method, status };
    // HEAD and 304 say how long another response would be; these have nothing to say.
    let mute = status.is_informational()
        || status == StatusCode::NO_CONTENT
        || (*method == Method::CONNECT && status.is_success());
    let subject = if mute { Subject::Bodiless } else { Subject::Message };
    let Settled { declared, doubtful } = facts.declared.settle(subject, version, judge)?;
    let body = match declared {
        Declared::Length(length) => BodySize::Length(length),
        Declared::Nothing | Declared::Chunked if mute => BodySize::Empty,
        Declared::Nothing | Declared::Chunked => BodySize::Unknown,
    };
    let persistent = match version {
        Version::Http10 => facts.keep_alive && !facts.close,
        Version::Http11 | Version::Http2 => !facts.close,
    };
    Ok(Some(Response {
        head: ResponseHead { status, version, reason, fields, body },
        framing: Framing::decide(message, declared),
        persistent: persistent && !doubtful,
    }))
}

/// `None` if the fast parser refuses the bytes: `mend` knows more.
fn read_trailers(bytes: &Bytes, judge: &mut Judge<'_>) -> Result<Option<Fields>, Fault> {
    let mut headers = vec![httparse::EMPTY_HEADER; FIELDS_CAP];
    let headers = match httparse::parse_headers(bytes, &mut headers) {
        Ok(Status::Complete((end, headers))) if end == bytes.len() => headers,
        Ok(Status::Complete(_) | Status::Partial) | Err(_) => return Ok(None),
    };
    let mut fields = Fields::over(bytes.clone(), headers.len());
    for header in headers {
        if is_forbidden_trailer(header.name) {
            judge.find(Check::TrailerForbidden, offset(bytes, header.name))?;
        } else {
            fields.push_received(bytes, header.name.as_bytes(), header.value);
        }
    }
    Ok(Some(fields))
}

/// What the fields of a head say about the connection and the message, besides standing there.
#[derive(Default)]
struct Facts<'a> {
    declared: Declarations,
    host: host::Lines<'a>,
    close: bool,
    keep_alive: bool,
    upgrade: bool,
    upgrade_option: bool,
    expects_other: bool,
}

fn collect<'a>(
    head: &Bytes,
    headers: &[Header<'a>],
    facts: &mut Facts<'a>,
    section: Section,
    judge: &mut Judge<'_>,
) -> Result<Fields, Fault> {
    let mut fields = Fields::over(head.clone(), headers.len());
    for Header { name, value } in headers {
        let at = || offset(head, name);
        // Most names differ in length from those that matter here: one comparison each.
        match name.len() {
            4 if name.eq_ignore_ascii_case("host") => facts.host.add(value, at()),
            6 if name.eq_ignore_ascii_case("expect") => {
                facts.expects_other |= !value.eq_ignore_ascii_case(b"100-continue");
            }
            7 if name.eq_ignore_ascii_case("upgrade") => facts.upgrade = true,
            10 if name.eq_ignore_ascii_case("connection") => {
                facts.note_connection(value, at(), section, judge)?;
            }
            14 if name.eq_ignore_ascii_case("content-length") => {
                facts.declared.add_length(value, at(), judge)?;
                continue;
            }
            17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                facts.declared.add_encoding(value, at(), judge)?;
                continue;
            }
            14 | 17 if is_framing_lookalike(name.as_bytes()) => {
                match judge.find(Check::FieldNameLookalike, at())? {
                    Tolerance::Repair => continue,
                    Tolerance::Observe => {}
                }
            }
            _ => {}
        }
        fields.push_received(head, name.as_bytes(), value);
    }
    Ok(fields)
}

impl Facts<'_> {
    fn note_connection(
        &mut self,
        value: &[u8],
        at: usize,
        section: Section,
        judge: &mut Judge<'_>,
    ) -> Result<(), Fault> {
        for option in members(value) {
            if option.eq_ignore_ascii_case(b"close") {
                self.close = true;
            } else if option.eq_ignore_ascii_case(b"keep-alive") {
                self.keep_alive = true;
            } else if option.eq_ignore_ascii_case(b"upgrade") {
                self.upgrade_option = true;
            } else if is_protected(option) {
                // Large content networks name Transfer-Encoding in responses, and it is for
                // one hop indeed; in requests it only serves to have framing stripped.
                let harmless = section == Section::Response
                    && option.eq_ignore_ascii_case(b"transfer-encoding");
                if !harmless {
                    judge.find(Check::ConnectionOptionProtected, at)?;
                }
            }
        }
        Ok(())
    }
}

/// Fields that must not come after the body: those for framing, routing and authentication, and
/// those that say how to read the body (RFC 9110 §6.5.1).
const FORBIDDEN_TRAILERS: [&str; 20] = [
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "max-forwards",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];

/// Whether a field of this name may not be a trailer.
pub(crate) fn is_forbidden_trailer(name: &str) -> bool {
    FORBIDDEN_TRAILERS.iter().any(|forbidden| name.eq_ignore_ascii_case(forbidden))
        || is_framing_lookalike(name.as_bytes())
}

fn version_of(minor: Option<u8>) -> Version {
    match minor {
        Some(0) => Version::Http10,
        Some(_) | None => Version::Http11,
    }
}

fn offset(head: &[u8], part: &str) -> usize {
    (part.as_ptr() as usize).wrapping_sub(head.as_ptr() as usize)
}

fn check_of(error: TargetError) -> Check {
    match error {
        TargetError::Byte => Check::TargetByte,
        TargetError::Fragment => Check::TargetFragment,
        TargetError::UserInfo => Check::TargetUserInfo,
        TargetError::Authority => Check::TargetAuthority,
        TargetError::Scheme => Check::TargetScheme,
        TargetError::Form => Check::TargetForm,
    }
}
