//! The file that holds a body in the store, in a form that no program takes for what it holds.
//!
//! It begins with the four bytes `GWQ1` and one that says the form:
//! * 0: the bytes of the body follow, each turned over (every bit of it).
//! * 1: sealed by HPKE (RFC 9180) in its base mode, with X25519, HKDF-SHA256 and ChaCha20-Poly1305, to the
//!   public key of the settings. There follow the first 4 bytes of SHA-256 over that key, the encapsulated
//!   key of 32 bytes, and the body in messages of one context: of 64 KiB each, the last one less or as
//!   much, which sealed are 16 bytes longer. Bound to each is the name of the body, 16 bytes, and one
//!   byte more: 1 for the last one, 0 for others, so that nothing can be cut off.

use std::io::{self, Read, Write};

use bytes::Bytes;

use super::id::Id;
use crate::payload::{Opener, PrivateKey, PublicKey, SealStreamError};

const MAGIC: &[u8; 4] = b"GWQ1";
const TURNED: u8 = 0;
const SEALED: u8 = 1;

/// Bytes of a message, and those that sealing adds.
const MESSAGE: usize = 64 << 10;
const TAG: usize = 16;

/// What is sealed belongs to this use of the key alone.
const INFO: &[u8] = b"gateway quarantine 1";

/// Why a body could not be taken out of its file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum OpenError {
    /// The file cannot be read, or the body not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is no file of the store.
    #[error("this is no file of the quarantine that this version knows")]
    Form,
    /// It is sealed, and no key was given.
    #[error("it is sealed: name the private key with --key")]
    NeedsKey,
    /// It was sealed to another key.
    #[error("it was sealed to another key")]
    OtherKey,
    /// It was changed, cut off, or is that of another body.
    #[error("it was changed, or is not all there")]
    Changed,
}

/// Bytes of the file of a body of so many `bytes`.
pub(super) fn size(bytes: u64, key: Option<&PublicKey>) -> u64 {
    let head = MAGIC.len() as u64 + 1;
    let message = MESSAGE as u64;
    let sealing = (PublicKey::SEAL_BYTES + TAG) as u64 + bytes / message * TAG as u64;
    head + bytes + key.map_or(0, |_| sealing)
}

/// Writes the file of the body that comes in `pieces`.
///
/// # Errors
/// What `out` says, or that it cannot be sealed.
pub(super) fn write(
    out: &mut impl Write,
    id: &Id,
    pieces: &[Bytes],
    key: Option<&PublicKey>,
) -> io::Result<()> {
    out.write_all(MAGIC)?;
    match key {
        None => {
            out.write_all(&[TURNED])?;
            write_turned(out, pieces)
        }
        Some(key) => {
            out.write_all(&[SEALED])?;
            write_sealed(out, id, pieces, key)
        }
    }
}

fn write_turned(out: &mut impl Write, pieces: &[Bytes]) -> io::Result<()> {
    for chunk in pieces.iter().flat_map(|piece| piece.chunks(MESSAGE)) {
        let turned: Vec<u8> = chunk.iter().map(|byte| !byte).collect();
        out.write_all(&turned)?;
    }
    Ok(())
}

fn write_sealed(
    out: &mut impl Write,
    id: &Id,
    pieces: &[Bytes],
    key: &PublicKey,
) -> io::Result<()> {
    let unsealed = |SealStreamError| io::Error::other("it cannot be sealed");
    let (begin, mut sealer) = key.begin_sealing(INFO).map_err(unsealed)?;
    out.write_all(&begin)?;
    let mut message = Vec::with_capacity(MESSAGE);
    for piece in pieces {
        let mut rest = &piece[..];
        while !rest.is_empty() {
            // A full one is not the last while there is more.
            if message.len() == MESSAGE {
                out.write_all(&sealer.seal(&bound(id, Last::No), &message).map_err(unsealed)?)?;
                message.clear();
            }
            let (now, later) = rest.split_at(rest.len().min(MESSAGE - message.len()));
            message.extend_from_slice(now);
            rest = later;
        }
    }
    out.write_all(&sealer.seal(&bound(id, Last::Yes), &message).map_err(unsealed)?)
}

/// Writes the body that the file `input` holds.
///
/// # Errors
/// [`OpenError`]; what has been written to `out` by then is not to be trusted.
pub(super) fn read(
    input: &mut impl Read,
    id: &Id,
    key: Option<&PrivateKey>,
    out: &mut impl Write,
) -> Result<(), OpenError> {
    let head = take(input, MAGIC.len() + 1)?;
    match head.split_at_checked(MAGIC.len()) {
        Some((magic, [TURNED])) if magic == MAGIC => read_turned(input, out),
        Some((magic, [SEALED])) if magic == MAGIC => {
            let key = key.ok_or(OpenError::NeedsKey)?;
            let begin = take(input, PublicKey::SEAL_BYTES)?;
            let opener = key.begin_opening(INFO, &begin).map_err(|error| match error {
                crate::payload::OpenError::OtherKey => OpenError::OtherKey,
                _ => OpenError::Form,
            })?;
            read_sealed(input, id, opener, out)
        }
        _ => Err(OpenError::Form),
    }
}

