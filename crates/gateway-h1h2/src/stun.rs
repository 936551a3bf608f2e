//! STUN (RFC 8489) and TURN (RFC 8656) messages as one who looks on needs them: what is asked,
//! and which peers a relay is to reach. It answers nothing and checks no integrity.

mod attribute;

use std::net::SocketAddr;

use self::attribute::Attributes;

const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const HEADER_BYTES: usize = 20;
/// Peers that one message may name; RFC 8656 §9.1 lets a CreatePermission name several.
const PEERS_MAX: usize = 16;

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Which address one has; also ICE's checks.
    Binding,
    /// A relay is asked for.
    Allocate,
    /// A relay is to be kept, or let go.
    Refresh,
    /// A datagram to a peer.
    Send,
    /// A datagram from a peer.
    Data,
    /// Peers that may be reached through the relay.
    CreatePermission,
    /// A peer gets a short name.
    ChannelBind,
    /// A TCP connection to a peer (RFC 6062).
    Connect,
    /// A TCP connection is joined to its peer's (RFC 6062).
    ConnectionBind,
    /// A peer has connected (RFC 6062).
    ConnectionAttempt,
    /// Another one.
    Other(u16),
}

impl Method {
    const fn from_number(number: u16) -> Self {
        match number {
            0x001 => Self::Binding,
            0x003 => Self::Allocate,
            0x004 => Self::Refresh,
            0x006 => Self::Send,
            0x007 => Self::Data,
            0x008 => Self::CreatePermission,
            0x009 => Self::ChannelBind,
            0x00a => Self::Connect,
            0x00b => Self::ConnectionBind,
            0x00c => Self::ConnectionAttempt,
            other => Self::Other(other),
        }
    }

    /// The name in rules, such as `create-permission`; `other` for one that is not known.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Binding => "binding",
            Self::Allocate => "allocate",
            Self::Refresh => "refresh",
            Self::Send => "send",
            Self::Data => "data",
            Self::CreatePermission => "create-permission",
            Self::ChannelBind => "channel-bind",
            Self::Connect => "connect",
            Self::ConnectionBind => "connection-bind",
            Self::ConnectionAttempt => "connection-attempt",
            Self::Other(_) => "other",
        }
    }

    /// Whether it is one of TURN's.
    #[must_use]
    pub const fn is_relay(self) -> bool {
        !matches!(self, Self::Binding | Self::Other(_))
    }
}

/// The role of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It wants an answer.
    Request,
    /// It wants none.
    Indication,
    /// It is a good answer.
    Success,
    /// It is a bad answer.
    Error,
}

/// The first 20 bytes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// What it is about.
    pub method: Method,
    /// Its role.
    pub class: Class,
    /// Bytes of the message, header included; a multiple of four.
    pub message_bytes: usize,
    /// What ties an answer to its request.
    pub transaction: [u8; 12],
}

/// What a prefix of a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Too short to tell.
    NeedMore,
    /// It is one. The transaction is zero where the prefix ends before it.
    Is(Header),
    /// It is none.
    Not,
}

impl Header {
    /// Reads the beginning of a message: decided when the magic cookie is there.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Reading {
        let impossible = bytes.first().is_some_and(|byte| byte & 0xc0 != 0)
            || bytes.get(3).is_some_and(|byte| byte % 4 != 0);
        if impossible {
            return Reading::Not;
        }
        let cookie = bytes.get(4..).unwrap_or_default();
        if !MAGIC_COOKIE.starts_with(cookie.get(..4).unwrap_or(cookie)) {
            return Reading::Not;
        }
        let Some(&[t0, t1, high, low, _, _, _, _]) = bytes.first_chunk() else {
            return Reading::NeedMore;
        };
        let kind = u16::from_be_bytes([t0, t1]);
        // The two bits of the class stand among those of the method (RFC 8489 §5).
        let number = (kind & 0x000f) | (kind & 0x00e0) >> 1 | (kind & 0x3e00) >> 2;
        let class = match (kind & 0x0100 != 0, kind & 0x0010 != 0) {
            (false, false) => Class::Request,
            (false, true) => Class::Indication,
            (true, false) => Class::Success,
            (true, true) => Class::Error,
        };
        let transaction =
            bytes.get(8..HEADER_BYTES).and_then(|id| id.try_into().ok()).unwrap_or_default();
        Reading::Is(Self {
            method: Method::from_number(number),
            class,
            message_bytes: HEADER_BYTES + usize::from(u16::from_be_bytes([high, low])),
            transaction,
        })
    }
}

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message<'a> {
    /// What it is about.
    pub method: Method,
    /// Its role.
    pub class: Class,
    /// The realm (RFC 8489 §14.9).
    pub realm: Option<&'a [u8]>,
    /// The user (RFC 8489 §14.3).
    pub username: Option<&'a [u8]>,
    /// The peers that a relay is to reach, or that it has heard (RFC 8656 §14.3).
    pub peers: Vec<SocketAddr>,
    /// Whether a peer's address could not be read, or there are too many: what the message asks
    /// for is not known.
    pub peers_unclear: bool,
    /// What is to be passed on (RFC 8656 §14.4).
    pub data: Option<&'a [u8]>,
}

