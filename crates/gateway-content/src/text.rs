//! Text: the layers in which content hides in it, each undone.
//!
//! A *view* is the whole text in a plainer form: without markup, without escapes, in UTF-8. A *run*
//! is a stretch of it that encodes bytes: base64, hex digits, percent escapes, uuencoded lines.
//! Both become parts of their own, and runs are looked for in views as well.

#[cfg(any(test, feature = "fuzz"))]
use crate::coding::transform::Transform;

mod archives;
pub(crate) mod base64;
pub(crate) mod binhex;
pub(crate) mod cells;
mod charset;
pub(crate) mod code_page;
mod content;
mod entity;
mod escapes;
mod fields;
mod form;
mod joined;
mod lines;
mod marks;
mod markup;
mod numbers;
mod plainer;
mod prescan;
mod run;
mod runs;
pub(crate) mod script;
mod strings;
mod tag;
mod tail;
mod unescape;
mod until;
mod utf_7;
mod uu;
pub(crate) mod walk;
mod yenc;

pub(crate) use unescape::put_char;

/// A decoder of text by its name, for its laws.
#[cfg(any(test, feature = "fuzz"))]
pub(crate) fn decoder(name: &str, option: u8) -> Option<Box<dyn Transform>> {
    let encodings =
        [encoding_rs::SHIFT_JIS, encoding_rs::UTF_16LE, encoding_rs::GB18030, encoding_rs::KOI8_R];
    Some(match name {
        "base64" => Box::new(joined::Joined::new(base64::Base64Run::default())),
        "cells" => Box::new(cells::Cells::new()),
        "charset" => Box::new(charset::Charset::new(encodings[usize::from(option % 4)])),
        "escapes" if option.is_multiple_of(2) => Box::new(escapes::EscapeRun::new(b"%")),
        "escapes" => Box::new(escapes::EscapeRun::new(br"\x")),
        "form" => Box::new(form::Form::default()),
        "hex" => Box::new(joined::Joined::new(escapes::HexRun::default())),
        "json" => Box::new(unescape::Unescape::default()),
        "markup" if option.is_multiple_of(2) => Box::new(markup::Markup::new()),
        "markup" => {
            let start = archives::Archives::default().place(0);
            Box::new(until::Until::new(markup::Markup::new(), start))
        }
        "plainer" if option.is_multiple_of(2) => {
            Box::new(plainer::Plainer::new(plainer::Ends::Near))
        }
        "plainer" => Box::new(plainer::Plainer::new(plainer::Ends::Last)),
        "script" => Box::new(script::ScriptRun::default()),
        "uu" => Box::new(uu::UuRun::default()),
        _ => return None,
    })
}
