//! UTF-8 that comes in pieces: wrong as soon as no continuation could make it right.

use super::WsError;

/// The text of one message so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Utf8 {
    /// The beginning of a character that the last piece did not finish.
    begun: [u8; 4],
    begun_bytes: usize,
}

impl Utf8 {
    /// Takes the next piece.
    pub(super) fn push(&mut self, mut piece: &[u8]) -> Result<(), WsError> {
        while self.begun_bytes > 0 {
            let Some((&byte, rest)) = piece.split_first() else { return Ok(()) };
            piece = rest;
            if let Some(place) = self.begun.get_mut(self.begun_bytes) {
                *place = byte;
            }
            self.begun_bytes += 1;
            let begun = self.begun.get(..self.begun_bytes).unwrap_or_default();
            match std::str::from_utf8(begun) {
                Ok(_) => self.begun_bytes = 0,
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(WsError::InvalidUtf8),
            }
        }
        match std::str::from_utf8(piece) {
            Ok(_) => Ok(()),
            Err(error) if error.error_len().is_none() => {
                let begun = piece.get(error.valid_up_to()..).unwrap_or_default();
                for (place, byte) in self.begun.iter_mut().zip(begun) {
                    *place = *byte;
                }
                self.begun_bytes = begun.len();
                Ok(())
            }
            Err(_) => Err(WsError::InvalidUtf8),
        }
    }

    /// The message has ended.
    pub(super) fn finish(&mut self) -> Result<(), WsError> {
        match std::mem::take(&mut self.begun_bytes) {
            0 => Ok(()),
            _ => Err(WsError::InvalidUtf8),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_valid<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> bool {
        let mut text = Utf8::default();
        pieces.into_iter().all(|piece| text.push(piece).is_ok()) && text.finish().is_ok()
    }

    #[test]
    fn an_error_shows_at_its_byte() {
        for (text, wrong) in [
            (&b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80"[..], 6),
            (b"\xf4\x90\x80\x80", 1),
            (b"a\xc0\xaf", 1),
            (b"\xf0\x9f\x98x", 3),
            (b"\xff", 0),
        ] {
            let mut state = Utf8::default();
            let first = text.chunks(1).position(|byte| state.push(byte).is_err());
            assert_eq!(first, Some(wrong), "{text:x?}");
        }
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            text in prop_oneof![
                any::<String>().prop_map(String::into_bytes),
                proptest::collection::vec(any::<u8>(), 0..8),
                (any::<String>(), any::<u8>()).prop_map(|(text, byte)| {
                    let mut bytes = text.into_bytes();
                    bytes.push(byte);
                    bytes
                }),
            ],
            size in 1..5_usize,
        ) {
            prop_assert_eq!(is_valid(text.chunks(size)), std::str::from_utf8(&text).is_ok());
        }
    }
}
