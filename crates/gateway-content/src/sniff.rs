//! Tells what a part is by its first bytes: signatures, then a cheap look at text.
//!
//! A decision is a function of the bytes up to the point where it falls, so it is the same in any
//! chunks. It falls as early as it can, because nothing of a part passes before: text within four
//! bytes where no signature begins like it. Media types and names play no part in it.

mod signatures;

use encoding_rs::Encoding;
use gateway_inspect::PartKind;

use self::signatures::{Signature, candidates};
use crate::archive::{cpio, lzh, swf, tar};
use crate::coding::compress;
use crate::coding::inflate::{self, Wrapper};

/// Whether the bytes at hand are all that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// More may follow.
    No,
    /// The part ends here.
    Yes,
}

/// What the first bytes show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sniff {
    /// They may be the beginning of a kind: show more. Never answered to
    /// [`SNIFF_BYTES_MAX`] bytes, nor to all that there are.
    Need,
    /// The kind; more bytes do not change it.
    Kind(PartKind),
}

/// The most bytes that [`sniff`] asks for.
pub const SNIFF_BYTES_MAX: usize = 64;

/// Bytes after which [`settle`] is asked.
pub(crate) const SETTLE_BYTES: usize = 512;

/// White space before the first character of a text that is looked past.
const BLANKS_MAX: usize = 16;

/// Bytes by which text in UTF-16 without a mark is told.
const WIDE_BYTES: usize = 16;

/// Bytes by which text is told from binary data.
const TEXT_BYTES: usize = 4;

/// Fields that a mail begins with (RFC 5322, RFC 2045), in small letters. Others begin texts of many kinds.
const MAIL_FIELDS: &[&str] = &[
    "arc-seal:",
    "authentication-results:",
    "content-transfer-encoding:",
    "content-type:",
    "delivered-to:",
    "dkim-signature:",
    "envelope-to:",
    "from:",
    "message-id:",
    "mime-version:",
    "received:",
    "return-path:",
    "x-envelope-from:",
    "x-mozilla-status:",
    "x-original-to:",
];

/// What HTML begins with (WHATWG MIME Sniffing, section 7.1), each followed by a blank or `>`.
const HTML_TAGS: &[&str] = &[
    "!doctype html",
    "a",
    "b",
    "body",
    "br",
    "div",
    "font",
    "h1",
    "head",
    "html",
    "iframe",
    "p",
    "script",
    "style",
    "table",
    "title",
];

/// How far bytes agree with a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Full,
    /// As far as they go.
    SoFar,
    No,
}

/// Tells the kind of a part by its first bytes, from the very first on.
///
/// ```
/// use gateway_content::{Ended, Sniff, sniff};
/// use gateway_inspect::PartKind;
/// assert_eq!(sniff(b"\x1f\x8b\x08", Ended::No), Sniff::Kind(PartKind::Gzip));
/// assert_eq!(sniff(b"RIFF", Ended::No), Sniff::Need);
/// assert_eq!(sniff(b"RIFF", Ended::Yes), Sniff::Kind(PartKind::Text));
/// ```
#[must_use]
pub fn sniff(first: &[u8], ended: Ended) -> Sniff {
    let open = ended == Ended::No && first.len() < SNIFF_BYTES_MAX;
    // The first that fits counts, so one that may still fit is waited for.
    for signature in candidates(first) {
        let fit = match signature.fit(first) {
            Fit::Full => fit_behind(signature, first, open),
            fit => fit,
        };
        match fit {
            Fit::Full => return Sniff::Kind(signature.kind),
            Fit::SoFar if open => return Sniff::Need,
            Fit::SoFar | Fit::No => {}
        }
    }
    match first {
        [0xca, 0xfe, 0xba, 0xbe, count @ ..] => sniff_cafebabe(count, open),
        [0xca] | [0xca, 0xfe] | [0xca, 0xfe, 0xba] if open => Sniff::Need,
        // A part of a binary workbook is told by one byte more.
        [0x81 | 0x9f, 1] if open => Sniff::Need,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Sniff::Kind(PartKind::Text),
        _ => sniff_text(first, open),
    }
}

