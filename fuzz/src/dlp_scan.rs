//! The streaming scanner against its oracle, a slow search of the whole buffer, with detectors of
//! every kind, words and regular expressions at once.

use std::sync::{Arc, LazyLock};

use gateway_dlp::oracle::Oracle;
use gateway_dlp::{Dlp, DlpBuilder, Limits, ProfileConfig, RegexEntry, WordsEntry};
use gateway_inspect::{Chain, Examiner, Findings, Part, PartKind, Place, Span, Wanted};

/// The oracle's time grows with the square of the buffer.
const BYTES_MAX: usize = 2 << 10;

static SCANNER: LazyLock<(Dlp, Oracle)> = LazyLock::new(|| {
    let (ticket, mail) = (r"\bTCK-[0-9]+\b", r"[\w.]+@\w+\.(?:com|de)");
    let own = ["ticket", "mail", "projects"];
    let few = ["aws_access_key", "github_token", "payment_card", "private_key", "us_ssn"];
    let entries = few.into_iter().chain(own);
    let builder = DlpBuilder::new()
        .regex(RegexEntry::new("ticket", "Ticket", ticket))
        .regex(RegexEntry::new("mail", "Mail address", mail))
        .words(WordsEntry::new("projects", "Projects", ["Falcon", "Blue Falcon", "blau"]))
        .profile(ProfileConfig::new("all", entries));
    let limits = Limits::default();
    let dlp = builder.build(&limits).expect("entries that build");
    (dlp, Oracle::new(&builder, &limits).expect("entries that build"))
});

/// The first byte tells the length of the chunks, the rest is scanned.
pub fn dlp_scan(data: &[u8]) {
    let Some((&chunk, body)) = data.split_first() else { return };
    let body = body.get(..BYTES_MAX).unwrap_or(body);
    let (dlp, oracle) = &*SCANNER;
    // A part on which too much work would be spent is given up, and says so.
    if let Some(found) = scan(dlp, body.chunks(chunk_bytes(chunk))) {
        assert_eq!(found, oracle.find_all(body));
    }
}

/// 1 to 128 bytes, or, of which many are walked over in parts, 16 to 2,048.
fn chunk_bytes(told: u8) -> usize {
    match usize::from(told) {
        few @ ..128 => few + 1,
        many => 16 * (many - 127),
    }
}

fn scan<'a>(
    dlp: &Dlp,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Option<Vec<(Arc<str>, Span)>> {
    let part = Part::root(PartKind::Unknown, None);
    let limits = gateway_inspect::Limits::default();
    let mut chain = Chain::new(dlp.open(&part, &Wanted::all()), &limits);
    let mut findings = Findings::new(usize::MAX);
    for chunk in chunks {
        let cleared = chain.clearance().span;
        let reported = findings.as_slice().len();
        chain.push(chunk, &mut findings);
        for finding in &findings.as_slice()[reported..] {
            assert!(finding.place.start() >= Some(cleared), "{finding:?} after {cleared}");
        }
    }
    if chain.finish(&mut findings).unscannable.is_some() {
        return None;
    }
    let place = |place| match place {
        Place::Content { span, .. } => span,
        Place::Structural { .. } => panic!("a match has a place"),
    };
    let mut found: Vec<_> =
        findings.drain().map(|finding| (finding.entry.id.clone(), place(finding.place))).collect();
    found.sort();
    Some(found)
}
