//! The three ways of UCL (NRV2B, NRV2D, NRV2E) by which UPX packs: bits in words of 32, highest
//! first, with bytes between the words. Matches reach back as far as anything was unpacked.

use bytes::{Bytes, BytesMut};
use gateway_inspect::Unscannable;

use crate::Limits;
use crate::coding::decoder::Decoded;
use crate::coding::inflate::WINDOW;
use crate::coding::transform::Transform;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    B,
    D,
    E,
}

/// Packed bytes that are all there, on their way.
pub(crate) struct Nrv {
    method: Method,
    bytes: Bytes,
    at: usize,
    word: u32,
    bits: u32,
    out: Vec<u8>,
    last: u32,
    out_max: usize,
    limit: Unscannable,
}

/// The packed bytes end too early, or make no sense.
struct Broken;

impl Nrv {
    pub(crate) fn new(method: Method, bytes: Bytes, limits: &Limits) -> Self {
        let by_ratio = bytes
            .len()
            .saturating_mul(limits.ratio_max as usize)
            .max(usize::try_from(limits.ratio_floor_bytes).unwrap_or(usize::MAX));
        let (out_max, limit) = if by_ratio < limits.gathered_bytes_max {
            (by_ratio, Unscannable::RatioExceeded)
        } else {
            (limits.gathered_bytes_max, Unscannable::TooLarge)
        };
        Self { method, bytes, at: 0, word: 0, bits: 0, out: Vec::new(), last: 1, out_max, limit }
    }

    fn byte(&mut self) -> Result<u32, Broken> {
        let byte = self.bytes.get(self.at).ok_or(Broken)?;
        self.at += 1;
        Ok(u32::from(*byte))
    }

    fn bit(&mut self) -> Result<u32, Broken> {
        if self.bits == 0 {
            let word = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk());
            self.word = u32::from_le_bytes(*word.ok_or(Broken)?);
            self.at += 4;
            self.bits = 32;
        }
        self.bits -= 1;
        Ok(self.word >> self.bits & 1)
    }

    /// A number of as many bits as there are zeros between them.
    fn number(&mut self) -> Result<u32, Broken> {
        let mut value = 1u32;
        loop {
            value = value.wrapping_mul(2).wrapping_add(self.bit()?);
            if self.bit()? == 1 {
                return Ok(value);
            }
        }
    }

    /// How far back a match is, with what of its length is told there; none at the end.
    fn distance(&mut self) -> Result<Option<(u32, u32)>, Broken> {
        if self.method == Method::B {
            let value = self.number()?;
            if value == 2 {
                return Ok(Some((self.last, 0)));
            }
            let value = value.wrapping_sub(3).wrapping_mul(256).wrapping_add(self.byte()?);
            if value == u32::MAX {
                return Ok(None);
            }
            self.last = value.wrapping_add(1);
            return Ok(Some((self.last, 0)));
        }
        let mut value = 1u32;
        loop {
            value = value.wrapping_mul(2).wrapping_add(self.bit()?);
            if self.bit()? == 1 {
                break;
            }
            value = value.wrapping_sub(1).wrapping_mul(2).wrapping_add(self.bit()?);
        }
        if value == 2 {
            return Ok(Some((self.last, self.bit()?)));
        }
        let value = value.wrapping_sub(3).wrapping_mul(256).wrapping_add(self.byte()?);
        if value == u32::MAX {
            return Ok(None);
        }
        self.last = (value >> 1).wrapping_add(1);
        Ok(Some((self.last, !value & 1)))
    }

    fn length(&mut self, distance: u32, told: u32) -> Result<u32, Broken> {
        let (length, near) = match self.method {
            Method::B | Method::D => {
                let first = if self.method == Method::B { self.bit()? } else { told };
                let length = first * 2 + self.bit()?;
                let near = if self.method == Method::B { 0xd00 } else { 0x500 };
                (if length == 0 { self.number()?.wrapping_add(2) } else { length }, near)
            }
            Method::E => {
                let length = match told {
                    1 => 1 + self.bit()?,
                    _ if self.bit()? == 1 => 3 + self.bit()?,
                    _ => self.number()?.wrapping_add(3),
                };
                (length, 0x500)
            }
        };
        Ok(length.wrapping_add(u32::from(distance > near)).wrapping_add(1))
    }

    /// The next byte or match: whether there was one.
    fn step(&mut self) -> Result<bool, Broken> {
        if self.bit()? == 1 {
            let byte = self.byte()?;
            self.out.push(byte as u8);
            return Ok(true);
        }
        let Some((distance, told)) = self.distance()? else { return Ok(false) };
        let length = self.length(distance, told)?;
        let from = self.out.len().checked_sub(distance as usize).ok_or(Broken)?;
        let room = (self.out_max + 1).saturating_sub(self.out.len());
        for i in 0..(length as usize).min(room) {
            let byte = self.out.get(from + i).copied().ok_or(Broken)?;
            self.out.push(byte);
        }
        Ok(true)
    }

    /// Whether all of it makes sense.
    pub(crate) fn makes_sense(mut self) -> bool {
        loop {
            match self.step() {
                Ok(true) if self.out.len() <= self.out_max => {}
                Ok(is_going) => return !is_going,
                Err(Broken) => return false,
            }
        }
    }
}

impl Transform for Nrv {
    fn run(&mut self, _input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let before = self.out.len();
        let mut decoded = Decoded::More;
        while decoded == Decoded::More && self.out.len() < before + WINDOW {
            decoded = match self.step() {
                Ok(_) if self.out.len() > self.out_max => Decoded::Failed(self.limit),
                Ok(true) => Decoded::More,
                Ok(false) => Decoded::End,
                Err(Broken) => Decoded::Failed(Unscannable::Malformed),
            };
        }
        self.out.truncate(self.out_max);
        out.extend_from_slice(self.out.get(before..).unwrap_or_default());
        (0, decoded)
    }

    fn is_drained(&self) -> bool {
        false
    }

    fn is_settled(&self) -> bool {
        false
    }

    fn expands(&self) -> bool {
        true
    }

    fn work(&self) -> u64 {
        (self.at + self.out.len()) as u64 * 2
    }

    fn memory_max(&self) -> usize {
        self.bytes.len() + 2 * self.out_max
    }
}
