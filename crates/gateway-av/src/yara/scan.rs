//! The examiner: keeps a part, and scans it at its end.

use std::cell::RefCell;
use std::sync::Arc;

use gateway_inspect::{
    Entry, Examiner, Finding, Findings, Inspector, Outcome, Part, PartId, Progress, Reach,
    Unscannable, Wanted, Window,
};
use self_cell::self_cell;
use yara_x::{Rules, Scanner};

use super::Yara;
use crate::SCANNER;
use crate::found::SIGNATURES_FOUND_MAX;

self_cell!(
    /// A scanner with the rules that it is for.
    struct Ready {
        owner: Arc<Rules>,
        #[not_covariant]
        dependent: Scanner,
    }
);

thread_local! {
    /// The scanner that this thread has used last: to make one takes ten times as long as to scan a
    /// kilobyte. It keeps its rules until the thread scans by others, or ends.
    static READY: RefCell<Option<Ready>> = const { RefCell::new(None) };
}

/// The names of the rules that hold for `bytes`, in the order of their sources.
fn scan(rules: &Arc<Rules>, bytes: &[u8]) -> Result<Vec<String>, Unscannable> {
    READY.with_borrow_mut(|ready| {
        let is_other = |ready: &Ready| !Arc::ptr_eq(ready.borrow_owner(), rules);
        if ready.as_ref().is_none_or(is_other) {
            *ready = None;
        }
        let ready = ready.get_or_insert_with(|| {
            Ready::new(rules.clone(), |rules| {
                let mut scanner = Scanner::new(rules);
                scanner.fast_scan(true);
                scanner
            })
        });
        ready.with_dependent_mut(|_, scanner| {
            let results = scanner.scan(bytes).map_err(|_| Unscannable::ScannerFailed)?;
            let holding = results.matching_rules().take(SIGNATURES_FOUND_MAX);
            Ok(holding.map(|rule| format!("YARA.{}", rule.identifier())).collect())
        })
    })
}

impl Examiner for Yara {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        if !wanted.wants_any(SCANNER) || self.count == 0 {
            return None;
        }
        Some(Box::new(YaraInspector { yara: self.clone(), part: part.id, kept: Vec::new() }))
    }
}

struct YaraInspector {
    yara: Yara,
    part: PartId,
    kept: Vec<u8>,
}

impl Inspector for YaraInspector {
    fn reach(&self) -> Reach {
        Reach::Part
    }

    /// What is kept, and as much again while it grows.
    fn memory_max(&self) -> usize {
        self.yara.limits.part_bytes_max.saturating_mul(2).saturating_add(size_of::<Self>())
    }

    fn push(&mut self, window: Window<'_>, _: &mut Findings) -> Progress {
        let fresh = window.fresh();
        let max = self.yara.limits.part_bytes_max;
        let why = if self.kept.len().saturating_add(fresh.len()) > max {
            Unscannable::TooLarge
        } else if self.kept.try_reserve(fresh.len()).is_err() {
            Unscannable::NoMemory
        } else {
            self.kept.extend_from_slice(fresh);
            return Progress::More { clear_to: window.end() };
        };
        self.kept = Vec::new();
        Progress::Done(Outcome::Unscannable(why))
    }

    fn finish(&mut self, tail: Window<'_>, found: &mut Findings) -> Outcome {
        let kept = std::mem::take(&mut self.kept);
        let rules = match scan(&self.yara.rules, &kept) {
            Ok(rules) if rules.is_empty() => return Outcome::Clean,
            Ok(rules) => rules,
            Err(why) => return Outcome::Unscannable(why),
        };
        for rule in rules {
            let name: Arc<str> = rule.into();
            let entry = Entry { scanner: SCANNER, id: name.clone(), name, profiles: Vec::new() };
            found.push(Finding::structural(Arc::new(entry), self.part, tail.end()));
        }
        Outcome::Found
    }
}

#[cfg(test)]
mod tests {
    use gateway_inspect::conformance::{Options, check};
    use gateway_inspect::{Chain, Limits, PartKind};

    use super::super::{YaraBuilder, YaraLimits};
    use super::*;

    fn yara(limits: YaraLimits) -> Yara {
        let mut builder = YaraBuilder::new(limits);
        let source = br#"
            import "hash"
            rule first { strings: $a = "head" condition: $a at 0 }
            rule last { strings: $a = { 74 61 69 6c } condition: $a at filesize - 4 }
            rule sum { condition: hash.md5(0, filesize) == "d41d8cd98f00b204e9800998ecf8427e" }
            private rule unseen { condition: filesize < 100 }
        "#;
        assert!(builder.add_source("a.yar", source).unwrap().left_out.is_empty());
        builder.build()
    }

    fn found(yara: &Yara, bytes: &[u8], chunk: usize) -> (Vec<String>, Option<Unscannable>) {
        let part = Part::root(PartKind::Unknown, None);
        let examiners: [Arc<dyn Examiner>; 1] = [Arc::new(yara.clone())];
        let mut chain = Chain::open(&examiners, &part, &Wanted::all(), &Limits::default());
        let mut found = Findings::new(0);
        for chunk in bytes.chunks(chunk) {
            chain.push(chunk, &mut found);
        }
        let unscannable = chain.finish(&mut found).unscannable;
        (found.as_slice().iter().map(|one| one.entry.id.to_string()).collect(), unscannable)
    }

    #[test]
    fn a_part_is_scanned_as_a_whole_however_it_comes() {
        let yara = yara(YaraLimits::default());
        for chunk in [1, 3, 100] {
            let of = |bytes: &[u8]| found(&yara, bytes, chunk);
            let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
            assert_eq!(of(b"head to tail"), (names(&["YARA.first", "YARA.last"]), None));
            assert_eq!(of(b"a head, a tail"), (names(&["YARA.last"]), None));
            assert_eq!(of(b"nothing"), (vec![], None));
            assert_eq!(of(b""), (names(&["YARA.sum"]), None));
        }
        let options = Options { chunkings: 200, ..Options::default() };
        check(&yara, b"head to tail", &options).unwrap();
        check(&yara, b"neither", &options).unwrap();
    }

    #[test]
    fn rules_that_come_later_are_the_ones_that_count() {
        let first = yara(YaraLimits::default());
        let mut builder = YaraBuilder::default();
        builder.add_source("b.yar", b"rule other { condition: filesize > 0 }").unwrap();
        let second = builder.build();
        for _ in 0..2 {
            assert_eq!(found(&first, b"head", 9).0, ["YARA.first"]);
            assert_eq!(found(&second, b"head", 9).0, ["YARA.other"]);
        }
    }

    #[test]
    fn what_is_too_large_is_not_clean() {
        let yara = yara(YaraLimits { part_bytes_max: 8 });
        assert_eq!(found(&yara, b"head 678", 3), (vec!["YARA.first".to_owned()], None));
        assert_eq!(found(&yara, b"head 6789", 3), (vec![], Some(Unscannable::TooLarge)));
    }
}