/// A more exact kind than `kind`, of a part that begins with `first`, its first
/// [`SETTLE_BYTES`] or all that there are.
pub(crate) fn settle(kind: PartKind, first: &[u8]) -> PartKind {
    match kind {
        PartKind::Text | PartKind::Unknown
            if first.get(257..262) == Some(b"ustar") || tar::is_header(first) =>
        {
            PartKind::Tar
        }
        PartKind::Text if !is_wide(first) && first.iter().copied().any(is_binary) => {
            PartKind::Unknown
        }
        _ => kind,
    }
}

/// Whether [`settle`] may change `kind`.
pub(crate) fn settles(kind: PartKind) -> bool {
    matches!(kind, PartKind::Text | PartKind::Unknown)
}

/// How far what stands behind a signature agrees with it. Two bytes alone begin much else: one in a
/// thousand digests, where their hex digits are read as base64.
fn fit_behind(signature: &Signature, first: &[u8], open: bool) -> Fit {
    let ended = !open;
    let may_be = match signature.kind {
        // A header that is cut short leads to nothing; one that is longer than this is believed.
        PartKind::Cpio if signature.bytes.len() == 2 => {
            cpio::may_begin(first).or_else(|| ended.then_some(first.len() >= SNIFF_BYTES_MAX))
        }
        PartKind::Compress => compress::may_begin(first).or_else(|| ended.then_some(true)),
        PartKind::Lzh => lzh::may_be(first).or_else(|| ended.then_some(false)),
        // A stream that breaks behind so many bytes is one; a header that is cut short is none.
        PartKind::Swf => swf::may_be(first).or_else(|| ended.then_some(swf::is_begun(first))),
        // By no more bytes than are asked for, however many have come.
        PartKind::Zlib => {
            let first = first.get(..SNIFF_BYTES_MAX).unwrap_or(first);
            inflate::may_begin(Wrapper::Zlib, first).or_else(|| ended.then_some(true))
        }
        _ => Some(true),
    };
    match may_be {
        Some(true) => Fit::Full,
        Some(false) => Fit::No,
        None => Fit::SoFar,
    }
}

/// Java classes and fat Mach-O files share their magic: what follows is the version of the one
/// (45 or more) and the number of architectures of the other.
fn sniff_cafebabe(after: &[u8], open: bool) -> Sniff {
    match after {
        [a, b, c, d, ..] if u32::from_be_bytes([*a, *b, *c, *d]) < 45 => {
            Sniff::Kind(PartKind::MachO)
        }
        [_, _, _, _, ..] => Sniff::Kind(PartKind::JavaClass),
        _ if open => Sniff::Need,
        _ => Sniff::Kind(PartKind::Unknown),
    }
}

fn sniff_text(first: &[u8], open: bool) -> Sniff {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if open && first.len() < MARK.len() && MARK.starts_with(first) {
        return Sniff::Need;
    }
    let text = first.strip_prefix(MARK).unwrap_or(first);
    let (blanks, text) = skip_blanks(text);
    match text {
        [] if open && blanks < BLANKS_MAX => Sniff::Need,
        [b'<', tag @ ..] => match sniff_tag(tag) {
            (Fit::SoFar, _) if open => Sniff::Need,
            (Fit::Full, kind) => Sniff::Kind(kind),
            _ => plain(first, open),
        },
        [b'F', b'r', b'o', b'm', b' ', sender @ ..] if blanks == 0 => match fit_sender(sender) {
            Fit::SoFar if open => Sniff::Need,
            Fit::Full => Sniff::Kind(PartKind::Mail),
            _ => plain(first, open),
        },
        _ if blanks == 0
            && let fit @ (Fit::SoFar | Fit::Full) = fit_field(text) =>
        {
            match fit {
                Fit::SoFar if open => Sniff::Need,
                Fit::Full => Sniff::Kind(PartKind::Mail),
                _ => plain(first, open),
            }
        }
        [b'{' | b'[', ..] => match fit_json(text) {
            Fit::SoFar if open => Sniff::Need,
            Fit::Full => Sniff::Kind(PartKind::Json),
            _ => plain(first, open),
        },
        _ => plain(first, open),
    }
}

