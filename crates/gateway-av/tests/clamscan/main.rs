//! Generated signatures over generated files: what is found is what `clamscan` finds.
//!
//! Files are put together from pieces that satisfy a signature or nearly do. They begin with bytes
//! that ClamAV takes for no format, so that it scans them once and as they are; two zeros among them are
//! no character of UTF-16. What it takes for such text it scans a second time, in a copy of one byte a
//! character in which little matches, and finds by that copy what asks for few matches (`0=0`), whatever is
//! in the file itself.
//!
//! Left out are defects of ClamAV (1.4.6): `{n}` beside another gap, which it takes for a gap of its
//! own; a reach, `aa[n-m]`, before a wildcard; and whatever it refuses to load though its manual
//! allows it.
//!
//! As many more rounds are run as `GATEWAY_CLAMSCAN_ROUNDS` says when the test is built.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::disallowed_methods, reason = "clamscan reads what the test writes")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use gateway_av::{Av, DatabaseBuilder};
use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Wanted};

mod places;
mod regexes;

/// What every file begins with.
const MAGIC: &[u8] = b"\xf5\x00\x00\x00\x03\x00";

/// The bytes that signatures and files are made of: so few that they meet.
const BYTES: &[u8] = b"\x01\xf1Aa- ";

struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn byte(&mut self) -> u8 {
        BYTES[self.below(BYTES.len())]
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }
}

