//! PPMd, by D. Shkarin: a byte is told by the bytes before it, as many of them as were met together. Variant H as 7z
//! has it, and variant I as ZIP has it.

mod coder;
mod context;
mod estimate;
mod heap;
mod held;
mod model;
mod room;
mod running;
mod sizes;
mod update;
#[cfg(test)]
mod written;

use bytes::BytesMut;
use gateway_inspect::Unscannable;

pub(crate) use self::coder::Kind;
pub(crate) use self::model::Restoration;
pub(crate) use self::running::{Running, SYMBOL_BYTES_MAX, memory_max};
#[cfg(test)]
pub(crate) use self::written::Written;
use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::ratio::Ratio;
use super::transform::Transform;
use crate::Limits;

/// Bytes that may wait to be decoded.
const PENDING_MAX: usize = 1 << 10;
/// The least memory of a model, and the most, in bytes.
const MEMORY_MIN: u32 = 2 << 10;
const MEMORY_MAX: u32 = u32::MAX - 36;

/// Which of the variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    H,
    I,
}

/// What stands before the data, or beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parameters {
    pub(crate) variant: Variant,
    pub(crate) kind: Kind,
    /// Bytes before a symbol that tell it, at the most.
    pub(crate) order: u32,
    /// Bytes of the model.
    pub(crate) memory: u32,
    pub(crate) restoration: Restoration,
}

impl Parameters {
    /// Of variant H, which begins anew when its memory is full.
    fn seven_zip(properties: &[u8]) -> Result<Self, Unscannable> {
        let [order, memory @ ..] = properties.first_chunk::<5>().ok_or(Unscannable::Malformed)?;
        let (order, memory) = (u32::from(*order), u32::from_le_bytes(*memory));
        if !(2..=64).contains(&order) || !(MEMORY_MIN..=MEMORY_MAX).contains(&memory) {
            return Err(Unscannable::Unsupported);
        }
        let (variant, kind, restoration) = (Variant::H, Kind::Carried, Restoration::Restart);
        Ok(Self { variant, kind, order, memory, restoration })
    }

    /// Of variant I (APPNOTE, section 5.10): the order in four bits, MiB in eight, what is done once the memory is
    /// full in four.
    fn zip(bytes: [u8; 2]) -> Result<Self, Unscannable> {
        let field = u32::from(u16::from_le_bytes(bytes));
        let order = (field & 0xf) + 1;
        let restoration = match field >> 12 {
            0 => Restoration::Restart,
            1 => Restoration::CutOff,
            // What no encoder is known to write: the model stays as it is.
            _ => return Err(Unscannable::Unsupported),
        };
        if order < 2 {
            return Err(Unscannable::Unsupported);
        }
        let memory = ((field >> 4 & 0xff) + 1) << 20;
        let (variant, kind) = (Variant::I, Kind::Carryless);
        Ok(Self { variant, kind, order, memory, restoration })
    }
}

/// A stream on its way.
pub(crate) struct Ppmd {
    /// What was told beside the data.
    parameters: Option<Parameters>,
    running: Option<Box<Running>>,
    /// Bytes that wait: of the header, or for those that follow.
    pending: Vec<u8>,
    left: u64,
    drained: bool,
    ratio: Ratio,
    model_bytes_max: usize,
}

impl Ppmd {
    /// A stream of 7z that yields `size` bytes, of which its properties tell.
    ///
    /// # Errors
    /// They are none.
    pub(crate) fn seven_zip(
        properties: &[u8],
        size: u64,
        limits: &Limits,
    ) -> Result<Self, Unscannable> {
        Ok(Self::new(Parameters::seven_zip(properties)?, size, limits))
    }

    /// A stream that yields `size` bytes, of which all else is told.
    pub(crate) fn new(parameters: Parameters, size: u64, limits: &Limits) -> Self {
        Self { parameters: Some(parameters), ..Self::zip(size, limits) }
    }

    /// A stream of ZIP that yields `size` bytes.
    pub(crate) fn zip(size: u64, limits: &Limits) -> Self {
        Self {
            parameters: None,
            running: None,
            pending: Vec::new(),
            left: size,
            drained: true,
            ratio: Ratio::new(limits),
            model_bytes_max: limits.model_bytes_max,
        }
    }

    /// Bytes of the header, those included with which the coder begins.
    fn head_bytes(&self) -> usize {
        match self.parameters {
            Some(parameters) => parameters.kind.start_bytes(),
            None => 2 + Kind::Carryless.start_bytes(),
        }
    }

