//! One direction of a connection, cut into frames: the bytes stay as they came, in order.

use bytes::{Bytes, BytesMut};

use super::header::HEADER_BYTES_MAX;
use super::{Agreement, Close, Control, FrameHeader, Opcode, WsError, apply_mask};

/// Whose frames they are: a client's are masked, a server's are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// The end that opened the connection.
    Client,
    /// The end that accepted it.
    Server,
}

/// A piece of a direction. The `wire` of all pieces, one after the other, is what was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A frame of a message begins.
    Begin {
        /// Its header.
        header: FrameHeader,
        /// The header as it came.
        wire: Bytes,
    },
    /// Some of the payload of the frame, as it came: masked if the frame is.
    Payload {
        /// The bytes.
        wire: Bytes,
    },
    /// The frame is whole.
    End,
    /// A control frame, between the frames of messages or within a message.
    Control(Control),
}

/// Cuts one direction into pieces and checks the rules of RFC 6455 §5 for it.
///
/// It holds the beginning of a header or of a control frame, at most 139 bytes. Any chunks give
/// the same pieces, but for where a payload is cut.
#[derive(Debug)]
pub struct FrameReader {
    sender: Sender,
    deflate: bool,
    /// A header or control frame of which not all is there.
    begun: BytesMut,
    state: State,
    /// Whether a message has begun and not ended.
    in_message: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// At the boundary of two frames, or in a header.
    Header,
    /// So many bytes of a payload are to come.
    Payload {
        left: u64,
        fin: bool,
    },
    /// A close frame has come.
    Closed,
    Failed(WsError),
}

impl FrameReader {
    /// A direction at its start, of which `deflate` was agreed.
    #[must_use]
    pub fn new(sender: Sender, deflate: Option<&Agreement>) -> Self {
        Self {
            sender,
            deflate: deflate.is_some(),
            begun: BytesMut::new(),
            state: State::Header,
            in_message: false,
        }
    }

    /// Whether the direction could end here: no frame has begun, and no message.
    #[must_use]
    pub fn is_between_messages(&self) -> bool {
        !self.in_message && self.begun.is_empty() && matches!(self.state, State::Header)
    }

    /// Whether a close frame has come: what follows it is nobody's.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// The next piece of `input`, from whose start it takes what it has used; `None` when it has
    /// used all. After a close frame it uses up everything and gives nothing.
    ///
    /// # Errors
    /// What the sender did wrong; the same again and again from then on.
    pub fn next(&mut self, input: &mut Bytes) -> Result<Option<Piece>, WsError> {
        let piece = match self.state {
            State::Header => self.next_header(input),
            State::Payload { left: 0, fin } => {
                self.state = State::Header;
                self.in_message = !fin;
                Ok(Some(Piece::End))
            }
            State::Payload { left, fin } => {
                if input.is_empty() {
                    return Ok(None);
                }
                let take = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                self.state = State::Payload { left: left - take as u64, fin };
                Ok(Some(Piece::Payload { wire: input.split_to(take) }))
            }
            State::Closed => {
                input.clear();
                Ok(None)
            }
            State::Failed(error) => Err(error),
        };
        if let Err(error) = piece {
            self.state = State::Failed(error);
        }
        piece
    }

    fn next_header(&mut self, input: &mut Bytes) -> Result<Option<Piece>, WsError> {
        if input.is_empty() {
            return Ok(None);
        }
        if !self.begun.is_empty() {
            return self.next_in_pieces(input);
        }
        match FrameHeader::parse(input)? {
            None => {
                self.begun.extend_from_slice(input);
                input.clear();
                Ok(None)
            }
            Some((header, end)) => {
                self.check(&header)?;
                if header.opcode.is_control() {
                    let whole = end + control_bytes(&header);
                    if input.len() < whole {
                        self.begun.extend_from_slice(input);
                        input.clear();
                        return Ok(None);
                    }
                    return self.control(&header, end, input.split_to(whole)).map(Some);
                }
                Ok(Some(self.begin(header, input.split_to(end))))
            }
        }
    }

    /// A header, or a control frame, of which the first bytes are in `begun`.
    fn next_in_pieces(&mut self, input: &mut Bytes) -> Result<Option<Piece>, WsError> {
        let mut need = HEADER_BYTES_MAX;
        loop {
            // As many bytes as are certain to be of this frame, so that what follows stays where
            // it is.
            if let Some((header, end)) = FrameHeader::parse(&self.begun)? {
                if self.begun.len() == end {
                    self.check(&header)?;
                }
                if !header.opcode.is_control() {
                    let wire = self.begun.split().freeze();
                    return Ok(Some(self.begin(header, wire)));
                }
                need = end + control_bytes(&header);
                if self.begun.len() == need {
                    let wire = self.begun.split().freeze();
                    return self.control(&header, end, wire).map(Some);
                }
            }
            if input.is_empty() {
                return Ok(None);
            }
            let is_header = need == HEADER_BYTES_MAX;
            let take = if is_header { 1 } else { (need - self.begun.len()).min(input.len()) };
            self.begun.extend_from_slice(&input.split_to(take));
        }
    }

    fn begin(&mut self, header: FrameHeader, wire: Bytes) -> Piece {
        self.in_message = true;
        self.state = State::Payload { left: header.length, fin: header.fin };
        Piece::Begin { header, wire }
    }

    fn control(
        &mut self,
        header: &FrameHeader,
        payload_at: usize,
        wire: Bytes,
    ) -> Result<Piece, WsError> {
        Ok(Piece::Control(match header.opcode {
            Opcode::Close => {
                let mut payload = wire.get(payload_at..).unwrap_or_default().to_vec();
                if let Some(mask) = header.mask {
                    apply_mask(&mut payload, mask, 0);
                }
                let close = Close::parse(&payload)?;
                self.state = State::Closed;
                Control::Close { wire, close }
            }
            Opcode::Ping => Control::Ping { wire },
            Opcode::Pong | Opcode::Continuation | Opcode::Text | Opcode::Binary => {
                Control::Pong { wire }
            }
        }))
    }

    /// What a frame may not be in this direction, at this place.
    fn check(&self, header: &FrameHeader) -> Result<(), WsError> {
        match (self.sender, header.mask) {
            (Sender::Client, None) => return Err(WsError::Unmasked),
            (Sender::Server, Some(_)) => return Err(WsError::Masked),
            (Sender::Client, Some(_)) | (Sender::Server, None) => {}
        }
        let begins = matches!(header.opcode, Opcode::Text | Opcode::Binary);
        if header.rsv1 && !(begins && self.deflate) {
            return Err(WsError::ReservedBits);
        }
        match header.opcode {
            Opcode::Continuation if !self.in_message => Err(WsError::UnexpectedContinuation),
            Opcode::Text | Opcode::Binary if self.in_message => Err(WsError::NotContinued),
            _ => Ok(()),
        }
    }
}

/// Bytes of payload of a control frame, which fit into one byte.
fn control_bytes(header: &FrameHeader) -> usize {
    usize::try_from(header.length).unwrap_or(usize::MAX)
}
