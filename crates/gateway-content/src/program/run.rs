//! Runs a packed program until it has unpacked itself: until control goes to another section than
//! the code that wrote is in, to bytes that were written meanwhile, or after many were.
//!
//! Packers are nested, so the run goes on from there, up to where the program does what no unpacking
//! code does: calls a function of the system that is not one of few, or ends. The last such layer
//! is what it unpacked to: before it nothing was done that could be felt outside.

use std::ops::Range;

use bytes::Bytes;
use gateway_inspect::Unscannable;

use super::emulator::{Machine, Stop};
use super::layout::Layout;
use super::loader;

/// Bytes that are written by what unpacks a program, at the least.
const WRITTEN_MIN: usize = 512;
/// The most layers that are followed.
const LAYERS_MAX: u32 = 16;
/// Bytes that are copied in the time of an instruction.
const COPIED_BYTES: u64 = 64;
/// What it takes to load a program and to let go of it, in instructions, its bytes aside.
const LOADED_STEPS: u64 = 1 << 13;

/// A program on its way.
pub(crate) struct Run {
    machine: Machine,
    /// Where the code lies that unpacks, and all sections.
    layer: Range<u32>,
    sections: Vec<Range<u32>>,
    layers: u32,
    unpacked: Option<Unpacked>,
    /// Whether bytes were run that had been written.
    ran_written: bool,
}

/// A program that has unpacked itself.
pub(crate) struct Unpacked {
    /// What lies in memory where the program does.
    pub(crate) image: Vec<u8>,
    /// What was allocated.
    pub(crate) allocated: Vec<u8>,
    /// Where it goes on, counted from its start in memory.
    pub(crate) entry: u32,
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) unpacked: Option<Unpacked>,
    /// Why that may not be all.
    pub(crate) failed: Option<Unscannable>,
}

impl Run {
    /// The program in `file` before its first instruction; `bytes_max` bounds its memory.
    pub(crate) fn new(file: &Bytes, layout: &Layout, bytes_max: usize) -> Option<Self> {
        let mut machine = loader::load(file, layout, bytes_max)?;
        machine.steps = LOADED_STEPS + machine.memory.image().len() as u64 / COPIED_BYTES;
        let at = |range: Range<u32>| {
            layout.base.saturating_add(range.start)..layout.base.saturating_add(range.end)
        };
        let sections: Vec<_> = layout.sections.iter().map(|s| at(s.range())).collect();
        let layer =
            range_at(&sections, machine.at).unwrap_or_else(|| at(0..layout.headers_in_memory));
        Some(Self { machine, layer, sections, layers: 0, unpacked: None, ran_written: false })
    }

    /// Instructions done so far.
    pub(crate) fn steps(&self) -> u64 {
        self.machine.steps
    }

    /// Goes on for some `steps`: how it ended, if it has.
    pub(crate) fn go_on(&mut self, steps: u64) -> Option<Ended> {
        let until = self.machine.steps.saturating_add(steps);
        while self.machine.steps < until {
            if let Err(stop) = self.machine.step() {
                return Some(self.end(Some(stop)));
            }
            let at = self.machine.at;
            if self.layer.contains(&at) {
                self.ran_written = self.ran_written || self.machine.memory.is_written(at);
            } else if self.is_unpacked(at) {
                if self.layers >= LAYERS_MAX {
                    return Some(self.end(None));
                }
                self.begin_layer(at);
            }
        }
        None
    }

    /// Whether code at `at`, outside of what unpacks, is what was unpacked.
    fn is_unpacked(&self, at: u32) -> bool {
        let memory = &self.machine.memory;
        memory.is_written(at)
            || memory.written() >= WRITTEN_MIN && range_at(&self.sections, at).is_some()
    }

    /// The program goes on in what was unpacked.
    fn begin_layer(&mut self, at: u32) {
        self.layers += 1;
        self.layer = range_at(&self.sections, at).unwrap_or_else(|| at..at.saturating_add(1));
        self.take();
        self.machine.memory.forget_written();
        self.ran_written = false;
    }

    /// Takes what is in memory now.
    fn take(&mut self) {
        self.unpacked = None;
        let memory = &self.machine.memory;
        let image = memory.image().to_vec();
        let regions = self.machine.system.regions.iter();
        let allocated = regions.filter_map(|base| memory.region(*base)).flat_map(trimmed);
        let allocated: Vec<u8> = allocated.copied().collect();
        self.machine.steps += (image.len() + allocated.len()) as u64 / COPIED_BYTES;
        let entry = self.machine.at.wrapping_sub(memory.base());
        self.unpacked = Some(Unpacked { image, allocated, entry });
    }

    /// Ends the run, at `stop` or because it may go on no longer.
    pub(crate) fn end(&mut self, stop: Option<Stop>) -> Ended {
        let is_found = self.unpacked.is_some();
        let has_written = self.ran_written || self.machine.memory.written() >= WRITTEN_MIN;
        if !is_found && has_written {
            self.take();
        }
        let failed = match stop {
            None => Some(Unscannable::WorkExceeded),
            // So programs do.
            Some(Stop::Call | Stop::Exit) if is_found => None,
            Some(_) => Some(Unscannable::Unsupported),
        };
        Ended { unpacked: self.unpacked.take(), failed }
    }
}

fn range_at(sections: &[Range<u32>], at: u32) -> Option<Range<u32>> {
    sections.iter().find(|section| section.contains(&at)).cloned()
}

/// Without the zeros at the end.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.get(..end).unwrap_or_default()
}
