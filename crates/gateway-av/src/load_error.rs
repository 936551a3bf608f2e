//! Why a database file is refused, and where in it.

use thiserror::Error;

use crate::container::ContainerError;

/// A database file that cannot be loaded. Nothing of it is in force.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// A container of signature files is damaged, or nobody vouches for it.
    #[error("{file}: {reason}")]
    Container {
        /// The name that was given.
        file: String,
        /// What is wrong with it.
        reason: ContainerError,
    },
    /// The extension of the file's name says nothing about its form.
    #[error("{file}: expected the name of a signature file, such as own.ndb or own.hdb")]
    Extension {
        /// The name that was given.
        file: String,
    },
    /// A line is not of the form that the extension promises.
    #[error("{file}:{line}:{column}: {reason}")]
    Line {
        /// The name that was given.
        file: String,
        /// Number of the line, from 1.
        line: usize,
        /// Position in the line, in bytes, from 1.
        column: usize,
        /// What is wrong there.
        reason: LineError,
    },
    /// It holds more signatures than allowed, those of the files before it included.
    #[error("{file}:{line}: more than {max} signatures")]
    TooMany {
        /// The name that was given.
        file: String,
        /// Number of the first line that does not fit, from 1.
        line: usize,
        /// [`signatures_max`](crate::DatabaseLimits::signatures_max).
        max: usize,
    },
}

/// What is wrong at a place in a line.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineError {
    /// Alternatives that are none, or more than 1,024, or more than 15 in one another.
    #[error("expected alternatives such as `(aa|bb)`")]
    Alternatives,
    /// Not an attribute of a logical signature, or not where it must stand.
    #[error("expected an attribute such as `Engine:51-255` or `Target:0`")]
    Attribute,
    /// No element of a body begins here.
    #[error("expected two hex digits, `??`, `*`, `{{n-m}}`, `[n-m]` or `(aa|bb)`")]
    Body,
    /// Not a digest.
    #[error("expected a digest of 32, 40 or 64 hex digits")]
    Digest,
    /// Not a comparison of a number.
    #[error("expected a comparison such as `0(>>4#il2#>5,<9)`")]
    ByteCompare,
    /// A sub-part of a body, between gaps or at an end, is empty.
    #[error("expected bytes before and after a gap")]
    EmptySubPart,
    /// Not an expression of a logical signature.
    #[error("expected an expression such as `0&(1|2)>2`")]
    Expression,
    /// Not a type of file.
    #[error("expected a type such as `CL_TYPE_ZIP`")]
    FileType,
    /// Not a flag.
    #[error("expected `*`, `0` or `1`")]
    Flag,
    /// The line goes on.
    #[error("expected the end of the line")]
    End,
    /// A gap that is none.
    #[error("expected `{{n}}`, `{{-n}}`, `{{n-}}` or `{{n-m}}` with n no greater than m")]
    Gap,
    /// Not a functionality level.
    #[error("expected a functionality level")]
    Level,
    /// Not a macro, or the first of the subsignatures, or of a group that is none.
    #[error(
        "expected a macro such as `${{6-7}}12$` behind another subsignature, groups being 0 to 31"
    )]
    Macro,
    /// Not a kind of type signature.
    #[error("expected `0`, `1` or `4`")]
    Magic,
    /// Another number of subsignatures than the expression names.
    #[error("expected as many subsignatures as the expression names, at most 64")]
    Members,
    /// Not a modifier of a subsignature.
    #[error("expected modifiers of `i`, `w`, `f` and `a`")]
    Modifier,
    /// Not a signature name.
    #[error("expected a signature name of visible ASCII characters")]
    Name,
    /// Not an expression over names, or one that takes more than 1 MiB.
    #[error("expected `*` or a regular expression over names")]
    NamePattern,
    /// Alternatives that cannot be negated: of different lengths, with wildcards, or in others.
    #[error("only alternatives of one length and without wildcards can be negated")]
    Negation,
    /// Not an offset.
    #[error("expected an offset such as `*`, `0`, `16,32`, `EOF-128` or `EP+0`")]
    Offset,
    /// An offset from a place that parts of the target do not have.
    #[error("an offset from a place of a program needs a target that is one: 1, 6 or 9")]
    OffsetTarget,
    /// Not a number or a range of numbers.
    #[error("expected `*`, `n` or `n-m`")]
    Range,
    /// Not a regular expression between slashes.
    #[error("expected a regular expression such as `0/ab?c/i`")]
    Regex,
    /// Not a letter behind a regular expression.
    #[error("expected letters of `g`, `r`, `e`, `i`, `s`, `m`, `x`, `A`, `E` and `U`")]
    RegexLetter,
    /// Not a reach to a single byte at the edge of a sub-part.
    #[error("expected `aa[n-m]` at the start or `[n-m]aa` at the end of a sub-part, m at most 32")]
    Reach,
    /// A field is missing.
    #[error("expected `:` and another field")]
    Separator,
    /// A field of a logical signature is missing.
    #[error("expected `;` and another field")]
    Semicolon,
    /// Not a file size.
    #[error("expected a file size of at least 1 byte, or `*`")]
    Size,
    /// A sub-part of a body has nothing to be searched by.
    #[error("a sub-part needs two literal bytes in a row")]
    SubPartWithoutLiteral,
    /// Not a target type.
    #[error("expected a target type, 0 to 14")]
    Target,
    /// The trigger of a regular expression names itself or a later subsignature.
    #[error("expected a trigger over earlier subsignatures")]
    Trigger,
    /// A digest without size, and no level that knows what that means.
    #[error("the size `*` needs a functionality level of 73 or more")]
    WildcardLevel,
}
