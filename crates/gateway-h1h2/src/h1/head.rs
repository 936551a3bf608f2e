//! From the lines of a complete head or trailer section to the version-neutral head.
//!
//! `lines` says where the lines are; here they become fields and facts. What the facts mean for
//! framing and for `Host` is in the modules of those names.

use bytes::Bytes;
use http::{Method, StatusCode};

use super::declare::{Declarations, Settled, Subject};
use super::judge::{Fault, Judge, Tolerance};
use super::lines::{self, Look, RequestLine, Section as Sound, StatusLine};
use super::mend::mend;
use super::scan::{FIELDS_CAP, Section};
use super::{Check, Limits, host};
use crate::fields::{Keys, Line, Verdict, is_framing_lookalike, members};
use crate::hop::is_protected;
use crate::{
    BodySize, Declared, Fields, Framing, Message, RequestHead, ResponseHead, Target, TargetError,
    Version,
};

/// A parsed request and what the connection has to know about it.
pub(super) struct Request {
    pub(super) head: Box<RequestHead>,
    pub(super) framing: Framing,
    /// The client lets the connection live on.
    pub(super) persistent: bool,
    /// A 101 may answer.
    pub(super) asks_upgrade: bool,
}

/// A parsed response and what the connection has to know about it.
pub(super) struct Response {
    pub(super) head: Box<ResponseHead>,
    pub(super) framing: Framing,
    /// The server lets the connection live on.
    pub(super) persistent: bool,
}

/// Reads the bytes of one request head, empty line included.
pub(super) fn parse_request(
    bytes: Bytes,
    judge: &mut Judge<'_>,
    limits: &Limits,
) -> Result<Request, Fault> {
    let look = lines::request(&bytes, FIELDS_CAP);
    let (bytes, sound) = sound(Section::Request, bytes, look, lines::request, judge)?;
    weigh_request(bytes, sound, judge, limits)
}

/// Reads the bytes of one response head, empty line included, that answers `method`.
pub(super) fn parse_response(
    bytes: Bytes,
    method: &Method,
    judge: &mut Judge<'_>,
) -> Result<Response, Fault> {
    let look = lines::response(&bytes, FIELDS_CAP);
    let (bytes, sound) = sound(Section::Response, bytes, look, lines::response, judge)?;
    weigh_response(bytes, sound, method, judge)
}

/// Reads the bytes of one trailer section, empty line included.
pub(super) fn parse_trailers(bytes: Bytes, judge: &mut Judge<'_>) -> Result<Fields, Fault> {
    let look = lines::alone(&bytes, FIELDS_CAP);
    let (bytes, sound) = sound(Section::Trailers, bytes, look, lines::alone, judge)?;
    let ((), mut fields) = sound.over(bytes);
    fields.sift(FORBIDDEN_KEYS, |line| {
        if !is_forbidden_trailer(std::str::from_utf8(line.name).unwrap_or_default()) {
            return Ok(Verdict::Keep);
        }
        judge.find(Check::TrailerForbidden, line.name_at)?;
        Ok(Verdict::Drop)
    })?;
    Ok(fields)
}

/// The section of sound form that all of `bytes` are, or become by mending.
fn sound<S>(
    section: Section,
    bytes: Bytes,
    look: Look<Sound<S>>,
    again: fn(&[u8], usize) -> Look<Sound<S>>,
    judge: &mut Judge<'_>,
) -> Result<(Bytes, Sound<S>), Fault> {
    match look {
        Look::Whole(sound) if sound.bytes == bytes.len() => return Ok((bytes, sound)),
        Look::Whole(_) | Look::More { .. } | Look::Odd { .. } => {}
    }
    let mended = mend(section, &bytes, judge)?;
    match again(&mended, FIELDS_CAP) {
        Look::Whole(sound) if sound.bytes == mended.len() => Ok((mended, sound)),
        Look::Whole(_) | Look::More { .. } | Look::Odd { .. } => {
            let check = match section {
                Section::Request | Section::Response => Check::StartLineSyntax,
                Section::Trailers => Check::FieldNameSyntax,
            };
            Err(judge.refuse(check, 0))
        }
    }
}

