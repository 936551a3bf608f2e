//! The views and runs of a text, as they are opened.

use bytes::BytesMut;

use super::{TextWalk, View};
use crate::archive::embedded::{Front, Place};
use crate::archive::{Member, Walked, Walker};
use crate::coding::decoder::Decoder;
use crate::coding::transform::Transform;
use crate::coding::up_to::UpTo;
use crate::declared::{Declared, Media};
use crate::document::rtf::Rtf;
use crate::inbox::Inbox;
use crate::mail::walk::MimeWalk;
use crate::text::base64::Base64Run;
use crate::text::cells::Cells;
use crate::text::charset::Charset;
use crate::text::content;
use crate::text::escapes::{EscapeRun, HexRun};
use crate::text::form::Form;
use crate::text::joined::Joined;
use crate::text::markup::Markup;
use crate::text::numbers::NumberRun;
use crate::text::plainer::{Ends, Plainer};
use crate::text::run::Run;
use crate::text::runs::{Hit, Kind};
use crate::text::script::ScriptRun;
use crate::text::unescape::Unescape;
use crate::text::until::Until;
use crate::text::utf_7::Utf7;
use crate::text::uu::UuRun;
use crate::text::yenc::YencRun;
use crate::trace::Trace;

/// Stretches that are shown plainer before the rest of a text is shown so as a whole.
const STRETCHES_MAX: u32 = 32;

/// Bytes before the first character that a view changes with which it begins.
const CONTEXT: usize = 256;

impl TextWalk {
    /// A view of all that is left from `at` on, if the text is to be seen so from its first byte on.
    pub(super) fn whole_view(&self, at: u64) -> Option<Member> {
        let place = self.archives.place(at);
        let (format, decoder): (_, Box<dyn Transform>) = match self.view {
            View::Markup(format) => (format, Box::new(Until::new(Markup::new(), place))),
            View::Cells => ("xlsb", Box::new(Until::new(Cells::new(), place))),
            View::Rtf => {
                ("rtf", Box::new(Until::new(Rtf::new(), Place { front: Front::Rtf, ..place })))
            }
            View::Charset(encoding) => {
                ("charset", Box::new(Until::new(Charset::new(encoding), place)))
            }
            View::Utf7 => ("charset", Box::new(Until::new(Utf7::default(), place))),
            View::Plainer | View::Legacy(_) | View::Escaped(_) | View::Form => return None,
        };
        let media = match self.view {
            View::Charset(_) => self.declared.media,
            _ => Media::Any,
        };
        let charset = self.declared.charset.filter(|_| !matches!(self.view, View::Charset(_)));
        let declared = Declared { media, charset, is_utf_7: false, ..self.declared.clone() };
        let name = match self.view {
            View::Charset(encoding) => encoding.name().to_ascii_lowercase().into_bytes(),
            View::Utf7 => b"utf-7".to_vec(),
            _ => Vec::new(),
        };
        Some(Member { declared, ..Member::view(format, name, Decoder::Other(decoder)) })
    }

    /// Opens the view, whose first change is at `at` of the front.
    pub(super) fn open_view(&mut self, inbox: &mut Inbox, at: usize) -> Member {
        // A view ends at the signature of a ZIP archive, and there is none before that was passed.
        let since = (inbox.at() + at as u64).saturating_sub(self.passed);
        let context = usize::try_from(since).map_or(CONTEXT, |since| CONTEXT.min(since));
        let place = self.place_before(inbox, context, at);
        let (format, decoder, declared): (_, Box<dyn Transform>, _) = match self.view {
            View::Escaped(times) => {
                let declared = Declared::escaped(times - 1);
                ("json", Box::new(Until::new(Unescape::default(), place)), declared)
            }
            View::Form => {
                ("form", Box::new(Until::new(Form::default(), place)), Declared::escaped(2))
            }
            View::Legacy(encoding) => (
                "charset",
                Box::new(Until::new(Charset::new(encoding), place)),
                Declared::default(),
            ),
            View::Plainer
            | View::Markup(_)
            | View::Rtf
            | View::Cells
            | View::Charset(_)
            | View::Utf7 => {
                self.stretches = self.stretches.saturating_add(1);
                let ends = if self.stretches < STRETCHES_MAX { Ends::Near } else { Ends::Last };
                ("plain", Box::new(Until::new(Plainer::new(ends), place)), Declared::default())
            }
        };
        let mut decoder = Decoder::Other(decoder);
        let mut trace = Box::<Trace>::default();
        let (primed, from) = self.prime(inbox, context, at, |below, rest, out| {
            decoder.run_traced(&mut trace, below, rest, out).0
        });
        Member {
            primed,
            primed_from: Some(trace),
            from,
            declared,
            ..Member::view(format, Vec::new(), decoder)
        }
    }