impl<'a> Message<'a> {
    /// Reads a datagram that is one message: cookie, exact length, attributes that fit.
    ///
    /// ```
    /// use gateway_h1h2::stun::{Class, Message, Method};
    ///
    /// // CreatePermission for 192.0.2.1:5000, written as RFC 8489 §14.2 has it.
    /// let datagram = b"\0\x08\0\x0c\x21\x12\xa4\x42abcdefghijkl\0\x12\0\x08\0\x01\x32\x9a\xe1\x12\xa6\x43";
    /// let message = Message::read(datagram).ok_or("no STUN")?;
    /// assert_eq!((message.method, message.class), (Method::CreatePermission, Class::Request));
    /// assert_eq!(message.peers, ["192.0.2.1:5000".parse()?]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn read(datagram: &'a [u8]) -> Option<Self> {
        let Reading::Is(header) = Header::read(datagram) else { return None };
        if header.message_bytes != datagram.len() {
            return None;
        }
        let mut message = Self {
            method: header.method,
            class: header.class,
            realm: None,
            username: None,
            peers: Vec::new(),
            peers_unclear: false,
            data: None,
        };
        let mut attributes = Attributes::new(datagram.get(HEADER_BYTES..)?);
        for (kind, value) in attributes.by_ref() {
            message.take(kind, value, &header.transaction);
        }
        attributes.is_whole().then_some(message)
    }

    /// The same message, as if it named no peer.
    #[must_use]
    pub fn without_peers(&self) -> Self {
        Self { peers: Vec::new(), ..self.clone() }
    }

    fn take(&mut self, kind: u16, value: &'a [u8], transaction: &[u8; 12]) {
        match kind {
            attribute::USERNAME => self.username = self.username.or(Some(value)),
            attribute::REALM => self.realm = self.realm.or(Some(value)),
            attribute::DATA => self.data = self.data.or(Some(value)),
            attribute::XOR_PEER_ADDRESS => {
                match attribute::xor_address(value, &MAGIC_COOKIE, transaction) {
                    Some(peer) if self.peers.len() < PEERS_MAX => self.peers.push(peer),
                    Some(_) | None => self.peers_unclear = true,
                }
            }
            _ => {}
        }
    }
}

/// A datagram of TURN that goes to or comes from a peer with a short name (RFC 8656 §12.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelData<'a> {
    /// The peer's number, 0x4000 to 0x4FFF.
    pub channel: u16,
    /// What is passed on.
    pub data: &'a [u8],
}

impl<'a> ChannelData<'a> {
    /// Reads a datagram; up to three bytes may pad it.
    #[must_use]
    pub fn read(datagram: &'a [u8]) -> Option<Self> {
        let (&[c0, c1, high, low], rest) = datagram.split_first_chunk()?;
        let channel = u16::from_be_bytes([c0, c1]);
        let length = usize::from(u16::from_be_bytes([high, low]));
        let fits = (0x4000..=0x4fff).contains(&channel) && rest.len() <= length + 3;
        rest.get(..length).filter(|_| fits).map(|data| Self { channel, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, value) in attributes {
            body.extend(kind.to_be_bytes());
            body.extend((value.len() as u16).to_be_bytes());
            body.extend_from_slice(value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let length = (body.len() as u16).to_be_bytes();
        [&kind.to_be_bytes()[..], &length, &MAGIC_COOKIE, b"abcdefghijkl", &body].concat()
    }

    #[test]
    fn methods_and_classes_are_told_apart() {
        use Class::{Error, Indication, Request, Success};
        for (kind, method, class) in [
            (0x0001, Method::Binding, Request),
            (0x0011, Method::Binding, Indication),
            (0x0101, Method::Binding, Success),
            (0x0111, Method::Binding, Error),
            (0x0003, Method::Allocate, Request),
            (0x0016, Method::Send, Indication),
            (0x0017, Method::Data, Indication),
            (0x0009, Method::ChannelBind, Request),
            (0x3eef & !0x0110, Method::Other(0xfff), Request),
        ] {
            let bytes = message(kind, &[]);
            let read = Message::read(&bytes).unwrap();
            assert_eq!((read.method, read.class), (method, class), "{kind:#x}");
        }
    }

    #[test]
    fn peers_of_both_families_are_read() {
        // 2001:db8::1 against cookie and transaction.
        let v6 = b"\0\x02\x32\x9a\x01\x13\xa9\xfaabcdefghijkm";
        let bytes = message(
            8,
            &[(0x12, b"\0\x01\x32\x9a\xe1\x12\xa6\x43"), (0x12, v6), (0x14, b"realm"), (6, b"u")],
        );
        let read = Message::read(&bytes).unwrap();
        let peers: Vec<SocketAddr> =
            ["192.0.2.1:5000", "[2001:db8::1]:5000"].map(|peer| peer.parse().unwrap()).to_vec();
        assert_eq!(read.peers, peers);
        assert_eq!((read.realm, read.username), (Some(&b"realm"[..]), Some(&b"u"[..])));
        assert!(!read.peers_unclear);
    }

    #[test]
    fn what_cannot_be_read_is_not_passed_over() {
        assert!(Message::read(&message(8, &[(0x12, b"\0\x01\x32")])).unwrap().peers_unclear);
        let peer: (u16, &[u8]) = (0x12, b"\0\x01\x32\x9a\xe1\x12\xa6\x43");
        assert!(Message::read(&message(8, &[peer; 17])).unwrap().peers_unclear);
        let whole = message(8, &[peer]);
        assert!((0..whole.len()).all(|end| Message::read(&whole[..end]).is_none()));
        // An attribute that is longer than the message.
        let mut long = whole;
        long[23] = 12;
        assert_eq!(Message::read(&long), None);
    }

    #[test]
    fn channel_data_fits_its_datagram() {
        let read = |bytes: &'static [u8]| ChannelData::read(bytes).map(|data| data.data);
        assert_eq!(read(b"\x40\0\0\x02ab"), Some(&b"ab"[..]));
        assert_eq!(read(b"\x4f\xff\0\x02ab\0\0"), Some(&b"ab"[..]));
        assert_eq!(read(b"\x40\0\0\x02ab\0\0\0\0"), None);
        assert_eq!(read(b"\x40\0\0\x03ab"), None);
        assert_eq!(read(b"\x50\0\0\x02ab"), None);
    }
}
