//! What a proxy changes in heads that it passes on (RFC 9110 §7.6).

use gateway_content::{BodyInfo, Coding};
use gateway_h1h2::ws::{Handshake, offers_websocket};
use gateway_h1h2::{
    BodySize, FieldError, Fields, RequestHead, ResponseHead, UpgradeField, Version, append_via,
    strip_hop_by_hop,
};
use http::{Method, StatusCode};

use crate::facts::Named;
use crate::policy::{Settings, WebSocketPolicy};

/// What is asked of a request head on its way to the origin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forwarded<'a> {
    /// Whether some rule, or a service, may want to look at the answer's body: it must come in
    /// codings that can be taken off, and whole.
    pub(crate) readable_answer: bool,
    /// Whether `100 (Continue)` was answered here, so that the origin must not be asked for it.
    pub(crate) continued_here: bool,
    /// The offer to change to WebSocket, if it is passed on.
    pub(crate) websocket: Option<&'a Handshake>,
    pub(crate) via: Via,
}

/// Whether this gateway names itself in `Via`: once per message, however many of its machines the
/// message passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Append,
    Leave,
}

/// Makes the request head that the origin gets: origin-form, its own `Host`, nothing hop-by-hop.
///
/// # Errors
/// When a field cannot be written, which no parsed head gives rise to.
pub(crate) fn request(
    head: &RequestHead,
    named: &Named<'_>,
    settings: &Settings,
    forwarded: Forwarded<'_>,
) -> Result<RequestHead, FieldError> {
    let mut out = head.clone();
    out.target = head.target.to_origin_form();
    let keep = match forwarded.websocket {
        Some(_) => UpgradeField::Keep,
        None => UpgradeField::Strip,
    };
    strip_hop_by_hop(&mut out.fields, keep);
    if let Some(handshake) = forwarded.websocket
        && settings.websocket.looks_into_messages()
    {
        match handshake.readable_extensions() {
            Some(readable) => out.fields.set(EXTENSIONS, readable)?,
            None => drop(out.fields.remove(EXTENSIONS)),
        }
    }
    out.fields.set("Host", named.authority())?;
    if forwarded.via == Via::Append {
        append_via(&mut out.fields, head.version, &settings.pseudonym)?;
    }
    if forwarded.readable_answer {
        narrow_codings(&mut out.fields)?;
        for name in ["Range", "If-Range"] {
            out.fields.remove(name);
        }
    }
    if forwarded.continued_here {
        out.fields.remove("Expect");
    }
    if head.method == Method::OPTIONS {
        decrement_max_forwards(&mut out.fields)?;
    }
    Ok(out)
}

/// Makes the response head that the client gets.
///
/// # Errors
/// When a field cannot be written, which no parsed head gives rise to.
pub(crate) fn response(
    mut head: Box<ResponseHead>,
    settings: &Settings,
    via: Via,
) -> Result<Box<ResponseHead>, FieldError> {
    let keep = match head.status {
        StatusCode::SWITCHING_PROTOCOLS => UpgradeField::Keep,
        _ => UpgradeField::Strip,
    };
    strip_hop_by_hop(&mut head.fields, keep);
    if via == Via::Append {
        append_via(&mut head.fields, head.version, &settings.pseudonym)?;
    }
    Ok(head)
}

const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

/// The offer to change to WebSocket that is passed on, if the request makes a valid one.
pub(crate) fn websocket(head: &RequestHead, settings: &Settings) -> Option<Box<Handshake>> {
    let passed_on = match settings.websocket {
        WebSocketPolicy::Inspect | WebSocketPolicy::Rewrite(_) | WebSocketPolicy::Relay => true,
        WebSocketPolicy::Strip => false,
    };
    if !passed_on || head.version != Version::Http11 || !offers_websocket(head) {
        return None;
    }
    Handshake::of_request(head).ok().map(Box::new)
}

/// Whether the client waits for `100 (Continue)` before it sends the body (RFC 9110 §10.1.1).
pub(crate) fn expects_continue(head: &RequestHead) -> bool {
    head.version != Version::Http10
        && head.body != BodySize::Empty
        && head.fields.all("expect").any(|v| v.eq_ignore_ascii_case(b"100-continue"))
}

/// Whether a body is a stream of gRPC messages, which come when they come.
pub(crate) fn is_grpc(fields: &Fields) -> bool {
    const ESSENCE: &[u8] = b"application/grpc";
    let value = fields.get("content-type").unwrap_or_default();
    value.get(..ESSENCE.len()).is_some_and(|essence| essence.eq_ignore_ascii_case(ESSENCE))
}

/// What a head says about its body, for unpacking.
pub fn body_info(fields: &Fields, size: BodySize) -> BodyInfo {
    let length = length(size);
    let list: Vec<&[u8]> = fields.all("content-encoding").collect();
    let info = match Coding::parse_list(&list.join(&b","[..])) {
        Ok(codings) => BodyInfo::new(codings, length),
        Err(_) => BodyInfo::undecodable(length),
    };
    let info = match fields.get("content-type") {
        Some(content_type) => info.with_content_type(content_type),
        None => info,
    };
    match fields.get("content-disposition") {
        Some(disposition) => info.with_disposition(disposition),
        None => info,
    }
}

/// Whether the sender forbids that the content is changed on its way (RFC 9111 §5.2.2.6).
pub(crate) fn forbids_changes(fields: &Fields) -> bool {
    let directives = fields.all("cache-control").flat_map(|value| value.split(|b| *b == b','));
    directives.map(<[u8]>::trim_ascii).any(|it| it.eq_ignore_ascii_case(b"no-transform"))
}

