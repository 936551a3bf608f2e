//! One direction of a WebSocket connection: pieces are the bytes as they came, and neither they
//! nor the decoded content depend on how those bytes are cut.

use bytes::Bytes;
use gateway_h1h2::ws::{
    Agreement, Control, FrameReader, Piece, Sender, Tap, TapLimits, Tapped, WsError,
};

/// What is read of a direction.
#[derive(Debug, Default, PartialEq, Eq)]
struct Read {
    messages: Vec<Vec<u8>>,
    closed: Option<Option<u16>>,
    controls: usize,
    error: Option<WsError>,
    between_messages: bool,
}

/// The first byte says whose direction it is and what was agreed, the second is the length of the
/// chunks less one, the rest is the direction.
pub fn websocket(data: &[u8]) {
    let Some((&[how, chunk], wire)) = data.split_first_chunk() else { return };
    let sender = if how & 1 == 0 { Sender::Client } else { Sender::Server };
    let mut agreement = Agreement::default();
    agreement.client_no_context_takeover = how & 4 != 0;
    agreement.server_no_context_takeover = how & 4 != 0;
    let deflate = (how & 2 != 0).then_some(&agreement);
    let whole = read(sender, deflate, [wire]);
    assert_eq!(read(sender, deflate, wire.chunks(usize::from(chunk) + 1)), whole, "in chunks");
    assert_eq!(read(sender, deflate, wire.chunks(1)), whole, "byte by byte");
}

fn read<'a>(
    sender: Sender,
    deflate: Option<&Agreement>,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Read {
    let mut limits = TapLimits::default();
    // Small enough that a fuzzer meets them.
    limits.message_bytes_max = 1 << 20;
    limits.ratio_floor_bytes = 16 << 10;
    let mut frames = FrameReader::new(sender, deflate);
    let mut tap = Tap::new(deflate.map(|agreed| (agreed, sender)), limits);
    let mut read = Read::default();
    let mut content = Vec::new();
    for chunk in chunks {
        let mut input = Bytes::copy_from_slice(chunk);
        let mut wire = Vec::new();
        loop {
            let piece = match frames.next(&mut input) {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                Err(error) => {
                    read.error = Some(error);
                    return read;
                }
            };
            match piece {
                Piece::Begin { header, wire: bytes } => {
                    tap.begin(&header);
                    wire.extend(bytes);
                }
                Piece::Payload { wire: bytes } => {
                    assert!(!bytes.is_empty(), "an empty piece of payload");
                    tap.push(&bytes);
                    wire.extend(bytes);
                }
                Piece::End => tap.end_frame(),
                Piece::Control(control) => {
                    read.controls += 1;
                    if let Control::Close { close, .. } = &control {
                        read.closed = Some(close.code);
                    }
                    wire.extend(control.into_wire());
                }
            }
            if let Err(error) = drain(&mut tap, &mut content, &mut read) {
                read.error = Some(error);
                return read;
            }
        }
        // What is not given out yet is the end of the chunk; nothing is given out twice.
        assert!(wire.len() <= chunk.len() + 139, "more came out than went in");
    }
    read.between_messages = frames.is_between_messages();
    read
}

fn drain(tap: &mut Tap, content: &mut Vec<u8>, read: &mut Read) -> Result<(), WsError> {
    loop {
        match tap.step()? {
            Tapped::Data(bytes) => {
                assert!(!bytes.is_empty(), "an empty piece of content");
                content.extend_from_slice(&bytes);
            }
            Tapped::Drained => return Ok(()),
            Tapped::MessageEnd => {
                read.messages.push(std::mem::take(content));
                return Ok(());
            }
        }
    }
}
