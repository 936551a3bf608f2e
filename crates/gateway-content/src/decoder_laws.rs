//! The laws of decoders as functions of any bytes: the fuzz targets run them.

mod ppmd;

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use crate::coding::autoit::{AutoIt, Version};
use crate::coding::bcj::X86;
use crate::coding::branch;
use crate::coding::bzip2::Bzip2;
use crate::coding::chunked::{Chunked, Packing};
use crate::coding::compress::Compress;
use crate::coding::decoder::{Decoded, Decoder};
use crate::coding::deflate64::Deflate64;
use crate::coding::delimited::Delimited;
use crate::coding::egg_blocks::EggBlocks;
use crate::coding::gzip::Gzip;
use crate::coding::held::{Ascii85, AsciiHex, Deflated};
use crate::coding::implode::Implode;
use crate::coding::keyed::{Keyed, Lagged};
use crate::coding::lh::{ArjFastest, Lh, Reach};
use crate::coding::lharc::{Lh1, Lh2, Lh3};
use crate::coding::lz4::Lz4;
use crate::coding::lzip::Lzip;
use crate::coding::lzma_alone::{Layout, LzmaAlone};
use crate::coding::lzss::{Lzs, Lzss};
use crate::coding::lzw::{Change, Lzw};
use crate::coding::lzx::LzxFrames;
use crate::coding::predictor::Predictor;
use crate::coding::quantum::Quantum;
use crate::coding::rar_filter::Unfiltered;
use crate::coding::rar3::{Rar3, Version as RarVersion};
use crate::coding::rar5::Rar5;
use crate::coding::reduce::Reduce;
use crate::coding::run_length::RunLength;
use crate::coding::shrink::Shrink;
use crate::coding::sparse::{Map, Sparse, Stretch};
use crate::coding::stepped::{Sizes, Stepped};
use crate::coding::transform::Transform;
use crate::coding::xz::Xz;
use crate::document::compressed_rtf::CompressedRtf;
use crate::document::rtf::Rtf;
use crate::document::vba::Source;
use crate::program::nrv::{Method, Nrv};
use crate::text::binhex::BinHex;
use crate::{Coding, Limits};

/// The names of the decoders, in the order of the alphabet.
pub const CONTENT_DECODERS: &[&str] = &[
    "arj",
    "ascii85",
    "ascii_hex",
    "autoit",
    "base64",
    "bcj",
    "binhex",
    "branch",
    "brotli",
    "bzip2",
    "cells",
    "charset",
    "chunked",
    "compress",
    "compressed_rtf",
    "deflate",
    "deflate64",
    "delimited",
    "egg_blocks",
    "escapes",
    "form",
    "gzip",
    "hex",
    "implode",
    "json",
    "lh",
    "lharc",
    "lz4",
    "lzip",
    "lzma",
    "lzs",
    "lzss",
    "lzw",
    "lzx",
    "mail",
    "markup",
    "nrv",
    "plainer",
    "ppmd",
    "predictor",
    "quantum",
    "rar",
    "reduce",
    "rtf",
    "run_length",
    "script",
    "shrink",
    "sparse",
    "uu",
    "vba",
    "xpress",
    "xz",
    "zstd",
];

/// Pieces that the packed bytes come in, at the most: of many, each is like those before.
const PIECES_MAX: usize = 32;

/// How long they are.
const PIECES: [usize; 8] = [1, 2, 3, 5, 8, 13, 21, 64];

/// Steps in which nothing comes in and nothing goes out, one after the other: some only look at what
/// is there, as at blocks without content.
const IDLE_STEPS_MAX: u32 = 100;

/// Runs the laws on `data`: the first byte chooses the decoder, the second the pieces, the rest is
/// packed.
///
/// # Panics
/// When a law is broken.
pub fn content_decoders(data: &[u8]) {
    let (head, body) = data.split_at(data.len().min(2));
    let [kind, cut] = [0, 1].map(|i| head.get(i).copied().unwrap_or_default());
    let packed = if kind & 0x80 == 0 { 0 } else { 0x80 };
    let (name, option) = match kind & 0x7f {
        lh @ 0..=2 => ("lh", lh),
        3 => ("arj", 0),
        4 => ("arj", 1),
        flags @ 5..=8 => ("implode", flags - 5),
        9 => ("lzss", 0),
        ea @ 10..=11 => ("autoit", ea - 10),
        12 => ("binhex", 0),
        nrv @ 13..=15 => ("nrv", nrv - 13),
        lzw @ 64..=65 => ("lzw", lzw - 64),
        66 => ("run_length", 0),
        67 => ("predictor", 0),
        rar @ 68..=70 => ("rar", rar - 68),
        71 => ("xz", 0),
        number @ 72..=79 => ("branch", number - 69),
        other => ("lzx", other & 0xf),
    };
    check(name, option | packed, cut, body);
}

