//! Packets with a long header (RFC 9000 §17.2), as many as one datagram holds (§12.2).

/// A version whose Initial packets can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QuicVersion {
    /// RFC 9000.
    V1,
    /// RFC 9369.
    V2,
}

impl QuicVersion {
    const fn from_number(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::V1),
            0x6b33_43cf => Some(Self::V2),
            _ => None,
        }
    }

    /// The type of a long header, its names shifted in version 2 (RFC 9369 §3.2).
    const fn kind(self, first: u8) -> Kind {
        let bits = first >> 4 & 3;
        match (self, bits) {
            (Self::V1, 0) | (Self::V2, 1) => Kind::Initial,
            (Self::V1, 3) | (Self::V2, 0) => Kind::Retry,
            (Self::V1 | Self::V2, _) => Kind::Other,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Initial,
    Retry,
    /// 0-RTT and Handshake.
    Other,
}

/// The longest connection identifier (RFC 9000 §17.2).
const ID_BYTES_MAX: usize = 20;

/// An Initial packet, still sealed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Initial<'a> {
    pub(super) version: QuicVersion,
    pub(super) destination_id: &'a [u8],
    /// The whole packet.
    pub(super) bytes: &'a [u8],
    /// Where its packet number begins.
    pub(super) number_at: usize,
}

/// One of the packets of a datagram.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    /// What it is, if that can be read.
    pub(super) initial: Option<Initial<'a>>,
}

/// The packets of a datagram with long headers; what cannot be delimited ends it.
pub(super) struct Coalesced<'a>(&'a [u8]);

impl<'a> Coalesced<'a> {
    pub(super) const fn new(datagram: &'a [u8]) -> Self {
        Self(datagram)
    }
}

impl<'a> Iterator for Coalesced<'a> {
    type Item = Packet<'a>;

    fn next(&mut self) -> Option<Packet<'a>> {
        let (packet, rest) = read(self.0)?;
        self.0 = rest;
        Some(packet)
    }
}

fn read(datagram: &[u8]) -> Option<(Packet<'_>, &[u8])> {
    let mut at = Cursor { bytes: datagram, at: 0 };
    let first = at.byte()?;
    // A short header: the rest of the datagram is one packet. Zeros: padding of some clients.
    if first & 0xc0 != 0xc0 {
        return None;
    }
    let version = u32::from_be_bytes(at.take(4)?.try_into().ok()?);
    let version = QuicVersion::from_number(version)?;
    let destination_id = at.id()?;
    let _source_id = at.id()?;
    let kind = version.kind(first);
    match kind {
        Kind::Retry => return None,
        Kind::Initial => {
            let token_bytes = at.number()?;
            at.take(token_bytes)?;
        }
        Kind::Other => {}
    }
    let length = at.number()?;
    let number_at = at.at;
    let end = number_at.checked_add(length)?;
    let (bytes, rest) = datagram.split_at_checked(end)?;
    let initial =
        (kind == Kind::Initial).then_some(Initial { version, destination_id, bytes, number_at });
    Some((Packet { initial }, rest))
}

/// Reads from the front.
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn id(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.byte()?);
        if length > ID_BYTES_MAX { None } else { self.take(length) }
    }

    /// An integer of one, two, four or eight bytes (RFC 9000 §16).
    pub(super) fn number(&mut self) -> Option<usize> {
        let first = self.byte()?;
        let more = self.take((1 << (first >> 6)) - 1)?;
        let value =
            more.iter().fold(u64::from(first & 0x3f), |value, byte| value << 8 | u64::from(*byte));
        usize::try_from(value).ok()
    }
}
