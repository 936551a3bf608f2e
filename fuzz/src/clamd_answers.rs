//! The answers of a ClamAV daemon: what is made of them does not depend on how they come in
//! pieces, and nothing is clean that the daemon has not called so of all content.

use bytes::Bytes;
use gateway_av::clamd::{ClamdError, Connection, Limits, Reply};

/// The first byte is what was asked and the length of the pieces, the rest is what comes back.
pub fn clamd_answers(data: &[u8]) {
    let Some((&setting, wire)) = data.split_first() else { return };
    let whole = answer(setting & 3, [wire]);
    let pieces = answer(setting & 3, wire.chunks(usize::from(setting >> 2) + 1));
    if let Ok(reply) = &whole {
        assert_eq!(pieces.as_ref(), Ok(reply), "in pieces");
    }
    if pieces == Ok(Some(Reply::Clean)) {
        assert!(setting & 3 == 3 && wire.starts_with(b"1: stream: OK\0"), "{wire:?}");
    }
}

/// The first answer to a command, or the error before it.
fn answer<'a>(
    asked: u8,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Option<Reply>, ClamdError> {
    let mut connection = Connection::new(Limits::default());
    match asked {
        0 => _ = connection.ping()?,
        1 => _ = connection.version()?,
        _ => {
            connection.begin_scan()?;
            connection.scan(Bytes::from_static(b"content"))?;
        }
    }
    if asked == 3 {
        connection.end_scan()?;
    }
    for piece in pieces {
        let received = connection.receive(piece);
        if let Some((_, reply)) = connection.poll_reply() {
            return Ok(Some(reply));
        }
        received?;
    }
    Ok(None)
}
