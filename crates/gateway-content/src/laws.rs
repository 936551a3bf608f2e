//! The laws of the unpacker as a function of any bytes: the property tests and the fuzz target
//! run it.
//!
//! Two inspectors look at every part: one finds a word and clears up to the earliest beginning of
//! it, one takes a digest of the whole. So two runs that report the same have shown the same
//! bytes.

use std::collections::BTreeMap;
use std::iter;
use std::sync::Arc;

use bytes::Bytes;
use gateway_inspect::{
    Clearance, Confidence, Entry, Examiner, Finding, Findings, Inspector, Offset, Outcome, Part,
    PartId, Progress, Reach, Span, Wanted, Window,
};

use crate::{BodyInfo, Budget, Coding, Limits, PartEnd, PartEvent, Report, Step, Unpacker};

/// The word that is looked for.
pub(crate) const WORD: &[u8] = b"MALWARE";

/// Pieces and steps that are small, at the most, when any bytes are looked at.
const PIECES_MAX: usize = 64;
const STEPS_MAX: usize = 500;

/// What a run showed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Findings by part, in their order.
    pub(crate) findings: BTreeMap<PartId, Vec<Finding>>,
    pub(crate) opened: Vec<PartId>,
    pub(crate) ends: Vec<PartEnd>,
}

/// Both of them: what they find is called `word` and `digest`.
pub(crate) fn examiners() -> Arc<[Arc<dyn Examiner>]> {
    Arc::new([Arc::new(Words), Arc::new(Digests)])
}

/// Runs the laws on `data`: the first bytes choose coding, limits and pieces, the rest is the
/// body.
///
/// # Panics
/// When a law is broken.
pub fn content_tree(data: &[u8]) {
    let (head, body) = data.split_at(data.len().min(3));
    let [coding, cut, tight] = [0, 1, 2].map(|i| head.get(i).copied().unwrap_or_default());
    let codings = match coding % 6 {
        0 => Vec::new(),
        1 => vec![Coding::Gzip],
        2 => vec![Coding::Deflate],
        3 => vec![Coding::Deflate, Coding::Gzip],
        4 => vec![Coding::Zstd],
        _ => vec![Coding::Brotli],
    };
    // What a corrupt brotli stream shows before its fault depends on the pieces.
    let exact = !codings.contains(&Coding::Brotli);
    let info = BodyInfo::new(codings, Some(body.len() as u64));
    let info = match coding / 6 % 4 {
        0 => info,
        1 => info.with_content_type(b"application/x-www-form-urlencoded"),
        2 => info.with_content_type(b"multipart/form-data; boundary=b"),
        _ => info.with_content_type(b"text/plain; charset=shift_jis"),
    };
    let limits = match tight % 2 {
        0 => Limits {
            parts_floor: 6,
            bytes_per_part: 100,
            decoded_bytes_max: 200_000,
            ratio_max: 10,
            ratio_floor_bytes: 20_000,
            run_steps_max: 5_000,
            ..Limits::default()
        },
        _ => Limits {
            depth_max: 2,
            parts_max: 5,
            decoded_bytes_max: 20_000,
            ratio_max: 3,
            ratio_floor_bytes: 5_000,
            index_bytes_max: 600,
            run_steps_max: 500,
            ..Limits::default()
        },
    };
    pieces_change_nothing(body, &info, &limits, Cuts { cut, tight }, exact);
}

/// What is said of pieces and steps: the smaller, the more there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cuts {
    pub(crate) cut: u8,
    pub(crate) tight: u8,
}

/// Unpacks `body` at once and in pieces: both show the same, or, where that cannot be asked for
/// (not `exact`), a fault in both.
pub(crate) fn pieces_change_nothing(
    body: &[u8],
    info: &BodyInfo,
    limits: &Limits,
    Cuts { cut, tight }: Cuts,
    exact: bool,
) {
    let whole = look(body, &[body.len().max(1)], Budget::UNLIMITED, info, limits);
    let step = 1 + usize::from(cut) * usize::from(tight);
    let small = Budget { decoded_bytes: 1 + u64::from(cut), steps: 1 + u32::from(tight % 8) };
    let cuts = [step, 1 + usize::from(cut)].into_iter().cycle().take(PIECES_MAX);
    let pace = Pace {
        cuts: cuts.chain(iter::repeat(body.len())),
        budgets: iter::repeat_n(small, STEPS_MAX).chain(iter::repeat(Budget::UNLIMITED)),
    };
    let again = look_by(body, pace, info, limits);
    let reasons = |seen: &Seen| -> Vec<_> {
        seen.ends.iter().map(|end| (end.part.id, end.outcome.unscannable)).collect()
    };
    if exact || reasons(&whole).iter().all(|(_, reason)| reason.is_none()) {
        assert_eq!(whole, again, "the pieces changed what was seen");
    } else {
        assert!(!reasons(&again).iter().all(|(_, reason)| reason.is_none()), "a fault was lost");
    }
}

