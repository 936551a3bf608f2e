//! Scanning in tests: in one piece or in chunks, with what is found as plain data.

use std::sync::Arc;

use gateway_inspect::{
    Chain, Examiner, Finding, Findings, Offset, Outcome, Part, PartId, PartKind, Place, Progress,
    Reach, Span, Wanted, Window,
};

use crate::{Dlp, DlpBuilder, Limits, ProfileConfig, RegexEntry};

/// A finding as the oracle says it.
pub(crate) type Found = (Arc<str>, Span);

/// How a scan went.
#[derive(Debug, PartialEq)]
pub(crate) struct Scan {
    /// By entry and then by place, as the oracle says it.
    pub(crate) found: Vec<Found>,
    pub(crate) outcome: Outcome,
    /// The clearance after each chunk, and how many were found by then.
    pub(crate) cleared: Vec<u64>,
    pub(crate) told: Vec<usize>,
}

/// A scanner for these regular expressions, named `r0`, `r1` and so on.
pub(crate) fn regexes(patterns: &[&str]) -> DlpBuilder {
    let id = |index| format!("r{index}");
    let profile = ProfileConfig::new("p", (0..patterns.len()).map(id));
    let mut builder = DlpBuilder::new().profile(profile);
    for (index, pattern) in patterns.iter().enumerate() {
        builder = builder.regex(RegexEntry::new(id(index), "test", *pattern));
    }
    builder
}

/// Detectors of every kind: with and without judges, lead-ins and limits of length.
pub(crate) const FEW: [&str; 5] =
    ["aws_access_key", "github_token", "payment_card", "private_key", "us_ssn"];

/// A scanner for [`FEW`] detectors: what they find together is easy to tell.
pub(crate) fn few_detectors() -> Dlp {
    let profile = ProfileConfig::new("few", FEW);
    DlpBuilder::new().profile(profile).build(&Limits::default()).unwrap()
}

/// Scans `bytes` in chunks of these lengths, and then the rest.
pub(crate) fn scan(dlp: &Dlp, bytes: &[u8], chunks: &[usize]) -> Scan {
    let mut inspector =
        dlp.open(&Part::root(PartKind::Unknown, None), &Wanted::all()).expect("something to find");
    let Reach::Span { lookback } = inspector.reach() else { panic!("a span") };
    let window = |from: usize, to: usize| {
        let start = from.saturating_sub(lookback);
        Window::new(&bytes[start..to], from - start, Offset::new(start as u64))
    };
    let mut findings = Findings::new(usize::MAX);
    let (mut cleared, mut told) = (Vec::new(), Vec::new());
    let mut outcome = None;
    let mut at = 0_usize;
    for len in chunks.iter().copied().chain([usize::MAX]) {
        let end = at.saturating_add(len).min(bytes.len());
        let known = findings.as_slice().len();
        let progress = inspector.push(window(at, end), &mut findings);
        let before = cleared.last().copied().unwrap_or(0);
        for finding in findings.as_slice().iter().skip(known) {
            assert!(start(finding) >= before, "{finding:?} was cleared to {before}");
        }
        told.push(findings.as_slice().len());
        match progress {
            Progress::More { clear_to } => {
                assert!(clear_to.as_u64() >= before, "cleared to {clear_to:?} after {before}");
                cleared.push(clear_to.as_u64());
            }
            Progress::Done(done) => {
                outcome = Some(done);
                break;
            }
        }
        at = end;
    }
    let end = bytes.len();
    let known = findings.as_slice().len();
    let outcome = outcome.unwrap_or_else(|| inspector.finish(window(end, end), &mut findings));
    let cleared_last = cleared.last().copied().unwrap_or(0);
    assert!(findings.as_slice().iter().skip(known).all(|one| start(one) >= cleared_last));
    let mut found: Vec<Found> = findings.drain().map(place).collect();
    found.sort();
    Scan { found, outcome, cleared, told }
}

/// What is found in `text`, in order, as the gateway would see it.
pub(crate) fn found<'t>(dlp: &Dlp, text: &'t str) -> Vec<&'t str> {
    let part = Part::root(PartKind::Text, None);
    let mut findings = Findings::new(usize::MAX);
    let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &Default::default());
    chain.push(text.as_bytes(), &mut findings);
    chain.finish(&mut findings);
    let slice = |finding| {
        let (_, span) = place(finding);
        &text[span.start.as_u64() as usize..span.end.as_u64() as usize]
    };
    findings.drain().map(slice).collect()
}

fn start(finding: &Finding) -> u64 {
    match &finding.place {
        Place::Content { span, .. } => span.start.as_u64(),
        other => panic!("{other:?}"),
    }
}

fn place(finding: Finding) -> Found {
    let Place::Content { part: PartId::ROOT, span } = finding.place else {
        panic!("{finding:?}");
    };
    (finding.entry.id.clone(), span)
}
