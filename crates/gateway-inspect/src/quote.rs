//! Quotes: what stands where something was found, with some bytes on both sides, for those who are
//! to see it. Who that is and how it gets to them is decided elsewhere.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{
    Confidence, Entry, Examiner, Finding, Findings, Inspector, Mask, Offset, Outcome, Part, Place,
    Progress, Reach, Sensitive, Span, Wanted, Window,
};

/// Bytes that are kept from the start of the earliest match that is not decided on. Of longer ones
/// the beginning is not quoted.
const KEPT_MAX: usize = 16 << 10;

/// Bounds on what is quoted of one body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteLimits {
    /// Bytes on each side of a match. Default 75.
    pub around_bytes: usize,
    /// Quotes of a body. Default 16; what is found besides is only counted.
    pub quotes_max: usize,
    /// Bytes of all quotes of a body. Default 16 KiB.
    pub bytes_max: usize,
}

impl Default for QuoteLimits {
    fn default() -> Self {
        Self { around_bytes: 75, quotes_max: 16, bytes_max: 16 << 10 }
    }
}

/// What was found at one place, with what stands around it.
#[derive(Clone, Debug)]
pub struct Quote {
    /// What was found.
    pub entry: Arc<Entry>,
    /// How sure the inspector is.
    pub confidence: Confidence,
    /// The path of the part. Comes from the sender: escape it before it is shown.
    pub part: Arc<str>,
    /// Where it was found in the unpacked part.
    pub span: Span,
    /// Where the bytes begin.
    at: Offset,
    bytes: Sensitive<Vec<u8>>,
    /// All that was found in these bytes, itself included.
    hits: Vec<(Span, Arc<Entry>)>,
    /// Up to where it is known what is found in them.
    known_to: Offset,
}

/// A quote as people see it: text in UTF-8, what is none as U+FFFD.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// What stands before the match.
    pub before: String,
    /// The match.
    pub matched: String,
    /// What stands behind it.
    pub after: String,
}

impl Quote {
    /// The quote with all that was found in it masked, not the match alone, by what `mask` says of
    /// each entry.
    #[must_use]
    pub fn show(&self, mask: impl Fn(&Entry) -> Mask) -> Shown {
        let chars = self.chars();
        let mut shows = vec![true; chars.len()];
        for (span, entry) in &self.hits {
            let within = |(at, _): &(Span, char)| at.start < span.end && at.end > span.start;
            let hit: Vec<usize> =
                (0..).zip(&chars).filter(|(_, one)| within(one)).map(|(index, _)| index).collect();
            let text: Vec<char> =
                hit.iter().filter_map(|index| chars.get(*index)).map(|(_, c)| *c).collect();
            // Of what is cut the end is not known, nor the beginning.
            let is_whole = span.start >= self.at && span.end <= self.end();
            let mask = match mask(entry) {
                Mask::Partial if !is_whole => Mask::Full,
                mask => mask,
            };
            for (index, shown) in hit.into_iter().zip(mask.shows(&text)) {
                if let Some(shows) = shows.get_mut(index) {
                    *shows &= shown;
                }
            }
        }
        let mut shown = Shown::default();
        for ((at, c), is_shown) in chars.into_iter().zip(shows) {
            let to = match at {
                at if at.end <= self.span.start => &mut shown.before,
                at if at.start >= self.span.end => &mut shown.after,
                _ => &mut shown.matched,
            };
            to.push(if is_shown { c } else { '*' });
        }
        shown
    }

    /// Its characters with their places; what a match may yet begin in is left out.
    fn chars(&self) -> Vec<(Span, char)> {
        let end = self.span.end.max(self.known_to);
        let len = usize::try_from(end.since(self.at)).unwrap_or(usize::MAX);
        let bytes = self.bytes.reveal();
        let bytes = bytes.get(..len).unwrap_or(bytes);
        // A character that is cut at the beginning.
        let cut = bytes.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
        let mut chars = Vec::with_capacity(bytes.len());
        let mut at = self.at + cut;
        for chunk in bytes.get(cut..).unwrap_or_default().utf8_chunks() {
            for c in chunk.valid().chars() {
                chars.push((Span::new(at, at + c.len_utf8()), c));
                at += c.len_utf8();
            }
            if !chunk.invalid().is_empty() {
                let end = at + chunk.invalid().len();
                chars.push((Span::new(at, end), char::REPLACEMENT_CHARACTER));
                at = end;
            }
        }
        chars
    }

