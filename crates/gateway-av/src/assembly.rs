//! Puts the elements of a body together: into pieces, and those into segments.

use crate::hex_body::{Byte, Item, Link, Modifiers, Nested};
use crate::mark::{Mark, MarkKind};
use crate::piece::{CASE_MASK, Choice, Piece};
use crate::segment::{Gap, Joint, Segment};
use crate::{LineError, Unsupported};

/// Why an element cannot be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unsupported(Unsupported),
    Malformed(LineError),
}

use Refusal::{Malformed, Unsupported as Refused};

/// The state of it. What lies between two gaps is a *part*; each must have two literal bytes in a
/// row, as ClamAV asks.
pub(crate) struct Assembly {
    lookback_bytes_max: usize,
    modifiers: Modifiers,
    links: Vec<Link>,
    /// The unbounded gap before the segment at work.
    gap_min: u64,
    /// The pieces of the segment at work.
    before: Vec<(Piece, Joint)>,
    left: Option<Mark>,
    right: Option<Mark>,
    /// The piece at work.
    bytes: Vec<Byte>,
    choices: Vec<Choice>,
    /// The most bytes that the segment at work takes so far.
    len_max: usize,
    part: Part,
}

/// The mark that a full word has on both sides.
fn word(modifiers: Modifiers) -> Mark {
    let mark = Mark { kind: MarkKind::Word, negated: false };
    if modifiers.wide { mark.widened() } else { mark }
}

/// What is known of the part at work.
#[derive(Default)]
struct Part {
    /// How many elements it has.
    items: usize,
    /// Literal bytes in a row up to here.
    run: usize,
    /// Whether there are two literal bytes in a row.
    has_literal: bool,
    /// Where, counted in elements, a reach stands.
    reaches: Vec<usize>,
}

impl Assembly {
    pub(crate) fn new(lookback_bytes_max: usize, modifiers: Modifiers) -> Self {
        let word = modifiers.full_word.then(|| word(modifiers));
        Self {
            lookback_bytes_max,
            modifiers,
            links: Vec::new(),
            gap_min: 0,
            before: Vec::new(),
            left: word,
            right: None,
            bytes: Vec::new(),
            choices: Vec::new(),
            len_max: 0,
            part: Part::default(),
        }
    }

    /// Takes in the next element.
    pub(crate) fn add(&mut self, item: Item) -> Result<(), Refusal> {
        if let Some(mark) = self.right {
            match item {
                // The part has ended with the segment: the mark stands at its edge.
                Item::Gap { max: None, .. } => {}
                Item::Gap { min, max: Some(max) } if min != max => {
                    return Err(Refused(Unsupported::BoundaryMark));
                }
                _ => {
                    self.right = None;
                    self.inner_mark(mark)?;
                }
            }
        }
        match item {
            Item::Byte(byte) => self.byte(byte)?,
            Item::Gap { min, max: Some(max) } if min == max => self.wildcards(min)?,
            Item::Gap { min, max } => return self.gap(min, max),
            Item::Reach { min, max } if self.modifiers.make_gaps() && min == max => {
                self.wildcards(min)?;
            }
            Item::Reach { min, max } if self.modifiers.make_gaps() => {
                return self.gap(min, Some(max));
            }
            Item::Reach { min, max } => self.reach(min, max)?,
            Item::OneOf { negated, options, nested } => self.one_of(negated, options, nested)?,
            Item::Mark(mark) => self.mark(mark)?,
        }
        self.part.items += 1;
        Ok(())
    }

    /// The body has ended.
    pub(crate) fn end(mut self) -> Result<Vec<Link>, Refusal> {
        if self.modifiers.full_word {
            // What ends the body stands before the mark of the word, so inside.
            if let Some(mark) = self.right.take() {
                self.inner_mark(mark)?;
            }
            self.right = Some(word(self.modifiers));
        }
        self.close_part()?;
        self.close_segment();
        Ok(self.links)
    }

    fn byte(&mut self, byte: Byte) -> Result<(), Refusal> {
        self.grow(1)?;
        self.bytes.push(self.modified(byte));
        if byte.1 == 0xFF {
            self.part.run += 1;
            self.part.has_literal |= self.part.run >= 2;
        } else {
            self.part.run = 0;
        }
        if self.modifiers.wide {
            self.grow(1)?;
            self.bytes.push((0, 0xFF));
            self.part.has_literal |= byte.1 == 0xFF;
        }
        Ok(())
    }

    /// The byte without regard to case, if that is asked for.
    fn modified(&self, (value, mask): Byte) -> Byte {
        let folds = self.modifiers.no_case && mask == 0xFF && value.is_ascii_alphabetic();
        if folds { (value.to_ascii_uppercase(), CASE_MASK) } else { (value, mask) }
    }

    fn wildcards(&mut self, count: u64) -> Result<(), Refusal> {
        let count = self.grow(count)?;
        self.bytes.extend(std::iter::repeat_n((0, 0), count));
        self.part.run = 0;
        Ok(())
    }

    fn gap(&mut self, min: u64, max: Option<u64>) -> Result<(), Refusal> {
        self.close_part()?;
        if let Some(max) = max {
            let max = self.grow(max)?;
            let min = usize::try_from(min).unwrap_or(max);
            let piece = self.take_piece();
            self.before.push((piece, Joint::Gap(Gap { min, max })));
        } else {
            // It takes two bytes to tell the end of a line, of which the next segment may have
            // the first.
            if self.right.is_some_and(|mark| mark.kind == MarkKind::Line) {
                return Err(Refused(Unsupported::BoundaryMark));
            }
            self.close_segment();
            self.gap_min = min;
        }
        Ok(())
    }