/// An element of a body.
#[derive(Clone, Debug)]
enum Token {
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
struct Body(Vec<Token>);

impl Body {
    fn random(dice: &mut Dice) -> Self {
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

    fn text(&self) -> String {
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
    fn sample(&self, dice: &mut Dice, wide: bool) -> Vec<u8> {
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

/// A database of generated signatures, with the bodies of each for its samples.
struct Database {
    files: Vec<(&'static str, String)>,
    bodies: Vec<(Body, bool)>,
}

impl Database {
    fn random(dice: &mut Dice, count: usize) -> Self {
        let (mut plain, mut logical, mut bodies) = (String::new(), String::new(), Vec::new());
        for number in 0..count {
            if dice.one_in(3) {
                logical += &Self::logical(dice, number, &mut bodies);
            } else {
                let body = Body::random(dice);
                let is_simple = !body.0.iter().any(|token| {
                    matches!(token, Token::Gap(a, b) if Some(*a) != *b)
                        || matches!(token, Token::Reach(..) | Token::Mark(_))
                });
                let offset = match dice.below(12) {
                    0 if !body.text().contains('[') => format!("{}", MAGIC.len() + dice.below(3)),
                    1 if !body.text().contains('[') => {
                        format!("{},{}", MAGIC.len() + dice.below(4), 1 + dice.below(9))
                    }
                    2 if is_simple => format!("EOF-{}", 5 + dice.below(40)),
                    3 if is_simple => format!("EOF-{},{}", 20 + dice.below(20), 1 + dice.below(9)),
                    _ => "*".into(),
                };
                writeln!(plain, "S{number}:0:{offset}:{}", body.text()).unwrap();
                bodies.push((body, false));
            }
        }
        Self { files: vec![("t.ndb", plain), ("t.ldb", logical)], bodies }
    }

    /// Leaves out what `clamscan` refuses to load though its manual allows it.
    fn leave_out_refused(&mut self, root: &Path) {
        let (mut refused, mut all) = (0, 0);
        for (name, text) in &mut self.files {
            let path = root.join(*name);
            let is_accepted = |line: &&str| {
                std::fs::write(&path, line).unwrap();
                let output =
                    Command::new("clamscan").arg("--database").args([&path, &path]).output();
                output.expect("clamscan").status.code() == Some(0)
            };
            all += text.lines().count();
            let accepted: Vec<_> = text.lines().filter(is_accepted).collect();
            refused += text.lines().count() - accepted.len();
            *text = accepted.join("\n") + "\n";
            std::fs::remove_file(path).unwrap();
        }
        assert!(refused * 4 < all, "{refused} of {all} refused");
    }

    fn logical(dice: &mut Dice, number: usize, bodies: &mut Vec<(Body, bool)>) -> String {
        let forms = [
            "0",
            "0>1",
            "0=2",
            "0<3",
            "0&1",
            "0|1",
            "0&1=0",
            "0&1|2",
            "0|1&2",
            "(0|1)>2",
            "(0|1)>1,2",
            "(0|1)=2",
            "(0|1|2)>2,2",
            "(0&1)|2",
            "((0|1)>1)&2",
            "0=0",
            "(0|1)<3",
            "0>0&1<2",
        ];
        let form = forms[dice.below(forms.len())];
        let members = ['2', '1'].into_iter().position(|digit| has_member(form, digit));
        let members = members.map_or(0, |index| 2 - index);
        let size = if dice.one_in(5) { ",FileSize:20-120" } else { "" };
        let mut line = format!("S{number};Engine:51-255,Target:0{size};{form}");
        for _ in 0..=members {
            let body = Body::random(dice);
            let marked = body.0.iter().any(|t| matches!(t, Token::Mark(_) | Token::Reach(..)));
            let letters = match dice.below(10) {
                0 => "::i",
                1 if !marked => "::w",
                2 if !marked => "::wa",
                3 if !marked => "::f",
                _ => "",
            };
            // A negation cannot be combined with letters.
            let negated = body.0.iter().any(|token| matches!(token, Token::NoneOf(_)));
            let letters = if negated { "" } else { letters };
            write!(line, ";{}{letters}", body.text()).unwrap();
            bodies.push((body, letters.contains('w')));
        }
        line + "\n"
    }

    fn file(&self, dice: &mut Dice) -> Vec<u8> {
        let mut file = MAGIC.to_vec();
        for _ in 0..1 + dice.below(6) {
            let (body, wide) = &self.bodies[dice.below(self.bodies.len())];
            for _ in 0..1 + dice.below(3) {
                let wide = *wide && !dice.one_in(3);
                file.extend(body.sample(dice, wide));
                let filler = dice.below(4);
                file.extend(dice.bytes(filler));
            }
        }
        if dice.one_in(3) {
            file.truncate(file.len().saturating_sub(dice.below(5)).max(MAGIC.len()));
        }
        file
    }
}

/// Whether an expression names a member: a digit that is no count.
fn has_member(form: &str, digit: char) -> bool {
    let before = |at: usize| form[..at].chars().next_back();
    form.match_indices(digit).any(|(at, _)| !matches!(before(at), Some('>' | '<' | '=' | ',')))
}

fn scan(av: &Av, kind: PartKind, bytes: &[u8], chunk: usize) -> BTreeSet<String> {
    let part = Part::root(kind, None);
    let limits = Limits { findings_max: 10_000, ..Limits::default() };
    let mut chain = Chain::open(&av.examiners(), &part, &Wanted::all(), &limits);
    let mut found = Findings::new(0);
    for bytes in bytes.chunks(chunk) {
        chain.push(bytes, &mut found);
    }
    assert_eq!(chain.finish(&mut found).unscannable, None);
    found.drain().map(|finding| finding.entry.id.to_string()).collect()
}

/// What `clamscan` finds in each file of `dir`.
fn clamscan(database: &Path, dir: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new("clamscan")
        .args(["--no-summary", "--infected", "--allmatch=yes", "--stdout"])
        .args(["--pcre-match-limit=10000000", "--pcre-recmatch-limit=100000"])
        .args(["--max-filesize=0", "--database"])
        .args([database, dir])
        .output()
        .expect("clamscan of the package clamav");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{text}");
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for line in text.lines() {
        let Some((path, name)) = line.split_once(": ") else { continue };
        let Some(name) = name.strip_suffix(".UNOFFICIAL FOUND") else { continue };
        let file = path.rsplit('/').next().unwrap_or_default();
        found.entry(file.to_owned()).or_default().insert(name.to_owned());
    }
    found
}

/// Compares over `files` files for `signatures` signatures, and says how many findings agreed.
fn compare(seed: u64, signatures: usize, files: usize) -> usize {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ seed);
    let mut database = Database::random(&mut dice, signatures);
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("clamscan-{seed}"));
    std::fs::create_dir_all(&root).unwrap();
    database.leave_out_refused(&root);
    let mut file = |_| (PartKind::Unknown, database.file(&mut dice));
    let files: Vec<_> = (0..files).map(&mut file).collect();
    agree(&root, &database.files, &files, &mut dice)
}

/// Asserts that what is found in `files` with `signatures` is what `clamscan` finds, and says how many
/// findings agreed.
fn agree(
    root: &Path,
    signatures: &[(&'static str, String)],
    files: &[(PartKind, Vec<u8>)],
    dice: &mut Dice,
) -> usize {
    let (signature_dir, file_dir) = (root.join("signatures"), root.join("files"));
    std::fs::create_dir_all(&signature_dir).unwrap();
    std::fs::create_dir_all(&file_dir).unwrap();
    let mut builder = DatabaseBuilder::default();
    for (name, text) in signatures {
        std::fs::write(signature_dir.join(name), text).unwrap();
        let report = builder.add_file(name, text.as_bytes()).unwrap();
        assert!(report.loaded > 0 && report.unsupported_total() == 0, "{name}: {report}");
    }
    let av = builder.build();
    let mut ours = BTreeMap::new();
    for (number, (kind, bytes)) in files.iter().enumerate() {
        let name = format!("{number:05}");
        std::fs::write(file_dir.join(&name), bytes).unwrap();
        let found = scan(&av, *kind, bytes, usize::MAX);
        assert_eq!(found, scan(&av, *kind, bytes, 1 + dice.below(20)), "{name} in chunks");
        ours.insert(name, (found, bytes));
    }
    let theirs = clamscan(&signature_dir, &file_dir);
    let mut agreed = 0;
    let mut differences = String::new();
    for (name, (found, bytes)) in &ours {
        let clam = theirs.get(name).cloned().unwrap_or_default();
        agreed += found.intersection(&clam).count();
        for one in found.symmetric_difference(&clam) {
            let who = if found.contains(one) { "we alone" } else { "clamscan alone" };
            let line = line_of(signatures, one);
            writeln!(differences, "{who} in {name}: {line}\n  {}", bytes.escape_ascii()).unwrap();
        }
    }
    assert!(differences.is_empty(), "in {}:\n{differences}", root.display());
    std::fs::remove_dir_all(root).unwrap();
    agreed
}

fn line_of<'a>(signatures: &'a [(&str, String)], name: &str) -> &'a str {
    let mut lines = signatures.iter().flat_map(|(_, text)| text.lines());
    lines.find(|line| line.split([':', ';']).next() == Some(name)).unwrap_or_default()
}

#[test]
fn findings_are_those_of_clamscan() {
    let agreed = compare(1, 80, 400);
    assert!(agreed > 300, "{agreed} findings are too few to say much");
    for seed in 0..rounds() {
        compare(100 + seed, 100, 100);
    }
}

/// How many more rounds are asked for.
fn rounds() -> u64 {
    option_env!("GATEWAY_CLAMSCAN_ROUNDS").and_then(|rounds| rounds.parse().ok()).unwrap_or(0)
}