/// Makes of the fields of a message with a body of this size those of the same without its
/// content-codings; gives the size that is known of it then. Codings that nobody can take off stay.
pub(crate) fn without_codings(fields: &mut Fields, size: BodySize) -> BodySize {
    let list: Vec<&[u8]> = fields.all("content-encoding").collect();
    if list.is_empty() || Coding::parse_list(&list.join(&b","[..])).is_err() {
        return size;
    }
    fields.remove("Content-Encoding");
    forget_content(fields);
    BodySize::Unknown
}

/// Takes out what would be wrong once some of the content is overwritten: digests (RFC 9530), and
/// what invites to fetch the rest of it or to take it for the same (RFC 9110 §8.8.3, §14.3).
pub(crate) fn forget_content(fields: &mut Fields) {
    for name in ["Content-MD5", "Digest", "Content-Digest", "Repr-Digest", "Accept-Ranges"] {
        fields.remove(name);
    }
    if fields.get("etag").is_some_and(|tag| !tag.starts_with(b"W/")) {
        fields.remove("ETag");
    }
}

/// The declared length.
pub(crate) const fn length(size: BodySize) -> Option<u64> {
    match size {
        BodySize::Empty => Some(0),
        BodySize::Length(bytes) => Some(bytes),
        BodySize::Unknown => None,
    }
}

/// Leaves in `Accept-Encoding` only what can be taken off; a client that wants none gets none.
fn narrow_codings(fields: &mut Fields) -> Result<(), FieldError> {
    let joined = fields.all("accept-encoding").collect::<Vec<_>>().join(&b","[..]);
    let acceptable = |wanted: &str| {
        joined.split(|byte| *byte == b',').any(|range| {
            let mut parts = range.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            let named = parts.next().unwrap_or_default().eq_ignore_ascii_case(wanted.as_bytes());
            let refused = |weight: &[u8]| {
                weight
                    .strip_prefix(b"q=")
                    .is_some_and(|q| q.iter().all(|b| matches!(b, b'0' | b'.')))
            };
            named && !parts.any(refused)
        })
    };
    let kept: Vec<&str> =
        Coding::SUPPORTED.split(", ").filter(|coding| acceptable(coding)).collect();
    // An absent field would let the origin choose any coding (RFC 9110 §12.5.3).
    let value = if kept.is_empty() { "identity".to_owned() } else { kept.join(", ") };
    fields.set("Accept-Encoding", value)
}

/// Counts down `Max-Forwards` (RFC 9110 §7.6.2); 0 was answered before.
fn decrement_max_forwards(fields: &mut Fields) -> Result<(), FieldError> {
    match max_forwards(fields) {
        Some(left) => fields.set("Max-Forwards", left.saturating_sub(1).to_string()),
        None => Ok(()),
    }
}

/// The value of `Max-Forwards`.
pub(crate) fn max_forwards(fields: &Fields) -> Option<u64> {
    std::str::from_utf8(fields.get("max-forwards")?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use gateway_h1h2::{Scheme, Target};

    use super::*;

    fn head(fields: &[(&str, &str)]) -> RequestHead {
        let target = Target::parse(&Method::GET, "http://a.example:80/x?y".into()).unwrap();
        let mut head = RequestHead::new(Method::GET, target);
        for (name, value) in fields {
            head.fields.append(name, value).unwrap();
        }
        head
    }

    fn forward(fields: &[(&str, &str)], readable_answer: bool) -> Vec<(String, String)> {
        let origin = Named { scheme: Scheme::Http, host: "a.example", port: 80 };
        let settings = Settings::default();
        let forwarded =
            Forwarded { readable_answer, continued_here: false, websocket: None, via: Via::Append };
        let out = request(&head(fields), &origin, &settings, forwarded).unwrap();
        assert_eq!(out.target.path_and_query().unwrap().as_str(), "/x?y");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        out.fields.iter().map(|(name, value)| (name.to_lowercase(), text(value))).collect()
    }

    #[test]
    fn nothing_hop_by_hop_goes_on() {
        let sent = forward(
            &[
                ("Host", "a.example"),
                ("Connection", "X-Hop, keep-alive"),
                ("X-Hop", "1"),
                ("Proxy-Authorization", "Basic x"),
                ("Proxy-Connection", "keep-alive"),
                ("Keep-Alive", "5"),
                ("TE", "gzip"),
                ("Upgrade", "h2c"),
                ("Cookie", "a=b"),
            ],
            false,
        );
        let names: Vec<&str> = sent.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["host", "cookie", "via"]);
        assert_eq!(sent[2].1, "1.1 gateway");
    }

    #[test]
    fn codings_are_narrowed_to_what_can_be_read() {
        for (accept, sent) in [
            ("gzip, deflate, br, zstd, dcb", "gzip, deflate, br, zstd"),
            ("compress", "identity"),
            ("gzip;q=0, deflate", "deflate"),
            ("gzip; q=0.5", "gzip"),
        ] {
            let fields = forward(&[("Accept-Encoding", accept), ("Range", "bytes=0-1")], true);
            assert_eq!(fields[0], ("accept-encoding".into(), sent.into()), "{accept}");
            assert!(!fields.iter().any(|(name, _)| name == "range"));
        }
        assert_eq!(forward(&[("Accept-Encoding", "dcb")], false)[0].1, "dcb");
    }
}