/// Runs the laws of the decoder `name` on `data`: the first byte chooses among its kinds, the second
/// the pieces, the rest is packed.
///
/// # Panics
/// When a law is broken, or there is no such decoder.
pub fn content_decoder(name: &str, data: &[u8]) {
    let (head, body) = data.split_at(data.len().min(2));
    let [option, cut] = [0, 1].map(|i| head.get(i).copied().unwrap_or_default());
    check(name, option, cut, body);
}

/// How much may come out.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// Bytes of a stream of known size.
    unpacked: u64,
    /// Bytes for one that comes in; this much for each 4 KiB that were begun.
    ratio_max: u32,
}

impl Room {
    /// Beyond the smaller windows, and enough for what ends a stream that is too large.
    const SMALL: Self = Self { unpacked: 10_000, ratio_max: 2 };
    /// Beyond a frame and a window of 32 KiB.
    const LARGE: Self = Self { unpacked: 50_000, ratio_max: 12 };
    /// For files with holes and in chunks, which cost little.
    const FILE: Self = Self { unpacked: 100_000, ratio_max: 20 };
}

/// What the second byte says: the length of the first piece, in eighths of all, that of those behind it,
/// and for one in four the larger room.
fn pieces(name: &str, cut: u8, len: usize) -> (usize, usize, Room) {
    let cut = usize::from(cut);
    let room = match name {
        "chunked" | "sparse" => Room::FILE,
        _ if cut & 0x18 == 0x18 => Room::LARGE,
        _ => Room::SMALL,
    };
    let piece = PIECES.get(cut & 7).copied().unwrap_or(1);
    (len * (cut >> 5) / 8, piece, room)
}

fn check(name: &str, option: u8, cut: u8, body: &[u8]) {
    let (first, piece, room) = pieces(name, cut, body.len());
    let whole = unpack(decoder(name, option, body, room), body, &[]);
    let mut cuts = vec![piece; PIECES_MAX];
    cuts.insert(0, first.max(1));
    let again = unpack(decoder(name, option, body, room), body, &cuts);
    // What a corrupt stream of these shows before its fault depends on the pieces: their engines keep back
    // what the call has decoded in which they found it.
    if matches!(name, "brotli" | "zstd")
        && (whole.1.starts_with("Failed") || whole.1.starts_with("Err"))
    {
        assert!(again.1.starts_with("Failed") || again.1.starts_with("Err"), "a fault was lost");
    } else {
        assert_eq!(whole, again, "the pieces changed what came out");
    }
}