    fn read_head(&mut self) -> Result<(), Unscannable> {
        let head = std::mem::take(&mut self.pending);
        let (parameters, start) = match (self.parameters, &*head) {
            (Some(parameters), start) => (parameters, start),
            (None, [a, b, start @ ..]) => (Parameters::zip([*a, *b])?, start),
            (None, _) => return Err(Unscannable::Malformed),
        };
        let running = Running::new(parameters, start, self.model_bytes_max);
        self.running = Some(Box::new(running.ok_or(Unscannable::Malformed)?));
        self.parameters = Some(parameters);
        Ok(())
    }

    /// Decodes what waits.
    fn decode(&mut self, last: bool, taken: usize, out: &mut BytesMut) -> Decoded {
        let Some(running) = &mut self.running else { return Decoded::More };
        let before = out.len();
        let room = usize::try_from(self.left).unwrap_or(WINDOW).min(WINDOW);
        let (used, is_starved) = running.run(&self.pending, last, room, out);
        self.pending.drain(..used);
        let produced = out.len() - before;
        self.left -= produced as u64;
        self.drained = is_starved != Ok(false);
        if let Err(reason) = self.ratio.add(taken, produced, out) {
            return Decoded::Failed(reason);
        }
        match is_starved {
            Err(reason) => Decoded::Failed(reason),
            Ok(_) if self.left == 0 => {
                self.drained = true;
                Decoded::End
            }
            Ok(_) => Decoded::More,
        }
    }
}

