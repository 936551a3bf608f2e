//! A model with the coder that tells it what comes, and what both may cost.

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;

use super::Parameters;
use super::coder::{self, Coder};
use super::heap::Heap;
use super::model::Model;
use crate::coding::range::Source;

/// The most bytes that one symbol takes: a choice in a context of each length, of 64 at the most, and of none.
pub(crate) const SYMBOL_BYTES_MAX: usize = 66 * coder::BYTES_MAX;
/// Bytes for what is no context of a model: estimates, tables, bytes that wait.
const REST_BYTES: usize = 128 << 10;
/// Steps beside one for each symbol that the model may take, and more of them for each symbol that came.
const VISITS_FLOOR: u64 = 64 << 20;
const VISITS_PER_SYMBOL: u64 = 2 << 10;
/// Of these, steps until others have their turn.
const VISITS_TURN: u64 = 1 << 20;
/// What a symbol costs, beside a step, in bytes of output that take as long.
const SYMBOL_WORK: u64 = 16;

/// Bytes that a model may hold at the most that was told to take `memory` of them, where it may fill
/// `model_bytes_max`.
pub(crate) fn memory_max(memory: u32, model_bytes_max: usize) -> usize {
    let memory = memory as usize;
    // There may be room for all once there is for all units, which take seven eighths. What there was, half of what
    // may be filled, and text, with half as much room again, stay until they were copied.
    let most = (model_bytes_max / 7 * 8).min(memory);
    most + model_bytes_max.min(memory) / 2 + most / 16 * 3 + REST_BYTES
}

/// What decodes.
pub(crate) struct Running {
    model: Model,
    coder: Coder,
    symbols: u64,
}

impl Running {
    /// At the beginning, with what the coder begins with; `None` if that is no beginning.
    pub(crate) fn new(
        parameters: Parameters,
        start: &[u8],
        model_bytes_max: usize,
    ) -> Option<Self> {
        let Parameters { variant, kind, order, memory, restoration } = parameters;
        let coder = Coder::new(kind, start)?;
        let heap = Heap::new(variant, memory, model_bytes_max);
        Some(Self { model: Model::new(variant, order, restoration, heap), coder, symbols: 0 })
    }

    /// The same model with a coder that begins anew, if that is a beginning.
    pub(crate) fn begin_again(&mut self, kind: coder::Kind, start: &[u8]) -> Option<()> {
        self.coder = Coder::new(kind, start)?;
        Some(())
    }

    /// The next symbol; `None` for the mark of an end.
    ///
    /// # Errors
    /// The bytes make no sense or end, or the model is larger or takes longer than it may.
    pub(in crate::coding) fn symbol(
        &mut self,
        source: &mut Source<'_>,
    ) -> Result<Option<u8>, Unscannable> {
        let symbol = self.model.decode(&mut self.coder, source)?;
        self.symbols += 1;
        if source.short {
            return Err(Unscannable::Malformed);
        }
        if self.model.heap.held.is_over() {
            return Err(Unscannable::TooLarge);
        }
        if self.visits() > VISITS_FLOOR + VISITS_PER_SYMBOL * self.symbols {
            return Err(Unscannable::WorkExceeded);
        }
        Ok(symbol)
    }

    /// Decodes from `input` until `out` has grown by `room` bytes, or others are to have their turn: how many bytes
    /// were used, and whether more were needed. Symbols that may need more bytes than there are wait, unless
    /// there are no more: `last`.
    pub(super) fn run(
        &mut self,
        input: &[u8],
        last: bool,
        room: usize,
        out: &mut BytesMut,
    ) -> (usize, Result<bool, Unscannable>) {
        let mut source = Source { bytes: input, at: 0, short: false };
        let until = self.visits() + VISITS_TURN;
        for _ in 0..room {
            if !last && input.len() - source.at < SYMBOL_BYTES_MAX {
                return (source.at, Ok(true));
            }
            match self.symbol(&mut source) {
                Ok(Some(byte)) => out.put_u8(byte),
                Ok(None) => return (source.at, Err(Unscannable::Malformed)),
                Err(reason) => return (source.at, Err(reason)),
            }
            if self.visits() > until {
                break;
            }
        }
        (source.at, Ok(false))
    }

    const fn visits(&self) -> u64 {
        self.model.visits + self.model.heap.visits
    }

    /// What it has cost, in bytes of output that take as long.
    pub(crate) const fn work(&self) -> u64 {
        SYMBOL_WORK * self.symbols + self.visits()
    }
}