/// The decoder, and of those that have several kinds the one that `option` chooses.
fn decoder(name: &str, option: u8, body: &[u8], room: Room) -> Decoder {
    let limits =
        Limits { ratio_max: room.ratio_max, ratio_floor_bytes: 2_000, ..Limits::default() };
    let limits = &limits;
    let kind = option & 0x7f;
    let is_odd = kind % 2 == 1;
    match name {
        "brotli" => return Decoder::of(Coding::Brotli, limits),
        "deflate" if !is_odd => return Decoder::of(Coding::Deflate, limits),
        "gzip" if !is_odd => return Decoder::of(Coding::Gzip, limits),
        "gzip" => return Decoder::GzipFile(Gzip::after_header(limits)),
        "delimited" => return Decoder::Delimited(Box::new(Delimited::new())),
        "zstd" => return Decoder::of(Coding::Zstd, limits),
        _ => {}
    }
    let other: Box<dyn Transform> = match name {
        "ascii85" => Box::new(Ascii85::default()),
        "ascii_hex" => Box::new(AsciiHex::default()),
        "bcj" => Box::new(X86::default()),
        "binhex" => Box::new(BinHex::new(limits)),
        "bzip2" => Box::new(Bzip2::new(limits)),
        "compressed_rtf" => Box::new(CompressedRtf::new()),
        "chunked" | "sparse" | "xpress" => match placed(name, option, body, room, limits) {
            Ok(placed) => placed,
            Err(_) => Box::new(X86::default()),
        },
        "compress" | "egg_blocks" | "lz4" | "lzip" => compressed_file(name, limits),
        "deflate" => Box::new(Deflated::new(limits)),
        "deflate64" => Box::new(Deflate64::new(limits)),
        "lzma" => {
            let layout = [Layout::Bare, Layout::File, Layout::Zip][usize::from(kind % 3)];
            let size = (kind & 0x40 != 0).then_some(room.unpacked);
            Box::new(LzmaAlone::new(layout, size, limits))
        }
        "lzw" if is_odd => Box::new(Lzw::new(Change::Late, limits)),
        "lzw" => Box::new(Lzw::new(Change::Early, limits)),
        "lzx" => {
            let reset = (kind & 8 != 0).then_some(1 << 15);
            match LzxFrames::new(15 + u32::from(kind & 7).min(6), reset, room.unpacked, limits) {
                Ok(lzx) => Box::new(lzx),
                Err(_) => Box::new(BinHex::new(limits)),
            }
        }
        "mail" => crate::mail::decoder(option),
        "nrv" => {
            let method = [Method::B, Method::D, Method::E][usize::from(kind % 3)];
            Box::new(Nrv::new(method, body.to_vec().into(), limits))
        }
        "branch" => match branch::filter(3 + u64::from(kind % 8), &[]) {
            Some(filter) => filter,
            None => Box::new(X86::default()),
        },
        "predictor" => {
            let (colours, columns) = (1 + usize::from(kind & 3), 1 + usize::from(kind >> 2));
            match Predictor::new([12, 2][usize::from(option >> 7)], colours, 8, columns) {
                Some(predictor) => Box::new(predictor),
                None => Box::new(X86::default()),
            }
        }
        "rtf" => Box::new(Rtf::new()),
        "run_length" => Box::new(RunLength::new(limits)),
        "xz" if is_odd => Box::new(Xz::chunks(kind, limits)),
        "vba" => Box::new(Source::new(limits)),
        "xz" => Box::new(Xz::new(limits)),
        _ => match crate::text::decoder(name, kind) {
            Some(text) => text,
            None => stepped(name, option, body, room, limits),
        },
    };
    Decoder::Other(other)
}

/// Those of streams that have but one form, as files that are one have.
fn compressed_file(name: &str, limits: &Limits) -> Box<dyn Transform> {
    match name {
        "compress" => Box::new(Compress::new(limits)),
        "egg_blocks" => Box::new(EggBlocks::new(limits)),
        "lz4" => Box::new(Lz4::new(limits)),
        _ => Box::new(Lzip::new(limits)),
    }
}

/// Those that go by a table of places, if that makes sense.
fn placed(
    name: &str,
    option: u8,
    body: &[u8],
    room: Room,
    limits: &Limits,
) -> Result<Box<dyn Transform>, Unscannable> {
    let kind = option & 0x7f;
    let bytes = || body.to_vec().into();
    if name == "chunked" {
        let (packing, chunk) =
            if kind % 2 == 1 { (Packing::Lzx, 1 << 15) } else { (Packing::Xpress, 1 << 12) };
        return Ok(Box::new(Chunked::new(packing, chunk, bytes(), u64::from(kind) << 8, limits)?));
    }
    if name == "xpress" {
        let chunk = 1 << (12 + kind % 5);
        // One chunk, which needs no table, or as many as come to a number that has nothing to do with theirs.
        let size =
            if option & 0x80 == 0 { room.unpacked.min(chunk.into()) } else { u64::from(kind) << 9 };
        return Ok(Box::new(Chunked::new(Packing::Xpress, chunk, bytes(), size, limits)?));
    }
    let packed = body.len() as u64;
    let first = packed.min(u64::from(kind));
    let known = vec![
        Stretch { at: 0, len: first },
        Stretch { at: 70_000, len: packed.saturating_sub(first) },
    ];
    let map = if option & 0x80 == 0 { Map::Ahead } else { Map::Known(known) };
    Ok(Box::new(Sparse::new(map, packed, room.unpacked, limits)?))
}

