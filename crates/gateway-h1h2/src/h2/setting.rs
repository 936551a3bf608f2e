//! The settings of a peer, as far as a wrong value must be told before the engine sees it: that of
//! `INITIAL_WINDOW_SIZE` (RFC 9113 §6.5.2). The others are the engine's to check.

use super::Fault;

/// A setting (RFC 9113 §6.5.1), byte by byte.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Setting {
    bytes: u32,
    id: u16,
    value: u32,
}

impl Setting {
    /// `INITIAL_WINDOW_SIZE`
    const WINDOW: u16 = 0x4;
    /// The largest window (RFC 9113 §6.9.1).
    const WINDOW_BYTES_MAX: u32 = (1 << 31) - 1;

    /// The next byte; the fault if with it a setting has a value that the engine has another code
    /// for.
    pub(super) fn push(&mut self, byte: u8) -> Result<(), Fault> {
        match self.bytes % 6 {
            0 => self.id = u16::from(byte),
            1 => self.id = self.id << 8 | u16::from(byte),
            _ => self.value = self.value << 8 | u32::from(byte),
        }
        self.bytes += 1;
        let is_whole = self.bytes.is_multiple_of(6);
        match is_whole && self.id == Self::WINDOW && self.value > Self::WINDOW_BYTES_MAX {
            true => Err(Fault::FlowControl),
            false => Ok(()),
        }
    }
}
