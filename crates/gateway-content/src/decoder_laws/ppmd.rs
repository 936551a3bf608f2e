//! Models of PPMd for the laws: of either variant, of any order and of little memory, so that they are soon full.

use crate::Limits;
use crate::coding::bounded::Bounded;
use crate::coding::ppmd::{Kind, Parameters, Ppmd, Restoration, Variant};
use crate::coding::transform::Transform;

/// The one that `option` chooses, for `body` that yields so many bytes; its highest bit bounds it by a container.
pub(super) fn decoder(
    option: u8,
    body: &[u8],
    unpacked: u64,
    limits: &Limits,
) -> Box<dyn Transform> {
    let (variant, kind, restoration) = match option & 3 {
        0 => (Variant::H, Kind::Carried, Restoration::Restart),
        1 => (Variant::H, Kind::Carryless, Restoration::Restart),
        2 => (Variant::I, Kind::Carryless, Restoration::Restart),
        _ => (Variant::I, Kind::Carryless, Restoration::CutOff),
    };
    let memory = [2 << 10, 5_000, 16_001, 1 << 20][usize::from(option >> 2 & 3)];
    let order = [2, 3, 4, 6, 9, 12, 16, 64][usize::from(option >> 4 & 7)];
    let order = if variant == Variant::I { order.min(16) } else { order };
    let parameters = Parameters { variant, kind, order, memory, restoration };
    let ppmd = Ppmd::new(parameters, unpacked, limits);
    if option & 0x80 == 0 {
        Box::new(ppmd)
    } else {
        Box::new(Bounded::new(ppmd, Some(body.len() as u64)))
    }
}
