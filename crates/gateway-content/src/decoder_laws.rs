//! The laws of decoders as a function of any bytes, for those that have no other way in but a
//! container: the fuzz target runs it.

use bytes::BytesMut;

use crate::Limits;
use crate::coding::autoit::{AutoIt, Version};
use crate::coding::branch;
use crate::coding::decoder::Decoded;
use crate::coding::implode::Implode;
use crate::coding::keyed::{Keyed, Lagged};
use crate::coding::lh::{ArjFastest, Lh, Reach};
use crate::coding::lzss::Lzss;
use crate::coding::lzw::{Change, Lzw};
use crate::coding::lzx::LzxFrames;
use crate::coding::predictor::Predictor;
use crate::coding::rar_filter::Unfiltered;
use crate::coding::rar3::{Rar3, Version as RarVersion};
use crate::coding::rar5::Rar5;
use crate::coding::run_length::RunLength;
use crate::coding::stepped::{Sizes, Stepped};
use crate::coding::transform::Transform;
use crate::coding::xz::Xz;
use crate::program::nrv::{Method, Nrv};
use crate::text::binhex::BinHex;

/// Bytes that come out, at the most.
const UNPACKED: u64 = 100_000;

/// Runs the laws on `data`: the first byte chooses the decoder, the second the pieces, the rest is
/// packed.
///
/// # Panics
/// When a law is broken.
pub fn content_decoders(data: &[u8]) {
    let (head, body) = data.split_at(data.len().min(2));
    let [kind, cut] = [0, 1].map(|i| head.get(i).copied().unwrap_or_default());
    let whole = unpack(decoder(kind, body), body, body.len().max(1));
    let again = unpack(decoder(kind, body), body, 1 + usize::from(cut));
    assert_eq!(whole, again, "the pieces changed what came out");
}

fn decoder(kind: u8, body: &[u8]) -> Box<dyn Transform> {
    let limits = Limits { ratio_max: 20, ratio_floor_bytes: 20_000, ..Limits::default() };
    let packed = (kind & 0x80 == 0).then_some(body.len() as u64);
    let sizes = Sizes { packed, unpacked: UNPACKED };
    match kind & 0x7f {
        0 => Box::new(Stepped::new(Lh::new(Reach::Lh5), sizes, &limits)),
        1 => Box::new(Stepped::new(Lh::new(Reach::Lh6), sizes, &limits)),
        2 => Box::new(Stepped::new(Lh::new(Reach::Lh7), sizes, &limits)),
        3 => Box::new(Stepped::new(Lh::new(Reach::Arj), sizes, &limits)),
        4 => Box::new(Stepped::new(ArjFastest, sizes, &limits)),
        flags @ 5..=8 => {
            Box::new(Stepped::new(Implode::new(u16::from(flags - 5) << 1), sizes, &limits))
        }
        9 => Box::new(Stepped::new(Lzss::new(4_080), sizes, &limits)),
        10 => {
            let autoit = AutoIt::new(Version::Ea05, UNPACKED as u32);
            Box::new(Stepped::new(autoit, sizes, &limits))
        }
        11 => {
            let autoit = AutoIt::new(Version::Ea06, UNPACKED as u32);
            let inner = Box::new(Stepped::new(autoit, sizes, &limits));
            Box::new(Keyed::new(Lagged::new(0x2477), inner, body.len() as u64))
        }
        12 => Box::new(BinHex::new(&limits)),
        nrv @ 13..=15 => {
            let method = [Method::B, Method::D, Method::E][usize::from(nrv - 13)];
            Box::new(Nrv::new(method, body.to_vec().into(), &limits))
        }
        64 => Box::new(Lzw::new(Change::Early, &limits)),
        65 => Box::new(Lzw::new(Change::Late, &limits)),
        66 => Box::new(RunLength::new(&limits)),
        68 => {
            let rar = Rar5::new(1 << 17, UNPACKED, limits.window_bytes_max);
            Box::new(Unfiltered::new(Stepped::new(rar, sizes, &limits)))
        }
        rar @ 69..=70 => {
            let version = if rar == 69 { RarVersion::Two } else { RarVersion::Three };
            let rar = Rar3::new(version, 1 << 16);
            Box::new(Unfiltered::new(Stepped::new(rar, sizes, &limits)))
        }
        71 => Box::new(Xz::new(&limits)),
        number @ 72..=79 => match branch::filter(u64::from(number - 69), &[]) {
            Some(filter) => filter,
            None => Box::new(BinHex::new(&limits)),
        },
        67 => match Predictor::new(12, 3, 8, 5) {
            Some(predictor) => Box::new(predictor),
            None => Box::new(BinHex::new(&limits)),
        },
        other => {
            let reset = (other & 8 != 0).then_some(1 << 16);
            match LzxFrames::new(15 + u32::from(other & 7).min(6), reset, UNPACKED, &limits) {
                Ok(lzx) => Box::new(lzx),
                Err(_) => Box::new(BinHex::new(&limits)),
            }
        }
    }
}

/// What comes out of `body` in pieces, and how it ends.
fn unpack(mut decoder: Box<dyn Transform>, body: &[u8], cut: usize) -> (Vec<u8>, String) {
    let mut out = BytesMut::new();
    let mut rest = body;
    let mut waiting: Vec<u8> = Vec::new();
    loop {
        if waiting.is_empty() && decoder.is_drained() {
            if rest.is_empty() {
                let whole = decoder.finish(&mut out);
                return (out.to_vec(), format!("{whole:?}"));
            }
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            (waiting, rest) = (piece.to_vec(), after);
        }
        let before = out.len();
        let (used, decoded) = decoder.run(&waiting, &mut out);
        let stuck = used == 0 && out.len() == before && decoded == Decoded::More;
        assert!(!stuck || waiting.is_empty(), "nothing was done");
        waiting.drain(..used);
        if decoded != Decoded::More {
            return (out.to_vec(), format!("{decoded:?}"));
        }
        if stuck && rest.is_empty() {
            let whole = decoder.finish(&mut out);
            return (out.to_vec(), format!("{whole:?}"));
        }
        assert!(out.len() as u64 <= 16 << 20, "more came out than may");
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
    }
}