/// Unpacks `body` in pieces of `cuts` bytes, in turn, and checks every clearance and report.
pub(crate) fn look(
    body: &[u8],
    cuts: &[usize],
    budget: Budget,
    info: &BodyInfo,
    limits: &Limits,
) -> Seen {
    let pace = Pace { cuts: cuts.iter().copied().cycle(), budgets: iter::repeat(budget) };
    look_by(body, pace, info, limits)
}

/// In what pieces a body comes, and what each step may do: as many of both as it takes.
struct Pace<C, B> {
    cuts: C,
    budgets: B,
}

fn look_by(
    body: &[u8],
    mut pace: Pace<impl Iterator<Item = usize>, impl Iterator<Item = Budget>>,
    info: &BodyInfo,
    limits: &Limits,
) -> Seen {
    let inspect = gateway_inspect::Limits::default();
    let mut unpacker = Unpacker::new(examiners(), Wanted::all(), info, limits, &inspect);
    let (mut seen, mut clear, mut pushed) = (Seen::default(), Clearance::CLOSED, 0);
    let mut rest = body;
    loop {
        let n = pace.cuts.next().unwrap_or(1).clamp(1, rest.len().max(1)).min(rest.len());
        let (piece, after) = rest.split_at(n);
        rest = after;
        pushed += n as u64;
        unpacker.push(Bytes::copy_from_slice(piece));
        if rest.is_empty() {
            unpacker.end();
        }
        loop {
            let step = unpacker.step(pace.budgets.next().unwrap_or(Budget::UNLIMITED));
            for report in unpacker.reports() {
                check_report(&report, clear);
                seen.findings.entry(report.finding.place.part()).or_default().push(report.finding);
            }
            for event in unpacker.parts() {
                match event {
                    PartEvent::Opened(part) => seen.opened.push(part.id),
                    PartEvent::Retyped { .. } => {}
                    PartEvent::Ended(end) => seen.ends.push(end),
                }
            }
            let now = unpacker.clearance();
            assert!(clear.span <= now.span && clear.part <= now.part, "{clear:?} then {now:?}");
            assert!(now.span.max(now.part).as_u64() <= pushed, "{now:?} of {pushed}");
            clear = now;
            match step {
                Step::Again | Step::Full => {}
                Step::NeedInput => break,
                Step::Done => {
                    assert!(unpacker.is_idle());
                    assert_eq!(now.span.as_u64(), pushed);
                    return seen;
                }
            }
        }
        assert!(n > 0 || !rest.is_empty(), "the end was not the end");
    }
}

fn check_report(report: &Report, clear: Clearance) {
    assert_eq!(report.wire_start.is_some(), report.finding.place.start().is_some());
    if let Some(start) = report.wire_start {
        assert!(start >= clear.span, "{report:?} after {clear:?}");
    }
}

/// What begins every run.
trait Closed {
    const CLOSED: Self;
}

impl Closed for Clearance {
    const CLOSED: Self = Self { span: Offset::ZERO, part: Offset::ZERO };
}

struct Words;

struct Word(PartId);

impl Examiner for Words {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        wanted.wants_any("word").then(|| Box::new(Word(part.id)) as Box<dyn Inspector>)
    }
}

impl Inspector for Word {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: WORD.len() - 1 }
    }

    fn memory_max(&self) -> usize {
        0
    }

    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        for (i, bytes) in window.bytes().windows(WORD.len()).enumerate() {
            let start = window.start() + i;
            let span = Span::new(start, start + WORD.len());
            if bytes == WORD && span.end > window.fresh_at() {
                let entry = entry("word", "malware".into());
                found.push(Finding::content(entry, self.0, span, Confidence::High));
            }
        }
        let begun = (1..WORD.len()).rev().find(|n| window.bytes().ends_with(&WORD[..*n]));
        Progress::More { clear_to: window.end().back(begun.unwrap_or(0) as u64) }
    }

    fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome {
        Outcome::Clean
    }
}

struct Digests;

struct Digest(PartId, crc32fast::Hasher);

impl Examiner for Digests {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let digest = || Box::new(Digest(part.id, crc32fast::Hasher::new())) as Box<dyn Inspector>;
        wanted.wants_any("digest").then(digest)
    }
}

impl Inspector for Digest {
    fn reach(&self) -> Reach {
        Reach::Part
    }

    fn memory_max(&self) -> usize {
        0
    }

    fn push(&mut self, window: Window<'_>, _: &mut Findings) -> Progress {
        self.1.update(window.fresh());
        Progress::More { clear_to: Offset::ZERO }
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        let digest = self.1.clone().finalize();
        let entry = entry("digest", format!("{digest:08x}").into());
        found.push(Finding::structural(entry, self.0, tail.end()));
        Outcome::Clean
    }
}

fn entry(scanner: &'static str, id: Arc<str>) -> Arc<Entry> {
    Arc::new(Entry { scanner, name: Arc::clone(&id), id, profiles: Vec::new() })
}
