//! The body of one part of a message: up to its boundary, its transfer encoding taken off.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use super::header::Transfer;
use super::quoted::Quoted;
use super::split::Split;
use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;
use crate::text::base64::Base64Body;

/// Bytes that are taken at once.
const STEP_BYTES: usize = 16 << 10;

/// One body.
pub(super) struct Entity {
    split: Option<Split>,
    encoding: Encoding,
    packed: BytesMut,
}

enum Encoding {
    Identity,
    Base64(Base64Body),
    Quoted(Quoted),
}

impl Entity {
    /// A body up to a line that begins with `mark`, or to the end.
    pub(super) fn new(mark: Option<Vec<u8>>, transfer: Transfer) -> Self {
        let encoding = match transfer {
            Transfer::Identity => Encoding::Identity,
            Transfer::Base64 => Encoding::Base64(Base64Body::default()),
            Transfer::Quoted => Encoding::Quoted(Quoted::default()),
        };
        Self { split: mark.map(Split::new), encoding, packed: BytesMut::new() }
    }
}

impl Encoding {
    fn decode(&mut self, input: &[u8], out: &mut BytesMut) {
        match self {
            Self::Identity => out.extend_from_slice(input),
            Self::Base64(body) => body.decode(input, out),
            Self::Quoted(quoted) => quoted.decode(input, out),
        }
    }

    fn finish(&mut self, out: &mut BytesMut) {
        if let Self::Quoted(quoted) = self {
            quoted.finish(out);
        }
    }
}

impl Transform for Entity {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = input.get(..STEP_BYTES).unwrap_or(input);
        let Some(split) = &mut self.split else {
            self.encoding.decode(input, out);
            return (input.len(), Decoded::More);
        };
        if let Encoding::Identity = self.encoding {
            let (used, found) = split.run(input, out);
            return (used, if found { Decoded::End } else { Decoded::More });
        }
        self.packed.clear();
        let (used, found) = split.run(input, &mut self.packed);
        self.encoding.decode(&self.packed, out);
        if !found {
            return (used, Decoded::More);
        }
        self.encoding.finish(out);
        (used, Decoded::End)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        self.packed.clear();
        if let Some(split) = &mut self.split {
            split.finish(&mut self.packed);
            self.encoding.decode(&self.packed, out);
        }
        self.encoding.finish(out);
        // A message that was cut is read by all as far as it goes.
        Ok(())
    }

    fn is_settled(&self) -> bool {
        let quoted = match &self.encoding {
            Encoding::Quoted(quoted) => quoted.is_settled(),
            Encoding::Identity | Encoding::Base64(_) => true,
        };
        quoted && self.split.as_ref().is_none_or(Split::is_settled)
    }

    fn keeps_text(&self) -> bool {
        match &self.encoding {
            Encoding::Identity | Encoding::Quoted(_) => true,
            Encoding::Base64(_) => false,
        }
    }

    fn copies(&self) -> bool {
        matches!(self.encoding, Encoding::Identity)
    }

    fn unread(&self) -> &[u8] {
        self.split.as_ref().map_or(&[], Split::mark)
    }
}
