//! Messages that are written anew: whatever came, and however it was cut, what is written is read
//! as the same messages.

use bytes::Bytes;
use gateway_h1h2::ws::{
    Agreement, FrameReader, Last, MessageForm, MessageWriter, Opcode, Packing, Piece, Sender, Tap,
    TapLimits, Tapped,
};

/// The first byte says what was agreed, the second how content is cut, the rest is a direction.
pub fn websocket_rewrite(data: &[u8]) {
    let Some((&[how, cut], wire)) = data.split_first_chunk() else { return };
    let sender = if how & 1 == 0 { Sender::Client } else { Sender::Server };
    let mut agreed = Agreement::default();
    agreed.client_no_context_takeover = how & 4 != 0;
    agreed.server_no_context_takeover = how & 4 != 0;
    if how & 8 != 0 {
        let bits = Some(8 + (how >> 5));
        (agreed.client_max_window_bits, agreed.server_max_window_bits) = (bits, bits);
    }
    let deflate = (how & 2 != 0).then_some(&agreed);
    let messages = read(sender, deflate, wire);
    let mut writer = MessageWriter::new(deflate.map(|agreed| (agreed, sender)));
    let mut again = Vec::new();
    for (opcode, packing, content) in &messages {
        let mask = (sender == Sender::Client).then_some([cut, 2, 3, 4]);
        writer.begin(MessageForm { opcode: *opcode, packing: *packing, mask });
        let mut pieces = content.chunks(64 * usize::from(cut) + 1).peekable();
        if pieces.peek().is_none() {
            writer.write(&[], Last::Yes, &mut again);
        }
        while let Some(piece) = pieces.next() {
            let last = if pieces.peek().is_some() { Last::No } else { Last::Yes };
            writer.write(piece, last, &mut again);
        }
        assert!(!writer.has_begun(), "a message was ended");
    }
    assert_eq!(read(sender, deflate, &again), messages);
}

type Message = (Opcode, Packing, Vec<u8>);

/// The whole messages up to what breaks a rule.
fn read(sender: Sender, deflate: Option<&Agreement>, wire: &[u8]) -> Vec<Message> {
    let mut limits = TapLimits::default();
    limits.message_bytes_max = 64 << 10;
    limits.ratio_max = u32::MAX;
    let mut frames = FrameReader::new(sender, deflate);
    let mut tap = Tap::new(deflate.map(|agreed| (agreed, sender)), limits);
    let (mut messages, mut under_way) = (Vec::new(), None::<Message>);
    let mut input = Bytes::copy_from_slice(wire);
    while let Ok(Some(piece)) = frames.next(&mut input) {
        match piece {
            Piece::Begin { header, .. } => {
                if header.opcode != Opcode::Continuation {
                    let packing = if header.rsv1 { Packing::Deflate } else { Packing::Plain };
                    under_way = Some((header.opcode, packing, Vec::new()));
                }
                tap.begin(&header);
            }
            Piece::Payload { wire } => tap.push(&wire),
            Piece::End => tap.end_frame(),
            Piece::Control(_) => {}
        }
        loop {
            match tap.step() {
                Ok(Tapped::Data(plain)) => {
                    if let Some((_, _, content)) = &mut under_way {
                        content.extend_from_slice(&plain);
                    }
                }
                Ok(Tapped::Drained) => break,
                Ok(Tapped::MessageEnd) => {
                    messages.extend(under_way.take());
                    break;
                }
                Err(_) => return messages,
            }
        }
    }
    messages
}
