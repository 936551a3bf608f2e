//! Tests the body scanner against one that tries everything.

use std::fmt::Write as _;

use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Place, Wanted};
use proptest::prelude::*;
use proptest::sample::select;

use crate::DatabaseBuilder;

/// An element of a body, as the oracle reads it.
#[derive(Clone, Debug)]
enum Token {
    Byte(u8),
    Any,
    High(u8),
    Low(u8),
    /// At least and at most so many bytes; an unbounded gap begins a new segment.
    Gap(usize, Option<usize>),
    /// One of these.
    OneOf(&'static [&'static [u8]]),
    /// None of these bytes.
    Not(&'static [u8]),
}

#[derive(Clone, Debug)]
enum Where {
    Anywhere,
    At(usize, usize),
    FromEnd(usize, usize),
}

#[derive(Clone, Debug)]
struct Signature {
    place: Where,
    tokens: Vec<Token>,
    /// Whether no letter may stand before it, and none behind it.
    words: (bool, bool),
}

impl Signature {
    fn line(&self, number: usize) -> String {
        let mut line = format!("{number}:0:");
        match self.place {
            Where::Anywhere => line.push('*'),
            Where::At(at, 0) => write!(line, "{at}").unwrap(),
            Where::At(at, shift) => write!(line, "{at},{shift}").unwrap(),
            Where::FromEnd(back, shift) => write!(line, "EOF-{back},{shift}").unwrap(),
        }
        line.push(':');
        line += if self.words.0 { "(W)" } else { "" };
        for token in &self.tokens {
            match token {
                Token::Byte(byte) => write!(line, "{byte:02x}"),
                Token::Any => write!(line, "??"),
                Token::High(high) => write!(line, "{high:x}?"),
                Token::Low(low) => write!(line, "?{low:X}"),
                Token::Gap(0, None) => write!(line, "*"),
                Token::Gap(min, None) => write!(line, "{{{min}-}}"),
                Token::Gap(0, Some(max)) => write!(line, "{{-{max}}}"),
                Token::Gap(min, Some(max)) if min == max => write!(line, "{{{min}}}"),
                Token::Gap(min, Some(max)) => write!(line, "{{{min}-{max}}}"),
                Token::OneOf(options) => {
                    let hex = |one: &&[u8]| one.iter().map(|b| format!("{b:02x}")).collect();
                    let all: Vec<String> = options.iter().map(hex).collect();
                    write!(line, "({})", all.join("|"))
                }
                Token::Not(bytes) => {
                    let all: Vec<_> = bytes.iter().map(|b| format!("{b:02x}")).collect();
                    write!(line, "!({})", all.join("|"))
                }
            }
            .unwrap();
        }
        line + if self.words.1 { "(W)\n" } else { "\n" }
    }

    /// The end and the start of the finding, by trying everything.
    fn find(&self, text: &[u8]) -> Option<(usize, usize)> {
        let starts = match self.place {
            Where::Anywhere => 0..=text.len(),
            Where::At(at, shift) => at..=at + shift,
            Where::FromEnd(back, shift) => {
                let first = text.len().checked_sub(back).into_iter();
                let places = first.flat_map(|first| first..=first + shift);
                return places
                    .flat_map(|at| ends(&self.tokens, text, at, at))
                    .min_by_key(|(_, start)| *start);
            }
        };
        let is_word = |at: Option<usize>| {
            at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphanumeric)
        };
        let starts = starts.filter(|at| !self.words.0 || !is_word(at.checked_sub(1)));
        let all = starts.flat_map(|at| ends(&self.tokens, text, at, at));
        let all = all.filter(|(end, _)| !self.words.1 || !is_word(Some(*end)));
        let (end, start) = all.min_by_key(|(end, start)| (*end, std::cmp::Reverse(*start)))?;
        Some((end, start + self.free_prefix()))
    }

    /// How many bytes of any value the last segment begins with.
    fn free_prefix(&self) -> usize {
        let is_gap = |token: &Token| matches!(token, Token::Gap(_, None));
        let from = self.tokens.iter().rposition(is_gap).map_or(0, |at| at + 1);
        if from == 0 && self.words.0 {
            return 0;
        }
        let free = |token: &Token| match token {
            Token::Any => Some(1),
            Token::Gap(min, max) if Some(*min) == *max => Some(*min),
            _ => None,
        };
        self.tokens[from..].iter().map_while(free).sum()
    }

    /// Bytes that match, with `x` for what is left open.
    fn sample(&self) -> Vec<u8> {
        let bytes = self.tokens.iter().flat_map(|token| match token {
            Token::Byte(byte) => vec![*byte],
            Token::Any => vec![b'x'],
            Token::High(high) => vec![high << 4],
            Token::Low(low) => vec![*low],
            Token::Gap(min, _) => vec![b'x'; *min],
            Token::OneOf(options) => options[options.len() - 1].to_vec(),
            Token::Not(_) => vec![b'z'],
        });
        bytes.collect()
    }
}