    pub(super) fn open_run(&mut self, inbox: &mut Inbox, hit: Hit) -> Walked {
        let primed = hit.back + hit.to - hit.start;
        let place = self.place_before(inbox, primed, hit.to);
        let is_guess =
            matches!(hit.kind, Kind::Base64 | Kind::Numbers | Kind::Hex | Kind::Escapes(_));
        let (format, name, mut decoder): (_, _, Box<dyn Transform>) = match hit.kind {
            Kind::Base64 => {
                ("base64", Vec::new(), Box::new(Run::new(Joined::new(Base64Run::default()))))
            }
            Kind::Uri => {
                ("base64", Vec::new(), Box::new(Run::new(Joined::announced(Base64Run::of_uri()))))
            }
            Kind::Begun(name) => {
                ("base64", name, Box::new(Run::new(Joined::announced(Base64Run::of_uri()))))
            }
            Kind::Numbers => ("numbers", Vec::new(), Box::new(NumberRun::default())),
            Kind::Hex => ("hex", Vec::new(), Box::new(Joined::new(HexRun::default()))),
            Kind::Escapes(mark) => {
                ("escaped", Vec::new(), Box::new(Run::new(EscapeRun::new(mark))))
            }
            Kind::Uu(name) => ("uu", name, Box::new(UuRun::default())),
            Kind::Yenc(name) => ("yenc", name, Box::new(YencRun::default())),
            Kind::Pdf => ("pdf", Vec::new(), Box::new(UpTo::new(0, u64::MAX))),
            Kind::Script => {
                ("screnc", Vec::new(), Box::new(Until::new(ScriptRun::default(), place)))
            }
            Kind::Utf7 => {
                ("charset", b"utf-7".to_vec(), Box::new(Until::new(Utf7::default(), place)))
            }
            Kind::Message(head) => {
                inbox.advance(hit.to);
                let walk = MimeWalk::in_header(&head, &self.limits);
                return Walked::Become(Box::new(Walker::Mime(Box::new(walk))));
            }
            Kind::Multipart(boundary) => {
                inbox.advance(hit.to);
                let walk = MimeWalk::resumed(&boundary, b"Content-", &self.limits);
                return Walked::Become(Box::new(Walker::Mime(Box::new(walk))));
            }
        };
        let (primed, from) =
            self.prime(inbox, primed, hit.to, |_, rest, out| decoder.run(rest, out).0);
        // Scripts carry commands in UTF-16 without a mark.
        let declared =
            Declared { charset: content::wide(&primed), is_guess, ..Declared::default() };
        let member = Member::stream(format, name, Decoder::Other(decoder));
        let member = Member { primed, from, declared, ..member };
        Walked::from(Some(member))
    }

    /// Where the last `count` bytes begin of those up to `to` of the front, as far as there are so many.
    fn place_before(&self, inbox: &Inbox, count: usize, to: usize) -> Place {
        let known = count.min(self.tail.bytes().len() + to);
        self.archives.place((inbox.at() + to as u64).saturating_sub(known as u64))
    }

    /// Uses the front up to `to` and has the last `count` bytes of that decoded, as far as there are
    /// so many: what came out, and from where on the stream below is needed for it. `decode` is given
    /// where its input begins, and says how much it used.
    fn prime(
        &mut self,
        inbox: &mut Inbox,
        count: usize,
        to: usize,
        mut decode: impl FnMut(u64, &[u8], &mut BytesMut) -> usize,
    ) -> (BytesMut, Option<u64>) {
        let (at, reached) = (inbox.at(), inbox.reached());
        let mut out = BytesMut::new();
        let start = to.saturating_sub(count);
        let here = inbox.front().get(start..to).unwrap_or_default();
        let tail = self.tail.bytes();
        let missing = count.saturating_sub(here.len());
        let before = tail.get(tail.len().saturating_sub(missing)..).unwrap_or_default();
        let mut below = (at + start as u64).saturating_sub(before.len() as u64);
        for piece in [before, here] {
            let mut rest = piece;
            while !rest.is_empty() {
                let used = decode(below, rest, &mut out).max(1);
                below += used as u64;
                rest = rest.get(used..).unwrap_or_default();
            }
        }
        inbox.advance(to);
        self.restart();
        (out, Some((at + start as u64).max(reached)))
    }
}