    fn end(&self) -> Offset {
        self.at + self.bytes.reveal().len()
    }

    /// Whether what was found at `span` stands in it, `around` bytes behind the match included.
    fn reaches(&self, span: Span, around: usize) -> bool {
        span.start < self.span.end + around && span.end > self.at
    }

    /// Leaves out all but the match.
    fn narrow(&mut self) {
        let gone = usize::try_from(self.span.start.since(self.at)).unwrap_or(usize::MAX);
        let mut bytes = std::mem::take(&mut self.bytes).into_revealed();
        bytes.drain(..gone.min(bytes.len()));
        self.bytes = Sensitive::new(bytes);
        (self.at, self.known_to) = (self.span.start, self.span.end);
    }
}

/// The quotes of one body, from all of its parts; shared by those who look at it.
#[derive(Debug, Default)]
pub struct Quotes(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    quotes: Vec<Quote>,
    bytes: usize,
}

impl Quotes {
    /// What was quoted so far. Of a match that has come just now, what stands behind it may not
    /// have come yet.
    #[must_use]
    pub fn list(&self) -> Vec<Quote> {
        self.with(|taken| taken.quotes.clone())
    }

    fn with<T>(&self, change: impl FnOnce(&mut Taken) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Opens the inspectors of another examiner, and quotes what they find.
///
/// They find the same and clear the same. A quote does not depend on how the bytes are cut into
/// chunks. Where an inspector finds more than there is room for, nobody knows what would have to
/// be masked: nothing more of that part is quoted then.
pub struct Quoting {
    examiner: Arc<dyn Examiner>,
    quotes: Arc<Quotes>,
    limits: QuoteLimits,
}

impl Quoting {
    /// Quotes what `examiner` finds in one body.
    #[must_use]
    pub fn new(examiner: Arc<dyn Examiner>, quotes: Arc<Quotes>, limits: QuoteLimits) -> Self {
        Self { examiner, quotes, limits }
    }
}

impl Examiner for Quoting {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let inspector = self.examiner.open(part, wanted)?;
        let is_part = inspector.reach() == Reach::Part;
        if is_part || self.quotes.with(|taken| taken.is_full(self.limits)) {
            return Some(inspector);
        }
        Some(Box::new(QuotingInspector {
            inspector,
            quotes: self.quotes.clone(),
            limits: self.limits,
            part: part.name.as_str().into(),
            kept: Vec::new(),
            kept_at: Offset::ZERO,
            known_to: Offset::ZERO,
            hits: Vec::new(),
            open: Vec::new(),
            is_blind: false,
        }))
    }
}

impl fmt::Debug for Quoting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quoting").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Taken {
    const fn is_full(&self, limits: QuoteLimits) -> bool {
        self.quotes.len() >= limits.quotes_max || self.bytes >= limits.bytes_max
    }
}

struct QuotingInspector {
    inspector: Box<dyn Inspector>,
    quotes: Arc<Quotes>,
    limits: QuoteLimits,
    part: Arc<str>,
    /// The bytes before the fresh ones that a quote may still need, and where they begin.
    kept: Vec<u8>,
    kept_at: Offset,
    known_to: Offset,
    /// What was found where quotes may still be taken.
    hits: Vec<(Span, Arc<Entry>)>,
    /// Quotes of this part that are not complete, by index.
    open: Vec<usize>,
    /// Whether more was found than is known of.
    is_blind: bool,
}