/// Text or not, by the first few bytes.
fn plain(first: &[u8], open: bool) -> Sniff {
    let head = first.get(..TEXT_BYTES).unwrap_or(first);
    match fit_wide(first) {
        (Fit::Full, _) => return Sniff::Kind(PartKind::Text),
        // A zero among the first bytes may be half of a character.
        (Fit::SoFar, _) if open && head.contains(&0) => return Sniff::Need,
        _ => {}
    }
    if head.iter().copied().any(is_binary) {
        Sniff::Kind(PartKind::Unknown)
    } else if open && first.len() < TEXT_BYTES {
        Sniff::Need
    } else if first.is_empty() {
        Sniff::Kind(PartKind::Unknown)
    } else {
        Sniff::Kind(PartKind::Text)
    }
}

/// Markup, by what follows its first `<`.
fn sniff_tag(after: &[u8]) -> (Fit, PartKind) {
    let mut so_far = false;
    for (kind, name, bounded) in [(PartKind::Xml, "?xml", true), (PartKind::Html, "!--", false)]
        .into_iter()
        .chain(HTML_TAGS.iter().map(|tag| (PartKind::Html, *tag, true)))
    {
        let common =
            after.iter().zip(name.as_bytes()).take_while(|(a, b)| a.eq_ignore_ascii_case(b));
        if common.count() < name.len().min(after.len()) {
            continue;
        }
        match after.get(name.len()) {
            _ if after.len() < name.len() => so_far = true,
            _ if !bounded => return (Fit::Full, kind),
            Some(b'>' | b' ' | b'\t' | b'\n' | b'\r' | 0x0c) => return (Fit::Full, kind),
            Some(_) => {}
            None => so_far = true,
        }
    }
    (if so_far { Fit::SoFar } else { Fit::No }, PartKind::Text)
}

/// A field that a mail begins with.
fn fit_field(text: &[u8]) -> Fit {
    let common = |field: &str| {
        let same = field.bytes().zip(text).take_while(|(a, b)| *a == b.to_ascii_lowercase());
        same.count()
    };
    let fits = |field: &&str| match common(field) {
        same if same == field.len() => Fit::Full,
        same if same == text.len() => Fit::SoFar,
        _ => Fit::No,
    };
    let fit = MAIL_FIELDS.iter().map(fits).find(|fit| *fit != Fit::No);
    fit.unwrap_or(Fit::No)
}

/// JSON, by its bracket and what follows it; a bare `[` begins many texts.
fn fit_json(text: &[u8]) -> Fit {
    let (bracket, after) = text.split_first().unwrap_or((&0, &[]));
    let (blanks, after) = skip_blanks(after);
    match (bracket, after.first()) {
        (_, None) if blanks < BLANKS_MAX => Fit::SoFar,
        (b'{', Some(b'"' | b'}')) => Fit::Full,
        (b'[', Some(b'"' | b'{' | b'[' | b']' | b'-' | b'0'..=b'9')) => Fit::Full,
        _ => Fit::No,
    }
}

/// The sender in the first line of an mbox: an address, or a hyphen.
fn fit_sender(after: &[u8]) -> Fit {
    for (i, byte) in after.iter().take(SNIFF_BYTES_MAX - b"From ".len()).enumerate() {
        match byte {
            byte if is_binary(*byte) => return Fit::No,
            b'@' if i > 0 => return Fit::Full,
            b' ' if after.starts_with(b"- ") => return Fit::Full,
            b'\r' | b'\n' | b' ' => return Fit::No,
            _ => {}
        }
    }
    Fit::SoFar
}

