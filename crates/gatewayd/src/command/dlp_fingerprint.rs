//! `gateway-proxy dlp fingerprint`: documents as the fingerprints of their text.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use gateway_content::{BodyInfo, Budget, PartEvent, Step, Unpacker};
use gateway_dlp::fingerprint::{Fingerprints, Sketch};
use gateway_inspect::{
    Examiner, Findings, Inspector, Outcome, Part, PartId, PartKind, Progress, Reach, Wanted, Window,
};

use super::Ended;
use crate::args::{DlpFingerprintBuildArgs, DlpFingerprintCommand};
use crate::policy::fingerprint_file;
use crate::random;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// Carries out `command`.
pub(super) fn fingerprint(
    command: &DlpFingerprintCommand,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    match command {
        DlpFingerprintCommand::Build(args) => build(args, out),
        DlpFingerprintCommand::Info(args) => {
            let fingerprints = fingerprint_file::read(&args.file)?;
            tell(&args.file, &fingerprints, out)?;
            Ok(Ended::Well)
        }
    }
}

fn build(args: &DlpFingerprintBuildArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let seed = random::bytes()?;
    let mut documents = Vec::with_capacity(args.documents.len());
    for path in &args.documents {
        let cannot = |error| format!("cannot read {}: {error}", path.display());
        let file = File::open(path).map_err(cannot)?;
        let sketch = sketch(seed, file).map_err(cannot)?;
        let name = path.file_name().unwrap_or(path.as_os_str());
        documents.push((name.to_string_lossy().into_owned(), sketch));
    }
    let fingerprints = Fingerprints::new(seed, documents)?;
    std::fs::write(&args.out, fingerprints.to_bytes())
        .map_err(|error| format!("cannot write {}: {error}", args.out.display()))?;
    tell(&args.out, &fingerprints, out)?;
    Ok(Ended::Well)
}

fn tell(file: &Path, set: &Fingerprints, out: &mut impl Write) -> std::io::Result<()> {
    let documents = set.documents().count();
    let memory = set.memory_usage() / 1024;
    writeln!(out, "{}: {documents} documents; {memory} KiB in memory", file.display())?;
    for (name, kept) in set.documents() {
        // The name is that of a file, which somebody else may have given.
        writeln!(out, "{}: {kept} fingerprints", name.escape_debug())?;
    }
    out.flush()
}

/// The fingerprints of the text in `file`, unpacked as a body would be.
fn sketch(seed: [u8; 16], mut file: impl Read) -> std::io::Result<Sketch> {
    let texts = Arc::new(Texts { seed, sketches: Mutex::default() });
    let examiner: Arc<dyn Examiner> = Arc::new(Collector(texts.clone()));
    let mut unpacker = Unpacker::new(
        Arc::from([examiner]),
        Wanted::all(),
        &BodyInfo::default(),
        &gateway_content::Limits::default(),
        &gateway_inspect::Limits::default(),
    );
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = file.read(&mut chunk)?;
        match chunk.get(..read).filter(|bytes| !bytes.is_empty()) {
            Some(bytes) => unpacker.push(Bytes::copy_from_slice(bytes)),
            None => unpacker.end(),
        }
        loop {
            let step = unpacker.step(Budget::default());
            for event in unpacker.parts() {
                if let PartEvent::Opened(Part { view: true, parent: Some(of), .. }) = event {
                    texts.forget(of);
                }
            }
            match step {
                Step::Again | Step::Full => {}
                Step::NeedInput => break,
                Step::Done => return Ok(texts.take()),
            }
        }
    }
}

/// The texts of one document: of a part of which there is a plainer form, that form alone.
struct Texts {
    seed: [u8; 16],
    /// `None` of parts of which there is a plainer form.
    sketches: Mutex<BTreeMap<PartId, Option<Sketch>>>,
}

impl Texts {
    fn with<T>(&self, change: impl FnOnce(&mut BTreeMap<PartId, Option<Sketch>>) -> T) -> T {
        change(&mut self.sketches.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn forget(&self, part: PartId) {
        self.with(|sketches| sketches.insert(part, None));
    }

    fn take(&self) -> Sketch {
        let mut all = Sketch::new(self.seed);
        let sketches = self.with(std::mem::take);
        sketches.into_values().flatten().for_each(|sketch| all.merge(sketch));
        all
    }
}

/// Opens what takes the text of a part.
struct Collector(Arc<Texts>);

impl Examiner for Collector {
    fn open(&self, part: &Part, _: &Wanted) -> Option<Box<dyn Inspector>> {
        let is_text = matches!(
            part.kind,
            PartKind::Html
                | PartKind::Json
                | PartKind::Mail
                | PartKind::Rtf
                | PartKind::Script
                | PartKind::Text
                | PartKind::Xml
        );
        let (texts, part) = (self.0.clone(), part.id);
        let sketch = Some(Sketch::new(texts.seed));
        is_text.then(|| Box::new(Taker { texts, part, sketch }) as Box<dyn Inspector>)
    }
}

struct Taker {
    texts: Arc<Texts>,
    part: PartId,
    sketch: Option<Sketch>,
}

impl Inspector for Taker {
    fn reach(&self) -> Reach {
        Reach::Span { lookback: 0 }
    }

    fn memory_max(&self) -> usize {
        usize::MAX
    }

    fn push(&mut self, window: Window<'_>, _: &mut Findings) -> Progress {
        if let Some(sketch) = &mut self.sketch {
            sketch.push(window.fresh());
        }
        Progress::More { clear_to: window.end() }
    }

    fn finish(&mut self, _: Window<'_>, _: &mut Findings) -> Outcome {
        if let Some(mut sketch) = self.sketch.take() {
            sketch.finish();
            self.texts.with(|sketches| {
                sketches.entry(self.part).or_insert(Some(sketch));
            });
        }
        Outcome::Clean
    }
}
