//! The receiving half below the state machine: what came, how far it was read, and the checks.

use bytes::Bytes;
use http::Method;

use super::chunked::{Chunk, Chunked};
use super::head::{self, Request, Response};
use super::input::Input;
use super::judge::{Judge, Located};
use super::lines::{self, Look, Section as Sound};
use super::scan::{SECTION_CAP, Scan, Section};
use super::{Check, Counts, Found, Limits, Options};
use crate::{Fields, Framing};

/// Bytes received, the scanner of heads, and what judges them.
#[derive(Debug)]
pub(super) struct Intake {
    pub(super) options: Options,
    pub(super) input: Input,
    pub(super) counts: Counts,
    /// What checks found since that was last asked for.
    pub(super) fresh: Found,
    scan: Scan,
    /// Bytes that parsers looked at, besides the scanner.
    parsed: u64,
}

/// How the body being received ends.
#[derive(Debug)]
pub(super) enum Body {
    Length(u64),
    Chunked(Chunked),
    UntilClose,
}

/// What came next of a body.
pub(super) enum Step {
    Data(Bytes),
    Trailers(Fields),
    End,
    NeedInput,
    NeedCredit,
}

impl Body {
    /// The body that follows a head, if one does.
    pub(super) fn framed(framing: Framing) -> Option<Self> {
        match framing {
            Framing::None => None,
            Framing::Length(bytes) => Some(Self::Length(bytes)),
            Framing::Chunked => Some(Self::Chunked(Chunked::new())),
            Framing::UntilClose => Some(Self::UntilClose),
        }
    }
}

