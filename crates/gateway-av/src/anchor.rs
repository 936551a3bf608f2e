//! Where in a part a body signature may begin.

use crate::image::stored_enum;
use crate::layout::Layout;
use crate::target::Target;

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
    /// `plus` bytes behind a place that shows further on in a program, or up to `shift` bytes later.
    Late { place: Place, plus: i64, shift: u64 },
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
    /// The names of the strings of the version information.
    Version,
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
            Self::Program { place, plus, shift } => place.range(plus, shift, layout?),
            // Where it may be shows too late to be asked for here.
            Self::Late { .. } => Some((0, u64::MAX)),
        }
    }

    /// The first and the last position, of a place that is known in the end of a part that is laid out
    /// like `layout`, but for those that count from the end.
    pub(crate) fn range(self, layout: Option<&Layout>) -> Option<(u64, u64)> {
        match self {
            // As ClamAV has it.
            Self::Late { place: Place::Version, .. } => Some((0, u64::MAX)),
            Self::Late { place, plus, shift } => place.range(plus, shift, layout?),
            other => other.within(layout),
        }
    }

    /// Whether a late body may begin at `start` of a part that is laid out like `layout`, which is
    /// known to its end.
    pub(crate) fn allows_late(self, start: u64, layout: Option<&Layout>) -> bool {
        if let Self::Late { place: Place::Version, plus, .. } = self {
            let name = start.checked_add_signed(plus.saturating_neg());
            return layout.zip(name).is_some_and(|(layout, name)| layout.versions.contains(&name));
        }
        self.range(layout).is_some_and(|(first, last)| (first..=last).contains(&start))
    }

    /// The place that counts, if the whole of it shows at the end of parts of `target` only.
    pub(crate) fn deferred(self, target: Target) -> Self {
        match self {
            Self::Program {
                place: place @ (Place::Section(_) | Place::Inside(_) | Place::LastSection),
                plus,
                shift,
            } if target == Target::Elf => Self::Late { place, plus, shift },
            other => other,
        }
    }
}

impl Place {
    /// The first and the last position at `plus` bytes behind it, or up to `shift` bytes later.
    fn range(self, plus: i64, shift: u64, layout: &Layout) -> Option<(u64, u64)> {
        let (at, len) = self.find(layout)?;
        let first = at.checked_add_signed(plus)?;
        Some((first, first.saturating_add(len).saturating_add(shift)))
    }

    /// Where it lies, and over how many bytes it stretches.
    fn find(self, layout: &Layout) -> Option<(u64, u64)> {
        let section = |index: u32| layout.sections.get(index as usize).copied();
        match self {
            Self::Entry => Some((layout.entry?, 0)),
            Self::Section(index) => Some((section(index)?.0, 0)),
            Self::Inside(index) => section(index),
            Self::LastSection => Some((layout.sections.last()?.0, 0)),
            // They are many.
            Self::Version => None,
        }
    }
}

stored_enum!(Place { 0 => Entry, 1 => Section(index), 2 => Inside(index), 3 => LastSection, 4 => Version });
stored_enum!(Anchor {
    0 => Within { first, last },
    1 => FromEnd { back, shift },
    2 => Program { place, plus, shift },
    3 => Grouped { group },
    4 => Late { place, plus, shift },
});
