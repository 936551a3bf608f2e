//! The forms of signature files, and what tells their lines apart.

use crate::digest_set::DigestSet;
use crate::layer::Layer;

/// What a digest is of, as an index into those of the builder.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    File,
    /// A section of a program.
    Section,
    /// What a program imports.
    Imports,
    /// A file in which nothing is found.
    Exempt,
}

impl Of {
    /// Where a layer has such signatures.
    pub(super) const fn set(self) -> Option<fn(&Layer) -> &DigestSet> {
        match self {
            Self::File => Some(Layer::files),
            Self::Section => Some(Layer::sections),
            Self::Imports => Some(Layer::imports),
            Self::Exempt => None,
        }
    }
}

/// How many of those there are.
pub(super) const DIGESTS: usize = 4;

/// What tells names of signatures that are not in force from lines of other forms.
pub(super) const IGNORED: u8 = 6;

/// The form of the lines of a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Body,
    Digest(Of),
    FileType,
    /// Names of signatures, and how many fields stand before each.
    Ignored {
        before: usize,
    },
    Logical,
    Member,
    /// Signatures of a kind that is not supported, one a line.
    OtherLines,
    /// Such a signature that takes the whole file.
    Other,
}

impl Form {
    /// What tells its lines from those of other forms, where it is by their lines that signatures are
    /// known again.
    pub(super) const fn tag(self) -> Option<u8> {
        match self {
            Self::Body => Some(1),
            Self::Logical => Some(2),
            Self::Member => Some(3),
            Self::Digest(_)
            | Self::FileType
            | Self::Ignored { .. }
            | Self::OtherLines
            | Self::Other => None,
        }
    }

    /// The same for lines of digests, which are known again in blocks.
    pub(super) const fn block_tag(self) -> Option<u8> {
        match self {
            Self::Digest(Of::File) => Some(7),
            Self::Digest(Of::Imports) => Some(8),
            Self::Digest(Of::Section) => Some(9),
            Self::Body
            | Self::Digest(Of::Exempt)
            | Self::FileType
            | Self::Ignored { .. }
            | Self::Logical
            | Self::Member
            | Self::OtherLines
            | Self::Other => None,
        }
    }

    /// The same for lines that signatures of all files depend on.
    pub(super) const fn term_tag(self) -> Option<u8> {
        match self {
            Self::Digest(Of::Exempt) => Some(4),
            Self::FileType => Some(5),
            Self::Ignored { .. } => Some(IGNORED),
            Self::Body
            | Self::Digest(Of::File | Of::Imports | Of::Section)
            | Self::Logical
            | Self::Member
            | Self::OtherLines
            | Self::Other => None,
        }
    }

    pub(super) fn of(file: &str) -> Option<Self> {
        let (_, extension) = file.rsplit_once('.')?;
        match extension {
            "cdb" => Some(Self::Member),
            "fp" | "sfp" => Some(Self::Digest(Of::Exempt)),
            "ftm" => Some(Self::FileType),
            "hdb" | "hdu" | "hsb" | "hsu" => Some(Self::Digest(Of::File)),
            "ign" => Some(Self::Ignored { before: 2 }),
            "ign2" => Some(Self::Ignored { before: 0 }),
            "imp" => Some(Self::Digest(Of::Imports)),
            "ldb" | "ldu" => Some(Self::Logical),
            "mdb" | "mdu" | "msb" | "msu" => Some(Self::Digest(Of::Section)),
            "ndb" | "ndu" | "sdb" => Some(Self::Body),
            "cat" | "cfg" | "crb" | "gdb" | "idb" | "pdb" | "pwdb" | "wdb" => {
                Some(Self::OtherLines)
            }
            "cbc" | "ioc" | "yar" | "yara" => Some(Self::Other),
            _ => None,
        }
    }
}
