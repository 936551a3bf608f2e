//! Scripts as Microsoft's Script Encoder writes them (JScript.Encode and VBScript.Encode; files `.jse` and `.vbe`,
//! and pages): `#@~^`, the length in base64, characters of which those of ASCII are replaced by one of three tables by
//! turns, a sum and `^#~@`.

use std::sync::LazyLock;

use bytes::{BufMut, BytesMut};
use gateway_inspect::Unscannable;
use memchr::memmem::Finder;

use super::base64::is_digit;
use crate::coding::decoder::Decoded;
use crate::coding::transform::Transform;

/// What a script begins with.
pub(super) const MARK: &[u8] = b"#@~^";
/// The same with the length: six digits, and `==`.
pub(super) const START_BYTES: usize = 12;
/// What it ends with, behind six digits of the sum.
const END: &[u8] = b"==^#~@";
const END_BYTES: usize = DIGITS + END.len();
/// Digits of a number of four bytes.
const DIGITS: usize = 6;
/// Bytes that are searched for the end at once: scripts may be short and many.
const PIECE_BYTES: usize = 1 << 10;
/// Begins what stands for a character that would end the script, its line or its page.
const ESCAPE: u8 = b'@';

/// What the tables have for a tab and each character from the blank on; `?` for those that are escaped.
const TABLES: [&[u8; 97]; 3] = [
    b"dP\"Ja^][B`#e_~ORz!F &c*vG%,)i?'?g?bAZf2sMCq9|SH1rnpI?Kj.\x7f(5}$-T7{=l4mN+0otkL3V:xWw;D/YE\\h6Xy\tu8UQ",
    b"7~ZE:yY'vcbMQSR &Tq+f*X\x7f{01lI?x?_?)$/93o!u(BFJ\\H6K}]jPi#\tpet,wD?m|C8^[nWL4r%VshUG25.dO;-Aaz\"`kN=g",
    b"i,er[fuLEv*C3B cJZ8y2Wl+FRO=p?{?Q?z~;GAwV_&xndtg}h5\"U:`jqoI\\]'Y%|#m(19\x7f6T4bN0^s\tKa$MkD!7SXH.P-)?/",
];

/// Which of the tables is for which character, over and over.
const TURNS: &[u8; 64] = b"1201202002021020102011200210200211020201011201021020112001120102";

/// What the characters of each table stand for.
static PLAIN: [[u8; 128]; 3] = plain();

const fn plain() -> [[u8; 128]; 3] {
    let mut plain = [[0; 128]; 3];
    let mut table = 0;
    while table < 3 {
        let mut byte = 0;
        while byte < 128 {
            plain[table][byte as usize] = byte;
            byte += 1;
        }
        let mut i = 0;
        while i < 97 {
            let of = if i == 0 { b'\t' } else { b' ' + i as u8 - 1 };
            if !matches!(of, b'<' | b'>' | ESCAPE) {
                plain[table][TABLES[table][i] as usize] = of;
            }
            i += 1;
        }
        table += 1;
    }
    plain
}

/// Whether `bytes` begin like a script; nothing while they may still do.
pub(super) fn begins(bytes: &[u8]) -> Option<bool> {
    fits(bytes, MARK, b"==")
}

/// Whether `bytes` are `before`, the digits of a number and `behind`, as far as they go, and whether that is all.
fn fits(bytes: &[u8], before: &[u8], behind: &[u8]) -> Option<bool> {
    let (first, rest) = bytes.split_at_checked(before.len()).unwrap_or((bytes, &[]));
    let (digits, rest) = rest.split_at_checked(DIGITS).unwrap_or((rest, &[]));
    let (last, _) = rest.split_at_checked(behind.len()).unwrap_or((rest, &[]));
    let may_be = before.starts_with(first)
        && digits.iter().all(|digit| is_digit(*digit))
        && behind.starts_with(last);
    match may_be {
        true if last.len() < behind.len() => None,
        may_be => Some(may_be),
    }
}

/// The number that digits of base64 stand for, the lowest byte first.
fn number(digits: &[u8]) -> u32 {
    let value = |digit: &u8| match *digit {
        digit @ b'A'..=b'Z' => digit - b'A',
        digit @ b'a'..=b'z' => digit - b'a' + 26,
        digit @ b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    };
    let bits = digits.iter().fold(0_u64, |bits, digit| bits << 6 | u64::from(value(digit)));
    // Four bits of the last digit are none.
    ((bits >> 4) as u32).swap_bytes()
}

/// A script from its mark on, up to its end or to the next mark.
#[derive(Debug, Default)]
pub(super) struct ScriptRun {
    /// The last bytes that were taken, which may begin an end; at the end those of the next mark.
    held: Vec<u8>,
    is_begun: bool,
    /// Bytes that are left by the length that is told. In charsets of several bytes there are more.
    left: u32,
    turn: usize,
    is_escaped: bool,
}

