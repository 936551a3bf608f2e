//! Our side of `cargo xtask bench av`: what scanning with the generated databases takes, in CPU time of
//! this thread alone. Prints one figure a line, for the chore to read.
//!
//! | arguments | does |
//! |---|---|
//! | `make FOLDER` | writes the signatures of both sets into folders of their own, and files to be scanned |
//! | `load FOLDER IMAGE` | loads a set from text, and writes its image |
//! | `image FILE` | loads an image |
//! | `scan IMAGE FILE…` | scans each file as one part with the set of the image |
//! | `unpack IMAGE FILE…` | unpacks each file, and scans all parts of it |

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway_av::image::{HEAD_BYTES, ImageHead};
use gateway_av::{Av, DatabaseBuilder, SCANNER};
use gateway_benches::{SignatureCounts, bodies, signatures, spent_once};
use gateway_content::{BodyInfo, Budget, Step, Unpacker};
use gateway_inspect::{Chain, Findings, Limits, Part, PartKind, Wanted};
use memmap2::{Advice, MmapOptions};

/// Bytes that are shown at a time.
const CHUNK: usize = 16 << 10;

/// Bytes of a file to be scanned.
const FILE_BYTES: usize = 16 << 20;

const SETS: [(&str, SignatureCounts); 2] = [
    ("small", SignatureCounts { bodies: 10_000, digests: 100_000, logicals: 2_000 }),
    ("large", SignatureCounts { bodies: 100_000, digests: 1_000_000, logicals: 20_000 }),
];

type Done = Result<(), Box<dyn Error>>;

fn make(folder: &Path) -> Done {
    for (name, counts) in SETS {
        let set = folder.join(name);
        std::fs::create_dir_all(&set)?;
        for (file, lines) in signatures(counts) {
            std::fs::write(set.join(file), lines)?;
        }
    }
    for body in bodies(FILE_BYTES) {
        std::fs::write(folder.join(format!("{}.bin", body.name)), body.bytes)?;
    }
    Ok(())
}

fn builder(folder: &Path) -> Result<DatabaseBuilder, Box<dyn Error>> {
    let mut builder = DatabaseBuilder::default();
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        builder.add_file(&name, &std::fs::read(file.path())?)?;
    }
    Ok(builder)
}

fn open(path: &Path) -> Result<Av, Box<dyn Error>> {
    use std::io::Read;
    let mut file = std::fs::File::open(path)?;
    let mut head = [0; HEAD_BYTES];
    file.read_exact(&mut head)?;
    let head = ImageHead::read(&head)?;
    // In large pages where the system has some: half of the time goes into making small ones.
    let mut memory = MmapOptions::new().len(head.whole_bytes()).map_anon()?;
    let _ = memory.advise(Advice::HugePage);
    file.read_exact(&mut memory)?;
    Ok(head.open(&Bytes::from_owner(memory), &Bytes::new())?)
}

/// Unpacks `bytes`, scans every part, and says what was found.
fn unpack(av: &Av, bytes: &Bytes) -> usize {
    let info = BodyInfo::new(Vec::new(), Some(bytes.len() as u64));
    let limits = (&gateway_content::Limits::default(), &Limits::default());
    let examiners: Arc<[_]> = av.examiners().into();
    let wanted = Wanted::from_iter([SCANNER]);
    let mut unpacker = Unpacker::new(examiners, wanted, &info, limits.0, limits.1);
    unpacker.push(bytes.clone());
    unpacker.end();
    let mut found = 0;
    loop {
        let step = unpacker.step(Budget::default());
        found += unpacker.reports().count();
        if step == Step::Done {
            return found;
        }
    }
}

/// Scans `bytes` as a part of the kind that it is, and says what was found.
fn scan(av: &Av, bytes: &[u8]) -> usize {
    let kind = match bytes {
        [b'M', b'Z', ..] => PartKind::Pe,
        _ if bytes.iter().take(512).all(|byte| byte.is_ascii()) => PartKind::Text,
        _ => PartKind::Unknown,
    };
    let part = Part::root(kind, Some(bytes.len() as u64));
    let mut chain = Chain::open(&av.examiners(), &part, &Wanted::all(), &Limits::default());
    let mut found = Findings::new(1_000);
    for chunk in bytes.chunks(CHUNK) {
        chain.push(chunk, &mut found);
    }
    chain.finish(&mut found);
    found.as_slice().len()
}

fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

fn main() -> Done {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["make", folder] => make(Path::new(folder)),
        ["load", folder, image_file] => {
            let folder = Path::new(folder);
            let (av, spent) = spent_once(|| builder(folder).map(DatabaseBuilder::build));
            print("load_ms", spent.as_secs_f64() * 1e3);
            print("resident_mib", resident_mib());
            drop(av?);
            let image = builder(folder)?.build_image();
            print("image_mb", image.len() as f64 / 1e6);
            Ok(std::fs::write(image_file, image)?)
        }
        ["image", file] => {
            let mut all = Vec::new();
            for _ in 0..9 {
                let (av, spent) = spent_once(|| open(Path::new(file)));
                drop(av?);
                all.push(spent);
            }
            print("load_ms", least(&all));
            let av = open(Path::new(file))?;
            print("resident_mib", resident_mib());
            black_box(av.signatures());
            Ok(())
        }
        [word @ ("scan" | "unpack"), image, ref files @ ..] => {
            let one =
                if word == "scan" { |av: &Av, bytes: &Bytes| scan(av, bytes) } else { unpack };
            let av = open(Path::new(image))?;
            for file in files {
                let bytes = Bytes::from(std::fs::read(file)?);
                let times = (50_000_000 / bytes.len().max(1)).clamp(5, 50_000);
                let mut all = Vec::new();
                let mut count = 0;
                for _ in 0..times {
                    let (found, spent) = spent_once(|| one(&av, &bytes));
                    count = found;
                    all.push(spent);
                }
                all.sort_unstable();
                let median = all[all.len() / 2].as_secs_f64();
                let least = all[0].as_secs_f64();
                let mb = bytes.len() as f64 / 1e6;
                println!(
                    "{file} {:.2} us, {:.1} MB/s, {:.1} at best, {count} found",
                    median * 1e6,
                    mb / median,
                    mb / least
                );
            }
            Ok(())
        }
        _ => Err("arguments are not understood".into()),
    }
}

fn least(all: &[Duration]) -> f64 {
    all.iter().min().copied().unwrap_or_default().as_secs_f64() * 1e3
}

fn print(name: &str, value: f64) {
    println!("{name} {value:.2}");
}