impl QuotingInspector {
    /// Lets the inspector look, and quotes what it finds up to where it is known.
    fn look<T>(
        &mut self,
        window: Window<'_>,
        found: &mut Findings,
        look: impl FnOnce(&mut dyn Inspector, &mut Findings) -> T,
        known_to: impl FnOnce(&T) -> Option<Offset>,
    ) -> T {
        let (before, missed) = (found.as_slice().len(), found.missed());
        let answer = look(&mut *self.inspector, found);
        if self.is_blind {
            return answer;
        }
        self.known_to = self.known_to.max(known_to(&answer).unwrap_or(self.known_to));
        self.is_blind = found.missed() > missed;
        let fresh = found.as_slice().get(before..).unwrap_or_default();
        if fresh.is_empty() && self.open.is_empty() {
            self.keep(window);
        } else {
            self.kept.extend_from_slice(window.fresh());
            let quotes = self.quotes.clone();
            quotes.with(|taken| self.quote(taken, fresh));
            self.forget();
        }
        answer
    }

    fn quote(&mut self, taken: &mut Taken, fresh: &[Finding]) {
        for index in &self.open {
            let Some(quote) = taken.quotes.get_mut(*index) else { continue };
            let wanted = quote.span.end + self.limits.around_bytes;
            if let Some(more) = self.slice(quote.end(), wanted) {
                let mut bytes = std::mem::take(&mut quote.bytes).into_revealed();
                bytes.extend_from_slice(more);
                quote.bytes = Sensitive::new(bytes);
            }
        }
        for finding in fresh {
            let Place::Content { span, .. } = finding.place else { continue };
            let hit = (span, finding.entry.clone());
            for index in &self.open {
                if let Some(quote) = taken.quotes.get_mut(*index)
                    && quote.reaches(span, self.limits.around_bytes)
                {
                    quote.hits.push(hit.clone());
                }
            }
            self.hits.push(hit);
            let room = !taken.is_full(self.limits);
            if let Some(quote) = self.quote_of(finding, span).filter(|_| room) {
                self.open.push(taken.quotes.len());
                let len = usize::try_from(span.len()).unwrap_or(usize::MAX);
                taken.bytes = taken.bytes.saturating_add(len + 2 * self.limits.around_bytes);
                taken.quotes.push(quote);
            }
        }
        let around = self.limits.around_bytes;
        self.open.retain(|index| {
            taken.quotes.get_mut(*index).is_some_and(|quote| {
                quote.known_to = self.known_to;
                if self.is_blind {
                    quote.narrow();
                }
                !self.is_blind && self.known_to < quote.span.end + around
            })
        });
    }

    fn quote_of(&self, finding: &Finding, span: Span) -> Option<Quote> {
        if span.start < self.kept_at {
            return None;
        }
        let from = span.start.back(self.limits.around_bytes as u64).max(self.kept_at);
        let bytes = self.slice(from, span.end + self.limits.around_bytes)?;
        let hits = self.hits.iter().filter(|(hit, _)| hit.end > from).cloned().collect();
        Some(Quote {
            entry: finding.entry.clone(),
            confidence: finding.confidence,
            part: self.part.clone(),
            span,
            at: from,
            bytes: Sensitive::new(bytes.to_vec()),
            hits,
            known_to: self.known_to,
        })
    }

    /// What is there of the bytes from one place to another.
    fn slice(&self, from: Offset, to: Offset) -> Option<&[u8]> {
        let index = |at: Offset| usize::try_from(at.since(self.kept_at)).unwrap_or(usize::MAX);
        let from = if from < self.kept_at { return None } else { index(from) };
        self.kept.get(from..index(to).min(self.kept.len()))
    }

    /// Where what a quote may still need begins.
    fn needed_from(&self, end: Offset) -> Offset {
        let around = self.limits.around_bytes as u64;
        self.known_to.back(around).max(end.back(KEPT_MAX as u64)).max(self.kept_at)
    }

    /// Keeps what a quote may still need of the fresh bytes, in which nothing was found.
    fn keep(&mut self, window: Window<'_>) {
        let first = self.needed_from(window.end());
        if first < window.fresh_at() {
            self.kept.extend_from_slice(window.fresh());
            return self.forget();
        }
        let from = usize::try_from(first.since(window.fresh_at())).unwrap_or(usize::MAX);
        self.kept.clear();
        self.kept.extend_from_slice(window.fresh().get(from..).unwrap_or_default());
        self.kept_at = first;
        self.hits.clear();
    }

