//! `gateway-proxy scan`: files through the same unpacker and scanners as bodies in the gateway,
//! streamed in bounded memory, with one JSON object on standard output for each.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use gateway_content::{BodyInfo, Budget, PartEnd, PartEvent, Report, Step, Unpacker};
use gateway_inspect::{Examiner, PartId, Place, Profile, Tally, Wanted};
use serde::Serialize;
use serde_json::Value as Json;

use super::Ended;
use super::dlp_choice::{self, Chosen};
use crate::args::ScanArgs;
use crate::policy::{self, DlpPolicy, PolicyError, Problem};

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// Findings of one file that are listed; more are counted.
const FINDINGS_MAX: usize = 10_000;

/// Scans every file that `args` names. A file that cannot be read is told on standard error, and
/// the others are scanned all the same.
pub(super) fn scan(args: &ScanArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let scanner = Scanner::new(args)?;
    let mut ended = Ended::Well;
    for path in &args.files {
        let scanned = if path.as_os_str() == "-" {
            scanner.scan(io::stdin().lock())
        } else {
            File::open(path).and_then(|file| scanner.scan(file))
        };
        match scanned {
            Ok(scan) => {
                let answer = scan.answer(path, &scanner.profiles);
                if answer.verdict != Verdict::Clean && ended == Ended::Well {
                    ended = Ended::Found;
                }
                serde_json::to_writer(&mut *out, &answer)?;
                writeln!(out)?;
                out.flush()?;
            }
            Err(error) => {
                writeln!(io::stderr(), "gateway-proxy: cannot read {}: {error}", path.display())?;
                ended = Ended::Wrong;
            }
        }
    }
    Ok(ended)
}

/// What is looked for in every file.
struct Scanner {
    examiners: Arc<[Arc<dyn Examiner>]>,
    wanted: Wanted,
    /// The DLP profiles that are asked.
    profiles: Vec<Arc<Profile>>,
}

impl Scanner {
    fn new(args: &ScanArgs) -> Result<Self, Box<dyn Error>> {
        // A policy may do without a file; a folder that is named here is meant to be there.
        for dir in args.policy.iter().chain(&args.db) {
            let there = std::fs::read_dir(dir);
            there.map_err(|source| Problem::Read { path: dir.clone(), source })?;
        }
        let asks_dlp = args.dlp || !args.profiles.is_empty();
        let both = asks_dlp == args.av;
        let mut warnings = Vec::new();
        let dlp = (asks_dlp || both).then(|| dlp_policy(args, &mut warnings));
        let folders = args.policy.as_deref().map(policy::av_dir).into_iter().chain(args.db.clone());
        let folders: Vec<_> = folders.collect();
        let av = (args.av || both)
            .then(|| policy::load_av(&folders, &args.trust.settings(), &mut warnings));
        for warning in &warnings {
            let _ = writeln!(io::stderr(), "gateway-proxy: warning: {warning}");
        }
        let (dlp, av) = (dlp.transpose()?, av.transpose()?);
        let dlp = dlp.map(|policy| match &args.profiles[..] {
            [] => Ok(Chosen::all(&policy)),
            ids => Chosen::new(Some(&policy), ids),
        });
        let dlp = dlp.transpose()?;
        let scanners = [
            dlp.as_ref().map(|_| gateway_dlp::SCANNER),
            av.as_ref().map(|_| gateway_av::SCANNER),
            Some(Unpacker::SCANNER),
        ];
        Ok(Self {
            examiners: policy::examiners(dlp.as_ref().map(|chosen| &chosen.dlp), av.as_ref()),
            wanted: scanners.into_iter().flatten().collect(),
            profiles: dlp.map(|chosen| chosen.profiles).unwrap_or_default(),
        })
    }

