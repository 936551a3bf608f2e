//! What has begun with a backslash: `\x41`, `\d`, `\b`.

use super::{OTHER, Refusal, Refused, Translator, WRONG};
use crate::Unsupported;

/// Classes that PCRE2 has a letter for.
pub(super) const BLANK: &str = r"\x09\x20\xA0";
pub(super) const VERTICAL: &str = r"\x0A-\x0D\x85";

/// Where an escape stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Outside,
    Class,
}

impl Translator<'_> {
    /// What has begun with a backslash.
    pub(super) fn escape(&mut self) -> Result<(), Refusal> {
        let Some((letter, rest)) = self.rest.split_first() else { return Err(WRONG) };
        if let Some(byte) = self.escaped_byte(Place::Outside)? {
            self.literal(byte);
            return Ok(());
        }
        self.rest = rest;
        match letter {
            b'd' | b'D' | b'w' | b'W' | b's' | b'S' => {
                self.atom(&format!("\\{}", char::from(*letter)));
            }
            b'b' | b'B' | b'A' | b'z' => {
                self.out += &format!("\\{}", char::from(*letter));
                self.repeatable = false;
            }
            b'Z' => return self.last_line(),
            b'h' => self.atom(&format!("[{BLANK}]")),
            b'H' => self.atom(&format!("[^{BLANK}]")),
            b'v' => self.atom(&format!("[{VERTICAL}]")),
            b'V' => self.atom(&format!("[^{VERTICAL}]")),
            b'N' => self.atom(r"[^\x0A]"),
            b'Q' => {
                let quoted = self.up_to(b"\\E");
                let quoted = quoted.unwrap_or_else(|| std::mem::take(&mut self.rest));
                for byte in quoted {
                    self.literal(*byte);
                }
            }
            b'E' => {}
            b'R' => return Err(Refused(Unsupported::RegexAtomic)),
            b'1'..=b'9' | b'g' | b'k' => return Err(Refused(Unsupported::RegexBackReference)),
            _ => return Err(OTHER),
        }
        Ok(())
    }

    /// The byte that an escape stands for, if it stands for one; it is taken then.
    pub(super) fn escaped_byte(&mut self, place: Place) -> Result<Option<u8>, Refusal> {
        let Some((letter, rest)) = self.rest.split_first() else { return Ok(None) };
        let byte = match letter {
            b'a' => 7,
            b'e' => 0x1B,
            b'f' => 0x0C,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' if place == Place::Class => 8,
            b'c' => {
                let byte = rest.first().filter(|byte| (b' '..0x7F).contains(*byte)).ok_or(WRONG)?;
                self.skip(1);
                byte.to_ascii_uppercase() ^ 0x40
            }
            b'x' => {
                self.skip(1);
                return self.hex().map(Some);
            }
            b'0'..=b'7' if *letter == b'0' || place == Place::Class => {
                let digits =
                    self.rest.iter().take(3).take_while(|byte| (b'0'..=b'7').contains(*byte));
                let (count, value) = digits
                    .fold((0, 0u32), |(n, sum), digit| (n + 1, sum * 8 + u32::from(digit - b'0')));
                self.skip(count);
                return u8::try_from(value).map(Some).map_err(|_| WRONG);
            }
            letter if letter.is_ascii_alphanumeric() => return Ok(None),
            other => *other,
        };
        self.skip(1);
        Ok(Some(byte))
    }

    /// The number behind `\x`.
    fn hex(&mut self) -> Result<u8, Refusal> {
        let digits = if self.eat(b"{") {
            self.up_to(b"}").filter(|digits| !digits.is_empty()).ok_or(WRONG)?
        } else {
            let count =
                self.rest.iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
            let digits = self.rest.get(..count).unwrap_or_default();
            self.skip(count);
            digits
        };
        let mut value = 0u32;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16).ok_or(WRONG)?;
            value = value.checked_mul(16).ok_or(WRONG)? | digit;
        }
        u8::try_from(value).map_err(|_| WRONG)
    }
}
