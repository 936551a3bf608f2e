//! Generated signatures over generated files: what is found is what `clamscan` finds.
//!
//! Files are put together from pieces that satisfy a signature or nearly do. They begin with bytes
//! that ClamAV takes for no format, so that it scans them once and as they are; two zeros among them are
//! no character of UTF-16. What it takes for such text it scans a second time, in a copy of one byte a
//! character in which little matches, and finds by that copy what asks for few matches (`0=0`), whatever is
//! in the file itself.
//!
//! Left out are defects of ClamAV (1.4.6): `{n}` beside another gap, which it takes for a gap of its
//! own; a reach, `aa[n-m]`, before a wildcard; a second signature of the same digest, of which it does not
//! tell; and whatever it refuses to load though its manual allows it.
//!
//! As many more rounds are run as `GATEWAY_CLAMSCAN_ROUNDS` says when the test is built.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![expect(clippy::disallowed_methods, reason = "clamscan reads what the test writes")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use gateway_av::{Av, DatabaseBuilder};
use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Wanted};

use bodies::{Body, Token};

mod bodies;
mod large;
mod places;
mod regexes;

/// What every file begins with.
const MAGIC: &[u8] = b"\xf5\x00\x00\x00\x03\x00";

/// The bytes that signatures and files are made of: so few that they meet.
const BYTES: &[u8] = b"\x01\xf1Aa- ";

struct Dice {
    state: u64,
    bytes: &'static [u8],
}

impl Dice {
    /// Dice that throw [`BYTES`].
    fn new(seed: u64) -> Self {
        Self { state: seed, bytes: BYTES }
    }

    fn roll(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state >> 11
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn byte(&mut self) -> u8 {
        self.bytes[self.below(self.bytes.len())]
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
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
            let mut lines: Vec<&str> = text.lines().collect();
            all += lines.len();
            let mut accepted = Vec::new();
            // A few at a time: for each that is refused those with it are loaded again.
            while !lines.is_empty() {
                let mut few = lines.split_off(lines.len().saturating_sub(100));
                while let Some(index) = first_refused(&path, &few) {
                    few.remove(index);
                    refused += 1;
                }
                accepted.push(few);
            }
            accepted.reverse();
            *text = accepted.concat().join("\n") + "\n";
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
            // A mark inside a wide body is looked for in a way of its own.
            let marked = body.0.iter().any(|t| matches!(t, Token::Mark(_) | Token::Reach(..)));
            // In both widths with a gap, a match that begins before the last one is not counted.
            let has_gap = body.0.iter().any(|token| matches!(token, Token::Gap(..)));
            let letters = match dice.below(14) {
                0 => "::i",
                1 if !marked => "::w",
                2 if !marked && !has_gap => "::wa",
                3 => "::f",
                4 if !marked => "::wf",
                5 if !marked && !has_gap => "::awf",
                6 if !marked => "::iwf",
                7 if !marked => "::iaf",
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

/// Which of `lines`, as the signature file `path`, is the first that `clamscan` refuses to load.
fn first_refused(path: &Path, lines: &[&str]) -> Option<usize> {
    if lines.is_empty() {
        return None;
    }
    std::fs::write(path, lines.join("\n")).unwrap();
    let output = Command::new("clamscan").arg("--database").args([path, path]).output();
    let output = output.expect("clamscan of the package clamav");
    let text = String::from_utf8_lossy(&output.stderr);
    let number =
        text.lines().find_map(|line| line.split_once(" at line ")?.1.parse::<usize>().ok());
    assert_eq!(output.status.code() == Some(2), number.is_some(), "{text}");
    number?.checked_sub(1)
}

/// Files that one `clamscan` looks at.
const BATCH: usize = 2_500;

/// What `clamscan` finds in each of `files`, whose paths these are.
fn clamscan(root: &Path, database: &Path, files: &[PathBuf]) -> BTreeMap<String, BTreeSet<String>> {
    let start = |(number, batch): (usize, &[PathBuf])| {
        let list = root.join(format!("list-{number}"));
        let lines = batch.iter().map(|path| format!("{}\n", path.display()));
        std::fs::write(&list, lines.collect::<String>()).unwrap();
        // More than a pipe holds.
        let out = std::fs::File::create(root.join(format!("found-{number}"))).unwrap();
        Command::new("clamscan")
            .args(["--no-summary", "--infected", "--allmatch=yes", "--stdout"])
            .args(["--pcre-match-limit=10000000", "--pcre-recmatch-limit=100000"])
            .args(["--max-filesize=0", "--database"])
            .arg(database)
            .arg(format!("--file-list={}", list.display()))
            .stdout(out)
            .spawn()
            .expect("clamscan of the package clamav")
    };
    let started: Vec<_> = (0..).zip(files.chunks(BATCH)).map(start).collect();
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (number, mut child) in (0..).zip(started) {
        let code = child.wait().unwrap().code();
        let text = std::fs::read(root.join(format!("found-{number}"))).unwrap();
        let text = String::from_utf8_lossy(&text);
        assert!(matches!(code, Some(0 | 1)), "{text}");
        for line in text.lines() {
            let Some((path, name)) = line.split_once(": ") else { continue };
            let Some(name) = name.strip_suffix(".UNOFFICIAL FOUND") else { continue };
            let file = path.rsplit('/').next().unwrap_or_default();
            found.entry(file.to_owned()).or_default().insert(name.to_owned());
        }
    }
    found
}

/// Compares over `files` files for `signatures` signatures, and says how many findings agreed.
fn compare(seed: u64, signatures: usize, files: usize) -> usize {
    let mut dice = Dice::new(0x9E37_79B9_7F4A_7C15 ^ seed);
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
    let (mut ours, mut paths) = (BTreeMap::new(), Vec::new());
    for (number, (kind, bytes)) in files.iter().enumerate() {
        let name = format!("{number:05}");
        let path = file_dir.join(&name);
        std::fs::write(&path, bytes).unwrap();
        paths.push(path);
        let found = scan(&av, *kind, bytes, usize::MAX);
        assert_eq!(found, scan(&av, *kind, bytes, 1 + dice.below(20)), "{name} in chunks");
        ours.insert(name, (found, bytes));
    }
    let theirs = clamscan(root, &signature_dir, &paths);
    let lines = by_name(signatures);
    let mut agreed = 0;
    let mut differences = String::new();
    for (name, (found, bytes)) in &ours {
        let clam = theirs.get(name).cloned().unwrap_or_default();
        agreed += found.intersection(&clam).count();
        for one in found.symmetric_difference(&clam) {
            let who = if found.contains(one) { "we alone" } else { "clamscan alone" };
            let line = lines.get(one.as_str()).copied().unwrap_or_default();
            writeln!(differences, "{who} in {name}: {line}\n  {}", bytes.escape_ascii()).unwrap();
        }
    }
    assert!(differences.is_empty(), "in {}:\n{differences}", root.display());
    std::fs::remove_dir_all(root).unwrap();
    agreed
}

/// The lines of signature files by the names of their signatures.
fn by_name<'a>(signatures: &'a [(&str, String)]) -> BTreeMap<&'a str, &'a str> {
    let lines =
        signatures.iter().flat_map(|(name, text)| text.lines().map(move |one| (*name, one)));
    let by_name = |(file, line): (&str, &'a str)| {
        let place = if file.starts_with("t.h") { 2 } else { 0 };
        Some((line.split([':', ';']).nth(place)?, line))
    };
    lines.filter_map(by_name).collect()
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
