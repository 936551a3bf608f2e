//! Messages of one direction that are written anew: their content waits to leave, and leaves in
//! frames of the gateway's own. It knows nothing of rules.

use std::collections::VecDeque;

use bytes::{Buf, Bytes};
use gateway_h1h2::ws::{Agreement, FrameHeader, Last, MessageForm, MessageWriter, Packing, Sender};
use gateway_inspect::{Offset, Span};

use crate::body::MASK;

/// The queue of one direction: content that waits for clearance, then bytes that are to be written.
/// What is written always ends at a boundary of frames.
#[derive(Debug)]
pub(super) struct Anew {
    writer: MessageWriter,
    /// How the message under way is to look; it begins to be written with its first piece.
    form: Option<MessageForm>,
    begun: bool,
    content: VecDeque<Bytes>,
    content_bytes: usize,
    /// Bytes of content that have left.
    left: u64,
    out: Vec<Bytes>,
    out_bytes: usize,
    written: u64,
}

impl Anew {
    pub(super) fn new(sender: Sender, deflate: Option<&Agreement>) -> Self {
        Self {
            writer: MessageWriter::new(deflate.map(|agreed| (agreed, sender))),
            form: None,
            begun: false,
            content: VecDeque::new(),
            content_bytes: 0,
            left: 0,
            out: Vec::new(),
            out_bytes: 0,
            written: 0,
        }
    }

    /// Bytes of content that wait for clearance.
    pub(super) const fn bytes(&self) -> usize {
        self.content_bytes
    }

    /// Bytes that wait to be written.
    pub(super) const fn out_bytes(&self) -> usize {
        self.out_bytes
    }

    /// Bytes that were written in all.
    pub(super) const fn written(&self) -> u64 {
        self.written
    }

    /// A message begins: it looks like the one that came, whose first frame this is.
    pub(super) fn begin(&mut self, header: &FrameHeader) {
        let packing = if header.rsv1 { Packing::Deflate } else { Packing::Plain };
        // The client's own key is none that the origin's content could be made for.
        self.form = Some(MessageForm { opcode: header.opcode, packing, mask: header.mask });
        self.begun = false;
        self.left = 0;
    }

    /// More of its content.
    pub(super) fn push(&mut self, content: Bytes) {
        self.content_bytes += content.len();
        self.content.push_back(content);
    }

    /// Whether some of the message has left.
    pub(super) const fn has_begun(&self) -> bool {
        self.begun
    }

    /// The content up to `end` of the message may leave, though it goes on.
    pub(super) fn release_to(&mut self, end: u64) {
        let bytes = usize::try_from(end.saturating_sub(self.left)).unwrap_or(usize::MAX);
        let bytes = bytes.min(self.content_bytes);
        if bytes > 0 {
            let piece = self.take_content(bytes);
            self.left += bytes as u64;
            self.frame(&piece, Last::No);
        }
    }

    /// Overwrites bytes of its content, as far as they wait.
    pub(super) fn overwrite(&mut self, span: Span) {
        gateway_inspect::overwrite(&mut self.content, Offset::new(self.left), span, MASK);
    }

    /// The message is whole, and all of it may leave.
    pub(super) fn finish(&mut self) {
        let rest = self.take_content(self.content_bytes);
        self.frame(&rest, Last::Yes);
        self.form = None;
    }

    /// The message never leaves; `instead` of it goes what is given. Nothing of it may have left.
    pub(super) fn replace(&mut self, instead: Option<&str>) {
        self.discard();
        if let Some(text) = instead {
            self.frame(text.as_bytes(), Last::Yes);
        }
        self.form = None;
    }

    /// What waits for clearance never leaves.
    pub(super) fn discard(&mut self) {
        self.content.clear();
        self.content_bytes = 0;
    }

    /// Writes bytes as soon as possible: whole frames, between others.
    pub(super) fn write(&mut self, wire: Bytes) {
        self.out_bytes += wire.len();
        self.written += wire.len() as u64;
        self.out.push(wire);
    }

    /// Moves what is to be written to the end of `out`.
    pub(super) fn take(&mut self, out: &mut Vec<Bytes>) -> usize {
        out.append(&mut self.out);
        std::mem::take(&mut self.out_bytes)
    }

    fn frame(&mut self, content: &[u8], last: Last) {
        let Some(form) = self.form else { return };
        if !self.begun {
            self.writer.begin(form);
            self.begun = true;
        }
        let mut wire = Vec::with_capacity(content.len() + 16);
        self.writer.write(content, last, &mut wire);
        self.write(wire.into());
    }

    /// The next `bytes` of content, in one piece.
    fn take_content(&mut self, bytes: usize) -> Bytes {
        self.content_bytes -= bytes;
        if let Some(only) = self.content.pop_front_if(|first| first.len() == bytes) {
            return only;
        }
        let mut piece = Vec::with_capacity(bytes);
        while piece.len() < bytes {
            let Some(first) = self.content.front_mut() else { break };
            let take = first.len().min(bytes - piece.len());
            piece.extend_from_slice(first.get(..take).unwrap_or_default());
            first.advance(take);
            if first.is_empty() {
                self.content.pop_front();
            }
        }
        piece.into()
    }
}

#[cfg(test)]
mod tests {
    use gateway_h1h2::ws::Opcode;

    use super::*;

    fn header(opcode: Opcode) -> FrameHeader {
        FrameHeader { fin: true, rsv1: false, opcode, mask: None, length: 0 }
    }

    fn taken(anew: &mut Anew) -> Vec<u8> {
        let mut out = Vec::new();
        let bytes = anew.take(&mut out);
        let out = out.concat();
        assert_eq!(out.len(), bytes);
        out
    }

    #[test]
    fn content_leaves_as_far_as_it_is_cleared() {
        let mut anew = Anew::new(Sender::Server, None);
        anew.begin(&header(Opcode::Text));
        anew.push("ab".into());
        anew.push("cd".into());
        anew.release_to(3);
        assert_eq!((taken(&mut anew), anew.bytes()), (b"\x01\x03abc".to_vec(), 1));
        anew.release_to(3);
        assert_eq!((taken(&mut anew), anew.has_begun()), (Vec::new(), true));
        anew.push("e".into());
        anew.finish();
        assert_eq!((taken(&mut anew), anew.bytes()), (b"\x80\x02de".to_vec(), 0));
    }

    #[test]
    fn what_waits_is_overwritten() {
        let mut anew = Anew::new(Sender::Server, None);
        anew.begin(&header(Opcode::Text));
        anew.push("abc".into());
        anew.push("defg".into());
        anew.release_to(1);
        anew.overwrite(Span::new(Offset::ZERO, Offset::new(5)));
        anew.finish();
        assert_eq!(taken(&mut anew), b"\x01\x01a\x80\x06****fg");
    }

    #[test]
    fn a_message_is_replaced_or_dropped() {
        let mut anew = Anew::new(Sender::Server, None);
        for (instead, wire) in [(Some("no"), &b"\x82\x02no"[..]), (None, b"")] {
            anew.begin(&header(Opcode::Binary));
            anew.push("secret".into());
            anew.replace(instead);
            assert_eq!((taken(&mut anew), anew.bytes()), (wire.to_vec(), 0));
        }
        anew.begin(&header(Opcode::Text));
        anew.finish();
        assert_eq!(taken(&mut anew), b"\x81\0");
    }
}