    fn scan(&self, mut file: impl Read) -> io::Result<Scan> {
        let mut unpacker = Unpacker::new(
            Arc::clone(&self.examiners),
            self.wanted.clone(),
            &BodyInfo::default(),
            &gateway_content::Limits::default(),
            &gateway_inspect::Limits::default(),
        );
        let mut scan = Scan::default();
        loop {
            let mut chunk = vec![0; CHUNK_BYTES];
            match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(n) => {
                    scan.bytes += u64::try_from(n).unwrap_or(u64::MAX);
                    chunk.truncate(n);
                    unpacker.push(Bytes::from(chunk));
                    scan.work(&mut unpacker);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        unpacker.end();
        scan.work(&mut unpacker);
        scan.missed += unpacker.missed();
        Ok(scan)
    }
}

/// The DLP profiles of the policy that `args` name, or of a new one.
fn dlp_policy(args: &ScanArgs, warnings: &mut Vec<Problem>) -> Result<DlpPolicy, PolicyError> {
    match &args.policy {
        Some(dir) => policy::load_dlp(dir, dir, warnings),
        None => policy::builtin_dlp(),
    }
}

/// What is known of one file.
#[derive(Default)]
struct Scan {
    bytes: u64,
    parts: u64,
    reasons: BTreeSet<&'static str>,
    findings: Vec<Found>,
    missed: u64,
    /// What the findings come to, with those that are not listed.
    tally: Tally,
    /// The parts that have not ended.
    open: BTreeMap<PartId, OpenPart>,
}

/// A part that has not ended.
#[derive(Default)]
struct OpenPart {
    name: String,
    /// Positions of the findings about it as a whole, whose end is the part's.
    structural: Vec<usize>,
}

impl Scan {
    /// Lets the unpacker look at all that it has, and takes down what it tells.
    fn work(&mut self, unpacker: &mut Unpacker) {
        loop {
            let step = unpacker.step(Budget::default());
            let events: Vec<PartEvent> = unpacker.parts().collect();
            let mut ends = Vec::new();
            for event in events {
                match event {
                    PartEvent::Opened(part) => {
                        self.tally.open(&part);
                        let open = OpenPart { name: part.name, ..OpenPart::default() };
                        self.open.insert(part.id, open);
                    }
                    PartEvent::Retyped { .. } => {}
                    PartEvent::Ended(end) => ends.push(end),
                }
            }
            for report in unpacker.reports() {
                self.report(&report);
            }
            for beyond in unpacker.beyond() {
                self.tally.fold_beyond(&beyond);
            }
            for end in &ends {
                self.end_part(end);
            }
            match step {
                Step::Again | Step::Full => {}
                Step::NeedInput | Step::Done => return,
            }
        }
    }

    fn report(&mut self, report: &Report) {
        self.tally.fold(&report.finding, report.wire_start);
        if self.findings.len() >= FINDINGS_MAX {
            self.missed += 1;
            return;
        }
        let (entry, place) = (&report.finding.entry, report.finding.place);
        let part = self.open.entry(place.part()).or_default();
        let (start, end) = match place {
            Place::Content { span, .. } => (span.start.as_u64(), span.end.as_u64()),
            Place::Structural { detected_at, .. } => {
                part.structural.push(self.findings.len());
                (0, detected_at.as_u64())
            }
        };
        self.findings.push(Found {
            by: entry.scanner,
            id: entry.id.to_string(),
            name: entry.name.to_string(),
            part: part.name.clone(),
            start,
            end,
        });
    }

    fn end_part(&mut self, end: &PartEnd) {
        self.parts += 1;
        self.reasons.extend(end.outcome.unscannable.map(|reason| reason.name()));
        let open = self.open.remove(&end.part.id).unwrap_or_default();
        for index in open.structural {
            if let Some(finding) = self.findings.get_mut(index) {
                finding.end = end.bytes;
            }
        }
    }

    fn answer(self, path: &Path, profiles: &[Arc<Profile>]) -> Answer {
        let counting = profiles.iter().filter(|profile| self.tally.matches(&profile.id) > 0);
        let profiles = counting.map(|profile| dlp_choice::told(profile, &self.tally)).collect();
        let found = !self.findings.is_empty() || self.missed > 0;
        let verdict = match (found, self.reasons.is_empty()) {
            (true, _) => Verdict::Found,
            (false, true) => Verdict::Clean,
            (false, false) => Verdict::Unscannable,
        };
        Answer {
            path: path.to_string_lossy().into_owned(),
            verdict,
            reasons: (verdict == Verdict::Unscannable).then(|| self.reasons.into_iter().collect()),
            findings: self.findings,
            findings_missed: self.missed,
            profiles,
            parts: self.parts,
            bytes: self.bytes,
        }
    }
}

/// The answer about one file, in the form of its JSON.
#[derive(Debug, Serialize)]
struct Answer {
    path: String,
    verdict: Verdict,
    /// Why it could not be scanned in full, if that is the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<&'static str>>,
    findings: Vec<Found>,
    /// Findings beyond those that are listed.
    #[serde(skip_serializing_if = "is_zero")]
    findings_missed: u64,
    /// The DLP profiles that count some of them: how many, and whether they match.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    profiles: Vec<Json>,
    /// Parts that it consists of, itself included.
    parts: u64,
    /// Its length.
    bytes: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// All of it was scanned, and nothing found.
    Clean,
    /// Something was found.
    Found,
    /// Nothing was found, but not all of it could be scanned.
    Unscannable,
}

/// One finding. Of what was found, only the place is told: the answer can be passed on.
#[derive(Debug, Serialize)]
struct Found {
    by: &'static str,
    id: String,
    name: String,
    /// Path of the part within the file, empty for the file itself.
    part: String,
    /// First byte in the unpacked part.
    start: u64,
    /// Byte after the last.
    end: u64,
}
