//! Ends a view where an archive seems to begin: a file may be text in front and an archive behind.

use bytes::BytesMut;
use gateway_inspect::Unscannable;

use crate::archive::seek::Seeker;
use crate::archive::zip::FIRST_SIGNATURES;
use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// A view of text up to the signature of an archive.
pub(super) struct Until<T> {
    view: T,
    seeker: Seeker,
    signature: Vec<u8>,
}

impl<T: Transform> Until<T> {
    pub(super) fn new(view: T) -> Self {
        Self { view, seeker: Seeker::new(), signature: Vec::new() }
    }

    /// Shows all of `input` to the view.
    fn show(&mut self, input: &[u8], out: &mut BytesMut) {
        let mut rest = input;
        while !rest.is_empty() {
            let (used, decoded) = self.view.run(rest, out);
            rest = rest.get(used..).unwrap_or_default();
            if decoded != Decoded::More {
                return;
            }
        }
    }
}

impl<T: Transform> Transform for Until<T> {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let held: Vec<u8> = self.seeker.taken().to_vec();
        let (used, signature) = self.seeker.seek(input, FIRST_SIGNATURES);
        let keep = signature.map_or_else(|| self.seeker.taken().len(), |found| found.len());
        // Of what was held and what came, all but the last bytes can be no signature.
        let mut passed = (held.len() + used).saturating_sub(keep);
        let from_held = passed.min(held.len());
        self.show(held.get(..from_held).unwrap_or_default(), out);
        passed -= from_held;
        self.show(input.get(..passed).unwrap_or_default(), out);
        match signature {
            Some(found) => {
                self.signature = found.to_vec();
                let _ = self.view.finish(out);
                (used, Decoded::End)
            }
            None => (used, Decoded::More),
        }
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        let held: Vec<u8> = self.seeker.taken().to_vec();
        self.show(&held, out);
        self.view.finish(out)
    }

    fn is_settled(&self) -> bool {
        self.seeker.taken().is_empty() && self.view.is_settled()
    }

    fn keeps_text(&self) -> bool {
        self.view.keeps_text()
    }

    fn unread(&self) -> &[u8] {
        &self.signature
    }
}
