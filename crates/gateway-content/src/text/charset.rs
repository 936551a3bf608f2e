//! Text in another charset than UTF-8, turned into it (WHATWG Encoding, by `encoding_rs`).

use bytes::BytesMut;
use encoding_rs::{CoderResult, Decoder, Encoding};
use gateway_inspect::Unscannable;

use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// Bytes that are turned at once.
const STEP_BYTES: usize = 8 << 10;

/// Turns text into UTF-8; what is no character becomes U+FFFD.
pub(super) struct Charset {
    decoder: Decoder,
    /// Whether nothing came out of what was taken last.
    is_open: bool,
}

impl Charset {
    /// Text in `encoding`, a byte order mark included if it has one.
    pub(super) fn new(encoding: &'static Encoding) -> Self {
        Self { decoder: encoding.new_decoder_with_bom_removal(), is_open: false }
    }

    fn turn(&mut self, input: &[u8], out: &mut BytesMut, last: bool) -> usize {
        let room = self.decoder.max_utf8_buffer_length(input.len()).unwrap_or(4 * input.len() + 16);
        let before = out.len();
        out.resize(before + room, 0);
        let target = out.get_mut(before..).unwrap_or_default();
        let (result, read, written, _) = self.decoder.decode_to_utf8(input, target, last);
        debug_assert_eq!(result, CoderResult::InputEmpty, "room for all of it was made");
        out.truncate(before + written);
        self.is_open = read > 0 && written == 0;
        read
    }
}

impl Transform for Charset {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = input.get(..STEP_BYTES).unwrap_or(input);
        (self.turn(input, out, false), Decoded::More)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        self.turn(&[], out, true);
        Ok(())
    }

    fn is_settled(&self) -> bool {
        !self.is_open
    }

    fn keeps_text(&self) -> bool {
        true
    }
}
