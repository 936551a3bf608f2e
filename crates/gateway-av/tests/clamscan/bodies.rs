//! Bodies of signatures, generated, and bytes that satisfy them or nearly do.

use std::fmt::Write as _;

use super::Dice;

/// An element of a body.
#[derive(Clone, Debug)]
pub(super) enum Token {
    Byte(u8),
    Any,
    High(u8),
    Low(u8),
    Gap(usize, Option<usize>),
    Reach(usize, usize),
    OneOf(Vec<Vec<u8>>),
    NoneOf(Vec<u8>),
    Mark(&'static str),
}

/// A body: its text, and what satisfies it.
#[derive(Clone, Debug)]
pub(super) struct Body(pub(super) Vec<Token>);

impl Body {
    pub(super) fn random(dice: &mut Dice) -> Self {
        let mut tokens = Vec::new();
        if dice.one_in(12) {
            tokens.push(Token::Mark(["(B)", "(L)", "(W)"][dice.below(3)]));
        }
        let parts = 1 + dice.below(3);
        for part in 0..parts {
            if part > 0 {
                tokens.push(match dice.below(5) {
                    0 | 1 => Token::Gap(0, None),
                    2 => Token::Gap(1 + dice.below(4), None),
                    3 => Token::Gap(0, Some(1 + dice.below(6))),
                    _ => {
                        let min = 1 + dice.below(4);
                        Token::Gap(min, Some(min + 1 + dice.below(4)))
                    }
                });
            }
            Self::part(dice, &mut tokens, parts == 1);
        }
        if dice.one_in(12) {
            tokens.push(Token::Mark(["(B)", "(W)"][dice.below(2)]));
        }
        Self(tokens)
    }

    fn part(dice: &mut Dice, tokens: &mut Vec<Token>, alone: bool) {
        // ClamAV reaches from a wrong place where a reach is followed by a wildcard.
        if alone && dice.one_in(12) {
            let from = dice.below(3);
            tokens.push(Token::Byte(dice.byte()));
            tokens.push(Token::Reach(from, from + dice.below(3)));
        } else {
            for _ in 0..dice.below(3) {
                tokens.push(Self::wild(dice));
            }
        }
        let literal = 3 + dice.below(12);
        tokens.extend(dice.bytes(literal).into_iter().map(Token::Byte));
        for _ in 0..dice.below(3) {
            tokens.push(Self::wild(dice));
            tokens.push(Token::Byte(dice.byte()));
        }
    }

    fn wild(dice: &mut Dice) -> Token {
        match dice.below(7) {
            0 | 1 => Token::Any,
            2 => Token::High(dice.byte() >> 4),
            3 => Token::Low(dice.byte() & 15),
            4 => Token::NoneOf(vec![dice.byte(), dice.byte()]),
            _ => {
                let (len, count) = (1 + dice.below(2), 2 + dice.below(2));
                Token::OneOf((0..count).map(|_| dice.bytes(len)).collect())
            }
        }
    }

    pub(super) fn text(&self) -> String {
        let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |s, b| s + &format!("{b:02x}"));
        let mut text = String::new();
        for token in &self.0 {
            match token {
                Token::Byte(byte) => write!(text, "{byte:02x}"),
                Token::Any => write!(text, "??"),
                Token::High(high) => write!(text, "{high:x}?"),
                Token::Low(low) => write!(text, "?{low:x}"),
                Token::Gap(0, None) => write!(text, "*"),
                Token::Gap(min, None) => write!(text, "{{{min}-}}"),
                Token::Gap(0, Some(max)) => write!(text, "{{-{max}}}"),
                Token::Gap(min, Some(max)) if min == max => write!(text, "{{{min}}}"),
                Token::Gap(min, Some(max)) => write!(text, "{{{min}-{max}}}"),
                Token::Reach(min, max) => write!(text, "[{min}-{max}]"),
                Token::OneOf(options) => {
                    let all: Vec<_> = options.iter().map(|one| hex(one)).collect();
                    write!(text, "({})", all.join("|"))
                }
                Token::NoneOf(bytes) => {
                    let all: Vec<_> = bytes.iter().map(|one| hex(&[*one])).collect();
                    write!(text, "!({})", all.join("|"))
                }
                Token::Mark(mark) => write!(text, "{mark}"),
            }
            .unwrap();
        }
        text
    }

    /// Bytes that satisfy it, or nearly do.
    pub(super) fn sample(&self, dice: &mut Dice, wide: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        for token in &self.0 {
            let start = bytes.len();
            match token {
                Token::Byte(byte) => bytes.push(*byte),
                Token::Any | Token::NoneOf(_) => bytes.push(dice.byte()),
                Token::High(high) => bytes.push(high << 4 | 1),
                Token::Low(low) => bytes.push(*low | 0x40),
                Token::Gap(min, max) => {
                    let more = max.map_or(6, |max| max - min + 1);
                    let count = min + dice.below(more + 1);
                    let count = count.saturating_sub(usize::from(dice.one_in(9)));
                    bytes.extend(dice.bytes(count));
                    continue;
                }
                Token::Reach(min, max) => {
                    let count = min + dice.below(max - min + 2);
                    bytes.extend(dice.bytes(count));
                }
                Token::OneOf(options) => bytes.extend(&options[dice.below(options.len())]),
                Token::Mark(_) => bytes.push(b" -\nAa"[dice.below(5)]),
            }
            if wide && !matches!(token, Token::Mark(_)) {
                let narrow: Vec<u8> = bytes.drain(start..).collect();
                bytes.extend(narrow.into_iter().flat_map(|byte| [byte, 0]));
            }
        }
        if dice.one_in(4) {
            let at = dice.below(bytes.len());
            bytes[at] = dice.byte();
        }
        bytes
    }
}