/// All ends of matches of `tokens` from `at` on, each with the start of its last segment.
fn ends(tokens: &[Token], text: &[u8], at: usize, start: usize) -> Vec<(usize, usize)> {
    let Some((token, rest)) = tokens.split_first() else { return vec![(at, start)] };
    let byte_fits = |fits: &dyn Fn(u8) -> bool| match text.get(at) {
        Some(byte) if fits(*byte) => ends(rest, text, at + 1, start),
        _ => Vec::new(),
    };
    match token {
        Token::Byte(wanted) => byte_fits(&|byte| byte == *wanted),
        Token::Any => byte_fits(&|_| true),
        Token::High(high) => byte_fits(&|byte| byte >> 4 == *high),
        Token::Low(low) => byte_fits(&|byte| byte & 15 == *low),
        Token::OneOf(options) => {
            let fits = options
                .iter()
                .filter(|one| text.get(at..).is_some_and(|rest| rest.starts_with(one)));
            fits.flat_map(|one| ends(rest, text, at + one.len(), start)).collect()
        }
        Token::Not(bytes) => byte_fits(&|byte| !bytes.contains(&byte)),
        Token::Gap(min, max) => {
            let last = max.map_or(text.len(), |max| (at + max).min(text.len()));
            let after = (at + min)..=last;
            let from = |next| ends(rest, text, next, if max.is_none() { next } else { start });
            after.flat_map(from).collect()
        }
    }
}

fn token() -> impl Strategy<Value = Token> {
    prop_oneof![
        4 => select(vec![b'a', b'b']).prop_map(Token::Byte),
        1 => Just(Token::Any),
        1 => Just(Token::High(6)),
        1 => Just(Token::Low(1)),
        1 => (1..4usize).prop_map(|n| Token::Gap(n, Some(n))),
        1 => select(vec![
            Token::OneOf(&[b"a", b"c"]),
            Token::OneOf(&[b"ab", b"ba"]),
            Token::OneOf(&[b"a", b"ab", b"abc"]),
            Token::OneOf(&[b"bb", b"b"]),
            Token::Not(b"ab"),
        ]),
    ]
}

fn piece() -> impl Strategy<Value = Vec<Token>> {
    let literal = "[ab]{2}|[ab]{3,5}|[abcd]{8,9}|[abcdefgh]{16,18}";
    let edge = || proptest::collection::vec(token(), 0..3);
    (edge(), literal, edge()).prop_map(|(before, literal, after)| {
        let literal = literal.into_bytes().into_iter().map(Token::Byte);
        before.into_iter().chain(literal).chain(after).collect()
    })
}

fn gap() -> impl Strategy<Value = Token> {
    prop_oneof![
        2 => Just(Token::Gap(0, None)),
        1 => (1..4usize).prop_map(|min| Token::Gap(min, None)),
        2 => (0..3usize, 1..4usize).prop_map(|(min, more)| Token::Gap(min, Some(min + more))),
    ]
}