    /// Lets go what no quote needs any more.
    fn forget(&mut self) {
        if self.is_blind {
            (self.kept, self.hits) = (Vec::new(), Vec::new());
            return;
        }
        let first = self.needed_from(self.kept_at + self.kept.len());
        let gone = usize::try_from(first.since(self.kept_at)).unwrap_or(usize::MAX);
        self.kept.drain(..gone.min(self.kept.len()));
        self.kept.shrink_to(self.kept.len() + 2 * self.limits.around_bytes);
        self.kept_at = first;
        self.hits.retain(|(span, _)| span.end > first);
    }
}

impl Inspector for QuotingInspector {
    fn reach(&self) -> Reach {
        self.inspector.reach()
    }

    fn memory_max(&self) -> usize {
        let hits = 2 * 1_000 * size_of::<(Span, Arc<Entry>)>();
        let kept = KEPT_MAX + 2 * self.limits.around_bytes;
        self.inspector.memory_max() + size_of::<Self>() + hits + kept
    }

    fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
        let look =
            |inspector: &mut dyn Inspector, found: &mut Findings| inspector.push(window, found);
        self.look(window, found, look, |progress| match progress {
            Progress::More { clear_to } => Some(*clear_to),
            // It may have given up: what it saw last is known to nobody.
            Progress::Done(_) => None,
        })
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        let look =
            |inspector: &mut dyn Inspector, found: &mut Findings| inspector.finish(tail, found);
        self.look(tail, found, look, |outcome| match outcome {
            Outcome::Clean | Outcome::Found => Some(tail.end()),
            Outcome::Unscannable(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chain, Limits, PartId, PartKind};

    /// Finds runs of digits, and tells of each one `delay` bytes late.
    struct Digits {
        entry: Arc<Entry>,
        begun: Option<Offset>,
        late: Vec<Span>,
        delay: usize,
    }

    struct Opens(usize);

    impl Examiner for Opens {
        fn open(&self, _: &Part, _: &Wanted) -> Option<Box<dyn Inspector>> {
            let (id, name) = ("digits".into(), "Digits".into());
            let entry = Arc::new(Entry { scanner: "test", id, name, profiles: Vec::new() });
            Some(Box::new(Digits { entry, begun: None, late: Vec::new(), delay: self.0 }))
        }
    }

    impl Digits {
        fn tell(&mut self, known: Offset, found: &mut Findings) {
            let delay = self.delay;
            for span in self.late.extract_if(.., |span| span.end + delay <= known) {
                let entry = self.entry.clone();
                found.push(Finding::content(entry, PartId::ROOT, span, Confidence::High));
            }
        }
    }

    impl Inspector for Digits {
        fn reach(&self) -> Reach {
            Reach::Span { lookback: 0 }
        }

        fn memory_max(&self) -> usize {
            64
        }

        fn push(&mut self, window: Window<'_>, found: &mut Findings) -> Progress {
            for (index, byte) in window.fresh().iter().enumerate() {
                let at = window.fresh_at() + index;
                match (byte.is_ascii_digit(), self.begun) {
                    (true, None) => self.begun = Some(at),
                    (false, Some(start)) => {
                        self.begun = None;
                        self.late.push(Span::new(start, at));
                    }
                    _ => {}
                }
            }
            self.tell(window.end(), found);
            let first = self.late.first().map(|span| span.start).or(self.begun);
            Progress::More { clear_to: first.unwrap_or_else(|| window.end()) }
        }

        fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
            self.late.extend(self.begun.map(|start| Span::new(start, tail.end())));
            self.tell(Offset::MAX, found);
            Outcome::Clean
        }
    }

    fn quoted(text: &[u8], cuts: &[usize], delay: usize, limits: QuoteLimits) -> Vec<Quote> {
        let quotes = Arc::<Quotes>::default();
        let quoting = Quoting::new(Arc::new(Opens(delay)), quotes.clone(), limits);
        let part = Part::root(PartKind::Text, None);
        let mut chain = Chain::new(quoting.open(&part, &Wanted::all()), &Limits::default());
        let mut found = Findings::new(usize::MAX);
        let mut rest = text;
        for cut in cuts {
            let (head, tail) = rest.split_at(rest.len().min(*cut));
            chain.push(head, &mut found);
            rest = tail;
        }
        chain.push(rest, &mut found);
        chain.finish(&mut found);
        quotes.list()
    }

    fn shown(quotes: &[Quote], mask: Mask) -> Vec<(String, String, String)> {
        let shown = quotes.iter().map(|quote| quote.show(|_| mask));
        shown.map(|Shown { before, matched, after }| (before, matched, after)).collect()
    }

    #[test]
    fn all_that_was_found_is_masked_wherever_it_stands() {
        let around = QuoteLimits { around_bytes: 9, ..QuoteLimits::default() };
        let text = "aé 12345678 b 98765432 c".as_bytes();
        let quotes = quoted(text, &[], 0, around);
        let expect = |matches: [(&str, &str, &str); 2]| {
            matches.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
        };
        let full = [("aé ", "********", " b ******"), ("****** b ", "********", " c")];
        assert_eq!(shown(&quotes, Mask::Full), expect(full));
        let partial = [("aé ", "******78", " b ******"), ("****** b ", "******32", " c")];
        assert_eq!(shown(&quotes, Mask::Partial), expect(partial));
        let clear = [("aé ", "12345678", " b 987654"), ("345678 b ", "98765432", " c")];
        assert_eq!(shown(&quotes, Mask::Clear), expect(clear));
    }

    #[test]
    fn what_may_yet_be_a_match_is_left_out() {
        let quotes = Arc::<Quotes>::default();
        let quoting = Quoting::new(Arc::new(Opens(0)), quotes.clone(), QuoteLimits::default());
        let part = Part::root(PartKind::Text, None);
        let mut chain = Chain::new(quoting.open(&part, &Wanted::all()), &Limits::default());
        let mut found = Findings::new(9);
        chain.push(b"1111 and 22", &mut found);
        let first = |quotes: &Quotes| quotes.list().remove(0).show(|_| Mask::Full).after;
        assert_eq!(first(&quotes), " and ");
        chain.push(b"2 .", &mut found);
        assert_eq!(first(&quotes), " and *** .");
    }

    #[test]
    fn no_more_is_quoted_than_is_allowed_or_known() {
        let few = QuoteLimits { quotes_max: 2, ..QuoteLimits::default() };
        assert_eq!(quoted(b"1 2 3 4", &[], 0, few).len(), 2);
        let small = QuoteLimits { bytes_max: 160, ..QuoteLimits::default() };
        assert_eq!(quoted(b"1 2 3 4", &[], 0, small).len(), 2);

        let quotes = Arc::<Quotes>::default();
        let quoting = Quoting::new(Arc::new(Opens(0)), quotes.clone(), QuoteLimits::default());
        let part = Part::root(PartKind::Text, None);
        let limits = Limits { findings_max: 1, ..Limits::default() };
        let mut chain = Chain::new(quoting.open(&part, &Wanted::all()), &limits);
        let mut found = Findings::new(9);
        chain.push(b"text 1 22 3", &mut found);
        chain.push(b"3 44 5", &mut found);
        let list = shown(&quotes.list(), Mask::Clear);
        assert_eq!(list, [(String::new(), "1".to_owned(), String::new())]);
    }

    proptest::proptest! {
        #[test]
        fn chunks_do_not_show(
            text in "[a-zé0-9 ]{0,200}",
            cuts in proptest::collection::vec(1..20_usize, 0..40),
            delay in 0..30_usize,
            around_bytes in 0..40_usize,
        ) {
            let limits = QuoteLimits { around_bytes, ..QuoteLimits::default() };
            let whole = quoted(text.as_bytes(), &[], delay, limits);
            let pieces = quoted(text.as_bytes(), &cuts, delay, limits);
            for mask in [Mask::Clear, Mask::Partial, Mask::Full] {
                proptest::prop_assert_eq!(shown(&whole, mask), shown(&pieces, mask));
            }
            for (before, matched, after) in shown(&whole, Mask::Full) {
                let all = before + &matched + &after;
                proptest::prop_assert!(!all.contains(|c: char| c.is_ascii_digit()));
            }
        }
    }
}
