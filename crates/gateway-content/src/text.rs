//! Text: the layers in which content hides in it, each undone.
//!
//! A *view* is the whole text in a plainer form: without markup, without escapes, in UTF-8. A *run*
//! is a stretch of it that encodes bytes: base64, hex digits, percent escapes, uuencoded lines.
//! Both become parts of their own, and runs are looked for in views as well.

pub(crate) mod base64;
pub(crate) mod binhex;
mod charset;
mod entity;
mod escapes;
mod form;
mod markup;
mod numbers;
mod runs;
mod tag;
mod tail;
mod unescape;
mod until;
mod utf_7;
mod uu;
pub(crate) mod walk;
mod yenc;

pub(crate) use unescape::put_char;