/// What ends a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Its sum, and what is behind that.
    Sum,
    /// The mark of another one, which no script has in it.
    Next,
}

/// What looks for the ends.
struct Finders {
    mark: Finder<'static>,
    end: Finder<'static>,
}

static FINDERS: LazyLock<Finders> =
    LazyLock::new(|| Finders { mark: Finder::new(MARK), end: Finder::new(END) });

impl ScriptRun {
    /// Takes what is missing of the start.
    fn begin<'i>(&mut self, input: &'i [u8]) -> &'i [u8] {
        let missing = START_BYTES.saturating_sub(self.held.len());
        let (start, rest) = input.split_at_checked(missing).unwrap_or((input, &[]));
        self.held.extend_from_slice(start);
        if self.held.len() == START_BYTES {
            let digits = self.held.get(MARK.len()..MARK.len() + DIGITS).unwrap_or_default();
            self.left = number(digits);
            self.is_begun = true;
            self.held.clear();
        }
        rest
    }

    /// Where in `text`, of which nothing has come out, the script ends.
    fn find_end(&self, text: &[u8]) -> Option<(usize, End)> {
        let is_mark = |at: &usize| text.get(*at..).and_then(begins) == Some(true);
        let mark = FINDERS.mark.find_iter(text).find(is_mark);
        let sum = FINDERS.end.find_iter(text).filter_map(|at| at.checked_sub(DIGITS));
        let mut sum = sum.filter(|at| u32::try_from(*at).is_ok_and(|at| at >= self.left));
        let is_sum =
            |at: &usize| text.get(*at..).and_then(|rest| fits(rest, b"", END)) == Some(true);
        let sum = sum.find(is_sum);
        let ends = [mark.map(|at| (at, End::Next)), sum.map(|at| (at, End::Sum))];
        ends.into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// Appends what bytes stand for.
    fn put(&mut self, bytes: &[u8], out: &mut BytesMut) {
        self.left = self.left.saturating_sub(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        out.reserve(bytes.len());
        for byte in bytes {
            let plain = match *byte {
                byte if self.is_escaped => escaped(byte),
                ESCAPE => {
                    self.is_escaped = true;
                    continue;
                }
                byte => {
                    let table = TURNS.get(self.turn).map_or(0, |table| usize::from(table - b'0'));
                    let plain = PLAIN.get(table).and_then(|table| table.get(usize::from(byte)));
                    let Some(plain) = plain else {
                        // No character of ASCII, which takes no turn.
                        out.put_u8(byte);
                        continue;
                    };
                    *plain
                }
            };
            self.is_escaped = false;
            self.turn = (self.turn + 1) % TURNS.len();
            out.put_u8(plain);
        }
    }

    /// The same of `text` up to where it ends, or of all but the last bytes: how much of it is over, and with what.
    fn pass(&mut self, text: &[u8], out: &mut BytesMut) -> (usize, Option<End>) {
        let found = self.find_end(text);
        let at = found.map_or_else(|| text.len().saturating_sub(END_BYTES - 1), |(at, _)| at);
        self.put(text.get(..at).unwrap_or_default(), out);
        (at, found.map(|(_, end)| end))
    }
}

/// What stands for an escape that ends with `byte`.
const fn escaped(byte: u8) -> u8 {
    match byte {
        b'#' => b'\r',
        b'&' => b'\n',
        b'!' => b'<',
        b'*' => b'>',
        b'$' => ESCAPE,
        other => other,
    }
}

impl Transform for ScriptRun {
    fn run(&mut self, input: &[u8], out: &mut BytesMut) -> (usize, Decoded) {
        let input = input.get(..PIECE_BYTES).unwrap_or(input);
        let fresh = if self.is_begun { input } else { self.begin(input) };
        if fresh.is_empty() {
            return (input.len(), Decoded::More);
        }
        let text = [&*std::mem::take(&mut self.held), fresh].concat();
        // How many of these bytes were taken before.
        let before = text.len() - fresh.len();
        let (at, end) = self.pass(&text, out);
        let used = match end {
            None => {
                self.held = text.get(at..).unwrap_or_default().to_vec();
                return (input.len(), Decoded::More);
            }
            Some(End::Sum) => at + END_BYTES,
            Some(End::Next) => {
                self.held = text.get(at..before).unwrap_or_default().to_vec();
                at
            }
        };
        (input.len() - fresh.len() + used.saturating_sub(before), Decoded::End)
    }

    fn finish(&mut self, out: &mut BytesMut) -> Result<(), Unscannable> {
        if self.is_begun {
            let held = std::mem::take(&mut self.held);
            self.put(&held, out);
        }
        Ok(())
    }

    fn lag(&self) -> usize {
        self.held.len() + usize::from(self.is_escaped)
    }

    fn unread(&self) -> &[u8] {
        &self.held
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// `script` encoded, with its length more by so many.
    pub(crate) fn encoded(script: &[u8], more: u32) -> Vec<u8> {
        let (mut body, mut turn) = (Vec::new(), 0);
        for byte in script {
            let escaped = b"\r\n<>@".iter().position(|known| known == byte);
            let at = if *byte == b'\t' { Some(0) } else { byte.checked_sub(b' ').map(|n| n + 1) };
            match (escaped, at) {
                (Some(i), _) => body.extend_from_slice(&[ESCAPE, b"#&!*$"[i]]),
                (None, Some(at @ 0..97)) => {
                    let table = usize::from(TURNS[turn % 64] - b'0');
                    body.push(TABLES[table][usize::from(at)]);
                }
                (None, _) => body.push(*byte),
            }
            turn += usize::from(byte.is_ascii());
        }
        let number = |number: u32| crate::fixture::base64(&number.to_le_bytes());
        let sum = script.iter().map(|byte| u32::from(*byte)).sum();
        let length = number((body.len() as u32).wrapping_add(more));
        [MARK, &length, &body, &number(sum), b"^#~@"].concat()
    }

    /// What comes out of `text` in pieces, and how much of it is used.
    fn decode(text: &[u8], cut: usize) -> (Vec<u8>, usize) {
        let (mut run, mut out, mut used) = (ScriptRun::default(), BytesMut::new(), 0);
        for piece in text.chunks(cut) {
            let end = used + piece.len();
            while used < end {
                let (n, decoded) = run.run(&text[used..end], &mut out);
                used += n;
                if decoded == Decoded::End {
                    return (out.to_vec(), used - run.unread().len());
                }
            }
        }
        run.finish(&mut out).unwrap();
        (out.to_vec(), used)
    }

    #[test]
    fn each_table_has_each_character_once() {
        for table in PLAIN {
            let mut seen: Vec<u8> = table.to_vec();
            seen.sort_unstable();
            assert_eq!(seen, (0..128).collect::<Vec<u8>>());
        }
    }

    /// What others have encoded: examples of Didier Stevens's `decode-vbe.py`, and of two pages.
    #[test]
    fn scripts_come_out_at_any_pieces() {
        for (text, want) in [
            (&b"#@~^DgAAAA==\\ko$K6,JC\x7fV^GJqAQAAA==^#~@"[..], &b"MsgBox \"Hello\""[..]),
            (
                b"#@~^IAAAAA==~U+.7+MR?1Db2Y:kh+KEO~{PFZT!Z!!,DwoAAA==^#~@",
                b" Server.ScriptTimeout = 1000000 ",
            ),
            (b"#@~^DgAAAA==@#@&+U9Pb0@#@&VAIAAA==^#~@", b"\r\nend if\r\n"),
        ] {
            assert_eq!(encoded(want, 0), text);
            for cut in 1..=text.len() {
                let longer = [text, b"</script>"].concat();
                assert_eq!(decode(&longer, cut), (want.to_vec(), text.len()), "by {cut}");
                // Of what is cut as much comes out as has come.
                let (out, _) = decode(&text[..text.len() - 15], cut);
                assert!(want.starts_with(&out) && out.len() + 6 > want.len(), "by {cut}");
            }
        }
    }

    #[test]
    fn lengths_are_believed_as_far_as_may_be() {
        let script: Vec<u8> = (0..4).flat_map(|_| (1..=255).filter(|byte| *byte != 0x7f)).collect();
        let utf8 = "a = \"\u{d55c}\u{ae00}\" // \u{e9} and on";
        for cut in [1, 2, 7, 5_000] {
            let text = encoded(&script, 0);
            assert!(decode(&text, cut) == (script.clone(), text.len()), "by {cut}");
            // By characters there are fewer than by bytes.
            let text = encoded(utf8.as_bytes(), 0u32.wrapping_sub(5));
            assert_eq!(decode(&text, cut), (utf8.as_bytes().to_vec(), text.len()));
            // One that never ends is over where the next one begins.
            let longer = encoded(b"x = 1", 9_000);
            let (out, used) = decode(&[&longer[..], &text].concat(), cut);
            assert!(out.starts_with(b"x = 1") && used == longer.len(), "{used}");
        }
    }

    #[test]
    fn what_begins_a_script_is_told() {
        for (text, want) in [
            (&b""[..], None),
            (b"#@~^DgAAAA=", None),
            (b"#@~^DgAAAA==", Some(true)),
            (b"#@~^DgAAAA== and on", Some(true)),
            (b"#@~^D AAAA==", Some(false)),
            (b"#@~^DgAAAAA=", Some(false)),
            (b"#@~x", Some(false)),
        ] {
            assert_eq!(begins(text), want, "{}", text.escape_ascii());
        }
    }
}
