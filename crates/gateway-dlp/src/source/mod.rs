//! Source code, by the language that it is written in.
//!
//! A text is read line by line. A line has the *form* of a language if it begins with one of the rows of
//! tokens that are typical of it, such as `if err != nil {` of Go; it may have that of several. Of the last
//! 64 lines that are neither empty nor comments, ten must have forms of the language, five different ones
//! among them; they must be one in four at least (of C and C++ one in eight, if most of the others end as
//! code does), and more by a fifth than those of any other language.
//! So what is found is a file, or a piece of one that is long enough to tell, and neither a line in a
//! mail nor a list of values. Each language is found once in a part.
//!
//! It knows no grammar: code that is minified, or consists of tables, is not found, and a language that
//! is not known may be taken for one that looks like it.

mod forms;
mod kind;
mod rows;
mod spotter;
#[cfg(test)]
mod tests;
mod tokens;

pub use self::kind::SourceKind;
pub(crate) use self::spotter::Spotter;
