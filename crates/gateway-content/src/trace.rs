//! Which bytes of a text became which bytes of its plainer form: exact, where anchors only round down.
//!
//! It watches a decoder from outside: what went in, what came out, and whether anything is still under
//! way. What came out as it went in is told apart byte by byte; of anything else the whole group of
//! bytes counts that had to come for it, rather too many than too few.

use std::collections::VecDeque;

use bytes::BytesMut;
use gateway_inspect::{Offset, Span};

use crate::coding::decoder::Decoded;

/// Runs that are remembered, at the most. What stood in those before cannot be found any more.
const RUNS_MAX: usize = 4_096;

/// Runs after which what came out is shown before more comes: so many are never forgotten before.
const RUNS_AT_ONCE: usize = 1_024;

/// Bytes that go in at once, at the most: if some of them change, all of them count.
const STRIDE: usize = 256;

/// Bytes under way that are kept to be compared.
const OPEN_BYTES_MAX: usize = 4 << 10;

/// What is known of one decoder.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    runs: VecDeque<Run>,
    /// Bytes that came out.
    out: u64,
    /// Bytes that went in and of which something may yet come out, and where they begin.
    open: Vec<u8>,
    open_at: u64,
    /// Those of them that were too many to be kept.
    open_more: u64,
    /// Runs since what came out was shown.
    fresh: usize,
}

/// A stretch of what came out, and of what went in for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    out: u64,
    out_len: u64,
    raw: u64,
    raw_len: u64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The same bytes.
    Same,
    /// Others.
    Changed,
}

impl Trace {
    /// Lets `decoder` take some of `input`, which begins at `at` of the stream below.
    pub(crate) fn run(
        &mut self,
        at: u64,
        input: &[u8],
        out: &mut BytesMut,
        decoder: impl FnOnce(&[u8], &mut BytesMut) -> (usize, Decoded, Rest),
    ) -> (usize, Decoded) {
        let stride = if self.is_open() { 1 } else { stride(input) };
        let before = out.len();
        let (used, decoded, rest) = decoder(input.get(..stride).unwrap_or(input), out);
        let (taken, made) = (input.get(..used), out.get(before..));
        self.note(at, taken.unwrap_or_default(), made.unwrap_or_default(), rest);
        (used, decoded)
    }

    /// What was under way has come out with the end.
    pub(crate) fn finish(&mut self, made: &[u8]) {
        self.note(self.open_at + self.open_len(), &[], made, Rest::None);
    }

    /// Whether what came out is to be shown before more comes.
    pub(crate) const fn is_full(&self) -> bool {
        self.fresh >= RUNS_AT_ONCE
    }

    /// What came out was shown.
    pub(crate) const fn shown(&mut self) {
        self.fresh = 0;
    }

    /// The bytes of the stream below that the bytes `span` came from, in order; `None` where that is
    /// not known any more.
    pub(crate) fn below(&self, span: Span) -> Option<Vec<Span>> {
        let (start, end) = (span.start.as_u64(), span.end.as_u64());
        let first = self.runs.partition_point(|run| run.out + run.out_len <= start);
        let (mut at, mut spans) = (start, Vec::<Span>::new());
        for run in self.runs.range(first..) {
            if at >= end {
                break;
            }
            if run.out > at {
                return None;
            }
            let to = end.min(run.out + run.out_len);
            let (from, len) = match run.kind {
                Kind::Same => (run.raw + (at - run.out), to - at),
                Kind::Changed => (run.raw, run.raw_len),
            };
            let below = Span::new(Offset::new(from), Offset::new(from + len));
            match spans.last_mut() {
                Some(last) if last.end >= below.start => last.end = last.end.max(below.end),
                _ => spans.push(below),
            }
            at = to;
        }
        (at >= end).then_some(spans)
    }

    /// Bytes that it may hold.
    pub(crate) const fn memory_max() -> usize {
        2 * RUNS_MAX * size_of::<Run>() + 2 * OPEN_BYTES_MAX
    }

    const fn is_open(&self) -> bool {
        self.open_len() > 0
    }

    const fn open_len(&self) -> u64 {
        self.open.len() as u64 + self.open_more
    }

    fn note(&mut self, at: u64, taken: &[u8], made: &[u8], rest: Rest) {
        if !self.is_open() {
            self.open_at = at;
        }
        let room = OPEN_BYTES_MAX.saturating_sub(self.open.len());
        let kept = if self.open_more == 0 { taken.len().min(room) } else { 0 };
        self.open.extend_from_slice(taken.get(..kept).unwrap_or_default());
        self.open_more += (taken.len() - kept) as u64;
        if !made.is_empty() {
            let whole = self.open_more == 0 && self.open == made;
            if whole || (rest == Rest::Some && self.open.starts_with(made)) {
                self.push(made.len() as u64, made.len() as u64, Kind::Same);
                self.open.drain(..made.len());
                self.open_at += made.len() as u64;
            } else {
                self.push(made.len() as u64, self.open_len(), Kind::Changed);
            }
        }
        if rest == Rest::None {
            self.open.clear();
            self.open_more = 0;
        }
    }

    fn push(&mut self, out_len: u64, raw_len: u64, kind: Kind) {
        let run = Run { out: self.out, out_len, raw: self.open_at, raw_len, kind };
        self.out += out_len;
        if let Some(last) = self.runs.back_mut()
            && last.kind == Kind::Same
            && kind == Kind::Same
            && last.raw + last.raw_len == run.raw
        {
            last.out_len += out_len;
            last.raw_len += raw_len;
            return;
        }
        self.runs.push_back(run);
        self.fresh += 1;
        if self.runs.len() > RUNS_MAX {
            self.runs.pop_front();
        }
    }
}