/// Those that read symbols.
fn stepped(name: &str, option: u8, body: &[u8], room: Room, limits: &Limits) -> Box<dyn Transform> {
    let packed = (option & 0x80 == 0).then_some(body.len() as u64);
    let sizes = Sizes { packed, unpacked: room.unpacked };
    let kind = option & 0x7f;
    match (name, kind) {
        ("arj", 0) => Box::new(Stepped::new(Lh::new(Reach::Arj), sizes, limits)),
        ("arj", _) => Box::new(Stepped::new(ArjFastest, sizes, limits)),
        ("autoit", 0) => {
            let autoit = AutoIt::new(Version::Ea05, room.unpacked as u32);
            Box::new(Stepped::new(autoit, sizes, limits))
        }
        ("autoit", _) => {
            let autoit = AutoIt::new(Version::Ea06, room.unpacked as u32);
            let inner = Box::new(Stepped::new(autoit, sizes, limits));
            Box::new(Keyed::new(Lagged::new(0x2477), inner, body.len() as u64))
        }
        ("implode", _) => {
            Box::new(Stepped::new(Implode::new(u16::from(kind % 4) << 1), sizes, limits))
        }
        ("lh", 0) => Box::new(Stepped::new(Lh::new(Reach::Lh5), sizes, limits)),
        ("lh", 1) => Box::new(Stepped::new(Lh::new(Reach::Lh6), sizes, limits)),
        ("lh", _) => Box::new(Stepped::new(Lh::new(Reach::Lh7), sizes, limits)),
        ("lharc", 0) => Box::new(Stepped::new(Lh1::new(), sizes, limits)),
        ("lharc", 1) => Box::new(Stepped::new(Lh2::new(), sizes, limits)),
        ("lharc", _) => Box::new(Stepped::new(Lh3::new(), sizes, limits)),
        ("lzs", _) => Box::new(Stepped::new(Lzs, sizes, limits)),
        ("lzss", 1) => Box::new(Stepped::new(Lzss::larc(), sizes, limits)),
        ("lzss", _) => Box::new(Stepped::new(Lzss::new(4_080), sizes, limits)),
        ("ppmd", _) => ppmd::decoder(option, body, room.unpacked, limits),
        ("quantum", _) => {
            let quantum = Quantum::new(10 + u32::from(kind % 12));
            Box::new(Stepped::new(quantum, sizes, limits))
        }
        ("rar", 0) => {
            let rar = Rar5::new(1 << 17, room.unpacked, limits.window_bytes_max);
            Box::new(Unfiltered::new(Stepped::new(rar, sizes, limits)))
        }
        ("rar", _) => {
            let version = if kind % 2 == 1 { RarVersion::Two } else { RarVersion::Three };
            let rar = Rar3::new(version, 1 << 16, limits.model_bytes_max);
            Box::new(Unfiltered::new(Stepped::new(rar, sizes, limits)))
        }
        ("reduce", _) => {
            Box::new(Stepped::new(Reduce::new(1 + u32::from(kind % 4)), sizes, limits))
        }
        ("shrink", _) => Box::new(Stepped::new(Shrink::new(), sizes, limits)),
        (name, _) => unreachable!("there is no decoder {name}"),
    }
}

/// What comes out of `body` in pieces of those lengths and one of all that is left, and how it ends.
fn unpack(mut decoder: Decoder, body: &[u8], cuts: &[usize]) -> (Vec<u8>, String) {
    let mut out = BytesMut::new();
    let mut rest = body;
    let mut cuts = cuts.iter();
    let mut waiting: Vec<u8> = Vec::new();
    let mut idle = 0;
    loop {
        if waiting.is_empty() && (decoder.is_drained() || idle > 0) {
            if rest.is_empty() && (decoder.is_drained() || idle > IDLE_STEPS_MAX) {
                let whole = decoder.finish(&mut out);
                return (out.to_vec(), format!("{whole:?}"));
            }
            let cut = cuts.next().map_or(rest.len(), |cut| rest.len().min(*cut));
            let (piece, after) = rest.split_at(cut);
            (waiting, rest) = (piece.to_vec(), after);
        }
        let before = out.len();
        let (used, decoded) = decoder.run(&waiting, &mut out);
        idle = if used == 0 && out.len() == before { idle + 1 } else { 0 };
        assert!(idle <= IDLE_STEPS_MAX || waiting.is_empty(), "nothing was done");
        waiting.drain(..used);
        if decoded != Decoded::More {
            return (out.to_vec(), format!("{decoded:?}"));
        }
        assert!(out.len() <= 1 << 20, "more came out than may");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_pieces_unpack_to_the_same(
            kind in prop_oneof![0u8..32, 64u8..80],
            cut in any::<u8>(),
            body in prop::collection::vec(prop_oneof![any::<u8>(), Just(0), Just(0xff)], 0..300),
        ) {
            content_decoders(&[&[kind, cut][..], &body].concat());
        }

        #[test]
        fn any_pieces_of_each_unpack_to_the_same(
            name in prop::sample::select(CONTENT_DECODERS),
            option in any::<u8>(),
            cut in any::<u8>(),
            body in prop::collection::vec(prop_oneof![any::<u8>(), 32u8..127], 0..300),
        ) {
            content_decoder(name, &[&[option, cut][..], &body].concat());
        }
    }
}
