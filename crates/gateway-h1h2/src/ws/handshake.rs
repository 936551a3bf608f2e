//! The handshake (RFC 6455 §4): what a request asks for, and whether an answer agrees to it.
//! Pure functions over heads; who sends them is not their matter.

use http::{Method, StatusCode};
use sha1::{Digest, Sha1};

use super::base64;
use super::deflate::{Agreement, DeflateOffer};
use super::extension::{parse_extensions, parse_tokens};
use crate::{BodySize, Fields, RequestHead, ResponseHead};

/// What every key is hashed with (RFC 6455 §1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The value of `Sec-WebSocket-Accept` that answers `key`.
#[must_use]
pub fn accept(key: &[u8]) -> String {
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(GUID);
    base64::encode(&hash.finalize())
}

/// A `Sec-WebSocket-Key` out of random bytes.
#[must_use]
pub fn request_key(random: &[u8; 16]) -> String {
    base64::encode(random)
}

/// A `Sec-WebSocket-Key` out of a `seed` that is never used twice, for who has no random bytes.
#[must_use]
pub fn derived_key(seed: &[u8]) -> String {
    let hash: [u8; 20] = Sha1::digest(seed).into();
    base64::encode(hash.first_chunk::<16>().map_or(&[], <[u8; 16]>::as_slice))
}

/// Whether the request offers to change to WebSocket, well or badly: a GET whose `Upgrade` names
/// it.
#[must_use]
pub fn offers_websocket(head: &RequestHead) -> bool {
    head.method == Method::GET && names(&head.fields, "upgrade", "websocket")
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handshake {
    /// The value of `Sec-WebSocket-Key`; empty over HTTP/2, which needs none (RFC 8441 §5).
    pub key: String,
    /// The subprotocols, the preferred one first.
    pub protocols: Vec<String>,
    /// The offers of permessage-deflate that can be read, the preferred one first.
    pub deflate: Vec<DeflateOffer>,
}

/// What client and server have agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Agreed {
    /// The subprotocol, if any.
    pub protocol: Option<String>,
    /// The compression, if any.
    pub deflate: Option<Agreement>,
}

/// Why a handshake is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The answer is not that of a WebSocket server to this key (RFC 6455 §4.2.2).
    #[error("Sec-WebSocket-Accept is missing or wrong")]
    Accept,
    /// `Sec-WebSocket-Extensions` breaks its grammar, or the answer agrees to what was not
    /// offered.
    #[error("Sec-WebSocket-Extensions is wrong")]
    Extensions,
    /// `Sec-WebSocket-Key` is not 16 bytes in Base64, once.
    #[error("Sec-WebSocket-Key is missing or wrong")]
    Key,
    /// It is not a GET without a body in HTTP/1.1.
    #[error("the request is not a GET without a body")]
    Method,
    /// `Sec-WebSocket-Protocol` breaks its grammar, or the answer chooses what was not offered.
    #[error("Sec-WebSocket-Protocol is wrong")]
    Protocol,
    /// The status is not 101, or `Upgrade` or `Connection` do not name what 101 changes to.
    #[error("the answer does not change to WebSocket")]
    Upgrade,
    /// `Sec-WebSocket-Version` is not 13.
    #[error("Sec-WebSocket-Version is not 13")]
    Version,
}

impl Handshake {
    /// Reads the request of a client in HTTP/1.1.
    ///
    /// # Errors
    /// What RFC 6455 §4.2.1 says about requests.
    pub fn of_request(head: &RequestHead) -> Result<Self, HandshakeError> {
        if !offers_websocket(head) || head.body != BodySize::Empty {
            return Err(HandshakeError::Method);
        }
        let mut keys = head.fields.all("sec-websocket-key");
        let key = keys.next().filter(|key| base64::is_of_16_bytes(key));
        let (Some(key), None) = (key, keys.next()) else { return Err(HandshakeError::Key) };
        let key = String::from_utf8_lossy(key).into_owned();
        Self::of_fields(&head.fields, key)
    }

    /// Reads the fields that HTTP/1.1 and HTTP/2 (RFC 8441 §5) have in common; `key` is the one
    /// that the origin is sent.
    ///
    /// # Errors
    /// A wrong version, and lists that break their grammar.
    pub fn of_fields(fields: &Fields, key: String) -> Result<Self, HandshakeError> {
        let mut versions = fields.all("sec-websocket-version");
        if (versions.next(), versions.next()) != (Some(b"13"), None) {
            return Err(HandshakeError::Version);
        }
        let protocols =
            parse_tokens(fields.all("sec-websocket-protocol")).ok_or(HandshakeError::Protocol)?;
        let extensions = parse_extensions(fields.all("sec-websocket-extensions"))
            .ok_or(HandshakeError::Extensions)?;
        let deflate = extensions.iter().filter_map(DeflateOffer::parse).collect();
        Ok(Self { key, protocols, deflate })
    }

    /// What is to be offered so that every frame can be read: permessage-deflate as it was
    /// offered, nothing else; `None` for nothing at all.
    #[must_use]
    pub fn readable_extensions(&self) -> Option<String> {
        let offers: Vec<String> = self.deflate.iter().map(DeflateOffer::to_string).collect();
        (!offers.is_empty()).then(|| offers.join(", "))
    }

