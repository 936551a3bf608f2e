//! Ends a run where an archive begins right behind it: some signatures begin with characters that a run is made
//! of.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::joined::JOINT_BYTES_MAX;
use super::runs::RUN;
use crate::archive::behind::{CABINET, SIGNATURES};
use crate::archive::embedded::PROGRAM;
use crate::archive::zip::FIRST_SIGNATURES;
use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// Of a signature all that a run may be made of.
const BEGUN_MAX: usize = 4;
/// What stands in installers of packages, up to a zero.
const INSTALLER: &[u8] = b"InstallShield";
/// Bytes that are kept: these, and what a run may give back itself.
const KEPT: usize = 2 * RUN + JOINT_BYTES_MAX + 2;

/// A run of characters that gives back those with which a signature begins.
pub(super) struct Run<T> {
    run: T,
    /// The last bytes that were taken.
    last: Vec<u8>,
    /// At the end: those that belong to a signature, and what the run gives back.
    begun: Vec<u8>,
}

impl<T: Transform> Run<T> {
    pub(super) fn new(run: T) -> Self {
        Self { run, last: Vec::with_capacity(2 * KEPT), begun: Vec::new() }
    }

    fn keep(&mut self, taken: &[u8]) {
        let fresh = taken.get(taken.len().saturating_sub(KEPT)..).unwrap_or(taken);
        let old = (self.last.len() + fresh.len()).saturating_sub(KEPT).min(self.last.len());
        self.last.drain(..old);
        self.last.extend_from_slice(fresh);
    }
}

/// How many of the last bytes, which `next` follows, begin a signature.
fn begun(last: &[u8], next: u8) -> usize {
    let zip = FIRST_SIGNATURES.iter().map(|[a, b]| [b'P', b'K', *a, *b]);
    let fits = |signature: &[u8]| {
        let upto = |n: &usize| {
            let goes_on = signature.get(*n).is_none_or(|byte| *byte == next);
            goes_on && signature.get(..*n).is_some_and(|begun| last.ends_with(begun))
        };
        (1..=BEGUN_MAX.min(signature.len())).rev().find(upto).unwrap_or(0)
    };
    let of_zip = zip.map(|signature| fits(&signature)).max();
    let whole = SIGNATURES.iter().map(|signature| fits(signature)).max();
    let of_program = begun_program(last, next);
    of_zip.max(whole).max(begun_cabinet(last)).max(of_program).unwrap_or(0)
}

/// The same of a program, and of what installers carry: what is behind their names is no text.
fn begun_program(last: &[u8], next: u8) -> Option<usize> {
    if !matches!(next, 0..=8 | 0x0e..=0x1f | 0x7f..) {
        return None;
    }
    let near = last.get((last.len() + 1).saturating_sub(RUN)..).unwrap_or(last);
    let begins = |rest: &[u8]| rest.starts_with(PROGRAM) || rest == INSTALLER;
    (0..near.len().saturating_sub(1))
        .rfind(|at| near.get(*at..).is_some_and(begins))
        .map(|at| near.len() - at)
}

/// The same of a cabinet: what is reserved in its header, and lengths, may be characters of a run as well. Those
/// that are given back must be too few for another one.
fn begun_cabinet(last: &[u8]) -> Option<usize> {
    let near = last.get((last.len() + 1).saturating_sub(RUN)..).unwrap_or(last);
    near.windows(CABINET.len()).rposition(|bytes| bytes == CABINET).map(|at| near.len() - at)
}

impl<T: Transform> Transform for Run<T> {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let (used, decoded) = self.run.run(input, out);
        self.keep(input.get(..used).unwrap_or_default());
        if decoded == Decoded::End {
            let back = self.run.unread();
            let taken = self.last.strip_suffix(back).unwrap_or_default();
            let next = back.first().or_else(|| input.get(used));
            let begun = next.map_or(0, |next| begun(taken, *next));
            self.begun = self.last.split_off(self.last.len().saturating_sub(begun + back.len()));
        }
        (used, decoded)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        self.run.finish(out)
    }

    fn is_drained(&self) -> bool {
        self.run.is_drained()
    }

    fn is_settled(&self) -> bool {
        self.run.is_settled()
    }

    fn keeps_text(&self) -> bool {
        self.run.keeps_text()
    }

    fn unread(&self) -> &[u8] {
        &self.begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::base64::Base64Run;

    #[test]
    fn what_begins_a_signature_is_given_back() {
        for (behind, want) in [
            (&b"PK\x03\x04"[..], &b"PK"[..]),
            (b"PK\x05\x06", b"PK"),
            (b"PK\x07\x08", b""),
            (b"Rar!\x1a\x07", b"Rar"),
            (b"7z\xbc\xaf", b"7z"),
            (b"MSCF\0\0\0\0", b"MSCF"),
            (b"MSC\0", b""),
            (b"MSCFA\0", b"MSCFA"),
            (b"MSCFPK\x03\x04", b"MSCFPK"),
            (b"MSCF01234567890123456789\0", b""),
            (b"MSCF%\0", b"MSCF%"),
            (b"PK%\x03", b"%"),
            (b"MZ\x90\0", b"MZ"),
            (b"MZP\0", b"MZP"),
            (b"MZ and on", b""),
            (b"InstallShield\0", b"InstallShield"),
            (b" and on", b""),
        ] {
            let text = [b"QUJDQUJD", behind].concat();
            for cut in 1..=text.len() {
                let (mut run, mut out, mut used) =
                    (Run::new(Base64Run::default()), BytesMut::new(), 0);
                for piece in text.chunks(cut) {
                    let (n, decoded) = run.run(piece, &mut out);
                    used += n;
                    if decoded == Decoded::End {
                        break;
                    }
                }
                assert!(out.starts_with(b"ABCABC"));
                assert_eq!(run.unread(), want, "{behind:?} by {cut}");
                assert!(text[..used].ends_with(want));
            }
        }
    }
}
