//! The target types of ClamAV body signatures, and the kinds of parts that they mean.

use gateway_inspect::PartKind;

use crate::image::stored_enum;

/// What a body signature is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// 0: every part.
    Any,
    /// 1: Windows programs.
    Pe,
    /// 2: compound files.
    Ole,
    /// 3: HTML. ClamAV looks at a normalised copy too; here it is the bytes as they are.
    Html,
    /// 5: images.
    Graphics,
    /// 6: ELF programs.
    Elf,
    /// 7: text. ClamAV looks at a normalised copy too; here it is the bytes as they are.
    Text,
    /// 9: Mach-O programs.
    MachO,
    /// 10: PDF.
    Pdf,
    /// 11: movies of Adobe Flash.
    Flash,
    /// 12: Java classes.
    Java,
}

impl Target {
    /// The target that `number` stands for, if parts of that kind are told apart.
    pub(crate) const fn from_number(number: u64) -> Option<Self> {
        match number {
            0 => Some(Self::Any),
            1 => Some(Self::Pe),
            2 => Some(Self::Ole),
            3 => Some(Self::Html),
            5 => Some(Self::Graphics),
            6 => Some(Self::Elf),
            7 => Some(Self::Text),
            9 => Some(Self::MachO),
            10 => Some(Self::Pdf),
            11 => Some(Self::Flash),
            12 => Some(Self::Java),
            _ => None,
        }
    }

    /// Whether what is for `other` is looked for in parts that are this.
    pub(crate) const fn includes(self, other: Self) -> bool {
        matches!(other, Self::Any) || self as u8 == other as u8
    }

    /// The target that a part of this kind is, besides [`Target::Any`].
    pub(crate) const fn of(kind: PartKind) -> Option<Self> {
        match kind {
            PartKind::Pe => Some(Self::Pe),
            PartKind::Ole => Some(Self::Ole),
            PartKind::Html => Some(Self::Html),
            PartKind::Gif | PartKind::Jpeg | PartKind::Png | PartKind::WebP => Some(Self::Graphics),
            PartKind::Elf => Some(Self::Elf),
            PartKind::Json | PartKind::Script | PartKind::Text | PartKind::Xml => Some(Self::Text),
            PartKind::MachO => Some(Self::MachO),
            PartKind::Pdf => Some(Self::Pdf),
            PartKind::Swf => Some(Self::Flash),
            PartKind::JavaClass => Some(Self::Java),
            _ => None,
        }
    }
}

stored_enum!(Target {
    0 => Any,
    1 => Pe,
    2 => Ole,
    3 => Html,
    5 => Graphics,
    6 => Elf,
    7 => Text,
    9 => MachO,
    10 => Pdf,
    11 => Flash,
    12 => Java,
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_but_any_is_the_target_of_a_kind() {
        let reached: Vec<_> = PartKind::ALL.iter().filter_map(|kind| Target::of(*kind)).collect();
        for number in 1..=14 {
            if let Some(target) = Target::from_number(number) {
                assert!(reached.contains(&target), "{target:?}");
            }
        }
        assert_eq!(Target::of(PartKind::Unknown), None);
        assert_eq!(Target::from_number(15), None);
    }
}