/// The blanks that a text begins with, and what is behind them: nothing where they are too many, so that
/// what has come at once tells no more than what comes byte by byte.
fn skip_blanks(text: &[u8]) -> (usize, &[u8]) {
    let blank = |b: &&u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
    let blanks = text.iter().take(BLANKS_MAX).take_while(blank).count();
    let behind = if blanks < BLANKS_MAX { text.get(blanks..) } else { None };
    (blanks, behind.unwrap_or_default())
}

/// UTF-16, with a byte order mark or without.
fn is_wide(first: &[u8]) -> bool {
    matches!(first, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) || wide(first).is_some()
}

/// The form of UTF-16 without a mark in which a part of `kind` is that begins with `first`.
pub(crate) fn unmarked(kind: PartKind, first: &[u8]) -> Option<&'static Encoding> {
    if kind == PartKind::Text { wide(first) } else { None }
}

/// The form of UTF-16 in which the first bytes are characters of ASCII, if they are.
fn wide(first: &[u8]) -> Option<&'static Encoding> {
    match fit_wide(first) {
        (Fit::Full, encoding) => Some(encoding),
        _ => None,
    }
}

/// The same, as far as the bytes go.
fn fit_wide(first: &[u8]) -> (Fit, &'static Encoding) {
    let big = first.first() == Some(&0);
    let is_text =
        |byte: u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let fits =
        |(i, byte): (usize, &u8)| if (i % 2 == 1) != big { *byte == 0 } else { is_text(*byte) };
    let encoding = if big { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE };
    let head = first.get(..WIDE_BYTES).unwrap_or(first);
    if !head.iter().enumerate().all(fits) {
        (Fit::No, encoding)
    } else if head.len() < WIDE_BYTES {
        (Fit::SoFar, encoding)
    } else {
        (Fit::Full, encoding)
    }
}