/// Makes a request of sound lines, by all checks that concern their contents.
pub(super) fn weigh_request(
    bytes: Bytes,
    sound: Sound<RequestLine>,
    judge: &mut Judge<'_>,
    limits: &Limits,
) -> Result<Request, Fault> {
    let (RequestLine { method, target, version }, mut fields) = sound.over(bytes);
    let target_at = target.start;
    let text = fields.received().slice(target);
    let method = fields.received().get(method).unwrap_or_default();
    if method == b"PRI" {
        return Err(judge.refuse(Check::Http2Preface, 0));
    }
    if method.len() > limits.method_bytes_max {
        return Err(judge.refuse(Check::MethodTooLong, 0));
    }
    if text.len() > limits.target_bytes_max {
        return Err(judge.refuse(Check::TargetTooLong, target_at));
    }
    let method = Method::from_bytes(method).map_err(|_| judge.refuse(Check::MethodSyntax, 0))?;
    let target = Target::parse_visible(&method, text)
        .map_err(|error| judge.refuse(check_of(error), target_at))?;

    let mut facts = Facts::default();
    facts.collect(&mut fields, Section::Request, judge)?;
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
    Ok(Request {
        // RFC 9112 §9.3: a proxy keeps no HTTP/1.0 connection of a client open.
        persistent: version == Version::Http11 && !facts.close && !doubtful,
        asks_upgrade: asks_upgrade && facts.upgrade_option && version == Version::Http11,
        head: Box::new(RequestHead { method, target, version, fields, body, protocol: None }),
        framing,
    })
}

/// Makes a response to `method` of sound lines, by all checks that concern their contents.
pub(super) fn weigh_response(
    bytes: Bytes,
    sound: Sound<StatusLine>,
    method: &Method,
    judge: &mut Judge<'_>,
) -> Result<Response, Fault> {
    let (StatusLine { version, code, reason }, mut fields) = sound.over(bytes);
    let status = StatusCode::from_u16(code).map_err(|_| judge.refuse(Check::StatusSyntax, 9))?;
    let phrase = fields.received().get(reason.clone()).unwrap_or_default();
    // Nearly all phrases are the registered ones: no share in the head is held for them.
    let reason = match status.canonical_reason() {
        Some(registered) if registered.as_bytes() == phrase => {
            Bytes::from_static(registered.as_bytes())
        }
        Some(_) | None => fields.received().slice(reason),
    };

    let mut facts = Facts::default();
    facts.collect(&mut fields, Section::Response, judge)?;
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
    Ok(Response {
        head: Box::new(ResponseHead { status, version, reason, fields, body }),
        framing: Framing::decide(message, declared),
        persistent: persistent && !doubtful,
    })
}

/// What the fields of a head say about the connection and the message, besides standing there.
#[derive(Default)]
struct Facts {
    declared: Declarations,
    host: host::Lines,
    close: bool,
    keep_alive: bool,
    upgrade: bool,
    upgrade_option: bool,
    expects_other: bool,
}

/// The names that say something, and so do those that are taken for one of them: a mark has no
/// part in a key.
const TELLING: Keys =
    Keys::of(&["connection", "content-length", "expect", "host", "transfer-encoding", "upgrade"]);

impl Facts {
    /// Weighs the fields of a head one by one and takes out those that frame the message.
    fn collect(
        &mut self,
        fields: &mut Fields,
        section: Section,
        judge: &mut Judge<'_>,
    ) -> Result<(), Fault> {
        fields.sift(TELLING, |line| self.note(line, section, judge))
    }

    fn note(
        &mut self,
        line: Line<'_>,
        section: Section,
        judge: &mut Judge<'_>,
    ) -> Result<Verdict, Fault> {
        let Line { name, value, name_at: at, value_at } = line;
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => {
                self.host.add(value_at..value_at + value.len(), at);
            }
            6 if name.eq_ignore_ascii_case(b"expect") => {
                self.expects_other |= !value.eq_ignore_ascii_case(b"100-continue");
            }
            7 if name.eq_ignore_ascii_case(b"upgrade") => self.upgrade = true,
            10 if name.eq_ignore_ascii_case(b"connection") => {
                self.note_connection(value, at, section, judge)?;
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                self.declared.add_length(value, at, judge)?;
                return Ok(Verdict::Drop);
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                self.declared.add_encoding(value, at, judge)?;
                return Ok(Verdict::Drop);
            }
            14 | 17 if is_framing_lookalike(name) => {
                return Ok(match judge.find(Check::FieldNameLookalike, at)? {
                    Tolerance::Repair => Verdict::Drop,
                    Tolerance::Observe => Verdict::Keep,
                });
            }
            _ => {}
        }
        Ok(Verdict::Keep)
    }

    fn note_connection(
        &mut self,
        value: &[u8],
        at: usize,
        section: Section,
        judge: &mut Judge<'_>,
    ) -> Result<(), Fault> {
        // Nearly all that browsers send.
        if value.eq_ignore_ascii_case(b"keep-alive") {
            self.keep_alive = true;
            return Ok(());
        }
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

const FORBIDDEN_KEYS: Keys = Keys::of(&FORBIDDEN_TRAILERS);

/// Whether a field of this name may not be a trailer.
pub(crate) fn is_forbidden_trailer(name: &str) -> bool {
    FORBIDDEN_TRAILERS.iter().any(|forbidden| name.eq_ignore_ascii_case(forbidden))
        || is_framing_lookalike(name.as_bytes())
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
