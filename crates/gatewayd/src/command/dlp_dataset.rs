//! `gateway-proxy dlp dataset`: tables as salted hashes of their cells.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use gateway_dlp::dataset::{Dataset, DatasetBuilder};

use super::Ended;
use crate::args::{DlpDatasetBuildArgs, DlpDatasetCommand};
use crate::policy::dataset_file;
use crate::random;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// Carries out `command`.
pub(super) fn dataset(
    command: &DlpDatasetCommand,
    out: &mut impl Write,
) -> Result<Ended, Box<dyn Error>> {
    match command {
        DlpDatasetCommand::Build(args) => build(args, out),
        DlpDatasetCommand::Info(args) => {
            let dataset = dataset_file::read(&args.file)?;
            tell(&args.file, &dataset, out)?;
            Ok(Ended::Well)
        }
    }
}

fn build(args: &DlpDatasetBuildArgs, out: &mut impl Write) -> Result<Ended, Box<dyn Error>> {
    let salt = random::bytes()?;
    let columns = (!args.columns.is_empty()).then(|| args.columns.iter().cloned().collect());
    let delimiter = u8::try_from(args.delimiter).map_err(|_| "the delimiter is not in ASCII")?;
    let mut builder = DatasetBuilder::new(salt, columns, delimiter, args.min_bytes);
    let cannot = |what, path: &Path, error| format!("cannot {what} {}: {error}", path.display());
    let mut file = File::open(&args.table).map_err(|error| cannot("read", &args.table, error))?;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let n = file.read(&mut chunk).map_err(|error| cannot("read", &args.table, error))?;
        let Some(bytes) = chunk.get(..n).filter(|bytes| !bytes.is_empty()) else { break };
        builder.push(bytes)?;
    }
    let (dataset, tally) = builder.finish()?;
    std::fs::write(&args.out, dataset.to_bytes())
        .map_err(|error| cannot("write", &args.out, error))?;
    writeln!(
        out,
        "{} rows, {} cells taken; left out: {} empty, {} too short, {} too long; {} uneven rows",
        tally.rows, tally.taken, tally.empty, tally.short, tally.long, tally.uneven
    )?;
    tell(&args.out, &dataset, out)?;
    Ok(Ended::Well)
}

fn tell(file: &Path, dataset: &Dataset, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        out,
        "{}: {} different cells of {}; {} KiB in memory",
        file.display(),
        dataset.len(),
        dataset.columns().join(", "),
        dataset.memory_usage() / 1024
    )?;
    out.flush()
}