fn read_turned(input: &mut impl Read, out: &mut impl Write) -> Result<(), OpenError> {
    loop {
        let mut chunk = take(input, MESSAGE)?;
        if chunk.is_empty() {
            return Ok(());
        }
        chunk.iter_mut().for_each(|byte| *byte = !*byte);
        out.write_all(&chunk)?;
    }
}

fn read_sealed(
    input: &mut impl Read,
    id: &Id,
    mut opener: Opener,
    out: &mut impl Write,
) -> Result<(), OpenError> {
    let mut message = take(input, MESSAGE + TAG)?;
    loop {
        let next = take(input, MESSAGE + TAG)?;
        let last = if next.is_empty() { Last::Yes } else { Last::No };
        let plain = opener.open(&bound(id, last), &message).map_err(|_| OpenError::Changed)?;
        out.write_all(&plain)?;
        if last == Last::Yes {
            return Ok(());
        }
        message = next;
    }
}

/// The next `bytes` of `input`, or as many as there are.
fn take(input: &mut impl Read, bytes: usize) -> io::Result<Vec<u8>> {
    let mut taken = Vec::new();
    input.take(bytes as u64).read_to_end(&mut taken)?;
    Ok(taken)
}

/// Whether a message ends the body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    No,
    Yes,
}

/// What a sealed message is bound to.
fn bound(id: &Id, last: Last) -> Vec<u8> {
    let mut bound = id.as_bytes().to_vec();
    bound.push(u8::from(last == Last::Yes));
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(id: &Id, pieces: &[Bytes], key: Option<&PublicKey>) -> Vec<u8> {
        let mut file = Vec::new();
        write(&mut file, id, pieces, key).unwrap();
        file
    }

    fn opened(file: &[u8], id: &Id, key: Option<&PrivateKey>) -> Result<Vec<u8>, OpenError> {
        let mut body = Vec::new();
        read(&mut &file[..], id, key, &mut body).map(|()| body)
    }

    #[test]
    fn bodies_of_any_length_come_out_as_they_went_in() {
        let id = Id::draw().unwrap();
        let key = PrivateKey::generate().unwrap();
        let public = key.public().unwrap();
        for bytes in [0, 1, 68, MESSAGE - 1, MESSAGE, MESSAGE + 1, 3 * MESSAGE, 3 * MESSAGE + 7] {
            let body: Vec<u8> = (0..251_u8).cycle().take(bytes).collect();
            for cut in [1, 1000, MESSAGE, usize::MAX] {
                if cut == 1 && bytes > MESSAGE + 1 {
                    continue;
                }
                let pieces: Vec<Bytes> = body.chunks(cut).map(Bytes::copy_from_slice).collect();
                for public in [None, Some(&public)] {
                    let file = written(&id, &pieces, public);
                    assert_eq!(opened(&file, &id, Some(&key)).unwrap(), body, "{bytes} {cut}");
                    assert!(file.len() as u64 <= size(bytes as u64, public), "{bytes}");
                    let shows = |part: &[u8]| file.windows(part.len()).any(|it| it == part);
                    assert!(bytes < 16 || !shows(&body[..16]), "{bytes}");
                }
            }
        }
    }

    #[test]
    fn what_is_sealed_and_not_whole_does_not_come_out() {
        let id = Id::draw().unwrap();
        let key = PrivateKey::generate().unwrap();
        let public = key.public().unwrap();
        let body = Bytes::from(vec![7; 2 * MESSAGE]);
        let file = written(&id, &[body], Some(&public));
        let head = MAGIC.len() + 1 + PublicKey::SEAL_BYTES;
        // Cut off at the end of the first message, within one, and behind the head.
        for end in [head + MESSAGE + TAG, file.len() - 1, head + 1, head] {
            let opened = opened(&file[..end], &id, Some(&key));
            assert!(matches!(opened, Err(OpenError::Changed)), "{end}: {opened:?}");
        }
        for at in [head, head + MESSAGE + TAG + 1, file.len() - 1] {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(matches!(opened(&changed, &id, Some(&key)), Err(OpenError::Changed)), "{at}");
        }
        let mut twice = file.clone();
        twice.extend_from_slice(&file[file.len() - MESSAGE - TAG..]);
        assert!(matches!(opened(&twice, &id, Some(&key)), Err(OpenError::Changed)));
        let other = Id::draw().unwrap();
        assert!(matches!(opened(&file, &other, Some(&key)), Err(OpenError::Changed)));
        assert!(matches!(opened(&file, &id, None), Err(OpenError::NeedsKey)));
        let other = PrivateKey::generate().unwrap();
        assert!(matches!(opened(&file, &id, Some(&other)), Err(OpenError::OtherKey)));
    }

    #[test]
    fn other_files_are_none_of_the_store() {
        let id = Id::draw().unwrap();
        let key = PrivateKey::generate().unwrap();
        for file in [
            &b""[..],
            b"GWQ",
            b"GWQ1",
            b"GWQ2\0abc",
            b"GWQ1\x02abc",
            b"GWQ1\x01abc",
            b"PK\x03\x04.",
        ] {
            let opened = opened(file, &id, Some(&key));
            assert!(matches!(opened, Err(OpenError::Form)), "{file:?}: {opened:?}");
        }
    }
}
