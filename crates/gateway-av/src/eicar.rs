//! The EICAR anti-malware test file: found in the form in which its standard defines it.

use std::sync::Arc;

use gateway_inspect::{
    Confidence, Entry, Examiner, Finding, Findings, Inspector, Offset, Outcome, Part, PartId,
    Progress, Reach, Span, Wanted, Window,
};

use crate::SCANNER;

/// The test file in two halves, so that neither this source nor a program that is built from it
/// is taken for the file itself.
const HALVES: [&[u8; 34]; 2] =
    [b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-", b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];

/// Length of the test file without white space after it.
const LEN: u64 = 68;

/// Length up to which white space may follow.
const LEN_MAX: u64 = 128;

/// The 68 bytes of the EICAR test file: harmless, and reported by every scanner.
///
/// ```
/// assert!(gateway_av::eicar().ends_with(b"FILE!$H+H*"));
/// ```
#[must_use]
pub fn eicar() -> [u8; 68] {
    let mut file = [0; 68];
    for (to, from) in file.iter_mut().zip(HALVES.into_iter().flatten()) {
        *to = *from;
    }
    file
}

/// Looks for the test file.
///
/// A part is the test file when it begins with the 68 bytes, is at most 128 bytes long, and holds
/// nothing else but white space: blank, tab, line feed, carriage return, Ctrl-Z. The same bytes
/// further on, or with something after them, are no test file, so that text about it passes.
#[derive(Debug)]
pub(crate) struct Eicar {
    entry: Arc<Entry>,
    file: Arc<[u8; 68]>,
}

impl Default for Eicar {
    fn default() -> Self {
        let name: Arc<str> = "Eicar-Test-Signature".into();
        let entry = Entry { scanner: SCANNER, id: name.clone(), name, profiles: Vec::new() };
        Self { entry: Arc::new(entry), file: Arc::new(eicar()) }
    }
}

impl Examiner for Eicar {
    fn open(&self, part: &Part, wanted: &Wanted) -> Option<Box<dyn Inspector>> {
        let inspector = || EicarInspector {
            part: part.id,
            entry: self.entry.clone(),
            file: self.file.clone(),
            seen: 0,
        };
        wanted.wants_any(SCANNER).then(|| Box::new(inspector()) as Box<dyn Inspector>)
    }
}

/// Compares one part with the test file; done at the first byte that differs.
struct EicarInspector {
    part: PartId,
    entry: Arc<Entry>,
    file: Arc<[u8; 68]>,
    seen: u64,
}

impl EicarInspector {
    fn fits(&self, at: u64, byte: u8) -> bool {
        match usize::try_from(at).ok().and_then(|at| self.file.get(at)) {
            Some(expected) => *expected == byte,
            None => at < LEN_MAX && matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x1A),
        }
    }
}

impl Inspector for EicarInspector {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: 0 }
    }

    fn memory_max(&self) -> usize {
        size_of::<Self>()
    }

    fn push(&mut self, window: Window<'_>, _: &mut Findings) -> Progress {
        for byte in window.fresh() {
            if !self.fits(self.seen, *byte) {
                return Progress::Done(Outcome::Clean);
            }
            self.seen += 1;
        }
        Progress::More { clear_to: Offset::ZERO }
    }

    fn finish(&mut self, _: Window<'_>, found: &mut Findings) -> Outcome {
        if self.seen < LEN {
            return Outcome::Clean;
        }
        let span = Span::new(Offset::ZERO, Offset::new(LEN));
        found.push(Finding::content(self.entry.clone(), self.part, span, Confidence::High));
        Outcome::Found
    }
}

#[cfg(test)]
mod tests {
    use gateway_inspect::conformance::{Options, check, check_idle};

    use super::*;

    #[test]
    fn only_the_file_of_the_standard_is_found() {
        let eicar = eicar();
        let with = |after: &[u8]| [&eicar[..], after].concat();
        for (sample, findings) in [
            (with(b""), 1),
            (with(b"\r\n"), 1),
            (with(b" \t\r\n\x1a"), 1),
            (with(&[b' '; 60]), 1),
            (with(&[b' '; 61]), 0),
            (with(b"\0"), 0),
            (with(b"\n!"), 0),
            ([b" ", &eicar[..]].concat(), 0),
            (eicar[..67].to_vec(), 0),
            (Vec::new(), 0),
        ] {
            let options = Options { chunkings: 300, ..Options::default() };
            let summary = check(&Eicar::default(), &sample, &options).unwrap();
            assert_eq!(summary.findings, findings, "{:?}", String::from_utf8_lossy(&sample));
        }
    }

    #[test]
    fn the_laws_hold_in_ten_thousand_chunkings() {
        check(&Eicar::default(), &eicar(), &Options::default()).unwrap();
        check_idle(&Eicar::default(), b"anything else", &Options::default()).unwrap();
    }

    #[test]
    fn the_first_byte_that_differs_ends_the_look() {
        let mut inspector = Eicar::default().open(&Part::default(), &Wanted::all()).unwrap();
        let mut found = Findings::new(1);
        let window = Window::new(b"MZ", 0, Offset::ZERO);
        assert_eq!(inspector.push(window, &mut found), Progress::Done(Outcome::Clean));
        assert!(Eicar::default().open(&Part::default(), &Wanted::from_iter(["dlp"])).is_none());
    }
}