/// Whether something that went in may yet come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    None,
    Some,
}

/// How many bytes of `input` most texts leave as they are; at least one, if there is any.
fn stride(input: &[u8]) -> usize {
    let most = input.get(..STRIDE).unwrap_or(input);
    most.iter().take_while(|byte| is_inert(**byte)).count().max(1)
}

/// Whether the byte begins no escape, tag or reference, in any form of text.
const fn is_inert(byte: u8) -> bool {
    match byte {
        b'\\' | b'%' | b'+' | b'&' | b'<' | b'>' | b'=' => false,
        b'\t' | b'\r' | b'\n' | b' '..=b'~' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::coding::decoder::Decoder;
    use crate::coding::transform::Transform;

    /// Undoes `%` and two digits, drops `<…>`, leaves all else.
    #[derive(Default)]
    struct Sample(Vec<u8>);

    impl Transform for Sample {
        fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
            for byte in input {
                self.0.push(*byte);
                match *self.0 {
                    [b'%', a, b] => {
                        let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or(0) as u8;
                        out.extend_from_slice(&[16 * value(a) + value(b)]);
                        self.0.clear();
                    }
                    [b'<', .., b'>'] => self.0.clear(),
                    [b'%' | b'<', ..] => {}
                    _ => out.extend_from_slice(&std::mem::take(&mut self.0)),
                }
            }
            (input.len(), Decoded::More)
        }

        fn finish(&mut self, out: &mut BytesMut) -> Result<(), gateway_inspect::Unscannable> {
            out.extend_from_slice(&std::mem::take(&mut self.0));
            Ok(())
        }

        fn is_settled(&self) -> bool {
            self.0.is_empty()
        }
    }

    fn traced(text: &[u8], cut: usize) -> (Trace, Vec<u8>) {
        let mut decoder = Decoder::Other(Box::new(Sample::default()));
        let (mut trace, mut out) = (Trace::default(), BytesMut::new());
        for (number, piece) in text.chunks(cut).enumerate() {
            let mut at = 0;
            while at < piece.len() {
                let below = (number * cut + at) as u64;
                at += decoder.run_traced(&mut trace, below, &piece[at..], &mut out).0;
            }
        }
        let before = out.len();
        decoder.finish(&mut out).unwrap();
        trace.finish(&out[before..]);
        (trace, out.to_vec())
    }

    /// What stands in `text` where `found` of its plainer form came from.
    fn below(text: &str, found: &str, cut: usize) -> Vec<String> {
        let (trace, out) = traced(text.as_bytes(), cut);
        let out = String::from_utf8(out).unwrap();
        let start = out.find(found).expect("it is there") as u64;
        let span = Span::new(Offset::new(start), Offset::new(start + found.len() as u64));
        let spans = trace.below(span).expect("it is known");
        let at = |offset: Offset| offset.as_u64() as usize;
        spans.iter().map(|span| text[at(span.start)..at(span.end)].to_owned()).collect()
    }

    #[test]
    fn what_came_from_where() {
        for (text, found, raw) in [
            ("a secret b", "secret", vec!["secret"]),
            ("%41 sec%72et %42", "secret", vec!["sec%72et"]),
            ("x%73ecret%20", "secret", vec!["%73ecret"]),
            ("a sec<b>ret</b> b", "secret", vec!["sec", "ret"]),
            ("<i>%73%65</i>cret", "secret", vec!["%73%65", "cret"]),
            ("a secret%4", "secret%4", vec!["secret%4"]),
        ] {
            for cut in [1, 2, 3, 7, 99] {
                assert_eq!(below(text, found, cut), raw, "{text} by {cut}");
            }
        }
    }

    #[test]
    fn what_is_long_ago_is_not_known() {
        let text = "x%41".repeat(2 * RUNS_MAX);
        let (trace, out) = traced(text.as_bytes(), 64);
        let span =
            |start: usize| Span::new(Offset::new(start as u64), Offset::new(start as u64 + 2));
        assert_eq!(trace.below(span(0)), None);
        let last = out.len() - 2;
        let end = text.len() as u64;
        assert_eq!(
            trace.below(span(last)),
            Some(vec![Span::new(Offset::new(end - 4), Offset::new(end))])
        );
        assert_eq!(trace.below(span(out.len())), None, "what has not come out yet");
        assert!(trace.runs.len() <= RUNS_MAX && trace.is_full());
    }

    proptest! {
        /// Overwriting what a stretch came from leaves nothing of it.
        #[test]
        fn nothing_is_left(
            text in prop::collection::vec(prop::sample::select(b"ab%46<>".to_vec()), 1..80),
            (from, len) in (0usize..80, 1usize..9),
            cut in 1usize..9,
        ) {
            let (trace, out) = traced(&text, cut);
            let (start, end) = (from.min(out.len()), (from + len).min(out.len()));
            prop_assume!(start < end);
            let span = Span::new(Offset::new(start as u64), Offset::new(end as u64));
            let spans = trace.below(span).expect("few runs");
            prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].start));
            // Bytes that came out as they are lie in the spans, in order.
            let raw: Vec<u8> = spans.iter()
                .flat_map(|span| &text[span.start.as_u64() as usize..span.end.as_u64() as usize])
                .copied()
                .collect();
            let plain = |bytes: &[u8]| bytes.iter().filter(|b| matches!(b, b'a' | b'b')).count();
            prop_assert!(plain(&raw) >= plain(&out[start..end]).saturating_sub(1));
            prop_assert!(raw.len() >= end - start);
        }
    }
}