/// Bytes that no text holds (WHATWG MIME Sniffing, section 3).
pub(crate) const fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(first: &[u8], want: PartKind) {
        assert_eq!(sniff(first, Ended::Yes), Sniff::Kind(want), "{first:02x?}");
        let mut long = first.to_vec();
        long.resize(SNIFF_BYTES_MAX, b' ');
        assert_ne!(sniff(&long, Ended::No), Sniff::Need, "{first:02x?}");
    }

    #[test]
    fn kinds_are_told_apart() {
        use PartKind::*;
        for (first, want) in [
            (&b"BZh91AY&SY"[..], Bzip2),
            (b"MSCF\0\0\0\0", Cab),
            (b"070701ab", Cpio),
            (b"\xc7\x71\0\0\0\0\xa4\x81\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\0a\0", Cpio),
            (b"\xc7\x71\0\0\0\0\xa4\x81\0\0\0\0\0\0\0\0\0\0\0\0\x09\0\0\0\0\0a\0", Unknown),
            (b"\xc7\x71\0\0\0\0\xa4\x31\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\0a\0", Unknown),
            // Many a text in base64 begins like it.
            (&b"\x71\xc7\x1c".repeat(9), Unknown),
            (b"\x1f\x9d\x90", Compress),
            (b"\x1f\x9d\x09", Compress),
            (b"\x1f\x9d\x91", Unknown),
            (b"\x1f\x9d\xb0", Unknown),
            (b"\x1f\x9d\x90\x61\xc4\x8c\x01", Compress),
            (b"\x1f\x9d\x90\x61\x01\x8c\x01", Unknown),
            (b"\x1f\x9d\x90\x61\xfe\xff\x8c\x01", Unknown),
            (b"\x04\x22\x4d\x18", Lz4),
            (b"\x02\x21\x4c\x18", Lz4),
            (b"LZIP\x01\x0c", Lzip),
            (b"LZIP codes", Text),
            (b"\x5e\x2a\x4d\x18", Zstd),
            (b"MSCF, a company", Text),
            (&[&b"MSCF\x01"[..], &[0; 19], b"\x03\x01"].concat(), Cab),
            (b"From a@b.c  Thu Jul", Mail),
            (b"From - Thu", Mail),
            (b"From the start", Text),
            (b"Received: by", Mail),
            (b"message-Id:<a", Mail),
            (b"CONTENT-TYPE: text/html", Mail),
            (b"Subject: a", Text),
            (b"\x01\x05\0\0\x02\0\0\0", OleObject),
            (b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0", Lzma),
            (b"dex\n035\0", Dex),
            (b"EGGA\0\x01", Egg),
            (b"EGGA, a company", Text),
            (b"\x7fELF\x02", Elf),
            (b"GIF89a", Gif),
            (b"\x1f\x8b\x08", Gzip),
            (b"\x1f\x8b\x07", Unknown),
            (b"\x78\x9c\x4b\x04\0\0\x62\0\x62", Zlib),
            (b"\x78\x9c\x4b\x04", Zlib),
            (b"\x78\x01\x4f\xf4\xf5\xf9", Unknown),
            (b"  <!DOCTYPE HTML>", Html),
            (b"HWP Document File V3.00 \x1a", Hwp),
            (b"HWP Document File V5", Text),
            (b"<a href=x>", Html),
            (b"<!-- c", Html),
            (b"\xca\xfe\xba\xbe\0\0\0\x34", JavaClass),
            (b"\xff\xd8\xff\xe0", Jpeg),
            (b" { \"a\": 1}", Json),
            (b"[1, 2]", Json),
            (b"[section]\n", Text),
            (b"\xca\xfe\xba\xbe\0\0\0\x02", MachO),
            (b"\xca\xfe\xba\xbf\0\0\0\x02", MachO),
            (b"\xcf\xfa\xed\xfe", MachO),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Ole),
            (b"%PDF-1.7", Pdf),
            (b"MZ\x90", Pe),
            (b"\x89PNG\r\n\x1a\n", Png),
            (b"Rar!\x1a\x07\x01", Rar),
            (b"{\\rtf1", Rtf),
            (b"FWS\x09\x10\x02\0\0\x78", Swf),
            (b"FWS, a letter code", Text),
            (b"CWS\x0a\x10\x02\0\0\x78\xda\x4b\x04\0\0\x62\0\x62", Swf),
            (b"CWS\x0a\x10\x02\0\0\x78\xda", Swf),
            (b"CWS\x0a\x10\x02\0\0\x78\xdb", Text),
            (b"CWS", Text),
            (b"ZWS\x0d\x10\x02\0\0\x30\0\0\0\x5d\0\0\x20\0\0", Swf),
            (b"ZWS", Text),
            (b"#!/bin/sh", Script),
            (b"7z\xbc\xaf\x27\x1c", SevenZip),
            (b"data: 1\n\n", Text),
            (b"\xff\xfea\0", Text),
            (b"a", Text),
            (b"\0asm\x01", Wasm),
            (b"RIFF\x01\x02\x03\x04WEBP", WebP),
            (b"\xef\xbb\xbf<?xml version='1.0'?>", Xml),
            (b"\xfd7zXZ\0", Xz),
            (b"PK\x03\x04", Zip),
            (b"PK\x05\x06", Zip),
            (b"PK00PK\x03\x04", Zip),
            (b"\x28\xb5\x2f\xfd", Zstd),
            (b"", Unknown),
            (b"ab\0c", Unknown),
            (b"\x93\xe9\x99", Text),
        ] {
            check(first, want);
        }
    }

    /// A stream of zlib that breaks behind the bytes that are asked for.
    #[test]
    fn what_has_come_beyond_tells_nothing() {
        let stored = [&b"\x78\x01\0\x2c\x01\xd3\xfe"[..], &[b'x'; 300], &[0xff; 20]].concat();
        let at_once = sniff(&stored, Ended::No);
        assert_eq!(at_once, sniff(&stored[..SNIFF_BYTES_MAX], Ended::No));
        assert_eq!(at_once, Sniff::Kind(PartKind::Zlib));
    }

    #[test]
    fn digests_are_nothing_else() {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        // Two bytes of them are those of a signature.
        for (signature, len) in [[0x71, 0xc7], [0xc7, 0x71], [0x78, 0x01], [0x1f, 0x9d]]
            .into_iter()
            .flat_map(|signature| [16, 20, 32, 48, 64].map(|len| (signature, len)))
        {
            let digests = std::iter::repeat_with(|| {
                let rest = std::iter::repeat_with(&mut next).take(len - 2);
                signature.into_iter().chain(rest).collect::<Vec<_>>()
            });
            let is_one = |digest: &Vec<u8>| {
                let kind = sniff(digest, Ended::Yes);
                kind != Sniff::Kind(PartKind::Text) && kind != Sniff::Kind(PartKind::Unknown)
            };
            let taken = digests.take(1_000).filter(is_one).count();
            assert!(taken < 100, "{signature:02x?} of {len}: {taken}");
        }
    }

    #[test]
    fn a_short_event_is_told_at_once() {
        assert_eq!(sniff(b"data", Ended::No), Sniff::Kind(PartKind::Text));
        assert_eq!(sniff(b"\0\0\0\x05hello", Ended::No), Sniff::Kind(PartKind::Unknown));
    }

    #[test]
    fn later_bytes_settle_a_weak_guess() {
        let mut tar = b"notes/readme.txt".to_vec();
        tar.resize(257, 0);
        tar.extend_from_slice(b"ustar\x0000");
        assert_eq!(settle(PartKind::Text, &tar), PartKind::Tar);
        assert_eq!(settle(PartKind::Text, b"looks like text\0but"), PartKind::Unknown);
        assert_eq!(settle(PartKind::Text, b"text"), PartKind::Text);
        assert_eq!(settle(PartKind::Gzip, &tar), PartKind::Gzip);
    }

    fn starts() -> impl Strategy<Value = Vec<u8>> {
        let seeds: &[&[u8]] = &[
            b"",
            b"<",
            b"<!doctype html",
            b"<bo",
            b"  {  ",
            b"                [[",
            b"[                [",
            b"MZ-lh5-",
            b"#!-lh5-",
            b"PK",
            b"RIFF",
            b"\xca\xfe\xba\xbe",
            b"\xef\xbb\xbf",
            b"[",
            b"\x1f",
            b"BZh9",
            b"CWS\x0a\0\x01\0\0\x78",
            b"FWS",
            b"ZWS\x0d",
            b"From a",
            b"070701",
        ];
        (prop::sample::select(seeds), prop::collection::vec(any::<u8>(), 0..80))
            .prop_map(|(seed, rest)| [seed, &rest].concat())
    }

    proptest! {
        #[test]
        fn a_decision_stands_whatever_follows(bytes in starts()) {
            let decided = (0..=bytes.len()).find_map(|n| match sniff(&bytes[..n], Ended::No) {
                Sniff::Need => None,
                Sniff::Kind(kind) => Some((n, kind)),
            });
            if let Some((n, kind)) = decided {
                prop_assert!(n <= SNIFF_BYTES_MAX);
                for longer in n..=bytes.len() {
                    prop_assert_eq!(sniff(&bytes[..longer], Ended::No), Sniff::Kind(kind));
                }
            } else {
                prop_assert!(bytes.len() < SNIFF_BYTES_MAX);
            }
            prop_assert_ne!(sniff(&bytes, Ended::Yes), Sniff::Need);
        }
    }
}