    /// Whether the answer of a server in HTTP/1.1 agrees to this request, and to what.
    ///
    /// # Errors
    /// What RFC 6455 §4.1 and RFC 7692 §7.1 let a client refuse.
    pub fn accepts(&self, head: &ResponseHead) -> Result<Agreed, HandshakeError> {
        let fields = &head.fields;
        if head.status != StatusCode::SWITCHING_PROTOCOLS
            || !names(fields, "upgrade", "websocket")
            || !names(fields, "connection", "upgrade")
        {
            return Err(HandshakeError::Upgrade);
        }
        let mut accepts = fields.all("sec-websocket-accept");
        let expected = accept(self.key.as_bytes());
        if (accepts.next(), accepts.next()) != (Some(expected.as_bytes()), None) {
            return Err(HandshakeError::Accept);
        }
        let protocols =
            parse_tokens(fields.all("sec-websocket-protocol")).ok_or(HandshakeError::Protocol)?;
        let protocol = match protocols.as_slice() {
            [] => None,
            [one] if self.protocols.contains(one) => Some(one.clone()),
            _ => return Err(HandshakeError::Protocol),
        };
        let extensions = parse_extensions(fields.all("sec-websocket-extensions"))
            .ok_or(HandshakeError::Extensions)?;
        let deflate = match extensions.as_slice() {
            [] => None,
            [one] => {
                let agreed = Agreement::parse(one).ok_or(HandshakeError::Extensions)?;
                if !self.deflate.iter().any(|offer| agreed.answers(offer)) {
                    return Err(HandshakeError::Extensions);
                }
                Some(agreed)
            }
            _ => return Err(HandshakeError::Extensions),
        };
        Ok(Agreed { protocol, deflate })
    }
}

/// Whether a list field has `word` among its elements, in any case.
fn names(fields: &Fields, name: &str, word: &str) -> bool {
    let mut elements = fields.all(name).flat_map(|value| value.split(|byte| *byte == b','));
    elements.any(|element| element.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    fn request(fields: &[(&str, &str)]) -> RequestHead {
        let target = Target::parse(&Method::GET, "/chat".into()).unwrap();
        let mut head = RequestHead::new(Method::GET, target);
        for (name, value) in fields {
            head.fields.append(name, value).unwrap();
        }
        head
    }

    fn asked(extra: &[(&str, &str)]) -> Result<Handshake, HandshakeError> {
        let mut fields = vec![("Upgrade", "WebSocket"), ("Connection", "keep-alive, Upgrade")];
        fields.extend([("Sec-WebSocket-Key", KEY), ("Sec-WebSocket-Version", "13")]);
        fields.extend(extra);
        Handshake::of_request(&request(&fields))
    }

    fn answered(handshake: &Handshake, fields: &[(&str, &str)]) -> Result<Agreed, HandshakeError> {
        let mut head = ResponseHead::new(StatusCode::SWITCHING_PROTOCOLS);
        for (name, value) in fields {
            head.fields.append(name, value).unwrap();
        }
        handshake.accepts(&head)
    }

    #[test]
    fn the_example_of_the_standard() {
        assert_eq!(accept(KEY.as_bytes()), ACCEPT);
        assert_eq!(request_key(b"the sample nonce"), KEY);
        let derived = derived_key(b"a seed");
        assert!(base64::is_of_16_bytes(derived.as_bytes()) && derived != derived_key(b"b seed"));
    }

    #[test]
    fn what_a_request_must_have() {
        assert_eq!(asked(&[]).map(|asked| asked.key), Ok(KEY.to_owned()));
        for (extra, error) in [
            (("Sec-WebSocket-Key", KEY), HandshakeError::Key),
            (("Sec-WebSocket-Version", "8"), HandshakeError::Version),
            (("Sec-WebSocket-Protocol", "a b"), HandshakeError::Protocol),
            (("Sec-WebSocket-Extensions", "a;"), HandshakeError::Extensions),
        ] {
            assert_eq!(asked(&[extra]), Err(error), "{extra:?}");
        }
        assert_eq!(Handshake::of_request(&request(&[])), Err(HandshakeError::Method));
    }

    #[test]
    fn only_what_can_be_read_is_offered() {
        let offer = "x-webkit-deflate-frame, permessage-deflate; client_max_window_bits, \
                     permessage-deflate; other";
        let asked = asked(&[("Sec-WebSocket-Extensions", offer)]).unwrap();
        let readable = asked.readable_extensions();
        assert_eq!(readable.as_deref(), Some("permessage-deflate; client_max_window_bits"));
    }

    #[test]
    fn an_answer_is_held_to_the_request() {
        let offers = [
            ("Sec-WebSocket-Protocol", "chat, superchat"),
            ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
        ];
        let asked = asked(&offers).unwrap();
        let good =
            [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", ACCEPT)];
        assert_eq!(answered(&asked, &good), Ok(Agreed::default()));
        let with = |name, value| {
            let mut fields = good.to_vec();
            fields.push((name, value));
            answered(&asked, &fields)
        };
        let agreed = with("Sec-WebSocket-Extensions", "permessage-deflate").unwrap();
        assert_eq!(agreed.deflate, Some(Agreement::default()));
        let agreed = with("Sec-WebSocket-Protocol", "superchat").unwrap();
        assert_eq!(agreed.protocol.as_deref(), Some("superchat"));
        for (name, value, error) in [
            ("Sec-WebSocket-Accept", ACCEPT, HandshakeError::Accept),
            ("Sec-WebSocket-Protocol", "other", HandshakeError::Protocol),
            ("Sec-WebSocket-Protocol", "chat, superchat", HandshakeError::Protocol),
            ("Sec-WebSocket-Extensions", "other", HandshakeError::Extensions),
            ("Sec-WebSocket-Extensions", "permessage-deflate, other", HandshakeError::Extensions),
        ] {
            assert_eq!(with(name, value), Err(error), "{name}: {value}");
        }
        assert_eq!(answered(&asked, &good[..2]), Err(HandshakeError::Accept));
        assert_eq!(answered(&asked, &good[1..]), Err(HandshakeError::Upgrade));
        assert_eq!(answered(&asked, &[good[0], good[2]]), Err(HandshakeError::Upgrade));
    }
}
