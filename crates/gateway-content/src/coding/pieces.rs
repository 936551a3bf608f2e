//! A file that lies in pieces: some were gathered, some are yet to come in the stream below, some are holes.

use std::collections::VecDeque;

use bytes::{BufMut, Bytes, BytesMut};
use gateway_inspect::Unscannable;

use super::decoder::Decoded;
use super::inflate::WINDOW;
use super::transform::Transform;

/// What comes next of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Bytes that were gathered.
    Held(Bytes),
    /// So many bytes of the stream below that are left out.
    Skip(u64),
    /// So many bytes of the stream below.
    Take(u64),
    /// So many zeros, which stand nowhere.
    Zeros(u64),
}

/// The pieces, one behind the other.
pub(crate) struct Pieces {
    pieces: VecDeque<Piece>,
    work: u64,
}

impl Pieces {
    pub(crate) fn new(pieces: VecDeque<Piece>) -> Self {
        Self { pieces, work: 0 }
    }
}

/// The least of the two.
fn at_most(left: u64, n: usize) -> usize {
    usize::try_from(left).map_or(n, |left| left.min(n))
}

impl Transform for Pieces {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let before = out.len();
        let (used, decoded) = self.put(input, out);
        self.work += (used + out.len() - before) as u64;
        (used, decoded)
    }

    fn finish(&mut self, _out: &mut BytesMut) -> Result<(), Unscannable> {
        if self.pieces.is_empty() { Ok(()) } else { Err(Unscannable::Malformed) }
    }

    fn is_drained(&self) -> bool {
        // Even when it is empty the end has not been told.
        matches!(self.pieces.front(), Some(Piece::Skip(_) | Piece::Take(_)))
    }

    fn work(&self) -> u64 {
        self.work
    }

    fn memory_max(&self) -> usize {
        let held = |piece: &Piece| match piece {
            Piece::Held(bytes) => bytes.len(),
            Piece::Skip(_) | Piece::Take(_) | Piece::Zeros(_) => 0,
        };
        self.pieces.iter().map(held).sum::<usize>() + self.pieces.len() * size_of::<Piece>()
    }
}

impl Pieces {
    /// Puts out what follows, a window of it at the most.
    fn put(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let before = out.len();
        let mut used = 0;
        while out.len() - before < WINDOW {
            let room = WINDOW - (out.len() - before);
            let rest = input.get(used..).unwrap_or_default();
            let is_over = match self.pieces.front_mut() {
                None => return (used, Decoded::End),
                Some(Piece::Held(bytes)) => {
                    out.extend_from_slice(&bytes.split_to(bytes.len().min(room)));
                    bytes.is_empty()
                }
                Some(Piece::Zeros(left)) => {
                    let n = at_most(*left, room);
                    out.put_bytes(0, n);
                    *left -= n as u64;
                    *left == 0
                }
                Some(Piece::Skip(left)) => {
                    let n = at_most(*left, rest.len());
                    used += n;
                    *left -= n as u64;
                    *left == 0
                }
                Some(Piece::Take(left)) => {
                    let n = at_most(*left, rest.len().min(room));
                    out.extend_from_slice(rest.get(..n).unwrap_or_default());
                    used += n;
                    *left -= n as u64;
                    *left == 0
                }
            };
            if is_over {
                self.pieces.pop_front();
            } else if matches!(self.pieces.front(), Some(Piece::Skip(_) | Piece::Take(_))) {
                // All that has come is used, or there is no more room.
                break;
            }
        }
        (used, Decoded::More)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever comes at once, and with zeros that are more than is given at once.
    #[test]
    fn pieces_are_put_together_in_their_order() {
        let zeros = 3 * WINDOW as u64 + 1;
        let below = b"..bc....ef-";
        let want = [&b"abcd"[..], &vec![0; zeros as usize], b"ef"].concat();
        for cut in [1, 3, below.len()] {
            let mut pieces = Pieces::new(VecDeque::from([
                Piece::Held(Bytes::from_static(b"a")),
                Piece::Skip(2),
                Piece::Take(2),
                Piece::Held(Bytes::from_static(b"d")),
                Piece::Zeros(zeros),
                Piece::Skip(4),
                Piece::Take(2),
            ]));
            let (mut out, mut at, mut turns) = (BytesMut::new(), 0, 0);
            loop {
                let input = &below[at..below.len().min(at + cut)];
                let (used, decoded) = pieces.run(input, &mut out);
                (at, turns) = (at + used, turns + 1);
                if decoded == Decoded::End {
                    break;
                }
                assert!(turns < 100);
            }
            assert_eq!((&out[..], &below[at..]), (&want[..], &b"-"[..]), "by {cut}");
        }
    }

    #[test]
    fn a_piece_that_does_not_come_is_missed() {
        let mut out = BytesMut::new();
        let mut pieces = Pieces::new(VecDeque::from([Piece::Take(3)]));
        assert_eq!(pieces.run(b"ab", &mut out), (2, Decoded::More));
        assert!(pieces.is_drained());
        assert_eq!(pieces.finish(&mut out), Err(Unscannable::Malformed));
    }
}
