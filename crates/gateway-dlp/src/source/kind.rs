//! The languages of source code.

use super::rows::{
    C, C_LIKE, CLASSES, CPP, CSHARP, GO, HASKELL, JAVA, JAVASCRIPT, LUA, PYTHON, R, RUST, SWIFT,
};

/// A programming language whose source is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SourceKind {
    /// C.
    C,
    /// C++.
    Cpp,
    /// C#.
    CSharp,
    /// Go.
    Go,
    /// Haskell.
    Haskell,
    /// Java.
    Java,
    /// JavaScript, and TypeScript with it.
    JavaScript,
    /// Lua.
    Lua,
    /// Python.
    Python,
    /// R.
    R,
    /// Rust.
    Rust,
    /// Swift.
    Swift,
}

impl SourceKind {
    /// All of them, in the order of their ids.
    pub const ALL: [Self; 12] = [
        Self::C,
        Self::Cpp,
        Self::CSharp,
        Self::Go,
        Self::Haskell,
        Self::Java,
        Self::JavaScript,
        Self::Lua,
        Self::Python,
        Self::R,
        Self::Rust,
        Self::Swift,
    ];

    /// The id by which profiles name it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::C => "source_c",
            Self::Cpp => "source_cpp",
            Self::CSharp => "source_csharp",
            Self::Go => "source_go",
            Self::Haskell => "source_haskell",
            Self::Java => "source_java",
            Self::JavaScript => "source_javascript",
            Self::Lua => "source_lua",
            Self::Python => "source_python",
            Self::R => "source_r",
            Self::Rust => "source_rust",
            Self::Swift => "source_swift",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::C => "Source code in C",
            Self::Cpp => "Source code in C++",
            Self::CSharp => "Source code in C#",
            Self::Go => "Source code in Go",
            Self::Haskell => "Source code in Haskell",
            Self::Java => "Source code in Java",
            Self::JavaScript => "Source code in JavaScript",
            Self::Lua => "Source code in Lua",
            Self::Python => "Source code in Python",
            Self::R => "Source code in R",
            Self::Rust => "Source code in Rust",
            Self::Swift => "Source code in Swift",
        }
    }

    /// What lines begin with by which it is told, own forms first. A word or a sign stands for itself, `W`
    /// for any word that is not one of those that many languages have, `S` for a text in quotes, `0` for
    /// a number, `..` for anything up to what follows, `$` for the end of the line, `~` for one that does
    /// not end with `;`, `,`, `(` or `{`.
    pub fn line_forms(self) -> impl Iterator<Item = &'static str> {
        self.forms().into_iter().flatten().copied()
    }

    /// The forms of lines by which it is told, own ones and others.
    pub(super) const fn forms(self) -> [&'static [&'static str]; 2] {
        match self {
            Self::C => [C, C_LIKE],
            Self::Cpp => [CPP, C_LIKE],
            Self::CSharp => [CSHARP, CLASSES],
            Self::Go => [GO, &[]],
            Self::Haskell => [HASKELL, &[]],
            Self::Java => [JAVA, CLASSES],
            Self::JavaScript => [JAVASCRIPT, &["import .. from S", "class W {", "return W"]],
            Self::Lua => [LUA, &[]],
            Self::Python => [PYTHON, &["import W $"]],
            Self::R => [R, &[]],
            Self::Rust => [RUST, &[]],
            Self::Swift => [SWIFT, &["import W $", "class W {"]],
        }
    }
}