impl Intake {
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            input: Input::default(),
            counts: Counts::new(),
            fresh: Found::default(),
            scan: Scan::default(),
            parsed: 0,
        }
    }

    /// Whether no byte of a next message is held.
    pub(super) fn is_empty(&self) -> bool {
        self.input.is_empty() && self.scan.is_empty()
    }

    /// Where in the stream the unfinished section, or else the next byte, begins.
    fn offset(&self) -> u64 {
        self.input.taken().saturating_sub(self.scan.len() as u64)
    }

    /// Refuses the unfinished section, or what comes next, as a whole.
    pub(super) fn refuse(&mut self, check: Check) -> Located {
        self.counts.add(check);
        self.fresh.insert(check);
        Located { check, offset: self.offset() }
    }

    pub(super) fn examined(&self) -> u64 {
        self.scan.examined + self.parsed
    }

    /// The next request, once its head is complete.
    pub(super) fn request(&mut self) -> Result<Option<Request>, Located> {
        let start = self.input.taken();
        if let Some((bytes, sound)) = self.sound_front(lines::request) {
            let (mut judge, limits) = judge(&self.options, &mut self.counts, &mut self.fresh);
            return head::weigh_request(bytes, sound, &mut judge, limits)
                .map(Some)
                .map_err(|fault| fault.behind(start));
        }
        let Some((bytes, start)) = self.section(Section::Request)? else {
            return Ok(None);
        };
        let (mut judge, limits) = judge(&self.options, &mut self.counts, &mut self.fresh);
        head::parse_request(bytes, &mut judge, limits)
            .map(Some)
            .map_err(|fault| fault.behind(start))
    }

    /// The next response, to a request with `method`, once its head is complete.
    pub(super) fn response(&mut self, method: &Method) -> Result<Option<Response>, Located> {
        let start = self.input.taken();
        if let Some((bytes, sound)) = self.sound_front(lines::response) {
            let (mut judge, _) = judge(&self.options, &mut self.counts, &mut self.fresh);
            return head::weigh_response(bytes, sound, method, &mut judge)
                .map(Some)
                .map_err(|fault| fault.behind(start));
        }
        let Some((bytes, start)) = self.section(Section::Response)? else {
            return Ok(None);
        };
        let (mut judge, _) = judge(&self.options, &mut self.counts, &mut self.fresh);
        head::parse_response(bytes, method, &mut judge)
            .map(Some)
            .map_err(|fault| fault.behind(start))
    }

    /// The head at the front, if it is whole, begins with its piece and has no fault of form.
    /// Where it has none, nothing has been judged.
    #[inline(always)]
    fn sound_front<S>(
        &mut self,
        look: fn(&[u8], usize) -> Look<Sound<S>>,
    ) -> Option<(Bytes, Sound<S>)> {
        let limits = &self.options.limits;
        let piece = self.input.front();
        if piece.is_empty() || !self.scan.is_fresh() {
            return None;
        }
        let bytes_max = limits.head_bytes_max.min(SECTION_CAP);
        // What lies behind the limit is not looked at.
        let visible = piece.get(..bytes_max).unwrap_or(piece);
        match look(visible, limits.fields_max) {
            Look::Whole(sound) => {
                self.parsed += sound.bytes as u64;
                Some((self.input.take(sound.bytes), sound))
            }
            Look::More { lines, line_at } if visible.len() == piece.len() => {
                self.scan.adopt(&mut self.input, lines, line_at);
                None
            }
            Look::More { .. } => None,
            Look::Odd { seen } => {
                self.parsed += seen as u64;
                None
            }
        }
    }

    /// The next part of `body`.
    pub(super) fn step(&mut self, body: &mut Body, credit: u64) -> Result<Step, Located> {
        match body {
            Body::Length(0) => Ok(Step::End),
            Body::Length(left) => {
                let step = self.data((*left).min(credit), credit);
                if let Step::Data(data) = &step {
                    *left -= data.len() as u64;
                }
                Ok(step)
            }
            Body::UntilClose => Ok(self.data(credit, credit)),
            Body::Chunked(chunked) => {
                let (mut judge, limits) = judge(&self.options, &mut self.counts, &mut self.fresh);
                let chunk = chunked.step(&mut self.input, credit, &mut judge, limits);
                match chunk.map_err(|fault| fault.behind(self.input.taken()))? {
                    Chunk::Data(data) => Ok(Step::Data(data)),
                    Chunk::NeedInput => Ok(Step::NeedInput),
                    Chunk::NeedCredit => Ok(Step::NeedCredit),
                    Chunk::Trailers => self.trailers(),
                }
            }
        }
    }

    fn data(&mut self, most: u64, credit: u64) -> Step {
        if self.input.is_empty() {
            return Step::NeedInput;
        }
        if credit == 0 {
            return Step::NeedCredit;
        }
        Step::Data(self.input.take(usize::try_from(most).unwrap_or(usize::MAX)))
    }

    fn trailers(&mut self) -> Result<Step, Located> {
        let Some((bytes, start)) = self.section(Section::Trailers)? else {
            return Ok(Step::NeedInput);
        };
        // The empty line alone: most chunked messages have no trailers.
        if bytes.len() <= 2 {
            return Ok(Step::End);
        }
        let (mut judge, _) = judge(&self.options, &mut self.counts, &mut self.fresh);
        let fields =
            head::parse_trailers(bytes, &mut judge).map_err(|fault| fault.behind(start))?;
        Ok(if fields.is_empty() { Step::End } else { Step::Trailers(fields) })
    }

    /// The next section, if it is complete, and where in the stream it began.
    fn section(&mut self, section: Section) -> Result<Option<(Bytes, u64)>, Located> {
        let (mut judge, limits) = judge(&self.options, &mut self.counts, &mut self.fresh);
        match self.scan.advance(section, &mut self.input, &mut judge, limits) {
            Ok(None) => Ok(None),
            Ok(Some(bytes)) => {
                self.parsed += bytes.len() as u64;
                let start = self.input.taken() - bytes.len() as u64;
                Ok(Some((bytes, start)))
            }
            Err(fault) => Err(fault.behind(self.offset())),
        }
    }
}

fn judge<'a>(
    options: &'a Options,
    counts: &'a mut Counts,
    fresh: &'a mut Found,
) -> (Judge<'a>, &'a Limits) {
    (Judge { checks: &options.checks, counts, fresh }, &options.limits)
}
