//! Programs packed by UPX: what its stub would unpack to memory, before filters are undone and
//! imports are found.

use bytes::{Bytes, BytesMut};
use memchr::memmem;

use super::layout::Layout;
use super::nrv::{Method, Nrv};
use crate::Limits;
use crate::archive::Member;
use crate::archive::headed::u32_at;
use crate::coding::decoder::Decoder;
use crate::coding::held::HeldThrough;
use crate::coding::lzma_alone::{Layout as LzmaLayout, LzmaAlone};
use crate::coding::transform::Transform;

/// How the stub begins: `pushad`, and `mov esi` with the address of the packed bytes.
const STUB: &[u8] = b"\x60\xbe";
/// The same for 64 bits, with the distance to them.
const WIDE_STUB: &[u8] = b"\x53\x56\x57\x55\x48\x8d\x35";
/// What begins the header that tells the method, and where that is looked for.
const MAGIC: &[u8] = b"UPX!";
const MAGIC_BYTES_MAX: usize = 4 << 10;

/// Whether a program may be one of those.
pub(crate) fn is_likely(layout: &Layout) -> bool {
    layout.has_room()
}

/// What a program unpacks to, if it was packed so.
pub(crate) fn member(file: &Bytes, layout: &Layout, limits: &Limits) -> Option<Member> {
    let stub = layout.at(file, layout.entry)?;
    let source = if stub.starts_with(STUB) {
        u32_at(stub, 2).wrapping_sub(layout.base)
    } else if stub.starts_with(WIDE_STUB) && layout.is_wide {
        layout.entry.wrapping_add(11).wrapping_add(u32_at(stub, 7))
    } else {
        return None;
    };
    let packed = file.slice_ref(layout.at(file, source)?);
    let transform = transform(file, &packed, limits)?;
    let member = Member::stream("upx", Vec::new(), Decoder::Other(transform));
    Some(Member { from: Some(0), ..member })
}

fn transform(file: &Bytes, packed: &Bytes, limits: &Limits) -> Option<Box<dyn Transform>> {
    let start = file.get(..MAGIC_BYTES_MAX).unwrap_or(file);
    let header = memmem::find(start, MAGIC).and_then(|at| file.get(at..at + 32));
    let nrv = |method| Nrv::new(method, packed.clone(), limits);
    let method = match header.and_then(|header| header.get(6)) {
        Some(2) => Some(Method::B),
        Some(5) => Some(Method::D),
        Some(8) => Some(Method::E),
        Some(14) => return lzma(u32_at(header?, 16), packed, limits),
        _ => None,
    };
    // Who wants to hide it takes the header out: the stub does not need it.
    let all = [Method::B, Method::D, Method::E];
    let method = method.or_else(|| all.into_iter().find(|method| nrv(*method).makes_sense()))?;
    Some(Box::new(nrv(method)))
}

/// Two bytes that tell the properties, then LZMA.
fn lzma(size: u32, packed: &Bytes, limits: &Limits) -> Option<Box<dyn Transform>> {
    let (Some(first), Some(second)) = (packed.first(), packed.get(1)) else { return None };
    let (pb, lp, lc) = (first & 7, second >> 4, second & 15);
    if pb > 4 || lp > 4 || lc > 8 {
        return None;
    }
    let mut stream = BytesMut::new();
    stream.extend_from_slice(&[(pb * 5 + lp) * 9 + lc]);
    stream.extend_from_slice(&size.to_le_bytes());
    stream.extend_from_slice(&u64::from(size).to_le_bytes());
    stream.extend_from_slice(packed.get(2..)?);
    let decoder = LzmaAlone::new(LzmaLayout::File, None, limits);
    Some(Box::new(HeldThrough::new(stream.freeze(), vec![Box::new(decoder)])))
}
