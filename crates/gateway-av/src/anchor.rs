//! Where in a part a body signature may begin.

use crate::image::stored_enum;
use crate::layout::Layout;

/// The places at which the first sub-part of a signature may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// From position `first` of the part to position `last`, both included.
    Within { first: u64, last: u64 },
    /// `back` bytes before the end of the part, or up to `shift` bytes later.
    FromEnd { back: u64, shift: u64 },
    /// `plus` bytes behind a place of a program, or up to `shift` bytes later.
    Program { place: Place, plus: i64, shift: u64 },
    /// Anywhere, as one of a group of bodies that macros name.
    Grouped { group: u8 },
}

/// A place of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where it begins to run.
    Entry,
    /// The beginning of a section, counted from 0.
    Section(u32),
    /// Anywhere in a section, counted from 0.
    Inside(u32),
    /// The beginning of the last section.
    LastSection,
}

impl Anchor {
    /// Anywhere.
    pub(crate) const ANYWHERE: Self = Self::Within { first: 0, last: u64::MAX };

    /// The first and the last position, if they are known before the end of a part that is laid
    /// out like `layout`.
    pub(crate) fn within(self, layout: Option<&Layout>) -> Option<(u64, u64)> {
        match self {
            Self::Within { first, last } => Some((first, last)),
            Self::Grouped { .. } => Some((0, u64::MAX)),
            Self::FromEnd { .. } => None,
            Self::Program { place, plus, shift } => {
                let (at, len) = place.find(layout?)?;
                let first = at.checked_add_signed(plus)?;
                Some((first, first.saturating_add(len).saturating_add(shift)))
            }
        }
    }
}

impl Place {
    /// Where it lies, and over how many bytes it stretches.
    fn find(self, layout: &Layout) -> Option<(u64, u64)> {
        let section = |index: u32| layout.sections.get(index as usize).copied();
        match self {
            Self::Entry => Some((layout.entry?, 0)),
            Self::Section(index) => Some((section(index)?.0, 0)),
            Self::Inside(index) => section(index),
            Self::LastSection => Some((layout.sections.last()?.0, 0)),
        }
    }
}

stored_enum!(Place { 0 => Entry, 1 => Section(index), 2 => Inside(index), 3 => LastSection });
stored_enum!(Anchor {
    0 => Within { first, last },
    1 => FromEnd { back, shift },
    2 => Program { place, plus, shift },
    3 => Grouped { group },
});
