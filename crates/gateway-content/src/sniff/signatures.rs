//! The signatures: what parts of each kind begin with, in the order of the kinds' names. Not what is
//! told by more than fixed bytes (text of all kinds, Java classes) nor what is not at the front (tar):
//! that stands in [`sniff`](super::sniff).

use gateway_inspect::PartKind;

use super::Fit;

/// A byte of a signature that may be anything.
const ANY: u16 = 0x100;

/// A signature: bytes from the start of the part on, each itself or [`ANY`].
pub(super) struct Signature {
    pub(super) kind: PartKind,
    pub(super) bytes: &'static [u16],
}

impl Signature {
    /// How far `first`, the first bytes of a part, agree with it.
    pub(super) fn fit(&self, first: &[u8]) -> Fit {
        let fits = |(want, byte): (&u16, &u8)| *want == ANY || *want == u16::from(*byte);
        if !self.bytes.iter().zip(first).all(fits) {
            Fit::No
        } else if first.len() < self.bytes.len() {
            Fit::SoFar
        } else {
            Fit::Full
        }
    }
}

/// By the first byte of a part, which signatures may fit: bit by bit, in their order. Sniffing is half of what a part
/// of few bytes takes.
static BY_FIRST: [u128; 256] = by_first();

const fn by_first() -> [u128; 256] {
    assert!(SIGNATURES.len() <= 128);
    let mut masks = [0; 256];
    let mut i = 0;
    while i < SIGNATURES.len() {
        let want = SIGNATURES[i].bytes[0];
        let mut byte = 0;
        while byte < 256 {
            if want == ANY || want == byte as u16 {
                masks[byte] |= 1 << i;
            }
            byte += 1;
        }
        i += 1;
    }
    masks
}

/// Those that may fit a part with these first bytes, in their order.
pub(super) fn candidates(first: &[u8]) -> impl Iterator<Item = &'static Signature> {
    let mut left = match first.first() {
        Some(byte) => BY_FIRST[usize::from(*byte)],
        None => u128::MAX,
    };
    std::iter::from_fn(move || {
        let at = left.trailing_zeros();
        left &= left.wrapping_sub(1);
        SIGNATURES.get(at as usize)
    })
}

/// Writes a signature as byte values, `_` for any.
macro_rules! signature {
    (@byte _) => { ANY };
    (@byte $byte:literal) => { $byte as u16 };
    ($kind:ident: $($byte:tt)+) => {
        Signature { kind: PartKind::$kind, bytes: &[$(signature!(@byte $byte)),+] }
    };
}

