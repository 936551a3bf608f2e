//! What Wirefilter does not have of the language, with the words for each.

/// Something that Wirefilter does not have, refused under
/// [`Compat::Wirefilter`](crate::Compat::Wirefilter).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Extension {
    /// `ssl == true`.
    BoolComparison,
    /// `# to the end of the line`.
    Comment,
    /// `{80, 443}`.
    Comma,
    /// `true` or `false` as a whole condition.
    Constant,
    /// `http.host == http.sni`.
    FieldComparison,
    /// `[]` in place of `[*]`.
    EmptyIndex,
    /// A value where Wirefilter's function wants a field.
    LiteralArgument,
    /// `groups[*].name` for `groups.name[*]`.
    MemberAccess,
    /// A value by its name.
    NamedConstant,
    /// `'text'`.
    SingleQuotes,
    /// White space other than blank and line end.
    WhiteSpace,
}

impl Extension {
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::BoolComparison => "a comparison of a Bool",
            Self::Comment => "a comment",
            Self::Comma => "a comma between the members of a set",
            Self::Constant => "a constant condition",
            Self::FieldComparison => "a comparison of two fields",
            Self::EmptyIndex => "`[]`",
            Self::LiteralArgument => "a value in place of a field",
            Self::MemberAccess => "a member of an element",
            Self::NamedConstant => "a named constant",
            Self::SingleQuotes => "a string in single quotes",
            Self::WhiteSpace => "white space other than blanks and line ends",
        }
    }

    pub(super) const fn instead(self) -> &'static str {
        match self {
            Self::BoolComparison => "write the field alone, or `not` before it",
            Self::Comment => "remove the comment",
            Self::Comma => "separate the members by blanks",
            Self::Constant => "write a condition over a field",
            Self::FieldComparison => "compare each field with a value",
            Self::EmptyIndex => "write `[*]`",
            Self::LiteralArgument => "give the function a field",
            Self::MemberAccess => "write the index behind the whole name",
            Self::NamedConstant => "write the value",
            Self::SingleQuotes => "write the string in double quotes",
            Self::WhiteSpace => "write a blank",
        }
    }
}
