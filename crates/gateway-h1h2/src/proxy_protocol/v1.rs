//! Version 1: a line of text (PROXY protocol §2.1).

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Addresses, ProxyHeaderError};

/// The longest line, its end included.
const LINE_BYTES_MAX: usize = 107;
const BEGINNING: &[u8] = b"PROXY ";

pub(super) fn read(bytes: &[u8]) -> Result<Option<(Option<Addresses>, usize)>, ProxyHeaderError> {
    let shown = bytes.get(..BEGINNING.len()).unwrap_or(bytes);
    if !BEGINNING.starts_with(shown) {
        return Err(ProxyHeaderError::Missing);
    }
    let window = bytes.get(..LINE_BYTES_MAX).unwrap_or(bytes);
    let Some(end) = memchr::memchr(b'\n', window) else {
        let is_long = window.len() == LINE_BYTES_MAX;
        return if is_long { Err(ProxyHeaderError::Line) } else { Ok(None) };
    };
    let line = window.get(BEGINNING.len()..end).and_then(|line| line.strip_suffix(b"\r"));
    let line =
        line.and_then(|line| std::str::from_utf8(line).ok()).ok_or(ProxyHeaderError::Line)?;
    let mut words = line.split(' ');
    let addresses = match words.next() {
        // What follows is to be ignored.
        Some("UNKNOWN") => None,
        Some("TCP4") => Some(ends::<Ipv4Addr>(words).ok_or(ProxyHeaderError::Line)?),
        Some("TCP6") => Some(ends::<Ipv6Addr>(words).ok_or(ProxyHeaderError::Line)?),
        Some(_) | None => return Err(ProxyHeaderError::Line),
    };
    Ok(Some((addresses, end + 1)))
}

/// Two addresses, then two ports, and nothing else.
fn ends<'a, T>(mut words: impl Iterator<Item = &'a str>) -> Option<Addresses>
where
    T: std::str::FromStr + Into<IpAddr>,
{
    let mut ip = || words.next()?.parse::<T>().ok().map(Into::into);
    let (source, destination) = (ip()?, ip()?);
    let mut port = || {
        let word = words.next()?;
        let is_plain = word == "0" || !word.starts_with(['0', '+']);
        word.parse::<u16>().ok().filter(|_| is_plain)
    };
    let (source_port, destination_port) = (port()?, port()?);
    words.next().is_none().then_some(Addresses {
        source: SocketAddr::new(source, source_port),
        destination: SocketAddr::new(destination, destination_port),
    })
}

pub(super) fn write(addresses: &Addresses, out: &mut Vec<u8>) {
    let Addresses { source, destination } = addresses;
    let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
    // A vector takes what is written.
    let _ = write!(
        out,
        "PROXY {family} {} {} {} {}\r\n",
        source.ip(),
        destination.ip(),
        source.port(),
        destination.port()
    );
}
