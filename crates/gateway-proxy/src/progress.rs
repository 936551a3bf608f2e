//! Downloads that are not answered at once: the client gets a page that shows how far they are, while the
//! gateway fetches them to their end and has them looked at. What is said here between the machines and
//! who keeps the bytes; where they are kept, and for how long, is the driver's matter.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use bytes::Bytes;
use gateway_h1h2::{Event, ResponseHead};

/// What begins the paths that the gateway answers itself, on whatever host they are asked for. No origin is
/// ever asked for one (RFC 8615 for the first part of it).
pub(crate) const RESERVED: &str = "/.well-known/gateway/";
/// What begins those of downloads; a ticket follows.
pub(crate) const DOWNLOADS: &str = "/.well-known/gateway/download/";

const BYTES: usize = 16;

/// Names a download that is fetched: 128 bits that nobody can guess, which the driver draws.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket([u8; BYTES]);

/// The text is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 32 hexadecimal digits in lower case")]
pub struct NoTicket;

impl Ticket {
    /// Of 16 random bytes.
    #[must_use]
    pub const fn new(random: [u8; BYTES]) -> Self {
        Self(random)
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Shows nothing of it: who knows it, and is its client, can have the download.
impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket")
    }
}

impl FromStr for Ticket {
    type Err = NoTicket;

    fn from_str(text: &str) -> Result<Self, NoTicket> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(NoTicket),
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != BYTES || !rest.is_empty() {
            return Err(NoTicket);
        }
        let mut ticket = [0; BYTES];
        for (to, [high, low]) in ticket.iter_mut().zip(pairs) {
            *to = (digit(*high)? << 4) | digit(*low)?;
        }
        Ok(Self(ticket))
    }
}

/// Who waits for a download, and where: nobody else gets it, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// The client's address.
    pub client: IpAddr,
    /// What names its user; empty if nobody is known.
    pub user: Bytes,
    /// The origin that the browser takes it to be from: scheme, host and port.
    pub origin: String,
}

/// A download that is to be fetched behind a page.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Deferred {
    /// Who gets it.
    pub waiter: Waiter,
    /// Its URL, as pages show it.
    pub url: String,
    /// Names the request in records and on pages.
    pub request_id: String,
    /// Its length, if that was declared.
    pub length: Option<u64>,
}

/// What whoever keeps the bytes of a download is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DeferInput {
    /// Make ready for this one; answer with [`DeferReport::Opened`] or [`DeferReport::Unavailable`].
    Open(Box<Deferred>),
    /// The response goes on, as a client would have got it: its head, its bytes, and, once every byte has been
    /// looked at and the rules have agreed, its end. A reset says that it comes to none.
    Event(Event),
    /// The rule of this id and name refuses it; a reset follows.
    Refused(String, String),
    /// It is not wanted after all.
    Cancel,
}

/// What whoever keeps the bytes of a download says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeferReport {
    /// It is ready, under this ticket.
    Opened(Ticket),
    /// It cannot keep this one.
    Unavailable,
    /// So many bytes are kept: as many more may come.
    Taken(u64),
    /// Nobody has asked for it for too long.
    Abandoned,
    /// It cannot be kept on: it is too large, or the disk does not take it.
    Failed,
}

/// What whoever keeps downloads is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PickupInput {
    /// How is this one, which somebody waits for? Answered by any report but [`PickupReport::Data`],
    /// [`PickupReport::End`] and [`PickupReport::Lost`].
    Ask(Ticket, Box<Waiter>),
    /// There is room for more of its bytes.
    More,
    /// No more of it is wanted.
    Cancel,
}

/// How a download is, and its bytes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PickupReport {
    /// There is none of that name for whoever asks.
    Unknown,
    /// It is still being fetched and looked at.
    Running(Box<Running>),
    /// The rule of this id and name has refused it.
    Refused(Box<Running>, String, String),
    /// It has come to no end: the origin broke off, or it could not be kept.
    Failed(Box<Running>),
    /// It is in order. Its bytes follow.
    Ready(Box<Running>, Box<ResponseHead>),
    /// The next of its bytes.
    Data(Bytes),
    /// It is complete.
    End,
    /// Its bytes cannot be had.
    Lost,
}

/// How far a download is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Running {
    /// Its own URL.
    pub url: String,
    /// The request that has begun it.
    pub request_id: String,
    /// Bytes that are there.
    pub bytes: u64,
    /// How many there will be, if that was declared.
    pub length: Option<u64>,
}

impl Running {
    /// How far `download` is, of which so many bytes are there.
    #[must_use]
    pub fn new(download: &Deferred, bytes: u64) -> Self {
        let Deferred { url, request_id, length, .. } = download;
        Self { url: url.clone(), request_id: request_id.clone(), bytes, length: *length }
    }
}

/// Where a browser asks for the download of this ticket, which it asked for at `path`: with the same last
/// segment, after which it names the file if nothing else says how.
pub(crate) fn address(ticket: Ticket, path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%+()".contains(&byte);
    // What is no plain segment is not worth a name.
    let named = !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.bytes().all(plain);
    let name = if named && name != "." && name != ".." { name } else { "" };
    format!("{DOWNLOADS}{ticket}/{name}")
}

/// Bytes of the name of a file in [`address`].
const NAME_BYTES_MAX: usize = 255;

/// The ticket that a path names.
pub(crate) fn ticket_of(path: &str) -> Option<Ticket> {
    let rest = path.strip_prefix(DOWNLOADS)?;
    rest.split(['/', '?']).next()?.parse().ok()
}

/// Whether a path is one that the gateway answers itself.
pub(crate) fn is_reserved(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.starts_with(RESERVED) || path == RESERVED.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_are_read_as_they_are_written_and_nothing_else_is() {
        let ticket = Ticket::new(*b"0123456789abcdef");
        assert_eq!(ticket.to_string().parse(), Ok(ticket));
        assert_eq!(format!("{ticket:?}"), "Ticket");
        let text = ticket.to_string();
        for wrong in ["", "..", &text[1..], &format!("{text}0"), &text.replace('3', "G")] {
            assert_eq!(wrong.parse::<Ticket>(), Err(NoTicket), "{wrong}");
        }
    }

    #[test]
    fn an_address_leads_back_to_its_ticket() {
        let ticket = Ticket::new([7; 16]);
        let hex = "07".repeat(16);
        for (path, name) in [
            ("/a/setup.exe?x=1", "setup.exe"),
            ("/a/b%20c.zip", "b%20c.zip"),
            ("/a/", ""),
            ("/", ""),
            ("/..", ""),
            ("/a\"><b>", ""),
            (&format!("/{}", "x".repeat(256)), ""),
        ] {
            let address = address(ticket, path);
            assert_eq!(address, format!("/.well-known/gateway/download/{hex}/{name}"), "{path}");
            assert!(ticket_of(&address) == Some(ticket) && is_reserved(&address), "{path}");
        }
        for path in ["/", "/a", "/.well-known/", "/.well-known/gateways", "/x/.well-known/gateway/"]
        {
            assert!(!is_reserved(path) && ticket_of(path).is_none(), "{path}");
        }
        for path in ["/.well-known/gateway", "/.well-known/gateway?x", "/.well-known/gateway/x"] {
            assert!(is_reserved(path) && ticket_of(path).is_none(), "{path}");
        }
    }
}