fn signature() -> impl Strategy<Value = Signature> {
    let place = prop_oneof![
        3 => Just(Where::Anywhere),
        1 => (0..20usize, 0..3usize).prop_map(|(at, shift)| Where::At(at, shift)),
    ];
    let more = proptest::collection::vec((gap(), piece()), 0..3);
    let words = (0..8u8).prop_map(|n| (n % 4 == 1, n / 4 == 1 && n % 2 == 1));
    let chained = (place, piece(), more, words).prop_map(|(place, mut tokens, more, words)| {
        for (gap, piece) in more {
            tokens.push(gap);
            tokens.extend(piece);
        }
        Signature { place, tokens, words }
    });
    let plain = piece().prop_filter("of one length", |tokens| {
        let varies = |token: &Token| matches!(token, Token::OneOf(options) if options[0].len() != options[1].len());
        !tokens.iter().any(varies)
    });
    let from_end = (0..30usize, 0..3usize, plain).prop_map(|(back, shift, tokens)| Signature {
        place: Where::FromEnd(back, shift),
        tokens,
        words: (false, false),
    });
    prop_oneof![5 => chained, 1 => from_end]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// Whatever the signatures, the bytes and the chunks: what is found, and where, is what
    /// trying everything finds; and nothing is found before what was cleared.
    #[test]
    fn findings_are_those_of_the_oracle(
        signatures in proptest::collection::vec(signature(), 1..8),
        plan in proptest::collection::vec((any::<u8>(), any::<u8>()), 0..12),
        chunks in proptest::collection::vec(1..40usize, 1..40),
    ) {
        let mut text = Vec::new();
        for (kind, which) in plan {
            let sample = signatures[usize::from(which) % signatures.len()].sample();
            match kind % 4 {
                0 => text.push(b"abc "[usize::from(which) % 4]),
                1 => text.extend(&sample[..sample.len() / 2]),
                _ => text.extend(sample),
            }
        }
        let lines: String = signatures.iter().enumerate().map(|(n, s)| s.line(n)).collect();
        let mut builder = DatabaseBuilder::default();
        builder.add_file("oracle.ndb", lines.as_bytes()).unwrap();
        let [_, bodies, ..] = builder.build().lowest_examiners();
        let part = Part::root(PartKind::Unknown, None);
        let limits = Limits { window_bytes_max: 16, ..Limits::default() };
        let mut chain = Chain::new(bodies.open(&part, &Wanted::all()), &limits);
        let mut found = Findings::new(0);
        let (mut rest, mut cleared, mut seen) = (&text[..], 0, 0);
        for chunk in chunks.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (fresh, later) = rest.split_at((*chunk).min(rest.len()));
            let clear_to = chain.push(fresh, &mut found).span.as_u64();
            for finding in &found.as_slice()[seen..] {
                prop_assert!(finding.place.start().unwrap().as_u64() >= cleared);
            }
            prop_assert!(clear_to >= cleared);
            (rest, cleared, seen) = (later, clear_to, found.as_slice().len());
        }
        chain.finish(&mut found);
        for finding in &found.as_slice()[seen..] {
            prop_assert!(finding.place.start().unwrap().as_u64() >= cleared);
        }
        let mut results: Vec<_> = found.drain().map(|finding| {
            let Place::Content { span, .. } = finding.place else { unreachable!() };
            let number: usize = finding.entry.id.parse().unwrap();
            (number, span.end.as_u64() as usize, span.start.as_u64() as usize)
        }).collect();
        results.sort_unstable();
        let oracle = |(number, signature): (usize, &Signature)| {
            signature.find(&text).map(|(end, start)| (number, end, start))
        };
        let expected: Vec<_> = signatures.iter().enumerate().filter_map(oracle).collect();
        prop_assert_eq!(results, expected, "{} in {:?}", lines, String::from_utf8_lossy(&text));
    }
}
