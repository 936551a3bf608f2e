//! An inspector of your own, which finds a word, across pieces too, in a chain:
//! `cargo run -p gateway-examples --example own_inspector [FILE]`
#![expect(clippy::print_stdout, reason = "a program that shows something")]

use std::{env, fs, io, sync::Arc};

use gateway_inspect::*;

const WORD: &[u8] = b"secret";
struct Word(Arc<Entry>, Outcome);

impl Inspector for Word {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: WORD.len() - 1 }
    }
    fn memory_max(&self) -> usize {
        size_of::<Self>()
    }
    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        for (at, bytes) in window.bytes().windows(WORD.len()).enumerate() {
            let start = window.start() + at;
            if bytes == WORD {
                let span = Span::new(start, start + WORD.len());
                found.push(Finding::content(self.0.clone(), PartId::ROOT, span, Confidence::High));
                self.1 = Outcome::Found;
            }
        }
        // What may be the beginning of a word could still be reported: it is not cleared.
        let begun = (1..WORD.len()).rev().find(|n| window.bytes().ends_with(&WORD[..*n]));
        Progress::More { clear_to: window.end().back(begun.unwrap_or(0) as u64) }
    }
    fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome {
        self.1
    }
}

/// The clearance after each piece, and the number of findings.
fn inspect<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<u64>, usize) {
    let (id, name, profiles) = ("word".into(), "A word".into(), Vec::new());
    let entry = Arc::new(Entry { scanner: "example", id, name, profiles });
    let word: Box<dyn Inspector> = Box::new(Word(entry, Outcome::Clean));
    let mut chain = Chain::new([word], &Limits::default());
    let mut found = Findings::new(100);
    let clear = |piece| chain.push(piece, &mut found).span.as_u64();
    let clearances = pieces.into_iter().map(clear).collect();
    chain.finish(&mut found);
    (clearances, found.as_slice().len())
}

fn main() -> io::Result<()> {
    let bytes = env::args().nth(1).map_or_else(|| Ok(b"a secret, se-cret".to_vec()), fs::read)?;
    let (clearances, findings) = inspect(bytes.chunks(4));
    println!("{findings} findings; cleared to {clearances:?}");
    Ok(())
}

#[test]
fn a_word_in_two_pieces_is_found() {
    assert_eq!(inspect([&b"a sec"[..], b"ret, s", b"ecre"]), (vec![2, 10, 10], 1));
}