    /// A gap with a single byte on the other side.
    fn reach(&mut self, min: u64, max: u64) -> Result<(), Refusal> {
        let max = self.grow(max)?;
        let piece = self.take_piece();
        let min = usize::try_from(min).unwrap_or(max);
        self.before.push((piece, Joint::Gap(Gap { min, max })));
        self.part.reaches.push(self.part.items);
        if self.part.items == 1 {
            // The byte before it does not count as part of the rest.
            self.part.has_literal = false;
        }
        self.part.run = 0;
        Ok(())
    }

    fn one_of(
        &mut self,
        negated: bool,
        options: Vec<Vec<Byte>>,
        nested: Nested,
    ) -> Result<(), Refusal> {
        self.part.run = 0;
        let len = options.first().map_or(0, Vec::len);
        let is_fixed = nested == Nested::No
            && options.iter().all(|option| option.len() == len)
            && options.iter().flatten().all(|(_, mask)| *mask == 0xFF);
        let is_plain = self.modifiers == Modifiers::default();
        if is_fixed && is_plain {
            let literal = |option: &Vec<Byte>| option.iter().map(|(value, _)| *value).collect();
            let options: Vec<Box<[u8]>> = options.iter().map(literal).collect();
            return self.choice(negated, options.into());
        }
        if negated {
            return Err(Malformed(LineError::Negation));
        }
        let widened = |option: Vec<Byte>| {
            let zero = self.modifiers.wide.then_some((0, 0xFF));
            let bytes = option.into_iter().flat_map(|b| [Some(self.modified(b)), zero]);
            Piece::new(&bytes.flatten().collect::<Vec<_>>(), Vec::new())
        };
        let pieces: Box<[Piece]> = options.into_iter().map(widened).collect();
        self.grow(pieces.iter().map(Piece::len).max().unwrap_or(0) as u64)?;
        let piece = self.take_piece();
        self.before.push((piece, Joint::OneOf(pieces)));
        Ok(())
    }

    fn choice(&mut self, negated: bool, options: Box<[Box<[u8]>]>) -> Result<(), Refusal> {
        let len = options.first().map_or(0, |option| option.len());
        self.grow(len as u64)?;
        self.choices.push(Choice { at: self.bytes.len(), negated, options });
        self.bytes.extend(std::iter::repeat_n((0, 0), len));
        Ok(())
    }

    /// A mark asks for what stands beside the part if it stands at an edge of it, and is a byte
    /// of the part otherwise. Whether it is at the right edge shows with the next element.
    fn mark(&mut self, mark: Mark) -> Result<(), Refusal> {
        let at_start = self.part.items == 0;
        if at_start && !self.before.is_empty() {
            return Err(Refused(Unsupported::BoundaryMark));
        }
        if at_start && self.left.is_some() {
            // Behind another one it is inside.
            self.inner_mark(mark)?;
        } else if at_start {
            self.left = Some(if self.modifiers.wide { mark.widened() } else { mark });
        } else {
            self.right = Some(if self.modifiers.wide { mark.widened() } else { mark });
        }
        Ok(())
    }

    /// A mark between bytes: a byte, or for a line also two.
    fn inner_mark(&mut self, mark: Mark) -> Result<(), Refusal> {
        self.part.run = 0;
        if self.modifiers.wide || (mark.kind == MarkKind::Line && mark.negated) {
            return Err(Refused(Unsupported::BoundaryMark));
        }
        if mark.kind == MarkKind::Line {
            let ends = [&b"\n"[..], b"\r\n"].map(|end| {
                let literal = |byte: &u8| (*byte, 0xFF);
                Piece::new(&end.iter().map(literal).collect::<Vec<_>>(), Vec::new())
            });
            self.grow(2)?;
            let piece = self.take_piece();
            self.before.push((piece, Joint::OneOf(ends.into())));
            return Ok(());
        }
        let options = mark.kind.bytes().into_iter().map(|byte| Box::from([byte]));
        self.choice(mark.negated, options.collect())
    }

    fn grow(&mut self, bytes: u64) -> Result<usize, Refusal> {
        let left = self.lookback_bytes_max.saturating_sub(self.len_max);
        match usize::try_from(bytes) {
            Ok(bytes) if bytes <= left => {
                self.len_max += bytes;
                Ok(bytes)
            }
            _ => Err(Refused(Unsupported::TooLong)),
        }
    }

    /// Checks the part at work, which is at its end.
    fn close_part(&mut self) -> Result<(), Refusal> {
        let part = std::mem::take(&mut self.part);
        if part.items == 0 {
            return Err(Malformed(LineError::EmptySubPart));
        }
        let at_edge = |at: &usize| *at == 1 || at + 2 == part.items;
        if part.reaches.len() > 2 || !part.reaches.iter().all(at_edge) {
            return Err(Malformed(LineError::Reach));
        }
        if !part.has_literal {
            return Err(Malformed(LineError::SubPartWithoutLiteral));
        }
        Ok(())
    }

    fn take_piece(&mut self) -> Piece {
        Piece::new(&std::mem::take(&mut self.bytes), std::mem::take(&mut self.choices))
    }

    /// Ends the segment at work with its last piece.
    fn close_segment(&mut self) {
        let last = self.take_piece();
        let segment = Segment::new(std::mem::take(&mut self.before), last);
        let segment = segment.with_marks(self.left.take(), self.right.take());
        self.links.push(Link { gap_min: self.gap_min, segment });
        self.len_max = 0;
    }
}
