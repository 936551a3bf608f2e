//! The plain content of the messages of one direction: a decoded copy of what passes.

use bytes::{Bytes, BytesMut};

use super::inflate::{Inflate, Takeover};
use super::utf8::Utf8;
use super::{Agreement, FrameHeader, Opcode, Sender, TapLimits, WsError, apply_mask};

/// Bytes that one step yields at most, where it has to decode.
const STEP_BYTES: usize = 64 << 10;

/// Takes masks and compression off the payload of messages, and checks text.
///
/// # Use
/// For each [`Piece`](super::Piece) of a frame of a message: [`begin`](Self::begin),
/// [`push`](Self::push) or [`end_frame`](Self::end_frame), then [`step`](Self::step) until it
/// gives something other than [`Tapped::Data`]. All that is pushed must be stepped over before the
/// next piece. A step yields at most 64 KiB, or the piece itself where nothing has to be decoded,
/// so a caller may stop between steps and go on later.
///
/// The window of the decompressor goes from message to message as was agreed; it needs to see
/// every message of its direction. Any chunks give the same content, or the same error.
#[derive(Debug)]
pub struct Tap {
    deflate: Option<Takeover>,
    limits: TapLimits,
    /// Made with the first compressed message: 43 KiB.
    inflate: Option<Inflate>,
    message: Message,
    /// How the payload of the frame is masked, and how much of it came.
    mask: Option<[u8; 4]>,
    at: u64,
    /// What was pushed, without its mask.
    plain: Bytes,
    out: BytesMut,
    /// Whether the frame that has ended ends its message.
    fin: bool,
    /// How much of the tail of a compressed message was decoded; `None` before its end.
    tail: Option<usize>,
    failed: Option<WsError>,
}

/// The message that is under way.
#[derive(Clone, Copy, Debug)]
struct Message {
    text: Option<Utf8>,
    compressed: bool,
}

/// What a step of a [`Tap`] brings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Tapped {
    /// The next bytes of the message; not empty.
    Data(Bytes),
    /// All that was pushed is out.
    Drained,
    /// All of the message is out.
    MessageEnd,
}

impl Tap {
    /// A direction at its start: what its sender has agreed on, if that is compression.
    #[must_use]
    pub fn new(deflate: Option<(&Agreement, Sender)>, limits: TapLimits) -> Self {
        let takeover = |(agreed, sender): (&Agreement, Sender)| match agreed.forgets(sender) {
            true => Takeover::None,
            false => Takeover::Kept,
        };
        Self {
            deflate: deflate.map(takeover),
            limits,
            inflate: None,
            message: Message { text: None, compressed: false },
            mask: None,
            at: 0,
            plain: Bytes::new(),
            out: BytesMut::new(),
            fin: false,
            tail: None,
            failed: None,
        }
    }

    /// A frame of a message begins.
    pub fn begin(&mut self, header: &FrameHeader) {
        match header.opcode {
            Opcode::Text | Opcode::Binary => {
                let text = (header.opcode == Opcode::Text).then(Utf8::default);
                self.message = Message { text, compressed: header.rsv1 };
            }
            Opcode::Continuation | Opcode::Close | Opcode::Ping | Opcode::Pong => {}
        }
        self.mask = header.mask;
        self.at = 0;
        self.fin = header.fin;
    }

    /// The next bytes of the payload, as they came.
    pub fn push(&mut self, wire: &Bytes) {
        self.plain = match self.mask {
            None => wire.clone(),
            Some(mask) => {
                let mut plain = BytesMut::from(&**wire);
                apply_mask(&mut plain, mask, self.at);
                plain.freeze()
            }
        };
        self.at += wire.len() as u64;
    }

    /// The frame is whole.
    pub fn end_frame(&mut self) {
        if self.fin {
            self.tail = Some(0);
        }
    }

    /// Decodes a little of what was pushed.
    ///
    /// # Errors
    /// Text that is none, compressed data that is none, limits; the same again and again from
    /// then on. What was decoded before the error has come out.
    pub fn step(&mut self) -> Result<Tapped, WsError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match self.decode() {
            Ok(tapped) => Ok(tapped),
            Err(error) => {
                self.failed = Some(error);
                self.tail = None;
                // What came out of the decompressor before it failed.
                let rest = self.out.split().freeze();
                if let Some(text) = &mut self.message.text
                    && let Err(earlier) = text.push(&rest)
                {
                    self.failed = Some(earlier);
                    return Err(earlier);
                }
                if rest.is_empty() { Err(error) } else { Ok(Tapped::Data(rest)) }
            }
        }
    }

    fn decode(&mut self) -> Result<Tapped, WsError> {
        let bytes =
            if self.message.compressed { self.unpack()? } else { std::mem::take(&mut self.plain) };
        if !bytes.is_empty() {
            if let Some(text) = &mut self.message.text {
                text.push(&bytes)?;
            }
            return Ok(Tapped::Data(bytes));
        }
        if self.tail.take().is_none() {
            return Ok(Tapped::Drained);
        }
        if let Some(text) = &mut self.message.text {
            text.finish()?;
        }
        Ok(Tapped::MessageEnd)
    }

    /// The next decompressed bytes; none when all that was pushed is used, and at the end of the
    /// message all of it is out.
    fn unpack(&mut self) -> Result<Bytes, WsError> {
        let (takeover, limits) = (self.deflate.unwrap_or(Takeover::None), self.limits);
        let inflate = self.inflate.get_or_insert_with(|| Inflate::new(takeover, limits));
        while self.out.len() < STEP_BYTES {
            if !self.plain.is_empty() || !inflate.is_drained() {
                let taken = inflate.run(&self.plain, &mut self.out)?;
                let _ = self.plain.split_to(taken);
            } else if let Some(tail) = &mut self.tail {
                if inflate.finish(tail, &mut self.out)? {
                    // Not to be decoded again when what is out was taken.
                    self.message.compressed = false;
                    break;
                }
            } else {
                break;
            }
        }
        Ok(self.out.split().freeze())
    }
}
