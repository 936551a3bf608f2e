//! A reader of DER (X.690), as much as certificates and PKCS#7 need: one value after the other, all
//! lengths definite.

use super::SignatureError;

/// Tags by their number in the encoding.
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT: u8 = 0x06;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// The tag of a context, constructed.
pub(super) const fn context(number: u8) -> u8 {
    0xA0 | number
}

/// One value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// Tag and length included.
    pub(super) whole: &'a [u8],
}

impl<'a> Value<'a> {
    /// A reader of what it is made of.
    pub(super) const fn inside(self) -> Reader<'a> {
        Reader(self.content)
    }
}

/// What is left to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    /// The next value, whatever it is; `None` at the end.
    pub(super) fn any(&mut self) -> Result<Option<Value<'a>>, SignatureError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let value = read(self.0).ok_or(SignatureError::Malformed)?;
        self.0 = self.0.get(value.whole.len()..).unwrap_or_default();
        Ok(Some(value))
    }

    /// The next value, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<Value<'a>, SignatureError> {
        self.any()?.filter(|value| value.tag == tag).ok_or(SignatureError::Malformed)
    }

    /// The next value if it has this tag; otherwise it is left.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>, SignatureError> {
        if self.0.first() == Some(&tag) { self.any() } else { Ok(None) }
    }
}

fn read(bytes: &[u8]) -> Option<Value<'_>> {
    let (tag, rest) = bytes.split_first()?;
    // Tags of more than one byte stand in nothing that is read here.
    if tag & 0x1F == 0x1F {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (len, rest) = match first {
        0..=0x7F => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (len, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            (len.iter().fold(0, |len, byte| len << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let content = rest.get(..len)?;
    let head = bytes.len() - rest.len();
    Some(Value { tag: *tag, content, whole: bytes.get(..head + len)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_one_by_one() {
        let long = [&[0x04, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        let bytes = [&[0x02, 0x01, 0x05][..], &long, &[0x30, 0x03, 0x02, 0x01, 0x09]].concat();
        let mut reader = Reader(&bytes);
        assert_eq!(reader.expect(INTEGER).unwrap().content, [5]);
        assert!(reader.optional(SET).unwrap().is_none());
        let value = reader.expect(OCTET_STRING).unwrap();
        assert_eq!((value.content.len(), value.whole.len()), (256, 260));
        let mut inside = reader.expect(SEQUENCE).unwrap().inside();
        assert_eq!(inside.expect(INTEGER).unwrap().content, [9]);
        assert!(reader.any().unwrap().is_none());
        for bad in [&[0x02][..], &[0x02, 0x02, 0x00], &[0x30, 0x80, 0, 0], &[0x1F, 0x01, 0x00]] {
            assert!(Reader(bad).any().is_err(), "{bad:?}");
        }
    }
}
