//! What of a program's layout stands further on in the file, gathered as it passes.

use crate::elf::Elf;
use crate::layout::Layout;
use crate::pe::{Head, Pe};
use crate::programs::overlap;
use crate::resources::{self, Outside, RESOURCE_BYTES_MAX, Resources};
use crate::target::Target;

/// A stretch of the file, and what it says.
#[derive(Debug)]
pub(crate) struct Rest {
    at: u64,
    len: u64,
    /// As far as it has passed.
    bytes: Vec<u8>,
    of: Of,
}

#[derive(Debug)]
enum Of {
    /// The table of sections of an ELF program.
    Sections(Elf),
    /// The resources of a Windows program.
    Resources(Pe),
}

/// Bytes of such a stretch, at most.
pub(crate) const REST_BYTES_MAX: usize = RESOURCE_BYTES_MAX as usize;

impl Rest {
    /// What stands further on in a part of `target` that begins with `head`.
    pub(crate) fn of(target: Option<Target>, head: &[u8]) -> Option<Self> {
        let (at, len, of) = match target? {
            Target::Elf => {
                let Head::Whole(elf) = Elf::read(head) else { return None };
                let (at, len) = elf.table();
                (at, len, Of::Sections(elf))
            }
            Target::Pe => {
                let Head::Whole(pe) = Pe::read(head) else { return None };
                let (at, len) = resources::stretch(&pe)?;
                (at, len, Of::Resources(pe))
            }
            _ => return None,
        };
        Some(Self { at, len, bytes: Vec::new(), of })
    }

    /// Shows it `bytes`, which begin at `at`.
    pub(crate) fn see(&mut self, at: u64, bytes: &[u8]) {
        self.bytes.extend_from_slice(overlap(self.at, self.len, at, bytes));
    }

    /// Adds to `layout`, of a part of `size` bytes, what it says.
    pub(crate) fn complete(&self, layout: &mut Layout, size: u64) -> Result<(), Outside> {
        match &self.of {
            Of::Sections(elf) => layout.sections = elf.sections(&self.bytes).unwrap_or_default(),
            Of::Resources(pe) => {
                let resources = Resources { pe, bytes: &self.bytes, at: self.at, size };
                layout.versions = resources.versions()?;
            }
        }
        Ok(())
    }
}