/// All of them; the first that fits counts.
const SIGNATURES: &[Signature] = &[
    signature!(Alz: b'A' b'L' b'Z' 1),
    signature!(Ar: b'!' b'<' b'a' b'r' b'c' b'h' b'>' b'\n'),
    signature!(Arj: 0x60 0xea _ _ _ _ _ _ _ _ 2),
    signature!(BinHex: b'(' b'T' b'h' b'i' b's' b' ' b'f' b'i' b'l' b'e' b' ' b'm' b'u' b's' b't' b' '
        b'b' b'e' b' ' b'c' b'o' b'n' b'v' b'e' b'r' b't' b'e' b'd' b' ' b'w' b'i' b't' b'h' b' '
        b'B' b'i' b'n' b'H' b'e' b'x'),
    signature!(Bzip2: b'B' b'Z' b'h' _ 0x31 0x41 0x59 0x26),
    signature!(Bzip2: b'B' b'Z' b'h' _ 0x17 0x72 0x45 0x38),
    signature!(Cab: b'M' b'S' b'C' b'F' 0),
    // What is reserved may hold anything.
    signature!(Cab: b'M' b'S' b'C' b'F' _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ 3 1),
    signature!(Chm: b'I' b'T' b'S' b'F' _ 0 0 0),
    signature!(Compress: 0x1f 0x9d _),
    signature!(Cpio: b'0' b'7' b'0' b'7' b'0' b'1'),
    signature!(Cpio: b'0' b'7' b'0' b'7' b'0' b'2'),
    signature!(Cpio: b'0' b'7' b'0' b'7' b'0' b'7'),
    signature!(Cpio: 0x71 0xc7),
    signature!(Cpio: 0xc7 0x71),
    signature!(Dex: b'd' b'e' b'x' b'\n' b'0'),
    signature!(Egg: b'E' b'G' b'G' b'A' 0 1),
    signature!(Elf: 0x7f b'E' b'L' b'F'),
    signature!(Gif: b'G' b'I' b'F' b'8' b'7' b'a'),
    signature!(Gif: b'G' b'I' b'F' b'8' b'9' b'a'),
    signature!(Gzip: 0x1f 0x8b 8),
    signature!(Hwp: b'H' b'W' b'P' b' ' b'D' b'o' b'c' b'u' b'm' b'e' b'n' b't' b' ' b'F' b'i' b'l' b'e' b' '
        b'V' b'3' b'.' b'0' b'0'),
    signature!(InstallShield: b'I' b'S' b'c' b'(' _ _ _ 1),
    signature!(InstallShield: b'I' b'S' b'c' b'(' _ _ _ 2),
    signature!(InstallShield: b'I' b'S' b'c' b'(' _ _ _ 4),
    signature!(Jpeg: 0xff 0xd8 0xff),
    signature!(Lz4: 0x02 0x21 0x4c 0x18),
    signature!(Lz4: 0x04 0x22 0x4d 0x18),
    signature!(Lzip: b'L' b'Z' b'I' b'P' 0),
    signature!(Lzip: b'L' b'Z' b'I' b'P' 1),
    signature!(Lzma: 0x5d 0 0 _ _ 0xff 0xff 0xff 0xff 0xff 0xff 0xff 0xff 0),
    signature!(Lzma: 0x5d 0 0 _ _ _ _ _ _ _ 0 0 0 0),
    signature!(Lzh: _ _ b'-' b'l' b'h' _ b'-'),
    signature!(Lzh: _ _ b'-' b'l' b'z' _ b'-'),
    signature!(Lzh: _ _ b'-' b'p' b'm' _ b'-'),
    signature!(MachO: 0xca 0xfe 0xba 0xbf),
    signature!(MachO: 0xce 0xfa 0xed 0xfe),
    signature!(MachO: 0xcf 0xfa 0xed 0xfe),
    signature!(MachO: 0xfe 0xed 0xfa 0xce),
    signature!(MachO: 0xfe 0xed 0xfa 0xcf),
    signature!(OleObject: 1 5 0 0 2 0 0 0),
    signature!(Ole: 0xd0 0xcf 0x11 0xe0 0xa1 0xb1 0x1a 0xe1),
    signature!(OneNote: 0xe4 0x52 0x5c 0x7b 0x8c 0xd8 0xa7 0x4d),
    signature!(Pdf: b'%' b'P' b'D' b'F' b'-'),
    signature!(Pe: b'M' b'Z'),
    signature!(Png: 0x89 b'P' b'N' b'G' b'\r' b'\n' 0x1a b'\n'),
    signature!(Rar: b'R' b'a' b'r' b'!' 0x1a 0x07),
    signature!(Rpm: 0xed 0xab 0xee 0xdb),
    signature!(Rtf: b'{' b'\\' b'r' b't' b'f'),
    signature!(Script: b'#' b'!'),
    signature!(SevenZip: b'7' b'z' 0xbc 0xaf 0x27 0x1c),
    signature!(Swf: b'C' b'W' b'S'),
    signature!(Swf: b'F' b'W' b'S'),
    signature!(Swf: b'Z' b'W' b'S'),
    signature!(Szdd: b'S' b'Z' b'D' b'D' 0x88 0xf0 0x27 0x33),
    signature!(Szdd: b'S' b'Z' b' ' 0x88 0xf0 0x27 0x33 0xd1),
    signature!(Tnef: 0x78 0x9f 0x3e 0x22),
    signature!(Wasm: 0 b'a' b's' b'm'),
    signature!(WebP: b'R' b'I' b'F' b'F' _ _ _ _ b'W' b'E' b'B' b'P'),
    signature!(Wim: b'M' b'S' b'W' b'I' b'M' 0 0 0),
    signature!(Xar: b'x' b'a' b'r' b'!' 0),
    signature!(Xz: 0xfd b'7' b'z' b'X' b'Z' 0),
    signature!(Zip: b'P' b'K' 3 4),
    signature!(Zip: b'P' b'K' 5 6),
    signature!(Zip: b'P' b'K' 7 8),
    signature!(Zip: b'P' b'K' b'0' b'0' b'P' b'K' 3 4),
    signature!(Zlib: 0x78 0x01),
    signature!(Zlib: 0x78 0x9c),
    signature!(Zlib: 0x78 0xda),
    signature!(Zstd: 0x28 0xb5 0x2f 0xfd),
    signature!(Zstd: 0x50 0x2a 0x4d 0x18),
    signature!(Zstd: 0x51 0x2a 0x4d 0x18),
    signature!(Zstd: 0x52 0x2a 0x4d 0x18),
    signature!(Zstd: 0x53 0x2a 0x4d 0x18),
    signature!(Zstd: 0x54 0x2a 0x4d 0x18),
    signature!(Zstd: 0x55 0x2a 0x4d 0x18),
    signature!(Zstd: 0x56 0x2a 0x4d 0x18),
    signature!(Zstd: 0x57 0x2a 0x4d 0x18),
    signature!(Zstd: 0x58 0x2a 0x4d 0x18),
    signature!(Zstd: 0x59 0x2a 0x4d 0x18),
    signature!(Zstd: 0x5a 0x2a 0x4d 0x18),
    signature!(Zstd: 0x5b 0x2a 0x4d 0x18),
    signature!(Zstd: 0x5c 0x2a 0x4d 0x18),
    signature!(Zstd: 0x5d 0x2a 0x4d 0x18),
    signature!(Zstd: 0x5e 0x2a 0x4d 0x18),
    signature!(Zstd: 0x5f 0x2a 0x4d 0x18),
];