impl Transform for Ppmd {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        if self.left == 0 {
            return (0, Decoded::End);
        }
        if self.running.is_none() {
            let want = self.head_bytes() - self.pending.len();
            let head = input.get(..want).unwrap_or(input);
            self.pending.extend_from_slice(head);
            if self.pending.len() < self.head_bytes() {
                return (head.len(), Decoded::More);
            }
            let taken = self.head_bytes();
            let decoded = match self.read_head() {
                Ok(()) => self.decode(false, taken, out),
                Err(reason) => Decoded::Failed(reason),
            };
            return (head.len(), decoded);
        }
        let input = self.ratio.of_step(input, self.drained);
        let room = PENDING_MAX - self.pending.len().min(PENDING_MAX);
        let taken = input.get(..room).unwrap_or(input);
        self.pending.extend_from_slice(taken);
        let taken = taken.len();
        (taken, self.decode(false, taken, out))
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        // What waits is less than what one symbol may take, so it is soon used up.
        while self.left > 0 && self.running.is_some() {
            match self.decode(true, 0, out) {
                Decoded::Failed(reason) => return Err(reason),
                Decoded::End => return Ok(()),
                Decoded::More | Decoded::Foreign { .. } => {}
            }
        }
        if self.left == 0 { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    fn is_drained(&self) -> bool {
        self.drained
    }

    fn lag(&self) -> usize {
        self.pending.len()
    }

    fn expands(&self) -> bool {
        true
    }

    fn is_checked(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        self.ratio.work() + self.running.as_ref().map_or(0, |running| running.work())
    }

    fn memory_max(&self) -> usize {
        let memory = self.parameters.map_or(MEMORY_MAX, |parameters| parameters.memory);
        memory_max(memory, self.model_bytes_max)
    }

    fn unread(&self) -> &[u8] {
        &self.pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packed;

    /// [`packed::content`] as 7-Zip packs it for 7z, by order 6 in 64 KiB, and for ZIP.
    const SEVEN_ZIP: &str = "0061036e1e692c6e0f17b6f8e1a6f70985cd29b8d4d68451e179000066e7eeb1faec31e8b9\
         69e858ad8d8874bcb560ce23bd916ef200";
    const ZIP: &str = "070061036df5715b2cbd575735f2030d5bafd4cd117a9ef5819d000002e2e21851320c6741\
         d85c696164e80ca6d51df6107b8377eff000";
    const PROPERTIES: [u8; 5] = [6, 0, 0, 1, 0];

    /// What comes out of `body` in pieces, and how it ends.
    fn unpack(mut ppmd: Ppmd, body: &[u8], cut: usize) -> (Vec<u8>, Result<(), Unscannable>) {
        let mut out = BytesMut::new();
        for piece in body.chunks(cut) {
            let mut rest = piece;
            while !(rest.is_empty() && ppmd.is_drained()) {
                let (used, decoded) = ppmd.run(rest, &mut out);
                rest = &rest[used..];
                match decoded {
                    Decoded::More => {}
                    Decoded::Failed(reason) => return (out.to_vec(), Err(reason)),
                    Decoded::End | Decoded::Foreign { .. } => return (out.to_vec(), Ok(())),
                }
            }
        }
        let end = ppmd.finish(&mut out);
        (out.to_vec(), end)
    }

    fn of_seven_zip(size: u64, limits: &Limits) -> Ppmd {
        Ppmd::seven_zip(&PROPERTIES, size, limits).unwrap()
    }

    #[test]
    fn what_7_zip_packed_is_unpacked() {
        let (content, limits) = (packed::content(), Limits::default());
        let size = content.len() as u64;
        for cut in [1, 7, 1_000] {
            let seven_zip = unpack(of_seven_zip(size, &limits), &packed::bytes(SEVEN_ZIP), cut);
            assert_eq!(seven_zip, (content.clone(), Ok(())), "7z by {cut}");
            let zip = unpack(Ppmd::zip(size, &limits), &packed::bytes(ZIP), cut);
            assert_eq!(zip, (content.clone(), Ok(())), "ZIP by {cut}");
        }
    }

    #[test]
    fn streams_that_are_cut_or_end_too_soon_are_malformed() {
        let (content, limits) = (packed::content(), Limits::default());
        let (body, size) = (packed::bytes(SEVEN_ZIP), content.len() as u64);
        for cut in [0, 3, 5, body.len() - 12] {
            let (out, end) = unpack(of_seven_zip(size, &limits), &body[..cut], 2);
            assert_eq!(end, Err(Unscannable::Malformed), "{cut}");
            assert!(out.len() < content.len() && content.starts_with(&out), "{cut}");
        }
        let first = [&[1][..], &body[1..]].concat();
        let (out, end) = unpack(of_seven_zip(size, &limits), &first, 2);
        assert_eq!((out.len(), end), (0, Err(Unscannable::Malformed)));
    }

    #[test]
    fn parameters_that_no_encoder_writes_are_unsupported() {
        let [broken, unknown] = [Err(Unscannable::Malformed), Err(Unscannable::Unsupported)];
        for (properties, want) in [
            (&[6, 0, 0, 1][..], broken),
            (&[1, 0, 0, 1, 0], unknown),
            (&[65, 0, 0, 1, 0], unknown),
            (&[6, 0xff, 7, 0, 0], unknown),
            (&[6, 0xdc, 0xff, 0xff, 0xff], unknown),
            (&[64, 0, 8, 0, 0], Ok((64, 2 << 10))),
            (&[2, 0xdb, 0xff, 0xff, 0xff], Ok((2, u32::MAX - 36))),
        ] {
            let read = Parameters::seven_zip(properties);
            assert_eq!(read.map(|read| (read.order, read.memory)), want, "{properties:?}");
        }
        let unknown = Err(Unscannable::Unsupported);
        for (bytes, want) in [
            ([0, 0], unknown),
            ([1, 0x20], unknown),
            ([0xff, 0x2f], unknown),
            ([0xff, 0x1f], Ok((16, 256 << 20, Restoration::CutOff))),
            ([1, 0], Ok((2, 1 << 20, Restoration::Restart))),
        ] {
            let read = Parameters::zip(bytes);
            let read = read.map(|read| (read.order, read.memory, read.restoration));
            assert_eq!(read, want, "{bytes:?}");
        }
    }

    #[test]
    fn models_are_held_as_far_as_they_are_filled() {
        let limits = Limits { model_bytes_max: 0, ..Limits::default() };
        let (out, end) = unpack(of_seven_zip(445, &limits), &packed::bytes(SEVEN_ZIP), 9);
        assert_eq!((out.len(), end), (0, Err(Unscannable::TooLarge)));
        // All of the memory that is told is more than there is.
        let most = [2, 0xdb, 0xff, 0xff, 0xff];
        let limits = Limits::default();
        let ppmd = Ppmd::seven_zip(&most, 9, &limits).unwrap();
        assert!(ppmd.memory_max() < 30 << 20, "{}", ppmd.memory_max());
        assert_eq!(unpack(ppmd, &[0; 9], 1), (vec![0; 9], Ok(())));
    }

    #[test]
    fn zeros_are_as_many_as_the_ratio_allows() {
        let limits = Limits { ratio_max: 2, ratio_floor_bytes: 10, ..Limits::default() };
        for cut in [1, 21] {
            let (out, end) = unpack(of_seven_zip(40_000, &limits), &[0; 21], cut);
            assert_eq!((out.len(), end), (2 << 12, Err(Unscannable::RatioExceeded)));
        }
    }
}
